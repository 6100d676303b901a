import Foundation
import Glibc
import Synchronization

/// A port of 127.0.0.1 that passes connections on to another port, and may cut them off after so many bytes of answers.
final class CuttingProxy: Sendable {
    let port: Int
    private let listener: Int32
    private let target: Int
    /// Bytes of answers that may still pass; nil for all.
    private let allowance: Mutex<Int?>
    private let passed = Mutex(0)

    /// Bytes of answers that have passed.
    var bytesPassed: Int { passed.withLock { $0 } }

    /// - Parameter cutAfter: bytes of answers, all connections together, after which every connection is cut.
    init(to target: Int, cutAfter: Int?) throws {
        self.target = target
        allowance = Mutex(cutAfter)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = Self.address(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 32) == 0 ? getsockname(listener, $0, &size) : -1
            }
        }
        guard result == 0 else { throw RawHTTPConnection.Failure(description: "no free port: \(String(cString: strerror(errno)))") }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                guard let self else { break }
                self.serve(connection)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// From now on nothing is cut.
    func mend() { allowance.withLock { $0 = nil } }

    private static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private func serve(_ client: Int32) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(target)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard result == 0 else {
            close(client)
            close(server)
            return
        }
        // The two threads end each other; the descriptors are closed by the one that ends last.
        let pair = Pair([client, server])
        Thread.detachNewThread { Self.pump(from: client, to: server, pair) { $0 } }
        Thread.detachNewThread { [self] in Self.pump(from: server, to: client, pair) { admit($0) } }
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

    /// How many of so many bytes may pass.
    private func admit(_ count: Int) -> Int {
        let admitted = allowance.withLock { allowance in
            guard let left = allowance else { return count }
            allowance = max(0, left - count)
            return min(left, count)
        }
        passed.withLock { $0 += admitted }
        return admitted
    }

    private static func pump(from source: Int32, to target: Int32, _ pair: Pair, _ admit: (Int) -> Int) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while case let count = recv(source, &buffer, buffer.count, 0), count > 0 {
            let admitted = admit(count)
            var sent = 0
            while sent < admitted {
                let result = buffer.withUnsafeBytes { Glibc.send(target, $0.baseAddress.map { $0 + sent }, admitted - sent, Int32(MSG_NOSIGNAL)) }
                if result <= 0 { break }
                sent += result
            }
            if sent < count { break }
        }
        pair.end()
    }
}
