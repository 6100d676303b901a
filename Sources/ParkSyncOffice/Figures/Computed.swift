import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// Over what figures were computed: the entries of each park that this node had, and the parks of
/// which it may lack some.
package struct Computed: Codable, Hashable, Sendable {
    /// The vector of the tables, as in `south:12 west:7`.
    package var vector: String
    /// UTC.
    package var computedAt: String
    /// Parks that are out of reach, or whose entries are still on their way.
    package var stale: [HomeStanding]

    enum CodingKeys: String, CodingKey { case vector, computedAt = "computed_at", stale }

    init(_ standing: ZoneStanding, names: [ParkName]) {
        (vector, computedAt) = (standing.applied, standing.at.text)
        stale = standing.parks.filter { !$0.inReach || $0.lacking != 0 }.map { peer in
            let name = names.first { $0.id.isExactly("\(peer.park):park") }
            return HomeStanding(
                park: peer.park, nameZh: name?.nameZh, nameEn: name?.nameEn, inReach: peer.inReach,
                lastHeardAt: peer.lastHeard?.text)
        }
    }

    /// What stands below a table.
    package func lines(_ language: Language) -> [String] {
        let time = (ShanghaiTime.shown(computedAt) ?? computedAt) + ShanghaiTime.zone.text(language)
        let head = language.pick("统计时点 \(time)，数据截至 \(vector)", "computed \(time) over \(vector)")
        return [head]
            + stale.map { park in
                let name = park.name(language)
                let since = ShanghaiTime.shown(park.lastHeardAt) ?? language.pick("从未", "never")
                return language.pick(
                    "数据可能不是最新：\(name)，最近联系 \(since)", "may lack entries of \(name), last heard \(since)")
            }
    }
}

struct ParkName: Codable, Hashable, Sendable {
    var id: String
    var nameZh: String
    var nameEn: String?
    enum CodingKeys: String, CodingKey { case id, nameZh = "name_zh", nameEn = "name_en" }
}

extension Office {
    /// How often what is read is read again because the tables went on meanwhile.
    static let readingsMax = 5

    /// How far this node is behind the others.
    package func zone() async throws -> Computed { try await computed { () }.computed }

    /// Reads figures, and the vector that the tables had while they were read.
    ///
    /// - Throws: the fault if the tables never stood still meanwhile.
    func computed<Figures>(_ read: () async throws -> Figures) async throws -> (figures: Figures, computed: Computed) {
        try check(.read)
        var before = try await store.standing()
        for _ in 1...Self.readingsMax {
            let figures = try await read()
            let after = try await store.standing()
            if before.applied.isExactly(after.applied) {
                let names = try await list("SELECT id, name_zh, name_en FROM park ORDER BY id", as: ParkName.self)
                return (figures, Computed(after, names: names))
            }
            before = after
        }
        throw OfficeFault(
            .unavailable, "in_motion", nil,
            Wording("统计期间数据一直在变化", "the tables went on changing while this was computed"),
            Wording("稍后再试", "Try it again in a moment"))
    }
}
