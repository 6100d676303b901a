import Crypto
import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncReports
import ParkSyncStore
import ParkSyncWire
import Synchronization

/// A zone of real daemons with mutual TLS on loopback, with the bench's one table or the catalogue,
/// in a folder that is removed afterwards.
///
/// Nodes are started and stopped by one task; several may call them meanwhile.
final class BenchZone: Sendable {
    private struct Nodes {
        var daemons: [String: Process] = [:]
        var clients: [String: ControlClient] = [:]
    }

    let folder: String
    let parks: [String]
    private let hasCatalogue: Bool
    private let bin: String
    private let hasArbiters: Bool
    private let loop = CurlLoop()
    private let ports: [String: Int]
    private let nodes = Mutex(Nodes())

    /// How long a node may take to start, and nodes to agree: after much was written, longer.
    private var patienceSeconds: Double { hasCatalogue ? 3_600 : 600 }

    /// - Parameters:
    ///   - hasCatalogue: the catalogue in the place of the bench's one table.
    ///   - hasArbiters: whether nodes answer what is asked of their parks.
    init(_ parks: [String], bin: String, hasCatalogue: Bool = false, hasArbiters: Bool = false) async throws {
        (self.parks, self.bin, self.hasCatalogue, self.hasArbiters) = (parks, bin, hasCatalogue, hasArbiters)
        // Short: the path of a Unix socket is limited.
        folder = NSTemporaryDirectory() + "psb-" + UUID().uuidString.prefix(8)
        ports = Dictionary(uniqueKeysWithValues: zip(parks, try FreePorts.find(parks.count)))
        let maker = try spawn(
            "syncctl", ["init", folder, "--parks", parks.joined(separator: ","), "--loopback-port", "1024"], log: nil)
        maker.waitUntilExit()
        guard maker.terminationStatus == 0 else {
            throw BenchFailure("syncctl init failed", remedy: "Build the programs: make release.")
        }
        try FileManager.default.createDirectory(atPath: folder + "/schema", withIntermediateDirectories: true)
        try BenchTable.schema.write(toFile: folder + "/schema/bench.sql", atomically: true, encoding: .utf8)
    }

    deinit {
        for process in nodes.withLock({ $0.daemons }).values where process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        loop.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func database(_ park: String) -> String { folder + "/\(park)/state/parksync.sqlite" }
    /// Of the park's peer interface.
    func port(_ park: String) -> Int { ports[park] ?? 0 }
    func processIdentifier(_ park: String) -> Int32 { nodes.withLock { $0.daemons[park] }?.processIdentifier ?? 0 }

    private func spawn(_ program: String, _ arguments: [String], environment: [String: String] = [:], log: String?)
        throws -> Process
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: bin).appendingPathComponent(program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let log {
            try Data().write(to: URL(fileURLWithPath: log))
            process.standardError = FileHandle(forWritingAtPath: log)
        }
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        return process
    }

    // MARK: processes

    /// Starts a node; returns when it accepts writes.
    func start(_ park: String) async throws {
        try launch(park)
        try await ready(park)
    }

    func launch(_ park: String) throws {
        var variables = hasArbiters ? [:] : ["PARKSYNC_ARBITER": "false"]
        if !hasCatalogue { variables["PARKSYNC_SCHEMA"] = folder + "/schema" }
        // A node that is started alone has nobody to compare its log with, and serves it to nobody
        // before that.
        variables["PARKSYNC_RECOVERY_ACCEPT_WITHOUT_PEERS"] = "true"
        variables["PARKSYNC_RECOVERY_WAIT_SECONDS"] = "0"
        for (name, port) in ports {
            let member = name.uppercased().replacingOccurrences(of: "-", with: "_")
            variables["PARKSYNC_MEMBERS_\(member)_URL"] = "https://127.0.0.1:\(port)"
        }
        if let port = ports[park] { variables["PARKSYNC_PEER_LISTEN"] = "127.0.0.1:\(port)" }
        let daemon = try spawn(
            "parksyncd", ["run", "--config", folder + "/\(park)/parksyncd.yaml"], environment: variables,
            log: folder + "/\(park)/log")
        let client = ControlClient(.socket(path: folder + "/\(park)/control.sock"), loop: loop)
        nodes.withLock { ($0.daemons[park], $0.clients[park]) = (daemon, client) }
    }

    func ready(_ park: String) async throws {
        let client = try client(park)
        try await until("\(park) does not start; its log ends with: \(logEnd(park))", every: .milliseconds(1)) {
            (try? await client.send("GET", LocalPath.ready, within: 1_000)) != nil
        }
    }

    private func logEnd(_ park: String) -> String {
        String((try? String(contentsOfFile: folder + "/\(park)/log", encoding: .utf8))?.suffix(500) ?? "")
    }

    func client(_ park: String) throws -> ControlClient {
        guard let client = nodes.withLock({ $0.clients[park] }) else {
            throw BenchFailure("\(park) was not started", remedy: "This is a fault of the bench.")
        }
        return client
    }

    /// Asks again and again until it is so.
    func until(_ failure: @autoclosure () -> String, every pause: Duration, _ isSo: () async throws -> Bool)
        async throws
    {
        let watch = Stopwatch()
        while try await !isSo() {
            guard watch.seconds < patienceSeconds else {
                throw BenchFailure(failure(), remedy: "Run the bench on a quiet machine.")
            }
            try await Task.sleep(for: pause)
        }
    }

    func stop(_ park: String) async throws {
        guard let process = nodes.withLock({ $0.daemons.removeValue(forKey: park) }) else { return }
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw BenchFailure(
                "\(park) ended with status \(process.terminationStatus): \(logEnd(park))", remedy: "See its log.")
        }
    }

    func stopAll() async throws { for park in nodes.withLock({ $0.daemons.keys.sorted() }) { try await stop(park) } }

    /// Makes a stopped node new: no database, and the sign that there never was one.
    func forget(_ park: String) throws {
        let state = folder + "/\(park)/state"
        try FileManager.default.removeItem(atPath: state)
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: state + "/first-start"))
    }

    // MARK: contents

    /// Writes rows into a node that does not run, each transaction sealed into an entry of its own.
    func fill(_ park: String, rows: Int, batch: Int, seed: UInt64) async throws {
        let text = try String(contentsOfFile: folder + "/\(park)/identity.key", encoding: .utf8).trimmingCharacters(
            in: .whitespacesAndNewlines)
        guard let raw = Data(base64Encoded: text), let origin = OriginID(park) else {
            throw BenchFailure("the key of \(park) cannot be read", remedy: "This is a fault of the bench.")
        }
        let identity = try Curve25519.Signing.PrivateKey(rawRepresentation: raw)
        let store = try ParkStore(
            StoreOptions(
                path: database(park), origin: origin, identity: identity,
                members: [park: Array(identity.publicKey.rawRepresentation)],
                schema: try CompiledSchema([SchemaFile(name: "bench.sql", sql: BenchTable.schema)]), clock: RealClock()
            ))
        let writer = try PlainSQLite(path: database(park), create: false)
        // Piece by piece: all rows at once would take more memory than the nodes.
        var random = SplitMix64(state: seed)
        for start in stride(from: 0, to: rows, by: 50 * batch) {
            let piece = (start..<min(rows, start + 50 * batch)).map { BenchTable.row($0, &random) }
            try await writer.run(BenchTable.insert, piece, batch: batch) { try await store.sealForeign() }
        }
        try await store.close()
        try? FileManager.default.removeItem(atPath: folder + "/\(park)/state/first-start")
    }

    // MARK: what nodes say

    func status(_ park: String) async throws -> NodeStatus { try await client(park).get(LocalPath.status) }

    /// Waits until the nodes hold the same tables at the same vector, which has at least `entries`
    /// entries.
    func agree(_ names: [String]? = nil, entries: UInt64, every pause: Duration = .milliseconds(10)) async throws {
        let names = names ?? parks
        try await until("\(names) do not agree", every: pause) {
            var seen: [NodeStatus] = []
            for park in names { seen.append(try await status(park)) }
            guard let first = seen.first, !first.digest.isEmpty, let vector = VersionVector(parsing: first.applied)
            else { return false }
            guard vector.elements.reduce(0, { $0 + $1.seq }) >= entries else { return false }
            return seen.allSatisfy {
                $0.unsealedRows == 0 && $0.applied == first.applied && $0.digestVector == first.applied
                    && $0.digest == first.digest
            }
        }
    }

    /// Inserts one row; returns the entry's number.
    @discardableResult
    func insert(_ park: String, _ row: [Value]) async throws -> UInt64 {
        try await transact(park, BenchTable.insert, row)
    }

    /// Commits one statement; returns the entry's number.
    @discardableResult
    func transact(_ park: String, _ sql: String, _ parameters: [Value] = []) async throws -> UInt64 {
        let statement = SQLStatement(sql, parameters.map(JSONValue.init))
        let result: TransactionResult = try await client(park).post(
            LocalPath.transactions, TransactionRequest(statements: [statement]))
        return result.seq ?? 0
    }

    /// Sum of a metric over its labels.
    func metric(_ park: String, _ name: String) async throws -> Double {
        let text = String(decoding: try await client(park).send("GET", LocalPath.metrics), as: UTF8.self)
        return text.split(separator: "\n").filter { $0.hasPrefix(name + "{") || $0.hasPrefix(name + " ") }.reduce(0) {
            sum, line in
            sum + (Double(line.split(separator: " ").last ?? "") ?? 0)
        }
    }
}

/// Ports of 127.0.0.1 that nobody uses.
enum FreePorts {
    static func find(_ count: Int) throws -> [Int] {
        var open: [Int32] = []
        defer { for descriptor in open { close(descriptor) } }
        return try (0..<count).map { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            open.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
                }
            }
            guard result == 0 else {
                throw BenchFailure("there is no free port", remedy: "End programs that listen on many.")
            }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }
}
