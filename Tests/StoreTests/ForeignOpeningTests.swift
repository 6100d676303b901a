import Foundation
import Testing

@testable import ParkSyncStore

/// One place opens files that are not the node's own.
@Suite struct ForeignOpeningTests {
    /// What opens a database, and the files of the sources that may do so, with what they open.
    private static let places: [(call: String, files: [String: String])] = [
        (
            "Connection(path:",
            [
                "Foreign/ForeignFile.swift": "a file that is not the node's own",
                "Foreign/ForeignSchema.swift": "memory", "Schema/SchemaCompiler.swift": "memory",
                "Schema/ColumnDefaults.swift": "memory",
                "State/OwnTables.swift": "memory",
                "StoreOpening.swift": "the node's own", "ParkStore.swift": "the node's own",
                "Read/ReaderPool.swift": "the node's own",
                "Verify/StoreInspection.swift": "the node's own", "SQLite/CheckpointGuard.swift": "the node's own",
                "State/NodeDatabase.swift": "the node's own", "Copy/QuietSnapshot.swift": "the node's own",
                "Copy/FileSwap.swift": "the node's own",
                "Snapshot/LocalObjects.swift": "the node's own, which is about to be replaced",
                "Snapshot/SnapshotInstall.swift": "the node's own, and the candidate that it has made",
                "Snapshot/SnapshotRebuild.swift": "one that is made here",
                "Snapshot/SnapshotWitness.swift": "two that are made here",
                "Snapshot/SnapshotTables.swift": "one that is made here",
                "Copy/FileCopy.swift": "a copy of the node's own that was made here",
                "Copy/VerifiedCopy.swift": "a copy that was made here", "Copy/RebuiltCopy.swift": "the node's own",
                "Copy/Restore.swift": "one that was made here", "Replay/Replay.swift": "one that is made here",
            ]
        ),
        (
            "sqlite3_open",
            ["Copy/FileCopy.swift": "one that is made here", "SQLite/DatabaseHandle.swift": "all of the above"]
        ),
        ("DatabaseHandle(", ["SQLite/Connection.swift": "all of the above"]),
        // Another database beside the one that is open.
        (
            "ATTACH \\(",
            [
                "Snapshot/SnapshotTables.swift": "the node's own, or one that ForeignFile has compared",
                "Snapshot/LocalObjects.swift": "the node's own, or one that ForeignFile has compared",
                "Snapshot/OwnRecords.swift": "the node's own",
            ]
        ),
    ]

    @Test func noOtherPlaceOpensADatabase() throws {
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources")
        let folders = ["ParkSyncStore", "ParkSyncFiles"].map { root.appendingPathComponent($0).path + "/" }
        var seen: [String: Set<String>] = [:]
        let names = try #require(FileManager.default.enumerator(atPath: root.path))
        for case let name as String in names where name.hasSuffix(".swift") {
            let path = root.appendingPathComponent(name).path
            let text = try String(contentsOfFile: path, encoding: .utf8)
            for (call, files) in Self.places where text.contains(call) {
                // Measuring and the simulator's judge open files of their own.
                if name.hasPrefix("parksync-bench/") || name.hasPrefix("ParkSyncSimulation/") { continue }
                let file = folders.first { path.hasPrefix($0) }.map { String(path.dropFirst($0.count)) } ?? name
                #expect(
                    files[file] != nil,
                    "\(name) opens a database by \(call): is it the node's own? Others are opened by ForeignFile")
                seen[call, default: []].insert(file)
            }
        }
        for (call, files) in Self.places {
            #expect(seen[call, default: []] == Set(files.keys), "a place that opens nothing by \(call) any more")
        }
    }
}
