import Crypto
import ParkSyncCore

/// The canonical encoding, written once more from docs/reference/log-format.md: the judge must not
/// ask the code that it judges.
enum SpecEncoding {
    static func varint(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest > 127 {
            bytes.append(UInt8(rest % 128) + 128)
            rest /= 128
        }
        return bytes + [UInt8(rest)]
    }

    static func fixed64(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
    }

    static func prefixed(_ bytes: some Collection<UInt8>) -> [UInt8] { varint(UInt64(bytes.count)) + bytes }

    static func value(_ value: Value) -> [UInt8] {
        let small = UInt64(1) << 60
        switch value {
        case .null: return [0]
        case .integer(let number) where number >= 0 && UInt64(number) < small: return varint(UInt64(number) * 8 + 1)
        case .integer(let number) where number < 0 && UInt64(-(number + 1)) < small:
            return varint(UInt64(-(number + 1)) * 8 + 2)
        case .integer(let number): return [3] + fixed64(UInt64(bitPattern: number))
        case .real(let bits): return [4] + fixed64(bits)
        case .text(let bytes): return varint(UInt64(bytes.count) * 8 + 5) + bytes
        case .blob(let bytes): return varint(UInt64(bytes.count) * 8 + 6) + bytes
        }
    }

    /// Nil if a component is NULL.
    static func key(_ components: [Value]) -> [UInt8]? {
        var result: [UInt8] = []
        for (index, component) in components.enumerated() {
            let isLast = index == components.count - 1
            switch component {
            case .null: return nil
            case .integer(let number): result += [0x14] + fixed64(UInt64(bitPattern: number) ^ 1 << 63)
            case .real(let bits): result += [0x15] + fixed64(bits >> 63 == 0 ? bits ^ 1 << 63 : ~bits)
            case .text(let bytes): result += [0x20] + (isLast ? bytes : escaped(bytes))
            case .blob(let bytes): result += [0x30] + (isLast ? bytes : escaped(bytes))
            }
        }
        return result
    }

    private static func escaped(_ bytes: [UInt8]) -> [UInt8] { bytes.flatMap { $0 == 0 ? [0, 0xFF] : [$0] } + [0, 0] }

    static func sha256(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    /// The digest of one row: the first 16 bytes of a hash, as a number.
    static func rowDigest(key: [Value], values: [Value]) -> UInt128 {
        var bytes = prefixed(self.key(key) ?? [])
        for (column, value) in values.enumerated() where value != .null {
            bytes += varint(UInt64(column)) + self.value(value)
        }
        return sha256(bytes).prefix(16).reduce(0) { $0 << 8 | UInt128($1) }
    }

    static func bytes(of digest: UInt128) -> [UInt8] {
        fixed64(UInt64(truncatingIfNeeded: digest >> 64)) + fixed64(UInt64(truncatingIfNeeded: digest))
    }

    /// - Parameter tables: of the whole schema, in any order.
    static func stateHash(_ tables: [(name: String, rows: Int, digest: UInt128)]) -> [UInt8] {
        let sorted = tables.sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
        var bytes = Array("parksync/state/1".utf8)
        for table in sorted {
            bytes += prefixed(table.name.utf8) + fixed64(UInt64(table.rows)) + self.bytes(of: table.digest)
        }
        return sha256(bytes)
    }

    /// The hash of an entry.
    static func entryHash(_ payload: [UInt8], after previous: [UInt8]) -> [UInt8] {
        sha256(Array("parksync/entry/1".utf8) + previous + payload)
    }

    /// What binds a vector to the very entries.
    static func seenHash(_ heads: [(origin: OriginID, seq: UInt64, hash: [UInt8])]) -> [UInt8] {
        sha256(
            Array("parksync/seen/1".utf8) + heads.flatMap { prefixed($0.origin.name.utf8) + fixed64($0.seq) + $0.hash })
    }

    /// What an origin signs to vouch for its log up to an entry.
    static func headMessage(_ origin: OriginID, _ seq: UInt64, hash: [UInt8]) -> [UInt8] {
        Array("parksync/head/1".utf8) + prefixed(origin.name.utf8) + fixed64(seq) + hash
    }
}

/// SQLite's order of values under the BINARY collation: NULL, numbers, texts, blobs.
enum SQLiteOrder {
    static func precedes(_ a: [Value], _ b: [Value]) -> Bool {
        for (left, right) in zip(a, b) {
            if precedes(left, right) { return true }
            if precedes(right, left) { return false }
        }
        return a.count < b.count
    }

    static func precedes(_ a: Value, _ b: Value) -> Bool {
        switch (a, b) {
        case (.integer(let left), .integer(let right)): left < right
        case (.text(let left), .text(let right)), (.blob(let left), .blob(let right)):
            left.lexicographicallyPrecedes(right)
        default: rank(a) < rank(b)
        }
    }

    private static func rank(_ value: Value) -> Int {
        switch value {
        case .null: 0
        case .integer, .real: 1
        case .text: 2
        case .blob: 3
        }
    }
}
