import ParkSyncCore
import ParkSyncReports
import ParkSyncStore

/// Entries that wait or were set aside, for the status. A park that sends thousands of defective
/// ones has one line.
enum StuckList {
    /// Quarantined entries of one origin that are told one by one.
    static let quarantinedNamedMax = 8

    /// - Parameter quarantined: how many of each origin.
    static func of(_ stuck: [StuckEntry], _ quarantined: [OriginID: UInt64], _ remedies: ClockRemedy) -> [NodeStatus
        .Stuck]
    {
        var newest: [OriginID: UInt64] = [:]
        for entry in stuck where entry.state == .quarantined {
            newest[entry.origin] = max(newest[entry.origin] ?? 0, entry.seq)
        }
        return stuck.compactMap { entry in
            var told = NodeStatus.Stuck(
                origin: entry.origin.name, seq: entry.seq, state: entry.state, code: entry.kind.code.rawValue,
                subject: entry.kind.subject,
                cause: entry.cause, remedy: remedies.remedy(of: entry))
            guard entry.state == .quarantined, let count = quarantined[entry.origin], count > quarantinedNamedMax else {
                return told
            }
            guard entry.seq == newest[entry.origin] else { return nil }
            told.count = count
            return told
        }
    }
}
