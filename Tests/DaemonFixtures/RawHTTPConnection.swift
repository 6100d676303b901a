import Foundation
import ParkSyncReports
import ParkSyncWire

#if canImport(Glibc)
    import Glibc
#endif

/// One HTTP/1.1 connection over a plain socket, so that a test can send what no client library
/// would. Blocking calls run on threads of their own: the servers under test need those of Swift's
/// tasks.
package final class RawHTTPConnection: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
        package init(description: String) { self.description = description }
    }

    /// A test that waits longer for an answer has failed.
    package static let timeoutSeconds = Int(TestZone.agreementSeconds)

    private let descriptor: Int32

    package init(unix path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | TestListener.notInherited, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        try withUnsafePointer(to: &address) {
            try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try open($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// Connects to 127.0.0.1.
    package init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | TestListener.notInherited, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        try withUnsafePointer(to: &address) {
            try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try open($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { Glibc.close(descriptor) }

    private func open(_ address: UnsafePointer<sockaddr>, _ size: socklen_t) throws {
        guard connect(descriptor, address, size) == 0 else {
            throw Failure(description: "connect: \(String(cString: strerror(errno)))")
        }
        var limit = timeval(tv_sec: Self.timeoutSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    package func send(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            // A server that refuses a long body may close before it has read all of it.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }
    /// Leaves at once; the descriptor itself goes with the object.
    package func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func receive(_ count: Int) async throws -> [UInt8] {
        let descriptor = descriptor
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                var bytes = [UInt8](repeating: 0, count: count)
                let received = recv(descriptor, &bytes, count, 0)
                if received < 0, errno != ECONNRESET {
                    continuation.resume(throwing: Failure(description: "receive: \(String(cString: strerror(errno)))"))
                } else {
                    continuation.resume(returning: Array(bytes.prefix(max(received, 0))))
                }
            }
        }
    }

    package func read(until end: String) async throws -> String {
        var bytes: [UInt8] = []
        let suffix = Array(end.utf8)
        while !bytes.suffix(suffix.count).elementsEqual(suffix) {
            let byte = try await receive(1)
            guard !byte.isEmpty else {
                throw Failure(description: "closed after: \(String(decoding: bytes, as: UTF8.self))")
            }
            bytes += byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads a long stream in large pieces until it has seen the marks, in their order.
    ///
    /// - Returns: how many of them it has seen when the stream ends.
    package func pass(_ marks: [String]) async throws -> Int {
        var (rest, seen) = (Data(), 0)
        while seen < marks.count {
            let mark = Data(marks[seen].utf8)
            if let range = rest.range(of: mark) {
                rest = Data(rest[range.upperBound...])
                seen += 1
                continue
            }
            let more = try await receive(1 << 16)
            if more.isEmpty { break }
            rest = Data(rest.suffix(mark.count)) + more
        }
        return seen
    }

    package func readHead() async throws -> String { try await read(until: "\r\n\r\n") }

    package func readToEnd() async throws -> String { String(decoding: try await readBytesToEnd(), as: UTF8.self) }

    private func readBytesToEnd() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let more = try await receive(1 << 16)
            if more.isEmpty { return bytes }
            bytes += more
        }
    }

    /// Reads the head, then the body to the end of the connection.
    package func readAnswer() async throws -> HTTPAnswer {
        let head = try await readHead()
        var lines = head.components(separatedBy: "\r\n")
        let words = lines.removeFirst().split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { throw Failure(description: "no status: \(head)") }
        var headers: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        var body = try await readBytesToEnd()
        if headers["transfer-encoding"] == "chunked" { body = try Self.unchunked(body) }
        return HTTPAnswer(status: status, headers: headers, body: Data(body))
    }

    private static func unchunked(_ bytes: [UInt8]) throws -> [UInt8] {
        var body: [UInt8] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0D) {
            guard let size = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16) else { break }
            if size == 0 { return body }
            guard rest.endIndex - end >= size + 4 else { break }
            body += rest[(end + 2)..<(end + 2 + size)]
            rest = rest[(end + 4 + size)...]
        }
        throw Failure(description: "the chunked body is cut off after \(body.count) bytes")
    }
}

package struct HTTPAnswer: Sendable {
    package var status: Int
    /// Names in lower case.
    package var headers: [String: String]
    package var body: Data
    package var text: String { String(decoding: body, as: UTF8.self) }

    package func problem() throws -> ProblemDetails {
        guard headers["content-type"] == ProblemDetails.contentType else {
            throw RawHTTPConnection.Failure(description: "not a problem: \(status) \(headers) \(text)")
        }
        return try JSONDecoder().decode(ProblemDetails.self, from: body)
    }
}

/// Requests as text; the connection is closed after the answer.
package enum HTTPText {
    package static func head(
        _ method: String, _ path: String, length: Int, type: String? = "application/json", more: String = ""
    ) -> String {
        let content = type.map { "Content-Type: \($0)\r\n" } ?? ""
        return
            """
            \(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: \
            close\r\n\(content)\(more)Content-Length: \(length)\r\n\r\n
            """
    }

    package static func request(
        _ method: String, _ path: String, body: String = "", type: String? = "application/json", more: String = ""
    ) -> String {
        head(method, path, length: body.utf8.count, type: type, more: more) + body
    }

    package static func get(_ path: String) -> String {
        "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    }
    package static func post(_ path: String, _ body: String, type: String? = "application/json") -> String {
        request("POST", path, body: body, type: type)
    }

    /// The request with a token of the loopback listener.
    package static func authorized(_ request: String, _ token: String) -> String {
        request.replacing("\r\n", with: "\r\nAuthorization: Bearer \(token)\r\n", maxReplacements: 1)
    }

    package static func log(park: String?, body: String, more: String = "") -> String {
        let park = park.map { "ParkSync-Park: \($0)\r\n" } ?? ""
        return request("POST", WirePath.log, body: body, type: nil, more: park + more)
    }
}
