import Foundation
import ParkSyncWire
import Synchronization

/// The lines of a streamed answer, without their ends. Iterated once.
package final class ControlLines: AsyncSequence, Sendable {
    package typealias Element = String

    /// Lines that were received and not read yet; beyond this the node is held back.
    package static let waitingBytesMax = 1 << 20
    /// A longer line ends the request.
    package static let lineBytesMax = 256 << 20

    fileprivate struct State {
        var answer = Answer()
        /// Bytes behind the last whole line.
        var rest: [UInt8] = []
        var lines: [String] = []
        /// Index of the next line in `lines`.
        var position = 0
        var waitingBytes = 0
        var end: TransferEnd?
        var reader: CheckedContinuation<String?, any Error>?
        var transfer: UInt64 = 0
        var isPaused = false

        static let readLinesMax = 4_096
    }

    private let address: ControlAddress
    private let loop: CurlLoop
    private let state = Mutex(State())

    init(address: ControlAddress, loop: CurlLoop) {
        self.address = address
        self.loop = loop
    }

    func start(_ request: TransferRequest) {
        // Under the lock: the first bytes may come before this returns, and pausing needs the
        // number.
        state.withLock { $0.transfer = loop.start(request) }
    }

    deinit { loop.cancel(state.withLock { $0.transfer }) }

    // MARK: from the loop's thread

    func head(_ head: ResponseHead) { state.withLock { $0.answer.head = head } }

    func bytes(_ bytes: [UInt8]) -> Bool {
        let (reader, line, mustPause, goesOn) = state.withLock {
            state -> (CheckedContinuation<String?, any Error>?, String?, UInt64?, Bool) in
            guard let status = state.answer.head?.status, (200...299).contains(status) else {
                state.answer.body += bytes.prefix(Self.waitingBytesMax - state.answer.body.count)
                return (nil, nil, nil, true)
            }
            state.receive(bytes)
            guard state.rest.count <= Self.lineBytesMax else {
                state.answer.isTooLong = true
                state.rest = []
                return (nil, nil, nil, false)
            }
            var pause: UInt64?
            if state.waitingBytes > Self.waitingBytesMax, !state.isPaused {
                state.isPaused = true
                pause = state.transfer
            }
            guard state.reader != nil, let line = state.next() else { return (nil, nil, pause, true) }
            defer { state.reader = nil }
            return (state.reader, line, pause, true)
        }
        if let mustPause { loop.pause(mustPause) }
        reader?.resume(returning: line)
        return goesOn
    }

    func end(_ end: TransferEnd) {
        let reader = state.withLock { state in
            state.end = end
            state.finishRest()
            defer { state.reader = nil }
            return state.reader
        }
        if let reader { reader.resume(with: Result { try nextAtEnd() }) }
    }

    // MARK: reading

    package func makeAsyncIterator() -> Iterator { Iterator(lines: self) }

    package struct Iterator: AsyncIteratorProtocol {
        let lines: ControlLines
        package mutating func next() async throws -> String? { try await lines.next() }
    }

    private func nextAtEnd() throws -> String? {
        try state.withLock { state in
            if let line = state.next() { return line }
            guard let end = state.end else { return nil }
            if case .cancelled = end { return nil }
            _ = try state.answer.result(end, address: address)
            return nil
        }
    }

    private func next() async throws -> String? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (line, isOver, mustResume) = state.withLock { state -> (String?, Bool, UInt64?) in
                    let line = state.next()
                    var resume: UInt64?
                    if state.isPaused, state.waitingBytes < Self.waitingBytesMax / 2 {
                        state.isPaused = false
                        resume = state.transfer
                    }
                    if line == nil, state.end == nil { state.reader = continuation }
                    return (line, state.end != nil, resume)
                }
                if let mustResume { loop.resume(mustResume) }
                if let line {
                    continuation.resume(returning: line)
                } else if isOver {
                    continuation.resume(with: Result { try nextAtEnd() })
                }
            }
        } onCancel: {
            loop.cancel(state.withLock { $0.transfer })
        }
    }
}

extension ControlLines.State {
    fileprivate mutating func receive(_ bytes: [UInt8]) {
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            rest += bytes[start..<end]
            append(rest)
            rest = []
            start = end + 1
        }
        rest += bytes[start...]
    }

    private mutating func append(_ line: [UInt8]) {
        lines.append(String(decoding: line, as: UTF8.self))
        waitingBytes += line.count
    }

    fileprivate mutating func finishRest() {
        if !rest.isEmpty { append(rest) }
        rest = []
    }

    fileprivate mutating func next() -> String? {
        guard position < lines.count else { return nil }
        let line = lines[position]
        position += 1
        waitingBytes -= line.utf8.count
        // What was read is let go in larger pieces: a reader that never quite catches up would keep
        // all of it, and moving the rest up at each line would take quadratic time.
        if position == lines.count || position >= Self.readLinesMax {
            lines.removeFirst(position)
            position = 0
        }
        return line
    }
}
