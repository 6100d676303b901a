import Foundation
import ParkSyncCore
import ParkSyncReplication

extension SchemaFile {
    private static let suffix = ".sql"
    private static let folderRemedy =
        "Name in `schema` a folder with the schema files, or leave the key out for the catalogue's schema."

    /// The schema files of a folder in the order of their names.
    ///
    /// - Throws: `SchemaError` that names the folder, or the file and its line.
    package static func all(in folder: String) throws -> [SchemaFile] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
            throw SchemaError(
                file: folder, line: nil, reason: "the folder of the schema files: \(ErrorWords.of(error))",
                remedy: folderRemedy)
        }
        if let other = names.first(where: { $0.lowercased().hasSuffix(suffix) && !$0.hasSuffix(suffix) }) {
            throw SchemaError(
                file: "\(folder)/\(other)", line: nil, reason: "the file would not be read",
                remedy: "Let the names of schema files end with \(suffix).")
        }
        let files = names.filter { $0.hasSuffix(suffix) }
        guard !files.isEmpty else {
            throw SchemaError(
                file: folder, line: nil, reason: "no file in the folder has a name that ends with \(suffix)",
                remedy: folderRemedy)
        }
        return try files.map { name in
            let bytes: Data
            do { bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")) } catch {
                throw SchemaError(
                    file: "\(folder)/\(name)", line: nil,
                    reason: "the schema file cannot be read: \(ErrorWords.of(error))",
                    remedy: "Make it readable for this account.")
            }
            return try SchemaFile(name: name, bytes: Array(bytes))
        }
    }

    /// - Parameter bytes: what the file holds. A byte order mark of UTF-8 is white space, as it is
    ///   to SQLite.
    /// - Throws: `SchemaError` with the line, if that is no UTF-8 text.
    package init(name: String, bytes: [UInt8]) throws {
        if let encoding = Self.wideEncoding(bytes) {
            throw SchemaError(
                file: name, line: 1, reason: "the file is \(encoding) text",
                remedy: "Save it as UTF-8, as `iconv -f \(encoding) -t UTF-8` does.")
        }
        if let offset = Self.firstOffsetOutsideUTF8(bytes) {
            let digits = String(bytes[offset], radix: 16, uppercase: true)
            throw SchemaError(
                file: name, line: 1 + bytes[..<offset].count { $0 == 0x0A },
                reason:
                    """
                    the byte 0x\(digits.count < 2 ? "0" : "")\(digits) is no UTF-8: the file is in another \
                    encoding, such as Latin-1 or GB 18030
                    """,
                remedy: "Save it as UTF-8, as `iconv -f LATIN1 -t UTF-8` or `iconv -f GB18030 -t UTF-8` does.")
        }
        self.init(name: name, sql: String(decoding: bytes, as: UTF8.self))
    }

    /// What is told by a byte order mark, or by the zero byte that each letter of a statement has
    /// there.
    private static func wideEncoding(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return "UTF-32" }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
        guard bytes.count >= 4 else { return nil }
        switch (bytes[0] == 0, bytes[1] == 0, bytes[2] == 0, bytes[3] == 0) {
        case (false, true, false, true): return "UTF-16LE"
        case (true, false, true, false): return "UTF-16BE"
        default: return nil
        }
    }

    private static func firstOffsetOutsideUTF8(_ bytes: [UInt8]) -> Int? {
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        var offset = 0
        while true {
            switch parser.parseScalar(from: &rest) {
            case .valid(let scalar): offset += scalar.count
            case .error: return offset
            case .emptyInput: return nil
            }
        }
    }
}
