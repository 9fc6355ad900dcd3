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
