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
        var result: [Entry] = []
        try scan(through: last) { entry, log in
            let stamp = try entry.stamp()
            if let until = log.until, stamp.milliseconds > until {
                log.isDone = true
                return .enough
            }
            guard log.check(entry) else { return .enough }
            result.append(
                Entry(seq: log.seq, stamp: stamp, hash: log.hash, signature: entry.signature.map { Array($0) }, payload: Array(entry.payload)))
            return result.count < count ? .more : .enough
        }
        return result
    }

    /// Checks that the log ends with a signature; with a time, that one vouches for the last entries before it, which may lie
    /// beyond them. Call it when `next` has come to its end.
    mutating func findHead() throws {
        guard findings.isEmpty else { return }
        let replayed = seq
        if until == nil || signed < replayed {
            try scan(through: LogTable.seqMax) { entry, log in
                guard log.check(entry) else { return .enough }
                return log.until == nil || log.signed < replayed ? .more : .enough
            }
        }
        guard findings.isEmpty else { return }
        if signed < (until == nil ? seq : replayed) { findings.append("\(origin): entries after \(signed) are not signed") }
    }

    /// Calls `body` with each entry after the last one that was taken. A segment that cannot be read ends the log.
    private mutating func scan(through end: UInt64, _ body: (LogEntryView, inout OriginLog) throws -> LogScan.Step) throws {
        var log = self
        defer { self = log }
        do {
            try LogScan.ascend(
                reader.connection, origin: origin, ordinal: ordinal, after: seq, through: end, onFault: { throw $0 },
                { try body($0, &log) })
        } catch let fault as ArchiveFault {
            log.findings.append(fault.description)
            log.isDone = true
        }
    }

    /// Takes an entry into the chain. False if it is not the next one.
    private mutating func check(_ entry: LogEntryView) -> Bool {
        guard entry.seq == seq + 1 else {
            findings.append("\(origin): entry \(seq + 1) is missing in the log")
            isDone = true
            return false
        }
        hash = EntryHash.of(payload: entry.payload, previous: hash)
        seq = entry.seq
        guard let signature = entry.signature else { return true }
        let message = EntryChain.headMessage(origin: origin, seq: entry.seq, hash: hash)
        if let key, !key.isValidSignature(Array(signature), for: message) {
            findings.append("\(origin):\(entry.seq): the signature does not fit the log up to here")
        }
        signed = entry.seq
        return true
    }
}
