//! How memory that is no longer used goes back to the system.

/// Has the C library's allocator keep less: by default each thread has a heap of its own, of which large buffers that one
/// read needed are never given back, so that a server that answered many large requests holds twice what it uses.
///
/// To be called before other threads are started.
pub(crate) fn configure() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (parameter, value) in [
        (libc::M_ARENA_MAX, 2),
        (libc::M_MMAP_THRESHOLD, 4 << 20),
        (libc::M_TRIM_THRESHOLD, 4 << 20),
    ] {
        #[expect(
            unsafe_code,
            reason = "the allocator of the C library has no other interface"
        )]
        // SAFETY: `mallopt` takes two numbers, refuses those it does not know, and no other thread runs yet.
        let is_set = unsafe { libc::mallopt(parameter, value) };
        debug_assert_eq!(is_set, 1, "parameter {parameter}");
    }
}

/// Gives back what lies free between what is used, whenever the process has grown: the allocator itself gives back only what
/// is free at the end of its heaps, and after many large answers a third of them can be holes.
///
/// Does nothing where there is no such allocator.
pub(crate) fn give_back_holes() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        let thread = std::thread::Builder::new().name("give-back-holes".to_owned());
        // Without it the server takes more memory, and is right in all else.
        if let Err(error) = thread.spawn(watch) {
            tracing::warn!(%error, "memory that is free between used memory is not given back");
        }
    }
}

/// How often the size of the process is looked at.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const EVERY: std::time::Duration = std::time::Duration::from_millis(500);

/// Growth after which holes are looked for, which takes milliseconds in which other threads may have to wait.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const GROWTH_KIB: u64 = 48 << 10;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn watch() {
    let mut least = u64::MAX;
    while let Some(resident) = resident_kib() {
        least = least.min(resident);
        if resident - least >= GROWTH_KIB {
            #[expect(
                unsafe_code,
                reason = "the allocator of the C library has no other interface"
            )]
            // SAFETY: it takes the locks of the allocator, and no pointer.
            unsafe {
                libc::malloc_trim(0);
            }
            least = resident_kib().unwrap_or(u64::MAX);
        }
        std::thread::sleep(EVERY);
    }
}

/// Memory that the process holds.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
