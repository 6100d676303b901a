import Foundation
import Synchronization

/// The standard input and output of a program that a test talks with.
package final class TestPipes: Sendable {
    private let input = Mutex<FileHandle?>(nil)
    private let lines: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    package init() { (lines, continuation) = AsyncStream.makeStream() }

    /// For `TestProcess`, before the program is started.
    package func attach(_ process: Process) {
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        self.input.withLock { $0 = input.fileHandleForWriting }
        let (reader, continuation) = (output.fileHandleForReading, continuation)
        Thread.detachNewThread {
            var rest = Data()
            while case let bytes = reader.availableData, !bytes.isEmpty {
                rest += bytes
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    continuation.yield(String(decoding: rest[..<end], as: UTF8.self))
                    rest = Data(rest[rest.index(after: end)...])
                }
            }
            continuation.finish()
        }
    }

    /// The next line of the output, which no other task waits for.
    package func line() async throws -> String {
        for await line in lines { return line }
        throw RawHTTPConnection.Failure(description: "the program has ended")
    }

    package func write(_ text: String) throws { try input.withLock { try $0?.write(contentsOf: Data(text.utf8)) } }
}
