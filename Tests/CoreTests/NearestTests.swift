import Testing

@testable import ParkSyncCore

/// What is taken for a slip of the hand, and what is not.
@Suite struct NearestTests {
    static let tables = ["resource", "organisation", "booking_request", "policy", "park"]

    static let slips: [(String, String?)] = [
        ("resuorce", "resource"), ("resources", "resource"), ("RESOURCE", "resource"), ("organization", "organisation"),
        ("polcy", "policy"),
        ("bookingrequest", "booking_request"), ("parc", "park"), ("", nil), ("x", nil), ("talent", nil),
        ("spark-plug", nil),
        (String(repeating: "resource", count: 9), nil), ("园区", nil),
    ]

    @Test("A misspelt name finds the one that was meant, and nothing else does", arguments: slips.indices)
    func slip(_ index: Int) {
        let (word, meant) = Self.slips[index]
        #expect(Nearest.match(word, in: Self.tables) == meant, "\(word)")
    }

    @Test("Of names that are equally close the first counts, whatever their order")
    func ties() {
        #expect(Nearest.match("lag", in: ["tag", "bag", "lab"]) == "bag")
        #expect(Nearest.match("lag", in: ["lab", "bag", "tag"]) == "bag")
        #expect(
            Nearest.question("polcy", in: Self.tables) == "Did you mean policy? "
                && Nearest.question("zzz", in: Self.tables).isEmpty)
    }

    /// Against the plain definition: the fewest single steps that lead from one word to the other.
    @Test func oneStepIsFoundWhateverItIs() {
        let word = Array("status")
        for index in word.indices {
            var shorter = word
            shorter.remove(at: index)
            var changed = word
            changed[index] = "x"
            var longer = word
            longer.insert("x", at: index)
            for other in [shorter, changed, longer] {
                #expect(Nearest.match(String(other), in: ["status"]) == "status", "\(String(other))")
            }
            guard index > 0 else { continue }
            var swapped = word
            swapped.swapAt(index, index - 1)
            #expect(Nearest.match(String(swapped), in: ["status"]) == "status", "\(String(swapped))")
        }
        #expect(Nearest.match("sxaxux", in: ["status"]) == nil)
    }
}
