#if os(Linux)
    import CMalloc
#endif

/// How the C library hands out memory.
enum Memory {
    /// Large buffers come from the system and go back to it at once; by default the library raises
    /// this bound as such buffers are freed, and keeps their holes.
    static let mappedBytesMin: Int32 = 256 << 10
    /// Each thread that finds the others busy opens an arena of its own, which is never given back.
    static let arenasMax: Int32 = 2

    /// Keeps the process small after a catch-up. To be called first.
    static func keepSmall() {
        #if os(Linux)
            mallopt(M_MMAP_THRESHOLD, mappedBytesMin)
            mallopt(M_ARENA_MAX, arenasMax)
        #endif
    }
}
