//! Connections whose client takes nothing of its answer.

use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;

/// A listener whose connections break off when a client has taken nothing for a while: what is held for its answer is wanted
/// by others. A client that is only slow is not cut off.
pub(super) struct CutStalled {
    listener: TcpListener,
    patience: Duration,
}

impl CutStalled {
    pub(super) fn new(listener: TcpListener, patience: Duration) -> Self {
        Self { listener, patience }
    }
}

impl Listener for CutStalled {
    type Io = Pin<Box<TimeoutStream<TcpStream>>>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.patience));
        (Box::pin(stream), address)
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::mpsc;

    use super::*;

    /// Says when it is dropped.
    struct Told(mpsc::Sender<()>);

    impl Drop for Told {
        fn drop(&mut self) {
            self.0.try_send(()).expect("told once");
        }
    }

    fn endless(told: Told) -> Body {
        let state = (told, vec![0_u8; 1 << 20]);
        Body::from_stream(futures::stream::unfold(state, async |(told, part)| {
            let next = Ok::<_, std::io::Error>(part.clone());
            Some((next, (told, part)))
        }))
    }

    #[tokio::test]
    async fn only_clients_that_take_nothing_are_cut_off() {
        let patience = Duration::from_millis(300);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let (gone, mut is_gone) = mpsc::channel(1);
        let router = Router::new().route("/", get(async move || endless(Told(gone.clone()))));
        let server = axum::serve(CutStalled::new(listener, patience), router);
        tokio::spawn(server.into_future());

        let mut slow = TcpStream::connect(address).await.expect("a connection");
        let request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        slow.write_all(request).await.expect("sent");
        let mut bytes = vec![0; 4 << 20];
        for _ in 0..10 {
            tokio::time::sleep(patience / 2).await;
            slow.read_exact(&mut bytes).await.expect("more of the body");
        }
        // Now it takes nothing any more, and what was held for it goes.
        let end = tokio::time::timeout(patience * 20, is_gone.recv()).await;
        assert_eq!(end.expect("cut off"), Some(()));
    }
}
