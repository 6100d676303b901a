import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// The park that decides, as this node knows it.
package struct HomeStanding: Codable, Hashable, Sendable {
    package var park: String
    package var nameZh: String?
    package var nameEn: String?
    /// Whether its node is heard now, or is this one.
    package var inReach: Bool
    /// When it was heard last, in UTC; absent if it never was, or is this node.
    package var lastHeardAt: String?

    enum CodingKeys: String, CodingKey {
        case park, nameZh = "name_zh", nameEn = "name_en", inReach = "in_reach", lastHeardAt = "last_heard_at"
    }

    package func name(_ language: Language) -> String { language.name(nameZh, nameEn) ?? park }

    /// What the one who asked may rely on.
    package func sentence(now: Instant, _ language: Language) -> String {
        let name = name(language)
        if inReach { return language.pick("等待\(name)答复", "\(name) has still to answer") }
        guard let heard = lastHeardAt.flatMap({ Instant($0) }) else {
            return language.pick("尚未与\(name)取得联系，恢复联系后答复", "\(name) has not been heard yet, and answers when it is")
        }
        let ago = Self.ago(max(0, now.seconds - heard.seconds)).text(language)
        return language.pick("最近一次与\(name)联系是 \(ago)，恢复联系后答复", "\(name) was last heard \(ago)")
    }

    /// How long ago, as people say it.
    static func ago(_ seconds: Int64) -> Wording {
        let minutes = seconds / 60
        if minutes < 1 { return Wording("\(seconds) 秒前", "\(seconds) s ago") }
        if minutes < 120 { return Wording("\(minutes) 分钟前", "\(minutes) min ago") }
        if minutes < 2 * 1_440 { return Wording("\(minutes / 60) 小时前", "\(minutes / 60) h ago") }
        return Wording("\(minutes / 1_440) 天前", "\(minutes / 1_440) days ago")
    }
}

/// What became of what somebody asked or did, so far.
package struct Answer: Hashable, Sendable {
    package var request: Record
    package var home: HomeStanding
    /// Whether the home has answered.
    package var isAnswered: Bool
    /// Of the last step: why, and what to do about it.
    package var reasons: [ReasonRow]
}

extension Office {
    /// Looks once at what became of a request, or of an act on it. What is known here is not all
    /// that there is: a home that is out of reach may have answered.
    package func answer(to request: String, act: String? = nil) async throws -> Answer {
        try check(.read)
        let isAct: Bool? =
            if let act { !(try await rows(RequestScreens.answer, [.text(act)], as: AnswerRow.self)).isEmpty } else {
                nil
            }
        // Behind the other look: the step is there if the answer is.
        let (standing, _) = try await standing(request)
        let table = vocabulary.table(of: standing.kind) ?? .requests
        guard let record = try await records(table, id: standing.id).first else {
            throw OfficeFault.unknown(request, Self.requestField)
        }
        let codes = record.isSeen ? standing.reasons?.texts ?? [] : []
        return Answer(
            request: record, home: try await home(standing.arbiterPark),
            isAnswered: isAct ?? isDecided(standing), reasons: codes.compactMap { vocabulary.reason($0) })
    }

    private struct AnswerRow: Codable { var n: Int64 }

    /// A request is answered once its arbiter has gone on from taking it up.
    private func isDecided(_ request: RequestStanding) -> Bool {
        let initial = vocabulary.initial(of: request.machine)
        let isAtStart = initial?.state.isExactly(request.state) == true && initial?.waitsFor == "arbiter"
        return request.n > 1 || (request.n == 1 && !isAtStart)
    }

    private struct Name: Codable {
        var nameZh: String
        var nameEn: String?
        enum CodingKeys: String, CodingKey { case nameZh = "name_zh", nameEn = "name_en" }
    }

    func home(_ name: String) async throws -> HomeStanding {
        let named = try await rows(RequestScreens.parkName, [.text(name)], as: Name.self).first
        var home = HomeStanding(
            park: name, nameZh: named?.nameZh, nameEn: named?.nameEn, inReach: name.isExactly(park))
        if home.inReach { return home }
        if let peer = try await store.standing().parks.first(where: { $0.park.isExactly(name) }) {
            (home.inReach, home.lastHeardAt) = (peer.inReach, peer.lastHeard?.text)
        }
        return home
    }
}
