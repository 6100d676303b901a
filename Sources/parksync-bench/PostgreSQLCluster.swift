import Foundation

/// The programs that the comparison needs, and the user who runs the servers (PostgreSQL refuses to
/// run as root).
struct PostgreSQLInstallation {
    /// The folder with `initdb` and `postgres`.
    let binaries: String
    /// Set if this process is root.
    let user: (name: String, id: uid_t, group: gid_t)?

    /// PostgreSQL 15 if it is installed, else the newest version; Debian keeps each in a folder of
    /// its own.
    static func find() throws -> PostgreSQLInstallation {
        if newestBinaries() == nil || !isExecutable("ss") { try install() }
        guard let binaries = newestBinaries() else {
            throw PeerError("PostgreSQL's server programs were not found", remedy: "Install them (Debian: postgresql).")
        }
        guard isExecutable("ss") else {
            throw PeerError(
                "ss, which counts the bytes on the wire, was not found",
                remedy: "Install it (Debian: apt-get install iproute2).")
        }
        guard geteuid() == 0 else { return PostgreSQLInstallation(binaries: binaries, user: nil) }
        guard let entry = getpwnam("postgres") else {
            throw PeerError(
                "PostgreSQL does not run as root and there is no user postgres",
                remedy: "Run the bench as another user.")
        }
        return PostgreSQLInstallation(
            binaries: binaries, user: ("postgres", entry.pointee.pw_uid, entry.pointee.pw_gid))
    }

    private static func newestBinaries() -> String? {
        let root = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap(Int.init)
            .filter { FileManager.default.isExecutableFile(atPath: "\(root)/\($0)/bin/postgres") }
        return (versions.contains(15) ? 15 : versions.max()).map { "\(root)/\($0)/bin" }
    }

    private static func isExecutable(_ name: String) -> Bool {
        ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }

    private static func install() throws {
        let script = FileManager.default.currentDirectoryPath + "/.ci/install-packages"
        guard FileManager.default.isExecutableFile(atPath: script) else { return }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: script)
        process.arguments = ["postgresql", "iproute2"]
        process.standardOutput = FileHandle.standardError
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw PeerError(
                "\(script) could not install PostgreSQL",
                remedy: "Install the packages postgresql and iproute2 by hand, then run again.")
        }
    }
}

/// A PostgreSQL server on loopback with a data folder that lives as long as the comparison.
///
/// A small shell stands between the bench and the server: it waits for the end of its input, then
/// stops the server and removes the folder. So both are gone also when the bench is killed.
final class PostgreSQLCluster {
    let name: String
    let port: UInt16
    private let installation: PostgreSQLInstallation
    private let folder: String
    private let password = UUID().uuidString
    private let keeper = Process()
    private let keeperInput = Pipe()

    /// What the keeper runs, with folder, binaries and the server's arguments as its own arguments.
    private static let script = """
        trap '' HUP INT TERM
        folder=$1 binaries=$2
        shift 2
        cd / && exec 3<&0 </dev/null >"$folder/log" 2>&1 || exit 1
        if "$binaries/initdb" -D "$folder/data" -U bench -A scram-sha-256 --pwfile "$folder/password" -E UTF8 \
        --locale=C --no-sync; then
            "$binaries/postgres" -D "$folder/data" "$@" &
            server=$!
            { cat <&3 >/dev/null; test -e "$folder/stopped" || kill -QUIT $server; } &
            wait $server
        fi
        : >"$folder/stopped"
        cat <&3 >/dev/null
        wait
        rm -rf "$folder"
        """

    init(name: String, installation: PostgreSQLInstallation) throws {
        self.name = name
        self.installation = installation
        port = try Self.freePort()
        folder = NSTemporaryDirectory() + "parksync-bench-postgresql-\(name)-" + UUID().uuidString
    }

    /// Durable as ParkSync's stores are (fsync, synchronous_commit), with memory and write-ahead
    /// log so large that no checkpoint is forced. Other settings are PostgreSQL's defaults; no TLS.
    /// The locale C compares keys by bytes, as SQLite does.
    private var settings: [String] {
        let values = [
            "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=", "wal_level=logical", "fsync=on",
            "synchronous_commit=on",
            "shared_buffers=256MB", "max_wal_size=8GB", "ssl=off",
        ]
        return values.flatMap { ["-c", $0] }
    }

    /// Makes the cluster and returns when it accepts connections.
    func start(_ library: LibPQ) throws {
        try makeFolder()
        let shell = ["/bin/sh", "-c", Self.script, "parksync-bench-keeper", folder, installation.binaries] + settings
        let asUser =
            installation.user.map { ["setpriv", "--reuid=\($0.name)", "--regid=\($0.group)", "--clear-groups"] } ?? []
        keeper.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        keeper.arguments = asUser + shell
        keeper.standardInput = keeperInput
        try keeper.run()
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            do {
                _ = try connect(library)
                return
            } catch let error as PeerError {
                let stopped = !keeper.isRunning || FileManager.default.fileExists(atPath: folder + "/stopped")
                guard !stopped, ContinuousClock.now < deadline else {
                    throw PeerError(
                        "PostgreSQL's \(name) did not start: \(error.reason). Its log ends: \(logTail())",
                        remedy: "Set TMPDIR to a folder with free space that every user can reach, then run again.")
                }
                usleep(20_000)
            }
        }
    }

    private func makeFolder() throws {
        let files = FileManager.default
        try files.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard
            files.createFile(
                atPath: folder + "/password", contents: Data(password.utf8), attributes: [.posixPermissions: 0o600])
        else {
            throw PeerError("\(folder) cannot be written", remedy: "Set TMPDIR to a folder that can, then run again.")
        }
        guard let user = installation.user else { return }
        for path in [folder, folder + "/password"] where chown(path, user.id, user.group) != 0 {
            throw PeerError(
                "\(path) cannot be given to the user \(user.name)", remedy: "Run the bench as another user than root.")
        }
    }

    var connectionParameters: String {
        "host=127.0.0.1 port=\(port) user=bench password=\(password) dbname=postgres sslmode=disable connect_timeout=10"
    }

    func connect(_ library: LibPQ) throws -> PQConnection {
        try PQConnection(library, name: name, parameters: connectionParameters)
    }

    func logTail() -> String {
        let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
        return log.isEmpty ? "(no log)" : log.split(separator: "\n").suffix(5).joined(separator: " | ")
    }

    /// Stops the server and removes its data; connections are cut.
    func stop() {
        try? keeperInput.fileHandleForWriting.close()
        if keeper.isRunning { keeper.waitUntilExit() }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Bytes that the server has sent on its connection with `clientPort`, TCP payload without
    /// headers, as the kernel counts them.
    func bytesSent(toPort clientPort: String) throws -> Double {
        let output = Pipe()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ss", "-tinHO", "sport = :\(port) and dport = :\(clientPort)"]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let field = text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("bytes_sent:") }
        guard let field, let bytes = Double(field.dropFirst("bytes_sent:".count)) else {
            throw PeerError(
                "ss shows no bytes_sent for port \(clientPort) of PostgreSQL's \(name): \(text)",
                remedy: "Install a newer iproute2.")
        }
        return bytes
    }

    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let done = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard done else {
            throw PeerError("no free port on 127.0.0.1", remedy: "Close programs that listen there, then run again.")
        }
        return UInt16(bigEndian: address.sin_port)
    }
}
