/// Which connections of the peer interface are open, and who gives way to whom.
///
/// Whoever has not shown a certificate yet is a stranger, and strangers cannot be told apart but by
/// their address. The newest is let in and the oldest gives way: a handshake takes milliseconds, so
/// a park gets through however many connections stand silent.
struct ConnectionTable {
    /// Strangers from one address, and from all together.
    static let strangersPerAddressMax = 16
    static let strangersMax = 64
    /// A park needs a stream and, at times, a snapshot; the others may be remains of broken links.
    static let connectionsPerParkMax = 16

    private struct Connection {
        var id: UInt64
        var address: String
        /// Nil for a stranger.
        var park: String?
    }

    /// The oldest first.
    private var open: [Connection] = []
    private var nextID: UInt64 = 0

    var count: Int { open.count }

    /// - Returns: the connection's number, and those that have to be closed.
    mutating func come(from address: String) -> (id: UInt64, close: [UInt64]) {
        let strangers = open.filter { $0.park == nil }
        let neighbours = strangers.filter { $0.address == address }
        var close: [UInt64] = []
        if neighbours.count >= Self.strangersPerAddressMax, let oldest = neighbours.first {
            close.append(oldest.id)
        } else if strangers.count >= Self.strangersMax, let oldest = strangers.first {
            close.append(oldest.id)
        }
        open.removeAll { close.contains($0.id) }
        nextID &+= 1
        open.append(Connection(id: nextID, address: address))
        return (nextID, close)
    }

    /// - Parameter park: what the certificate says; empty if it names none, or several.
    /// - Returns: the connections that have to be closed.
    mutating func introduce(_ id: UInt64, as park: String) -> [UInt64] {
        guard let index = open.firstIndex(where: { $0.id == id }) else { return [id] }
        open[index].park = park
        let own = open.filter { $0.park == park && $0.id != id }
        guard own.count >= Self.connectionsPerParkMax, let oldest = own.first else { return [] }
        leave(oldest.id)
        return [oldest.id]
    }

    mutating func leave(_ id: UInt64) { open.removeAll { $0.id == id } }

    /// All that are open.
    mutating func leaveAll() -> [UInt64] {
        defer { open = [] }
        return open.map(\.id)
    }
}
