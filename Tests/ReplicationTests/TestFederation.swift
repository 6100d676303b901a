import ParkSyncCore
import ParkSyncSimulation
import Testing

/// A park's origin by its name.
func origin(_ name: some StringProtocol) -> OriginID {
    guard let origin = OriginID(name) else { preconditionFailure("\(name) is not an origin") }
    return origin
}

extension VirtualFederation {
    static let sixParks = ["airport", "biocity", "jingrong", "science-city", "south", "west"]

    convenience init(_ parks: [String] = sixParks, seed: UInt64, delay: UInt64 = 8, store: UInt64 = 5) {
        self.init(
            parks.map { origin($0) }, network: VirtualNetwork(delayMillisecondsMax: delay), seed: seed, store: store)
    }

    var delayMilliseconds: UInt64 { network.delayMillisecondsMax }

    /// Everybody has written once, knows everything and is connected with everybody.
    static func atRest(_ seed: UInt64 = 1, parks: [String] = sixParks) throws -> VirtualFederation {
        let federation = VirtualFederation(parks, seed: seed)
        for node in federation.names.indices { federation.write(node) }
        try #require(federation.run(5_000) { federation.isConverged && federation.isDirect } != nil)
        federation.run(500)
        return federation
    }
}
