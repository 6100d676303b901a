import ParkSyncCore
import ParkSyncWire

/// Well-formed values of each kind.
enum Samples {
    static let origins = ["airport", "bio-city", "south~2", "west"].compactMap { OriginID($0) }
    static let hash = Array(0x20..<0x40 as Range<UInt8>)
    static let signature = [UInt8](repeating: 0x5A, count: EntryChain.signatureBytes)
    static let vector = VersionVector(zip(origins, [3, 1, 77, (UInt64(1) << 40) - 1]))

    static let keys: [[UInt8]] = [
        [Value.integer(5)], [.integer(.min)], [.string("south:lab:1")], [.blob([0, 1, 0, 255])],
        [.string("a\0b"), .integer(-1)],
        [.blob([]), .string(""), .integer(.max)], [.double(-0.0), .string("国")],
    ].compactMap { KeyCoding.encode($0) }

    static let controls: [ControlRecord] = origins.prefix(1).flatMap { origin -> [ControlRecord] in
        [
            .compaction(frontier: vector), .incarnation(of: origin, after: 7, hash: hash),
            .withdrawal(of: origin, first: 2, last: 9),
            .fence(park: "west", after: VersionVector(origins.filter { $0.park == "west" }.map { ($0, 4) })),
            .memberKey(park: "west", key: hash),
        ]
    }

    static let headers: [EntryHeader] = origins.map { origin in
        EntryHeader(
            origin: origin, seq: 2, stamp: Stamp(milliseconds: 1_795_500_000_000, counter: 1), schemaNumber: 1,
            dependencies: vector.elements.filter { $0.origin != origin }, seenHash: origin.park == "west" ? nil : hash,
            author: "li.wei",
            note: "更正")
    }

    static var payloads: [[UInt8]] {
        headers.flatMap { header -> [[UInt8]] in
            var rows = ChangeWriter(header: header, tableCount: 2)
            rows.beginTable(TableBlock(name: "lab", columnCount: 3, changeCount: 3))
            write([.string("Laser"), .integer(300), .null], key: [.string("lab-1")], .insert, to: &rows)
            write(
                [.integer(-1), .double(1.5)], key: [.string("lab-2")], length: 3, .update(ColumnMask(rawValue: 0b110)),
                to: &rows)
            write([], key: [.string("lab-7")], length: 2, .delete, to: &rows)
            rows.beginTable(TableBlock(name: "note", columnCount: 1, changeCount: 1))
            write([.blob([0, 255])], key: [.integer(7), .blob([1])], .insert, to: &rows)
            var said = ChangeWriter(header: header, tableCount: 1)
            said.controls(controls)
            let empty = ChangeWriter(header: header, tableCount: 0)
            return [rows, said, empty].map(\.writer.bytes)
        }
    }

    private static func write(
        _ values: [Value], key: [Value], length: UInt64 = 1, _ kind: IncomingChange.Kind, to writer: inout ChangeWriter
    ) {
        var encoded = ByteWriter()
        for value in values { ValueCoding.write(value, to: &encoded) }
        guard let key = KeyCoding.encode(key) else { return }
        key.withUnsafeBytes { key in
            encoded.bytes.withUnsafeBytes {
                writer.change(key: key, causalLength: CausalLength(rawValue: length), kind: kind, values: $0)
            }
        }
    }

    static let states: [NodeState] = origins.map { origin in
        NodeState(
            origin: origin, schemaNumber: 3, schemaHash: hash, applied: vector, logged: vector,
            digest: origin.park == "west" ? nil : StateDigest(vector: vector, schemaNumber: 3, hash: hash))
    }

    static let slices: [LogSlice] = origins.prefix(2).map { origin in
        var body = ByteWriter()
        for payload in payloads.prefix(3) { body.prefixed(payload) }
        return LogSlice(origin: origin, first: 5, count: 3, body: body.bytes, signature: signature)
    }

    static var frames: [LogFrame] {
        let wall: UInt64 = 1_795_500_000_000
        return states.flatMap { state -> [LogFrame] in
            [
                .hello(state, protocolVersion: WireLimits.protocolVersion, wallMilliseconds: wall),
                .state(state, wallMilliseconds: wall),
                .gone(state.origin, oldestKept: 12),
                .branch(
                    LogBranch(
                        origin: state.origin,
                        heads: [9, 8, 1].map {
                            LogBranch.Head(seq: $0, hash: hash, signature: $0 == 8 ? [] : hash + hash)
                        })),
                .goodbye(kind: GoodbyeKind.fork, reason: "two entries", remedy: "Look at both."),
            ]
        } + slices.map { .entries($0) }
    }

    static var requests: [LogRequest] {
        states.map { state in
            LogRequest(
                state: state, wallMilliseconds: 1_795_500_000_000,
                wants: origins.map { LogWant(origin: $0, after: 4, hash: hash) })
        }
    }
}
