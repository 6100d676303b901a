import ParkSyncCatalog
import ParkSyncReports

/// An account and what it holds of one unit.
struct AccountRow: Codable, Hashable, Sendable {
    var id: String
    var home: String
    var nameZh: String
    var nameEn: String?
    var ownerID: String?
    var ownerZh: String?
    var ownerEn: String?
    var type: String?
    /// Absent where nothing has entered it.
    var unitID: String?
    var unitZh: String?
    var unitEn: String?
    var amount: Int64?

    enum CodingKeys: String, CodingKey {
        case id, home, nameZh = "name_zh", nameEn = "name_en", ownerID = "owner_id", ownerZh = "owner_zh"
        case ownerEn = "owner_en", type, unitID = "unit_id", unitZh = "unit_zh", unitEn = "unit_en", amount
    }

    static var columns: [PeopleColumn<AccountRow>] {
        [
            .init("账户", "account") { $0.id },
            .init("名称", "name") { row, language in language.name(row.nameZh, row.nameEn) },
            .init("所有者", "owner") { row, language in language.name(row.ownerZh, row.ownerEn) ?? row.ownerID },
            .init("单位", "unit") { row, language in language.name(row.unitZh, row.unitEn) ?? row.unitID },
            .init("余额", "balance") { row, language in
                row.amount.map { FigureText.amount($0, unit: row.unitID, language) }
            },
        ]
    }

    private struct Kind: Codable { var kind: String }

    /// - Throws: the fault if there is no such account.
    static func known(_ account: String, _ desk: ParkDesk) async throws -> String {
        let field = PeopleField("account", "账户")
        let id = try Given.id(account, field: field)
        let found = try await desk.rows("SELECT kind FROM item WHERE id = ?1", [.text(id)], as: Kind.self)
        guard let kind = found.first?.kind, ["account", "unit"].contains(kind) else {
            throw PeopleFault(
                code: "unknown_account", field: field, zh: "没有账户“\(id)”", en: "there is no account \(id)",
                remedyZh: "核对编号，可用 syncctl accounts list 查看",
                remedyEn: "Check the id; `syncctl accounts list` lists them")
        }
        return id
    }
}

/// What an account holds, owes and is owed of one unit.
struct BalanceRow: Codable, Hashable, Sendable {
    var unitID: String
    var unitZh: String?
    var unitEn: String?
    var paidIn: Int64
    var paidOut: Int64
    var amount: Int64
    /// Claims against it that are not paid yet.
    var owes: Int64
    var awaits: Int64

    enum CodingKeys: String, CodingKey {
        case unitID = "unit_id", unitZh = "unit_zh", unitEn = "unit_en", paidIn = "paid_in", paidOut = "paid_out"
        case amount, owes, awaits
    }

    static var columns: [PeopleColumn<BalanceRow>] {
        func amount(_ path: any KeyPath<BalanceRow, Int64> & Sendable) -> (BalanceRow, Language) -> String? {
            { row, language in FigureText.amount(row[keyPath: path], unit: row.unitID, language) }
        }
        return [
            .init("单位", "unit") { row, language in language.name(row.unitZh, row.unitEn) ?? row.unitID },
            .init("收入", "paid in", amount(\.paidIn)), .init("支出", "paid out", amount(\.paidOut)),
            .init("余额", "balance", amount(\.amount)), .init("应付", "owes", amount(\.owes)),
            .init("应收", "awaits", amount(\.awaits)),
        ]
    }
}

/// What entered or left an account.
struct PostingRow: Codable, Hashable, Sendable {
    var at: String
    var amount: Int64
    /// After it, of its unit.
    var balance: Int64
    var unitID: String
    var unitZh: String?
    var unitEn: String?
    var otherID: String
    var otherZh: String?
    var otherEn: String?
    var transferID: String
    var becauseID: String?
    var reverses: Int64

    enum CodingKeys: String, CodingKey {
        case at, amount, balance, unitID = "unit_id", unitZh = "unit_zh", unitEn = "unit_en", otherID = "other_id"
        case otherZh = "other_zh", otherEn = "other_en", transferID = "transfer_id", becauseID = "because_id", reverses
    }

    static var columns: [PeopleColumn<PostingRow>] {
        [
            .init("时间\(ShanghaiText.zone(.zh))", "when\(ShanghaiText.zone(.en))") { ShanghaiText.shown($0.at) },
            .init("金额", "amount") { row, language in FigureText.amount(row.amount, unit: row.unitID, language) },
            .init("余额", "balance") { row, language in FigureText.amount(row.balance, unit: row.unitID, language) },
            .init("单位", "unit") { row, language in language.name(row.unitZh, row.unitEn) ?? row.unitID },
            .init("对方账户", "other account") { $0.otherID },
            .init("转账", "transfer") { $0.transferID },
            .init("事由", "because of") { row, language in
                row.reverses == 1 ? row.becauseID.map { language.pick("冲正 \($0)", "reverses \($0)") } : row.becauseID
            },
        ]
    }
}
