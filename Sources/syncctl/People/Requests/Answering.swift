import ArgumentParser
import ParkSyncCatalog
import ParkSyncReports
import ParkSyncStore

/// Reads what became of a request, and waits for it if that is wanted.
enum Answering {
    /// How often the node is asked.
    static let intervalMilliseconds: UInt64 = 50

    /// What all commands say that can wait.
    static let waitHelp: ArgumentHelp =
        "Wait so many seconds for the answer; status 1 if there is none by then, 4 if it is a refusal."

    /// What the arbiter has answered.
    struct Answer: Hashable, Sendable {
        var isRefusal: Bool
        /// Codes of reason.
        var reasons: [String]

        /// To a request.
        init(_ request: RequestRow) {
            isRefusal = request.state == "refused"
            reasons = request.reasons?.texts ?? []
        }

        /// To an act: who is refused finds the request as it was, and reasons.
        init(_ answer: ActAnswer) {
            reasons = answer.reasons?.texts ?? []
            isRefusal = answer.fromState == answer.state && !reasons.isEmpty
        }
    }

    /// To act `act`; nil while there is none.
    static func answer(onAct act: String, _ desk: ParkDesk) async throws -> Answer? {
        try await desk.rows(RequestScreens.answer, [.text(act)], as: ActAnswer.self).first.map { Answer($0) }
    }

    /// - Parameter answer: the answer, if there is one in what is read.
    static func read(
        _ id: String, waitSeconds: Double?, at desk: ParkDesk, answer: (RequestRow) async throws -> Answer?
    ) async throws -> AskAnswer {
        let clock = RealClock()
        let deadline = clock.monotonicMilliseconds() + UInt64((waitSeconds ?? 0) * 1_000)
        while true {
            let before = try await request(id, at: desk)
            let found = try await answer(before)
            guard found != nil || clock.monotonicMilliseconds() >= deadline else {
                try await clock.sleep(milliseconds: intervalMilliseconds)
                continue
            }
            // The answer may have come between the two looks.
            let request = try await request(id, at: desk)
            let codes = try DeskRows.jsonText(found?.reasons ?? request.reasons?.texts ?? [])
            return AskAnswer(
                request: request, home: try await HomeStanding.read(request.arbiterPark, at: desk),
                answered: found != nil, refused: found?.isRefusal ?? false,
                reasons: try await desk.rows(RequestScreens.reasons, [.text(codes)]))
        }
    }

    /// - Throws: the fault if there is none.
    static func request(_ id: String, at desk: ParkDesk) async throws -> RequestRow {
        let field = PeopleField("request", "申请编号")
        let id = try Given.id(id, field: field)
        guard let row = try await desk.rows(RequestScreens.request, [.text(id)], as: RequestRow.self).first else {
            throw PeopleFault(
                code: "unknown_request", field: field, zh: "没有申请“\(id)”", en: "there is no request \(id)",
                remedyZh: "核对编号，可用 syncctl inbox 查看待办", remedyEn: "Check the id; `syncctl inbox` lists what waits")
        }
        return row
    }

    /// A request is answered once its arbiter has gone on from taking it up.
    static func isDecided(_ request: RequestRow, _ initial: Possible.Initial?) -> Bool {
        request.n > 1 || (request.n == 1 && (initial?.state != request.state || initial?.waitsFor != "arbiter"))
    }
}
