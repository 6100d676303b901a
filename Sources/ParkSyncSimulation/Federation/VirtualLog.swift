import Dispatch
import ParkSyncCore
import ParkSyncReplication
import Synchronization

/// A log in memory whose entries are numbered byte strings.
///
/// Its hashes are a chain and its signatures follow from the last hash, so that a batch that was
/// put together wrongly is refused here as it would be by the real store.
package final class VirtualLog: ChangeLog {
    private struct Entry {
        var body: [UInt8]
        var hash: UInt64
    }

    private struct Contents {
        var state: NodeState
        var entries: [OriginID: [Entry]] = [:]
        var oldestKept: [OriginID: UInt64] = [:]
        var distrusted: Set<OriginID> = []
        var damaged: Set<OriginID> = []
        var isBroken = false
        var standing = LogStanding.ready
        var matched: UInt64 = 0
        let hasDigests: Bool
        /// Of all entries, whatever their order; equal for equal vectors unless entries differ.
        var sum: UInt64 = 0
        var dropped: Set<OriginID> = []
        var observers: [UInt64: @Sendable () -> Void] = [:]
        var observersMade: UInt64 = 0
    }

    /// What a log says that cannot be read.
    package struct Broken: Error {
        package init() {}
    }

    package let origin: OriginID
    private let contents: Mutex<Contents>
    private let intake = DispatchQueue(label: "parksync.virtual-log")

    package init(_ origin: OriginID, schemaNumber: UInt64 = 1, schemaHash: UInt8 = 1, hasDigests: Bool = false) {
        self.origin = origin
        contents = Mutex(
            Contents(
                state: NodeState(
                    origin: origin, schemaNumber: schemaNumber,
                    schemaHash: [UInt8](repeating: schemaHash, count: EntryChain.hashBytes),
                    applied: VersionVector(), logged: VersionVector(), digest: nil), hasDigests: hasDigests))
    }

    // MARK: what a test or a simulation does

    /// - Returns: the new entry's number.
    @discardableResult package func append(_ body: [UInt8]) -> UInt64 {
        defer { notify() }
        return contents.withLock { Self.append(body, of: origin, to: &$0) }
    }

    package func standing() -> LogStanding { contents.withLock { $0.standing } }
    package func set(_ standing: LogStanding) { contents.withLock { $0.standing = standing } }

    /// From now on nothing can be read.
    package func breakDown() { contents.withLock { $0.isBroken = true } }

    /// Keeps nothing before `seq`.
    package func forget(_ origin: OriginID, before seq: UInt64) { contents.withLock { $0.oldestKept[origin] = seq } }

    /// Takes no signature of this origin for valid, as if its key had been changed.
    package func distrust(_ origin: OriginID) { _ = contents.withLock { $0.distrusted.insert(origin) } }

    /// From now on hands out this origin's entries with a wrong signature.
    package func damage(_ origin: OriginID) { _ = contents.withLock { $0.damaged.insert(origin) } }

    /// From now on says of this origin's entries that they were stored, and does not store them:
    /// the fault that no honest log has.
    package func drop(_ origin: OriginID) { _ = contents.withLock { $0.dropped.insert(origin) } }

    /// A new disk: the entries are lost, the name stays.
    package func loseEverything() {
        contents.withLock {
            ($0.entries, $0.oldestKept) = ([:], [:])
            ($0.state.applied, $0.state.logged, $0.state.digest, $0.sum) = (VersionVector(), VersionVector(), nil, 0)
        }
    }

    package func change(_ body: (inout NodeState) -> Void) { contents.withLock { body(&$0.state) } }

    package var vector: VersionVector { contents.withLock { $0.state.logged } }

    package func body(of origin: OriginID, seq: UInt64) -> [UInt8]? {
        contents.withLock { contents in
            guard let log = contents.entries[origin], seq > 0, seq <= UInt64(log.count) else { return nil }
            return log[Int(seq) - 1].body
        }
    }

    // MARK: ChangeLog

    package func state() -> NodeState { contents.withLock { $0.state } }

    package func hash(of origin: OriginID, seq: UInt64) throws -> [UInt8]? {
        contents.withLock { contents in
            if seq == 0 { return EntryChain.genesis }
            guard let log = contents.entries[origin], seq <= UInt64(log.count), seq >= contents.oldestKept[origin] ?? 0
            else { return nil }
            return Self.bytes(log[Int(seq) - 1].hash, count: EntryChain.hashBytes)
        }
    }

    package func head(of origin: OriginID, upTo seq: UInt64) throws -> LogBranch.Head? {
        let last = min(seq, state().logged[origin])
        guard last > 0, let hash = try hash(of: origin, seq: last) else { return nil }
        return LogBranch.Head(seq: last, hash: hash, signature: hash + hash)
    }

    package func isSigned(_ head: LogBranch.Head, of origin: OriginID) -> Bool {
        head.signature == head.hash + head.hash
    }

    package func served(_ origin: OriginID) -> UInt64 {
        contents.withLock { !origin.isOfSamePark(as: self.origin) || $0.standing.servesOwn ? .max : $0.matched }
    }

    /// While the log may be an old copy, own entries are served up to this one.
    package func match(through seq: UInt64) {
        contents.withLock { $0.matched = seq }
        notify()
    }

    package func read(origin: OriginID, after seq: UInt64, through last: UInt64, bytesMax: Int) throws -> LogSlice? {
        try contents.withLock { contents in
            if contents.isBroken { throw Broken() }
            guard let log = contents.entries[origin]?.prefix(Int(clamping: last)), seq < UInt64(log.count) else {
                return nil
            }
            if let oldest = contents.oldestKept[origin], seq &+ 1 < oldest {
                throw LogGone(origin: origin, oldestKept: oldest)
            }
            var writer = ByteWriter()
            var count = 0
            for entry in log[Int(seq)...] {
                if count > 0, writer.bytes.count + entry.body.count > bytesMax { break }
                writer.prefixed(entry.body)
                count += 1
            }
            let signed = log[Int(seq) + count - 1].hash ^ (contents.damaged.contains(origin) ? 2 : 0)
            return LogSlice(
                origin: origin, first: seq + 1, count: count, body: writer.bytes, signature: Self.signature(signed))
        }
    }

    /// The same as `receive`, for one thread without tasks.
    package func store(_ slice: LogSlice) throws {
        try contents.withLock { contents in
            let bodies = try Self.bodies(of: slice)
            let known = try Self.verify(slice, bodies, contents)
            if contents.dropped.contains(slice.origin) { return }
            for body in bodies.dropFirst(known + 1 - Int(slice.first)) {
                Self.append(body, of: slice.origin, to: &contents)
            }
        }
    }

    /// - Returns: how many entries of the slice's origin are known.
    private static func verify(_ slice: LogSlice, _ bodies: [[UInt8]], _ contents: Contents) throws -> Int {
        let log = contents.entries[slice.origin] ?? []
        func refused(_ cause: SliceRefused.Cause, _ reason: String) -> SliceRefused {
            SliceRefused(
                cause, origin: slice.origin, first: slice.first, reason: reason, remedy: "None: the log is virtual.")
        }
        guard slice.first > 0, slice.first <= UInt64(log.count) + 1 else {
            throw refused(.gap, "only \(log.count) entries are known")
        }
        var hash = slice.first == 1 ? 0 : log[Int(slice.first) - 2].hash
        for (index, body) in bodies.enumerated() {
            hash = Self.hash(body, after: hash)
            let place = Int(slice.first) - 1 + index
            guard place >= log.count || log[place].hash == hash else {
                throw refused(.fork, "entry \(place + 1) is another one here")
            }
        }
        guard slice.signature == signature(hash), !contents.distrusted.contains(slice.origin) else {
            throw refused(.wrongSignature, "the signature is not that of the last entry")
        }
        return log.count
    }

    package func receive(_ slice: LogSlice, then finish: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        intake.async { [self] in
            let result = Result { try store(slice) }
            if case .success = result { notify() }
            finish(result)
        }
    }

    package func observe(_ body: @escaping @Sendable () -> Void) -> ObservationToken {
        let number = contents.withLock { contents in
            contents.observersMade += 1
            contents.observers[contents.observersMade] = body
            return contents.observersMade
        }
        return ObservationToken { [weak self] in self?.contents.withLock { $0.observers[number] = nil } }
    }

    private func notify() {
        for (_, observer) in contents.withLock({ $0.observers.sorted { $0.key < $1.key } }) { observer() }
    }

    // MARK: chain

    @discardableResult private static func append(_ body: [UInt8], of origin: OriginID, to contents: inout Contents)
        -> UInt64
    {
        let hash = hash(body, after: contents.entries[origin]?.last?.hash ?? 0)
        contents.entries[origin, default: []].append(Entry(body: body, hash: hash))
        contents.sum &+= hash
        let seq = contents.state.logged[origin] + 1
        let isAllApplied = contents.state.applied == contents.state.logged
        contents.state.logged[origin] = seq
        // Equal vectors share their memory: hundreds of nodes keep each other's.
        if isAllApplied { contents.state.applied = contents.state.logged } else { contents.state.applied[origin] = seq }
        if contents.hasDigests {
            contents.state.digest = StateDigest(
                vector: contents.state.applied, schemaNumber: contents.state.schemaNumber,
                hash: bytes(contents.sum, count: EntryChain.hashBytes))
        }
        return seq
    }

    private static func bodies(of slice: LogSlice) throws -> [[UInt8]] {
        try slice.body.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            var bodies: [[UInt8]] = []
            for _ in 0..<slice.count {
                bodies.append(Array(try reader.prefixed("an entry", max: CoreLimits.payloadBytesMax)))
            }
            try reader.expectEnd("the slice")
            return bodies
        }
    }

    private static func hash(_ body: [UInt8], after before: UInt64) -> UInt64 {
        var hash = SplitMix64(state: before &+ UInt64(body.count)).mixed
        // Some bytes decide for all: hashing megabytes is no part of what is tested here.
        for byte in body.prefix(32) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash | 1
    }

    private static func bytes(_ hash: UInt64, count: Int) -> [UInt8] {
        var (random, word) = (SplitMix64(state: hash), UInt64(0))
        return (0..<count).map { place in
            word = place % 8 == 0 ? random.next() : word >> 8
            return UInt8(truncatingIfNeeded: word)
        }
    }

    private static func signature(_ hash: UInt64) -> [UInt8] { bytes(hash, count: EntryChain.signatureBytes) }
}

extension SplitMix64 {
    fileprivate var mixed: UInt64 {
        var copy = self
        return copy.next()
    }
}
