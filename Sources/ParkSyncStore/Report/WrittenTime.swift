import ParkSyncCore

/// When an entry was written.
package enum WrittenTime: Hashable, Sendable {
    /// Unix milliseconds, of its author's clock.
    case at(UInt64)
    /// It is in a file of the archive that is lost or damaged. The retention's report names the
    /// file.
    case lost
    /// There is no such entry here.
    case notLogged
}

extension ParkStore {
    /// When the entry after a number was written.
    ///
    /// - Throws: any failure but that of the archive's file.
    package func timeWritten(_ origin: OriginID, after seq: UInt64) async throws -> WrittenTime {
        try await readers.read(.node) { reader in
            try reader.snapshot {
                guard let ordinal = try reader.origins().first(where: { $0.origin == origin })?.ordinal else {
                    return .notLogged
                }
                var time = WrittenTime.notLogged
                do {
                    try LogScan.ascend(
                        reader.connection, origin: origin, ordinal: ordinal, after: seq, through: LogTable.seqMax,
                        onFault: { throw $0 }
                    ) { entry in
                        time = .at(try entry.stamp().milliseconds)
                        return .enough
                    }
                } catch is ArchiveFault { return .lost }
                return time
            }
        }
    }
}
