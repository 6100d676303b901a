import DaemonFixtures
import Foundation
import Glibc
import Synchronization

/// A port of 127.0.0.1 that passes connections on to another port, and may cut them off after so
/// many bytes of answers.
final class CuttingProxy: Sendable {
    private let listener: TestListener
    private let traffic: Traffic
    var port: Int { listener.port }

    /// Bytes of answers that have passed.
    var bytesPassed: Int { traffic.passed.withLock { $0 } }

    /// - Parameter cutAfter: bytes of answers, all connections together, after which every
    ///   connection is cut.
    init(to target: Int, cutAfter: Int?) throws {
        let traffic = Traffic(cutAfter)
        self.traffic = traffic
        listener = try TestListener { Self.serve($0, target, traffic) }
    }

    /// From now on nothing is cut.
    func mend() { traffic.allowance.withLock { $0 = nil } }

    private final class Traffic: Sendable {
        /// Bytes of answers that may still pass; nil for all.
        let allowance: Mutex<Int?>
        let passed = Mutex(0)
        init(_ allowance: Int?) { self.allowance = Mutex(allowance) }

        /// How many of so many bytes may pass.
        func admit(_ count: Int) -> Int {
            let admitted = allowance.withLock { allowance in
                guard let left = allowance else { return count }
                allowance = max(0, left - count)
                return min(left, count)
            }
            passed.withLock { $0 += admitted }
            return admitted
        }
    }

    private static func serve(_ client: Int32, _ target: Int, _ traffic: Traffic) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | TestListener.notInherited, 0)
        var address = TestListener.loopback(target)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(client)
            close(server)
            return
        }
        // The two threads end each other; the descriptors are closed by the one that ends last.
        let pair = Pair([client, server])
        Thread.detachNewThread { pump(from: client, to: server, pair) { $0 } }
        Thread.detachNewThread { pump(from: server, to: client, pair) { traffic.admit($0) } }
    }

    private final class Pair: Sendable {
        private let open = Mutex(2)
        private let descriptors: [Int32]
        init(_ descriptors: [Int32]) { self.descriptors = descriptors }
        func end() {
            for descriptor in descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
            let isLast = open.withLock { open in
                open -= 1
                return open == 0
            }
            if isLast { for descriptor in descriptors { close(descriptor) } }
        }
    }

    private static func pump(from source: Int32, to target: Int32, _ pair: Pair, _ admit: (Int) -> Int) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while case let count = recv(source, &buffer, buffer.count, 0), count > 0 {
            let admitted = admit(count)
            var sent = 0
            while sent < admitted {
                let result = buffer.withUnsafeBytes {
                    Glibc.send(target, $0.baseAddress.map { $0 + sent }, admitted - sent, Int32(MSG_NOSIGNAL))
                }
                if result <= 0 { break }
                sent += result
            }
            if sent < count { break }
        }
        pair.end()
    }
}
