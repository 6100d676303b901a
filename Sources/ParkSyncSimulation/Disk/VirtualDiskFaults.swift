import CFaultVFS

extension VirtualDisk {
    /// What can go wrong on a disk. Each is counted when it happens; see `fired`.
    package enum Fault: Int32, CaseIterable, Sendable {
        /// A read fails.
        case readError = 0
        /// A write fails and writes nothing.
        case writeError = 1
        /// A sync fails; a later one makes up for it.
        case syncError = 2
        /// A sync fails, and the kernel takes the pages for clean: later syncs skip them unless
        /// they are written again.
        case syncForgets = 3
        case truncateError = 4
        /// A sync succeeds and makes nothing durable.
        case lostSync = 5
        /// A read returns one wrong bit.
        case misread = 6
        /// The power fails in the middle of a write, truncation, sync or deletion. The call fails,
        /// and so does everything after it; a write is in the cache and may be torn. Go on with
        /// `losePower`.
        case powerLoss = 7
        /// Not armed but limited; see `limit`.
        case full = 8
        /// Not armed but done; see `flipBit`.
        case bitFlip = 9
    }

    /// When an armed fault fires.
    package struct Trigger: Sendable {
        /// Only calls for this file count; nil for every file.
        package var file: String?
        /// Calls that pass before it can fire.
        package var skipped: UInt64
        /// How often it fires; nil for until it is disarmed.
        package var times: UInt64?
        /// How likely it is to fire at a call, in 1,000,000.
        package var permillion: UInt32

        package init(file: String? = nil, skipped: UInt64 = 0, times: UInt64? = 1, permillion: UInt32 = 1_000_000) {
            self.file = file
            self.skipped = skipped
            self.times = times
            self.permillion = permillion
        }

        /// At the `call`-th call from now, counted from 1.
        package static func at(_ call: UInt64, file: String? = nil) -> Trigger {
            Trigger(file: file, skipped: max(call, 1) - 1)
        }
        /// At every call until it is disarmed.
        package static let always = Trigger(times: nil)
    }

    /// Arms a fault, in place of how it was armed before. `full` and `bitFlip` cannot be armed.
    package func arm(_ fault: Fault, _ trigger: Trigger) {
        guard trigger.times != 0 else { return disarm(fault) }
        func arm(_ file: UnsafePointer<CChar>?) {
            parksync_disk_arm(
                raw, fault.rawValue,
                parksync_disk_trigger(
                    file: file, skipped: trigger.skipped, times: trigger.times ?? 0, permillion: trigger.permillion))
        }
        if let file = trigger.file { file.withCString { arm($0) } } else { arm(nil) }
    }

    package func disarm(_ fault: Fault) { parksync_disk_disarm(raw, fault.rawValue) }

    /// Disarms every fault and lifts the limit.
    package func heal() {
        for fault in Fault.allCases { disarm(fault) }
        limit(freeBytes: nil)
    }

    /// How often the fault has happened since the disk was made.
    package func fired(_ fault: Fault) -> UInt64 { parksync_disk_fired(raw, fault.rawValue) }

    /// Lets files grow by this many bytes more. A write that finds too little room writes what fits
    /// and fails with "disk full".
    ///
    /// - Parameters:
    ///   - freeBytes: nil for no limit.
    ///   - givesBack: whether deleted and shortened files make room again.
    package func limit(freeBytes: UInt64?, givesBack: Bool = true) {
        parksync_disk_limit(raw, freeBytes.map { Int64(clamping: $0) } ?? -1, givesBack ? 1 : 0)
    }

    package struct FlippedBit: Equatable, Sendable {
        package var file: String
        /// From the file's beginning.
        package var byte: Int64
        /// 0 for the least significant.
        package var bit: Int
    }

    /// Flips one bit on the medium and in what readers see.
    ///
    /// - Parameters:
    ///   - file: nil for any file.
    ///   - bytes: where in the file; nil for anywhere.
    /// - Returns: nil if there is no such byte.
    package func flipBit(file: String? = nil, bytes: Range<Int64>? = nil, seed: UInt64) -> FlippedBit? {
        var found = [CChar](repeating: 0, count: 256)
        var bit: Int64 = 0
        let range = bytes ?? 0..<Int64.max
        func flip(_ file: UnsafePointer<CChar>?) -> Int32 {
            parksync_disk_flip(raw, file, range.lowerBound, range.upperBound, seed, &found, Int32(found.count), &bit)
        }
        let result = if let file { file.withCString { flip($0) } } else { flip(nil) }
        return result == 0 ? FlippedBit(file: Self.text(found), byte: bit / 8, bit: Int(bit % 8)) : nil
    }

    /// What happened on the disk since it was made.
    package struct Counters: Equatable, Sendable {
        package var opens: UInt64
        package var reads: UInt64
        package var writes: UInt64
        package var truncates: UInt64
        package var syncs: UInt64
        package var deletes: UInt64
        package var bytesRead: UInt64
        package var bytesWritten: UInt64
        /// Times that SQLite wanted to sleep, and for how long; it never did.
        package var sleeps: UInt64
        package var sleptMicroseconds: UInt64
        /// Calls that failed because their connection or path was of an earlier boot, or the power
        /// was off.
        package var refused: UInt64
        /// Times that a file was written back because `Model.pendingBytesMax` bytes of it waited.
        package var writebacks: UInt64
        /// Unsynced writes that power losses kept, dropped and tore.
        package var kept: UInt64
        package var dropped: UInt64
        package var torn: UInt64
        package var garbageSectors: UInt64
        package var truncatesUndone: UInt64
        package var filesVanished: UInt64
        package var filesReturned: UInt64

        /// Calls that `Fault.powerLoss` can strike.
        package var changes: UInt64 { writes + truncates + syncs + deletes }
    }

    package var counters: Counters {
        var raw = parksync_disk_counters()
        parksync_disk_read_counters(self.raw, &raw)
        return Counters(
            opens: raw.opens, reads: raw.reads, writes: raw.writes, truncates: raw.truncates, syncs: raw.syncs,
            deletes: raw.deletes,
            bytesRead: raw.bytes_read, bytesWritten: raw.bytes_written, sleeps: raw.sleeps,
            sleptMicroseconds: raw.slept_microseconds,
            refused: raw.refused, writebacks: raw.writebacks, kept: raw.kept, dropped: raw.dropped, torn: raw.torn,
            garbageSectors: raw.garbage_sectors, truncatesUndone: raw.truncates_undone,
            filesVanished: raw.files_vanished,
            filesReturned: raw.files_returned)
    }
}
