import ParkSyncReplication
import ParkSyncReports

/// The routes of the local API but those for whole files: each room has its table, the functions
/// that answer it, and what they need of the node in a file of its own.
struct LocalRoutes: Sendable {
    /// Default and most elements of `/v1/conflicts` and `/v1/log`.
    static let listElementsDefault = 100
    static let listElementsMax = 10_000

    static let table = programs + reports + operators

    let api: any NodeAPI
    let clock: any NodeClock
    let subscriptions: SubscriptionSlots
    /// Knows who calls.
    let gate: LocalGate
}
