import Foundation
import Synchronization

/// A program that was started by a test, and how it ended.
package final class TestProcess: Sendable {
    private struct State {
        /// What it ended with: a status, or the negative number of the signal that ended it.
        var status: Int32?
        var waiters: [CheckedContinuation<Int32, Never>] = []
    }

    /// Shared with what is called at the end of the process, which may come before this object is
    /// made.
    private final class End: Sendable {
        private let state = Mutex(State())

        func come(_ status: Int32) {
            let waiters = state.withLock { state in
                state.status = status
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume(returning: status) }
        }

        func wait() async -> Int32 {
            await withCheckedContinuation { continuation in
                let status = state.withLock { state in
                    if state.status == nil { state.waiters.append(continuation) }
                    return state.status
                }
                if let status { continuation.resume(returning: status) }
            }
        }

        var hasCome: Bool { state.withLock { $0.status != nil } }
    }

    private let process: Process
    private let end: End
    package let identifier: Int32

    /// The folder with the programs that were built together with the tests.
    package static let binaries = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()

    /// One program is started at a time. Foundation notices the end of one by a socket that the
    /// program has open, and closes in another whatever was open when it was about to be started:
    /// of two that start at once, one gets the other's socket, and has to end before the other's
    /// end shows.
    private static let starting = Mutex(())

    /// - Parameter prepare: makes pipes and the like, when no other program can get hold of their
    ///   ends.
    package init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], folder: URL? = nil,
        output: URL? = nil,
        prepare: (Process) -> Void = { _ in }
    ) throws {
        let process = Process()
        process.executableURL =
            program.hasPrefix("/") ? URL(fileURLWithPath: program) : Self.binaries.appendingPathComponent(program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = folder
        if let output {
            if !FileManager.default.fileExists(atPath: output.path) { try Data().write(to: output) }
            let handle = try FileHandle(forWritingTo: output)
            try handle.seekToEnd()
            process.standardError = handle
            process.standardOutput = handle
        }
        let end = End()
        process.terminationHandler = {
            end.come($0.terminationReason == .exit ? $0.terminationStatus : -$0.terminationStatus)
        }
        try Self.starting.withLock { _ in
            prepare(process)
            try process.run()
        }
        identifier = process.processIdentifier
        self.end = end
        self.process = process
    }

    /// One that has ended gets none: its number may be another's by now.
    package func signal(_ number: Int32) { if !end.hasCome { kill(identifier, number) } }

    /// The most memory that the process has had (VmHWM of proc_pid_status(5)), bytes.
    package func peakBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        guard let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw RawHTTPConnection.Failure(description: "no VmHWM in \(status)")
        }
        return kibibytes << 10
    }

    /// Waits for the end. If the test is given up meanwhile, the process is ended: nothing that a
    /// test has started goes on behind its back.
    package func status() async -> Int32 {
        await withTaskCancellationHandler {
            await end.wait()
        } onCancel: {
            signal(SIGKILL)
        }
    }

    /// Runs a program to its end. Returns its status and its whole output.
    package static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], folder: URL? = nil
    ) async throws -> (status: Int32, output: String) {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("parksync-output-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let status = try await TestProcess(program, arguments, environment: environment, folder: folder, output: file)
            .status()
        // Some programs print bytes that are no text.
        return (status, String(decoding: try Data(contentsOf: file), as: UTF8.self))
    }
}

/// The socket to which a daemon says what it does, as systemd would have it.
package final class NotifySocket: Sendable {
    package let path: String
    private let descriptor: Int32

    package init(path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | TestListener.notInherited, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        unlink(path)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            throw RawHTTPConnection.Failure(description: "bind \(path): \(String(cString: strerror(errno)))")
        }
        var limit = timeval(tv_sec: Int(TestZone.agreementSeconds), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// Waits for a message, on a thread of its own.
    package func message() async throws -> String {
        let descriptor = descriptor
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                var bytes = [UInt8](repeating: 0, count: 4_096)
                let count = recv(descriptor, &bytes, bytes.count, 0)
                if count < 0 {
                    continuation.resume(
                        throwing: RawHTTPConnection.Failure(
                            description: "the daemon said nothing: \(String(cString: strerror(errno)))"))
                } else {
                    continuation.resume(returning: String(decoding: bytes.prefix(count), as: UTF8.self))
                }
            }
        }
    }
}

/// A port of 127.0.0.1 that no other program gets while this object lives; a daemon, which reuses
/// addresses, can listen on it.
package final class ReservedPort: Sendable {
    package let number: Int
    private let descriptor: Int32

    package init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | TestListener.notInherited, 0)
        self.descriptor = descriptor
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
            }
        }
        guard result == 0 else {
            throw RawHTTPConnection.Failure(description: "no free port: \(String(cString: strerror(errno)))")
        }
        number = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
}
