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

    /// An address that cannot be used now (another program has it, the network is not up yet) is
    /// tried again after so long, then twice as long, up to the second bound.
    static let retryMillisecondsMin: UInt64 = 500
    static let retryMillisecondsMax: UInt64 = 30_000

    func run() async throws {
        defer { state.removeSocket() }
        var pause = Self.retryMillisecondsMin
        while try await !serve() {
            notice(
                .listenerFailed(interface: interface, place: place, cause: state.cause ?? "", retryMilliseconds: pause))
            guard await wait(pause) else { return }
            pause = min(pause * 2, Self.retryMillisecondsMax)
        }
        if let failure = state.failure { throw failure }
    }

    /// - Returns: false if the address could not be bound.
    private func serve() async throws -> Bool {
        do {
            try state.makeWay()
            try await makeServer().run()
        } catch let error as ServerStartError {
            throw error
        } catch {
            state.unlock()
            if state.isBound { throw error }
            state.cause = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? ErrorWords.of(error)
            return Task.isCancelled || Task.isShuttingDownGracefully
        }
        // The server returns as if all were well when the system gives it no more connections (no
        // descriptors, no memory).
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
        """
        The listener on \(place) has ended by itself. Raise the limit of open files (LimitNOFILE); the node is \
        to be started again.
        """
    }
}

/// What becomes of a listener, and of its Unix socket if it has one.
final class ListenerState: Sendable {
    private struct State {
        var isBound = false
        var made: SocketFile.Identity?
        /// Held from looking at the socket's path until a new socket is there.
        var lock: SocketFolderLock?
        var failure: ServerStartError?
        var cause: String?
    }

    /// The owner and the group of the socket may connect, others may not.
    static let socketMode = 0o660

    private let socket: SocketFile?
    private let state = Mutex(State())

    init(socket: SocketFile?) { self.socket = socket }

    var isBound: Bool { state.withLock { $0.isBound } }
    var failure: ServerStartError? { state.withLock { $0.failure } }
    /// Why the address could not be bound last.
    var cause: String? {
        get { state.withLock { $0.cause } }
        set { state.withLock { $0.cause = newValue } }
    }

    /// Sees that a socket can be made without taking away anybody else's file. The library below
    /// removes whatever socket it finds.
    func makeWay() throws {
        guard let socket else { return }
        guard let lock = try SocketFolderLock(of: socket.path) else {
            throw SocketFile.Taken(description: "another node makes its socket in this folder just now")
        }
        try socket.makeWay()
        state.withLock { $0.lock = lock }
    }

    /// The socket is made, or cannot be.
    func unlock() {
        let isBound = state.withLock { state in
            state.lock = nil
            return state.isBound
        }
        if !isBound { socket?.forget() }
    }

    /// Sets the mode of the socket that was just made.
    func didBind() throws {
        state.withLock { $0.isBound = true }
        guard let socket else { return }
        defer { unlock() }
        do {
            try FileManager.default.setAttributes([.posixPermissions: Self.socketMode], ofItemAtPath: socket.path)
            let made = try socket.claim()
            state.withLock { $0.made = made }
        } catch {
            let failure = ServerStartError(
                "the local socket \(socket.path) cannot be given its mode, or be noted: \(ErrorWords.of(error))",
                remedy: "Check who owns the folder of the socket, and the state folder.")
            state.withLock { $0.failure = failure }
            throw failure
        }
    }

    /// Removes the socket if it is still the one that was made.
    func removeSocket() {
        guard let socket, let made = state.withLock({ $0.made }) else { return }
        socket.remove(made)
    }
}
