import CSQLite
import Foundation
import Testing

@testable import ParkSyncCatalog

/// The SQL of the screens fits the schema.
@Suite struct ScreenTests {
    private static func search(_ text: Bool, _ kind: Bool, _ home: Bool, _ state: Bool) -> ItemScreens.Search {
        var search = ItemScreens.Search()
        (search.hasText, search.hasKind, search.hasHome, search.hasState) = (text, kind, home, state)
        return search
    }

    static let screens: [String] = {
        let searches = [search(false, false, false, false), search(true, true, true, true)]
        return searches.flatMap { [ItemScreens.items($0), ItemScreens.organisations($0), ItemScreens.people($0)] } + [
            ItemScreens.whatIs, ItemScreens.item, ItemScreens.organisation, ItemScreens.person,
            ItemScreens.fields(of: "item"), ItemScreens.fields(of: "request"), ItemScreens.rates, ItemScreens.documents,
            ItemScreens.rules, ItemScreens.windows, ItemScreens.loads, PeopleScreens.reason, RequestScreens.request,
            RequestScreens.ofItem, RequestScreens.history, RequestScreens.waitingActs, RequestScreens.moves,
            RequestScreens.initial, RequestScreens.reasons, RequestScreens.allReasons, RequestScreens.answer,
            RequestScreens.kinds, RequestScreens.fields, RequestScreens.codes, RequestScreens.organisationOf,
            RequestScreens.parkName, RequestScreens.insertRequest, RequestScreens.insertAct,
            RequestScreens.inbox(isWhole: false), RequestScreens.inbox(isWhole: true),
            UseScreens.ofRequest, UseScreens.ofItem, UseScreens.record, UseScreens.insert, UseScreens.reverse,
            UseScreens.report, ValueScreens.accounts, ValueScreens.balance, ValueScreens.statement,
            FigureScreens.targets, FigureScreens.values, FigureScreens.duplicates, FigureScreens.naturalKey,
            FigureScreens.link, SelectionScreens.rounds, SelectionScreens.ranked, HistoryScreens.rows,
        ] + ValueScreens.checks.flatMap { [$0.examined, $0.faults] } + FigureScreens.drills.map(\.sql)
    }()

    @Test func allAreCompiled() throws {
        var database: OpaquePointer?
        try #require(sqlite3_open(":memory:", &database) == SQLITE_OK)
        defer { sqlite3_close(database) }
        for file in SchemaRows.files { try #require(sqlite3_exec(database, file, nil, nil, nil) == SQLITE_OK) }
        for sql in Self.screens {
            var statement: OpaquePointer?
            #expect(
                sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK,
                "\(sqlite3_errmsg(database).map { String(cString: $0) } ?? ""): \(sql)")
            sqlite3_finalize(statement)
        }
    }
}
