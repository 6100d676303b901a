import ParkSyncReports

/// A field of an item's or a request's detail, with its labels.
package struct FieldValue: Codable, Hashable, Sendable {
    package var name: String
    package var zh: String
    package var en: String
    /// Absent where the field is declared nowhere.
    package var type: String?
    package var unit: String?
    package var value: String
    package var valueZh: String?
    package var valueEn: String?

    enum CodingKeys: String, CodingKey {
        case name, zh, en, type, unit, value, valueZh = "value_zh", valueEn = "value_en"
    }
}

/// A price that is valid.
package struct RateRow: Codable, Hashable, Sendable {
    package var rateID: String
    package var userClass: String
    package var classZh: String?
    package var classEn: String?
    package var unit: String
    package var unitZh: String?
    package var unitEn: String?
    package var unitID: String
    package var fen: Int64
    package var validFrom: String
    package var validUntil: String?

    enum CodingKeys: String, CodingKey {
        case rateID = "rate_id", userClass = "class", classZh = "class_zh", classEn = "class_en", unit
        case unitZh = "unit_zh", unitEn = "unit_en", unitID = "unit_id", fen, validFrom = "valid_from"
        case validUntil = "valid_until"
    }
}

/// A column that holds a JSON array of texts; an array in JSON, too.
package struct TextList: Codable, Hashable, Sendable {
    package var texts: [String]

    package init(_ texts: [String]) { self.texts = texts }

    package init(from decoder: any Decoder) throws {
        let single = try decoder.singleValueContainer()
        if let texts = try? single.decode([String].self) {
            self.texts = texts
        } else {
            // What another park wrote there may be anything.
            texts = (try? JSONCoding.decode([String].self, from: try single.decode(String.self).utf8)) ?? []
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var single = encoder.singleValueContainer()
        try single.encode(texts)
    }
}

/// A step of a request.
package struct HistoryRow: Codable, Hashable, Sendable {
    package var n: Int64
    package var act: String
    package var state: String
    package var stateZh: String?
    package var stateEn: String?
    package var startsAt: String
    package var endsAt: String
    package var weight: Int64
    package var amount: Int64?
    package var unitID: String?
    package var reasons: TextList?
    package var byID: String?
    package var actedBy: String?
    package var at: String

    enum CodingKeys: String, CodingKey {
        case n, act, state, stateZh = "state_zh", stateEn = "state_en", startsAt = "starts_at", endsAt = "ends_at"
        case weight, amount, unitID = "unit_id", reasons, byID = "by_id", actedBy = "acted_by", at
    }

    /// For those who may not see whose it is and what for.
    var withoutParty: HistoryRow {
        var row = self
        (row.amount, row.unitID, row.reasons, row.byID, row.actedBy) = (nil, nil, nil, nil, nil)
        return row
    }
}

/// An act that the arbiter has not answered.
package struct WaitingAct: Codable, Hashable, Sendable {
    package var id: String
    package var act: String
    package var byID: String?
    package var at: String

    enum CodingKeys: String, CodingKey { case id, act, byID = "by_id", at }

    var withoutParty: WaitingAct {
        var row = self
        row.byID = nil
        return row
    }
}
