import Foundation
import Glibc
import Synchronization

/// A port of 127.0.0.1 where a thread of its own takes connections.
package final class TestListener: Sendable {
    package let port: Int
    private let open: Open

    /// No program that a test starts gets hold of a socket of this one: the other end would wait
    /// for it to be closed there, too.
    package static let notInherited = Int32(SOCK_CLOEXEC.rawValue)

    /// The descriptor while it is one. Only the thread closes it, when it has heard that nothing
    /// more is to be taken: a number that was closed elsewhere could be another socket's when the
    /// thread uses it next.
    private final class Open: Sendable {
        private let descriptor: Mutex<Int32?>
        init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

        func stop() { descriptor.withLock { if let descriptor = $0 { shutdown(descriptor, Int32(SHUT_RDWR)) } } }

        func serve(_ descriptor: Int32, _ take: (Int32) -> Void) {
            while true {
                let connection = accept(descriptor, nil, nil)
                if connection >= 0 {
                    _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                    take(connection)
                } else if errno != ECONNABORTED && errno != EINTR {
                    break
                }
            }
            self.descriptor.withLock {
                close(descriptor)
                $0 = nil
            }
        }
    }

    /// - Parameters:
    ///   - number: a port that is reserved; 0 for one that the system chooses.
    ///   - take: has the connection, and closes it.
    package init(port number: Int = 0, _ take: @escaping @Sendable (Int32) -> Void) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Self.notInherited, 0)
        if number > 0 {
            var reuse: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = Self.loopback(number)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 128) == 0
                    ? getsockname(descriptor, $0, &size) : -1
            }
        }
        guard result == 0 else {
            let cause = String(cString: strerror(errno))
            close(descriptor)
            throw RawHTTPConnection.Failure(description: "cannot listen on port \(number): \(cause)")
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        let open = Open(descriptor)
        self.open = open
        Thread.detachNewThread { open.serve(descriptor, take) }
    }

    package static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    /// Gives the port up.
    package func stop() { open.stop() }

    deinit { stop() }
}

/// A port of 127.0.0.1 where every connection is taken and closed at once.
package final class HangUp: Sendable {
    private let listener: TestListener
    package var port: Int { listener.port }

    /// - Parameter number: a port that is reserved; 0 for one that the system chooses.
    package init(port number: Int = 0) throws {
        listener = try TestListener(port: number) { connection in
            shutdown(connection, Int32(SHUT_RDWR))
            close(connection)
        }
    }

    /// Gives the port up.
    package func leave() { listener.stop() }
}
