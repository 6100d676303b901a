import ParkSyncReports

/// A column that holds a JSON array of texts; an array in JSON, too.
struct TextList: Codable, Hashable, Sendable {
    var texts: [String]

    init(_ texts: [String]) { self.texts = texts }

    init(from decoder: any Decoder) throws {
        let single = try decoder.singleValueContainer()
        if let texts = try? single.decode([String].self) {
            self.texts = texts
        } else {
            // What another park wrote there may be anything.
            texts = (try? JSONCoding.decode([String].self, from: try single.decode(String.self).utf8)) ?? []
        }
    }

    func encode(to encoder: any Encoder) throws {
        var single = encoder.singleValueContainer()
        try single.encode(texts)
    }
}

/// A request as it stands.
struct RequestRow: Codable, Hashable, Sendable {
    var id: String
    var kind: String
    var kindZh: String
    var kindEn: String
    var machine: String
    var subjectID: String
    var subjectZh: String?
    var subjectEn: String?
    var partyID: String
    var partyZh: String?
    var partyEn: String?
    var byID: String?
    var userClass: String?
    var branch: String
    var n: Int64
    var state: String
    var stateZh: String
    var stateEn: String
    var startsAt: String
    var endsAt: String
    var weight: Int64
    var amount: Int64?
    var unitID: String?
    var accountID: String?
    var reasons: TextList?
    var waitsFor: String
    var arbiterPark: String
    var askedAt: String
    var stateAt: String?

    enum CodingKeys: String, CodingKey {
        case id, kind, kindZh = "kind_zh", kindEn = "kind_en", machine, subjectID = "subject_id", subjectZh =
            "subject_zh", subjectEn = "subject_en", partyID = "party_id", partyZh = "party_zh", partyEn = "party_en",
            byID = "by_id", userClass = "class", branch, n, state, stateZh = "state_zh", stateEn = "state_en",
            startsAt = "starts_at", endsAt = "ends_at", weight, amount, unitID = "unit_id", accountID = "account_id",
            reasons, waitsFor = "waits_for", arbiterPark = "arbiter_park", askedAt = "asked_at", stateAt = "state_at"
    }
}

/// A step of a request.
struct HistoryRow: Codable, Hashable, Sendable {
    var n: Int64
    var act: String
    var state: String
    var stateZh: String?
    var stateEn: String?
    var startsAt: String
    var endsAt: String
    var weight: Int64
    var amount: Int64?
    var unitID: String?
    var reasons: TextList?
    var byID: String?
    var actedBy: String?
    var at: String

    enum CodingKeys: String, CodingKey {
        case n, act, state, stateZh = "state_zh", stateEn = "state_en", startsAt = "starts_at", endsAt = "ends_at",
            weight, amount, unitID = "unit_id", reasons, byID = "by_id", actedBy = "acted_by", at
    }
}

/// The step that answers an act.
struct ActAnswer: Codable, Hashable, Sendable {
    var fromState: String
    var state: String
    var reasons: TextList?

    enum CodingKeys: String, CodingKey { case fromState = "from_state", state, reasons }
}

/// An act that the arbiter has not answered.
struct WaitingAct: Codable, Hashable, Sendable {
    var id: String
    var act: String
    var byID: String
    var at: String

    enum CodingKeys: String, CodingKey {
        case id, act, byID = "by_id", at
    }
}

/// What somebody may do about a request, and where it leads.
struct MoveRow: Codable, Hashable, Sendable {
    var act: String
    var state: String
    var stateZh: String
    var stateEn: String
    var occupies: Int64
    var ends: Int64
    var byWhom: String

    enum CodingKeys: String, CodingKey {
        case act, state, stateZh = "state_zh", stateEn = "state_en", occupies, ends, byWhom = "by_whom"
    }
}

/// What waits for somebody.
struct InboxRow: Codable, Hashable, Sendable {
    var requestID: String
    var kind: String
    var kindZh: String
    var kindEn: String
    var machine: String
    var subjectID: String
    var subjectZh: String?
    var subjectEn: String?
    var partyID: String
    var partyZh: String?
    var partyEn: String?
    var state: String
    var stateZh: String
    var stateEn: String
    var n: Int64
    var waitsFor: String
    var forID: String?
    var startsAt: String
    var endsAt: String
    var weight: Int64
    var sinceAt: String
    var dueAt: String?

    enum CodingKeys: String, CodingKey {
        case requestID = "request_id", kind, kindZh = "kind_zh", kindEn = "kind_en", machine, subjectID = "subject_id",
            subjectZh = "subject_zh", subjectEn = "subject_en", partyID = "party_id", partyZh = "party_zh", partyEn =
            "party_en", state, stateZh = "state_zh", stateEn = "state_en", n, waitsFor = "waits_for", forID = "for_id",
            startsAt = "starts_at", endsAt = "ends_at", weight, sinceAt = "since_at", dueAt = "due_at"
    }
}
