import ArgumentParser
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// `syncctl selection`: the ranking of a yearly selection, and its hash.
struct Selection: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the ranking of a yearly selection, and its hash.",
        discussion: """
            Computed here and now from the inputs that the steps carry: at the same vector the ranking and its \
            SHA-256 are the same at every node. A list is decided with a document of that hash and count; --document \
            prints its text. An entry is scored once its round has closed.

            Examples:
              syncctl selection south:round:0001
              syncctl selection 2026 --lang zh
              syncctl selection south:round:0001 --document > ranking.txt
              syncctl selection 2026 --json
            """)

    @OptionGroup var people: PeopleOptions

    @Argument(help: "The round, or a year: all rounds of that year.")
    var what: String

    @Flag(help: "Print the text that the hash is of, and nothing else.")
    var document = false

    func validate() throws {
        if document, people.json { throw ValidationError("Give --document or --json.") }
        if document, year != nil { throw ValidationError("--document is of one round: give its id.") }
    }

    private static let field = PeopleField("round", "遴选批次")

    /// nil if it is an id.
    private var year: Int64? { what.wholeMatch(of: /[0-9]{4}/) == nil ? nil : Int64(what) }

    func run() async throws {
        try await people.atDesk("selection") { desk in
            let (rounds, computed) = try await Computed.over(desk) { try await rankings(desk) }
            if document {
                if let text = rounds.first?.document { Console.document(text) }
                return
            }
            let shown = ShownSelection(rounds: rounds, computed: computed)
            if people.json { return try Console.json(shown) }
            for line in shown.lines(people.language) { print(line) }
        }
    }

    private func rankings(_ desk: ParkDesk) async throws -> [RoundRanking] {
        let id = year == nil ? try Given.id(what, field: Self.field) : nil
        let rounds = try await desk.list(
            SelectionScreens.rounds, [.text(id), .integer(year)], as: RoundRow.self)
        if let id, rounds.isEmpty { throw try await unknown(id, desk) }
        let states = try DeskRows.jsonText(Ranking.states.map(\.text).sorted())
        var rankings: [RoundRanking] = []
        for round in rounds {
            let entries = try await desk.rows(
                SelectionScreens.ranked, [.text(round.roundID), .text(states)], as: EntryRow.self)
            rankings.append(RoundRanking(round, entries))
        }
        return rankings
    }

    /// Something else has that id, or nothing.
    private func unknown(_ id: String, _ desk: ParkDesk) async throws -> PeopleFault {
        let isThere = !(try await desk.rows(ItemScreens.whatIs, [.text(id)], as: WhatIs.self)).isEmpty
        guard isThere else { return Given.unknown(id, field: Self.field) }
        return PeopleFault(
            code: "wrong_kind", field: Self.field, zh: "“\(id)”不是遴选批次", en: "\(id) is no round of a selection",
            remedyZh: "填写批次编号或年度，可用 syncctl find --kind round 查找",
            remedyEn: "Give a round or a year; `syncctl find --kind round` lists them")
    }
}
