import ParkSyncCore

/// The order of those who are to be picked from: the same at every node, since it is computed of
/// integers that the steps carry.
package enum Ranking {
    package struct Candidate: Hashable, Sendable {
        package var id: ExactText
        package var inputs: [Int64]

        package init(id: ExactText, inputs: [Int64]) { (self.id, self.inputs) = (id, inputs) }
    }

    package struct Row: Hashable, Sendable {
        package var id: ExactText
        package var score: Int64
    }

    /// Those in them are ranked.
    package static let states: Set<ExactText> = ["scored", "listed", "disputed", "selected", "not_selected"]

    /// Of the field `weights` of a round: whole numbers, whatever stands between them.
    package static func weights(_ text: String) -> [Int64] {
        text.split { !("0"..."9").contains($0) && $0 != "-" }.compactMap { Int64($0) }
    }

    /// The highest score first, the smaller id before the greater. An input beyond the weights
    /// counts nothing; sums end at the greatest number there is.
    package static func rows(_ candidates: [Candidate], weights: [Int64]) -> [Row] {
        candidates.map { Row(id: $0.id, score: score($0.inputs, weights)) }
            .sorted { $0.score == $1.score ? $0.id < $1.id : $0.score > $1.score }
    }

    /// What the document's hash is computed of: a line for each, its place, score and id.
    package static func text(_ rows: [Row]) -> String {
        rows.enumerated().map { "\($0.offset + 1)\t\($0.element.score)\t\($0.element.id)\n" }.joined()
    }

    private static func score(_ inputs: [Int64], _ weights: [Int64]) -> Int64 {
        zip(inputs, weights).reduce(0) { $0.addedOrMost($1.0.multipliedOrMost(by: $1.1)) }
    }
}

extension Arbiter.Bench {
    /// Whether one of a yearly round is within the places that there are. Who was withdrawn does
    /// not count.
    mutating func ranked(_ place: Int, _ goals: [ExactText]) -> ExactText? {
        if ranking == nil {
            let rows = Ranking.rows(candidates, weights: subject?.scoreWeights ?? [])
            ranking = Dictionary(rows.enumerated().map { ($0.element.id, $0.offset) }) { first, _ in first }
        }
        let rank = ranking?[requests[place].id].map(Int64.init) ?? .max
        let isWithin = subject?.capacity.map { rank < $0 } ?? true
        return goals.first { ($0 == "selected") == isWithin } ?? goals.first
    }

    private var candidates: [Ranking.Candidate] {
        chains.indices.compactMap { place in
            guard let head = chains[place].current, Ranking.states.contains(head.to) else { return nil }
            return Ranking.Candidate(id: requests[place].id, inputs: head.inputs)
        }
    }
}
