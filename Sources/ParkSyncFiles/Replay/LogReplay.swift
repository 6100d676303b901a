import ParkSyncCore
import ParkSyncStore

/// Applies logs of another file to a database that is being made, entry by entry, as a node applies
/// what it receives.
///
/// Nothing of the other file is taken but entries whose chain holds; `OriginLog` checks them.
final class LogReplay {
    let schema: SharedSchema
    /// Of the database that is being made.
    var state: StoreState
    private(set) var entries = 0
    private let connection: Connection
    private let target: Applier
    private let wallMilliseconds: UInt64

    /// How many entries of each origin are copied before they are applied, and about how many bytes
    /// of them.
    static let chunkEntries = 2_000
    static let chunkBytes = 16 << 20
    /// For stamps that were judged when the entries were received: all of them are taken.
    static let farFuture: UInt64 = 1 << 47

    /// - Parameters:
    ///   - connection: of a database with the schema's tables, which nobody else uses.
    ///   - own: an origin that the database has; it need not be anybody's.
    ///   - wallMilliseconds: entries that are too far ahead of it are held.
    init(_ connection: Connection, own: OriginID, schema: SharedSchema, wallMilliseconds: UInt64 = farFuture) throws {
        (self.connection, self.schema, self.wallMilliseconds) = (connection, schema, wallMilliseconds)
        state = try connection.transaction { try StateLoader.load(connection, origin: own, schema: schema) }
        // The log has all entries, also those of the own origin, and none of them is in the tables
        // yet.
        state.replayAll()
        target = try Applier(connection: connection, schema: schema)
    }

    /// Copies and applies what can be applied, to the end of the logs.
    func run(_ logs: inout [OriginLog]) throws {
        // What was copied before is applied first.
        while try applyBatch() {}
        while try copy(&logs) { while try applyBatch() {} }
    }

    /// Copies what is left of the logs, and applies nothing of it.
    func append(_ logs: inout [OriginLog]) throws { while try copy(&logs) {} }

    private func copy(_ logs: inout [OriginLog]) throws -> Bool {
        var isMoving = false
        try connection.transaction { for index in logs.indices where try copy(&logs[index]) { isMoving = true } }
        return isMoving
    }

    private func copy(_ log: inout OriginLog) throws -> Bool {
        let copied = try log.next(Self.chunkEntries, bytesMax: Self.chunkBytes)
        guard let last = copied.last else { return false }
        let index = try state.adopt(log.origin, connection)
        for entry in copied {
            // Who has given the key of a park counts here as where the entries came in.
            try entry.payload.withUnsafeBytes {
                try MemberWords.note(connection, $0, by: log.origin.park, known: &state.memberKeys)
            }
            try LogTable.insert(
                connection, ordinal: state.origins[index].ordinal, seq: entry.seq, stamp: entry.stamp, hash: entry.hash,
                signature: entry.signature, payload: entry.payload)
        }
        state.origins[index].logged = last.seq
        state.origins[index].headHash = last.hash
        entries += copied.count
        return true
    }

    private func applyBatch() throws -> Bool {
        do {
            return try apply { queue, next in try target.applyBatch(&queue, &next, wallMilliseconds: wallMilliseconds) }
        } catch let error as StoreError where error.code == .constraint {
            return try apply { queue, next in try target.applySingly(&queue, &next, wallMilliseconds: wallMilliseconds)
            }
        }
    }

    private func apply(_ body: (inout EntryQueue, inout StoreState) throws -> Bool) throws -> Bool {
        var queue = EntryQueue(connection: connection, schema: schema)
        var next = state
        let moved = try connection.transaction {
            let moved = try body(&queue, &next)
            try StateLoader.save(connection, next, before: state)
            return moved
        }
        state = next
        return moved
    }
}
