import ArgumentParser
import ParkSyncCatalog
import ParkSyncReports
import ParkSyncStore

/// The park that decides, as this node knows it.
struct HomeStanding: Codable, Hashable, Sendable {
    var park: String
    var nameZh: String?
    var nameEn: String?
    /// Whether its node is heard now, or is this one.
    var inReach: Bool
    /// When it was heard last, in UTC; absent if it never was, or is this node.
    var lastHeardAt: String?

    enum CodingKeys: String, CodingKey {
        case park, nameZh = "name_zh", nameEn = "name_en", inReach = "in_reach", lastHeardAt = "last_heard_at"
    }

    /// A node that follows another hears it every few seconds.
    static let heardMillisecondsMax: UInt64 = 15_000

    private struct Name: Codable {
        var nameZh: String
        var nameEn: String?
        enum CodingKeys: String, CodingKey { case nameZh = "name_zh", nameEn = "name_en" }
    }

    static func read(_ park: String, at desk: ParkDesk) async throws -> HomeStanding {
        let name = try await desk.rows(RequestScreens.parkName, [.text(park)], as: Name.self).first
        return of(park, try await desk.status(), nameZh: name?.nameZh, nameEn: name?.nameEn)
    }

    static func of(_ park: String, _ status: NodeStatus, nameZh: String?, nameEn: String?) -> HomeStanding {
        var standing = HomeStanding(park: park, nameZh: nameZh, nameEn: nameEn, inReach: status.park == park)
        guard let peer = status.peers.first(where: { $0.park == park }) else { return standing }
        standing.inReach =
            [.following, .catchingUp].contains(peer.link)
            && peer.lastContactAt.map { Elapsed.between($0, status.now) <= heardMillisecondsMax } ?? false
        standing.lastHeardAt = peer.lastContactAt.map { Instant(seconds: Int64($0 / 1_000)).text }
        return standing
    }

    func name(_ language: Language) -> String { language.name(nameZh, nameEn) ?? park }

    /// What the one who asked may rely on.
    func sentence(now: UInt64, _ language: Language) -> String {
        let name = name(language)
        if inReach { return language.pick("等待\(name)答复", "\(name) has still to answer") }
        guard let heard = lastHeardAt.flatMap({ Instant($0) }) else {
            return language.pick("尚未与\(name)取得联系，恢复联系后答复", "\(name) has not been heard yet, and answers when it is")
        }
        let ago = PeopleWords.ago(Elapsed.between(UInt64(max(0, heard.seconds)) * 1_000, now), language)
        return language.pick("最近一次与\(name)联系是 \(ago)，恢复联系后答复", "\(name) was last heard \(ago)")
    }
}

/// What became of what somebody asked or did, so far.
struct AskAnswer: Codable, Hashable, Sendable {
    var request: RequestRow
    var home: HomeStanding
    /// Whether the home has answered.
    var answered: Bool
    /// Whether it refuses what was asked, or done.
    var refused: Bool
    /// Of its step: why, and what to do about it.
    var reasons: [ReasonRow]

    /// How a command ends that has waited for the answer; nil: well.
    var exit: ExitCode? { !answered ? CommandExit.degraded : refused ? CommandExit.refused : nil }

    /// - Parameters:
    ///   - now: the clock, for how long ago the home was heard.
    ///   - isAct: whether it is an act that has been answered or not, instead of the request.
    func lines(_ language: Language, now: UInt64 = RealClock().wallMilliseconds(), isAct: Bool = false) -> [String] {
        let state = language.pick(request.stateZh, request.stateEn)
        let head = "\(request.id)  "
        guard answered else {
            let done = isAct ? language.pick("\(state)，已提交；", "\(state), sent; ") : language.pick("已申请；", "asked; ")
            return [head + done + home.sentence(now: now, language)]
        }
        let time = PeopleWords.interval(request.startsAt, request.endsAt).map {
            "  \($0)\(ShanghaiText.zone(language))"
        }
        return [head + state + (time ?? "")] + reasons.map { "  \($0.sentence(language))" }
    }
}
