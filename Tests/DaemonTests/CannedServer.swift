import DaemonFixtures
import Foundation
import Synchronization

/// A port of 127.0.0.1 that answers every request with the same bytes: a peer, or a node, that has
/// been made to.
final class CannedServer: Sendable {
    private let listener: TestListener
    private let state: State
    var port: Int { listener.port }

    private final class State: Sendable {
        let answer: Mutex<[UInt8]>
        let taken = Mutex(0)
        init(_ answer: [UInt8]) { self.answer = Mutex(answer) }
    }

    /// How many requests were answered.
    var requests: Int { state.taken.withLock { $0 } }

    init(_ answer: [UInt8]) throws {
        let state = State(answer)
        self.state = state
        listener = try TestListener { Self.serve($0, state) }
    }

    /// What is answered from now on.
    func set(_ bytes: [UInt8]) { state.answer.withLock { $0 = bytes } }

    private static func serve(_ connection: Int32, _ state: State) {
        defer { close(connection) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var head: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !String(decoding: head, as: UTF8.self).contains("\r\n\r\n") {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            head += buffer.prefix(count)
        }
        let bytes = state.answer.withLock { $0 }
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(connection, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            sent += count
        }
        state.taken.withLock { $0 += 1 }
        // Until the other end has read it all: closing with unread bytes of a request would reset
        // the connection.
        shutdown(connection, Int32(SHUT_WR))
        while recv(connection, &buffer, buffer.count, 0) > 0 {}
    }

    /// A whole answer of HTTP.
    static func http(_ status: Int, type: String, _ body: [UInt8]) -> [UInt8] {
        Array(
            """
            HTTP/1.1 \(status) X\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\nConnection: \
            close\r\n\r\n
            """
            .utf8) + body
    }
}
