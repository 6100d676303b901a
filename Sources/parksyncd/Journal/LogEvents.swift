import ParkSyncReports
import ParkSyncStore

/// The log: whether it may be written, and entries that are not as they should be.
extension Event {
    static let checking = Event(.logChecking, "comparing this node's log with its peers' before writes are accepted")

    static func fetching(isLost: Bool) -> Event {
        Event(
            .logFetching, [Field("cause", isLost ? "lost-database" : "old-database")],
            isLost
                ? "the database is new: fetching this node's own entries back from its peers before writes are accepted"
                : "peers have other entries of this node: fetching them before writes are accepted")
    }

    static func ready(origin: String, ownEntries: UInt64, accepted: String?) -> Event {
        let fields = [Field("origin", origin), Field("own_entries", "\(ownEntries)")]
        guard let accepted else { return Event(.logReady, fields, "the log is compared; writes are accepted") }
        return Event(
            .logReady, fields + [Field("reason", accepted)], priority: .warning,
            "writes are accepted by the operator's word, without the peers that are out of reach: \(accepted)")
    }

    static func forked(_ origin: String, seq: UInt64, remedy: String) -> Event {
        Event(
            .logForked, [Field("origin", origin), Field("seq", "\(seq)")],
            "\(origin) has forked: there are two different entries \(origin):\(seq), see `syncctl log forks`. \(remedy)"
        )
    }

    static func stuck(_ entry: NodeStatus.Stuck) -> Event {
        let isHeld = entry.state == .held
        return Event(
            isHeld ? .entryHeld : .entryQuarantined, [Field("origin", entry.origin), Field("seq", "\(entry.seq)")],
            "\(entry.standing): \(ErrorText.sentence(entry.cause)) \(entry.remedy)")
    }

    static func released(_ entry: NodeStatus.Stuck) -> Event {
        Event(
            .entryReleased, [Field("origin", entry.origin), Field("seq", "\(entry.seq)")],
            "\(entry.origin):\(entry.seq) is no longer \(entry.state.rawValue)")
    }

    /// - Parameter isComplete: whether all parks that count have acknowledged it.
    static func fenced(_ park: String, isComplete: Bool) -> Event {
        guard isComplete else {
            return Event(
                .parkFencing, [Field("park", park)],
                "\(park) is being taken out of the zone; not all parks have acknowledged it")
        }
        return Event(.parkFenced, [Field("park", park)], "\(park) is out of the zone")
    }

    static func excluded(by parks: [String]) -> Event {
        let list = parks.joined(separator: ", ")
        return Event(
            .parkExcluded, [Field("refused_by", list)],
            "no other park takes this one for a member (\(list) refused it): no writes are accepted")
    }

    static let admitted = Event(
        .parkAdmitted, [Field("cause", "known")], "another park knows this one again, or the operator answers for it")

    static func overruled(reason: String) -> Event {
        Event(
            .parkAdmitted, [Field("cause", "operator"), Field("reason", reason)], priority: .warning,
            "writes are accepted by the operator's word, although no other park knows this one: \(reason)")
    }

    static let acknowledged = Event(.logAcknowledged, "sealed an entry that acknowledges what was applied")

    static func archived(entries: some BinaryInteger, segments: some BinaryInteger) -> Event {
        Event(
            .logArchived, [Field("entries", "\(entries)"), Field("segments", "\(segments)")],
            "archived \(entries) old entries")
    }

    static func compacted(rows: some BinaryInteger) -> Event {
        Event(.logCompacted, [Field("rows", "\(rows)")], "dropped the traces of \(rows) deleted rows")
    }
}

/// Files, disks, and work that is tried again.
extension Event {
    static func diskFull(_ error: String) -> Event { Event(.diskFull, "the disk is full: \(error)") }
    static func databaseDamaged(_ damage: StoreError) -> Event { databaseDamaged(damage.reason, damage.remedy) }

    static func databaseDamaged(_ cause: String, _ remedy: String) -> Event {
        Event(
            .databaseDamaged,
            "the database is damaged, and nothing is written, sealed or applied: \(ErrorText.sentence(cause)) \(remedy)"
        )
    }

    static let databaseSound = Event(.databaseSound, "the log is as it was left again; the node goes on")

    static let diskFreed = Event(.diskFreed, "the disk takes writes again")

    static func snapshotWanted(_ peer: String) -> Event {
        Event(
            .snapshotWanted, [Field("peer", peer)],
            "\(peer) no longer keeps entries that this node needs: taking its snapshot")
    }

    static func snapshotNeeded(_ peer: String) -> Event {
        Event(
            .snapshotNeeded, [Field("peer", peer)],
            "\(peer) no longer keeps entries that this node needs. Nothing is replaced without an operator: "
                + "run `syncctl snapshot fetch --from "
                + "\(peer)`, or let a peer that keeps more come into reach")
    }

    static func snapshotReceived(_ peer: String, bytes: UInt64) -> Event {
        Event(
            .snapshotReceived, [Field("peer", peer), Field("bytes", "\(bytes)")],
            "the snapshot of \(peer) has come and is verified")
    }

    static func snapshotInstalled(vector: String, aside: String?) -> Event {
        Event(
            .snapshotInstalled, [Field("vector", vector), Field("kept_aside", aside ?? "nothing")],
            "the snapshot is the database now; the log goes on from it")
    }

    static func snapshotFailed(_ peer: String?, _ error: String) -> Event {
        Event(.snapshotFailed, peer.map { [Field("peer", $0)] } ?? [], "the snapshot was not taken: \(error)")
    }

    static func archiveDamaged(_ fault: String) -> Event {
        Event(
            .archiveDamaged,
            "\(ErrorText.sentence(fault)) Restore the file from a copy; parks far behind need a snapshot until then")
    }

    static func sealFailed(_ error: any Error) -> Event {
        Event(
            .sealFailed,
            """
            writes of other programs could not be sealed; they stay captured and are tried again: \
            \(ErrorText.of(error))
            """
        )
    }

    static func housekeepingFailed(_ error: any Error) -> Event {
        Event(.housekeepingFailed, "housekeeping failed and is tried again: \(ErrorText.of(error))")
    }

    static func retentionFailed(_ error: any Error) -> Event {
        Event(.retentionFailed, "archiving or compacting failed and is tried again: \(ErrorText.of(error))")
    }

    static func exclusionFailed(_ error: any Error) -> Event {
        Event(.exclusionFailed, "the tables could not be shut or opened and are tried again: \(ErrorText.of(error))")
    }

    static func mendedWork(_ work: String) -> Event { Event(.workMended, [Field("work", work)], "\(work) works again") }
}
