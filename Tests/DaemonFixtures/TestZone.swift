import Foundation
import ParkSyncCore
import ParkSyncReports
import Synchronization
import Testing

/// A zone of real daemons with certificates, each on its own files and ports, in a folder that is
/// removed afterwards.
package final class TestZone: Sendable {
    /// How long nodes may take to agree; far more than they need, also on a machine that is slow
    /// and has much else to do.
    package static let agreementSeconds: TimeInterval = 300
    /// Between two looks. Whoever looks without a pause keeps those from their work for whom he
    /// waits.
    private static let lookMilliseconds = 20
    /// What a node waits, at most, with a statement of a test: as long as the test itself.
    package static let statementMilliseconds = 300_000

    package let folder: URL
    package let parks: [String]
    private let ports: [String: ReservedPort]
    /// For a variable that a node is not to get.
    package static let unset = "(unset)"
    private let running = Mutex<[String: TestProcess]>([:])

    /// What the nodes share.
    package enum Schema: Sendable {
        /// A few plain tables.
        case starter
        /// What a node has by itself.
        case catalogue
    }

    /// Makes keys, certificates and configurations with `syncctl init`; starts nothing.
    package init(_ parks: [String], schema: Schema = .starter) async throws {
        self.parks = parks
        // Short: the path of a Unix socket is limited.
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("pz-\(UUID().uuidString.prefix(8))")
        ports = Dictionary(uniqueKeysWithValues: try parks.map { ($0, try ReservedPort()) })
        let made = try await TestProcess.run(
            "syncctl", ["init", folder.path, "--parks", parks.joined(separator: ","), "--loopback-port", "1024"])
        guard made.status == 0 else { throw RawHTTPConnection.Failure(description: "syncctl init: \(made.output)") }
        if schema == .starter { for park in parks { try shareStarter(park) } }
    }

    private func shareStarter(_ park: String) throws {
        let starter = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("Starter").path
        let config = file(park, "parksyncd.yaml")
        let text = try String(contentsOf: config, encoding: .utf8)
        try (text + "\nschema: \(starter)\n").write(to: config, atomically: false, encoding: .utf8)
    }

    deinit {
        running.withLock { for process in $0.values { process.signal(SIGKILL) } }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Where a park's peer interface listens.
    package func port(_ park: String) -> Int { ports[park]?.number ?? 0 }

    package func file(_ park: String, _ name: String) -> URL {
        folder.appendingPathComponent(park).appendingPathComponent(name)
    }
    package func socket(_ park: String) -> String { file(park, "control.sock").path }
    package func database(_ park: String) -> String { file(park, "state/parksync.sqlite").path }
    package func log(_ park: String) -> String { (try? String(contentsOf: file(park, "log"), encoding: .utf8)) ?? "" }

    // MARK: processes

    /// Starts a node and waits until it says that it is ready.
    package func start(_ names: String..., environment: [String: String] = [:]) async throws {
        for park in names { try await start(park, as: park, environment: environment) }
    }

    /// Starts a node of a park under a name of its own, with its own folder.
    package func start(_ park: String, as name: String, environment: [String: String]) async throws {
        do {
            let notify = try NotifySocket(path: file(name, "notify").path)
            try launch(park, as: name, notify: notify, environment: environment)
            while try await notify.message() != "READY=1" {}
        } catch {
            throw RawHTTPConnection.Failure(description: "\(name) did not start: \(error)\n\(log(name))")
        }
    }

    /// Starts a node and waits for nothing.
    package func launch(
        _ park: String, as name: String? = nil, notify: NotifySocket, environment: [String: String] = [:]
    )
        throws
    {
        var variables = ["NOTIFY_SOCKET": notify.path]
        for (name, port) in ports {
            let url = "https://127.0.0.1:\(port.number)"
            variables["PARKSYNC_MEMBERS_\(name.uppercased().replacingOccurrences(of: "-", with: "_"))_URL"] = url
        }
        if let port = ports[park] { variables["PARKSYNC_PEER_LISTEN"] = "127.0.0.1:\(port.number)" }
        let process = try TestProcess(
            "parksyncd", ["run", "--config", file(park, "parksyncd.yaml").path],
            environment: variables.merging(environment) { $1 }.filter { $0.value != Self.unset },
            output: file(name ?? park, "log"))
        running.withLock { $0[name ?? park] = process }
    }

    package func signal(_ park: String, _ number: Int32) { running.withLock { $0[park]?.signal(number) } }

    package func peakBytes(_ park: String) throws -> Int {
        guard let process = running.withLock({ $0[park] }) else {
            throw RawHTTPConnection.Failure(description: "\(park) does not run")
        }
        return try process.peakBytes()
    }

    /// Ends a node with a signal and returns its status; a signal's number is negative.
    @discardableResult
    package func stop(_ park: String, _ number: Int32 = SIGTERM) async -> Int32 {
        guard let process = running.withLock({ $0.removeValue(forKey: park) }) else { return Int32.min }
        process.signal(number)
        return await process.status()
    }

    package func stopAll() async -> [Int32] {
        var statuses: [Int32] = []
        for park in running.withLock({ $0.keys.sorted() }) { statuses.append(await stop(park)) }
        return statuses
    }

    package func removeDatabase(_ park: String) throws {
        for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: database(park) + suffix) {
            try FileManager.default.removeItem(atPath: database(park) + suffix)
        }
    }

    /// Waits until a node accepts writes: after a start it compares its log with its peers' first.
    @discardableResult
    package func ready(_ park: String, within seconds: TimeInterval = agreementSeconds) async throws -> NodeStatus {
        try await wait("\(park) being ready", within: seconds) {
            try await status(park)
        } until: {
            $0.phase == .ready
        }
    }

    /// Has the operator answer for it that a node writes without its peers, and waits until it
    /// does: the command does not.
    package func acceptWrites(_ park: String, _ reason: String) async throws -> (status: Int32, output: String) {
        let accepted = try await TestProcess.run(
            "syncctl", ["accept-writes", "--reason", reason, "--socket", socket(park)])
        try await ready(park)
        return accepted
    }

    /// Copies a park's database as it is, as an operator with `cp` would.
    package func copyDatabase(_ park: String, to name: String) throws {
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: database(park) + suffix) {
            try FileManager.default.copyItem(atPath: database(park) + suffix, toPath: folder.path + "/\(name)" + suffix)
        }
    }

    package func putBack(_ name: String, _ park: String) throws {
        try removeDatabase(park)
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: folder.path + "/\(name)" + suffix) {
            try FileManager.default.copyItem(atPath: folder.path + "/\(name)" + suffix, toPath: database(park) + suffix)
        }
    }

    /// Has the operators of several parks take one out of the zone, each after it has heard of the
    /// others' words; the last one decides.
    package func fence(_ park: String, by others: [String]) async throws {
        try await vote(["fence", park, "--yes"], by: others)
    }

    /// Has them take it back into the zone likewise.
    package func unfence(_ park: String, by others: [String]) async throws {
        try await vote(["unfence", park], by: others)
    }

    private func vote(_ command: [String], by others: [String]) async throws {
        for (index, other) in others.enumerated() {
            let done = try await TestProcess.run("syncctl", command + ["--json", "--socket", socket(other)])
            guard done.status == (index == others.count - 1 ? 0 : 1),
                let report = try? JSONDecoder().decode(FenceReport.self, from: Data(done.output.utf8))
            else {
                throw RawHTTPConnection.Failure(description: "\(other): \(command.joined(separator: " ")): \(done)")
            }
            guard index < others.count - 1 else { return }
            let next = others[index + 1]
            _ = try await wait("\(next) to hear of it") {
                try await status(next).applied
            } until: {
                $0.contains("\(report.origin):\(report.seq)")
            }
        }
    }

    /// The environment of a node whose clock is ahead.
    package func clockAhead(milliseconds: Int64) async throws -> [String: String] {
        let shim = folder.path + "/clock_shim.so"
        let source = URL(filePath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../chaos/clock_shim.c"
        ).path
        let made = try await TestProcess.run("/usr/bin/env", ["clang", "-shared", "-fPIC", "-O1", "-o", shim, source])
        guard made.status == 0 else { throw RawHTTPConnection.Failure(description: "the clock's shim: \(made.output)") }
        let offset = folder.path + "/ahead.clock"
        try withUnsafeBytes(of: milliseconds) { try Data($0).write(to: URL(filePath: offset)) }
        // Beside what the tests themselves run with.
        let before = ProcessInfo.processInfo.environment["LD_PRELOAD"].map { [$0] } ?? []
        return ["LD_PRELOAD": (before + [shim]).joined(separator: ":"), "CHAOS_CLOCK_FILE": offset]
    }

    /// South and West, ready, and one row of one of them that both have.
    package static func pair(writing park: String) async throws -> TestZone {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south", "west")
        for park in zone.parks { try await zone.ready(park) }
        try await zone.transact(
            park,
            """
            INSERT INTO organisation(id, name_zh, name_en, kind) VALUES('\(park):organisation:1', '光学所', \
            'Optics', 'enterprise')
            """
        )
        try await zone.agree()
        return zone
    }

    // MARK: local API

    /// The token of a park's loopback listener, which `syncctl init` has made.
    package func token(_ park: String) throws -> String {
        guard let token = try LocalToken.parse(String(contentsOf: file(park, "http.token"), encoding: .utf8)).first
        else {
            throw RawHTTPConnection.Failure(description: "\(park) has no token")
        }
        return token.secret
    }

    package func send(_ park: String, _ request: String) async throws -> HTTPAnswer {
        let connection = try RawHTTPConnection(unix: socket(park))
        try connection.send(request)
        return try await connection.readAnswer()
    }

    @discardableResult
    package func transact(_ park: String, _ sql: String, _ parameters: [JSONValue] = []) async throws
        -> TransactionResult
    {
        let body = try JSONEncoder().encode(
            TransactionRequest(
                statements: [SQLStatement(sql, parameters)], author: "test",
                timeoutMilliseconds: Self.statementMilliseconds))
        let answer = try await send(park, HTTPText.post(LocalPath.transactions, String(decoding: body, as: UTF8.self)))
        guard answer.status == 200 else { throw try answer.problem() }
        return try JSONDecoder().decode(TransactionResult.self, from: answer.body)
    }

    package func rows(_ park: String, _ sql: String) async throws -> [[JSONValue]] {
        let body = try JSONEncoder().encode(QueryRequest(sql: sql, timeoutMilliseconds: Self.statementMilliseconds))
        let answer = try await send(park, HTTPText.post(LocalPath.queries, String(decoding: body, as: UTF8.self)))
        guard answer.status == 200 else { throw try answer.problem() }
        let lines = answer.text.split(separator: "\n")
        guard let end = lines.last, end.contains("\"end\":true") else {
            throw RawHTTPConnection.Failure(description: "cut off: \(answer.text)")
        }
        return try lines.dropFirst().dropLast().map { try JSONDecoder().decode([JSONValue].self, from: Data($0.utf8)) }
    }

    package func status(_ park: String) async throws -> NodeStatus {
        let answer = try await send(park, HTTPText.get(LocalPath.status))
        guard answer.status == 200 else { throw try answer.problem() }
        return try JSONDecoder().decode(NodeStatus.self, from: answer.body)
    }

    /// Waits until a node's figures give a cause why its verdict is not good, with a park's name.
    package func figured(_ cause: Verdict.Cause, of named: String, at park: String) async throws {
        _ = try await wait("\(park)'s figures") {
            try await send(park, HTTPText.get(LocalPath.metrics)).text
        } until: { text in
            text.split(separator: "\n").contains {
                $0.hasPrefix("parksync_verdict_reasons{cause=\"\(cause.rawValue)\",")
                    && $0.contains("peer=\"\(named)\"}") && !$0.hasSuffix(" 0")
            }
        }
    }

    package func verify(_ park: String) async throws -> VerifyReport {
        let answer = try await send(park, HTTPText.request("POST", LocalPath.verify, type: nil))
        guard answer.status == 200 else { throw try answer.problem() }
        return try JSONDecoder().decode(VerifyReport.self, from: answer.body)
    }

    /// Asks until the answer fits. A node that never gives it fails the test with what was seen
    /// last.
    package func wait<T: Sendable>(
        _ what: String, within seconds: TimeInterval = agreementSeconds, _ ask: () async throws -> T,
        until fits: (T) -> Bool
    ) async throws -> T {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let seen = try await ask()
            if fits(seen) { return seen }
            guard ContinuousClock.now < deadline else {
                throw RawHTTPConnection.Failure(description: "\(what) did not come about; last seen: \(seen)")
            }
            try await Self.pause()
        }
    }

    /// Lets others do something before the next look. Ends with the test.
    package static func pause() async throws {
        try await ContinuousClock().sleep(until: .now + .milliseconds(lookMilliseconds))
    }

    /// Waits until nodes hold the same digest at the same vector. Returns that of the vector.
    @discardableResult
    package func agree(_ names: [String]? = nil, covering needed: String? = nil) async throws -> String {
        let names = names ?? parks
        let statuses = try await wait("agreement of \(names.joined(separator: ", "))") {
            var result: [NodeStatus] = []
            for park in names { result.append(try await status(park)) }
            return result
        } until: { statuses in
            Set(statuses.map(\.applied)).count == 1 && Set(statuses.map(\.logged)).count == 1
                && Set(statuses.map(\.digest)).count == 1
                && statuses.allSatisfy { $0.digestVector == $0.applied && $0.stuck.isEmpty }
                && (needed.map { needed in statuses.allSatisfy { $0.hasApplied(needed) } } ?? true)
        }
        return statuses.first?.applied ?? ""
    }
}

extension NodeStatus {
    /// Whether these entries are applied, as in `south:3 west:1`. There may be more: a node writes
    /// acknowledgements in its own time.
    package func hasApplied(_ entries: String) -> Bool {
        guard let applied = VersionVector(parsing: applied), let needed = VersionVector(parsing: entries) else {
            return false
        }
        return applied.covers(needed)
    }
}

extension Trait where Self == TimeLimitTrait {
    /// Ends a test that would not end by itself. No test is measured by it: a machine that is slow
    /// and has much else to do may take many times what ours takes.
    package static var endsInTime: Self { .timeLimit(.minutes(15)) }
}
