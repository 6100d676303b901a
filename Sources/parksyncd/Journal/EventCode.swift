/// How much an event matters; the numbers are those of syslog(3), which the journal keeps.
enum Priority: Int, Hashable, Comparable, Sendable {
    /// The node cannot do what it is there for.
    case critical = 2
    /// An operator has to act.
    case error = 3
    /// Something waits, or is not as it should be.
    case warning = 4
    /// Worth knowing afterwards.
    case notice = 5
    case info = 6
    case debug = 7

    var name: String {
        switch self {
        case .critical: "critical"
        case .error: "error"
        case .warning: "warning"
        case .notice: "notice"
        case .info: "info"
        case .debug: "debug"
        }
    }

    static func < (a: Priority, b: Priority) -> Bool { a.rawValue < b.rawValue }
}

/// The stable names of all events; `docs/reference/journal.md` lists them with their fields.
enum EventCode: String, CaseIterable, Sendable {
    // The node itself.
    case nodeStarted = "node.started"
    case nodeListening = "node.listening"
    case nodeListenFailed = "node.listen-failed"
    case nodeReopened = "node.reopened"
    case nodeStopped = "node.stopped"
    case nodeFailed = "node.failed"
    case nodeReloaded = "node.reloaded"
    case nodeReloadRefused = "node.reload-refused"
    case nodeRestartNeeded = "node.restart-needed"
    case nodeBroken = "node.broken"
    case nodeMended = "node.mended"
    case library = "library"

    // Who calls.
    case operatorCommand = "operator.command"
    case operatorRefused = "operator.refused"
    case strangerRefused = "stranger.refused"
    case peerRefused = "peer.refused"
    case requestRefused = "request.refused"
    case requestFailed = "request.failed"
    case statementSlow = "statement.slow"

    // The other parks.
    case peerLinked = "peer.linked"
    case peerLost = "peer.lost"
    case peerLied = "peer.lied"
    case clockOff = "clock.off"
    case clockRight = "clock.right"
    case tablesDiffer = "tables.differ"
    case tablesSame = "tables.same"
    case certificateEnding = "certificate.ending"
    case certificateEnded = "certificate.ended"
    case certificateEarly = "certificate.early"
    case certificateRenewed = "certificate.renewed"

    // The log.
    case logChecking = "log.checking"
    case logFetching = "log.fetching"
    case logReady = "log.ready"
    case logForked = "log.forked"
    case logArchived = "log.archived"
    case logCompacted = "log.compacted"
    case logAcknowledged = "log.acknowledged"
    case entriesRefused = "entries.refused"
    case entriesNotStored = "entries.not-stored"
    case entryHeld = "entry.held"
    case entryReleased = "entry.released"
    case entryQuarantined = "entry.quarantined"
    case parkFenced = "park.fenced"
    case parkFencing = "park.fencing"
    case parkExcluded = "park.excluded"
    case parkAdmitted = "park.admitted"

    // Files and disks.
    case diskFull = "disk.full"
    case databaseDamaged = "database.damaged"
    case databaseSound = "database.sound"
    case diskFreed = "disk.freed"
    case lockTaken = "lock.taken"
    case writingBlocked = "writing.blocked"
    case writingFree = "writing.free"
    case lockFree = "lock.free"
    case walHeldBack = "wal.held-back"
    case walRenewed = "wal.renewed"
    case walUnguarded = "wal.unguarded"
    case walGuarded = "wal.guarded"
    case walIndexRepaired = "wal-index.repaired"
    case snapshotWanted = "snapshot.wanted"
    case snapshotNeeded = "snapshot.needed"
    case snapshotReceived = "snapshot.received"
    case snapshotInstalled = "snapshot.installed"
    case snapshotFailed = "snapshot.failed"
    case archiveDamaged = "archive.damaged"

    // Rows and what the log says of them.
    case rowDiffers = "row.differs"
    case rowsVerified = "rows.verified"
    case rowsNotVerified = "rows.not-verified"
    case triggersLost = "triggers.lost"
    case rowRefused = "row.refused"
    case foreignDropped = "foreign.dropped"
    case constantRestored = "constant.restored"

    // Work that is tried again.
    case sealFailed = "seal.failed"
    case housekeepingFailed = "housekeeping.failed"
    case retentionFailed = "retention.failed"
    case bookingFailed = "booking.failed"
    case exclusionFailed = "exclusion.failed"
    case workMended = "work.mended"

    var priority: Priority {
        switch self {
        case .diskFull, .nodeFailed, .databaseDamaged: .critical
        case .nodeListenFailed, .nodeReloadRefused, .nodeBroken, .requestFailed, .clockOff, .tablesDiffer,
            .certificateEnded, .logForked,
            .entriesRefused, .entryQuarantined, .snapshotFailed, .archiveDamaged, .sealFailed, .housekeepingFailed,
            .retentionFailed,
            .bookingFailed, .exclusionFailed, .peerLied, .parkExcluded, .rowDiffers, .rowsNotVerified:
            .error
        case .nodeRestartNeeded, .library, .operatorRefused, .strangerRefused, .peerRefused, .requestRefused, .peerLost,
            .certificateEnding,
            .certificateEarly, .entriesNotStored, .entryHeld, .parkFenced, .statementSlow, .lockTaken, .writingBlocked,
            .walHeldBack, .walUnguarded,
            .walIndexRepaired, .triggersLost, .rowRefused, .foreignDropped, .constantRestored, .snapshotNeeded:
            .warning
        case .logChecking, .logArchived, .logCompacted: .info
        case .logAcknowledged, .rowsVerified: .debug
        default: .notice
        }
    }

    /// Whether somebody from outside can bring it about as often as he likes. Such events are told
    /// once a minute for each cause.
    var isFromOutside: Bool {
        switch self {
        case .operatorRefused, .strangerRefused, .peerRefused, .requestRefused, .requestFailed, .statementSlow,
            .entriesRefused, .entriesNotStored,
            .peerLied:
            true
        default: false
        }
    }

    /// So many fields, from the first on, tell causes apart that are told once a minute each.
    var causeFields: Int {
        switch self {
        case .peerRefused: 3
        case .requestRefused, .peerLied: 2
        default: 1
        }
    }

    /// The security log: who was turned away. Each is counted, also if its line is held back.
    static let security: [EventCode] = [
        .operatorRefused, .strangerRefused, .peerRefused, .requestRefused, .entriesRefused,
    ]
}
