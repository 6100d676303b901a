import ArgumentParser
import ParkSyncCatalog
import ParkSyncReports

/// `syncctl act`: what somebody does about a request.
struct Act: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Do something about a request: withdraw, amend, agree, confirm, dispute …",
        discussion: """
            Without an act: what can be done in the request's state, by whom, and where it leads. An act that its \
            state does not take is refused at once. `decide` is a command of its own.

            Examples:
              syncctl act bio:booking:3f2a9c5b7d1e8a40
              syncctl act bio:booking:3f2a9c5b7d1e8a40 amend --by bio:person:0003 \\
                --starts "2026-12-07 14:30" --length 2h
              syncctl act bio:booking:3f2a9c5b7d1e8a40 confirm --by bio:person:0003 --wait 60 --lang zh
            """)

    @OptionGroup var people: PeopleOptions
    @OptionGroup var terms: TermOptions

    @Argument(help: "The request's id.")
    var request: String

    @Argument(help: "The act.")
    var act: String?

    @Option(help: "Why, by a code of reason; may be given several times.")
    var reason: [String] = []

    @Option(help: Answering.waitHelp)
    var wait: Double?

    func validate() throws {
        if let wait { guard wait >= 0, wait < 1e6 else { throw ValidationError("--wait is a number of seconds.") } }
        if act == "decide" { throw ValidationError("Use `syncctl decide` to decide.") }
    }

    func run() async throws {
        try await people.atDesk("act") { desk in
            let row = try await Answering.request(request, at: desk)
            let branches = try await desk.rows(RequestScreens.request, [.text(row.id)], as: RequestRow.self)
            let moves = try await Possible.moves(row, isForked: branches.count > 1, desk)
            guard let act else {
                return try people.show(
                    moves.filter { $0.act != "decide" }, Possible.columns,
                    none: ("没有可办理的事项，只能备注", "nothing can be done but a note"))
            }
            guard act == "note" || moves.contains(where: { $0.act == act }) else {
                throw try await Possible.refusal(act, row, moves, desk)
            }
            try await Acting(people: people, terms: terms, request: request, reasons: reason, wait: wait).write(
                act, to: nil, of: row, park: try await desk.park(), desk: desk)
        }
    }
}

extension Possible {
    /// An act that the state does not take, with what it does take.
    static func refusal(_ act: String, _ row: RequestRow, _ moves: [MoveRow], _ desk: ParkDesk) async throws
        -> PeopleFault
    {
        let names = moves.map(\.act).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let few = names.isEmpty ? "note" : names.joined(separator: ", ")
        return PeopleFault(
            code: "not_this_state", field: PeopleField("act", "办理动作"),
            zh: "“\(row.stateZh)”状态下不能“\(PeopleWords.act(act, .zh))”",
            en: "a request that is \(row.stateEn) takes no \(act)", remedyZh: "可办理：\(few)",
            remedyEn: "Do one of \(few)", exit: .validationFailure)
    }
}
