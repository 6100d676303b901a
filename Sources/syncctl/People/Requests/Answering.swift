import ParkSyncCatalog
import ParkSyncReports
import ParkSyncStore

/// Reads what became of a request, and waits for it if that is wanted.
enum Answering {
    /// How often the node is asked.
    static let intervalMilliseconds: UInt64 = 50

    /// - Parameter isAnswered: whether there is an answer in what is read.
    static func read(
        _ id: String, waitSeconds: Double?, at desk: ParkDesk, isAnswered: (RequestRow) async throws -> Bool
    ) async throws -> AskAnswer {
        let clock = RealClock()
        let deadline = clock.monotonicMilliseconds() + UInt64((waitSeconds ?? 0) * 1_000)
        while true {
            let before = try await request(id, at: desk)
            let isThere = try await isAnswered(before)
            guard isThere || clock.monotonicMilliseconds() >= deadline else {
                try await clock.sleep(milliseconds: intervalMilliseconds)
                continue
            }
            // The answer may have come between the two looks.
            let request = try await request(id, at: desk)
            let codes = try DeskRows.jsonText(request.reasons?.texts ?? [])
            return AskAnswer(
                request: request, home: try await HomeStanding.read(request.arbiterPark, at: desk), answered: isThere,
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
