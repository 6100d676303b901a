import CCurl
import Dispatch
import Foundation
import ParkSyncReplication
import Synchronization

/// One libcurl multi handle on a thread of its own. All other threads only leave commands for it.
package final class CurlLoop: Sendable {
    private let queue = CommandQueue()

    /// Starts the thread.
    package init() {
        _ = Self.library
        let thread = Thread { [queue] in LoopThread(queue).run() }
        thread.name = "parksync-curl"
        thread.start()
    }

    deinit { queue.stop() }

    /// Ends all transfers and waits until the thread has gone. Requests after it end at once.
    ///
    /// From a handler, which runs on the thread itself, it only asks for the end.
    package func stop() {
        queue.stop()
        if Thread.current.threadDictionary[LoopThread.mark] == nil { queue.ended.wait() }
    }

    /// curl's own initialisation must come before all else, once.
    private static let library = curl_global_init(Int(CURL_GLOBAL_ALL))

    /// Starts a request. Its closures hear of everything that follows, failures to start it
    /// included.
    func start(_ request: TransferRequest) -> UInt64 {
        let id = queue.nextID()
        let isRunning = queue.put(.start(id, request))
        if !isRunning { DispatchQueue.global().async { request.onEnd(.cancelled) } }
        return id
    }

    /// Does nothing if the transfer has ended.
    func cancel(_ id: UInt64) { queue.put(.cancel(id)) }
    func pause(_ id: UInt64) { queue.put(.setPaused(id, true)) }
    func resume(_ id: UInt64) { queue.put(.setPaused(id, false)) }
}

private enum Command: Sendable {
    case start(UInt64, TransferRequest)
    case cancel(UInt64)
    case setPaused(UInt64, Bool)
}

/// Ends the loop's poll.
private struct WakeUp: @unchecked Sendable {
    // This call alone may come from any thread; the queue's lock keeps it from a handle that is
    // gone.
    let multi: UnsafeMutableRawPointer
    func call() { _ = curl_multi_wakeup(multi) }
}

/// The way from other threads to the loop's.
private final class CommandQueue: Sendable {
    private struct State {
        var commands: [Command] = []
        /// Transfers of which nothing more is wanted for the time being, or at all: known before
        /// the command's turn comes.
        var stopped: Set<UInt64> = []
        var lastID: UInt64 = 0
        var isStopping = false
        /// Set while the handle may be woken up.
        var wakeUp: WakeUp?
    }

    private let state = Mutex(State())
    /// Left when the thread is about to go.
    let ended = Latch()

    func nextID() -> UInt64 {
        state.withLock {
            $0.lastID &+= 1
            return $0.lastID
        }
    }

    /// - Returns: false if the loop has stopped; the command is dropped then.
    @discardableResult
    func put(_ command: Command) -> Bool {
        state.withLock { state in
            guard !state.isStopping else { return false }
            state.commands.append(command)
            switch command {
            case .cancel(let id), .setPaused(let id, true): state.stopped.insert(id)
            case .start(let id, _), .setPaused(let id, false): state.stopped.remove(id)
            }
            // Under the lock, so that the handle cannot go away meanwhile.
            state.wakeUp?.call()
            return true
        }
    }

    func stop() {
        state.withLock { state in
            state.isStopping = true
            state.wakeUp?.call()
        }
    }

    func isStopped(_ id: UInt64) -> Bool { state.withLock { $0.stopped.contains(id) } }

    /// The transfer is over.
    func forget(_ id: UInt64) { state.withLock { _ = $0.stopped.remove(id) } }

    func attach(_ wakeUp: WakeUp) { state.withLock { $0.wakeUp = wakeUp } }

    /// - Returns: nil when the loop shall end.
    func take() -> [Command]? {
        state.withLock { state in
            guard !state.isStopping else { return nil }
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// No command and no wake-up comes after this.
    func detach() -> [Command] {
        state.withLock { state in
            state.isStopping = true
            state.wakeUp = nil
            defer { state.commands = [] }
            return state.commands
        }
    }
}

/// Opens once, for all who wait.
private final class Latch: Sendable {
    private let group = DispatchGroup()
    init() { group.enter() }
    func open() { group.leave() }
    func wait() { group.wait() }
}

/// What lives on the thread.
private final class LoopThread {
    static let mark = "parksync-curl-loop"
    /// curl's own timers and wake-ups end a poll earlier.
    private static let pollMillisecondsMax: Int32 = 60_000

    private let queue: CommandQueue
    private var transfers: [UInt64: EasyTransfer] = [:]

    init(_ queue: CommandQueue) { self.queue = queue }

    func run() {
        Thread.current.threadDictionary[Self.mark] = true
        Self.blockBrokenPipeSignal()
        let multi = curl_multi_init()
        if let multi {
            queue.attach(WakeUp(multi: multi))
            while let commands = queue.take() {
                for command in commands { execute(command, multi) }
                turn(multi)
            }
        }
        let late = queue.detach()
        for transfer in inOrder() { remove(transfer, multi).endCancelled() }
        for case .start(_, let request) in late { request.onEnd(.cancelled) }
        if let multi { curl_multi_cleanup(multi) }
        queue.ended.open()
    }

    /// With NOSIGNAL curl leaves SIGPIPE alone, and TLS libraries may write to a closed socket.
    private static func blockBrokenPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private func turn(_ multi: UnsafeMutableRawPointer) {
        var running: Int32 = 0
        var result = curl_multi_perform(multi, &running)
        finishTransfers(multi)
        if result == CURLM_OK { result = curl_multi_poll(multi, nil, 0, Self.pollMillisecondsMax, nil) }
        guard result != CURLM_OK else { return }
        // Out of memory or descriptors: going on with the same handles would spin.
        for transfer in inOrder() { remove(transfer, multi).end(CURLE_FAILED_INIT) }
    }

    private func finishTransfers(_ multi: UnsafeMutableRawPointer) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            // The message is freed with the handle's removal.
            let result = ccurl_message_result(message)
            guard let transfer = transfers.values.first(where: { $0.handle == handle }) else { continue }
            if transfer.isBusy, result == CURLE_OK {
                // All has come, and a part of it is to be handed over when it is wanted.
                curl_multi_remove_handle(multi, transfer.handle)
                transfer.ended = result
            } else {
                remove(transfer, multi).end(result)
            }
        }
    }

    private func execute(_ command: Command, _ multi: UnsafeMutableRawPointer) {
        switch command {
        case .start(let id, let request):
            do {
                let transfer = try EasyTransfer(id: id, request) { [queue] in queue.isStopped(id) }
                guard curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
                    throw TransferFailure(code: CURLE_FAILED_INIT.rawValue, text: "curl did not take the request")
                }
                transfers[id] = transfer
            } catch {
                request.onEnd(
                    .failed(error as? TransferFailure ?? TransferFailure(code: 0, text: ErrorWords.of(error))))
            }
        case .cancel(let id):
            guard let transfer = transfers[id] else { return queue.forget(id) }
            remove(transfer, multi).endCancelled()
        case .setPaused(let id, let paused):
            guard let transfer = transfers[id] else { return queue.forget(id) }
            transfer.setPaused(paused)
            if transfer.isBroken {
                remove(transfer, multi).end(CURLE_WRITE_ERROR)
            } else if let ended = transfer.ended, !transfer.isBusy {
                remove(transfer, multi).end(ended)
            }
        }
    }

    private func inOrder() -> [EasyTransfer] { transfers.values.sorted { $0.id < $1.id } }

    private func remove(_ transfer: EasyTransfer, _ multi: UnsafeMutableRawPointer?) -> EasyTransfer {
        if let multi, transfer.ended == nil { curl_multi_remove_handle(multi, transfer.handle) }
        transfers[transfer.id] = nil
        queue.forget(transfer.id)
        return transfer
    }
}
