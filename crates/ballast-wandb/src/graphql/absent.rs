//! Types that the client's documents name and of which there are no values yet.

/// A type without values.
pub(super) trait Absent {
    /// Anything follows from a value that cannot be.
    fn absurd<T>(&self) -> T;
}

/// Declares object types without values; `= "…"` gives a type a name that does not follow from its Rust name.
///
/// A document is refused as a whole if it names a type or field that does not exist, also where the answer would be
/// null. These types make such documents valid; being uninhabited, they cannot answer anything by mistake.
macro_rules! absent_types {
    ($(
        $(#[$meta:meta])*
        $name:ident $(= $wire_name:literal)? {
            $( $(#[$field_meta:meta])* $field:ident $( ( $( $(#[$argument_meta:meta])* $argument:ident : $argument_type:ty ),* $(,)? ) )? : $type:ty, )*
        }
    )*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) enum $name {}

        $(#[$meta])*
        #[async_graphql::Object $((name = $wire_name))?]
        impl $name {
            $(
                $(#[$field_meta])*
                #[allow(
                    clippy::too_many_arguments,
                    clippy::wrong_self_convention,
                    reason = "names and arguments are the wire's"
                )]
                async fn $field(&self $( $(, $(#[$argument_meta])* $argument: $argument_type )* )?) -> $type {
                    $( $( let _ = &$argument; )* )?
                    $crate::graphql::absent::Absent::absurd(self)
                }
            )*
        }

        impl $crate::graphql::absent::Absent for $name {
            fn absurd<T>(&self) -> T {
                match *self {}
            }
        }
    )* };
}

pub(super) use absent_types;
