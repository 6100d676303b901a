/// Of which table an id is.
struct WhatIs: Codable, Hashable, Sendable { var what: String }

/// A row of `syncctl find`: an item, an organisation or a person.
struct FoundItem: Codable, Hashable, Sendable {
    var id: String
    var home: String
    var kind: String
    var kindZh: String
    var kindEn: String
    var nameZh: String
    var nameEn: String?
    var ownerID: String?
    var ownerZh: String?
    var ownerEn: String?
    var state: String
    var capacity: Int64?
    var shareClass: String?
    var approval: String?
    var trainingCode: String?
    var freeFrom: String?
    var freeUntil: String?

    enum CodingKeys: String, CodingKey {
        case id, home, kind, kindZh = "kind_zh", kindEn = "kind_en", nameZh = "name_zh", nameEn = "name_en", ownerID =
            "owner_id", ownerZh = "owner_zh", ownerEn = "owner_en", state, capacity, shareClass = "share_class",
            approval, trainingCode = "training_code", freeFrom = "free_from", freeUntil = "free_until"
    }
}

/// The card of an item, an organisation or a person; what it does not have is absent.
struct ItemCard: Codable, Hashable, Sendable {
    var id: String
    var home: String
    var kind: String
    var kindZh: String
    var kindEn: String
    var nameZh: String
    var nameEn: String?
    var ownerID: String?
    var ownerZh: String?
    var ownerEn: String?
    var state: String
    var successorID: String?
    var capacity: Int64?
    var shareClass: String?
    var approval: String?
    var minMinutes: Int64?
    var maxMinutes: Int64?
    var bufferMinutes: Int64?
    var horizonDays: Int64?
    var noticeMinutes: Int64?
    var cancelMinutes: Int64?
    var confirmDays: Int64?
    var trainingCode: String?
    var accountID: String?
    var naturalKey: String?
    var creditCode: String?
    var industry: String?
    var foundedOn: String?
    var website: String?
    var talentClass: String?
    var orcid: String?
    var scope: String

    enum CodingKeys: String, CodingKey {
        case id, home, kind, kindZh = "kind_zh", kindEn = "kind_en", nameZh = "name_zh", nameEn = "name_en", ownerID =
            "owner_id", ownerZh = "owner_zh", ownerEn = "owner_en", state, successorID = "successor_id", capacity,
            shareClass = "share_class", approval, minMinutes = "min_minutes", maxMinutes = "max_minutes",
            bufferMinutes = "buffer_minutes", horizonDays = "horizon_days", noticeMinutes = "notice_minutes",
            cancelMinutes = "cancel_minutes", confirmDays = "confirm_days", trainingCode = "training_code", accountID =
            "account_id", naturalKey = "natural_key", creditCode = "credit_code", industry, foundedOn = "founded_on",
            website, talentClass = "talent_class", orcid, scope
    }
}

/// A field of an item's or a request's detail, with its labels.
struct FieldValue: Codable, Hashable, Sendable {
    var name: String
    var zh: String
    var en: String
    var type: String?
    var unit: String?
    var value: String
    var valueZh: String?
    var valueEn: String?

    enum CodingKeys: String, CodingKey {
        case name, zh, en, type, unit, value, valueZh = "value_zh", valueEn = "value_en"
    }
}

/// A price that is valid.
struct RateRow: Codable, Hashable, Sendable {
    var rateID: String
    var userClass: String
    var classZh: String?
    var classEn: String?
    var unit: String
    var unitZh: String?
    var unitEn: String?
    var unitID: String
    var fen: Int64
    var validFrom: String
    var validUntil: String?

    enum CodingKeys: String, CodingKey {
        case rateID = "rate_id", userClass = "class", classZh = "class_zh", classEn = "class_en", unit, unitZh =
            "unit_zh", unitEn = "unit_en", unitID = "unit_id", fen, validFrom = "valid_from", validUntil = "valid_until"
    }
}

/// A document about something.
struct DocumentRow: Codable, Hashable, Sendable {
    var id: String
    var kind: String
    var kindZh: String
    var kindEn: String
    var version: Int64
    var nameZh: String
    var nameEn: String?
    var sha256: String
    var mediaType: String
    var bytes: Int64
    var textID: String?
    var at: String

    enum CodingKeys: String, CodingKey {
        case id, kind, kindZh = "kind_zh", kindEn = "kind_en", version, nameZh = "name_zh", nameEn = "name_en", sha256,
            mediaType = "media_type", bytes, textID = "text_id", at
    }
}
