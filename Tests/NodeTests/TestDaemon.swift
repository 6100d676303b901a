import Foundation
import Synchronization

/// A program that was started by a test, and how it ended.
final class TestProcess: Sendable {
    private let process: Mutex<Process>
    private let ended: AsyncStream<Int32>
    let identifier: Int32

    /// The folder with the programs that were built together with the tests.
    static let binaries = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()

    init(_ program: String, _ arguments: [String], environment: [String: String] = [:], output: URL? = nil) throws {
        let process = Process()
        process.executableURL = program.hasPrefix("/") ? URL(fileURLWithPath: program) : Self.binaries.appendingPathComponent(program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let output {
            if !FileManager.default.fileExists(atPath: output.path) { try Data().write(to: output) }
            let handle = try FileHandle(forWritingTo: output)
            try handle.seekToEnd()
            process.standardError = handle
            process.standardOutput = handle
        }
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = {
            // A program that a signal ended has the negative number of it.
            continuation.yield($0.terminationReason == .exit ? $0.terminationStatus : -$0.terminationStatus)
            continuation.finish()
        }
        try process.run()
        identifier = process.processIdentifier
        ended = stream
        self.process = Mutex(process)
    }

    func signal(_ number: Int32) { kill(identifier, number) }

    /// The most memory that the process has had (VmHWM of proc_pid_status(5)), bytes.
    func peakBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        guard let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw RawHTTPConnection.Failure(description: "no VmHWM in \(status)")
        }
        return kibibytes << 10
    }

    /// Waits for the end. Only once.
    func status() async -> Int32 {
        for await status in ended { return status }
        return Int32.min
    }

    /// Runs a program to its end. Returns its status and its whole output.
    static func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) async throws -> (status: Int32, output: String) {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("parksync-output-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let status = try await TestProcess(program, arguments, environment: environment, output: file).status()
        return (status, try String(contentsOf: file, encoding: .utf8))
    }
}

/// The socket to which a daemon says what it does, as systemd would have it.
final class NotifySocket: Sendable {
    let path: String
    private let descriptor: Int32
    static let timeoutSeconds = 60

    init(path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        unlink(path)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard result == 0 else { throw RawHTTPConnection.Failure(description: "bind \(path): \(String(cString: strerror(errno)))") }
        var limit = timeval(tv_sec: Self.timeoutSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// Waits for a message, on a thread of its own.
    func message() async throws -> String {
        let descriptor = descriptor
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                var bytes = [UInt8](repeating: 0, count: 4_096)
                let count = recv(descriptor, &bytes, bytes.count, 0)
                if count < 0 {
                    continuation.resume(
                        throwing: RawHTTPConnection.Failure(description: "the daemon said nothing: \(String(cString: strerror(errno)))"))
                } else {
                    continuation.resume(returning: String(decoding: bytes.prefix(count), as: UTF8.self))
                }
            }
        }
    }
}

/// A port of 127.0.0.1 where every connection is taken and closed at once.
final class HangUp: Sendable {
    let port: Int
    private let descriptor: Int32

    /// - Parameter number: a port that is reserved; 0 for one that the system chooses.
    init(port number: Int = 0) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        if number > 0 {
            var reuse: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(number).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0 ? getsockname(descriptor, $0, &size) : -1
            }
        }
        guard result == 0 else { throw RawHTTPConnection.Failure(description: "no free port: \(String(cString: strerror(errno)))") }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread {
            while case let connection = accept(descriptor, nil, nil), connection >= 0 { close(connection) }
        }
    }

    /// Gives the port up.
    func leave() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    deinit {
        leave()
        close(descriptor)
    }
}

/// A port of 127.0.0.1 that no other program gets while this object lives; a daemon, which reuses addresses, can listen on it.
final class ReservedPort: Sendable {
    let number: Int
    private let descriptor: Int32

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1 }
        }
        guard result == 0 else { throw RawHTTPConnection.Failure(description: "no free port: \(String(cString: strerror(errno)))") }
        number = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
}
