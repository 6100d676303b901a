import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

/// `syncctl accounts`: what was issued, where it went, and that the sums agree at both nodes.
@Suite struct AccountsTests {
    private static func pay(_ tail: String, _ from: String, _ to: String, _ amount: Int64, _ day: String) -> String {
        """
        INSERT INTO transfer (from_id, id, to_id, unit_id, amount, reverses, by_id, note, at) VALUES
        ('\(from)', 'science:transfer:\(tail)', '\(to)', 'science:unit:fen', \(amount), 0, 'science:person:1', '经费',
            '\(day)T00:00:00Z')
        """
    }

    @Test(.endsInTime) func whatIsHeldAndWhy() async throws {
        let parks = try await PeopleZone()
        #expect(
            try await parks.syncctl("bio", "accounts", "balance", "bio:account:1").output
                == "nothing has entered or left this account\n")
        for (tail, from, to, amount, day) in [
            ("1", "science:unit:fen", "science:account:1", 5_000_000, "2024-06-01"),
            ("2", "science:account:1", "bio:account:1", 1_234_500, "2024-06-02"),
            ("3", "science:account:1", "bio:account:1", 500, "2024-07-01"),
        ] as [(String, String, String, Int64, String)] {
            try await parks.zone.transact("science", Self.pay(tail, from, to, amount, day))
        }
        try await parks.zone.agree()

        let all: [AccountRow] = try await parks.json("bio", "accounts", "list")
        #expect(
            all.map(\.id) == ["bio:account:1", "science:account:1"] && all.map(\.amount) == [1_235_000, 3_765_000])
        let home: [AccountRow] = try await parks.json("bio", "accounts", "list", "--home", "bio")
        let owner: [AccountRow] = try await parks.json(
            "science", "accounts", "list", "--owner", "bio:organisation:1", "--limit", "1")
        #expect(home == owner && home.map(\.ownerZh) == ["蓉生制药"])
        let list = try await parks.syncctl("bio", "accounts", "list", "--lang", "zh").output
        #expect(list.contains("12350.00 元"), "\(list)")
        #expect(PeopleTableText.linesUp(PeopleTableText.lines(list, head: "账户"), rows: 2), "\(list)")

        let balance: [BalanceRow] = try await parks.json("bio", "accounts", "balance", "science:account:1")
        #expect(balance.map(\.paidIn) == [5_000_000] && balance.map(\.paidOut) == [1_235_000])
        let june: [PostingRow] = try await parks.json(
            "bio", "accounts", "statement", "bio:account:1", "--since", "2024-06-01", "--until", "2024-07-01")
        #expect(june.map(\.amount) == [1_234_500] && june.first?.otherID == "science:account:1")
        let statement = try await parks.syncctl("bio", "accounts", "statement", "bio:account:1", "--lang", "zh").output
        let lines = PeopleTableText.lines(statement, head: "时间")
        #expect(PeopleTableText.linesUp(lines, rows: 2) && lines[1].contains("12350.00 元"), "\(statement)")

        for park in parks.zone.parks {
            let report: AccountReport = try await parks.json(park, "accounts", "check")
            #expect(report.isSound && report.checks.count == 7 && report.checks.contains { $0.examined == 3 })
        }
        let check = try await parks.syncctl("science", "accounts", "check", "--lang", "zh").output
        #expect(check.hasPrefix("账目相符\n"), "\(check)")
        #expect(PeopleTableText.linesUp(PeopleTableText.lines(check, head: "核对"), rows: 7), "\(check)")
        #expect(await parks.zone.stopAll() == [0, 0])
    }

    @Test(.endsInTime) func badInputAndTheNamesInJSON() async throws {
        let parks = try await PeopleZone()
        try await parks.zone.transact(
            "science", Self.pay("1", "science:unit:fen", "science:account:1", 100, "2024-06-01"))
        for (words, status, code) in [
            (["balance", "science:account:9"], 2, "unknown_account"),
            (["balance", "science:instrument:1"], 2, "unknown_account"), (["balance", "money"], 64, "bad_id"),
            (["statement", "science:account:9"], 2, "unknown_account"),
            (["statement", "science:account:1", "--since", "June"], 64, "bad_time"),
            (["statement", "science:account:1", "--until", "2024-06-31"], 64, "bad_time"),
            (["list", "--owner", "nobody"], 64, "bad_id"),
        ] as [([String], Int32, String)] {
            let said = try await parks.refusal("science", ["accounts"] + words)
            #expect(said == (status, code), "\(words): \(said)")
        }
        #expect(
            try await parks.members("science", "accounts", "balance", "science:account:1") == [
                "unit_id", "unit_zh", "paid_in", "paid_out", "amount", "owes", "awaits",
            ])
        #expect(
            try await parks.members("science", "accounts", "list", "--home", "science") == [
                "id", "home", "name_zh", "owner_id", "owner_zh", "owner_en", "type", "unit_id", "unit_zh", "amount",
            ])
        #expect(
            try await parks.members("science", "accounts", "statement", "science:account:1") == [
                "at", "amount", "balance", "unit_id", "unit_zh", "other_id", "other_zh", "transfer_id", "reverses",
            ])
        #expect(try await parks.members("science", "accounts", "check") == ["checks", "computed"])
        #expect(try await parks.json("bio", "accounts", "list", "--home", "west", as: [AccountRow].self).isEmpty)
        #expect(await parks.zone.stopAll() == [0, 0])
    }
}
