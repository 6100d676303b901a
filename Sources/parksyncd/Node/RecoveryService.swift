import ParkSyncCore
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import ParkSyncWire
import ServiceLifecycle
import Synchronization

/// Says what the check of the own log waits for, and lets the operator and the configuration decide
/// where peers stay away.
///
/// The check itself is the replication engine's (see `HeadGuard`); this is the part with a clock
/// and a log for people.
final class RecoveryService: Service {
    private let store: ParkStore
    private let driver: ReplicationDriver
    private let clock: any NodeClock
    private let journal: Journal
    private let schedule: Mutex<RecoverySchedule>

    init(
        store: ParkStore, driver: ReplicationDriver, configuration: NodeConfiguration, clock: any NodeClock,
        journal: Journal
    ) {
        (self.store, self.driver, self.clock, self.journal) = (store, driver, clock, journal)
        schedule = Mutex(
            RecoverySchedule(
                RecoverySchedule.Rules(
                    waitMilliseconds: configuration.recoveryWaitMilliseconds, acceptsLoss: configuration.acceptsLoss,
                    acceptsWithoutPeers: configuration.acceptsWithoutPeers)))
        _ = handle(.began)
    }

    func run() async throws {
        let (events, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let token = store.observe { wake.yield() }
        wake.yield()
        try await untilShutdown { [self] in
            for await _ in events {
                var event = RecoverySchedule.Event.changed
                while let time = handle(event) {
                    try await clock.sleep(until: time)
                    event = .due
                }
            }
        }
        withExtendedLifetime(token) {}
    }

    /// - Returns: when to look again; nil if writes are accepted, so that there is nothing to wait
    ///   for.
    private func handle(_ event: RecoverySchedule.Event) -> UInt64? {
        let standing = store.standing()
        let (now, wall) = (clock.monotonicMilliseconds(), clock.wallMilliseconds())
        var next: UInt64?
        for action in schedule.withLock({ $0.handle(event, standing: standing, now: now, wall: wall) }) {
            switch action {
            case .wake(let time): next = time
            case .setPolicy(let policy): driver.setPolicy(policy)
            case .tell(let found, let wasKnown, let accepted): tell(found, wasKnown, accepted)
            }
        }
        return next
    }

    private func tell(_ standing: LogStanding, _ wasKnown: Bool, _ accepted: String?) {
        switch standing {
        case .checking: journal.write(.checking)
        case .fetching(let isLost, _, _): journal.write(.fetching(isLost: isLost))
        case .ready:
            guard wasKnown else { return }
            let own = store.state()
            journal.write(.ready(origin: own.origin.name, ownEntries: own.logged[own.origin], accepted: accepted))
        }
    }

    /// - Returns: false if writes are accepted already.
    func accept(reason: String) -> Bool {
        guard !store.standing().isReady else { return false }
        _ = handle(.accepted(reason: reason))
        return true
    }

    /// What is waited for; nil when writes are accepted.
    func check() -> NodeStatus.Check? {
        let standing = store.standing()
        guard !standing.isReady else { return nil }
        let since = schedule.withLock { $0.sinceWall }
        var check = NodeStatus.Check(
            since: since, heard: [], waitingFor: [], unreachable: [], cause: "", remedy: "Wait.")
        for report in driver.reports() {
            switch report.link {
            case .following, .catchingUp: check.heard.append(report.peer.park)
            case .paused: check.unreachable.append(report.peer.park)
            case .connecting, .waiting:
                if report.failure == nil {
                    check.waitingFor.append(report.peer.park)
                } else {
                    check.unreachable.append(report.peer.park)
                }
            }
        }
        let what =
            standing.isFetching
            ? "the node is fetching its own entries back from its peers"
            : "the node compares its log with its peers' after a start"
        check.cause = what
        switch driver.headJudgement() {
        case .fine, .demand: if let failure = driver.headFailure() { check.cause = "\(what): \(failure)" }
        case .waiting(let parks):
            check.waitingFor = Set(check.waitingFor + parks).sorted()
            check.cause = "\(what); it waits for \(check.waitingFor.joined(separator: ", "))"
        case .alone: check.cause = "\(what), and none is in reach"
        }
        if let branch = store.branchFetch(), !branch.isWhole {
            check.cause +=
                "; of another branch of the log, entries \(branch.after + 1) to \(branch.head.seq) come from "
                + "\(branch.source.park), \(branch.fetched) is the newest that has come. "
                + "Log and tables stay as they are until all are there"
        }
        if driver.reports().contains(where: \.owes) {
            check.remedy =
                "Wait: who does not send within \(WireLimits.branchMillisecondsMax / 1_000) s what it has "
                + "shown is not waited for. "
                + "`syncctl accept-writes --reason ...` does not wait at all."
        } else if case .fetching(isLost: true, _, _) = standing {
            check.remedy =
                """
                It needs every peer. `syncctl accept-writes` or recovery.accept_loss goes on without those that \
                stay away, and loses what only they hold.
                """
        } else if !check.unreachable.isEmpty {
            check.remedy =
                """
                Bring a link back. If this is no old copy of the database, `syncctl accept-writes --reason ...` \
                lets the node write without peers.
                """
        }
        return check
    }
}
