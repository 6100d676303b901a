import Foundation
import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// Schema files as bytes in a folder: the encoding that editors gave them, and what cannot be read.
@Suite struct SchemaFolderTests {
    private static let text =
        "-- parksync: schema 1\n-- parksync: writer any\nCREATE TABLE t(\n    a TEXT NOT NULL PRIMARY KEY\n);\n"
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private func folder(_ files: [String: [UInt8]]) throws -> ScratchFolder {
        let folder = try ScratchFolder()
        for (name, bytes) in files { try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/" + name)) }
        return folder
    }

    /// As SQLite takes it: white space at the beginning, and where files were put together.
    @Test func aByteOrderMarkOfUTF8IsWhiteSpace() throws {
        let local = "-- parksync: local\nCREATE TABLE u(a);\n"
        let returns = Self.text.replacingOccurrences(of: "\n", with: "\r\n")
        for bytes in [
            Self.mark + Self.text.utf8, Self.mark + returns.utf8, Self.mark + Self.text.utf8 + Self.mark + local.utf8,
        ] {
            let folder = try folder(["001.sql": Array(bytes)])
            #expect(try CompiledSchema(SchemaFile.all(in: folder.path)).schema.tables.map(\.name) == ["t"])
        }
        // Inside a name it is a letter, to SQLite too, and without the number the file is none.
        let error = #expect(throws: SchemaError.self) {
            try CompiledSchema([SchemaFile(name: "1.sql", bytes: Self.mark + Array("SELECT 1;".utf8))])
        }
        #expect(error?.reason.contains("no number") == true)
    }

    @Test func aFileInAnotherEncodingIsToldAsThat() throws {
        func expectRefusal(_ bytes: [UInt8], line: Int, _ reason: String, _ remedy: String) {
            let error = #expect(throws: SchemaError.self) { try SchemaFile(name: "001.sql", bytes: bytes) }
            #expect(error?.line == line && error?.reason.contains(reason) == true, "\(String(describing: error))")
            #expect(error?.remedy.contains(remedy) == true && error?.file == "001.sql", "\(String(describing: error))")
        }
        func encoded(_ encoding: String.Encoding) throws -> [UInt8] {
            Array(try #require(Self.text.data(using: encoding)))
        }
        expectRefusal(
            [0xFF, 0xFE] + (try encoded(.utf16LittleEndian)), line: 1, "is UTF-16 text", "iconv -f UTF-16 -t UTF-8")
        expectRefusal(
            [0xFE, 0xFF] + (try encoded(.utf16BigEndian)), line: 1, "is UTF-16 text", "iconv -f UTF-16 -t UTF-8")
        expectRefusal(try encoded(.utf16LittleEndian), line: 1, "is UTF-16LE text", "iconv -f UTF-16LE")
        expectRefusal(try encoded(.utf16BigEndian), line: 1, "is UTF-16BE text", "iconv -f UTF-16BE")
        expectRefusal([0xFF, 0xFE, 0, 0] + (try encoded(.utf32LittleEndian)), line: 1, "is UTF-32 text", "UTF-8")
        expectRefusal(
            Array(Self.text.utf8) + Array("-- caf".utf8) + [0xE9, 0x0A], line: 6, "byte 0xE9", "iconv -f LATIN1")
        expectRefusal(
            Array(Self.text.utf8) + Array("\n-- ".utf8) + [0xB3, 0xC9, 0xB6, 0xBC], line: 7, "GB 18030",
            "iconv -f GB18030")
        expectRefusal(
            Array(Self.text.utf8) + Array("-- \u{6210}".utf8.dropLast()), line: 6, "no UTF-8", "Save it as UTF-8")
        expectRefusal([0x0A, 0x0A, 0x80], line: 3, "byte 0x80", "Save it as UTF-8")
        #expect(try SchemaFile(name: "1.sql", bytes: Array("\u{6210}\u{10FFFF}".utf8)).sql == "\u{6210}\u{10FFFF}")
        #expect(try SchemaFile(name: "1.sql", bytes: []).sql == "")
    }

    @Test func aFolderThatCannotBeUsedIsNamed() throws {
        func expectRefusal(_ folder: String, file: String, _ reason: String) {
            let error = #expect(throws: SchemaError.self) { try SchemaFile.all(in: folder) }
            #expect(
                error?.file == file && error?.line == nil && error?.reason.contains(reason) == true,
                "\(String(describing: error))")
            #expect(error.map { "\($0)".contains("NSCocoa") } == false && error?.remedy.isEmpty == false)
        }
        let folder = try folder(["notes.txt": []])
        expectRefusal(folder.path + "/gone", file: folder.path + "/gone", "there is no such file or folder")
        expectRefusal(folder.path + "/notes.txt", file: folder.path + "/notes.txt", "a part of the path is no folder")
        expectRefusal(folder.path, file: folder.path, "ends with .sql")
        try FileManager.default.createDirectory(atPath: folder.path + "/001.sql", withIntermediateDirectories: false)
        expectRefusal(folder.path, file: folder.path + "/001.sql", "it is a folder")
        try Data().write(to: URL(fileURLWithPath: folder.path + "/002.SQL"))
        expectRefusal(folder.path, file: folder.path + "/002.SQL", "would not be read")
        let none = #expect(throws: SchemaError.self) { try CompiledSchema([]) }
        #expect(none.map { "\($0)" }?.hasPrefix("schema: there is no schema file. ") == true)
    }
}
