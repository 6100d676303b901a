import Foundation
import ParkSyncStore

#if canImport(Glibc)
    import Glibc
#endif

/// Calls back when a program writes to a database: the kernel reports writes to the file and its
/// write-ahead log (inotify(7)), so that an idle node does not wake up to look.
final class FileWatcher: @unchecked Sendable {
    // Set in the initialiser and only read afterwards, except for `isResting`, which belongs to
    // `queue`.
    private let source: any DispatchSourceRead
    private let queue = DispatchQueue(label: "parksync.watch")
    private let names: Set<String>
    private var isResting = false

    static let eventBufferBytes = 16 << 10
    /// After an event the kernel is not listened to for so long. The node's own writes are reported
    /// as well, page by page: a catch-up would wake this thread hundreds of thousands of times a
    /// second. What happens meanwhile is reported afterwards.
    static let restMilliseconds = 5

    /// - Parameters:
    ///   - path: the database file.
    ///   - body: called on a queue of its own, once for each batch of events.
    /// - Throws: `WatchError` if the kernel refuses.
    init(database path: String, _ body: @escaping @Sendable () -> Void) throws {
        // Programs write to the file that a link leads to, and SQLite puts the write-ahead log
        // beside that one.
        let url = URL(fileURLWithPath: FileSystem.resolvingLinks(path))
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { throw WatchError(reason: "inotify: \(String(cString: strerror(errno)))") }
        let folder = url.deletingLastPathComponent().path
        guard inotify_add_watch(descriptor, folder, UInt32(IN_MODIFY)) >= 0 else {
            let message = String(cString: strerror(errno))
            close(descriptor)
            throw WatchError(reason: "watching \(folder): \(message)")
        }
        names = [url.lastPathComponent, url.lastPathComponent + "-wal"]
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler { [weak self, names] in
            if Self.drain(descriptor, names) { body() }
            self?.rest()
        }
        source.setCancelHandler { close(descriptor) }
        source.resume()
    }

    private func rest() {
        guard !isResting else { return }
        isResting = true
        source.suspend()
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.restMilliseconds)) { [self] in
            isResting = false
            source.resume()
        }
    }

    // While it rests it is kept alive by its own timer, so a source that is suspended is never
    // released.
    deinit { source.cancel() }

    /// Reads all waiting events. True if one is about the database.
    private static func drain(_ descriptor: Int32, _ names: Set<String>) -> Bool {
        var buffer = [UInt8](repeating: 0, count: eventBufferBytes)
        var isConcerned = false
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return isConcerned }
            var offset = 0
            while offset + MemoryLayout<inotify_event>.size <= count {
                let event = buffer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: inotify_event.self) }
                let start = offset + MemoryLayout<inotify_event>.size
                let end = min(count, start + Int(event.len))
                let name = String(decoding: buffer[start..<end].prefix { $0 != 0 }, as: UTF8.self)
                if names.contains(name) { isConcerned = true }
                offset = end
            }
        }
    }
}

struct WatchError: Error, CustomStringConvertible {
    var reason: String
    var description: String {
        "\(reason). Raise fs.inotify.max_user_watches or max_user_instances (sysctl) for this user."
    }
}
