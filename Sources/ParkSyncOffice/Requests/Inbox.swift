import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// What waits for somebody.
package struct InboxRow: Codable, Hashable, Sendable {
    package var requestID: String
    package var kind: String
    package var kindZh: String
    package var kindEn: String
    package var machine: String
    package var subjectID: String
    package var subjectZh: String?
    package var subjectEn: String?
    /// Absent where the viewer does not see whose it is.
    package var partyID: String?
    package var partyZh: String?
    package var partyEn: String?
    package var state: String
    package var stateZh: String
    package var stateEn: String
    package var n: Int64
    package var waitsFor: String
    package var forID: String?
    package var startsAt: String
    package var endsAt: String
    package var weight: Int64
    package var sinceAt: String
    package var dueAt: String?

    enum CodingKeys: String, CodingKey {
        case requestID = "request_id", kind, kindZh = "kind_zh", kindEn = "kind_en", machine, subjectID = "subject_id"
        case subjectZh = "subject_zh", subjectEn = "subject_en", partyID = "party_id", partyZh = "party_zh"
        case partyEn = "party_en", state, stateZh = "state_zh", stateEn = "state_en", n, waitsFor = "waits_for"
        case forID = "for_id", startsAt = "starts_at", endsAt = "ends_at", weight, sinceAt = "since_at"
        case dueAt = "due_at"
    }

    var withoutParty: InboxRow {
        var row = self
        (row.partyID, row.partyZh, row.partyEn, row.forID) = (nil, nil, nil, nil)
        return row
    }
}

extension Office {
    /// What waits for the viewer, the next deadline first.
    ///
    /// - Parameters:
    ///   - isWholePark: all that waits for the park, for those who answer for all of it.
    ///   - isWhole: also what waits for a deadline or for the node itself.
    package func inbox(
        isWholePark: Bool = false, isWhole: Bool = false, limit: Int = ListRequest.limitDefault
    ) async throws -> [InboxRow] {
        try check(.read)
        if isWholePark, viewer.roles.isDisjoint(with: [.officer, .auditor]) {
            throw OfficeFault(
                .forbidden, "not_allowed", nil, Wording("只能查看本人的待办事项", "only your own inbox is yours to see"),
                Wording("查看本人的待办事项", "Look at your own"))
        }
        guard isWholePark || viewer.person != nil else { return [] }
        let found: [InboxRow] = try await list(
            RequestScreens.inbox(isWhole: isWhole),
            [.text(park), .text(isWholePark ? nil : viewer.person), .integer(Int64(limit))])
        let seen = try await seen(found.map(\.requestID))
        return found.map { seen.contains(ExactText($0.requestID)) ? $0 : $0.withoutParty }
    }
}
