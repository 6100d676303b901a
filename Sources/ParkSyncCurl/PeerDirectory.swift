import ParkSyncReplication
import Synchronization

/// Where peers are called, and with which certificates: what may change while the node runs. A call
/// that begins uses what is there then.
package final class PeerDirectory: Sendable {
    private struct State {
        var urls: [String: String]
        var tls: TLSFiles?
    }
    private let state: Mutex<State>

    /// - Parameters:
    ///   - urls: park to base URL, as in `https://west.example:7700`; plain `http` only to this
    ///     machine.
    ///   - tls: needed for `https` peers.
    package init(urls: [String: String], tls: TLSFiles?) { state = Mutex(State(urls: urls, tls: tls)) }

    package func update(urls: [String: String], tls: TLSFiles?) { state.withLock { $0 = State(urls: urls, tls: tls) } }

    package var urls: [String: String] { state.withLock { $0.urls } }
    package var tls: TLSFiles? { state.withLock { $0.tls } }
}
