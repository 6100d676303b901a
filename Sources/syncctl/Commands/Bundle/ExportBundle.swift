import ArgumentParser
import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import ParkSyncWire

/// `syncctl log export`
struct ExportBundle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write what a park lacks into one file, for a park without a link.",
        discussion: """
            Without --since and --for it is what the node heard of the park last; of a park that was not heard since \
            the node's start, everything. \
            With --offline and --config the command does it by itself, on the files of a node that is down.
            """)

    @OptionGroup var node: NodeAddress

    @Option(help: "The park that is to import the bundle.")
    var to: String

    @Option(help: "What that park has, as a vector: 'south:12 west:7'; - for nothing.")
    var since: String?

    @Option(name: .customLong("for"), help: "The same, from a file with that park's `syncctl status --json`.")
    var statusFile: String?

    @OptionGroup var copy: CopyOptions

    func validate() throws {
        if since != nil, statusFile != nil {
            throw ValidationError("--since and --for both say what the park has: give one of them.")
        }
        if let since, VersionVector(parsing: since) == nil {
            throw ValidationError("--since '\(since)' is not a vector, as in 'south:12 west:7'.")
        }
        try copy.work.check(node)
    }

    func run() async throws {
        try await reporting("log export") {
            let target = try NewFile(copy.file)
            defer { target.discard() }
            let since = try since ?? statusFile.map(Self.vector)
            var report = copy.work.offline ? try await local(target, since) : try await remote(target, since)
            report.id = nil
            if copy.json { return try Console.json(report) }
            print(
                """
                bundle of \(report.from) for \(report.to) in \(copy.file): \(report.entries) entries, \
                \(report.bytes) bytes
                """
            )
            print("needs \(report.before)\ngives \(report.after)\nsha256 \(report.sha256)")
        }
    }

    /// What a park has in its log, as its status says.
    private static func vector(_ path: String) throws -> String {
        struct File: Decodable {
            struct Status: Decodable { var logged: String }
            var status: Status
        }
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw ValidationError(
                """
                --for \(path) cannot be read: \(ErrorWords.of(error)). Name a file with the output of syncctl \
                status --json.
                """
            )
        }
        guard let file = try? JSONCoding.decode(File.self, from: data),
            VersionVector(parsing: file.status.logged) != nil
        else { throw ValidationError("\(path) is not the output of syncctl status --json.") }
        return file.status.logged
    }

    private func local(_ target: NewFile, _ since: String?) async throws -> BundleReport {
        let before = since.flatMap { VersionVector(parsing: $0) } ?? VersionVector()
        let report = try await OfflineNode(config: node.config ?? "").withStore {
            try await $0.exportBundle(to: to, before: before, path: target.scratch)
        }
        try target.commit()
        return report
    }

    private func remote(_ target: NewFile, _ since: String?) async throws -> BundleReport {
        let loop = CurlLoop()
        let client = try await node.client(loop)
        let report: BundleReport = try await client.post(
            LocalPath.bundles, BundleRequest(to: to, since: since), within: nil)
        try await CopyFetch.fetch(report.id ?? "", bytes: report.bytes, sha256: report.sha256, client, into: target)
        return report
    }
}
