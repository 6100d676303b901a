import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// What clients can make a node keep in memory.
@Suite(.endsInTime) struct ByteBudgetTests {
    private static let memoryBytesMax = 256 << 20
    private static let subscribers = 20
    private static let entries = 80
    private static let rowBytes = 120_000

    /// Twenty subscribers that read nothing, and many entries, of this park's programs or of a
    /// peer: the log waits for them, not the memory.
    @Test(arguments: ["south", "west"]) func subscribersThatDoNotReadCostNoMemory(writing park: String) async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        if park == "west" {
            try await zone.start(park)
            try await zone.ready(park)
        }
        let silent = try await subscribe(zone, Self.subscribers)
        for index in 0..<Self.entries {
            try await zone.transact(
                park,
                """
                INSERT INTO organisation (id, kind, name_zh, website) VALUES (?1, 'enterprise', '光', \
                hex(zeroblob(\(Self.rowBytes / 2))))
                """,
                [JSONValue(.string("\(park):organisation:\(index)"))])
        }
        // Whoever reads gets everything, although others do not.
        #expect(try await events(of: try #require(silent.first), by: park) == Self.entries)
        #expect(try zone.peakBytes("south") < Self.memoryBytesMax)
        for client in silent { client.close() }
        #expect(await zone.stopAll().allSatisfy { $0 == 0 })
    }

    private func subscribe(_ zone: TestZone, _ count: Int) async throws -> [RawHTTPConnection] {
        var clients: [RawHTTPConnection] = []
        for _ in 0..<count {
            let client = try RawHTTPConnection(unix: zone.socket("south"))
            try client.send("GET \(LocalPath.changes) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            _ = try await client.read(until: ": subscribed\n\n")
            clients.append(client)
        }
        return clients
    }

    private func events(of client: RawHTTPConnection, by park: String) async throws -> Int {
        // The identifier of an event is a vector, in which other parks may stand before.
        try await client.pass((1...Self.entries).map { "\(park):\($0)\n" })
    }

    /// Twenty bodies of which the end never comes.
    @Test func bodiesWithoutAnEndCostNoMemory() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        let size = 20 << 20
        let start =
            """
            POST \(LocalPath.transactions) HTTP/1.1\r\nHost: localhost\r\nContent-Type: \
            application/json\r\nContent-Length: \(size)\r\n\r\n
            """
        let piece = String(repeating: "[", count: size - 1)
        let clients = try await withThrowingTaskGroup(of: RawHTTPConnection.self) { group in
            for _ in 0..<Self.subscribers {
                let client = try RawHTTPConnection(unix: zone.socket("south"))
                group.addTask {
                    try await Self.onThread { try client.send(start + piece) }
                    return client
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        // Two have room at a time. Whoever has none is told to come again, and who sends little is
        // answered all the same.
        let (answers, tell) = AsyncStream.makeStream(of: HTTPAnswer.self)
        for client in clients { Task { if let answer = try? await client.readAnswer() { tell.yield(answer) } } }
        let refused = try #require(await answers.first { _ in true })
        let problem = try refused.problem()
        #expect(
            refused.status == 429 && problem.code == "too-many-bytes" && refused.headers["retry-after"] == "5",
            "\(refused.text)")
        try await zone.transact(
            "south", "INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:1', 'enterprise', '光')")
        #expect(try zone.peakBytes("south") < Self.memoryBytesMax)
        for client in clients { client.close() }
        #expect(await zone.stopAll() == [0])
    }

    /// Short text, many values.
    @Test func aBodyOfManyValuesIsRefused() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        let values = String(repeating: "0,", count: 8 << 20)
        let answer = try await zone.send(
            "south", HTTPText.post(LocalPath.queries, "{\"sql\":\"SELECT 1\",\"parameters\":[\(values)0]}"))
        #expect(answer.status == 400, "\(answer.text)")
        #expect(try zone.peakBytes("south") < Self.memoryBytesMax)
        #expect(await zone.stopAll() == [0])
    }

    /// Sending blocks until the other end reads.
    private static func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }

    /// An entry that is too long for subscribers is told all the same.
    @Test func aLongEntryIsToldByTheNumberOfItsChanges() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        let clients = try await subscribe(zone, 1)
        let client = try #require(clients.first)
        try await zone.transact(
            "south",
            """
            INSERT INTO organisation (id, kind, name_zh, website)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4)
            SELECT 'south:organisation:' || i, 'enterprise', '光', hex(zeroblob(50000)) FROM n
            """)
        let text = try await client.read(until: "}\n\n")
        let line = try #require(text.components(separatedBy: "\n").first { $0.hasPrefix("data: ") })
        let event = try JSONDecoder().decode(ChangeEvent.self, from: Data(line.dropFirst(6).utf8))
        #expect(event.changes.isEmpty && event.omitted == 4)
        client.close()
        #expect(await zone.stopAll() == [0])
    }
}
