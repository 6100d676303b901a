import ArgumentParser
import ParkSyncCore

/// What a zone is to look like, before anything is made.
struct ZonePlan: Hashable {
    struct Park: Hashable {
        var name: String
        /// Where others call its peer interface, as in `south.example:7700`.
        var peerAddress: String
        /// Where it listens for peers.
        var listen: String
        /// Loopback address of the local API, if any.
        var localHTTP: String?
    }

    /// Sorted by name.
    var parks: [Park]
    /// Whether state and sockets lie where a system service has them.
    var isSystem: Bool

    static let parksDefault = ["south", "west", "bio-city", "airport", "science-city", "jingrong-town"]
    static let portMax = 65_535

    /// Six parks on one machine: local APIs from `port` on, peer interfaces from `port` + 10 on, in the order of `names`.
    static func loopback(_ names: [String], port: Int) throws -> ZonePlan {
        try check(names)
        guard port >= 1_024, port + 10 + names.count <= portMax else {
            throw ValidationError("--loopback-port leaves no room for \(names.count) parks.")
        }
        let parks = names.enumerated().map { index, name in
            let peer = "127.0.0.1:\(port + 10 + index)"
            return Park(name: name, peerAddress: peer, listen: peer, localHTTP: "127.0.0.1:\(port + index)")
        }
        return ZonePlan(parks: parks.sorted { $0.name < $1.name }, isSystem: false)
    }

    /// - Parameter addresses: `PARK=HOST:PORT`.
    static func hosts(_ addresses: [String], isSystem: Bool) throws -> ZonePlan {
        let parks = try addresses.map { text -> Park in
            guard let equals = text.firstIndex(of: "="), let colon = text.lastIndex(of: ":"), colon > equals,
                let port = UInt16(text[text.index(after: colon)...]), port > 0, text.index(after: equals) < colon
            else { throw ValidationError("--address \(text): write PARK=HOST:PORT, as in south=south.example:7700.") }
            let name = String(text[..<equals])
            return Park(name: name, peerAddress: String(text[text.index(after: equals)...]), listen: "0.0.0.0:\(port)", localHTTP: nil)
        }
        try check(parks.map(\.name))
        return ZonePlan(parks: parks.sorted { $0.name < $1.name }, isSystem: isSystem)
    }

    private static func check(_ names: [String]) throws {
        guard !names.isEmpty else { throw ValidationError("A zone has at least one park.") }
        guard Set(names).count == names.count else { throw ValidationError("A park is named twice.") }
        for name in names where OriginID(name)?.park != name {
            throw ValidationError(
                "`\(name)` is not a park's name: a letter, then lower-case letters, digits or hyphens, at most \(CoreLimits.parkNameBytesMax).")
        }
    }
}
