import ParkSyncReports
import ParkSyncServer
import Synchronization

/// Says that the node is up when all its listeners are, or go on being tried; and knows which of
/// them listen.
final class ReadyAnnouncer: Sendable {
    private struct State {
        /// By interface.
        var listeners: [String: ListenerStatus] = [:]
        var isAnnounced = false
    }

    private let count: Int
    private let origin: String
    private let notifier: SystemdNotifier
    private let journal: Journal
    private let state = Mutex(State())

    /// - Parameter listeners: how many the configuration has.
    init(listeners: Int, origin: String, notifier: SystemdNotifier, journal: Journal) {
        (count, self.origin, self.notifier, self.journal) = (listeners, origin, notifier, journal)
    }

    /// Sorted by interface.
    var listeners: [ListenerStatus] { state.withLock { $0.listeners.sorted { $0.key < $1.key }.map(\.value) } }

    func add(_ listening: NodeServers.Listening) {
        let (interface, place) = listening.names
        journal.write(.listening(listening))
        note(ListenerStatus(interface: interface, address: place, isListening: true))
    }

    /// What the servers have to tell.
    func note(_ notice: ServerNotice) {
        guard case .listenerFailed(let interface, let place, let cause, _) = notice else {
            return journal.write(.of(notice))
        }
        // The same cause again is no news.
        if state.withLock({ $0.listeners[interface]?.cause }) != cause { journal.write(.of(notice)) }
        note(ListenerStatus(interface: interface, address: place, isListening: false, cause: cause))
    }

    private func note(_ listener: ListenerStatus) {
        let (isFirst, failed) = state.withLock { state -> (Bool, [ListenerStatus]) in
            state.listeners[listener.interface] = listener
            let isFirst = state.listeners.count == count && !state.isAnnounced
            if isFirst { state.isAnnounced = true }
            return (isFirst, state.listeners.sorted { $0.key < $1.key }.map(\.value).filter { !$0.isListening })
        }
        let text = failed.map { "cannot listen on \($0.address): \($0.cause ?? "")" }.joined(separator: "; ")
        notifier.send("STATUS=\(failed.isEmpty ? "listening" : text)")
        guard isFirst else { return }
        notifier.send("READY=1")
        journal.write(.started(version: SoftwareVersion.current, origin: origin, listeners: count))
    }
}
