import ParkSyncCore

/// The yearly selections: by what the entries were scored, and the list that was published.
extension CatalogueDemo {
    /// Growth of the revenue, twice the R&D spend, and so much for each person and each patent.
    static let selectionWeights = "1 -1 2 1000000 50000000"

    private static let inputs = ["revenue", "revenue_before", "rd_spend", "staff", "patents"]

    private func inputs(_ entry: Asked) -> [Int64] {
        Self.inputs.map { name in
            guard case .integer(let number)? = entry.detail.first(where: { $0.0 == name })?.1 else { return 0 }
            return number
        }
    }

    private func ranking(_ park: Park) -> [Ranking.Row] {
        let entries = asked.filter { asked in
            asked.machine == "pick" && asked.home.index == park.index
                && asked.chain?.last.map { Ranking.states.contains(ExactText($0.to)) } ?? false
        }
        return Ranking.rows(
            entries.map { Ranking.Candidate(id: ExactText($0.id), inputs: inputs($0)) },
            weights: Ranking.weights(Self.selectionWeights))
    }

    /// What the list's document has; nothing while the round is open.
    func list(_ park: Park) -> [DemoStatement] {
        let rows = ranking(park)
        guard !rows.isEmpty else { return [] }
        let name = park.names.name
        return document(
            park, "list", about: park.id("round", 1), "list",
            DemoNames.Name("\(name.zh)遴选公示名单", "\(name.en): List of the Selection"), Ranking.text(rows),
            DemoMoment(day: roundCloses(park), minute: 30))
    }

    /// What a step in the state has of the ranking; nil where it has nothing.
    func scored(_ entry: Asked, _ state: String) -> String? {
        guard entry.machine == "pick", Ranking.states.contains(ExactText(state)) else { return nil }
        let inputs = "\"inputs\":[\(inputs(entry).map(String.init).joined(separator: ","))]"
        guard state != "scored" else { return "{\(inputs)}" }
        let rows = ranking(entry.home)
        return "{\"count\":\(rows.count),\(inputs),\"sha256\":\"\(hash(Ranking.text(rows)))\"}"
    }
}
