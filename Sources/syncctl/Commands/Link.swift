import ArgumentParser
import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncReports
import ParkSyncWire

/// `syncctl link`
struct Link: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Pause or resume the link to one peer, in both directions.",
        discussion: "A paused link is resumed when the node restarts.",
        subcommands: [Pause.self, Resume.self])

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop exchanging with a peer.")
        @OptionGroup var node: NodeAddress
        @Argument(help: "The peer, as in west.") var peer: String
        func run() async throws { try await Link.set(peer, paused: true, node) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Go on exchanging with a peer.")
        @OptionGroup var node: NodeAddress
        @Argument(help: "The peer, as in west.") var peer: String
        func run() async throws { try await Link.set(peer, paused: false, node) }
    }

    private static func set(_ peer: String, paused: Bool, _ node: NodeAddress) async throws {
        let loop = CurlLoop()
        try await reporting(paused ? "link pause" : "link resume") {
            guard OriginID(peer)?.park == peer else {
                throw ValidationError("\(peer) is not the name of a park.")
            }
            _ = try await node.client(loop).send(
                "PUT", "\(LocalPath.links)/\(peer)", body: Array(try JSONEncoder().encode(LinkRequest(paused: paused))))
            print(paused ? "the link to \(peer) is paused" : "the link to \(peer) is open")
        }
    }
}
