import Foundation
import ParkSyncWire
import Synchronization

/// Where the bytes of an answer go.
package protocol ByteSink: Sendable {
    /// Called on the loop's thread, in order.
    /// - Throws: ends the transfer with this error.
    func write(_ bytes: [UInt8]) throws
}

/// Appends to a file.
package final class FileSink: ByteSink {
    private let handle: Mutex<FileHandle>

    /// - Parameter handle: stands where the bytes go.
    package init(_ handle: FileHandle) { self.handle = Mutex(handle) }

    package func write(_ bytes: [UInt8]) throws { try handle.withLock { try $0.write(contentsOf: Data(bytes)) } }
}

/// One answer that is written to a sink as it comes.
final class FileDownload: Sendable {
    private struct State {
        var answer = Answer()
        var failure: (any Error)?
    }

    private let transfer: TaskTransfer
    private let sink: any ByteSink
    private let state = Mutex(State())

    /// Longest answer that is no file: a problem.
    static let problemBytesMax = 64 << 10

    init(loop: CurlLoop, sink: any ByteSink) { (transfer, self.sink) = (TaskTransfer(loop), sink) }

    /// - Returns: head and body of an answer that is not 2xx; of a 2xx one the body is in the sink.
    /// - Throws: what the sink throws, and `TransferFailure`; what was written before is in the
    ///   sink.
    func run(_ request: TransferRequest) async throws -> (head: ResponseHead, body: [UInt8]) {
        var request = request
        request.onHead = { [self] head in state.withLock { $0.answer.head = head } }
        request.onBytes = { [self] in receive($0) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                request.onEnd = { [self] end in continuation.resume(with: Result { try result(end) }) }
                transfer.start(request)
            }
        } onCancel: {
            transfer.cancel()
        }
    }

    private func receive(_ bytes: [UInt8]) -> Bool {
        let isFile = state.withLock { state in
            if let status = state.answer.head?.status, (200...299).contains(status) { return true }
            state.answer.body += bytes.prefix(Self.problemBytesMax - state.answer.body.count)
            return false
        }
        guard isFile else { return true }
        do { try sink.write(bytes) } catch {
            state.withLock { $0.failure = error }
            return false
        }
        return true
    }

    private func result(_ end: TransferEnd) throws -> (head: ResponseHead, body: [UInt8]) {
        let (answer, failure) = state.withLock { ($0.answer, $0.failure) }
        if let failure { throw failure }
        switch end {
        case .failed(let failure): throw failure
        case .cancelled: throw CancellationError()
        case .finished: break
        }
        guard let head = answer.head else { throw TransferFailure(code: 0, text: "there was no answer") }
        return (head, answer.body)
    }
}

extension ControlClient {
    /// Writes an answer to a sink as it comes. A node that falls silent for long is given up.
    ///
    /// - Throws: `ProblemDetails` from the node, `ControlFailure` if the answer did not come whole,
    ///   and what the sink throws.
    package func download(_ path: String, _ parameters: [(String, String)] = [], to sink: any ByteSink) async throws {
        var request = request("GET", path, parameters, nil)
        request.silenceSecondsMax = Self.answerMillisecondsMax / 1_000
        do {
            let (head, body) = try await FileDownload(loop: loop, sink: sink).run(request)
            var answer = Answer()
            (answer.head, answer.body) = (head, body)
            _ = try answer.result(.finished, address: address)
        } catch let failure as TransferFailure { throw Answer.failure(failure, address, nil) }
    }
}
