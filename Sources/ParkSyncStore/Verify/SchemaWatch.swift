import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports

/// What the store has seen of the file's schema.
struct SchemaWatch {
    /// As it was when it was looked at last; nil if it has to be looked at.
    var cookie: Int64?
    /// Tables whose triggers were lost, until all their rows were verified.
    var suspicions: [RowsStatus.Suspicion] = []
    /// How often somebody changed the schema.
    var changes: UInt64 = 0
    /// How many triggers and indexes of others on ParkSync's own tables were dropped, and the
    /// newest of them, in words.
    var droppedCount: UInt64 = 0
    var dropped: [String] = []
    /// Constant tables whose rows were put back at the start.
    var constants: [RestoredConstant] = []
    /// So many are named.
    static let droppedMax = 20

    mutating func noteDropped(_ objects: [String]) {
        droppedCount += UInt64(objects.count)
        dropped = Array((dropped + objects).suffix(Self.droppedMax))
    }
}

extension StoreCore {
    /// Looks whether somebody has changed the schema, and puts triggers back that are not as they
    /// have to be; within the caller's transaction, before anything is written in it.
    ///
    /// What was written while they were away is in no log: the tables' rows are verified.
    func guardSchema(_ next: inout StoreState, on connection: Connection) throws {
        guard try CaptureGuard.cookie(connection) != next.watch.cookie else { return }
        let wall = options.clock.wallMilliseconds()
        // First of all: what hangs on the own tables could refuse or undo what follows.
        do {
            let own = OwnTables(connection: connection, schema: schema)
            next.watch.noteDropped(try own.dropForeign())
            try own.check()
        } catch let error as StoreError where error.isOfFile {
            logWatch.setObstacle()
            throw error
        }
        for sql in StoreFile.tables { try connection.execute(sql) }
        let remade = try PendingGuard(
            schema: schema, park: options.origin.park, budget: options.budget, connection: connection
        ).restore(wallMilliseconds: wall)
        if !remade.isEmpty { next.refused = try RefusalTable.load(connection) }
        let restored =
            try remade
            + CaptureGuard(schema: schema, park: options.origin.park, budget: options.budget).restore(connection)
        try Gate.set(connection, schema, next.ownLog.gate)
        try VerificationMemory.suspect(connection, restored, since: wall)
        next.watch.suspicions = try VerificationMemory.loadSuspicions(connection)
        if next.watch.cookie != nil { next.watch.changes += 1 }
        next.watch.cookie = try CaptureGuard.cookie(connection)
    }

    /// Whether somebody has changed the schema since it was looked at.
    func hasForeignSchema() throws -> Bool { try CaptureGuard.cookie(applier.connection) != current.watch.cookie }
}

extension ParkStore {
    /// Triggers and indexes of others on ParkSync's own tables that were dropped since the start:
    /// how many, and the newest of them.
    package var droppedObjects: (count: UInt64, newest: [String]) {
        let watch = publishedState.watch
        return (watch.droppedCount, watch.dropped)
    }

    /// Constant tables whose rows were put back when the file was opened.
    package var restoredConstants: [RestoredConstant] { publishedState.watch.constants }
}
