import Crypto
import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// A yearly round, as its item has it.
struct RoundRow: Codable, Hashable, Sendable {
    var roundID: String
    var home: String
    var nameZh: String
    var nameEn: String?
    var year: Int64
    var tier: String
    var tierZh: String?
    var tierEn: String?
    /// How many are selected; absent: all.
    var capacity: Int64?
    var closesAt: String?
    /// One for each input of an entry, as the office wrote them.
    var weights: String

    enum CodingKeys: String, CodingKey {
        case roundID = "round_id", home, nameZh = "name_zh", nameEn = "name_en", year, tier, tierZh = "tier_zh"
        case tierEn = "tier_en", capacity, closesAt = "closes_at", weights
    }
}

/// An entry that is ranked, as its last step has it.
struct EntryRow: Codable, Hashable, Sendable {
    var requestID: String
    var partyID: String
    var partyZh: String?
    var partyEn: String?
    var state: String
    var stateZh: String
    var stateEn: String
    var inputs: NumberList?

    enum CodingKeys: String, CodingKey {
        case requestID = "request_id", partyID = "party_id", partyZh = "party_zh", partyEn = "party_en", state
        case stateZh = "state_zh", stateEn = "state_en", inputs
    }
}

/// A column that holds a JSON array of whole numbers; an array in JSON, too. It is read as the
/// arbiter reads it: null counts 0, and what is no such array is empty.
struct NumberList: Codable, Hashable, Sendable {
    var numbers: [Int64]

    init(_ numbers: [Int64]) { self.numbers = numbers }

    init(from decoder: any Decoder) throws {
        let single = try decoder.singleValueContainer()
        if let numbers = try? single.decode([Int64].self) {
            self.numbers = numbers
        } else if let text = try? single.decode(String.self) {
            numbers = ((try? JSONCoding.decode([Int64?].self, from: text.utf8)) ?? []).map { $0 ?? 0 }
        } else {
            numbers = []
        }
    }

    func encode(to encoder: any Encoder) throws {
        var single = encoder.singleValueContainer()
        try single.encode(numbers)
    }
}

/// An entry at its place in the ranking.
struct RankedRow: Codable, Hashable, Sendable {
    var place: Int64
    var score: Int64
    /// Whether the round takes so many.
    var isWithin: Bool
    var entry: EntryRow

    enum CodingKeys: String, CodingKey { case place, score, isWithin = "is_within", entry }
}

/// The ranking of a round, and what the document that a list cites has to say of it.
struct RoundRanking: Codable, Hashable, Sendable {
    var round: RoundRow
    var count: Int64
    /// Of `document`; absent while nobody is ranked.
    var sha256: String?
    var ranking: [RankedRow]
    /// A line for each: place, score and entry.
    var document: String

    init(_ round: RoundRow, _ entries: [EntryRow]) {
        let ranked = Ranking.rows(
            entries.map { Ranking.Candidate(id: ExactText($0.requestID), inputs: $0.inputs?.numbers ?? []) },
            weights: Ranking.weights(round.weights))
        let byID = Dictionary(entries.map { (ExactText($0.requestID), $0) }) { first, _ in first }
        self.round = round
        document = Ranking.text(ranked)
        count = Int64(ranked.count)
        sha256 = ranked.isEmpty ? nil : Hex.encode(SHA256.hash(data: Data(document.utf8)))
        ranking = ranked.enumerated().compactMap { index, row in
            let place = Int64(index) + 1
            return byID[row.id].map {
                RankedRow(
                    place: place, score: row.score, isWithin: round.capacity.map { place <= $0 } ?? true, entry: $0)
            }
        }
    }

    func lines(_ language: Language) -> [String] {
        let head = PeopleTable.pairs([
            (language.pick("批次", "round"), round.roundID),
            (language.pick("名称", "name"), language.name(round.nameZh, round.nameEn)),
            (language.pick("年度", "year"), "\(round.year)"),
            (language.pick("培育层级", "tier"), language.name(round.tierZh, round.tierEn) ?? round.tier),
            (
                language.pick("申报截止\(ShanghaiText.zone(.zh))", "closes\(ShanghaiText.zone(.en))"),
                ShanghaiText.shown(round.closesAt)
            ),
            (language.pick("评分权重", "weights"), round.weights),
            (language.pick("名额", "places"), round.capacity.map(String.init)),
            (language.pick("参评", "count"), "\(count)"), ("sha256", sha256),
        ])
        if ranking.isEmpty { return head + [language.pick("尚无评分的申报", "no entry is scored yet")] }
        return head + [""] + PeopleTable.lines(ranking, Self.columns, language)
    }

    private static var columns: [PeopleColumn<RankedRow>] {
        [
            .init("名次", "place") { "\($0.place)" }, .init("得分", "score") { "\($0.score)" },
            .init("申报", "entry") { $0.entry.requestID },
            .init("申报方", "for") { row, language in
                language.name(row.entry.partyZh, row.entry.partyEn) ?? row.entry.partyID
            },
            .init("评分依据", "inputs") { row in
                row.entry.inputs.map { $0.numbers.map(String.init).joined(separator: " ") }
            },
            .init("名额内", "within") { row, language in
                row.isWithin ? language.pick("是", "yes") : language.pick("否", "no")
            },
            .init("状态", "state") { row, language in language.pick(row.entry.stateZh, row.entry.stateEn) },
        ]
    }
}

/// What `syncctl selection` shows.
struct ShownSelection: Codable, Hashable, Sendable {
    var rounds: [RoundRanking]
    var computed: Computed

    func lines(_ language: Language) -> [String] {
        if rounds.isEmpty {
            return [language.pick("没有该年度的遴选", "there is no selection of that year"), ""] + computed.lines(language)
        }
        return rounds.flatMap { $0.lines(language) + [""] } + computed.lines(language)
    }
}
