import ParkSyncCatalog
import ParkSyncReports
import ParkSyncStore

/// Over what a figure was computed: the entries of each park that this node had, and the parks of
/// which it may lack some.
struct Computed: Codable, Hashable, Sendable {
    /// The vector of the tables, as in `south:12 west:7`.
    var vector: String
    /// UTC.
    var computedAt: String
    /// Parks that are out of reach, or whose entries are still on their way.
    var stale: [HomeStanding]

    enum CodingKeys: String, CodingKey { case vector, computedAt = "computed_at", stale }

    /// How often what is read is read again because the tables went on meanwhile.
    static let readingsMax = 5

    /// Reads figures, and the vector that the tables had while they were read.
    ///
    /// - Throws: the fault if the tables never stood still meanwhile.
    static func over<Figures>(_ desk: ParkDesk, _ read: () async throws -> Figures) async throws
        -> (figures: Figures, computed: Computed)
    {
        var before = try await desk.status()
        for _ in 1...readingsMax {
            let figures = try await read()
            let after = try await desk.status()
            if before.applied.utf8.elementsEqual(after.applied.utf8) { return (figures, try await of(after, desk)) }
            before = after
        }
        throw PeopleFault(
            code: "in_motion", zh: "统计期间数据一直在变化", en: "the tables went on changing while this was computed",
            remedyZh: "稍后再试", remedyEn: "Try it again in a moment")
    }

    private struct Name: Codable {
        var id: String
        var nameZh: String
        var nameEn: String?
        enum CodingKeys: String, CodingKey { case id, nameZh = "name_zh", nameEn = "name_en" }
    }

    private static func of(_ status: NodeStatus, _ desk: ParkDesk) async throws -> Computed {
        let names = try await desk.rows("SELECT id, name_zh, name_en FROM park ORDER BY id", as: Name.self)
        return of(status) { park in
            names.first { $0.id.utf8.elementsEqual("\(park):park".utf8) }.map { ($0.nameZh, $0.nameEn) }
        }
    }

    static func of(_ status: NodeStatus, names: (String) -> (zh: String, en: String?)?) -> Computed {
        let stale = status.peers.compactMap { peer -> HomeStanding? in
            let name = names(peer.park)
            let standing = HomeStanding.of(peer.park, status, nameZh: name?.zh, nameEn: name?.en)
            return standing.inReach && peer.weNeed == 0 ? nil : standing
        }
        return Computed(
            vector: status.applied, computedAt: Instant(seconds: Int64(status.now / 1_000)).text, stale: stale)
    }

    /// What stands below a table.
    func lines(_ language: Language) -> [String] {
        let time = ShanghaiText.shown(computedAt) ?? computedAt
        let zone = ShanghaiText.zone(language)
        let head = language.pick("统计时点 \(time)\(zone)，数据截至 \(vector)", "computed \(time)\(zone) over \(vector)")
        return [head]
            + stale.map { park in
                let name = park.name(language)
                let heard = ShanghaiText.shown(park.lastHeardAt)
                let since = heard ?? language.pick("从未", "never")
                return language.pick(
                    "数据可能不是最新：\(name)，最近联系 \(since)", "may lack entries of \(name), last heard \(since)")
            }
    }
}
