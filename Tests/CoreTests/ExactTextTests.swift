import ParkSyncCore
import Testing

/// Texts are what their bytes are.
@Suite struct ExactTextTests {
    /// Pairs that Swift takes for equal.
    static let pairs = [
        ("caf\u{E9}", "cafe\u{301}"), ("\u{212A}", "K"), ("\u{1100}\u{1161}", "\u{AC00}"),
        ("a\u{328}\u{301}", "a\u{301}\u{328}"),
    ]

    @Test(arguments: pairs) func equivalentTextsAreTwo(a: String, b: String) {
        #expect(a == b && Set([a, b]).count == 1)
        #expect(ExactText(a) != ExactText(b) && Set([ExactText(a), ExactText(b)]).count == 2)
        #expect(ExactText(a) == ExactText(a) && !a.isExactly(b) && a.isExactly(a))
        #expect((ExactText(a) < ExactText(b)) == Array(a.utf8).lexicographicallyPrecedes(Array(b.utf8)))
        #expect((ExactText(a) < ExactText(b)) != (ExactText(b) < ExactText(a)))
    }

    @Test func aMarkBehindAPrefixDoesNotHideIt() {
        #expect(!"south:\u{301}1".hasPrefix("south:") && "south:\u{301}1".beginsExactly(with: "south:"))
        #expect("south".beginsExactly(with: "south") && !"sout".beginsExactly(with: "south"))
    }

    @Test func namesAreTheSameAsSQLiteSays() {
        #expect(
            "Thing".isSameName(as: "tHING") && !"\u{212A}".isSameName(as: "k") && !"\u{C9}".isSameName(as: "\u{E9}"))
        #expect(!"caf\u{E9}".isSameName(as: "cafe\u{301}") && "CAF\u{E9}".asciiLowercased.isExactly("caf\u{E9}"))
    }
}
