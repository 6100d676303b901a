import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// Another program holds the write lock of a real daemon's database.
@Suite(.endsInTime) struct WriteLockDaemonTests {
    /// A program in the middle of a transaction, until it is told to end it.
    private final class Holder: Sendable {
        private static let program = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1], timeout=300, isolation_level=None)
            db.execute("BEGIN IMMEDIATE")
            print("locked", flush=True)
            sys.stdin.readline()
            db.execute("COMMIT")
            """
        private let program: TestProcess
        private let pipes = TestPipes()
        var process: Int32 { program.identifier }

        init(_ database: String) async throws {
            program = try TestProcess("/usr/bin/env", ["python3", "-c", Self.program, database], prepare: pipes.attach)
            try #require(try await pipes.line() == "locked")
        }

        func end() async throws {
            try pipes.write("\n")
            #expect(await program.status() == 0)
        }

        deinit { program.signal(SIGKILL) }
    }

    @Test func theHolderIsNamedAndNobodyIsExecutedLate() async throws {
        let zone = try await TestZone(["south"])
        try await zone.start("south")
        let holder = try await Holder(zone.database("south"))
        let who = "process \(holder.process) (python3)"
        let late = TransactionRequest(
            statements: [
                SQLStatement(
                    """
                    INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:late', \
                    'enterprise', '成都')
                    """
                )
            ],
            timeoutMilliseconds: 1_000)
        let answer = try await zone.send(
            "south",
            HTTPText.post(LocalPath.transactions, String(decoding: try JSONEncoder().encode(late), as: UTF8.self)))
        let problem = try answer.problem()
        #expect(problem.status == 408 && problem.code == "timeout" && problem.detail.contains(who), "\(problem)")

        let status = try await zone.wait("the remark") {
            try await zone.status("south")
        } until: {
            Verdict.judge($0).reasons.contains { $0.cause == .writeLocked }
        }
        #expect(status.database?.writeLock?.holders == [who])
        let ready = try await zone.send("south", HTTPText.get(LocalPath.ready))
        #expect(ready.status == 503 && ready.text.contains(who), "\(ready.text)")
        #expect(Verdict.judge(status).reasons.first { $0.cause == .writeLocked }?.text.contains(who) == true)
        _ = try await zone.wait("the line in the journal") {
            zone.log("south")
        } until: {
            $0.contains("event=lock.taken holder=\"\(who)\"")
        }
        try await holder.end()
        _ = try await zone.wait("the end of the lock") {
            try await zone.status("south")
        } until: {
            $0.database?.writeLock == nil
        }
        _ = try await zone.wait("the line in the journal") {
            zone.log("south")
        } until: {
            $0.contains("event=lock.free")
        }
        try await zone.transact(
            "south", "INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:1', 'enterprise', '成都')")
        #expect(
            try await zone.rows("south", "SELECT id FROM organisation") == [
                [JSONValue(.string("south:organisation:1"))]
            ])
        #expect(await zone.stopAll() == [0])
    }

    /// A client closes its connection while its transaction waits for the lock, long before its
    /// time limit.
    @Test(arguments: [false, true]) func whoHangsUpIsNotExecutedWhenTheLockIsFree(overTCP: Bool) async throws {
        let zone = try await TestZone(["south"])
        let port = try ReservedPort()
        try await zone.start("south", environment: ["PARKSYNC_LOCAL_HTTP": "127.0.0.1:\(port.number)"])
        let holder = try await Holder(zone.database("south"))
        let request = TransactionRequest(
            statements: [
                SQLStatement(
                    """
                    INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:gone', \
                    'enterprise', '成都')
                    """
                )
            ],
            timeoutMilliseconds: TestZone.statementMilliseconds)
        let connection =
            try overTCP ? RawHTTPConnection(port: port.number) : RawHTTPConnection(unix: zone.socket("south"))
        let text = HTTPText.post(
            LocalPath.transactions, String(decoding: try JSONEncoder().encode(request), as: UTF8.self))
        try connection.send(overTCP ? HTTPText.authorized(text, try zone.token("south")) : text)
        _ = try await zone.wait("the lock in the status") {
            try await zone.status("south")
        } until: {
            $0.database?.writeLock != nil
        }
        connection.close()
        // Its answer is made now, for nobody, or was made before if this test was slower than the
        // node is patient; nothing else is refused here.
        _ = try await zone.wait("the end of its wait") {
            try await zone.send("south", HTTPText.get(LocalPath.metrics)).text
        } until: {
            $0.contains(#/parksync_http_responses_total\{status="(400|503)"\} 1\n/#)
        }
        try await holder.end()
        try await zone.transact(
            "south", "INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:1', 'enterprise', '成都')")
        #expect(
            try await zone.rows("south", "SELECT id FROM organisation") == [
                [JSONValue(.string("south:organisation:1"))]
            ])
        #expect(await zone.stopAll() == [0])
    }

    /// What status and metrics say of SQLite's WAL-reset race.
    @Test func theGuardIsShown() async throws {
        let zone = try await TestZone(["south"])
        try await zone.start("south")
        let database = try #require(try await zone.status("south").database)
        #expect(database.log.isGuarded && database.sqliteVersion.hasPrefix("3."))
        let metrics = try await zone.send("south", HTTPText.get(LocalPath.metrics)).text
        #expect(
            metrics.contains("\nparksync_wal_guarded 1\n")
                && metrics.contains("\nparksync_write_lock_wait_seconds 0.000\n"))
        let text = try await TestProcess.run("syncctl", ["status", "--socket", zone.socket("south")])
        #expect(text.output.contains("guarded"))
        #expect(await zone.stopAll() == [0])
    }
}
