import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore
@testable import parksyncd

/// What is said of an entry whose stamp is ahead of the clock.
@Suite struct ClockRemedyTests {
    private func remedy(ahead: UInt64, offsets: [Int64]) throws -> String {
        let reports = try offsets.enumerated().map { number, offset in
            var report = PeerReport(
                peer: try #require(OriginID("park-\(number)")), link: .following, relays: [], gone: [])
            report.clockOffsetMilliseconds = offset
            return report
        }
        let stuck = StuckEntry(
            origin: try #require(OriginID("park-0")), seq: 7, state: .held, kind: StuckCause(.future), cause: "",
            remedy: "the entry's own",
            aheadMilliseconds: ahead)
        return ClockRemedy(reports).remedy(of: stuck)
    }

    /// Its author may have seen the stamp of another park, which was as far ahead as is allowed.
    @Test func whatIsDueSoonIsNobodysFault() throws {
        let text = try remedy(ahead: 79_000, offsets: [20_000, 20_000])
        #expect(
            text.contains("it is applied in 19 s, by itself") && !text.contains("reissue") && !text.contains("fence"))
    }

    @Test func ofAWrongClockItsOwnerIsTold() throws {
        #expect(
            try remedy(ahead: 79_000, offsets: [60_000, 61_000]).hasPrefix("The clock of this node is 1 min 0 s behind")
        )
        #expect(try remedy(ahead: 86_400_000, offsets: [0, 10]).contains("the clock of park-0 was ahead"))
        #expect(
            try remedy(ahead: 86_400_000, offsets: [0]) == "the entry's own",
            "one other clock alone may be the wrong one")
    }
}
