import Foundation
import NIOCore
import ParkSyncReplication
import ServiceLifecycle
import Synchronization

/// One listener from binding to closing.
struct ListenerService: Service {
    /// As in `peer`, and where it listens.
    let interface: String
    let place: String
    let state: ListenerState
    let clock: any NodeClock
    let notice: @Sendable (ServerNotice) -> Void
    let makeServer: @Sendable () throws -> any Service

    /// An address that cannot be used now (another program has it, the network is not up yet) is tried again after so long, then twice as long,
    /// up to the second bound.
    static let retryMillisecondsMin: UInt64 = 500
    static let retryMillisecondsMax: UInt64 = 30_000

    func run() async throws {
        defer { state.removeSocket() }
        var pause = Self.retryMillisecondsMin
        while try await !serve() {
            notice(.listenerFailed(interface: interface, place: place, cause: state.cause ?? "", retryMilliseconds: pause))
            guard await wait(pause) else { return }
            pause = min(pause * 2, Self.retryMillisecondsMax)
        }
        if let failure = state.failure { throw failure }
    }

    /// - Returns: false if the address could not be bound.
    private func serve() async throws -> Bool {
        do {
            try await makeServer().run()
        } catch {
            if state.isBound { throw error }
            state.cause = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            return Task.isCancelled || Task.isShuttingDownGracefully
        }
        // The server returns as if all were well when the system gives it no more connections (no descriptors, no memory).
        guard Task.isCancelled || Task.isShuttingDownGracefully else { throw ListenerEnded(place: place) }
        return true
    }

    /// - Returns: false if the node stops meanwhile.
    private func wait(_ milliseconds: UInt64) async -> Bool {
        await cancelWhenGracefulShutdown {
            do { try await clock.sleep(until: clock.monotonicMilliseconds() &+ milliseconds) } catch { return false }
            return true
        }
    }
}

/// A listener that stopped although the node was to go on.
struct ListenerEnded: Error, CustomStringConvertible {
    var place: String
    var description: String {
        "The listener on \(place) has ended by itself. Raise the limit of open files (LimitNOFILE); the node is to be started again."
    }
}

/// What becomes of a listener's Unix socket.
final class ListenerState: Sendable {
    /// Which file on which device: another node may have put its own socket at the same path since.
    private struct FileIdentity: Equatable {
        var device: UInt64
        var node: UInt64
    }

    private struct State {
        var isBound = false
        var socket: FileIdentity?
        var failure: ServerStartError?
        var cause: String?
    }

    /// The owner and the group of the socket may connect, others may not.
    static let socketMode = 0o660

    private let socketPath: String?
    private let state = Mutex(State())

    init(socketPath: String?) { self.socketPath = socketPath }

    var isBound: Bool { state.withLock { $0.isBound } }
    var failure: ServerStartError? { state.withLock { $0.failure } }
    /// Why the address could not be bound last.
    var cause: String? {
        get { state.withLock { $0.cause } }
        set { state.withLock { $0.cause = newValue } }
    }

    /// Sets the mode of the socket that was just made.
    func didBind() throws {
        state.withLock { $0.isBound = true }
        guard let socketPath else { return }
        do {
            try FileManager.default.setAttributes([.posixPermissions: Self.socketMode], ofItemAtPath: socketPath)
            let identity = try Self.identity(of: socketPath)
            state.withLock { $0.socket = identity }
        } catch {
            let failure = ServerStartError(
                "cannot set the mode of the local socket \(socketPath): \(error)", remedy: "Check who owns the folder of the socket.")
            state.withLock { $0.failure = failure }
            throw failure
        }
    }

    /// Removes the socket if it is still the one that was made.
    func removeSocket() {
        guard let socketPath, let made = state.withLock({ $0.socket }), made == (try? Self.identity(of: socketPath)) else { return }
        // A file that cannot be removed is taken away when the node starts next.
        try? FileManager.default.removeItem(atPath: socketPath)
    }

    private static func identity(of path: String) throws -> FileIdentity {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return FileIdentity(
            device: (attributes[.systemNumber] as? NSNumber)?.uint64Value ?? 0,
            node: (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0)
    }
}
