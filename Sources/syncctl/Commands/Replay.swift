import ArgumentParser
import Foundation
import ParkSyncCore
import ParkSyncStore

/// `syncctl replay`: rebuilds all shared tables from the change log of a database file.
struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rebuild all shared tables from the change log alone, and prove that they equal the live ones.",
        discussion: """
            Reads a node's database file (the daemon may be running), checks every hash and signature of the log, and makes a new file with the \
            tables that the log gives. Without --until the result is compared with the live tables by digest; exit status 1 means that they differ. \
            With --until the new file holds the state at that time.
            """)

    @Option(name: .customLong("database"), help: "The node's database file, such as /var/lib/parksync/south/parksync.sqlite.")
    var database: String

    @Option(name: .customLong("into"), help: "The file to make. It must not exist.")
    var into: String

    @Option(name: .customLong("until"), help: "Only entries written up to this time: ISO 8601 (2026-12-01T08:00:00Z) or Unix milliseconds.")
    var until: String?

    @Option(name: .customLong("members"), help: "A node configuration file whose `members` give the public keys to check signatures with.")
    var members: String?

    @Flag(name: .customLong("json"), help: "Print the report as JSON.")
    var json = false

    struct Report: Encodable {
        struct Table: Encodable {
            var name: String
            var rows: Int64
            var digest: String
            var liveDigest: String?
            enum CodingKeys: String, CodingKey { case name, rows, digest, liveDigest = "live_digest" }
        }
        var proven: Bool
        var entries: Int
        var vector: String
        var stateHash: String
        var hasReadLiveRows: Bool
        var tables: [Table]
        var findings: [String]
        enum CodingKeys: String, CodingKey {
            case proven, entries, vector, stateHash = "state_hash", hasReadLiveRows = "has_read_live_rows", tables, findings
        }
    }

    func run() async throws {
        let limit = try until.map(Self.milliseconds)
        let keys = try await memberKeys()
        let result: ReplayReport
        do {
            result = try ParkSyncStore.Replay(from: database, into: into, members: keys).run(until: limit)
        } catch let error as StoreError {
            FileHandle.standardError.write(Data("syncctl replay: \(error)\n".utf8))
            throw ExitCode(error.code == .invalidInput ? 64 : 1)
        }
        let report = Report(
            proven: limit == nil && result.findings.isEmpty, entries: result.entries, vector: result.vector.description,
            stateHash: Hex.encode(result.stateHash),
            hasReadLiveRows: result.hasReadLiveRows,
            tables: result.tables.map { Report.Table(name: $0.name, rows: $0.rows, digest: $0.digest.hex, liveDigest: $0.live?.hex) },
            findings: result.findings)
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
            describe(report, isPartial: limit != nil)
        }
        if !report.findings.isEmpty { throw ExitCode(1) }
    }

    private func memberKeys() async throws -> [String: [UInt8]] {
        guard let members else { return [:] }
        return try await ZoneFile(members).memberKeys()
    }

    private func describe(_ report: Report, isPartial: Bool) {
        if !report.findings.isEmpty {
            print("DIFFERENT: the log does not give the live tables")
            for finding in report.findings { print("  \(finding)") }
        } else if isPartial {
            print("REBUILT: \(into) holds the state at \(until ?? "")")
        } else {
            print("PROVEN: \(report.entries) entries rebuilt in \(into) give the same digests as the live tables")
            print(
                report.hasReadLiveRows
                    ? "  every live row was read and compared as well"
                    : "  the live rows were not read: writes were under way, the kept digests were compared")
        }
        print("  vector \(report.vector)")
        for table in report.tables { print("  \(table.digest)  \(table.rows) rows  \(table.name)") }
    }

    static func milliseconds(_ text: String) throws -> UInt64 {
        if let number = UInt64(text) { return number }
        let formatter = ISO8601DateFormatter()
        for options: ISO8601DateFormatter.Options in [[.withInternetDateTime], [.withInternetDateTime, .withFractionalSeconds]] {
            formatter.formatOptions = options
            if let date = formatter.date(from: text), date.timeIntervalSince1970 >= 0 { return UInt64(date.timeIntervalSince1970 * 1_000) }
        }
        throw ValidationError("`\(text)` is not a time. Give ISO 8601 with a zone, such as 2026-12-01T08:00:00Z, or Unix milliseconds.")
    }
}
