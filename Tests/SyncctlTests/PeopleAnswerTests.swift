import ArgumentParser
import Foundation
import ParkSyncReports
import Testing

@testable import syncctl

/// What is told of an answer that has not come, and of one that has.
@Suite struct PeopleAnswerTests {
    private static let now: UInt64 = 1_796_616_000_000

    private static func status(_ link: NodeStatus.Peer.Link, heard: UInt64?) -> NodeStatus {
        var status = SyncctlVerdictTests.status()
        (status.park, status.now) = ("bio", now)
        var peer = NodeStatus.Peer(park: "science", url: "https://science", link: link)
        peer.lastContactAt = heard
        status.peers = [peer]
        return status
    }

    private static func home(_ link: NodeStatus.Peer.Link, heard: UInt64?) -> HomeStanding {
        HomeStanding.of("science", status(link, heard: heard), nameZh: "科学城", nameEn: "Science City")
    }

    private static func request(_ state: String, n: Int64, reasons: [String] = []) -> RequestRow {
        RequestRow(
            id: "bio:booking:1", kind: "booking", kindZh: "使用预约", kindEn: "booking", machine: "booking",
            subjectID: "science:instrument:1", partyID: "bio:organisation:1", branch: "", n: n, state: state,
            stateZh: "状态", stateEn: state, startsAt: "2026-12-07T06:00:00Z", endsAt: "2026-12-07T08:00:00Z", weight: 1,
            reasons: TextList(reasons), waitsFor: "arbiter", arbiterPark: "science", askedAt: "2026-12-01T00:00:00Z")
    }

    @Test func aHomeOutOfReachIsToldHonestly() {
        let away = Self.home(.waiting, heard: Self.now - 12 * 60_000)
        #expect(!away.inReach && away.lastHeardAt != nil)
        let answer = AskAnswer(
            request: Self.request("sent", n: 0), home: away, answered: false, refused: false, reasons: [])
        #expect(
            answer.lines(.en, now: Self.now) == ["bio:booking:1  asked; Science City was last heard 12 min ago"])
        #expect(answer.lines(.zh, now: Self.now)[0].contains("最近一次与科学城联系是 12 分钟前".replacing("是12", with: "是12")))
        let never = AskAnswer(
            request: Self.request("sent", n: 0), home: Self.home(.connecting, heard: nil), answered: false,
            refused: false, reasons: [])
        #expect(never.lines(.en, now: Self.now)[0].contains("Science City has not been heard yet"))
    }

    @Test func aHomeInReachHasStillToAnswer() {
        #expect(Self.home(.following, heard: Self.now - 1_000).inReach)
        // A link that nothing has come over for long is no reach.
        #expect(!Self.home(.following, heard: Self.now - 60_000).inReach)
        #expect(!Self.home(.paused, heard: Self.now).inReach)
        let own = HomeStanding.of("bio", Self.status(.waiting, heard: nil), nameZh: nil, nameEn: nil)
        #expect(own.inReach && own.lastHeardAt == nil && own.name(.zh) == "bio")
    }

    @Test func anAnswerHasItsReasons() {
        let past = ReasonRow(
            code: "past", zh: "所选时间已过", en: "the time is past", remedyZh: "选择将来的时间", remedyEn: "choose a time to come")
        let answer = AskAnswer(
            request: Self.request("refused", n: 2, reasons: ["past"]), home: Self.home(.following, heard: Self.now),
            answered: true, refused: true, reasons: [past])
        #expect(
            answer.lines(.en, now: Self.now) == [
                "bio:booking:1  refused  2026-12-07 14:00 – 16:00 (Asia/Shanghai)",
                "  starts_at: the time is past; choose a time to come. [past]",
            ])
    }

    @Test func aRefusalHasAnExitStatusOfItsOwn() {
        func exit(answered: Bool, refused: Bool) -> Int32? {
            AskAnswer(
                request: Self.request("asked", n: 1), home: Self.home(.following, heard: Self.now),
                answered: answered, refused: refused, reasons: []
            ).exit?.rawValue
        }
        #expect(exit(answered: true, refused: false) == nil && exit(answered: true, refused: true) == 4)
        #expect(exit(answered: false, refused: false) == 1)
        typealias Answer = Answering.Answer
        #expect(Answer(Self.request("refused", n: 2, reasons: ["past"])).isRefusal)
        #expect(!Answer(Self.request("waitlisted", n: 2, reasons: ["no_room"])).isRefusal)
        for (from, to, reasons, isRefusal) in [
            ("confirmed", "confirmed", ["closed"], true), ("confirmed", "confirmed", [], false),
            ("held", "refused", ["broken_down"], false), ("publicised", "objected", ["objection"], false),
        ] {
            let answer = Answer(ActAnswer(fromState: from, state: to, reasons: TextList(reasons)))
            #expect(answer.isRefusal == isRefusal && answer.reasons == reasons, "\(from) \(to)")
        }
    }

    @Test func takingItUpIsNoAnswer() {
        let initial = Possible.Initial(state: "asked", waitsFor: "arbiter")
        #expect(!Answering.isDecided(Self.request("sent", n: 0), initial))
        #expect(!Answering.isDecided(Self.request("asked", n: 1), initial))
        #expect(Answering.isDecided(Self.request("confirmed", n: 2), initial))
        // Where a person is waited for, the first step is all that the arbiter says.
        let listed = Possible.Initial(state: "listed", waitsFor: "manager")
        #expect(Answering.isDecided(Self.request("listed", n: 1), listed))
    }

    @Test func aDecisionLeadsSomewhere() throws {
        func move(_ state: String) -> MoveRow {
            MoveRow(
                act: "decide", state: state, stateZh: state, stateEn: state, occupies: 0, ends: 0, byWhom: "manager")
        }
        let row = Self.request("held", n: 2)
        let two = [move("confirmed"), move("refused")]
        #expect(try Decide.state("approve", row, two) == "confirmed" && Decide.state("decline", row, two) == "refused")
        #expect(try Decide.state("confirmed", row, two) == "confirmed")
        let three = [move("review"), move("supplement"), move("refused")]
        #expect(try Decide.state("supplement", row, three) == "supplement")
        for (decision, moves) in [("approve", three), ("approve", []), ("maybe", two), ("decline", [move("review")])] {
            let fault = #expect(throws: PeopleFault.self) { try Decide.state(decision, row, moves) }
            #expect(fault?.code == "not_this_state")
        }
    }

    @Test func reasonsAreAnArrayInJSONWhateverTheyAreInARow() throws {
        for (text, texts) in [("\"[\\\"a\\\",\\\"b\\\"]\"", ["a", "b"]), ("[\"a\"]", ["a"]), ("\"no array\"", [])] {
            let list = try JSONCoding.decode(TextList.self, from: text.utf8)
            #expect(list.texts == texts)
            #expect(try JSONCoding.decode(TextList.self, from: JSONEncoder().encode(list)) == list)
        }
    }
}
