/// Finds what somebody meant who misspelt a name.
package enum Nearest {
    /// Longer words are not compared: no name is so long, and the work grows with the square.
    static let wordLengthMax = 64

    /// The candidate that is closest to `word`, or nil if none is close: letters left out, added,
    /// changed or swapped with their neighbour, one for every three letters of the word, and three
    /// at most. Of equally close ones the first in alphabetical order.
    package static func match(_ word: some StringProtocol, in candidates: some Sequence<String>) -> String? {
        let wanted = letters(word)
        guard (1...wordLengthMax).contains(wanted.count) else { return nil }
        var best: (distance: Int, name: String)?
        for name in candidates.sorted() {
            let letters = letters(name)
            guard (1...wordLengthMax).contains(letters.count) else { continue }
            let distance = distance(wanted, letters)
            if distance < best?.distance ?? Int.max { best = (distance, name) }
        }
        guard let best, best.distance <= min(3, max(1, wanted.count / 3)) else { return nil }
        return best.name
    }

    /// The candidate as half a sentence to begin a remedy with; empty if there is none.
    package static func question(_ word: some StringProtocol, in candidates: some Sequence<String>) -> String {
        match(word, in: candidates).map { "Did you mean \($0)? " } ?? ""
    }

    private static func letters(_ word: some StringProtocol) -> [Unicode.Scalar] {
        Array(word.lowercased().unicodeScalars)
    }

    /// Optimal string alignment: the fewest changes of one letter, and swaps of neighbours, that
    /// lead from one word to the other.
    private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var before: [Int] = []
        var last = Array(0...b.count)
        for row in 1...a.count {
            var next = [row]
            for column in 1...b.count {
                let change = last[column - 1] + (a[row - 1] == b[column - 1] ? 0 : 1)
                var least = min(change, last[column] + 1, next[column - 1] + 1)
                if row > 1, column > 1, a[row - 1] == b[column - 2], a[row - 2] == b[column - 1] {
                    least = min(least, before[column - 2] + 1)
                }
                next.append(least)
            }
            (before, last) = (last, next)
        }
        return last[b.count]
    }
}
