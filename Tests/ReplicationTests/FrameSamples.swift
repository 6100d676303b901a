import ParkSyncCore

@testable import ParkSyncReplication
@testable import ParkSyncWire

/// One message of every shape, for the tests of the coding.
enum FrameSamples {
    private static let parks = [
        origin("airport"), origin("science-city"), origin("south"), origin("south~2"), origin("west"),
    ]

    private static func bytes(_ value: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: value, count: count) }

    private static func vector(_ pairs: [(OriginID, UInt64)]) -> VersionVector { VersionVector(pairs) }

    static let full = NodeState(
        origin: parks[2], schemaNumber: 300, schemaHash: bytes(4, 32),
        applied: vector([(parks[0], 5), (parks[3], 127), (parks[4], CoreLimits.entryNumberMax - 1)]),
        logged: vector([(parks[0], 6), (parks[1], 128), (parks[3], 127), (parks[4], CoreLimits.entryNumberMax)]),
        digest: StateDigest(vector: vector([(parks[0], 5)]), schemaNumber: 299, hash: bytes(7, 32)))

    static let bare = NodeState(
        origin: parks[3], schemaNumber: 0, schemaHash: bytes(0, 32), applied: VersionVector(), logged: VersionVector(),
        digest: nil)

    static let frames: [LogFrame] = [
        .hello(full, protocolVersion: WireLimits.protocolVersion, wallMilliseconds: 1_795_500_000_000),
        .hello(bare, protocolVersion: WireLimits.protocolVersion, wallMilliseconds: 0),
        .entries(LogSlice(origin: parks[0], first: 7, count: 2, body: [1, 9, 2, 8, 8], signature: bytes(3, 64))),
        .entries(
            LogSlice(
                origin: parks[3], first: 1 << 39, count: 1, body: [200, 1] + bytes(9, 200), signature: bytes(255, 64))),
        .state(full, wallMilliseconds: (1 << 48) - 1),
        .state(bare, wallMilliseconds: 1),
        .gone(parks[4], oldestKept: 99),
        .gone(parks[1], oldestKept: CoreLimits.entryNumberMax),
        .branch(
            LogBranch(
                origin: parks[3],
                heads: [
                    .init(seq: CoreLimits.entryNumberMax, hash: bytes(1, 32), signature: bytes(3, 64)),
                    .init(seq: 1, hash: bytes(2, 32), signature: []),
                ])),
        .branch(LogBranch(origin: parks[2], heads: [])),
        .goodbye(kind: GoodbyeKind.fork, reason: "entry 7 of west is another one 两个条目", remedy: "Ask its operator."),
        .goodbye(kind: "", reason: "", remedy: ""),
    ]

    static let requests: [LogRequest] = [
        LogRequest(state: bare, wallMilliseconds: 0, wants: []),
        LogRequest(
            state: full, wallMilliseconds: 77,
            wants: [
                LogWant(origin: parks[4], after: 4, hash: bytes(1, 32)),
                LogWant(origin: parks[0], after: 0, hash: EntryChain.genesis),
                LogWant(origin: parks[3], after: CoreLimits.entryNumberMax, hash: bytes(2, 32)),
            ]),
    ]

    /// A frame's bytes around a body that is not checked.
    static func frame(_ kind: UInt8, length: Int, body: [UInt8] = []) -> [UInt8] {
        [kind] + (0..<4).map { UInt8(truncatingIfNeeded: length >> ((3 - $0) * 8)) } + body
    }

    static func frame(_ kind: UInt8, _ write: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter()
        write(&writer)
        return frame(kind, length: writer.bytes.count, body: writer.bytes)
    }

    /// All frames in the bytes; what follows the last complete one is left.
    static func parse(_ bytes: [UInt8]) throws -> [LogFrame] {
        var parser = FrameParser()
        parser.append(bytes)
        var result: [LogFrame] = []
        while let frame = try parser.next() { result.append(frame) }
        return result
    }

    /// Changes, inserts or removes one to four bytes.
    static func mutated(_ original: [UInt8], seed: UInt64) -> [UInt8] {
        var random = SplitMix64(state: seed)
        var bytes = original
        for _ in 0...random.below(4) where !bytes.isEmpty {
            let place = Int(random.below(UInt64(bytes.count)))
            // Lengths and counts fail at their bounds rather than anywhere.
            let edges: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, UInt8(truncatingIfNeeded: random.next())]
            let value = edges[Int(random.below(6))]
            switch random.below(4) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(value, at: place)
            case 2: bytes[place] ^= 1 << UInt8(random.below(8))
            default: bytes[place] = value
            }
        }
        return bytes
    }
}
