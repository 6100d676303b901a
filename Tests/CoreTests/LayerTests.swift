import Foundation
import Testing

/// Who may import whom. The manifest must declare no more, and the sources must use no more.
@Suite struct LayerTests {
    static let layers: [String: Set<String>] = [
        "ParkSyncCore": [], "ParkSyncCatalog": ["ParkSyncCore"], "ParkSyncReports": ["ParkSyncCore"],
        "ParkSyncOffice": ["ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports"],
        "ParkSyncWire": ["ParkSyncCore"],
        "ParkSyncReplication": ["ParkSyncCore", "ParkSyncWire"],
        "ParkSyncStore": ["ParkSyncCore", "ParkSyncReplication", "ParkSyncReports"],
        "ParkSyncFiles": ["ParkSyncCore", "ParkSyncReplication", "ParkSyncReports", "ParkSyncStore"],
        "ParkSyncNode": [
            "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "ParkSyncWire", "ParkSyncReplication",
            "ParkSyncStore", "ParkSyncFiles",
        ],
        "ParkSyncCurl": ["ParkSyncCore", "ParkSyncReports", "ParkSyncWire", "ParkSyncReplication"],
        "ParkSyncServer": [
            "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "ParkSyncOffice", "ParkSyncWire",
            "ParkSyncReplication",
        ],
        "ParkSyncFuzz": [
            "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "ParkSyncWire", "ParkSyncReplication",
            "ParkSyncStore", "ParkSyncFiles",
            "ParkSyncServer", "ParkSyncNode",
        ],
        "ParkSyncSimulation": [
            "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "ParkSyncWire", "ParkSyncReplication",
            "ParkSyncStore", "ParkSyncFiles",
            "ParkSyncNode",
        ],
    ]
    /// Real time and randomness come from the programs alone.
    static let pure = [
        "ParkSyncCore", "ParkSyncCatalog", "ParkSyncReports", "ParkSyncOffice", "ParkSyncReplication",
        "ParkSyncNode", "ParkSyncSimulation",
    ]
    static let impure = [
        "Date()", "Date.now", "ContinuousClock", "systemUptime", ".random(in", "SystemRandomNumberGenerator", "UUID()",
        "Task" + ".sleep",
    ]

    /// What is not a layer: programs, which compose everything, and C modules, which import nothing
    /// of ours.
    static let others: Set<String> = [
        "parksyncd", "syncctl", "parksync-bench", "parksync-sim", "parksync-fuzz", "parksync-liar", "CCurl", "CMalloc",
        "CProcess", "CZstd",
        "CSQLite", "CSQLiteSwitches", "CFaultVFS",
    ]

    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()
    static let sources = root.appendingPathComponent("Sources")

    private func files(_ target: String) throws -> [(name: String, text: String)] {
        let folder = Self.sources.appendingPathComponent(target)
        let names = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)).compactMap
        { $0 as? URL }
        return try names.filter { $0.pathExtension == "swift" }.map {
            ($0.path, try String(contentsOf: $0, encoding: .utf8))
        }
    }

    /// The modules that a source imports.
    static func imports(_ text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            var words = line.split(separator: " ")[...]
            while let word = words.first,
                word.hasPrefix("@") || ["public", "package", "internal", "private"].contains(word)
            {
                words = words.dropFirst()
            }
            guard words.first == "import" else { return nil }
            words = words.dropFirst()
            if let kind = words.first,
                ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"].contains(kind)
            {
                words = words.dropFirst()
            }
            return words.first?.split(separator: ".").first.map(String.init)
        }
    }

    /// The targets that a manifest declares, with what each names as its dependencies, for those
    /// that stand as text between brackets.
    static func declared(_ manifest: String) -> [String: [String]] {
        var result: [String: [String]] = [:]
        for block in manifest.components(separatedBy: "arget(").dropFirst() {
            let quoted = block.components(separatedBy: "\"")
            guard quoted.count > 1 else { continue }
            let dependencies =
                block.components(separatedBy: "dependencies: [").dropFirst().first?.components(separatedBy: "]").first
                ?? ""
            result[quoted[1]] = dependencies.components(separatedBy: "\"").enumerated().filter { $0.offset % 2 == 1 }
                .map(\.element)
        }
        return result
    }

    /// What targets of tests share is for tests alone.
    static func isFixture(_ target: String) -> Bool { target.hasSuffix("Fixtures") }

    static func faults(_ target: String, _ imports: [String]) -> [String] {
        imports.filter { name in
            if target == "ParkSyncCore" { return true }
            return isFixture(name) || layers[name] != nil && layers[target]?.contains(name) != true
        }
    }

    @Test(arguments: layers.keys.sorted()) func aTargetImportsOnlyWhatIsAboveIt(_ target: String) throws {
        let files = try files(target)
        #expect(!files.isEmpty)
        for file in files { #expect(Self.faults(target, Self.imports(file.text)) == [], "\(file.name)") }
    }

    @Test func theManifestDeclaresNoMore() throws {
        let declared = Self.declared(
            try String(contentsOf: Self.root.appendingPathComponent("Package.swift"), encoding: .utf8))
        for target in Self.layers.keys.sorted() {
            let dependencies = try #require(declared[target], "\(target) is not in the manifest")
            #expect(Self.faults(target, dependencies) == [], "\(target) in the manifest")
        }
        for (target, dependencies) in declared where !target.hasSuffix("Tests") && !Self.isFixture(target) {
            #expect(dependencies.filter(Self.isFixture) == [], "\(target) in the manifest")
        }
        #expect(declared["DaemonTests"]?.contains("DaemonFixtures") == true)
        // It was read at all, and not as an empty page.
        #expect(declared["ParkSyncStore"]?.contains("ParkSyncReplication") == true)
    }

    @Test func everyTargetHasItsLayer() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path).filter {
            !$0.hasPrefix(".")
        }
        #expect(folders.filter { Self.layers[$0] == nil && !Self.others.contains($0) } == [])
    }

    @Test(arguments: pure) func timeAndChanceAreHandedIn(_ target: String) throws {
        for file in try files(target) {
            for word in Self.impure { #expect(!file.text.contains(word), "\(file.name) uses \(word)") }
        }
    }

    @Test func theCheckCanFail() {
        #expect(
            Self.imports("import Foundation\n@testable import ParkSyncStore\n// import X\nlet a = 1") == [
                "Foundation", "ParkSyncStore",
            ])
        #expect(
            Self.imports("package import struct Foundation.Date // a comment\n    import Yams") == [
                "Foundation", "Yams",
            ])
        #expect(Self.faults("ParkSyncCore", ["Foundation"]) == ["Foundation"])
        #expect(Self.faults("ParkSyncStore", ["ParkSyncWire", "Yams"]) == ["ParkSyncWire"])
        #expect(Self.faults("ParkSyncServer", ["ParkSyncCurl"]) == ["ParkSyncCurl"])
        #expect(Self.faults("ParkSyncNode", ["DaemonFixtures"]) == ["DaemonFixtures"])
        let manifest = """
            .target(name: "ParkSyncCore", swiftSettings: strict),
            .target(
                name: "ParkSyncCurl", dependencies: ["CCurl", "ParkSyncStore"], swiftSettings: strict),
            """
        let declared = Self.declared(manifest)
        #expect(declared == ["ParkSyncCore": [], "ParkSyncCurl": ["CCurl", "ParkSyncStore"]])
        #expect(Self.faults("ParkSyncCurl", declared["ParkSyncCurl"] ?? []) == ["ParkSyncStore"])
    }
}
