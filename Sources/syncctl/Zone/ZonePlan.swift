import ArgumentParser
import Foundation
import ParkSyncCore

/// What a zone is to look like, before anything is made.
struct ZonePlan: Hashable {
    struct Park: Hashable {
        var name: String
        /// Where others call its peer interface, as in `south.example:7700`.
        var peerAddress: String
        /// Where it listens for peers.
        var listen: String
        /// Loopback address of the local API, should it be switched on; nil outside a zone on one
        /// machine.
        var localHTTP: String?
    }

    /// Sorted by name.
    var parks: [Park]
    /// Whether state and sockets lie where a system service has them.
    var isSystem: Bool

    static let parksDefault = ["south", "west", "bio-city", "airport", "science-city", "jingrong-town"]
    static let portMax = 65_535
    /// How far the peer interfaces of a loopback zone lie above the local APIs.
    static let peerPortOffset = 10

    /// Six parks on one machine: local APIs from `port` on, peer interfaces from `port` + 10 on, in
    /// the order of `names`.
    static func loopback(_ names: [String], port: Int) throws -> ZonePlan {
        try check(names)
        guard names.count <= peerPortOffset else {
            throw ValidationError(
                "--loopback-port has room for \(peerPortOffset) parks; give larger zones an --address for each park.")
        }
        let portLast = portMax - peerPortOffset - names.count + 1
        guard (1_024...portLast).contains(port) else {
            throw ValidationError("--loopback-port is from 1024 to \(portLast) for \(names.count) parks.")
        }
        let parks = names.enumerated().map { index, name in
            let peer = "127.0.0.1:\(port + peerPortOffset + index)"
            return Park(name: name, peerAddress: peer, listen: peer, localHTTP: "127.0.0.1:\(port + index)")
        }
        return ZonePlan(parks: parks.sorted { $0.name < $1.name }, isSystem: false)
    }

    /// - Parameter addresses: `PARK=HOST:PORT`.
    static func hosts(_ addresses: [String], isSystem: Bool) throws -> ZonePlan {
        let parks = try addresses.map { text -> Park in
            guard let equals = text.firstIndex(of: "="), let colon = text.lastIndex(of: ":"), colon > equals,
                let port = UInt16(text[text.index(after: colon)...]), port > 0,
                isHost(text[text.index(after: equals)..<colon])
            else { throw ValidationError("--address \(text): write PARK=HOST:PORT, as in south=south.example:7700.") }
            let name = String(text[..<equals])
            return Park(
                name: name, peerAddress: String(text[text.index(after: equals)...]),
                listen: "\(listenHost(text[text.index(after: equals)..<colon])):\(port)", localHTTP: nil)
        }
        try check(parks.map(\.name))
        return ZonePlan(parks: parks.sorted { $0.name < $1.name }, isSystem: isSystem)
    }

    /// Where a node listens whose peers call it by this host: on all addresses of the same family,
    /// since the machine need not have that very address (a router may translate it), but on
    /// loopback alone if that is what is called. A name is taken for one of an IPv4 address.
    private static func listenHost(_ host: Substring) -> String {
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host)
        var (four, six) = (in_addr(), in6_addr())
        if inet_pton(AF_INET6, bare, &six) == 1 {
            let isLoopback = withUnsafeBytes(of: &six) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
            return isLoopback ? "[::1]" : "[::]"
        }
        if bare.lowercased() == "localhost" { return "127.0.0.1" }
        let isLoopback = inet_pton(AF_INET, bare, &four) == 1 && UInt32(bigEndian: four.s_addr) >> 24 == 127
        return isLoopback ? bare : "0.0.0.0"
    }

    /// A host name, an IPv4 address, or an IPv6 address in brackets. The text goes into a URL and a
    /// YAML file as it stands.
    private static func isHost(_ text: Substring) -> Bool {
        if text.hasPrefix("["), text.hasSuffix("]"), text.count > 2 {
            var address = in6_addr()
            return inet_pton(AF_INET6, String(text.dropFirst().dropLast()), &address) == 1
        }
        return !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }
    }

    private static func check(_ names: [String]) throws {
        guard !names.isEmpty else { throw ValidationError("A zone has at least one park.") }
        guard Set(names).count == names.count else { throw ValidationError("A park is named twice.") }
        for name in names { try check(name) }
    }

    static func check(_ name: String) throws {
        guard OriginID(name)?.park == name else {
            throw ValidationError(
                """
                `\(name)` is not a park's name: a letter, then lower-case letters, digits or hyphens, at most \
                \(CoreLimits.parkNameBytesMax).
                """
            )
        }
    }
}
