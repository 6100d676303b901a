import ParkSyncCore
import ParkSyncReplication

/// What a lying park's peers see of it: a log that has what it tells, and nothing of what it hears.
final class LyingLog: ChangeLog, @unchecked Sendable {
    // Confined to one thread.
    private(set) var park: LyingPark
    private let schemaNumber: UInt64
    private let schemaHash: [UInt8]
    private var hashes: [[UInt8]] = [EntryChain.genesis]
    /// A slice that no honest node takes, and how often it is still told.
    private var refused: (slice: LogSlice, times: Int)?
    /// The last entry before the first one that waits for ever; nil if none does.
    private(set) var appliedMax: UInt64?

    init(_ park: LyingPark, schemaNumber: UInt64, schemaHash: [UInt8]) {
        self.park = park
        self.schemaNumber = schemaNumber
        self.schemaHash = schemaHash
    }

    /// Tells one more lie, or the truth.
    ///
    /// - Returns: the payloads that honest nodes log.
    func tell(_ lie: Lie, now: UInt64, victim: String) throws -> [[UInt8]] {
        let before = park.seq
        let told = try park.tell(lie, now: now, victim: victim, count: 20)
        for payload in told.payloads { hashes.append(SpecEncoding.entryHash(payload, after: hashes.last ?? EntryChain.genesis)) }
        if told.fate == .refused { refused = told.slices.first.map { ($0, 3) } }
        if lie == .newerSchema || lie == .missingDependency { appliedMax = min(appliedMax ?? before, before) }
        return told.payloads
    }

    func state() -> NodeState {
        var vector = VersionVector()
        vector[park.origin] = park.seq + (refused == nil ? 0 : 1)
        return NodeState(
            origin: park.origin, schemaNumber: schemaNumber, schemaHash: schemaHash, applied: vector, logged: vector, digest: nil)
    }

    func hash(of origin: OriginID, seq: UInt64) throws -> [UInt8]? {
        seq == 0 ? EntryChain.genesis : origin == park.origin && seq < UInt64(hashes.count) ? hashes[Int(seq)] : nil
    }

    func read(origin: OriginID, after seq: UInt64, bytesMax: Int) throws -> LogSlice? {
        guard origin == park.origin else { return nil }
        if seq < UInt64(park.log.count) { return park.log[Int(seq)] }
        guard let (slice, times) = refused, slice.first == seq + 1 else {
            refused = nil
            return nil
        }
        refused = times > 1 ? (slice, times - 1) : nil
        return slice
    }

    func receive(_ slice: LogSlice, then finish: @escaping @Sendable (Result<Void, any Error>) -> Void) { finish(.success(())) }

    func observe(_ body: @escaping @Sendable () -> Void) -> ObservationToken { ObservationToken {} }
}
