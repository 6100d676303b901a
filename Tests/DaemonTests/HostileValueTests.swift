import DaemonFixtures
import Foundation
import ParkSyncReports
import Testing

/// Files with values and lists that nobody's memory holds, given to the real `syncctl`.
@Suite(.serialized, .endsInTime) struct HostileValueTests {
    /// Runs a command, and then says on a line of its own how much memory it has had, in KiB
    /// (ru_maxrss of getrusage(2)).
    private static let measuring = """
        import resource, subprocess, sys
        status = subprocess.run(sys.argv[1:]).returncode
        print("\\npeak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, flush=True)
        sys.exit(status if status >= 0 else 128 - status)
        """

    private static func measured(_ arguments: [String]) async throws -> (status: Int32, output: String, mebibytes: Int)
    {
        let program = TestProcess.binaries.appendingPathComponent("syncctl").path
        let ended = try await TestProcess.run("/usr/bin/env", ["python3", "-c", measuring, program] + arguments)
        let peak = ended.output.split(separator: "\n").last { $0.hasPrefix("peak ") }.flatMap { Int($0.dropFirst(5)) }
        return (ended.status, ended.output, try #require(peak, "\(ended)") >> 10)
    }

    /// Values of hundreds of megabytes, wherever one can stand; and lists of millions of rows.
    private static let values: [(what: String, sql: String)] = {
        let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000)"
        let long = ["name_zh", "name_en", "credit_code", "industry"].map { "\($0) = printf('%.*c', 60000000, 'x')" }
            .joined(separator: ", ")
        return [
            ("a local table", "CREATE TABLE g(a); INSERT INTO g VALUES(zeroblob(300000000));"),
            (
                "the name of an origin",
                "INSERT INTO _parksync_origin(name, folded, dependencies) VALUES(zeroblob(300000000), 0, '-');"
            ),
            (
                "an entry",
                "UPDATE _parksync_log SET payload = zeroblob(400000000) WHERE id = (SELECT max(id) FROM _parksync_log);"
            ),
            ("a signature", "UPDATE _parksync_log SET signature = zeroblob(100000000);"),
            ("a note of the file", "INSERT INTO _parksync_meta VALUES('x', zeroblob(400000000));"),
            (
                "a clock",
                """
                UPDATE _parksync_clock_organisation SET clock = zeroblob(200000000) WHERE key = (SELECT \
                min(key) FROM _parksync_clock_organisation);
                """
            ),
            (
                "a cell",
                """
                \n.dbconfig enable_trigger off\nUPDATE organisation SET name_zh = zeroblob(300000000) WHERE id \
                = 'south:organisation:1';
                """
            ),
            ("a captured row", "INSERT INTO _parksync_pending_organisation(op, k0) VALUES(0, zeroblob(200000000));"),
            (
                "a row of long cells",
                """
                \n.dbconfig enable_trigger off\nPRAGMA ignore_check_constraints = ON; UPDATE organisation SET \
                \(long) WHERE id = 'south:organisation:1';
                """
            ),
            ("members", "\(many) INSERT INTO _parksync_member SELECT printf('%08d', i), x'00' FROM n;"),
        ]
    }()

    @Test func longValuesAndListsCostNoMemory() async throws {
        let target = try await HostileFileTests.Target()
        for (what, sql) in Self.values {
            let file = try target.copy()
            try await HostileFileTests.apply(sql, to: file)
            let into = target.zone.folder.path + "/into.sqlite"
            for arguments in [
                ["restore", file, "--config", target.config],
                ["replay", "--database", file, "--members", target.config, "--into", into],
            ] {
                let ended = try await Self.measured(arguments)
                print("peak memory of \(arguments[0]), \(what): \(ended.mebibytes) MiB, status \(ended.status)")
                #expect(ended.mebibytes < 256, "\(what): \(ended)")
                // Want of memory is a refusal, with its status; a fault ends the program by its
                // signal.
                #expect((0..<128).contains(ended.status), "\(what): \(arguments[0]) crashed: \(ended)")
                // A replay does not look at what it has no use for.
                let isRefused = [1, 2].contains(ended.status) && ended.output.contains("syncctl \(arguments[0]): ")
                let isDifferent =
                    arguments[0] == "replay"
                    && ((ended.status == 1 && ended.output.hasPrefix("DIFFERENT")) || ended.status == 0)
                // Members are read one by one, and the configuration's count.
                #expect(isRefused || isDifferent || what == "members", "\(what): \(ended)")
                if arguments[0] == "restore", ended.status == 0 {
                    try target.database.write(to: URL(fileURLWithPath: target.zone.database("south")))
                }
                try? FileManager.default.removeItem(atPath: into)
            }
            #expect(
                try Data(contentsOf: URL(fileURLWithPath: target.zone.database("south"))) == target.database, "\(what)")
        }
    }

    /// A park whose programs keep long values has a backup that can be restored.
    @Test func longValuesOfTheParksOwnAreTakenWhenTheOperatorSaysSo() async throws {
        let target = try await HostileFileTests.Target()
        let file = try target.copy()
        try await HostileFileTests.apply("CREATE TABLE g(a); INSERT INTO g VALUES(zeroblob(60000000));", to: file)
        let refused = try await TestProcess.run("syncctl", ["restore", file, "--config", target.config])
        #expect(
            refused.status == 2 && refused.output.contains("too big") && refused.output.contains("--value-bytes-max"),
            "\(refused)")
        #expect(refused.output.contains("Texts and blobs of up to "), "\(refused)")
        let into = target.zone.folder.path + "/into.sqlite"
        let replayed = try await TestProcess.run(
            "syncctl", ["replay", "--database", file, "--members", target.config, "--into", into])
        #expect(replayed.status == 0, "what a replay has no use for, it does not read: \(replayed)")
        let taken = try await TestProcess.run(
            "syncctl", ["restore", file, "--config", target.config, "--value-bytes-max", "60000000"])
        #expect(taken.status == 0, "\(taken)")
        try await target.zone.foreign(
            "south", "SELECT CASE length(a) WHEN 60000000 THEN 1 ELSE abs(-9223372036854775808) END FROM g;")
        // The words may stand in the file as well; it is SQLite's code that says what was too long.
        try await HostileFileTests.apply("DELETE FROM g; CREATE VIEW v AS SELECT 'string or blob too big';", to: file)
        let other = try await TestProcess.run("syncctl", ["restore", file, "--config", target.config])
        #expect(
            other.status == 2 && other.output.contains("too big") && !other.output.contains("--value-bytes-max"),
            "\(other)")
        for wrong in ["0", "99999999999", "x"] {
            let ended = try await TestProcess.run(
                "syncctl", ["restore", file, "--config", target.config, "--value-bytes-max", wrong])
            #expect(ended.status == 64, "\(ended)")
        }
    }

    /// Keeps every other program from reading a file, until it is ended.
    private static let holding = """
        import signal, sqlite3, sys
        held = sqlite3.connect(sys.argv[1], isolation_level=None)
        held.execute("BEGIN EXCLUSIVE")
        print("held", flush=True)
        signal.pause()
        """

    /// A process whose memory is bounded by now (proc_pid_limits(5)): from there on it has last
    /// words.
    private static func isBound(_ process: TestProcess) throws -> Bool {
        let limits = try String(contentsOfFile: "/proc/\(process.identifier)/limits", encoding: .utf8)
        return limits.split(separator: "\n").contains { $0.hasPrefix("Max data size") && !$0.contains("unlimited") }
    }

    /// A fault is no refusal: it is told as a fault, and ends the program by its signal.
    @Test(arguments: [SIGSEGV, SIGILL, SIGTRAP, SIGFPE, SIGABRT]) func aFaultIsToldAsAFault(_ number: Int32)
        async throws
    {
        let target = try await HostileFileTests.Target()
        let file = try target.copy()
        let (held, said) = (
            target.zone.folder.appendingPathComponent("held"), target.zone.folder.appendingPathComponent("said")
        )
        let holder = try TestProcess("/usr/bin/env", ["python3", "-c", Self.holding, file], output: held)
        defer { holder.signal(SIGKILL) }
        _ = try await target.zone.wait("the lock") {
            try String(contentsOf: held, encoding: .utf8)
        } until: {
            $0.contains("held")
        }
        let restore = try TestProcess("syncctl", ["restore", file, "--config", target.config], output: said)
        defer { restore.signal(SIGKILL) }
        _ = try await target.zone.wait("the examination") {
            try Self.isBound(restore)
        } until: {
            $0
        }
        restore.signal(number)
        let status = await restore.status()
        let output = try String(contentsOf: said, encoding: .utf8)
        #expect(status == -number, "\(status): \(output)")
        #expect(output.contains("has met a fault of its own. Nothing was changed. Please report it."), "\(output)")
        #expect(!output.contains("memory"), "\(output)")
    }

    /// The longest entry that a park may write is no attack.
    @Test func theLongestEntryIsRestoredAndReplayed() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        // By another program: a statement of the API may not make such values.
        try await zone.foreign(
            "south",
            """
            INSERT INTO organisation (id, kind, name_zh, name_en) VALUES ('south:organisation:1', 'enterprise', \
            'x', hex(zeroblob(14000000)))
            """
        )
        _ = try await zone.wait("the entry") {
            try await zone.status("south").applied
        } until: {
            $0 == "south:1"
        }
        await zone.stop("south")
        let (config, backup) = (zone.file("south", "parksyncd.yaml").path, zone.folder.path + "/south.backup")
        let made = try await TestProcess.run("syncctl", ["backup", backup, "--config", config, "--offline"])
        #expect(made.status == 0, "\(made)")
        let replayed = try await Self.measured([
            "replay", "--database", backup, "--members", config, "--into", zone.folder.path + "/into.sqlite",
        ])
        #expect(replayed.status == 0 && replayed.mebibytes < 256, "\(replayed)")
        let restored = try await Self.measured(["restore", backup, "--config", config])
        #expect(restored.status == 0 && restored.mebibytes < 256, "\(restored)")
    }

    /// Opening a pipe waits for whoever writes to it.
    @Test func whatIsNoFileIsRefused() async throws {
        let target = try await HostileFileTests.Target()
        let pipe = target.zone.folder.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        for path in [pipe, "/dev/zero", target.zone.folder.path] {
            let restore = try await TestProcess.run("syncctl", ["restore", path, "--config", target.config])
            let replay = try await TestProcess.run(
                "syncctl", ["replay", "--database", path, "--into", target.zone.folder.path + "/into.sqlite"])
            let bundle = try await TestProcess.run(
                "syncctl", ["log", "import", path, "--offline", "--config", target.config])
            for ended in [restore, replay, bundle] {
                #expect(
                    [2, 64].contains(ended.status)
                        && ended.output.contains("is no file, but a folder, a pipe or a device"), "\(path): \(ended)")
            }
        }
    }
}
