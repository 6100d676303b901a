import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// What somebody does about a request.
package struct Doing: Hashable, Sendable {
    package var request: String
    package var act: String
    /// By the names of the inputs of `OfficeForms.act`: new terms; what is left out stays.
    package var entries: [ExactText: FormEntry]
    /// What the act brings along, as in the scores of a reviewer: declared by no rows.
    package var detail: [ExactText: FormEntry]
    /// Codes of reason: why.
    package var reasons: [String]
    /// The step that was looked at; nil: whatever is there now.
    package var seen: Int64?
    /// Why, for the log.
    package var note: String?
    /// As `Wish.key`.
    package var key: UInt64?

    package init(
        request: String, act: String, entries: [ExactText: FormEntry] = [:], detail: [ExactText: FormEntry] = [:],
        reasons: [String] = [], seen: Int64? = nil, note: String? = nil, key: UInt64? = nil
    ) {
        (self.request, self.act, self.entries, self.detail) = (request, act, entries, detail)
        (self.reasons, self.seen, self.note, self.key) = (reasons, seen, note, key)
    }
}

/// An act that was written.
package struct Done: Codable, Hashable, Sendable {
    package var id: String
    package var requestID: String

    enum CodingKeys: String, CodingKey { case id, requestID = "request_id" }
}

extension Office {
    /// Writes an act. The arbiter of the request answers it.
    ///
    /// - Throws: the fault if the state of the request does not take it; nothing is written then.
    package func act(_ doing: Doing) async throws -> Done {
        if doing.act == "decide" {
            throw OfficeFault(
                .input, "not_this_state", Self.actField, Wording("审批须写明结果", "a decision says where it leads"),
                Wording("使用审批功能", "Decide it instead"))
        }
        let person = try actor(for: .act)
        if let done = try await written(doing, by: person) { return done }
        let (request, branches) = try await standing(doing.request)
        try check(doing.seen, request)
        let moves = vocabulary.possible(request, isForked: branches > 1, here: park)
        let found = moves.filter { $0.act.isExactly(doing.act) }
        guard doing.act == "note" || !found.isEmpty else { throw notThisState(doing.act, request, moves) }
        guard doing.act == "note" || found.contains(where: \.isHere) else { throw elsewhere(request, found) }
        return try await write(doing, to: nil, of: request, by: person)
    }

    static let actField = OfficeField("act", "办理动作", "act")

    func write(
        _ doing: Doing, to state: String?, of request: RequestStanding, by person: String
    ) async throws -> Done {
        let (done, statement) = try statement(doing, to: state, of: request, by: person)
        try await writeOnce(
            statement, done.id, doing.key, note: doing.note, known: Self.writtenAct,
            as: Written(byID: person, about: request.id, what: doing.act))
        return done
    }

    private static let writtenAct = "SELECT by_id, request_id AS about, act AS what FROM act WHERE id = ?1"

    /// The act, if it was written before under the same key. The request may have gone on since,
    /// and its state would not take the act any more.
    func written(_ doing: Doing, by person: String) async throws -> Done? {
        guard doing.key != nil else { return nil }
        let done = Done(id: newID("act", doing.key), requestID: doing.request)
        let isThere = try await isWritten(
            done.id, doing.key, known: Self.writtenAct,
            as: Written(byID: person, about: doing.request, what: doing.act))
        return isThere ? done : nil
    }

    /// The row of an act.
    func statement(
        _ doing: Doing, to state: String?, of request: RequestStanding, by person: String
    ) throws -> (Done, SQLStatement) {
        let filled = try forms.act.check(doing.entries, vocabulary)
        var faults = Self.faults(filled)
        faults += doing.reasons.filter { vocabulary.reason($0) == nil }.map { unknownReason($0) }
        if !faults.isEmpty { throw FormFaults(faults) }
        let id = newID("act", doing.key)
        let values: [JSONValue] = [
            .text(id), .text(request.id), .text(request.machine), .text(person), .text(doing.act), .integer(request.n),
            .text(state), .text(filled.text("starts_at")), .text(filled.text("ends_at")),
            .integer(filled.integer("weight")), .integer(filled.integer("amount")),
            .text(doing.reasons.isEmpty ? nil : try RowCoding.jsonText(doing.reasons)),
            .text(filled.text("document_id")), .text(filled.text("text_id")), .text(store.now().text),
            .text(doing.detail.isEmpty ? nil : try Self.detail(doing.detail)),
        ]
        return (Done(id: id, requestID: request.id), SQLStatement(RequestScreens.insertAct, values))
    }

    /// As they are: whole numbers as numbers, everything else as it was given.
    private static func detail(_ entries: [ExactText: FormEntry]) throws -> String {
        var members: [MemberName: DetailValue] = [:]
        for (name, entry) in entries where entry != .nothing {
            let value: DetailValue =
                switch entry {
                case .typed(let text): Int64(text).map(DetailValue.integer) ?? .text(text)
                case .integer(let number): .integer(number)
                case .number(let number): .number(number)
                case .flag(let flag): .flag(flag)
                case .list(let texts): .list(texts)
                case .nothing: .text("")
                }
            members[MemberName(stringLiteral: name.text)] = value
        }
        return try RowCoding.jsonText(DetailObject(members: members))
    }

    // MARK: what speaks against it

    /// Whoever acts says what he has seen; if that is not the state any more, he looks again.
    func check(_ seen: Int64?, _ request: RequestStanding) throws(OfficeFault) {
        guard let seen, seen != request.n else { return }
        throw reason(
            "stale", Self.requestField,
            detail: Wording("现为第 \(request.n) 步：\(request.stateZh)", "step \(request.n) by now: \(request.stateEn)"),
            cause: .stale)
    }

    private func notThisState(_ act: String, _ request: RequestStanding, _ moves: [PossibleMove]) -> OfficeFault {
        let names = moves.map(\.act).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let few = names.isEmpty ? "note" : names.joined(separator: ", ")
        let shown = String(act.prefix(64))
        return OfficeFault(
            .refused, "not_this_state", Self.actField,
            Wording(
                "“\(request.stateZh)”状态下不能“\(ActWords.act(shown).zh)”",
                "a request that is \(request.stateEn) takes no \(shown)"),
            Wording("可办理：\(few)", "Do one of \(few)"))
    }

    private func elsewhere(_ request: RequestStanding, _ moves: [PossibleMove]) -> OfficeFault {
        let isManagers = moves.contains { $0.byWhom == "manager" }
        let park = isManagers ? request.arbiterPark : Given.home(of: request.id)
        return OfficeFault(
            .forbidden, "not_party", Self.requestField, Wording("由园区 \(park) 办理", "it is for the park \(park) to do"),
            Wording("到其园区的节点办理", "Do it at the node of that park"))
    }

    func unknownReason(_ code: String) -> OfficeFault {
        OfficeFault(
            .input, "unknown_reason", OfficeField("reasons", "理由", "reasons"),
            Wording("没有理由代码“\(code.prefix(64))”", "there is no reason \(code.prefix(64))"),
            Wording("从理由表中选择", "Choose a code of the rows of reason"))
    }
}
