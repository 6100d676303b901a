import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports

/// Where one origin's log stands in this file.
package struct OriginState {
    /// Short local number of the origin; names cost more bytes in every clock and log row.
    package var ordinal: Int64
    package var origin: OriginID
    /// Entries merged into row clocks and digests. For other origins also: entries whose rows are
    /// visible. The own origin's rows are visible when they are written; its entries are folded in
    /// later, up to this cursor.
    package var folded: UInt64 { didSet { if folded < oldValue { passedOver = nil } } }
    /// Entries in the log.
    package var logged: UInt64
    /// Hash of the entry `logged`.
    package var headHash: [UInt8]
    /// The newest entry that carries a signature; only entries up to it are served.
    package var signed: UInt64
    /// What the author had seen when it sealed entry `folded`.
    package var dependencies: VersionVector
    /// What the entries up to `folded` depend on that were taken back, one after the other, and
    /// passed over without a look; nil if that has to be looked up.
    var passedOver: PassedOver?
    /// Hash of the entry `folded`; empty if it has to be looked up.
    var foldedHash: [UInt8] = []
    /// Whether `dependencies` names the entries that this node has, and not those of another branch
    /// that have their numbers.
    var receipt = ReceiptFit.fits
    package init(
        ordinal: Int64, origin: OriginID, folded: UInt64, logged: UInt64, headHash: [UInt8], signed: UInt64,
        dependencies: VersionVector
    ) {
        (self.ordinal, self.origin, self.folded, self.logged) = (ordinal, origin, folded, logged)
        (self.headHash, self.signed, self.dependencies) = (headHash, signed, dependencies)
    }
}

/// What entries depended on that were passed over because their author has taken them back.
struct PassedOver {
    /// The last of them.
    var seq: UInt64
    var dependencies: VersionVector
}

/// What is known of one shared table without reading it.
package struct TableState {
    var ordinal: Int64
    package var rows: Int64
    package var digest: RowDigest
    /// Rows whose causal length is not 1, in the life table.
    var lives: Int64
    /// Open records in the conflict table.
    var conflicts: Int64
    /// Causal lengths that are not 1, of rows in own entries that are not folded yet.
    var tailLives: [[UInt8]: UInt64] = [:]
    /// The counters of rows in own entries that are not folded yet.
    var tailCounters = CounterTail()
}

/// An entry that waits in the log or was set aside, with its cause.
package struct StuckEntry: Hashable, Sendable {
    package var origin: OriginID
    package var seq: UInt64
    package var state: NodeStatus.Stuck.State
    package var kind: StuckCause
    package var cause: String
    package var remedy: String
    /// By how much its stamp is ahead of this node's clock, if it waits for that.
    package var aheadMilliseconds: UInt64?
}

/// The store's state beside the tables: a value, so that a transaction that fails leaves the old
/// one in force.
package struct StoreState {
    package var origins: [OriginState] = []
    /// Index in `origins` of this node's own origin.
    package var own = 0
    /// In the order of the schema's tables.
    package var tables: [TableState] = []
    var clock = StoreClock()
    /// The vector that the newest own entry depends on.
    var ownDependencies = VersionVector()
    /// Parks that were taken out, in the order in which that was applied here.
    var fences: [Fence] = []
    /// What came of what parks have said about taking others out of the zone and back. What they
    /// have said is in the file.
    var decisions: [Decision] = []
    /// How many votes each log has in it.
    var voteCounts: [OriginID: Int] = [:]
    /// Entries that their authors have taken back, in the order in which that was applied here.
    package var withdrawals: [Withdrawal] = [] {
        didSet {
            takenBack = TakenBack(withdrawals)
            for index in origins.indices { origins[index].passedOver = nil }
        }
    }
    /// The same by log.
    private(set) var takenBack = TakenBack()
    /// What authors know of traces that were dropped.
    var dropKnowledge = DropKnowledge()
    /// What was archived when traces that had been dropped could not be read from the archive; nil
    /// if they are known.
    var unknownTraces: VersionVector?
    var traceBounds = TraceBounds()
    /// Up to here what was kept aside of dropped traces has been let go.
    var keptUpTo = VersionVector()
    /// Parks that do not know this one as a member, if nobody does; while there are any, no writes
    /// are accepted.
    var excludedBy: [String] = []
    /// Public keys that this file remembers, of parks that were configured once or whose fence
    /// named one.
    package var memberKeys: [String: [UInt8]] = [:]
    /// Entries were applied here that their author has taken back: the tables are to be made anew
    /// without them.
    var mustRebuild = false
    /// The author is this park: what it had applied of others from the future by the same clock
    /// waits again.
    var judgesStampsAnew = false
    var quarantine = Quarantine()
    package var held: [StuckEntry] = []
    /// Changes in own entries that were sealed since the state was read from the file and are not
    /// folded yet. Whether there are earlier ones tells `digest`, which is nil then.
    var tailChanges = 0
    /// Bytes of the own entries after the newest signed head, with room for their lengths.
    var unsignedBytes = 0
    var digest: StateDigest?
    /// Another branch of the own log, as far as it has come.
    var branch: BranchFetch?
    /// What is known of the own log, and whether it is written.
    package var ownLog = OwnLog.writing
    /// Own entries are appended and applied like anybody's: within `rewriting`, and where tables
    /// are made of nothing but logs.
    private(set) var isRewriting = false
    var watch = SchemaWatch()
    /// Captured writes that were not signed.
    var refused = RefusedRowsStatus()
    /// Rows whose counters were found to be others than the log says, to be looked at at the end of
    /// the transaction.
    var suspects: Set<RowPlace> = []
    /// Counts up with each difference that was found so.
    var differencesFound: UInt64 = 0

    package init() {}

    /// Whether own entries are applied from the log: they come from peers, or are being written
    /// anew.
    var appliesOwn: Bool { isRewriting || ownLog.isFetching }

    /// The newest entry of the own origin whose rows are visible and that a vector may name: own
    /// writes are visible when they are made.
    var visibleOfOwn: UInt64 {
        guard origins.indices.contains(own) else { return 0 }
        let mine = origins[own]
        return ownLog.visible(folded: mine.folded, signed: mine.signed, logged: mine.logged, appliesOwn: appliesOwn)
    }
    var standing: LogStanding {
        guard origins.indices.contains(own) else { return .ready }
        return ownLog.standing(signed: origins[own].signed, logged: origins[own].logged)
    }
    /// Whether rows of own entries are visible that the vector does not name yet.
    var isTentative: Bool {
        guard origins.indices.contains(own) else { return false }
        return ownLog.isTentative(signed: origins[own].signed, logged: origins[own].logged)
    }

    /// Own entries that are written within `body` are applied like anybody's. May stand within
    /// itself.
    mutating func rewriting<T>(_ body: (inout StoreState) throws -> T) rethrows -> T {
        let before = isRewriting
        isRewriting = true
        // A failure undoes the transaction, and this value is dropped with it.
        let result = try body(&self)
        isRewriting = before
        return result
    }

    /// The tables are made of the logs, the own one among them. It is not fetched: nobody keeps
    /// account of its signed heads meanwhile.
    package mutating func replayAll() { isRewriting = true }

    mutating func suspect(_ row: RowPlace) {
        if suspects.count < VerificationLimits.differencesMax { suspects.insert(row) }
    }

    package func index(of origin: OriginID) -> Int? { origins.firstIndex { $0.origin == origin } }

    package func index(ofOrdinal ordinal: Int64) -> Int? {
        let guess = Int(truncatingIfNeeded: ordinal &- 1)
        if origins.indices.contains(guess), origins[guess].ordinal == ordinal { return guess }
        return origins.firstIndex { $0.ordinal == ordinal }
    }

    /// Entries whose rows are visible here.
    package var applied: VersionVector {
        var vector = VersionVector()
        for (index, state) in origins.enumerated() { vector[state.origin] = index == own ? visibleOfOwn : state.folded }
        return vector
    }

    package var logged: VersionVector {
        var vector = VersionVector()
        for state in origins { vector[state.origin] = state.logged }
        return vector
    }

    /// What may be served to others: everything up to the newest signed head.
    var served: VersionVector {
        var vector = VersionVector()
        for state in origins { vector[state.origin] = state.signed }
        return vector
    }

    var isFolded: Bool { origins.isEmpty || origins[own].folded == origins[own].logged }

    func _checkInvariants() {
        assert(origins.indices.contains(own), "the own origin is known")
        assert(!isRewriting, "own entries are not being written anew when a transaction ends")
        ownLog._checkInvariants()
        assert(
            ownLog.isUncertain || origins[own].signed == origins[own].logged, "who may write has signed what is written"
        )
        for state in origins {
            assert(
                state.folded <= state.logged && state.signed <= state.logged,
                "\(state.origin): cursors do not pass the log")
            assert(state.headHash.count == EntryChain.hashBytes, "\(state.origin): the head has a hash")
        }
        for table in tables {
            assert(table.rows >= 0 && table.lives >= 0 && table.conflicts >= 0, "counts are not negative")
        }
    }
}
