import ParkSyncCore

/// The steps of one request, and what follows from them. What is asked at each act is kept, not
/// computed anew: others decide how many acts there are.
struct Chain {
    /// In the order of their numbers, then of their ids.
    private(set) var steps: [Arbiter.Step]
    /// Those that no other follows.
    private(set) var heads: [Arbiter.Step]
    /// The step of the current branch that made things what they are: what came after it refused
    /// acts or noted something, and starts no deadline anew.
    private(set) var standing: Arbiter.Step?
    /// When the park that is waited for had seen how things stand: that step, or a later one.
    private(set) var seenAt: Instant?
    /// The parties that have consented to the terms that stand.
    private(set) var consents: [ExactText] = []
    /// Who saw one of these steps saw what there is. The consent of another party changes nothing:
    /// three parties may consent while they are parted.
    private var unchanged: Set<Int64> = []

    init(_ steps: [Arbiter.Step]) {
        self.steps = steps.sorted { ($0.n, $0.id) < ($1.n, $1.id) }
        let followed = Set(steps.compactMap(\.follows))
        heads = self.steps.filter { !followed.contains($0.id) }
        follow()
    }

    var isEmpty: Bool { steps.isEmpty }
    var first: Arbiter.Step? { steps.first }

    /// The heads that no person has ended for the fork. More than one: the home's log was forked.
    var live: [Arbiter.Step] { heads.count < 2 ? heads : heads.filter { $0.act != "fork" || $0.isRefusal } }

    var isForked: Bool { live.count > 1 }

    /// From where it goes on. Nil: it has not begun.
    var current: Arbiter.Step? { live.last ?? heads.last }

    /// Whether nothing has changed since step `n`.
    func isCurrent(_ n: Int64?) -> Bool { n.map(unchanged.contains) ?? false }

    mutating func append(_ step: Arbiter.Step) {
        let goesOn = step.follows == current?.id
        steps.append(step)
        heads.removeAll { $0.id == step.follows }
        heads.append(step)
        if goesOn { note(step) } else { follow() }
    }

    /// From the current step back to the first. Whoever looks for one looks no further.
    var branch: some Sequence<Arbiter.Step> {
        var (next, place) = (current, steps.count)
        return AnyIterator {
            guard let step = next else { return nil }
            next = nil
            while next == nil, place > 0 {
                place -= 1
                if steps[place].id == step.follows { next = steps[place] }
            }
            return step
        }
    }

    private mutating func follow() {
        (standing, seenAt, consents, unchanged) = (nil, nil, [], [])
        for step in branch.reversed() { note(step) }
    }

    private mutating func note(_ step: Arbiter.Step) {
        let isConsent = step.act == "consent" && step.from == step.to
        if step.isChange {
            if !isConsent { (consents, unchanged) = ([], []) }
            if isConsent, let by = step.by { consents.append(by) }
            (standing, seenAt) = (step, nil)
        }
        standing = standing ?? step
        seenAt = [seenAt, step.seenAt].compactMap { $0 }.min()
        unchanged.insert(step.n)
    }
}
