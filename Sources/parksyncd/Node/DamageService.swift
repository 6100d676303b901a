import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import ServiceLifecycle

/// Ends the links to the peers while the database is damaged: what a damaged log says is no
/// evidence, and nothing that comes is kept.
struct DamageService: Service {
    let store: ParkStore
    let driver: ReplicationDriver
    let feed: PeerFeedService
    let clock: any NodeClock

    static let lookMilliseconds: UInt64 = 500

    func run() async throws {
        try await untilShutdown {
            var isHalted = false
            while !Task.isCancelled {
                let damage = store.damage
                if isHalted != (damage != nil) {
                    isHalted = damage != nil
                    feed.setHalted(isHalted)
                    driver.setHalted(damage.map { Self.failure($0) })
                }
                try await clock.sleep(until: clock.monotonicMilliseconds() + Self.lookMilliseconds)
            }
        }
    }

    static func failure(_ damage: StoreError) -> LinkFailure {
        LinkFailure(.halted, "this node's database is damaged: \(damage.reason)", remedy: damage.remedy)
    }

    /// What peers are told that call meanwhile.
    static let refusal = ProblemDetails(
        code: "damaged", title: "The database is damaged", status: 500, detail: "this node serves nothing",
        remedy: "Ask another park.")
}
