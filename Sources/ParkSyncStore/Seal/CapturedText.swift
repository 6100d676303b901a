import ParkSyncCore

/// Captured writes in words, for people.
enum CapturedText {
    private static let valueBytesMax = 80

    /// The columns of a pending row that are not NULL.
    static func of(_ statement: RawStatement, _ names: [String]) -> String {
        let parts = names.enumerated().compactMap { index, name -> String? in
            let view = statement.view(Int32(truncatingIfNeeded: index))
            if case .null = view { return nil }
            return "\(name) \(text(view))"
        }
        return parts.isEmpty ? "a row without values" : parts.joined(separator: ", ")
    }

    /// A change that was made of pending rows.
    static func of(_ kind: IncomingChange.Kind, key: [UInt8], _ table: SharedTable) -> String {
        let word =
            switch kind {
            case .insert: "insert"
            case .update: "update"
            case .delete: "delete"
            }
        let values = try? key.withUnsafeBytes { try KeyCoding.decode($0, count: table.keyColumns.count) }
        return "\(word) of \(of(values ?? []))"
    }

    /// The values of a key, or of some columns.
    static func of(_ values: [Value]) -> String { "(" + values.map { $0.withView(text) }.joined(separator: ", ") + ")" }

    static func text(_ view: ValueView) -> String {
        switch view {
        case .null: "NULL"
        case .integer(let number): "\(number)"
        case .real(let bits): "\(Double(bitPattern: bits))"
        case .text(let bytes):
            literal(String(decoding: bytes.prefix(valueBytesMax), as: UTF8.self))
                + (bytes.count > valueBytesMax ? "…" : "")
        case .blob(let bytes): "a blob of \(bytes.count) bytes"
        }
    }
}
