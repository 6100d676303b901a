import Foundation
import Testing

/// Who may import whom. The manifest must declare no more, and the sources must use no more.
@Suite struct LayerTests {
    static let layers: [String: Set<String>] = [
        "ParkSyncCore": [], "ParkSyncCatalog": ["ParkSyncCore"], "ParkSyncWire": ["ParkSyncCore"],
        "ParkSyncReplication": ["ParkSyncCore", "ParkSyncWire"], "ParkSyncStore": ["ParkSyncCore", "ParkSyncReplication"],
        "ParkSyncCurl": ["ParkSyncCore", "ParkSyncWire", "ParkSyncReplication"],
        "ParkSyncServer": ["ParkSyncCore", "ParkSyncWire", "ParkSyncReplication"],
    ]
    /// Real time and randomness come from the programs alone.
    static let pure = ["ParkSyncCore", "ParkSyncCatalog", "ParkSyncReplication"]
    static let impure = [
        "Date()", "Date.now", "ContinuousClock", "systemUptime", ".random(in", "SystemRandomNumberGenerator", "UUID()", "Task" + ".sleep",
    ]

    static let sources = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources")

    private func files(_ target: String) throws -> [(name: String, text: String)] {
        let folder = Self.sources.appendingPathComponent(target)
        let names = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)).compactMap { $0 as? URL }
        return try names.filter { $0.pathExtension == "swift" }.map { ($0.path, try String(contentsOf: $0, encoding: .utf8)) }
    }

    /// The modules that a source imports.
    static func imports(_ text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            var words = line.split(separator: " ")[...]
            while let word = words.first, word.hasPrefix("@") || ["public", "package", "internal", "private"].contains(word) {
                words = words.dropFirst()
            }
            guard words.first == "import", let name = words.last else { return nil }
            return String(name.split(separator: ".")[0])
        }
    }

    static func faults(_ target: String, _ imports: [String]) -> [String] {
        imports.filter { name in
            if target == "ParkSyncCore" { return true }
            return layers[name] != nil && layers[target]?.contains(name) != true
        }
    }

    @Test(arguments: layers.keys.sorted()) func aTargetImportsOnlyWhatIsAboveIt(_ target: String) throws {
        let files = try files(target)
        #expect(!files.isEmpty)
        for file in files { #expect(Self.faults(target, Self.imports(file.text)) == [], "\(file.name)") }
    }

    @Test(arguments: pure) func timeAndChanceAreHandedIn(_ target: String) throws {
        for file in try files(target) { for word in Self.impure { #expect(!file.text.contains(word), "\(file.name) uses \(word)") } }
    }

    @Test func theCheckCanFail() {
        #expect(Self.imports("import Foundation\n@testable import ParkSyncStore\n// import X\nlet a = 1") == ["Foundation", "ParkSyncStore"])
        #expect(Self.faults("ParkSyncCore", ["Foundation"]) == ["Foundation"])
        #expect(Self.faults("ParkSyncStore", ["ParkSyncWire", "GRDB"]) == ["ParkSyncWire"])
        #expect(Self.faults("ParkSyncServer", ["ParkSyncCurl"]) == ["ParkSyncCurl"])
    }
}
