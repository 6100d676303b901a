import Foundation
import ParkSyncCore
import Synchronization

/// Looks whether the log and its cursors in the file are those that the store knows of: any program
/// with the file can delete them.
package struct LogSoundness {
    package let connection: Connection

    package init(connection: Connection) { self.connection = connection }

    /// What is found at both ends of each origin's log, and in its cursor.
    ///
    /// - Throws: `StoreError.damaged` that names what is wrong.
    package func check(_ state: StoreState) throws {
        for origin in state.origins {
            let cursor = try connection.statement("SELECT name, folded FROM _parksync_origin WHERE ordinal = ?1")
            defer { cursor.reset() }
            cursor.bind(1, origin.ordinal)
            guard try cursor.step(), cursor.string(0).isExactly(origin.origin.name) else {
                throw Self.damage("the cursor of \(origin.origin) is missing")
            }
            let folded = try cursor.entryNumber(1, "the cursor of an origin")
            guard folded == origin.folded else {
                throw Self.damage("the cursor of \(origin.origin) was changed from \(origin.folded) to \(folded)")
            }
            let newest = try LogTable.newest(connection, ordinal: origin.ordinal)
            guard newest == origin.logged else {
                throw Self.damage("the log of \(origin.origin) ends at \(newest) and not at \(origin.logged)")
            }
            guard try LogTable.hash(connection, ordinal: origin.ordinal, seq: origin.logged) == origin.headHash else {
                throw Self.damage("entry \(origin.origin):\(origin.logged) is missing or was altered")
            }
        }
        for (index, origin) in state.origins.enumerated() { try checkHead(origin, isOwn: index == state.own) }
    }

    /// No peer is shown what lies behind the newest signature, nor asks for another: it would wait
    /// for that, and this node with it.
    private func checkHead(_ origin: OriginState, isOwn: Bool) throws {
        let head = try connection.statement(
            "SELECT 1 FROM _parksync_log WHERE id = ?1 AND length(signature) IS NOT \(EntryChain.signatureBytes)")
        defer { head.reset() }
        head.bind(1, LogTable.id(origin.ordinal, origin.signed))
        guard origin.signed > 0, try head.step() else { return }
        let lost = "entry \(origin.origin):\(origin.signed) has lost its signature, without which no park takes it"
        throw StoreError.ofFile(
            lost,
            remedy:
                "A program has altered ParkSync's own tables: find it and stop it. Then restart the node: it "
                + "compares its log with its peers' "
                + "and " + (isOwn ? "signs the entry anew." : "gets the signature from a peer that has the entry."))
    }

    /// What must hold of a file that is opened, before anything is built on it.
    ///
    /// - Throws: `StoreError.damaged`.
    static func checkStart(_ connection: Connection, _ state: StoreState) throws {
        for origin in state.origins where origin.folded > origin.logged {
            throw damage("the cursor of \(origin.origin) stands at \(origin.folded), its log ends at \(origin.logged)")
        }
        for origin in state.origins where origin.headHash.count != EntryChain.hashBytes {
            throw damage("entry \(origin.origin):\(origin.logged) has no hash")
        }
        // Entries of an origin that has no cursor: one search for each origin.
        var next = try LogTable.nextOrdinal(connection, after: nil)
        while let ordinal = next {
            guard state.origins.contains(where: { $0.ordinal == ordinal }) else {
                throw damage("the log has entries of an origin without a cursor")
            }
            next = try LogTable.nextOrdinal(connection, after: ordinal)
        }
        for origin in state.origins where origin.logged > 0 { try checkNewest(connection, origin) }
        try checkTables(connection)
    }

    /// The name and the number of a log are in each of its entries: under another name it would be
    /// taken for another park's, and shown to all.
    private static func checkNewest(_ connection: Connection, _ origin: OriginState) throws {
        let header: EntryHeader?
        do {
            header = try LogTable.header(connection, ordinal: origin.ordinal, seq: origin.logged)
        } catch is DecodingFailure {
            throw damage("entry \(origin.origin):\(origin.logged) was altered and cannot be read")
        }
        guard let header, header.origin != origin.origin || header.seq != origin.logged else { return }
        throw damage(
            """
            the log of \(origin.origin) ends with \(origin.logged), which is \(header.origin):\(header.seq): a \
            name or a number was changed
            """
        )
    }

    /// Tables have numbers without gaps; rows of other own tables go by them.
    private static func checkTables(_ connection: Connection) throws {
        let count = try connection.int64("SELECT count(*) FROM _parksync_table") ?? 0
        let (first, last) = (
            try connection.int64("SELECT min(ordinal) FROM _parksync_table"),
            try connection.int64("SELECT max(ordinal) FROM _parksync_table")
        )
        guard count == 0 || (first == 1 && last == count) else {
            throw damage("the numbers of the tables in _parksync_table were changed")
        }
    }

    /// A file that has tables has had schema files, one behind the other. Without this they would
    /// be executed again, over the park's rows.
    ///
    /// - Parameter newest: the number of the newest.
    static func checkSchemaFiles(_ connection: Connection, newest: Int64) throws {
        let count = try connection.int64("SELECT count(*) FROM _parksync_schema") ?? 0
        let tables = try connection.int64("SELECT count(*) FROM _parksync_table") ?? 0
        guard count == newest, newest > 0 || tables == 0 else {
            throw damage(
                """
                _parksync_schema has lost schema files that were executed: \(count) are there, the newest has \
                the number \(newest)
                """
            )
        }
    }

    static func damage(_ what: String) -> StoreError { StoreError(.damaged, what, remedy: StoreError.damageRemedy) }
}

/// Where a walk along the log stands, and what is known of damage to it.
struct LogWalk {
    /// The row behind which it goes on.
    var position: Int64 = 0
    /// The first entry of each origin's log as it was seen last.
    var starts: [Int64: UInt64] = [:]
    /// Found by the walk; the next walk that ends without it takes it back.
    var gap: StoreError?
    var hasGap = false

    /// Entries that one step looks at.
    static let stepRows = 8_192

    /// Looks at the next rows: within an origin each follows the one before.
    mutating func step(_ connection: Connection) throws {
        let statement = try connection.statement("SELECT id FROM _parksync_log WHERE id > ?1 ORDER BY id LIMIT ?2")
        defer { statement.reset() }
        statement.bind(1, position)
        statement.bind(2, Self.stepRows)
        var rows = 0
        while try statement.step() {
            let id = statement.int64(0)
            rows += 1
            if id > 0, LogTable.ordinal(id) == LogTable.ordinal(position), position > 0 {
                if LogTable.seq(id) != LogTable.seq(position) &+ 1 {
                    note(
                        id,
                        "entry \(LogTable.seq(position) &+ 1) of origin \(LogTable.ordinal(id)) is missing in the log")
                }
            } else {
                try begin(id, connection)
            }
            position = id
        }
        if rows < Self.stepRows {
            if !hasGap { gap = nil }
            (position, hasGap) = (0, false)
        }
    }

    private mutating func note(_ id: Int64, _ what: String) {
        hasGap = true
        if gap == nil { gap = LogSoundness.damage(what) }
    }

    /// The first row of an origin: where it was before, or behind what was archived since.
    private mutating func begin(_ id: Int64, _ connection: Connection) throws {
        let (ordinal, first) = (LogTable.ordinal(id), LogTable.seq(id))
        let expected = starts[ordinal] ?? first
        let archived = first > expected ? try SegmentTable.all(connection, ordinal: ordinal).last?.last : nil
        if first > expected, archived.map({ $0 < first &- 1 }) ?? true {
            note(id, "entries \(expected) to \(first &- 1) of origin \(ordinal) are missing in the log")
        } else {
            starts[ordinal] = first
        }
    }
}

/// What a store knows of damage to its log; shared by the queue that writes and those who ask.
final class LogWatch: Sendable {
    private struct State {
        var found: StoreError?
        var walk = LogWalk()
        /// Rows that no entry stands for, found by a pass; taken back by the look that finds them
        /// gone.
        var planted: StoreError?
        var hasObstacle = false
    }
    private let state = Mutex(State())

    var damage: StoreError? { state.withLock { $0.found ?? $0.planted ?? $0.walk.gap } }
    var hasPlanted: Bool { state.withLock { $0.planted != nil } }
    func setPlanted(_ damage: StoreError?) { state.withLock { $0.planted = damage } }
    var gap: StoreError? { state.withLock { $0.walk.gap } }
    func set(_ damage: StoreError?) { state.withLock { $0.found = damage } }
    /// Something hangs on an own table and could not be dropped: it is looked for until it is gone.
    func setObstacle() { state.withLock { $0.hasObstacle = true } }

    func refuseObstacle(_ own: OwnTables) throws {
        guard state.withLock({ $0.hasObstacle }) else { return }
        try own.refuseForeign()
        state.withLock { $0.hasObstacle = false }
    }

    func step(_ connection: Connection) throws {
        try state.withLock { try $0.walk.step(connection) }
    }
}

extension ParkStore {
    /// What somebody has done to the log, if anything: while it is so nothing is written, sealed or
    /// applied.
    package var damage: StoreError? { board.logWatch.damage }

    /// Looks whether an entry stands for each row that says which entries count, and what is left
    /// of dropped traces.
    ///
    /// - Throws: `StoreError.damaged` for the first for which none does. It stays the store's
    ///   damage until it is gone.
    package func checkControls() async throws {
        try await readers.read(.background) { [logWatch = board.logWatch] reader in
            try reader.snapshot {
                do { try ControlRows.check(reader.connection, try reader.originState()) } catch let error as StoreError
                    where error.isOfFile
                {
                    logWatch.setPlanted(error)
                    throw error
                }
            }
        }
    }

    /// Looks now, and not at the next piece of work.
    ///
    /// - Returns: what is damaged; nil if nothing is.
    package func lookedForDamage() async -> StoreError? {
        // What fails otherwise is found by who asks for it.
        _ = try? await onQueue { _ in }
        return damage
    }

    /// Looks at the next piece of the log, so that all of it is looked at in time.
    package func walkLog() async throws {
        try await readers.read(.background) { [logWatch = board.logWatch] reader in
            try reader.snapshot { try logWatch.step(reader.connection) }
        }
    }
}

extension StoreCore {
    /// Looks whether the files are still the open ones, and at the own tables and the log if
    /// another connection has written to the file since the last look.
    ///
    /// - Throws: `StoreError.damaged` as long as they are.
    func refuseDamage() throws {
        do {
            try board.openFiles.check()
            let version = try applier.connection.int64("PRAGMA data_version")
            if version != seenVersion || logWatch.damage != nil {
                try lookForDamage()
                seenVersion = version
                logWatch.set(nil)
            }
        } catch let error as StoreError where error.code == .damaged {
            logWatch.set(error)
        } catch let error as StoreError where error.code == .sql {
            // A table is missing, or another one stands in its place.
            logWatch.set(LogSoundness.damage(error.reason))
        }
        if let damage = logWatch.damage { throw damage }
    }

    private func lookForDamage() throws {
        let own = OwnTables(connection: applier.connection, schema: schema)
        let cookie = try CaptureGuard.cookie(applier.connection)
        if cookie != seenCookie || logWatch.damage != nil {
            try own.check()
            seenCookie = cookie
        }
        try logWatch.refuseObstacle(own)
        try LogSoundness(connection: applier.connection).check(current)
        try lookForPlanted()
    }

    /// Looks at the tables that say which entries count, if they are not as this node has left
    /// them.
    private func lookForPlanted() throws {
        let connection = applier.connection
        guard try logWatch.hasPlanted || ControlMemory.isOther(connection, current) else { return }
        try ControlRows.check(
            connection, try SQLReader(connection: connection).originState(), looksAtTraces: logWatch.hasPlanted)
        logWatch.setPlanted(nil)
    }
}
