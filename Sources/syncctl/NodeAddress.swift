import ArgumentParser
import Foundation
import ParkSyncCore
import ParkSyncCurl

/// Which node a command talks to.
struct NodeAddress: ParsableArguments {
    @Option(help: "Path of the node's local socket.")
    var socket: String?

    @Option(help: "Base URL of the node's local API, as in http://127.0.0.1:7600.")
    var url: String?

    @Option(help: "A node's configuration, whose local.socket is used.")
    var config: String?

    @Option(help: "A park of this machine, whose socket is /run/parksync/PARK/control.sock.")
    var park: String?

    static let variable = "PARKSYNC_SOCKET"
    static let remedy = "Name the node by --socket, --url, --config or --park, or by the environment variable \(variable)."

    private var environment: String? {
        guard let path = ProcessInfo.processInfo.environment[Self.variable], !path.isEmpty else { return nil }
        return path
    }

    /// Here and not when the command runs, so that the usage which is shown with the error is that of the command.
    func validate() throws {
        let given = [socket, url, config, park].compactMap { $0 }
        guard given.count <= 1 else { throw ValidationError("More than one node is named. \(Self.remedy)") }
        guard !given.isEmpty || environment != nil else { throw ValidationError("No node is named. \(Self.remedy)") }
        if let url, !url.hasPrefix("http://") { throw ValidationError("--url \(url): the local API is plain HTTP, as in http://127.0.0.1:7600.") }
        if let park, OriginID(park)?.park != park { throw ValidationError("--park \(park) is not the name of a park.") }
    }

    func address() async throws -> ControlAddress {
        if let socket { return .socket(path: socket) }
        if let url { return .url(url) }
        if let config { return .socket(path: try await ZoneFile(config).socketPath()) }
        if let park { return .socket(path: "/run/parksync/\(park)/control.sock") }
        guard let environment else { throw ValidationError("No node is named. \(Self.remedy)") }
        return .socket(path: environment)
    }

    /// The loop must live as long as the client is used.
    func client(_ loop: CurlLoop) async throws -> ControlClient { ControlClient(try await address(), loop: loop) }
}
