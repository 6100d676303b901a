import Crypto
import ParkSyncCore
import ParkSyncFiles
import ParkSyncStore

/// What a park may say that is not true, or not allowed.
package enum Lie: String, Codable, CaseIterable, Hashable, Sendable {
    /// Two different entries with one number, both signed.
    case fork
    case badSignature
    /// A row that belongs to another park.
    case foreignRow
    case changedAppendOnly
    case unknownTable
    /// A value that its column cannot hold.
    case misfit
    /// Bytes that are no changes behind a good header.
    case garbage
    /// Bytes that are not even a header.
    case garbageHeader
    /// A number that is longer than it need be.
    case padded
    /// A count of tables that no payload can hold.
    case hugeCount
    /// A slice that says to have more entries than bytes.
    case hugeSlice
    /// A row that was deleted and revived more often than anybody could.
    case longLife
    /// A change of a row that nobody ever inserted.
    case updateOfNothing
    /// A change, as if it had not seen what it has acknowledged, of a row that was deleted.
    case staleWrite
    /// A stamp below what the author has seen.
    case stampInThePast
    case stampInTheFuture
    case newerSchema
    /// It depends on an entry that does not exist.
    case missingDependency
    /// Takes an honest park out of the zone by its own word alone.
    case loneFence
    /// Votes an honest park out, and invents one beside that; takes back one that is not out.
    case vote, loneLift
    /// Many small entries, all of them good.
    case flood
}

/// What a lie comes to on every honest node.
package enum Fate: String, Codable, Hashable, Sendable {
    /// It is an entry like any other.
    case applied
    /// It is kept in the log, named, and changes nothing.
    case quarantined
    /// It is kept in the log, named, and waits.
    case held
    /// It is not taken into the log.
    case refused
    /// Whoever has one of the two refuses the other and says so.
    case forked
}

/// A park with a real key whose software is not ours. It makes slices that a simulated peer serves
/// instead of the truth.
package struct LyingPark: Sendable {
    package struct Told: Sendable {
        package var lie: Lie
        package var fate: Fate
        /// To be served in this order; of a fork either may be served to anybody.
        package var slices: [LogSlice]
        /// What an honest log has afterwards, for the judge; of a fork only the first.
        package var payloads: [[UInt8]]
    }

    package struct Change: Sendable {
        package var key: [Value]
        package var kind: IncomingChange.Kind
        package var length: UInt64?
        package var values: [Value]
        package init(_ key: [Value], _ values: [Value] = [], kind: IncomingChange.Kind = .insert, length: UInt64? = nil)
        {
            self.key = key
            self.kind = kind
            self.length = length
            self.values = values
        }
    }

    package struct Block: Sendable {
        package var table: String
        package var columns: Int
        package var changes: [Change]
        package init(_ table: String, columns: Int, _ changes: [Change]) {
            self.table = table
            self.columns = columns
            self.changes = changes
        }
    }

    package let origin: OriginID
    private let key: Curve25519.Signing.PrivateKey
    package private(set) var seq: UInt64 = 0
    private var hash = EntryChain.genesis
    private var lastStamp = Stamp.zero
    private var serial = 0
    /// What its good rows say.
    private var word = "good"
    /// What it has heard of the others' logs.
    package var heard: [SeenHead] = []
    /// Changes of rows that it has heard to be deleted.
    package var stale: [Change] = []
    package typealias SeenHead = (origin: OriginID, seq: UInt64, hash: [UInt8])
    /// All slices so far that an honest node takes, in order.
    package private(set) var log: [LogSlice] = []

    package init(_ origin: OriginID, key: Curve25519.Signing.PrivateKey) {
        self.origin = origin
        self.key = key
    }

    // MARK: making entries

    private mutating func stamp(_ now: UInt64) -> Stamp {
        var clock = HybridLogicalClock(last: lastStamp)
        lastStamp = clock.tick(wallMilliseconds: now)
        return lastStamp
    }

    /// A payload with the next number, well encoded whatever it says.
    package mutating func payload(
        _ blocks: [Block], now: UInt64, stamp: Stamp? = nil, schemaNumber: UInt64 = 1,
        dependencies: [VersionVector.Element] = [],
        seenHash: [UInt8]? = nil
    ) -> [UInt8] {
        let header = EntryHeader(
            origin: origin, seq: seq + 1, stamp: stamp ?? self.stamp(now), schemaNumber: schemaNumber,
            dependencies: dependencies,
            seenHash: seenHash, author: "liar")
        var writer = ChangeWriter(header: header, tableCount: blocks.count)
        for block in blocks {
            writer.beginTable(
                TableBlock(name: block.table, columnCount: block.columns, changeCount: block.changes.count))
            for change in block.changes {
                let length = CausalLength(rawValue: change.length ?? (change.kind == .delete ? 2 : 1))
                (KeyCoding.encode(change.key) ?? []).withUnsafeBytes { key in
                    change.values.flatMap { SpecEncoding.value($0) }.withUnsafeBytes {
                        writer.change(key: key, causalLength: length, kind: change.kind, values: $0)
                    }
                }
            }
        }
        return writer.writer.bytes
    }

    /// Signs a payload as the next entry.
    package mutating func sign(_ payload: [UInt8], advances: Bool = true) throws -> LogSlice {
        let next = SpecEncoding.entryHash(payload, after: hash)
        let message = SpecEncoding.headMessage(origin, seq + 1, hash: next)
        let slice = LogSlice(
            origin: origin, first: seq + 1, count: 1, body: SpecEncoding.prefixed(payload),
            signature: Array(try key.signature(for: message)))
        if advances {
            (seq, hash) = (seq + 1, next)
            log.append(slice)
        }
        return slice
    }

    /// The bytes of a snapshot's manifest, with its signature.
    func signed(_ manifest: SnapshotManifest) throws -> [UInt8] { try manifest.signed(by: key) }

    /// Says, for once truly, what it has heard.
    package mutating func acknowledge(now: UInt64) throws -> [UInt8] {
        let seen = heard.map { VersionVector.Element(origin: $0.origin, seq: $0.seq) }
        let payload = payload([], now: now, dependencies: seen, seenHash: SpecEncoding.seenHash(heard))
        _ = try sign(payload)
        return payload
    }

    private mutating func good(_ now: UInt64) -> Block {
        serial += 1
        return Block(
            "owned", columns: 2, [Change([.string("\(origin.park):lie-\(serial)")], [.string(word), .integer(1)])])
    }

    /// Goes on as the same park with other rows: where it forks, its entries have the same numbers,
    /// keys and stamps as those of the first branch.
    package mutating func become(_ word: String) { self.word = word }

    // MARK: lying

    /// - Parameters:
    ///   - now: Unix milliseconds.
    ///   - victim: another park.
    ///   - count: how many entries a flood has.
    package mutating func tell(_ lie: Lie, now: UInt64, victim: String, count: Int = 200) throws -> Told {
        switch lie {
        case .fork:
            let first = payload([good(now)], now: now)
            let second = payload([good(now)], now: now)
            let other = try sign(second, advances: false)
            return Told(lie: lie, fate: .forked, slices: [try sign(first), other], payloads: [first])
        case .badSignature:
            var slice = try sign(payload([good(now)], now: now), advances: false)
            slice.signature[7] ^= 0x20
            return Told(lie: lie, fate: .refused, slices: [slice], payloads: [])
        case .garbageHeader:
            return Told(
                lie: lie, fate: .refused, slices: [try sign([1, 0xFF, 0xFF, 0xFF, 7], advances: false)], payloads: [])
        case .hugeSlice:
            var slice = try sign(payload([good(now)], now: now), advances: false)
            slice.count = 1 << 40
            return Told(lie: lie, fate: .refused, slices: [slice], payloads: [])
        case .flood:
            let payloads = try (0..<count).map { _ in
                let payload = payload([good(now)], now: now)
                _ = try sign(payload)
                return payload
            }
            return Told(lie: lie, fate: .applied, slices: Array(log.suffix(count)), payloads: payloads)
        default:
            let (payload, fate) = single(lie, now: now, victim: victim)
            return Told(lie: lie, fate: fate, slices: [try sign(payload)], payloads: [payload])
        }
    }

    /// A lie in one payload that every node logs.
    private mutating func single(_ lie: Lie, now: UInt64, victim: String) -> ([UInt8], Fate) {
        let good = good(now)
        switch lie {
        case .foreignRow:
            return (
                payload(
                    [Block("owned", columns: 2, [Change([.string("\(victim):0")], [.string("taken"), .integer(9)])])],
                    now: now), .quarantined
            )
        case .changedAppendOnly:
            return (
                payload([Block("journal", columns: 2, [Change([.string("\(victim)-1")], kind: .delete)])], now: now),
                .quarantined
            )
        case .unknownTable:
            return (payload([Block("nowhere", columns: 1, [Change([.integer(1)], [.null])])], now: now), .quarantined)
        case .misfit:
            return (
                payload([Block("parent", columns: 1, [Change([.string("misfit")], [.null])])], now: now), .quarantined
            )
        case .garbage: return (Array(payload([], now: now).dropLast()) + [1, 0xDE, 0xAD, 0xBE, 0xEF], .quarantined)
        case .padded: return (Array(payload([], now: now).dropLast()) + [0x80, 0], .quarantined)
        case .hugeCount: return (Array(payload([], now: now).dropLast()) + SpecEncoding.varint(1 << 40), .quarantined)
        case .longLife:
            let change = Change([.string("p0")], [.string("for ever")], length: (1 << 48) - 1)
            return (payload([Block("parent", columns: 1, [change])], now: now), .quarantined)
        case .updateOfNothing:
            let change = Change(
                [.string("nothing-\(serial)")], [.string("from nothing")], kind: .update(ColumnMask(rawValue: 2)))
            return (payload([Block("item", columns: 9, [change])], now: now), .applied)
        case .staleWrite:
            let first = heard.map { VersionVector.Element(origin: $0.origin, seq: 1) }
            return (
                payload([stale.isEmpty ? good : Block("item", columns: 9, stale)], now: now, dependencies: first),
                .applied
            )
        case .stampInThePast:
            return (payload([good], now: now, stamp: Stamp(milliseconds: 1_000, counter: 0)), .applied)
        case .stampInTheFuture:
            let ahead = now + CoreLimits.clockAheadMillisecondsMax + 3_600_000
            return (payload([good], now: now, stamp: Stamp(milliseconds: ahead, counter: 0)), .held)
        case .newerSchema: return (payload([good], now: now, schemaNumber: 99), .held)
        case .missingDependency:
            let never = OriginID(victim).map { VersionVector.Element(origin: $0, seq: 1 << 39) }
            return (payload([good], now: now, dependencies: never.map { [$0] } ?? []), .held)
        case .loneFence:
            let fence = ControlRecord.fence(park: victim, after: VersionVector())
            return (payload([controls([ballot(victim, .out), fence])], now: now), .quarantined)
        case .loneLift:
            let lift = OriginID(victim).map {
                ControlRecord.lift(park: victim, fences: VersionVector([($0, UInt64(1))]))
            }
            return (payload([controls([ballot(victim, .back)] + [lift].compactMap { $0 })], now: now), .quarantined)
        case .vote:
            // Beside its word it makes a park that has its own key, and could vote with it.
            let ghost = ControlRecord.memberKey(park: "ghost", key: Array(key.publicKey.rawRepresentation))
            return (payload([controls([ballot(victim, .out), ballot("ghost", .out), ghost])], now: now), .applied)
        default: return (payload([good], now: now), .applied)
        }
    }

    /// Its word on another park, in a zone of which it says that there are no others.
    private func ballot(_ victim: String, _ side: ControlRecord.Side) -> ControlRecord {
        .vote(park: victim, side, members: Set([origin.park, victim]).sorted())
    }

    private func controls(_ records: [ControlRecord]) -> Block {
        let sorted = records.sorted { $0.key < $1.key }
        return Block(ControlRecord.tableName, columns: 1, sorted.map { Change([.string($0.key)], [.string($0.text)]) })
    }
}
