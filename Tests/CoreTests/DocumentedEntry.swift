import Foundation
import ParkSyncCore

/// The entry that docs/reference/log-format.md shows byte by byte.
enum DocumentedEntry {
    static let header = EntryHeader(
        origin: .known("south"), seq: 2, stamp: Stamp(milliseconds: 1_795_500_000_000, counter: 1), schemaNumber: 1,
        dependencies: [VersionVector.Element(origin: .known("west"), seq: 5)], author: "li.wei", note: "")

    static let tables: [(block: TableBlock, changes: [SampleEntry.Change])] = [
        (
            TableBlock(name: "lab", columnCount: 3, changeCount: 3),
            [
                SampleEntry.Change(
                    key: KeyCoding.encode([.string("lab-1")]) ?? [], length: 1, kind: .insert, values: [.string("Laser"), .integer(300), .null]),
                SampleEntry.Change(
                    key: KeyCoding.encode([.string("lab-2")]) ?? [], length: 3, kind: .update(ColumnMask(rawValue: 0b110)),
                    values: [.integer(-1), .double(1.5)]),
                SampleEntry.Change(key: KeyCoding.encode([.string("lab-7")]) ?? [], length: 2, kind: .delete, values: []),
            ]
        )
    ]

    static let previousHash = Array(0..<32 as Range<UInt8>)
    static var payload: [UInt8] { SampleEntry.encode(header, tables) }
}

/// The repository's documents.
enum Documents {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs")

    static func text(_ path: String) throws -> String { try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8) }

    /// The contents of the fenced block that begins with this line, without its comments.
    static func hex(_ path: String, after heading: String) throws -> [UInt8]? {
        let parts = try text(path).components(separatedBy: heading + "\n")
        guard parts.count > 1, let block = parts[1].components(separatedBy: "```").dropFirst().first else { return nil }
        let digits = block.components(separatedBy: "\n").dropFirst().map { $0.components(separatedBy: "  ")[0] }.joined()
        return Hex.decode(digits.filter { $0 != " " })
    }
}
