import ParkSyncCore
import Testing

@Suite struct TimeSpanTests {
    @Test func spansAreInTheirTwoLargestUnits() {
        let cases: [(UInt64, String)] = [
            (0, "0 ms"), (999, "999 ms"), (1_000, "1.0 s"), (4_599, "4.5 s"), (9_999, "9.9 s"), (10_000, "10 s"),
            (59_999, "59 s"),
            (60_000, "1 min 0 s"), (90_000, "1 min 30 s"), (3_599_999, "59 min 59 s"), (3_600_000, "1 h 0 min"),
            (86_399_999, "23 h 59 min"),
            (86_400_000, "1 day 0 h"), (25_927_200_000, "300 days 2 h"), (.max, "213503982334 days 14 h"),
        ]
        for (milliseconds, text) in cases {
            #expect(TimeSpan.text(milliseconds: milliseconds) == text)
            let words = text.split { !$0.isLetter }
            #expect(words.allSatisfy { TimeSpan.units.contains(String($0)) })
        }
    }

    @Test func clocksAreAheadOrBehind() {
        #expect(TimeSpan.offset(milliseconds: 25_927_200_000) == "300 days 2 h ahead")
        #expect(TimeSpan.offset(milliseconds: -1_250, to: "this node's") == "1.2 s behind this node's")
        #expect(TimeSpan.offset(milliseconds: 61_000, to: "this node's") == "1 min 1 s ahead of this node's")
        #expect(TimeSpan.offset(milliseconds: .min) == "106751991167 days 7 h behind")
    }
}
