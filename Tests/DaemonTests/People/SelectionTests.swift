import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

/// `syncctl selection`: one ranking and one hash at all nodes, and the arbiter's own.
@Suite struct SelectionTests {
    private static let round = """
        INSERT INTO item (id, kind, name_zh, name_en, owner_id, capacity, approval, detail) VALUES
        ('science:round:1', 'round', '高成长企业遴选', 'Firms that grow fast', 'science:organisation:1', 1, 'person',
            json_object('year', 2026, 'tier', 'high_growth', 'closes_at', '2099-01-01T00:00:00Z', 'weights',
            '0 0 0 1 10'))
        """

    private static func enter(_ parks: PeopleZone, _ park: String, _ party: String, staff: Int) async throws -> String {
        let answer: AskAnswer = try await parks.json(
            park, "ask", "science:round:1", "--by", "\(park):person:1", "--for", party, "--set", "revenue=900",
            "--set", "revenue_before=600", "--set", "rd_spend=90", "--set", "staff=\(staff)", "--set", "patents=1",
            "--wait", "300")
        #expect(answer.answered && answer.request.state == "asked", "\(answer)")
        return answer.request.id
    }

    @Test(.endsInTime) func oneHashAtBothNodes() async throws {
        let parks = try await PeopleZone()
        try await parks.zone.transact("science", Self.round)
        try await parks.zone.agree()
        let second = try await Self.enter(parks, "bio", "bio:organisation:1", staff: 10)
        let first = try await Self.enter(parks, "science", "science:organisation:1", staff: 40)
        let open: ShownSelection = try await parks.json("bio", "selection", "science:round:1")
        #expect(open.rounds.map(\.count) == [0] && open.rounds.first?.sha256 == nil)

        // Behind the seconds in which the entries were made.
        try await parks.zone.transact(
            "science",
            """
            UPDATE item
            SET detail = json_set(detail, '$.closes_at', strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+2 seconds'))
            WHERE id = 'science:round:1'
            """)
        _ = try await parks.zone.wait("the scores") {
            try await parks.json("bio", "selection", "2026", as: ShownSelection.self)
        } until: {
            $0.rounds.first?.count == 2
        }
        try await parks.zone.agree()
        let here: ShownSelection = try await parks.json("science", "selection", "2026")
        let there: ShownSelection = try await parks.json("bio", "selection", "science:round:1")
        #expect(here.rounds == there.rounds && here.computed.vector == there.computed.vector)
        let round = try #require(here.rounds.first)
        #expect(round.ranking.map(\.entry.requestID) == [first, second])
        #expect(round.ranking.map(\.score) == [50, 20] && round.ranking.map(\.isWithin) == [true, false])
        let text = try await parks.syncctl("bio", "selection", "science:round:1", "--document").output
        #expect(text == round.document)

        // The arbiter has the same hash.
        for (id, sha256) in [("1", String(repeating: "ab", count: 32)), ("2", round.sha256 ?? "")] {
            try await parks.zone.transact(
                "science",
                """
                INSERT INTO document (id, about_id, kind, version, name_zh, sha256, media_type, bytes, at) VALUES
                ('science:document:list-\(id)', 'science:round:1', 'list', \(id), '公示名单', '\(sha256)', 'text/plain',
                    1, '2026-12-01T00:00:00Z')
                """)
            let said = try await parks.syncctl(
                "science", "decide", second, "listed", "--by", "science:person:1", "--document",
                "science:document:list-\(id)", "--set", "count=2", "--wait", "300")
            #expect(said.output.contains(id == "1" ? "[bad_hash]" : "listed"), "\(said.output)")
        }
        let chinese = try await parks.syncctl("bio", "selection", "2026", "--lang", "zh").output
        let lines = chinese.split(separator: "\n").map(String.init)
        #expect(chinese.contains("高成长型中小企业") && lines.contains { $0.hasPrefix("名次") }, "\(chinese)")
        let none = try await parks.syncctl("bio", "selection", "1999").output
        #expect(none.hasPrefix("there is no selection of that year\n"), "\(none)")
        for (words, status, code) in [
            ("science:round:9", 2, "unknown_subject"), ("science:instrument:1", 2, "wrong_kind"), ("20", 64, "bad_id"),
        ] as [(String, Int32, String)] {
            let said = try await parks.syncctl("bio", "selection", words, "--lang", "zh")
            #expect(said.status == status && said.output.hasSuffix("[\(code)]\n"), "\(said.output)")
        }
        #expect(await parks.zone.stopAll() == [0, 0])
    }
}
