import ParkSyncStore

/// A store's queue whose work waits until the world says.
final class WorkLane: StoreQueue, @unchecked Sendable {
    // Confined to one thread.
    private var waiting: [@Sendable () -> Void] = []
    private var first = 0
    private var isRunning = false
    /// Called when there is work and there was none.
    private let onWork: @Sendable () -> Void

    init(onWork: @escaping @Sendable () -> Void) { self.onWork = onWork }

    var isEmpty: Bool { first == waiting.count }

    func async(_ work: @escaping @Sendable () -> Void) {
        let wasIdle = isEmpty && !isRunning
        waiting.append(work)
        if wasIdle { onWork() }
    }

    func sync<T>(_ work: () -> T) -> T { work() }

    /// Runs the oldest piece of work.
    func runNext() {
        guard !isEmpty else { return }
        let work = waiting[first]
        first += 1
        if isEmpty { (waiting, first) = ([], 0) }
        isRunning = true
        work()
        isRunning = false
    }

    /// What waited is never done: the process is gone.
    func drop() { (waiting, first) = ([], 0) }
}
