import Foundation
import ServiceLifecycle
import Synchronization

/// One listener from binding to closing.
struct ListenerService: Service {
    let state: ListenerState
    /// Where it listens, for errors.
    let place: String
    let makeServer: @Sendable () throws -> any Service

    func run() async throws {
        defer { state.removeSocket() }
        do {
            try await makeServer().run()
            // The server returns as if all were well when the system gives it no more connections (no descriptors, no memory).
            guard Task.isCancelled || Task.isShuttingDownGracefully else {
                throw ListenerEnded(place: place)
            }
        } catch {
            guard !state.isBound else { throw error }
            throw ServerStartError(
                "cannot listen on \(place): \(error)", remedy: "Check the address, and that no other program or node uses it.")
        }
        if let failure = state.failure { throw failure }
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
    }

    /// The owner and the group of the socket may connect, others may not.
    static let socketMode = 0o660

    private let socketPath: String?
    private let state = Mutex(State())

    init(socketPath: String?) { self.socketPath = socketPath }

    var isBound: Bool { state.withLock { $0.isBound } }
    var failure: ServerStartError? { state.withLock { $0.failure } }

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
