import ArgumentParser
import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncReplication
import ParkSyncReports
import ParkSyncWire

/// Which node a command talks to.
struct NodeAddress: ParsableArguments {
    @Option(help: "Path of the node's local socket.")
    var socket: String?

    @Option(help: "Base URL of the node's local API, as in http://127.0.0.1:7600.")
    var url: String?

    @Option(
        help:
            """
            With --url: a file with the token that the node wants there (its local.http_token_file); the first \
            one is used.
            """
    )
    var tokenFile: String?

    @Option(help: "A node's configuration, whose local.socket is used.")
    var config: String?

    @Option(help: "A park of this machine, whose socket is /run/parksync/PARK/control.sock.")
    var park: String?

    static let variable = "PARKSYNC_SOCKET"
    static let remedy =
        "Name the node by --socket, --url, --config or --park, or by the environment variable \(variable)."

    private static var environment: String? {
        guard let path = ProcessInfo.processInfo.environment[variable], !path.isEmpty else { return nil }
        return path
    }

    /// Here and not when the command runs, so that the usage which is shown with the error is that
    /// of the command. Whether a node is named at all is asked later: a misspelt option would be
    /// told as that otherwise.
    func validate() throws {
        let given = [socket, url, config, park].compactMap { $0 }
        guard given.count <= 1 else { throw ValidationError("More than one node is named. \(Self.remedy)") }
        if let url, !url.hasPrefix("http://") {
            throw ValidationError("--url \(url): the local API is plain HTTP, as in http://127.0.0.1:7600.")
        }
        if tokenFile != nil, url == nil {
            throw ValidationError("--token-file belongs to --url: a socket needs no token.")
        }
        if let park { try LocalNodes().check(park) }
    }

    func address() async throws -> ControlAddress {
        if let socket { return .socket(path: socket) }
        if let url { return .url(url, token: try tokenFile.map(Self.token)) }
        if let config { return .socket(path: try await ZoneFile(config).socketPath()) }
        if let park { return .socket(path: LocalNodes().socket(of: park)) }
        return .socket(path: try Self.unnamedSocket())
    }

    /// The first token of a file.
    private static func token(_ path: String) throws -> String {
        let data: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            data = try file.read(upToCount: LocalLimits.tokenFileBytesMax + 1) ?? Data()
        } catch {
            throw ValidationError(
                "--token-file \(path) cannot be read: \(ErrorWords.of(error)). Name the node's local.http_token_file.")
        }
        do { return try LocalToken.parse(String(decoding: data, as: UTF8.self)).first?.secret ?? "" } catch {
            throw ValidationError(
                "--token-file \(path), \(error). Give a file with a line of a name, a space, and the token.")
        }
    }

    /// Where the node listens that is meant when none is named.
    static func unnamedSocket() throws -> String { try environment ?? LocalNodes().socket(of: LocalNodes().only()) }

    /// The loop must live as long as the client is used.
    func client(_ loop: CurlLoop) async throws -> ControlClient { ControlClient(try await address(), loop: loop) }
}

/// The nodes that run, or are set up, on this machine as system services.
struct LocalNodes {
    /// systemd makes a folder for each node here while it runs.
    var runFolder = "/run/parksync"
    var configurationFolder = "/etc/parksync"

    func socket(of park: String) -> String { "\(runFolder)/\(park)/control.sock" }

    /// Names of parks, sorted. What this account may not read is left out.
    var parks: [String] {
        let running = entries(runFolder)
        let configured = entries(configurationFolder).filter {
            FileManager.default.fileExists(atPath: "\(configurationFolder)/\($0)/parksyncd.yaml")
        }
        return Set(running + configured).filter { OriginID($0)?.park == $0 }.sorted()
    }

    private func entries(_ folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    /// - Throws: `ValidationError` unless there is exactly one.
    func only() throws -> String {
        let parks = parks
        guard let park = parks.first else {
            throw ValidationError("No node is named, and no node runs on this machine. \(NodeAddress.remedy)")
        }
        guard parks.count == 1 else {
            throw ValidationError(
                """
                No node is named, and this machine has several: \(parks.joined(separator: ", ")). \
                \(NodeAddress.remedy)
                """
            )
        }
        return park
    }

    /// - Throws: `ValidationError` if `park` cannot be a park, or is one that this machine does not
    ///   have while it has others.
    func check(_ park: String) throws {
        let parks = parks
        guard OriginID(park)?.park == park else {
            throw ValidationError("--park \(park) is not the name of a park. \(Nearest.question(park, in: parks))")
        }
        guard !parks.isEmpty, !parks.contains(park) else { return }
        throw ValidationError(
            """
            --park \(park): this machine has no such node. \(Nearest.question(park, in: parks))Nodes here: \
            \(parks.joined(separator: ", ")).
            """
        )
    }
}
