import ArgumentParser
import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncFiles
import ParkSyncReports
import ParkSyncStore
import ParkSyncWire

/// `syncctl backup`
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a verified copy of a node's database, while the node works.",
        discussion: """
            The node makes the copy, checks it (SQLite's integrity check, every hash and signature of the log, every \
            row against the digests), and \
            sends it here. With --offline and --config the command does the same by itself, on the files of a node \
            that is down.
            """)

    @OptionGroup var node: NodeAddress

    @Argument(help: "The file to make. It must not exist.")
    var file: String

    @Flag(help: "Work on the files of a node that is down; needs --config.")
    var offline = false

    @Flag(help: "Print what was made as JSON.")
    var json = false

    func validate() throws {
        if offline, node.config == nil {
            throw ValidationError("--offline needs --config: it names the node's files and keys.")
        }
    }

    func run() async throws {
        try await reporting("backup") {
            let target = try NewFile(file)
            defer { target.discard() }
            let report = offline ? try await local(target) : try await remote(target)
            if json { return try Console.json(report) }
            print("backup of \(report.park) in \(file): \(report.bytes) bytes, verified")
            print("vector \(report.vector)\nsha256 \(report.sha256)")
            Console.table(
                [["table", "rows", "digest"]] + report.tables.map { [$0.name, "\($0.rows)", $0.digest.hex] })
        }
    }

    private func local(_ target: NewFile) async throws -> BackupReport {
        let offline = try await OfflineNode(config: node.config ?? "")
        let store = try offline.open()
        let made: Result<BackupReport, any Error>
        // Made by SQLite, with the mode that it gives: readable for its owner only, as the
        // database's.
        do { made = .success(try await store.backup(to: target.scratch)) } catch { made = .failure(error) }
        try await store.close()
        let report = try made.get()
        chmod(target.scratch, 0o600)
        try target.commit()
        try offline.backups.note(RealClock().wallMilliseconds())
        return report
    }

    private func remote(_ target: NewFile) async throws -> BackupReport {
        let loop = CurlLoop()
        let client = try await node.client(loop)
        var report: BackupReport = try await client.post(LocalPath.backups, Int?.none, within: nil)
        try await CopyFetch.fetch(report.id ?? "", bytes: report.bytes, sha256: report.sha256, client, into: target)
        report.id = nil
        return report
    }
}
