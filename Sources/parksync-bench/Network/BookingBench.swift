import Foundation
import ParkSyncCore

/// How soon a park that asks for a slot of another one has its answer: two daemons with the
/// catalogue, mutual TLS.
struct BookingBench {
    let bin: String
    let commits: Int
    let rounds: Int
    let table: FigureTable

    /// Slots that are asked for in one transaction.
    static let atOnce = 1_000
    static let patienceSeconds = 60.0

    /// Half an hour each, one after the other from tomorrow: the clock only goes on, so that a
    /// later one begins when those before it have ended.
    private static let ask = """
        WITH RECURSIVE n(i) AS (SELECT ?2 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
        INSERT INTO request (id, kind, machine, subject_id, party_id, starts_at, ends_at, at)
        SELECT 'west:booking:' || ?1 || '-' || i, 'booking', 'booking', 'south:laboratory:' || ?1,
            'west:organisation:1',
            strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+1 day', (30 * i) || ' minutes'),
            strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+1 day', (30 * i + 30) || ' minutes'),
            strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
        FROM n
        """

    func run() async throws {
        let zone = try await BenchZone(["south", "west"], bin: bin, hasCatalogue: true, hasArbiters: true)
        for park in zone.parks {
            try await zone.start(park)
            try await zone.transact(
                park, "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '单位（演示）')",
                [.string("\(park):organisation:1")])
        }
        for number in 0..<rounds {
            Progress.say("  round \(number + 1) of \(rounds)")
            try await single(zone, "single-\(number)")
            try await many(zone, "many-\(number)")
        }
        try await zone.stopAll()
    }

    /// One after the other: from the answer to the asking commit until another program finds the
    /// place in the asking node's own file.
    private func single(_ zone: BenchZone, _ name: String) async throws {
        try await addLaboratory(zone, name)
        let reader = try PlainSQLite(path: zone.database("west"), create: false)
        var times: [Double] = []
        for number in 1...max(50, commits / rounds / 4) {
            let place = Int64(number)
            try await zone.transact("west", Self.ask, [.string(name), .integer(place), .integer(place)])
            let watch = Stopwatch()
            let id = Value.string("west:booking:\(name)-\(number)")
            while try reader.rows("SELECT 1 FROM place WHERE request_id = ? AND state = 'confirmed'", [id]) == 0 {
                guard watch.seconds < Self.patienceSeconds else {
                    throw BenchFailure("a booking is not confirmed", remedy: "See the logs of the nodes.")
                }
                usleep(100)
            }
            times.append(watch.milliseconds)
        }
        table.add("booking_answer_ms", "ms", Figure.percentile(times, 50))
        table.add("booking_answer_ms_p99", "ms", Figure.percentile(times, 99))
    }

    /// As many as a program writes in one transaction: from its answer until all of them have
    /// theirs in the asking node's file.
    private func many(_ zone: BenchZone, _ name: String) async throws {
        try await addLaboratory(zone, name)
        let reader = try PlainSQLite(path: zone.database("west"), create: false)
        try await zone.transact("west", Self.ask, [.string(name), .integer(1), .integer(Int64(Self.atOnce))])
        let watch = Stopwatch()
        let subject = Value.string("south:laboratory:\(name)")
        try await zone.until("bookings are not confirmed", every: .milliseconds(5)) {
            try reader.rows("SELECT 1 FROM place WHERE subject_id = ? AND state = 'confirmed'", [subject])
                == Self.atOnce
        }
        table.add("booking_answers_per_s", "1/s", Double(Self.atOnce) / watch.seconds)
    }

    /// What is asked for, where both nodes have it.
    private func addLaboratory(_ zone: BenchZone, _ name: String) async throws {
        let seq = try await zone.transact(
            "south",
            """
            INSERT INTO item (id, kind, name_zh, owner_id)
            VALUES ('south:laboratory:' || ?1, 'laboratory', '实验室（演示）', 'south:organisation:1')
            """, [.string(name)])
        try await zone.agree(entries: seq)
    }
}
