import Crypto
import Foundation
import ParkSyncCore
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import Synchronization

@testable import ParkSyncSimulation

/// Time that stands still until a test moves it. Nothing here sleeps.
final class StandingClock: NodeClock {
    private let now = Mutex<UInt64>(1_790_000_000_000)

    func advance(_ milliseconds: UInt64) { now.withLock { $0 += milliseconds } }
    func monotonicMilliseconds() -> UInt64 { now.withLock { $0 } }
    func wallMilliseconds() -> UInt64 { now.withLock { $0 } }
    func sleep(until deadline: UInt64) async throws { throw CancellationError() }
}

/// Shipped stores over real files, which exchange slices when a test says so, and the judge beside
/// them.
final class SmallFederation {
    let folder: String
    let clock = StandingClock()
    let parks: [String]
    let compiled: [CompiledSchema]
    private(set) var stores: [String: ParkStore] = [:]
    private let keys: [String: Curve25519.Signing.PrivateKey]
    private(set) var schemaNumbers: [String: Int] = [:]

    /// - Parameter compiled: after each file that a node can have last.
    init(_ parks: [String], compiled: [CompiledSchema]? = nil, schemaNumber: Int = 3) throws {
        folder = NSTemporaryDirectory() + "parksync-simulation-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        self.parks = parks
        self.compiled = try compiled ?? (1...3).map { try SimulationSchema.compiled($0) }
        keys = Dictionary(uniqueKeysWithValues: parks.map { ($0, Curve25519.Signing.PrivateKey()) })
        for park in parks { try open(park, schemaNumber: schemaNumber) }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var schemas: [SharedSchema] { compiled.map(\.schema) }
    var members: [String: [UInt8]] { keys.mapValues { Array($0.publicKey.rawRepresentation) } }
    func path(_ park: String) -> String { "\(folder)/\(park).sqlite" }
    func key(_ park: String) throws -> Curve25519.Signing.PrivateKey { try found(keys[park], park) }
    func origin(_ park: String) throws -> OriginID { try found(OriginID(park), park) }
    subscript(park: String) -> ParkStore { get throws { try found(stores[park], park) } }

    private func found<T>(_ value: T?, _ park: String) throws -> T {
        guard let value else { throw StoreError(.invalidInput, "\(park) is not there", remedy: "Use another name.") }
        return value
    }

    func open(_ park: String, schemaNumber: Int, recovers: Bool = false) throws {
        stores[park] = try ParkStore(
            StoreOptions(
                path: path(park), origin: try origin(park), identity: try key(park), members: members,
                schema: compiled[schemaNumber - 1],
                clock: clock, recoversWhenNew: recovers))
        schemaNumbers[park] = schemaNumber
    }

    func restart(_ park: String, schemaNumber: Int? = nil) throws {
        stores[park]?.abandon()
        stores[park] = nil
        try open(park, schemaNumber: schemaNumber ?? schemaNumbers[park] ?? 3)
    }

    func place(_ park: String) throws -> Workload.Place {
        let schema = try self[park].schema
        let dump = try Dump(try SQLiteFile(path(park)), schema: schema)
        return Workload.Place(park: park, schema: schema, contents: dump, now: clock.wallMilliseconds())
    }

    /// - Returns: the entry's number, or nil if it is none of the API or changed nothing.
    @discardableResult
    func perform(_ activity: Activity, at park: String) async throws -> UInt64? {
        clock.advance(1)
        if activity.channel == .api { return try await self[park].transact(activity.transaction).seq }
        try activity.run(on: try SQLiteFile(path(park), canWrite: true))
        return nil
    }

    /// The arbiter of a park answers what it sees, as after a start of its node.
    ///
    /// - Returns: how many transactions it wrote.
    @discardableResult
    func decide(_ park: String) async throws -> Int {
        clock.advance(1)
        let written = Mutex(0)
        let monitor = ArbiterMonitor(clock: clock)
        let random = Mutex(SplitMix64(state: UInt64(park.utf8.count) &+ clock.wallMilliseconds()))
        let desk = CatalogueDesk(
            store: try self[park], park: park, clock: clock, random: { random.withLock { $0.next() } }, monitor: monitor
        ) { news in
            if case .wrote = news { written.withLock { $0 += 1 } }
        }
        let decided = try await found(desk, park).decide(anew: true)
        guard case .done = decided else {
            throw StoreError(.sql, "the arbiter of \(park) has not answered: \(decided)", remedy: "Read what it wrote.")
        }
        return written.withLock { $0 }
    }

    @discardableResult
    func write(_ park: String, _ sql: String..., values: [Value] = []) async throws -> UInt64? {
        try await perform(
            Activity(label: "test", channel: .api, statements: sql.map { Activity.Statement($0, values) }), at: park)
    }

    /// Copies what `to` lacks from `from`, of one origin or of all.
    func exchange(from: String, to: String, of only: String? = nil, bytesMax: Int = 1 << 20) async throws {
        let (source, target) = (try self[from], try self[to])
        for element in source.state().logged.elements where only.map({ $0 == element.origin.name }) ?? true {
            while let slice = try source.read(
                origin: element.origin, after: target.state().logged[element.origin], bytesMax: bytesMax)
            {
                try await target.receive(slice)
            }
        }
    }

    func converge() async throws {
        for park in parks { try await self[park].sealForeign() }
        for _ in 0..<2 {
            for from in parks { for to in parks where from != to { try await exchange(from: from, to: to) } }
        }
        for park in parks { try await self[park].housekeep() }
    }

    func observe(_ park: String, withLog: Bool = true) throws -> NodeObservation {
        try NodeWitness.observe(
            try SQLiteFile(path(park)), schemas: schemas, withLog: withLog, archive: "\(folder)/\(park).archive")
    }

    /// Adds to the judge what authors have in their own logs and it does not know yet.
    func inform(_ oracle: inout ModelOracle) throws {
        for park in parks {
            // A park may have written as several incarnations.
            for (origin, log) in try observe(park).log where origin.park == park {
                for entry in log where entry.seq > oracle.vector[origin] { try oracle.add(entry.payload) }
            }
        }
    }
}
