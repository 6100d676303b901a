import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// What somebody decides, at the park that decides.
package struct Decision: Hashable, Sendable {
    package var request: String
    /// `approve`, `decline`, or the state that it leads to.
    package var outcome: String
    /// Reasons that speak against it and are overridden, by their codes.
    package var against: [String]
    package var reasons: [String]
    /// New terms that the decision sets.
    package var entries: [ExactText: FormEntry]
    package var seen: Int64?
    package var note: String?
    /// As `Wish.key`.
    package var key: UInt64?

    package init(
        request: String, outcome: String, against: [String] = [], reasons: [String] = [],
        entries: [ExactText: FormEntry] = [:], seen: Int64? = nil, note: String? = nil, key: UInt64? = nil
    ) {
        (self.request, self.outcome, self.against, self.reasons) = (request, outcome, against, reasons)
        (self.entries, self.seen, self.note, self.key) = (entries, seen, note, key)
    }
}

extension Office {
    /// Writes a decision. What the rules say against it has to be named, by somebody who may decide
    /// against that: the arbiter looks whether it was.
    package func decide(_ decision: Decision) async throws -> Done {
        let person = try actor(for: .decide)
        var doing = Doing(
            request: decision.request, act: "decide", entries: decision.entries,
            reasons: decision.against + decision.reasons, note: decision.note, key: decision.key)
        if let done = try await written(doing, by: person) { return done }
        let (request, branches) = try await standing(decision.request)
        guard request.arbiterPark.isExactly(park) else {
            throw OfficeFault(
                .forbidden, "not_party", Self.requestField,
                Wording("该申请由园区 \(request.arbiterPark) 审批", "the park \(request.arbiterPark) decides on this request"),
                Wording("在其园区的节点办理", "Do it at the node of that park"))
        }
        try check(decision.seen, request)
        let moves = vocabulary.possible(request, isForked: branches > 1, here: park).filter { $0.act == "decide" }
        let state = try Self.state(decision.outcome, request, moves)
        try checkOverridden(decision.against)
        doing.request = request.id
        return try await write(doing, to: state, of: request, by: person)
    }

    /// What declining leads to. A machine whose refusal has another name is decided by that name.
    private static let refusals: [ExactText] = [
        "refused", "declined", "dropped", "not_exempt", "terminated", "home_cancelled",
    ]

    /// Where a decision leads.
    static func state(
        _ outcome: String, _ request: RequestStanding, _ moves: [PossibleMove]
    ) throws(OfficeFault) -> String {
        if let named = moves.first(where: { $0.state.isExactly(outcome) }) { return named.state }
        let refused = moves.filter { refusals.contains(ExactText($0.state)) }
        let others = moves.filter { !refusals.contains(ExactText($0.state)) }
        if outcome == "decline", refused.count == 1 { return refused[0].state }
        if outcome == "approve", others.count == 1 { return others[0].state }
        let names = moves.map { "\($0.state)（\($0.stateZh)）" }.joined(separator: "、")
        let words = moves.map { "\($0.state) (\($0.stateEn))" }.joined(separator: ", ")
        let shown = outcome.prefix(64)
        throw OfficeFault(
            moves.isEmpty ? .refused : .input, "not_this_state", OfficeField("outcome", "审批结果", "outcome"),
            Wording(
                "“\(request.stateZh)”状态下没有“\(shown)”，或有多种可能",
                "a request that is \(request.stateEn) is not led there by \(shown), or there are several ways"),
            moves.isEmpty
                ? Wording("无需审批", "Nothing is to be decided") : Wording("可选：\(names)", "Give one of \(words)"))
    }

    private func checkOverridden(_ codes: [String]) throws {
        let faults = codes.filter { vocabulary.reason($0)?.overrideBy == nil }.map { code in
            let may = vocabulary.reasons.filter { $0.overrideBy != nil }.map(\.code).joined(separator: ", ")
            return OfficeFault(
                .input, "unknown_reason", OfficeField("against", "变通理由", "reasons overridden"),
                Wording("不能变通“\(code.prefix(64))”", "nobody decides against \(code.prefix(64))"),
                Wording("可变通：\(may)", "Give one of \(may)"))
        }
        if !faults.isEmpty { throw FormFaults(faults) }
    }
}
