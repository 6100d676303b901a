import ParkSyncCore
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import ParkSyncWire
import ServiceLifecycle
import Synchronization

/// Says what the check of the own log waits for, and lets the operator and the configuration decide where peers stay away.
///
/// The check itself is the replication engine's (see `HeadGuard`); this is the part with a clock and a log for people.
final class RecoveryService: Service {
    private struct State {
        var standing: LogStanding?
        /// Unix and monotonic milliseconds.
        var since: (wall: UInt64, monotonic: UInt64) = (0, 0)
        /// Why the operator lets the node write without the peers that are out of reach.
        var accepted: String?
    }

    private let store: ParkStore
    private let driver: ReplicationDriver
    private let configuration: NodeConfiguration
    private let clock: any NodeClock
    private let journal: Journal
    private let state = Mutex(State())

    static let lookMilliseconds: UInt64 = 100

    init(store: ParkStore, driver: ReplicationDriver, configuration: NodeConfiguration, clock: any NodeClock, journal: Journal) {
        (self.store, self.driver, self.configuration, self.clock, self.journal) = (store, driver, configuration, clock, journal)
        note(store.standing())
    }

    func run() async throws {
        let (events, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let token = store.observe { wake.yield() }
        wake.yield()
        try await untilShutdown { [self] in
            for await _ in events {
                while !look() { try await clock.sleep(until: clock.monotonicMilliseconds() + Self.lookMilliseconds) }
            }
        }
        withExtendedLifetime(token) {}
    }

    /// - Returns: whether writes are accepted, so that there is nothing to wait for.
    private func look() -> Bool {
        let standing = store.standing()
        note(standing)
        if standing.isReady { return true }
        let (since, accepted) = state.withLock { ($0.since.monotonic, $0.accepted != nil) }
        let hasWaited = clock.monotonicMilliseconds() >= since &+ configuration.recoveryWaitMilliseconds
        driver.setPolicy(
            HeadGuard.Policy(
                acceptsLoss: accepted || (hasWaited && configuration.acceptsLoss),
                acceptsWithoutPeers: accepted || (hasWaited && configuration.acceptsWithoutPeers), abandonsEntries: accepted))
        return false
    }

    private func note(_ standing: LogStanding) {
        let now = (wall: clock.wallMilliseconds(), monotonic: clock.monotonicMilliseconds())
        let before = state.withLock { state -> (LogStanding?, String?)? in
            guard state.standing != standing else { return nil }
            defer {
                if state.standing?.isReady != standing.isReady || state.standing == nil { state.since = now }
                state.standing = standing
                if standing.isReady { state.accepted = nil }
            }
            return (state.standing, state.accepted)
        }
        guard let (was, accepted) = before else { return }
        switch standing {
        case .checking: journal.write(.checking)
        case .fetching(let isLost, _, _): journal.write(.fetching(isLost: isLost))
        case .ready:
            guard was != nil else { return }
            let own = store.state()
            journal.write(.ready(origin: own.origin.name, ownEntries: own.logged[own.origin], accepted: accepted))
        }
    }

    /// - Returns: false if writes are accepted already.
    func accept(reason: String) -> Bool {
        guard !store.standing().isReady else { return false }
        state.withLock { $0.accepted = reason }
        driver.setPolicy(HeadGuard.Policy(acceptsLoss: true, acceptsWithoutPeers: true, abandonsEntries: true))
        return true
    }

    /// What is waited for; nil when writes are accepted.
    func check() -> NodeStatus.Check? {
        let standing = store.standing()
        guard !standing.isReady else { return nil }
        let since = state.withLock { $0.since.wall }
        var check = NodeStatus.Check(since: since, heard: [], waitingFor: [], unreachable: [], cause: "", remedy: "Wait.")
        for report in driver.reports() {
            switch report.link {
            case .following, .catchingUp: check.heard.append(report.peer.park)
            case .paused: check.unreachable.append(report.peer.park)
            case .connecting, .waiting:
                if report.failure == nil { check.waitingFor.append(report.peer.park) } else { check.unreachable.append(report.peer.park) }
            }
        }
        let what =
            standing.isFetching
            ? "the node is fetching its own entries back from its peers" : "the node compares its log with its peers' after a start"
        check.cause = what
        switch driver.headVerdict() {
        case .settled, .demand: if let failure = driver.headFailure() { check.cause = "\(what): \(failure)" }
        case .waiting(let parks):
            check.waitingFor = Set(check.waitingFor + parks).sorted()
            check.cause = "\(what); it waits for \(check.waitingFor.joined(separator: ", "))"
        case .alone: check.cause = "\(what), and none is in reach"
        }
        if let branch = store.branchFetch(), !branch.isWhole {
            check.cause +=
                "; of another branch of the log, entries \(branch.after + 1) to \(branch.head.seq) come from \(branch.source.park), \(branch.fetched) is the newest that has come. "
                + "Log and tables stay as they are until all are there"
        }
        if driver.reports().contains(where: \.owes) {
            check.remedy =
                "Wait: who does not send within \(WireLimits.branchMillisecondsMax / 1_000) s what it has shown is not waited for. "
                + "`syncctl accept-writes --reason ...` does not wait at all."
        } else if case .fetching(isLost: true, _, _) = standing {
            check.remedy =
                "It needs every peer. `syncctl accept-writes` or recovery.accept_loss goes on without those that stay away, and loses what only they hold."
        } else if !check.unreachable.isEmpty {
            check.remedy =
                "Bring a link back. If this is no old copy of the database, `syncctl accept-writes --reason ...` lets the node write without peers."
        }
        return check
    }
}
