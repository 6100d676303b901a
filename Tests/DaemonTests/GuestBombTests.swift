import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// Statements of a client, sent to a real daemon, that would go on for minutes in one step or take
/// the process with them.
@Suite(.endsInTime) struct GuestBombTests {
    /// As long as a time limit of one second and the longest single step may take, on a machine
    /// that is busy with other tests.
    private static let secondsMax = 60.0

    static let bombs = [
        "SELECT instr(hex(zeroblob(15000000)), hex(zeroblob(7500000)) || '1')",
        "SELECT instr(substr(h, 1, 7900000), substr(h, 1, 3900000) || '1') FROM (SELECT hex(zeroblob(3950000)) AS h)",
        """
        SELECT replace(substr(h, 1, 7900000), substr(h, 1, 3900000) || '1', '') FROM (SELECT \
        hex(zeroblob(3950000)) AS h)
        """,
        "SELECT h LIKE '%' || substr(h, 1, 40000) || '1' FROM (SELECT hex(zeroblob(30000000)) AS h)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(h LIKE '%' || substr(h, 1, "
            + "250) || '1') FROM n, "
            + "(SELECT hex(zeroblob(130000)) AS h)",
        "SELECT h GLOB '*' || substr(h, 1, 40000) || '1' FROM (SELECT hex(zeroblob(30000000)) AS h)",
        "SELECT trim(h, replace(h, '0', 'b') || '0') FROM (SELECT hex(zeroblob(400000)) AS h)",
        "SELECT printf('%*d', 2000000000, 1), format('%.*f', 2000000000, 1e300)",
        "SELECT format('%.2000000000c%.2000000000c%.2000000000c', 'x', 'x', 'x')",
        """
        SELECT max(\(Array(repeating: "h", count: 120).joined(separator: ", "))) FROM (SELECT \
        hex(zeroblob(8000000)) AS h)
        """,
        """
        SELECT length(json_array(\(Array(repeating: "h", count: 120).joined(separator: ", ")))) FROM (SELECT \
        hex(zeroblob(8000000)) AS h)
        """,
        """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE \
        length(hex(zeroblob(4000000))) = i
        """,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT group_concat(i) FROM n",
        """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT json_group_array(i) OVER (ORDER \
        BY i) FROM n
        """,
        """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT json('[' || \
        replace(hex(zeroblob(1300000)), '00', '1,') || i || ']') FROM n
        """,
        """
        SELECT json_patch('{' || s || '\"q\":1}', '{' || s || '\"r\":1}') FROM (SELECT \
        replace(hex(zeroblob(80000)), '00', '\"a\":1,') AS s)
        """,
        "SELECT json_set('{}', '$' || replace(hex(zeroblob(500000)), '00', '.a'), 1)",
        "WITH c0 AS (SELECT 1 AS x), "
            + (1..<40).map { "c\($0) AS (SELECT x FROM c\($0 - 1) UNION ALL SELECT x FROM c\($0 - 1))" }.joined(
                separator: ", ")
            + " SELECT count(*) FROM c39",
        "SELECT fts3_tokenizer('simple', x'4141414141414141')",
    ]

    private static func answer(_ zone: TestZone, _ path: String, _ sql: String) async throws -> HTTPAnswer {
        let body =
            path == LocalPath.queries
            ? try JSONEncoder().encode(QueryRequest(sql: sql, timeoutMilliseconds: 1_000))
            : try JSONEncoder().encode(TransactionRequest(statements: [SQLStatement(sql)], timeoutMilliseconds: 1_000))
        return try await zone.send("south", HTTPText.post(path, String(decoding: body, as: UTF8.self)))
    }

    @Test func noneKeepsTheNodeFromOthers() async throws {
        let zone = try await TestZone(["south"])
        try await zone.start("south")
        for (index, sql) in Self.bombs.enumerated() {
            for path in [LocalPath.queries, LocalPath.transactions] {
                let begin = Date()
                let answer = try await Self.answer(zone, path, sql)
                let seconds = Date().timeIntervalSince(begin)
                #expect(seconds < Self.secondsMax, "\(path) \(sql.prefix(100)) took \(seconds) s")
                #expect(
                    [200, 400, 403, 408, 413].contains(answer.status),
                    "\(path) \(sql.prefix(100)): \(answer.status) \(answer.text.prefix(300))")
            }
            try await zone.transact(
                "south", "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')",
                [JSONValue(.string("south:organisation:\(index)"))])
        }
        // One process all the time.
        #expect(zone.log("south").components(separatedBy: "event=node.started").count == 2)
        #expect(await zone.stopAll() == [0])
    }

    @Test func readinessTellsThatWritingIsBlocked() async throws {
        let zone = try await TestZone(["south"])
        try await zone.start("south")
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        let body = try JSONEncoder().encode(
            TransactionRequest(statements: [SQLStatement(endless)], timeoutMilliseconds: 90_000))
        let client = try RawHTTPConnection(unix: zone.socket("south"))
        try client.send(HTTPText.post(LocalPath.transactions, String(decoding: body, as: UTF8.self)))
        let blocked = try await zone.wait("the answer that writing is blocked") {
            try await zone.send("south", HTTPText.get(LocalPath.ready))
        } until: {
            $0.status == 503
        }
        #expect(
            blocked.text.contains("nobody else writes") && blocked.text.contains("WITH RECURSIVE"), "\(blocked.text)")
        let status = try await zone.status("south")
        #expect(
            Verdict.judge(status).reasons.contains { $0.cause == .writingBlocked && $0.text.contains("WITH RECURSIVE") }
        )
        #expect(status.database?.transaction?.sql.hasPrefix("WITH RECURSIVE") == true)
        let metrics = try await zone.send("south", HTTPText.get(LocalPath.metrics)).text
        #expect(
            !metrics.contains("parksync_transaction_running_seconds 0.000\n")
                && metrics.contains("parksync_transaction_running_seconds "))
        _ = try await zone.wait("the line in the journal") {
            zone.log("south")
        } until: {
            $0.contains("event=writing.blocked")
        }
        // It ends at its time limit.
        _ = try await zone.wait("the node to be ready") {
            try await zone.send("south", HTTPText.get(LocalPath.ready))
        } until: {
            $0.status == 200
        }
        _ = try await zone.wait("the line in the journal") {
            zone.log("south")
        } until: {
            $0.contains("event=writing.free")
        }
        client.close()
        #expect(await zone.stopAll() == [0])
    }
}
