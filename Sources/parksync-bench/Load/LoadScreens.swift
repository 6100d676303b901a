import ParkSyncCatalog
import ParkSyncCore

/// The questions of `syncctl` for the people of a park, with what they may be asked with.
struct LoadScreens {
    struct Screen {
        var kind: CatalogueQuery.Kind
        var name: String
        var sql: String
        var parameters: [[Value]]
    }

    let database: PlainSQLite

    var all: [Screen] { get throws { finds + inboxes + (try calendars) + (try accounts) + figures } }

    private static let (since, until) = ("2026-12-07T00:00:00Z", "2026-12-14T00:00:00Z")

    private var finds: [Screen] {
        var search = ItemScreens.Search()
        (search.hasText, search.hasState) = (true, true)
        var narrow = search
        narrow.hasKind = true
        let words = ["%质谱%", "%扫描%", "%LC-MS%", "%抗体%", "%No. 17 %", "%没有这个%"].map { word in
            [Value.string(word), .string("instrument"), .null, .string("active"), .integer(50)]
        }
        return [
            Screen(kind: .search, name: "syncctl find", sql: ItemScreens.items(search), parameters: words),
            Screen(kind: .search, name: "syncctl find --kind", sql: ItemScreens.items(narrow), parameters: words),
            Screen(
                kind: .search, name: "syncctl find --kind organisation", sql: ItemScreens.organisations(search),
                parameters: words),
            Screen(
                kind: .search, name: "syncctl find --kind person", sql: ItemScreens.people(search), parameters: words),
        ]
    }

    private var inboxes: [Screen] {
        let parks = CatalogueLoad.parks
        let whole = parks.map { [Value.string($0), .null, .integer(100)] }
        let officers = parks.map { [Value.string($0), .string("\($0):person:officer"), .integer(100)] }
        return [
            Screen(
                kind: .inbox, name: "syncctl inbox", sql: RequestScreens.inbox(isWhole: false), parameters: whole),
            Screen(
                kind: .inbox, name: "syncctl inbox --all", sql: RequestScreens.inbox(isWhole: true), parameters: whole),
            Screen(
                kind: .inbox, name: "syncctl inbox --person", sql: RequestScreens.inbox(isWhole: false),
                parameters: officers),
        ]
    }

    private var calendars: [Screen] {
        get throws {
            let items = try sample("SELECT id FROM item WHERE kind = 'instrument'")
            let month = [Value.string(Self.since), .string("2027-01-07T00:00:00Z")]
            return [
                Screen(
                    kind: .calendar, name: "syncctl free", sql: ItemScreens.loads,
                    parameters: items.map { [.string("[\"\($0)\"]")] + month }),
                Screen(
                    kind: .calendar, name: "syncctl free of 100 items", sql: ItemScreens.loads,
                    parameters: [
                        [.string("[\"" + items.prefix(100).joined(separator: "\",\"") + "\"]"), .string(Self.since)]
                            + [.string(Self.until)]
                    ]),
                Screen(
                    kind: .list, name: "syncctl show", sql: ItemScreens.item,
                    parameters: items.map { [.string($0)] }
                ),
                Screen(
                    kind: .list, name: "syncctl show, requests", sql: RequestScreens.ofItem,
                    parameters: items.map { [.string($0), .integer(50)] }),
            ]
        }
    }

    private var accounts: [Screen] {
        get throws {
            let accounts = try sample("SELECT id FROM item WHERE kind = 'account'")
            return [
                Screen(
                    kind: .balance, name: "syncctl accounts show", sql: ValueScreens.balance,
                    parameters: accounts.map { [.string($0)] }),
                Screen(
                    kind: .balance, name: "syncctl accounts statement", sql: ValueScreens.statement,
                    parameters: accounts.map { [.string($0), .string(""), .string("~"), .integer(50)] }),
            ]
        }
    }

    private var figures: [Screen] {
        let month = [Value.string("2026-10-31T16:00:00Z"), .string("2026-11-30T16:00:00Z")]
        return [
            Screen(
                kind: .indicator, name: "syncctl indicators", sql: FigureScreens.values,
                parameters: [[.string("2026-06-01T00:00:00Z")]]),
            Screen(
                kind: .indicator, name: "syncctl indicators, targets", sql: FigureScreens.targets, parameters: [[]]),
            Screen(
                kind: .indicator, name: "syncctl report use", sql: UseScreens.report,
                parameters: CatalogueLoad.parks.map { month + [.string($0)] }),
        ]
    }

    /// Every so many of a query's rows, so that they are of all parks.
    private func sample(_ sql: String) throws -> [String] {
        let all = try database.ask(sql)
        return stride(from: 0, to: all.count, by: max(1, all.count / 200)).map { all[$0] }
    }
}
