import Foundation

/// The files that a configuration names, and those that the node keeps by itself: no path may mean
/// two of them.
struct NodePaths {
    private struct Named {
        var key: String
        var path: String
    }

    private let state: String
    private let database: String
    private let socket: Named?
    /// What the configuration names besides, and is only read.
    private let inputs: [Named]

    /// - Parameters:
    ///   - file: of the configuration itself.
    ///   - tokens: the file of the loopback listener's tokens, used or not.
    init(_ configuration: NodeConfiguration, file: String, tokens: String?) {
        state = Self.real(configuration.statePath)
        database = Self.real(configuration.databasePath)
        socket = configuration.socketPath.map { Named(key: "local.socket", path: Self.real($0)) }
        inputs = [
            ("", file), ("identity", configuration.identityPath), ("tls.certificate", configuration.tls?.certificate),
            ("tls.key", configuration.tls?.key), ("tls.authority", configuration.tls?.authority),
            ("schema", configuration.schemaPath),
            ("local.http_token_file", tokens),
        ].compactMap { key, path in path.map { Named(key: key, path: Self.real($0)) } }
    }

    /// Beside the database, and named after it.
    private static let kept = ["copies", "imports", "snapshot-for-peers", "last-backup", "first-start", "local-socket"]

    /// - Throws: `ConfigurationError` that names the key and what is there already.
    func check() throws {
        for named in inputs + (socket.map { [$0] } ?? []) {
            guard let reserved = reserved(named.path) else { continue }
            throw ConfigurationError(
                named.key, "\(named.path) is or lies in \(reserved), which the node keeps for itself",
                remedy: "Configure another path.")
        }
        guard let socket else { return }
        let others = inputs + [Named(key: "state", path: state), Named(key: "state", path: database)]
        // Also the folder of another file: it would have to be a socket and a folder.
        if let other = others.first(where: { $0.path == socket.path || $0.path.hasPrefix(socket.path + "/") }) {
            let what = other.key.isEmpty ? "the configuration itself" : other.key
            throw ConfigurationError(
                socket.key, "\(socket.path) is also needed for \(what)", remedy: "Give the socket a path of its own.")
        }
    }

    /// The file or folder of the node's own that a path means.
    private func reserved(_ path: String) -> String? {
        let folder = (database as NSString).deletingLastPathComponent
        let base = (database as NSString).lastPathComponent
        let archive = (base.hasSuffix(".sqlite") ? String(base.dropLast(".sqlite".count)) : base) + ".archive"
        if let name = Self.name(of: path, below: folder),
            name == base || name == archive || name.hasPrefix(base + "-") || name.hasPrefix(base + ".")
        {
            return folder + "/" + name
        }
        if let name = Self.name(of: path, below: state), Self.kept.contains(name) || name.hasPrefix("parksync.sqlite") {
            return state + "/" + name
        }
        return nil
    }

    /// The first name behind a folder on the way to a path.
    private static func name(of path: String, below folder: String) -> String? {
        guard path.hasPrefix(folder + "/") else { return nil }
        return path.dropFirst(folder.count + 1).split(separator: "/").first.map(String.init)
    }

    /// The path without links, as far as it is there already.
    private static func real(_ path: String) -> String {
        var existing = URL(fileURLWithPath: path).standardizedFileURL
        var rest: [String] = []
        // A link that leads nowhere is there, too.
        while existing.path != "/", (try? FileManager.default.attributesOfItem(atPath: existing.path)) == nil {
            rest.append(existing.lastPathComponent)
            existing.deleteLastPathComponent()
        }
        return rest.reversed().reduce(existing.resolvingSymlinksInPath().path) { $0 == "/" ? "/" + $1 : $0 + "/" + $1 }
    }
}
