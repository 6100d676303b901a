import ArgumentParser
import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import ParkSyncWire

/// `syncctl log import`
struct ImportBundle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take over the entries of a bundle.",
        discussion: """
            Everything is checked before anything is kept; importing a bundle again changes nothing. With --offline \
            and --config the command does it \
            by itself, on the files of a node that is down.
            """)

    @OptionGroup var node: NodeAddress

    @Argument(help: "A file that syncctl log export has made.")
    var file: String

    @OptionGroup var work: OfflineOption

    @Flag(help: "Print what was done as JSON.")
    var json = false

    func validate() throws { try work.check(node) }

    func run() async throws {
        try await reporting("log import") {
            guard FileSystem.exists(file) else { throw ValidationError("\(file) does not exist.") }
            // Opening a pipe waits for whoever writes to it.
            guard FileSystem.isRegular(file) else {
                throw ValidationError(
                    """
                    \(file) is no file, but a folder, a pipe or a device. Name a file that syncctl log export \
                    has made.
                    """
                )
            }
            let report = work.offline ? try await local() : try await remote()
            if json { return try Console.json(report) }
            print(
                """
                bundle of \(report.from): \(report.entries) entries, \(report.newEntries) of them new \
                here\napplied \(report.applied)
                """
            )
        }
    }

    private func local() async throws -> ImportReport {
        try await OfflineNode(config: node.config ?? "").withStore { try await $0.importBundle(file) }
    }

    private func remote() async throws -> ImportReport {
        let loop = CurlLoop()
        let client = try await node.client(loop)
        let handle: FileHandle
        do { handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file)) } catch {
            throw ValidationError(
                "\(file) cannot be read: \(ErrorWords.of(error)). Name a file that syncctl log export has made.")
        }
        let path = "\(LocalPath.imports)/\(Hex.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) }))"
        var offset = 0
        while let part = try handle.read(upToCount: LocalLimits.importPartBytesMax), !part.isEmpty {
            _ = try await client.send("PUT", path, [("offset", "\(offset)")], body: Array(part))
            offset += part.count
        }
        return try await client.post(path, Int?.none, within: nil)
    }
}
