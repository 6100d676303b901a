import Crypto
import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Synchronization
import Testing

@testable import ParkSyncStore

/// A clock that stands still until a test moves it; who sleeps wakes then.
final class TestClock: NodeClock {
    private struct Sleeper {
        var deadline: UInt64
        var continuation: CheckedContinuation<Void, any Error>
    }
    private struct State {
        var now: UInt64 = 1_790_000_000_000
        var sleepers: [UUID: Sleeper] = [:]
    }
    private let state = Mutex(State())

    /// Tells when somebody asks for the time, or sleeps.
    let activity = Activity()

    /// How many sleep now.
    var sleeping: Int { state.withLock { $0.sleepers.count } }
    /// When the first of them wakes.
    var nextWake: UInt64? { state.withLock { $0.sleepers.values.map(\.deadline).min() } }
    func advance(_ milliseconds: UInt64) { move { $0 + milliseconds } }
    func set(_ milliseconds: UInt64) { move { _ in milliseconds } }
    func monotonicMilliseconds() -> UInt64 { tell() }
    func wallMilliseconds() -> UInt64 { tell() }

    private func tell() -> UInt64 {
        defer { activity.note() }
        return state.withLock { $0.now }
    }

    private func move(_ change: (UInt64) -> UInt64) {
        let due = state.withLock { state in
            state.now = change(state.now)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    func sleep(until deadline: UInt64) async throws {
        let id = UUID()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ready: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.now >= deadline { return .success(()) }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    return nil
                }
                if let ready { continuation.resume(with: ready) } else { activity.note() }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}

/// A folder that is removed with the object.
final class ScratchFolder {
    let path: String
    init() throws {
        path = NSTemporaryDirectory() + "parksync-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension ParkStore {
    /// What a feed sends to an asker: nothing of the asker's own logs that does not continue what
    /// the asker has.
    func answer(_ origin: OriginID, after want: LogPosition, of asker: OriginID, bytesMax: Int) throws -> LogSlice? {
        if origin.isOfSamePark(as: asker), want.hash != EntryChain.genesis, want.after <= state().logged[origin],
            let own = try hash(of: origin, seq: want.after), own != want.hash
        {
            return nil
        }
        return try read(origin: origin, after: want.after, bytesMax: bytesMax)
    }
}

/// Several stores in one process, which exchange slices when a test says so.
final class Federation {
    let folder: ScratchFolder
    let clock = TestClock()
    let schema: CompiledSchema
    private(set) var stores: [String: ParkStore] = [:]
    private let keys: [String: Curve25519.Signing.PrivateKey]
    let parks: [String]

    /// - Parameter keys: nil for new ones.
    convenience init(
        _ parks: [String], schema sql: String, keys known: [String: Curve25519.Signing.PrivateKey]? = nil
    ) throws {
        try self.init(parks, files: [SchemaFile(name: "001-test.sql", sql: sql)], keys: known)
    }

    init(_ parks: [String], files: [SchemaFile], keys known: [String: Curve25519.Signing.PrivateKey]? = nil) throws {
        folder = try ScratchFolder()
        schema = try CompiledSchema(files)
        self.parks = parks
        keys = known ?? Dictionary(uniqueKeysWithValues: parks.map { ($0, Curve25519.Signing.PrivateKey()) })
        for park in parks { try open(park) }
    }

    func path(_ park: String) -> String { folder.path + "/\(park).sqlite" }

    func key(_ park: String) -> Curve25519.Signing.PrivateKey { keys[park] ?? Curve25519.Signing.PrivateKey() }

    var members: [String: [UInt8]] { keys.mapValues { Array($0.publicKey.rawRepresentation) } }

    @discardableResult
    func open(
        _ park: String, recovers: Bool = false, checks: Bool = false, schema other: CompiledSchema? = nil,
        tuned tune: (inout StoreOptions) -> Void = { _ in }
    ) throws -> ParkStore {
        var options = StoreOptions(
            path: path(park), origin: try origin(park), identity: key(park), members: members, schema: other ?? schema,
            clock: clock,
            recoversWhenNew: recovers)
        options.checksHeads = checks
        options.makeQueue = { [activity = clock.activity] in WatchedQueue($0, activity) }
        tune(&options)
        let store = try ParkStore.opened(options)
        stores[park] = store
        return store
    }

    /// Returns when `condition` holds; see `Activity`.
    func until(_ condition: () -> Bool) async throws { try await clock.activity.until(condition) }

    func closeWithoutCheckpoint(_ park: String) {
        stores[park]?.abandon()
        // Work that is still about to be forgotten would close the store later, perhaps over a file
        // that has taken the place of its own.
        rest(park)
        stores[park] = nil
    }

    /// Returns when a store is done with what it does after its answers: it looks after its
    /// write-ahead log, and lets go of what it was given.
    private func rest(_ park: String) {
        guard let store = stores[park] else { return }
        for queue in [store.verifyQueue, store.queue] + store.readers.idle().map(\.queue) { queue.sync {} }
    }

    func origin(_ park: String) throws -> OriginID {
        guard let origin = OriginID(park) else {
            throw StoreError(.invalidInput, "\(park) is no park", remedy: "Use another name.")
        }
        return origin
    }

    subscript(park: String) -> ParkStore {
        get throws {
            guard let store = stores[park] else {
                throw StoreError(.invalidInput, "\(park) is not open", remedy: "Open it.")
            }
            return store
        }
    }

    /// Copies what `to` lacks from `from`, of all origins, in slices of about `bytesMax`.
    func exchange(from: String, to: String, bytesMax: Int = 1 << 20) async throws {
        let (source, target) = (try self[from], try self[to])
        for element in source.state().logged.elements {
            var wanted = target.want(element.origin)
            while let slice = try source.answer(
                element.origin, after: wanted, of: target.state().origin, bytesMax: bytesMax)
            {
                try await target.receive(slice)
                let next = target.want(element.origin)
                guard next != wanted else {
                    Issue.record(
                        """
                        \(to) has taken \(slice.origin) from \(slice.first) on and wants it again: a link would \
                        never come to an end
                        """
                    )
                    break
                }
                wanted = next
            }
        }
    }

    /// Seals and exchanges until all logs are everywhere.
    func converge() async throws {
        for park in parks { try await self[park].sealForeign() }
        for _ in 0..<2 {
            for from in parks { for to in parks where from != to { try await exchange(from: from, to: to) } }
        }
        for park in parks { try await self[park].housekeep() }
    }

    /// Every value of every shared table, in key order.
    func dump(_ park: String) async throws -> [String: [[Value]]] {
        var result: [String: [[Value]]] = [:]
        for table in schema.schema.tables {
            let names = (table.keyColumns + table.columns).map { quoted($0.name) }
            let order = table.keyColumns.map { quoted($0.name) }.joined(separator: ", ")
            result[table.name] = try await rows(
                park, "SELECT \(names.joined(separator: ", ")) FROM \(quoted(table.name)) ORDER BY \(order)")
        }
        return result
    }

    func rows(_ park: String, _ sql: String, _ parameters: [Value] = []) async throws -> [[Value]] {
        let cursor = try await QueryCursor.open(sql, parameters, on: try self[park], timeoutMilliseconds: 10_000)
        defer { cursor.finish() }
        return try await cursor.rest()
    }

    @discardableResult
    func write(_ park: String, _ sql: String..., parameters: [Value] = []) async throws -> TransactionResult {
        clock.advance(1)
        return try await self[park].transact(
            StoreTransaction(statements: sql.map { StoreStatement(sql: $0, parameters: parameters) }))
    }

    /// Runs a program on a park's file, as any other program of the park would. It waits for locks,
    /// as a program should.
    ///
    /// The store is at rest when it begins, unless the test goes on meanwhile.
    func foreign(_ park: String, _ program: String, _ arguments: [String], input: String) throws {
        rest(park)
        let arguments =
            (program == "sqlite3" ? ["-cmd", ".timeout \(RawProgram.patienceMilliseconds)"] : []) + arguments
        // Not by Foundation's Process: it lists all open files before it starts a program, and
        // crashes when hundreds of stores are open.
        let (input, errors) = (try scratch(Array(input.utf8)), try scratch([]))
        defer { for file in [input, errors] { unlink(file) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY, 0)
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments + [path(park)]).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let failure = posix_spawnp(&child, program, &actions, nil, words, environ)
        guard failure == 0 else {
            throw StoreError(
                .internalState, "starting \(program): \(String(cString: strerror(failure)))", remedy: "Install it.")
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let message = String(decoding: FileManager.default.contents(atPath: errors) ?? Data(), as: UTF8.self)
        guard status == 0 else { throw StoreError(.sql, "\(program): \(message)", remedy: "See the message.") }
    }

    /// A new file beside the databases.
    private func scratch(_ content: [UInt8]) throws -> String {
        let name = URL(fileURLWithPath: path("south")).deletingLastPathComponent().appendingPathComponent(
            "scratch-\(UUID().uuidString)"
        ).path
        try Data(content).write(to: URL(fileURLWithPath: name))
        return name
    }
}

/// Runs a long computation on a thread of its own: those of Swift's tasks are few, and all other
/// tests would wait for it.
func aside<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: body()) }
    }
}

/// The connections that write, for tests that change them while nothing is under way.
extension ParkStore {
    var writer: Connection { core.sync(\.writer) }
    var applier: Connection { core.sync(\.applier.connection) }
}
