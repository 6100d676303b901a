import Foundation
import ParkSyncCore
import ParkSyncReports

/// Values from the command line.
enum ParameterParsing {
    /// A JSON value as the HTTP API writes it (`42`, `"x"`, `null`, `{"blob":"AAH/"}`), or else the
    /// text as it stands.
    static func value(_ text: String) -> JSONValue {
        if let value = try? JSONCoding.decode(JSONValue.self, from: text.utf8) { return value }
        return JSONValue(.string(text))
    }

    /// A value for people: texts without quotes and with control characters spelt out, blobs as
    /// x'…'.
    static func text(_ value: JSONValue) -> String {
        switch value.value {
        case .null: "NULL"
        case .integer(let number): "\(number)"
        case .real(let bits): "\(Double(bitPattern: bits))"
        case .text(let bytes): Console.safe(String(decoding: bytes, as: UTF8.self))
        case .blob(let bytes): "x'" + Hex.encode(bytes) + "'"
        }
    }
}
