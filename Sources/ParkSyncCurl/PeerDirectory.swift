import ParkSyncReplication

/// Where peers are called, and with which certificates: what may change while the node runs. A call
/// that begins uses what is there then.
package final class PeerDirectory: Sendable {
    private struct State {
        var urls: [String: String]
        var tls: TLSFiles?
    }
    private let state: Locked<State>

    /// - Parameters:
    ///   - urls: park to base URL, as in `https://west.example:7700`; plain `http` only to this
    ///     machine.
    ///   - tls: needed for `https` peers.
    package init(urls: [String: String], tls: TLSFiles?) { state = Locked(State(urls: urls, tls: tls)) }

    package func update(urls: [String: String], tls: TLSFiles?) { state.with { $0 = State(urls: urls, tls: tls) } }

    package var urls: [String: String] { state.with { $0.urls } }
    package var tls: TLSFiles? { state.with { $0.tls } }
}
