import ParkSyncCore

/// How rows are named in what is found of them.
package enum RowNames {
    /// Rows that are named where they are not what they should be; the others are counted.
    package static let countMax = 100

    /// A key, for people.
    package static func text(_ key: [Value]) -> String {
        let parts = key.map { value in
            switch value {
            case .null: "NULL"
            case .integer(let number): "\(number)"
            case .real(let bits): "\(Double(bitPattern: bits))"
            case .text(let bytes): "'\(String(decoding: bytes, as: UTF8.self))'"
            case .blob(let bytes): "x'\(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())'"
            }
        }
        return parts.count == 1 ? parts[0] : "(\(parts.joined(separator: ", ")))"
    }
}
