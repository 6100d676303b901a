import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// A request as it stands, for those who do something about it.
struct RequestStanding: Codable, Hashable, Sendable {
    var id: String
    var kind: String
    var machine: String
    var subjectID: String
    var partyID: String
    var n: Int64
    var state: String
    var stateZh: String
    var stateEn: String
    var reasons: TextList?
    var arbiterPark: String

    enum CodingKeys: String, CodingKey {
        case id, kind, machine, subjectID = "subject_id", partyID = "party_id", n, state, stateZh = "state_zh"
        case stateEn = "state_en", reasons, arbiterPark = "arbiter_park"
    }
}

/// What somebody may do about a request, and where it leads.
package struct PossibleMove: Codable, Hashable, Sendable {
    package var act: String
    package var state: String
    package var stateZh: String
    package var stateEn: String
    package var occupies: Bool
    package var ends: Bool
    package var byWhom: String
    /// Whether it is for people of this park to do.
    package var isHere: Bool

    enum CodingKeys: String, CodingKey {
        case act, state, stateZh = "state_zh", stateEn = "state_en", occupies, ends, byWhom = "by_whom"
        case isHere = "is_here"
    }
}

extension Vocabulary {
    /// What people can do about a request, by the rows of `move`.
    ///
    /// - Parameters:
    ///   - isForked: whether two branches hold. One has to be ended first; otherwise none is to be.
    ///   - here: the park that is looked from.
    func possible(_ request: RequestStanding, isForked: Bool, here: String) -> [PossibleMove] {
        // Before its home has taken it up, a request can be withdrawn, and nothing else.
        let isTaken = request.n > 0
        guard let state = isTaken ? request.state : initial(of: request.machine)?.state else { return [] }
        return moves(of: request.machine).compactMap { move in
            guard move.fromState.isExactly(state), Self.areOfPeople(move),
                isTaken ? (move.act == "fork") == isForked || move.act == "note" : move.act == "withdraw",
                let next = self.state(move.toState, of: request.machine)
            else { return nil }
            let isHere =
                switch move.byWhom {
                case "asker", "holder": Given.home(of: request.id).isExactly(here)
                case "manager": request.arbiterPark.isExactly(here)
                default: true
                }
            return PossibleMove(
                act: move.act, state: next.state, stateZh: next.zh, stateEn: next.en, occupies: next.occupies == 1,
                ends: next.ends == 1, byWhom: move.byWhom, isHere: isHere)
        }
    }

    private static func areOfPeople(_ move: Move) -> Bool {
        !["anyone", "arbiter", "clock"].contains(move.byWhom) && !["ask", "room", "clock"].contains(move.act)
    }
}

extension Office {
    static let requestField = OfficeField("request_id", "申请编号", "request")

    /// - Returns: the request, of a forked one its first branch, and how many branches there are.
    /// - Throws: the fault if there is none.
    func standing(_ id: String) async throws -> (request: RequestStanding, branches: Int) {
        let id = try Given.id(id, Self.requestField)
        let found = try await rows(RequestScreens.request, [.text(id)], as: RequestStanding.self)
        guard let first = found.first else {
            throw OfficeFault(
                .missing, "unknown_request", Self.requestField, Wording("没有申请“\(id)”", "there is no request \(id)"),
                Wording("核对申请编号", "Check the id of the request"))
        }
        return (first, found.count)
    }
}
