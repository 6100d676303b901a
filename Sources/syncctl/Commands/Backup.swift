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

    @OptionGroup var copy: CopyOptions

    func validate() throws { try copy.work.check(node) }

    func run() async throws {
        try await reporting("backup") {
            let target = try NewFile(copy.file)
            defer { target.discard() }
            let report = copy.work.offline ? try await local(target) : try await remote(target)
            if copy.json { return try Console.json(report) }
            print("backup of \(report.park) in \(copy.file): \(report.bytes) bytes, verified")
            print("vector \(report.vector)\nsha256 \(report.sha256)")
            Console.table(
                [["table", "rows", "digest"]] + report.tables.map { [$0.name, "\($0.rows)", $0.digest.hex] })
        }
    }

    private func local(_ target: NewFile) async throws -> BackupReport {
        let offline = try await OfflineNode(config: node.config ?? "")
        // Made by SQLite, with the mode that it gives: readable for its owner only, as the
        // database's.
        let report = try await offline.withStore { try await $0.backup(to: target.scratch) }
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
