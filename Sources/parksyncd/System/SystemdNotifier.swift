import Foundation
import Logging
import ParkSyncReplication
import ServiceLifecycle

#if canImport(Glibc)
    import Glibc
#endif

/// Tells systemd what the daemon does (sd_notify(3)): one datagram to the socket named by
/// NOTIFY_SOCKET. Does nothing when systemd did not start the process.
struct SystemdNotifier: Sendable {
    private let path: String?

    init(environment: [String: String]) { path = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 } }

    /// - Parameter state: such as `READY=1` or `WATCHDOG=1`; several are separated by line feeds.
    func send(_ state: String) {
        guard let path else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        // A leading @ stands for the zero byte of an abstract socket.
        if name.first == UInt8(ascii: "@") { name[0] = 0 }
        let length = MemoryLayout.offset(of: \sockaddr_un.sun_path).map { $0 + name.count } ?? 0
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
                _ = sendto(descriptor, state, state.utf8.count, Int32(MSG_NOSIGNAL), target, socklen_t(length))
            }
        }
    }
}

extension SystemdNotifier {
    /// Tells systemd when a reload begins and ends, so that `systemctl reload` waits for it.
    func whileReloading(_ clock: any NodeClock, _ body: () async -> Void) async {
        send("RELOADING=1\nMONOTONIC_USEC=\(clock.monotonicMilliseconds() &* 1_000)")
        await body()
        send("READY=1")
    }
}

/// Feeds systemd's watchdog as long as the store answers: a process that hangs is restarted.
struct WatchdogService: Service {
    let notifier: SystemdNotifier
    let clock: any NodeClock
    let intervalMilliseconds: UInt64
    let isAlive: @Sendable () async -> Bool

    /// Nil when systemd set no watchdog for this process.
    init?(
        environment: [String: String], notifier: SystemdNotifier, clock: any NodeClock,
        isAlive: @escaping @Sendable () async -> Bool
    ) {
        guard let text = environment["WATCHDOG_USEC"], let microseconds = UInt64(text), microseconds > 0 else {
            return nil
        }
        if let owner = environment["WATCHDOG_PID"], owner != String(ProcessInfo.processInfo.processIdentifier) {
            return nil
        }
        self.notifier = notifier
        self.clock = clock
        self.isAlive = isAlive
        // Half of the limit leaves room for one late turn.
        intervalMilliseconds = max(1, microseconds / 2_000)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if await isAlive() { notifier.send("WATCHDOG=1") }
                try? await clock.sleep(until: clock.monotonicMilliseconds() + intervalMilliseconds)
            }
        }
    }
}
