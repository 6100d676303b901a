import Foundation
import Testing

@testable import ParkSyncCore

/// docs/reference/limits.md names every limit with its value.
@Suite struct LimitsDocumentTests {
    private static let core: [String: UInt64] = [
        "parkNameBytesMax": UInt64(CoreLimits.parkNameBytesMax),
        "originNameBytesMax": UInt64(CoreLimits.originNameBytesMax),
        "entryNumberMax": CoreLimits.entryNumberMax, "vectorOriginsMax": UInt64(CoreLimits.vectorOriginsMax),
        "columnsPerTableMax": UInt64(CoreLimits.columnsPerTableMax),
        "keyColumnsMax": UInt64(CoreLimits.keyColumnsMax), "keyBytesMax": UInt64(CoreLimits.keyBytesMax),
        "keyBytesPerEntryMax": UInt64(CoreLimits.keyBytesPerEntryMax),
        "sharedTablesMax": UInt64(CoreLimits.sharedTablesMax),
        "identifierBytesMax": UInt64(CoreLimits.identifierBytesMax),
        "controlRecordsPerEntryMax": UInt64(CoreLimits.controlRecordsPerEntryMax),
        "votesPerEntryMax": UInt64(CoreLimits.votesPerEntryMax),
        "votesPerLogMax": UInt64(CoreLimits.votesPerLogMax),
        "causalLengthPerEntryMax": UInt64(CoreLimits.causalLengthPerEntryMax),
        "changesPerTableMax": UInt64(CoreLimits.changesPerTableMax),
        "unmeteredRowBytesMax": UInt64(CoreLimits.unmeteredRowBytesMax),
        "payloadBytesMax": UInt64(CoreLimits.payloadBytesMax),
        "payloadBytesDefault": UInt64(CoreLimits.payloadBytesDefault),
        "payloadBytesLeast": UInt64(CoreLimits.payloadBytesLeast),
        "payloadBytesPerChange": UInt64(CoreLimits.payloadBytesPerChange),
        "authorBytesMax": UInt64(CoreLimits.authorBytesMax), "noteBytesMax": UInt64(CoreLimits.noteBytesMax),
        "branchBytesMax": CoreLimits.branchBytesMax,
        "clockAheadMillisecondsMax": CoreLimits.clockAheadMillisecondsMax,
        "causalLengthMax": CoreLimits.causalLengthMax,
    ]

    /// Name and value as the source declares them: numbers, shifts, sums, brackets and limits of
    /// the core.
    private static func declared(_ path: String) throws -> [String: UInt64] {
        let source = try String(
            contentsOf: Documents.root.deletingLastPathComponent().appendingPathComponent("Sources/" + path),
            encoding: .utf8)
        var result: [String: UInt64] = [:]
        for line in source.split(separator: "\n") where line.contains("static let") && !line.contains("\"") {
            let halves = String(line).components(separatedBy: " = ")
            let words = halves[0].components(separatedBy: "static let ")
            guard halves.count == 2, words.count == 2 else { throw DocumentFault(description: "\(path): \(line)") }
            result[words[1].components(separatedBy: ":")[0]] = try value(of: halves[1], line: String(line))
        }
        return result
    }

    private static func value(of expression: String, line: String) throws -> UInt64 {
        try expression.components(separatedBy: " + ").reduce(0) { sum, term in
            let factors = try term.trimmingCharacters(in: CharacterSet(charactersIn: "() ")).components(
                separatedBy: " << "
            ).map { word in
                if word.hasPrefix("CoreLimits."), let value = core[String(word.dropFirst("CoreLimits.".count))] {
                    return value
                }
                guard let number = UInt64(word.filter { $0 != "_" }) else {
                    throw DocumentFault(description: "no number is \(word) in \(line)")
                }
                return number
            }
            return sum + factors.dropFirst().reduce(factors[0]) { $0 << $1 }
        }
    }

    /// The rows of the page's tables: the name, the value's number, its unit, and what happens at
    /// the limit.
    private static func shown() throws -> [(name: String, value: UInt64?, unit: String, effect: String)] {
        try Documents.text("reference/limits.md").split(separator: "\n").filter { $0.hasPrefix("| `") }.map { row in
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3 else { throw DocumentFault(description: "a row of \(cells.count) cells: \(row)") }
            let words = cells[1].split(separator: " ", maxSplits: 1).map(String.init)
            return (
                cells[0].trimmingCharacters(in: CharacterSet(charactersIn: "`")), UInt64(words[0].filter { $0 != "," }),
                words.dropFirst().joined(), cells[2]
            )
        }
    }

    @Test func everyLimitStandsInThePageWithItsValue() throws {
        let core = try Self.declared("ParkSyncCore/Limits.swift")
        #expect(core == Self.core, "a limit is missing in this test, or the source is read wrongly")
        let wire = try Self.declared("ParkSyncWire/WireLimits.swift")
        let local = try Self.declared("ParkSyncReports/Requests/LocalLimits.swift")
        let reading = try Self.declared("ParkSyncStore/Read/ReadLimits.swift")
        let log = try Self.declared("ParkSyncStore/SQLite/LogLimits.swift")
        let verifying = try Self.declared("ParkSyncStore/Verify/VerificationLimits.swift")
        let schema = try Self.declared("ParkSyncStore/Schema/SchemaLimits.swift")
        let all = [wire, local, reading, log, verifying, schema].reduce(core) { $0.merging($1) { first, _ in first } }
        #expect(
            all.count == core.count + wire.count + local.count + reading.count + log.count + verifying.count
                + schema.count)
        let rows = try Self.shown()
        #expect(rows.map(\.name).sorted() == all.keys.sorted(), "the page and the code name other limits")
        for row in rows {
            let value = all[row.name]
            #expect(row.value == value, "\(row.name) is \(value.map(String.init) ?? "unknown")")
            #expect(row.name == "protocolVersion" || !row.unit.isEmpty, "\(row.name) has no unit")
            #expect(!row.effect.isEmpty)
        }
    }

    /// The unit of a limit in the page fits its name.
    @Test func unitsAreThoseOfTheNames() throws {
        for row in try Self.shown() {
            if row.name.contains("Milliseconds") { #expect(row.unit == "ms", "\(row.name)") }
            if row.name.contains("Bytes") { #expect(row.unit.hasSuffix("bytes"), "\(row.name)") }
        }
    }
}
