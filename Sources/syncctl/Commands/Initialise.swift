import ArgumentParser
import Foundation

/// `syncctl init`: keys, certificates and configurations for a whole zone.
struct Initialise: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make the keys, certificates and configurations of a zone.",
        discussion: """
            Makes DIR/zone-ca.key and DIR/zone-ca.crt, and for each park a folder DIR/PARK with parksyncd.yaml, \
            identity.key, node.crt, node.key \
            and zone-ca.crt; with --loopback-port also http.token. Give each park its own folder and keep zone-ca.key \
            off the network; it is needed for --renew only.
            """)

    @Argument(help: "The folder to make the zone in.")
    var folder: String

    @Option(
        help:
            """
            With --loopback-port: the parks, separated by commas (default: \
            \(ZonePlan.parksDefault.joined(separator: ","))).
            """
    )
    var parks: String?

    @Option(
        help: "All parks on this machine: local APIs on 127.0.0.1 from this port on, peer interfaces from 10 higher on."
    )
    var loopbackPort: Int?

    @Option(name: .customLong("address"), help: "A park on a machine of its own: PARK=HOST:PORT. Once for each park.")
    var addresses: [String] = []

    @Flag(help: "Paths of a system service: /etc/parksync, /var/lib/parksync, /run/parksync.")
    var system = false

    @Option(help: "Days for which the nodes' certificates are valid.")
    var validDays = 825

    @Option(help: "The zone's name, for the authority's certificate.")
    var zone = "ParkSync"

    @Option(help: "Only make a new certificate for this park, with the authority that DIR holds.")
    var renew: String?

    @Option(help: "Only make a token for this park's loopback listener, DIR/PARK/http.token, if it has none.")
    var token: String?

    func validate() throws {
        guard (1...36_500).contains(validDays) else { throw ValidationError("--valid-days is from 1 to 36500.") }
        if renew == nil, token == nil, (loopbackPort == nil) == addresses.isEmpty {
            throw ValidationError("Give either --loopback-port, or --address for each park.")
        }
        if parks != nil, !addresses.isEmpty {
            throw ValidationError("--parks belongs to --loopback-port; --address names the parks itself.")
        }
        if token != nil, renew != nil || loopbackPort != nil || !addresses.isEmpty || system {
            throw ValidationError("--token makes a token alone.")
        }
        if renew != nil, loopbackPort != nil || !addresses.isEmpty || system {
            throw ValidationError("--renew makes no configuration.")
        }
        if system, loopbackPort != nil { throw ValidationError("--system belongs to --address.") }
    }

    func run() async throws {
        try await reporting("init") {
            let maker = ZoneMaker(folder: URL(fileURLWithPath: folder), days: validDays, now: Date())
            if let renew {
                let end = try maker.renew(park: renew)
                return print(
                    """
                    \(folder)/\(renew): new certificate, valid until \(end.formatted(.iso8601)); bring node.crt \
                    and node.key to the node and reload it
                    """
                )
            }
            if let token {
                return print(
                    """
                    \(try maker.makeToken(park: token)): new token; the node's user has to be able to read it \
                    (mode 0600 or 0640)
                    """
                )
            }
            let names =
                parks?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } ?? ZonePlan.parksDefault
            let plan =
                try loopbackPort.map { try ZonePlan.loopback(names, port: $0) }
                ?? ZonePlan.hosts(addresses, isSystem: system)
            try maker.make(plan, zone: zone)
            print("zone of \(plan.parks.count) parks in \(folder)")
            Console.table(
                [["park", "peers call", "configuration"]]
                    + plan.parks.map { [$0.name, "https://\($0.peerAddress)", "\(folder)/\($0.name)/parksyncd.yaml"] })
        }
    }
}
