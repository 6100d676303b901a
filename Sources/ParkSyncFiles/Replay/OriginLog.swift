import Crypto
import ParkSyncCore
import ParkSyncStore

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
    private(set) var last: UInt64
    private(set) var findings: [String] = []
    private let reader: SQLReader
    private let ordinal: Int64
    private let until: UInt64?
    private let key: Curve25519.Signing.PublicKey?
    private(set) var seq: UInt64 = 0
    private var hash = EntryChain.genesis
    private var signed: UInt64 = 0
    private var isDone = false

    /// - Parameters:
    ///   - start: the entry that it goes on from, and that one's hash; nil for the beginning.
    ///   - until: Unix milliseconds; entries after this time are not replayed. Nil for all.
    ///   - key: nil leaves signatures unchecked.
    init(
        _ reader: SQLReader, ordinal: Int64, origin: OriginID, after start: (seq: UInt64, hash: [UInt8])? = nil,
        last: UInt64, until: UInt64?,
        key: Curve25519.Signing.PublicKey?
    ) {
        (self.reader, self.ordinal, self.origin, self.last, self.until, self.key) = (
            reader, ordinal, origin, last, until, key
        )
        if let start { (seq, hash, signed) = (start.seq, start.hash, start.seq) }
    }

    /// From now on all entries are to be replayed that there are.
    mutating func goOn() { last = LogTable.seqMax }

    /// Up to `count` entries to replay, and not many more than `bytesMax` bytes of them; none at
    /// the end.
    mutating func next(_ count: Int, bytesMax: Int) throws -> [Entry] {
        guard !isDone, seq < last else { return [] }
        var result: [Entry] = []
        var bytes = 0
        try scan(through: last) { entry, log in
            let stamp = try entry.stamp()
            if let until = log.until, stamp.milliseconds > until {
                log.isDone = true
                return .enough
            }
            guard log.check(entry) else { return .enough }
            result.append(
                Entry(
                    seq: log.seq, stamp: stamp, hash: log.hash, signature: entry.signature.map { Array($0) },
                    payload: Array(entry.payload)))
            bytes += entry.payload.count
            return result.count < count && bytes < bytesMax ? .more : .enough
        }
        return result
    }

    /// Checks that the log ends with a signature; with a time, that one vouches for the last
    /// entries before it, which may lie beyond them. Call it when `next` has come to its end.
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
        if signed < (until == nil ? seq : replayed) {
            findings.append("\(origin): entries after \(signed) are not signed")
        }
    }

    /// Calls `body` with each entry after the last one that was taken. A segment that cannot be
    /// read ends the log.
    private mutating func scan(through end: UInt64, _ body: (LogEntryView, inout OriginLog) throws -> LogScan.Step)
        throws
    {
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
        guard isOfThisLog(entry) else {
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

    /// Whoever signs a log decides what its entries say of themselves: one that says to be of
    /// another log would count as that log's.
    private mutating func isOfThisLog(_ entry: LogEntryView) -> Bool {
        guard entry.payload.count <= CoreLimits.payloadBytesMax, let header = try? EntryHeader(of: entry.payload) else {
            findings.append("\(origin): entry \(entry.seq) cannot be read")
            return false
        }
        guard header.origin == origin, header.seq == entry.seq else {
            findings.append("\(origin): entry \(entry.seq) says that it is \(header.origin):\(header.seq)")
            return false
        }
        return true
    }
}
