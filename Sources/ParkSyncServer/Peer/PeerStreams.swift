import ParkSyncReports
import ParkSyncWire
import Synchronization

/// The log streams that are open, and their limits.
final class PeerStreams: Sendable {
    /// A park needs one stream to each peer; the others may be remains of broken links that no one
    /// has noticed yet. The newest stream is the one that is alive, so the oldest gives way.
    static let streamsPerParkMax = 4
    static let streamsMax = 128

    /// One stream's place; given back when it is released.
    final class Ticket: Sendable {
        fileprivate let id: UInt64
        private let park: String
        private let streams: PeerStreams

        fileprivate init(id: UInt64, park: String, streams: PeerStreams) {
            (self.id, self.park, self.streams) = (id, park, streams)
        }

        deinit { streams.remove(id, park: park) }
    }

    private struct Stream {
        var id: UInt64
        var park: String
        var cancel: (@Sendable () -> Void)?
    }

    private struct State {
        var streams: [Stream] = []
        var nextID: UInt64 = 0
    }

    private let state = Mutex(State())
    private let counters: ServerCounters

    init(counters: ServerCounters) { self.counters = counters }

    /// - Throws: a 429 problem when too many streams are open in all.
    func admit(_ park: String) throws -> Ticket {
        let (id, evicted) = state.withLock { state -> (UInt64?, (@Sendable () -> Void)?) in
            let own = state.streams.filter { $0.park == park }
            if own.count < Self.streamsPerParkMax, state.streams.count >= Self.streamsMax { return (nil, nil) }
            var evicted: (@Sendable () -> Void)?
            if own.count >= Self.streamsPerParkMax, let oldest = own.first {
                evicted = oldest.cancel
                state.streams.removeAll { $0.id == oldest.id }
            }
            state.nextID &+= 1
            state.streams.append(Stream(id: state.nextID, park: park))
            return (state.nextID, evicted)
        }
        evicted?()
        guard let id else {
            throw Problems.tooMany("too-many-streams", "There are \(Self.streamsMax) log streams already.")
        }
        counters.update(park) {
            $0.streamsOpened += 1
            $0.streamsOpen += 1
        }
        return Ticket(id: id, park: park, streams: self)
    }

    /// Tells how to end the stream when it has to give way; ends it at once if it had to already.
    func setCancellation(of ticket: Ticket, _ cancel: @escaping @Sendable () -> Void) {
        let isOpen = state.withLock { state in
            guard let index = state.streams.firstIndex(where: { $0.id == ticket.id }) else { return false }
            state.streams[index].cancel = cancel
            return true
        }
        if !isOpen { cancel() }
    }

    private func remove(_ id: UInt64, park: String) {
        state.withLock { $0.streams.removeAll { $0.id == id } }
        counters.update(park) { $0.streamsOpen -= 1 }
    }
}
