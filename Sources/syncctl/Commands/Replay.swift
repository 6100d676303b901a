import ArgumentParser
import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncStore

/// `syncctl replay`: rebuilds all shared tables from the change log of a database file.
struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rebuild all shared tables from the change log alone, and prove that they equal the live ones.",
        discussion: """
            Reads a node's database file (the daemon may be running), checks every hash and signature of the log, and \
            makes a new file with the \
            tables that the log gives. Without --until the result is compared with the live tables by digest. With \
            --until the new file holds the \
            state at that time, as far as the log here has it: what another park had written by then and this node \
            has not received is not in \
            it. A time in the future has no state yet and is refused. No SQL that the file brings is executed: its \
            tables have to be those of the \
            schema files that --members names (without it: the catalogue's). Exit status: 0 proven, 1 when the \
            tables differ or the log is not sound, 3 when all is equal and sound but \
            the signatures were not checked, because --members is missing.
            """)

    @Option(
        name: .customLong("database"),
        help: "The node's database file, such as /var/lib/parksync/south/parksync.sqlite.")
    var database: String

    @Option(name: .customLong("into"), help: "The file to make. It must not exist.")
    var into: String

    @Option(
        name: .customLong("until"),
        help: "Only entries written up to this time: ISO 8601 (2026-12-01T08:00:00Z) or Unix milliseconds.")
    var until: String?

    @Option(
        name: .customLong("members"),
        help:
            """
            A node configuration file: `members` has the public keys to check signatures with, `schema` the \
            node's schema files.
            """
    )
    var members: String?

    @OptionGroup var bounds: ExaminationBounds

    @Flag(name: .customLong("json"), help: "Print the report as JSON.")
    var json = false

    /// What a replay has shown.
    enum Proof: String, Encodable {
        /// The log is sound and signed, and gives the live tables.
        case proven
        /// The log is sound and signed up to the time that was asked for.
        case rebuilt
        /// The same, but nothing says who wrote the log.
        case unsigned = "signatures-not-checked"
        /// The tables do not differ, but the log is not sound.
        case unsound
        case different

        init(_ report: ReplayReport, isPartial: Bool) {
            if report.isDifferent {
                self = .different
            } else if !report.findings.isEmpty {
                self = .unsound
            } else if !report.hasCheckedSignatures {
                self = .unsigned
            } else {
                self = isPartial ? .rebuilt : .proven
            }
        }

        var exit: ExitCode {
            switch self {
            case .proven, .rebuilt: .success
            case .unsound, .different: CommandExit.degraded
            case .unsigned: CommandExit.unchecked
            }
        }
    }

    struct Report: Encodable {
        struct Table: Encodable {
            var name: String
            var rows: Int64
            var digest: String
            var liveDigest: String?
            enum CodingKeys: String, CodingKey { case name, rows, digest, liveDigest = "live_digest" }
        }
        var verdict: Proof
        var proven: Bool
        var entries: Int
        var vector: String
        var stateHash: String
        var hasReadLiveRows: Bool
        var tables: [Table]
        var findings: [String]
        enum CodingKeys: String, CodingKey {
            case verdict, proven, entries, vector, stateHash = "state_hash", hasReadLiveRows = "has_read_live_rows",
                tables, findings
        }
    }

    func run() async throws {
        let limit = try until.map(Self.milliseconds)
        if let limit { try Self.checkPast(limit, now: RealClock().wallMilliseconds()) }
        let keys = try await memberKeys()
        let schema = try await schemaFiles()
        let result: ReplayReport
        var longest = 0
        do {
            longest = try bounds.apply(
                "replay", database, entryBytesMax: try await entryBytesMax(),
                nothing: "\(into), if it is there now, is not whole: remove it.")
            result = try ParkSyncFiles.Replay(
                from: database, into: into, members: keys, schema: schema, longest: longest
            ).run(until: limit)
        } catch let error as StoreError {
            Console.error("syncctl replay: \(ExaminationBounds.explained(error, longest: longest))")
            throw [.invalidInput, .schema].contains(error.code) ? ExitCode.validationFailure : CommandExit.degraded
        }
        let verdict = Proof(result, isPartial: limit != nil)
        let report = Report(
            verdict: verdict, proven: verdict == .proven, entries: result.entries, vector: result.vector.description,
            stateHash: Hex.encode(result.stateHash),
            hasReadLiveRows: result.hasReadLiveRows,
            tables: result.tables.map {
                Report.Table(name: $0.name, rows: $0.rows, digest: $0.digest.hex, liveDigest: $0.live?.hex)
            },
            findings: result.findings)
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            Console.jsonText(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
            describe(report, isPartial: limit != nil)
        }
        if verdict.exit != .success { throw verdict.exit }
    }

    private func schemaFiles() async throws -> CompiledSchema {
        guard let members else { return try OfflineNode.schema(folder: nil) }
        return try OfflineNode.schema(folder: try await ZoneFile(members).path("schema"))
    }

    private func entryBytesMax() async throws -> Int? {
        guard let members else { return nil }
        return try await ZoneFile(members).entryBytesMax()
    }

    private func memberKeys() async throws -> [String: [UInt8]] {
        guard let members else { return [:] }
        return try await ZoneFile(members).memberKeys()
    }

    private func describe(_ report: Report, isPartial: Bool) {
        print(headline(report, isPartial: isPartial))
        for finding in report.findings { print("  \(Console.safe(finding))") }
        if !isPartial, report.verdict != .different {
            print(
                report.hasReadLiveRows
                    ? "  every live row was read and compared as well"
                    : "  the live rows were not read: writes were under way, the kept digests were compared")
        }
        print("  vector \(report.vector)")
        for table in report.tables { print("  \(table.digest)  \(table.rows) rows  \(table.name)") }
    }

    private func headline(_ report: Report, isPartial: Bool) -> String {
        let state = "\(into) holds the state at \(until ?? ""), as far as this log has it"
        let same = "\(report.entries) entries rebuilt in \(into) give the same digests as the live tables"
        switch report.verdict {
        case .proven: return "PROVEN: \(same)"
        case .rebuilt: return "REBUILT: \(state)"
        case .unsigned:
            let unchecked = "signatures not checked. Name a node's configuration with --members to check them."
            return isPartial ? "REBUILT, \(unchecked) \(state)" : "SAME TABLES, \(unchecked) \(same)"
        case .unsound:
            return isPartial
                ? "NOT SOUND: \(state), but the log has faults"
                : "NOT PROVEN: the tables are the same, but the log has faults"
        case .different: return "DIFFERENT: the log does not give the live tables"
        }
    }

    /// - Throws: `ValidationError` for a time that has not come: what its state will be, no log can
    ///   tell.
    static func checkPast(_ limit: UInt64, now: UInt64) throws {
        guard limit > now else { return }
        throw ValidationError(
            "--until \(Console.time(limit)) is in the future: this machine's clock says \(Console.time(now)). "
                + "Nothing was made. Leave --until out for everything that the log has.")
    }

    static func milliseconds(_ text: String) throws -> UInt64 {
        if let number = UInt64(text) { return number }
        let formatter = ISO8601DateFormatter()
        for options: ISO8601DateFormatter.Options in [
            [.withInternetDateTime], [.withInternetDateTime, .withFractionalSeconds],
        ] {
            formatter.formatOptions = options
            if let date = formatter.date(from: text),
                let milliseconds = UInt64(exactly: (date.timeIntervalSince1970 * 1_000).rounded(.down))
            {
                return milliseconds
            }
        }
        throw ValidationError(
            "`\(text)` is not a time. Give ISO 8601 with a zone, such as 2026-12-01T08:00:00Z, or Unix milliseconds.")
    }
}
