import Foundation
import ParkSyncReplication

#if canImport(Glibc)
    import Glibc
#endif

/// The file of a Unix socket: whose it is, and when it may be taken away.
///
/// A node removes no file but a socket that it has made itself, as its own note beside the database
/// says, and on which nobody listens any more. So neither a database nor another node's socket is
/// lost to a path that is wrong.
struct SocketFile: Sendable {
    let path: String
    /// Where the node notes which socket it has made; nil for one that leaves none behind.
    let note: String?

    /// Which file on which device, and when it was made: numbers of files are given again.
    struct Identity: Equatable, Sendable {
        var device: UInt64
        var node: UInt64
        /// A socket is never written: this stays, whoever changes its mode or its owner.
        var madeAt: Double

        var text: String { "\(device) \(node) \(madeAt)\n" }

        /// Nil if there is no socket.
        init?(_ path: String) {
            guard let found = try? FileManager.default.attributesOfItem(atPath: path),
                found[.type] as? FileAttributeType == .typeSocket,
                let device = found[.systemNumber] as? NSNumber, let node = found[.systemFileNumber] as? NSNumber,
                let date = found[.modificationDate] as? Date
            else { return nil }
            (self.device, self.node, madeAt) = (device.uint64Value, node.uint64Value, date.timeIntervalSince1970)
        }
    }

    /// Why the path cannot be used now.
    struct Taken: Error, CustomStringConvertible {
        var description: String
    }

    /// Makes way for a new socket: removes one that this node has left behind. The node's lock on
    /// its state folder is held.
    ///
    /// - Throws: `ServerStartError` if there is something else than a socket, which is not touched;
    ///   `Taken` for another's socket, which may be gone later.
    func makeWay() throws {
        let type: FileAttributeType?
        do { type = try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType } catch {
            guard (error as NSError).code == NSFileReadNoSuchFileError else {
                throw Taken(description: ErrorWords.of(error))
            }
            return keep(Self.making)
        }
        guard type == .typeSocket else {
            throw ServerStartError(
                """
                the local socket \(path) cannot be made: there is \(Self.kind(type)) of that name, which is \
                left as it is
                """,
                remedy: "Configure another path in local.socket, or move it away.")
        }
        switch try state() {
        case .gone: return keep(Self.making)
        case .alive: throw Taken(description: "another program listens on this socket")
        case .dead: break
        }
        guard let made = Identity(path), let noted = noted(), noted == made.text || noted == Self.making else {
            throw Taken(
                description:
                    """
                    there is a socket that this node has not made, and nobody listens on it; remove it if it \
                    belongs to no other node
                    """
            )
        }
        guard unlink(path) == 0 || errno == ENOENT else { throw Taken(description: Self.text(errno)) }
        keep(Self.making)
    }

    /// What the note says between making way and the claim: a node that ends then has left what is
    /// found at the path.
    private static let making = "making\n"

    private func noted() -> String? { note.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) } }

    /// On a full disk the node listens all the same. What it leaves behind when it is killed then
    /// is to be removed by hand.
    private func keep(_ text: String) {
        guard let note else { return }
        try? Data(text.utf8).write(to: URL(fileURLWithPath: note), options: .atomic)
    }

    /// No socket has come about after all.
    func forget() { if let note, noted() == Self.making { unlink(note) } }

    /// Notes that the socket at the path is this node's.
    ///
    /// - Returns: which it is.
    func claim() throws -> Identity {
        guard let made = Identity(path) else { throw Taken(description: "the socket is not there any more") }
        keep(made.text)
        return made
    }

    /// Removes the socket if it is still the one that was made.
    func remove(_ made: Identity) {
        if Identity(path) == made { unlink(path) }
        // The library below may have removed it when it closed the socket.
        if let note, Identity(path) != made, noted() == made.text { unlink(note) }
    }

    private enum State { case gone, alive, dead }

    /// Whether somebody takes connections. Only a refusal proves that nobody does.
    private func state() throws -> State {
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Taken(description: Self.text(errno)) }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result != 0 else { return .alive }
        return errno == ENOENT ? .gone : errno == ECONNREFUSED ? .dead : .alive
    }

    private static func text(_ number: Int32) -> String { String(cString: strerror(number)) }

    private static func kind(_ type: FileAttributeType?) -> String {
        switch type {
        case .typeRegular?: "a file"
        case .typeDirectory?: "a folder"
        case .typeSymbolicLink?: "a symbolic link"
        default: "a device or pipe"
        }
    }
}

/// Keeps two nodes of one machine from making a socket in one folder at the same moment: each would
/// remove the other's.
final class SocketFolderLock: Sendable {
    private let descriptor: Int32

    /// - Returns: nil if somebody else holds it.
    init?(of path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SocketFile.Taken(description: "\(folder): \(String(cString: strerror(errno)))")
        }
        // `deinit` closes it, also then. Closed twice, it would be a file by now that somebody else
        // has opened.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return nil }
    }

    deinit {
        // At once, also if a child process that is just being started has inherited the descriptor
        // and not closed it yet.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
