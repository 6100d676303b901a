import Synchronization

/// The transfer of one task, which is cancelled with it: whichever of the two comes first.
final class TaskTransfer: Sendable {
    private struct State {
        var number: UInt64?
        var isCancelled = false
    }

    private let loop: CurlLoop
    private let state = Mutex(State())

    init(_ loop: CurlLoop) { self.loop = loop }

    func start(_ request: TransferRequest) {
        let mustCancel = state.withLock { state in
            state.number = loop.start(request)
            return state.isCancelled
        }
        if mustCancel { cancel() }
    }

    func cancel() {
        let number = state.withLock { state in
            state.isCancelled = true
            return state.number
        }
        if let number { loop.cancel(number) }
    }
}
