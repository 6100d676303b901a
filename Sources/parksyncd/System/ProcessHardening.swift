#if os(Linux)
    import CProcess
    import Glibc

    /// What the daemon gives up at once when it starts, however it was started.
    enum ProcessHardening {
        /// Files are for the node's user and group alone; the memory, which holds the signing key,
        /// goes into no core dump.
        static func apply() {
            // The mask can only be read by setting it.
            let mask = umask(0o077)
            umask(mask | 0o007)
            var none = rlimit(rlim_cur: 0, rlim_max: 0)
            setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
            // A core dump that is piped to a program does not ask for the limit.
            _ = parksync_process_hide_memory()
            // Swift's runtime writes a backtrace with registers and memory, unless the environment
            // forbids it before the process begins.
            _ = parksync_process_end_quietly()
        }
    }
#else
    enum ProcessHardening { static func apply() {} }
#endif
