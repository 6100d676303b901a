import Foundation
import ParkSyncCore

/// The entry that docs/reference/log-format.md shows byte by byte.
enum DocumentedEntry {
    static let header = EntryHeader(
        origin: .known("south"), seq: 2, stamp: Stamp(milliseconds: 1_795_500_000_000, counter: 1), schemaNumber: 1,
        dependencies: [VersionVector.Element(origin: .known("west"), seq: 5)], seenHash: seenHash, author: "li.wei",
        note: "")

    static let hashOfWest = Array(0x20..<0x40 as Range<UInt8>)
    static let seenHash = TestSHA256.hash(EntryChain.seenMessage([(origin: .known("west"), seq: 5, hash: hashOfWest)]))

    static let tables: [(block: TableBlock, changes: [SampleEntry.Change])] = [
        (
            TableBlock(name: "lab", columnCount: 3, changeCount: 3),
            [
                SampleEntry.Change(
                    key: KeyCoding.encode([.string("lab-1")]) ?? [], length: 1, kind: .insert,
                    values: [.string("Laser"), .integer(300), .null]),
                SampleEntry.Change(
                    key: KeyCoding.encode([.string("lab-2")]) ?? [], length: 3,
                    kind: .update(ColumnMask(rawValue: 0b110)),
                    values: [.integer(-1), .double(1.5)]),
                SampleEntry.Change(
                    key: KeyCoding.encode([.string("lab-7")]) ?? [], length: 2, kind: .delete, values: []),
            ]
        )
    ]

    static let previousHash = Array(0..<32 as Range<UInt8>)
    static var payload: [UInt8] { SampleEntry.encode(header, tables) }
}

/// The repository's documents.
enum Documents {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs")

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The lines of the fenced blocks between this heading and the next: their bytes, and what is
    /// said about them.
    static func blocks(_ path: String, after heading: String) throws -> [[(bytes: [UInt8], comment: String)]] {
        let parts = try text(path).components(separatedBy: "\n" + heading + "\n")
        guard parts.count == 2 else {
            throw DocumentFault(description: "\(path) has \(parts.count - 1) headings \(heading)")
        }
        let section = parts[1].components(separatedBy: "\n#")[0].components(separatedBy: "```")
        return try section.indices.filter { $0 % 2 == 1 }.map { index in
            try section[index].split(separator: "\n").map { line in
                let halves = String(line).components(separatedBy: "  ")
                guard let bytes = Hex.decode(halves[0].filter { $0 != " " }) else {
                    throw DocumentFault(description: "\(path): \(line)")
                }
                return (bytes, halves.dropFirst().joined(separator: "  ").trimmingCharacters(in: .whitespaces))
            }
        }
    }

    /// The bytes of the only fenced block below this heading.
    static func hex(_ path: String, after heading: String) throws -> [UInt8] {
        let blocks = try blocks(path, after: heading)
        guard blocks.count == 1 else {
            throw DocumentFault(description: "\(path) has \(blocks.count) blocks below \(heading)")
        }
        return blocks[0].flatMap(\.bytes)
    }
}

struct DocumentFault: Error, CustomStringConvertible {
    var description: String
}
