import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// What an account holds, owes and is owed of one unit.
package struct BalanceRow: Codable, Hashable, Sendable {
    package var unitID: String
    package var unitZh: String?
    package var unitEn: String?
    package var paidIn: Int64
    package var paidOut: Int64
    package var amount: Int64
    /// Claims against it that are not paid yet.
    package var owes: Int64
    package var awaits: Int64

    enum CodingKeys: String, CodingKey {
        case unitID = "unit_id", unitZh = "unit_zh", unitEn = "unit_en", paidIn = "paid_in", paidOut = "paid_out"
        case amount, owes, awaits
    }
}

/// What entered or left an account.
package struct PostingRow: Codable, Hashable, Sendable {
    package var at: String
    package var amount: Int64
    /// After it, of its unit.
    package var balance: Int64
    package var unitID: String
    package var unitZh: String?
    package var unitEn: String?
    package var otherID: String
    package var otherZh: String?
    package var otherEn: String?
    package var transferID: String
    package var becauseID: String?
    package var reverses: Int64

    enum CodingKeys: String, CodingKey {
        case at, amount, balance, unitID = "unit_id", unitZh = "unit_zh", unitEn = "unit_en", otherID = "other_id"
        case otherZh = "other_zh", otherEn = "other_en", transferID = "transfer_id", becauseID = "because_id", reverses
    }
}

extension Office {
    /// What an account holds, owes and is owed, by unit.
    package func balance(of account: String) async throws -> [BalanceRow] {
        let id = try await seenAccount(account)
        return try await list(ValueScreens.balance, [.text(id)])
    }

    /// What entered and left an account, the newest first.
    package func statement(
        of account: String, within: Interval = .always, limit: Int = ListRequest.limitDefault
    ) async throws -> [PostingRow] {
        let id = try await seenAccount(account)
        return try await list(
            ValueScreens.statement,
            [.text(id), .text(within.start.text), .text(within.end.text), .integer(Int64(limit))])
    }

    private struct Account: Codable {
        var kind: String
        var isSeen: Int64?
        enum CodingKeys: String, CodingKey { case kind, isSeen = "is_seen" }
    }

    /// - Throws: the fault if there is no such account, or the viewer does not see it.
    private func seenAccount(_ account: String) async throws -> String {
        try check(.read)
        let field = OfficeField("account_id", "账户", "account")
        let id = try Given.id(account, field)
        var query = QueryText()
        let condition = sight.condition(.account("a"), &query)
        let answer = try await store.read(
            SQLStatement(
                """
                SELECT a.kind, \(condition) AS is_seen FROM item AS a
                WHERE a.id = \(query.bind(.text(id))) AND a.kind IN ('account', 'unit')
                """, query.parameters))
        guard let found = try RowCoding.decode(Account.self, answer).first else {
            throw OfficeFault(
                .missing, "unknown_account", field, Wording("没有账户“\(id)”", "there is no account \(id)"),
                Wording("核对账户编号", "Check the id of the account"))
        }
        guard found.isSeen == 1 else {
            throw OfficeFault(
                .forbidden, "not_allowed", field, Wording("不是本单位的账户", "it is no account of yours"),
                Wording("由账户所属单位查看", "Its owner can look at it"))
        }
        return id
    }
}
