#if os(Linux)
    import CProcess
    import Foundation
    import Glibc
    import ParkSyncReplication
    import ParkSyncStore
    import Synchronization

    /// This program once more, for work that must not take the node with it. It ends with the
    /// thread that started it.
    final class ChildProcess: Sendable {
        /// How one ended.
        struct End {
            /// All that it wrote.
            var output: [UInt8] = []
            /// The signal that ended it; nil if it ended by itself.
            var signal: Int32?
            /// Whether it was ended because its time was over.
            var isLate = false
        }

        private enum State {
            case new, running(pid_t), ended
        }

        private let state = Mutex(State.new)
        private let program: String
        /// More is not read: no job has so much to say.
        private static let outputBytesMax = 256 << 10
        private static let chunkBytes = 4_096

        /// - Parameter program: this one, unless a test has another; also while a new version lies
        ///   at its path.
        init(program: String = "/proc/self/exe") { self.program = program }

        /// Runs it to its end, on the calling thread.
        ///
        /// - Parameters:
        ///   - input: a file that is its standard input.
        ///   - milliseconds: for all of it, after which it is ended.
        func run(_ arguments: [String], input: Int32, within milliseconds: UInt64, _ clock: any NodeClock) throws -> End
        {
            var ends: [Int32] = [-1, -1]
            // Another child, started at the same time, would keep it open, and the end of this one
            // would not be seen.
            guard parksync_process_pipe(&ends) == 0 else { throw Self.cannot(errno) }
            defer { Glibc.close(ends[0]) }
            let started = start(arguments, input, ends[1])
            Glibc.close(ends[1])
            guard started == 0 else { throw Self.cannot(started) }
            var end = read(ends[0], until: clock.monotonicMilliseconds() &+ milliseconds, clock)
            end.signal = reap()
            return end
        }

        /// Ends it, from any thread; what has not begun does not begin.
        func cancel() {
            state.withLock { state in
                if case .running(let pid) = state { kill(pid, SIGKILL) }
                if case .new = state { state = .ended }
            }
        }

        private func start(_ arguments: [String], _ input: Int32, _ output: Int32) -> Int32 {
            state.withLock { state in
                guard case .new = state else { return ECANCELED }
                let texts: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
                // Nothing of the node's: what is configured there is in the job. A backtrace would
                // be written by another program.
                let environment: [UnsafeMutablePointer<CChar>?] = [strdup("SWIFT_BACKTRACE=enable=no"), nil]
                defer { for text in texts + environment { free(text) } }
                var pid: pid_t = 0
                let result = parksync_process_spawn(program, texts, environment, input, output, &pid)
                if result == 0 { state = .running(pid) }
                return result
            }
        }

        private func read(_ descriptor: Int32, until end: UInt64, _ clock: any NodeClock) -> End {
            var result = End()
            var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
            while result.output.count < Self.outputBytesMax {
                let now = clock.monotonicMilliseconds()
                guard now < end else {
                    result.isLate = true
                    break
                }
                var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                let ready = poll(&wanted, 1, Int32(clamping: end - now))
                if ready == 0 || (ready < 0 && errno == EINTR) { continue }
                let count = Glibc.read(descriptor, &chunk, chunk.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                result.output += chunk[..<count]
            }
            return result
        }

        /// - Returns: the signal that ended it.
        private func reap() -> Int32? {
            state.withLock { state in
                guard case .running(let pid) = state else { return nil }
                // One that has closed its output and goes on has nothing to say any more. Of one
                // that is ending this changes nothing.
                kill(pid, SIGKILL)
                var status: Int32 = 0
                while waitpid(pid, &status, 0) < 0, errno == EINTR {}
                state = .ended
                let signal = status & 0x7F
                return signal == 0 ? nil : signal
            }
        }

        private static func cannot(_ number: Int32) -> any Error {
            if number == ECANCELED { return CancellationError() }
            return StoreError(
                .internalState,
                "no process for the check of a snapshot could be started: \(ErrorWords.ofSystem(number))",
                remedy:
                    """
                    Nothing was replaced. See that the machine has processes and memory left, then repeat: \
                    syncctl snapshot fetch.
                    """
            )
        }
    }

    /// The bounds of a process that was started for one piece of work.
    enum ProcessBounds {
        /// - Throws: `StoreError` if the system does not take them, or if the process that wanted
        ///   the work is gone.
        static func set(memoryBytes: UInt64, processorSeconds: UInt64, parent: Int32) throws {
            guard parksync_process_limit(memoryBytes, processorSeconds) == 0, getppid() == parent else {
                throw StoreError(
                    .internalState, "the process for the check of a snapshot has got no bounds",
                    remedy: "Nothing was replaced. Please report it.")
            }
        }
    }
#else
    enum ProcessBounds { static func set(memoryBytes: UInt64, processorSeconds: UInt64, parent: Int32) throws {} }
#endif
