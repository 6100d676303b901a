import Crypto
import ParkSyncCore

/// Reads one origin's log in order and checks its chain and signatures.
struct OriginLog {
    struct Entry {
        var seq: UInt64
        var stamp: Stamp
        var hash: [UInt8]
        var signature: [UInt8]?
        var payload: [UInt8]
    }
    let origin: OriginID
    /// The last entry that is replayed.
    let last: UInt64
    private(set) var findings: [String] = []
    private let reader: SQLReader
    private let ordinal: Int64
    private let until: UInt64?
    private let key: Curve25519.Signing.PublicKey?
    private var seq: UInt64 = 0
    private var hash = EntryChain.genesis
    private var signed: UInt64 = 0
    private var isDone = false

    /// - Parameters:
    ///   - until: Unix milliseconds; entries after this time are not replayed. Nil for all.
    ///   - key: nil leaves signatures unchecked.
    init(_ reader: SQLReader, ordinal: Int64, origin: OriginID, last: UInt64, until: UInt64?, key: Curve25519.Signing.PublicKey?) {
        (self.reader, self.ordinal, self.origin, self.last, self.until, self.key) = (reader, ordinal, origin, last, until, key)
    }

    /// Up to `count` entries to replay; none at the end.
    mutating func next(_ count: Int) throws -> [Entry] {
        guard !isDone, seq < last else { return [] }
        let statement = try statement(through: last, count: count)
        defer { statement.reset() }
        var result: [Entry] = []
        while try statement.step() {
            let stamp = Stamp(rawValue: statement.uint64(1))
            if let until, stamp.milliseconds > until {
                isDone = true
                break
            }
            guard check(statement) else { break }
            result.append(
                Entry(
                    seq: seq, stamp: stamp, hash: hash, signature: statement.isNull(2) ? nil : Array(statement.bytes(2)),
                    payload: Array(statement.bytes(3))))
        }
        return result
    }

    /// Checks that the log ends with a signature; with a time, that one vouches for the last entries before it, which may lie
    /// beyond them. Call it when `next` has come to its end.
    mutating func findHead() throws {
        guard findings.isEmpty else { return }
        let replayed = seq
        let statement = try statement(through: LogTable.seqMax, count: .max)
        defer { statement.reset() }
        while until == nil || signed < replayed, try statement.step() { guard check(statement) else { return } }
        if signed < (until == nil ? seq : replayed) { findings.append("\(origin): entries after \(signed) are not signed") }
    }

    private func statement(through end: UInt64, count: Int) throws -> RawStatement {
        let statement = try reader.connection.statement(
            "SELECT id, stamp, signature, payload FROM _parksync_log WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3")
        statement.bind(1, LogTable.id(ordinal, seq))
        statement.bind(2, LogTable.id(ordinal, end))
        statement.bind(3, count)
        return statement
    }

    /// Takes the statement's entry into the chain. False if it is not the next one.
    private mutating func check(_ statement: RawStatement) -> Bool {
        let number = UInt64(statement.int64(0)) & LogTable.seqMax
        guard number == seq + 1 else {
            findings.append("\(origin): entry \(seq + 1) is missing in the log")
            isDone = true
            return false
        }
        hash = EntryHash.of(payload: statement.bytes(3), previous: hash)
        seq = number
        guard !statement.isNull(2) else { return true }
        let message = EntryChain.headMessage(origin: origin, seq: number, hash: hash)
        if let key, !key.isValidSignature(Array(statement.bytes(2)), for: message) {
            findings.append("\(origin):\(number): the signature does not fit the log up to here")
        }
        signed = number
        return true
    }
}
