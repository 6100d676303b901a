import ArgumentParser
import ParkSyncCatalog
import ParkSyncReports

/// `syncctl decide`: the act of a person at the park that decides.
struct Decide: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Decide on a request: approve it, decline it, or lead it to another state.",
        discussion: """
            At the node of the park that decides. `decline` leads to the refusal, `approve` to the one other state \
            that there is; where there are several, name one. Without a decision: what can be decided. What the \
            rules say against it has to be named by --against, by somebody who may decide against that.

            Examples:
              syncctl decide bio:booking:3f2a9c5b7d1e8a40
              syncctl decide bio:booking:3f2a9c5b7d1e8a40 approve --by science:person:0002
              syncctl decide bio:booking:3f2a9c5b7d1e8a40 approve --against closed --note "evening run agreed"
              syncctl decide west:grant_application:51d2c0a7e9b84f36 decline --reason not_eligible
            """)

    @OptionGroup var people: PeopleOptions
    @OptionGroup var terms: TermOptions

    @Argument(help: "The request's id.")
    var request: String

    @Argument(help: "approve, decline, or the state that it leads to.")
    var decision: String?

    @Option(help: "A reason against it that is overridden, by its code; may be given several times.")
    var against: [String] = []

    @Option(help: "Why, by a code of reason; may be given several times.")
    var reason: [String] = []

    @Option(help: Answering.waitHelp)
    var wait: Double?

    func validate() throws {
        if let wait { guard wait >= 0, wait < 1e6 else { throw ValidationError("--wait is a number of seconds.") } }
    }

    func run() async throws {
        try await people.atDesk("decide") { desk in
            let row = try await Answering.request(request, at: desk)
            let moves = try await Possible.moves(row, isForked: false, desk).filter { $0.act == "decide" }
            guard let decision else {
                return try people.show(
                    moves, Possible.columns, none: ("这个状态下无需审批", "there is nothing to decide in this state"))
            }
            let park = try await desk.park()
            try await check(row, park, desk)
            let state = try Self.state(decision, row, moves)
            try await checkReasons(desk)
            try await Acting(people: people, terms: terms, request: request, reasons: against + reason, wait: wait)
                .write("decide", to: state, of: row, park: park, desk: desk)
        }
    }

    private func check(_ row: RequestRow, _ park: String, _ desk: ParkDesk) async throws {
        guard row.arbiterPark != park else { return }
        let home = try await HomeStanding.read(row.arbiterPark, at: desk)
        throw PeopleFault(
            code: "not_party", field: .init("request", "申请编号"), zh: "该申请由\(home.name(.zh))审批",
            en: "\(home.name(.en)) decides on this request", remedyZh: "在\(home.name(.zh))的节点办理",
            remedyEn: "Do it at the node of \(home.name(.en))", exit: .validationFailure)
    }

    /// Where a decision leads.
    static func state(_ decision: String, _ row: RequestRow, _ moves: [MoveRow]) throws -> String {
        if let named = moves.first(where: { $0.state == decision }) { return named.state }
        let refusals = moves.filter { Self.refusals.contains($0.state) }
        let others = moves.filter { !Self.refusals.contains($0.state) }
        if decision == "decline", refusals.count == 1 { return refusals[0].state }
        if decision == "approve", others.count == 1 { return others[0].state }
        let names = moves.map { "\($0.state)（\($0.stateZh)）" }.joined(separator: "、")
        let words = moves.map { "\($0.state) (\($0.stateEn))" }.joined(separator: ", ")
        throw PeopleFault(
            code: "not_this_state", field: .init("decision", "审批结果"),
            zh: "“\(row.stateZh)”状态下没有“\(decision)”，或有多种可能",
            en: "a request that is \(row.stateEn) is not led there by \(decision), or there are several ways",
            remedyZh: moves.isEmpty ? "无需审批" : "可选：\(names)",
            remedyEn: moves.isEmpty ? "Nothing is to be decided" : "Give one of \(words)", exit: .validationFailure)
    }

    /// What declining leads to.
    private static let refusals = ["refused", "declined", "dropped", "not_exempt", "terminated", "home_cancelled"]

    private func checkReasons(_ desk: ParkDesk) async throws {
        let known = try await desk.rows(RequestScreens.allReasons, as: ReasonRow.self)
        for code in against {
            guard let row = known.first(where: { $0.code == code }), row.overrideBy != nil else {
                let may = known.filter { $0.overrideBy != nil }.map(\.code).joined(separator: ", ")
                throw PeopleFault(
                    code: "unknown_reason", field: .init("--against", "变通理由"), zh: "不能变通“\(code)”",
                    en: "nobody decides against \(code)", remedyZh: "可变通：\(may)", remedyEn: "Give one of \(may)",
                    exit: .validationFailure)
            }
        }
        for code in reason where !known.contains(where: { $0.code == code }) {
            throw PeopleFault(
                code: "unknown_reason", field: .init("--reason", "理由"), zh: "没有理由代码“\(code)”",
                en: "there is no reason \(code)", remedyZh: "可选：\(known.map(\.code).joined(separator: "、"))",
                remedyEn: "Give one of \(known.map(\.code).joined(separator: ", "))", exit: .validationFailure)
        }
    }
}
