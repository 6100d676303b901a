import ParkSyncCore

extension Arbiter {
    /// What a request asks for, an act wants, or a step gives.
    package struct Terms: Hashable, Sendable {
        package var interval: Interval
        package var weight: Int64
        /// What a step can have: other parks ask for anything.
        static let weights: ClosedRange<Int64> = 1...1_000_000_000_000_000_000
        /// Fen, or what else the machine counts.
        package var amount: Int64?

        package init(_ interval: Interval = .always, weight: Int64 = 1, amount: Int64? = nil) {
            (self.interval, self.weight, self.amount) = (interval, weight, amount)
        }
    }

    package struct Request: Hashable, Sendable {
        package var id: ExactText
        package var kind: ExactText
        package var machine: ExactText
        package var party: ExactText
        /// The person who asks, if it is another than the party.
        package var by: ExactText?
        /// Whose consent it needs, or who is the other side: organisations and persons.
        package var others: [ExactText]
        /// The class of the user, by which rates differ.
        package var userClass: ExactText
        /// Nil: the interval is none.
        package var interval: Interval?
        package var weight: Int64
        package var amount: Int64?
        package var mayWait: Bool
        /// What was metered for it, corrections included.
        package var usage: Usage?
        /// What has been paid because of it.
        package var paid: Int64
        /// What a score is computed of.
        package var inputs: [Int64]

        package init(
            id: ExactText, kind: ExactText, machine: ExactText, party: ExactText, by: ExactText? = nil,
            others: [ExactText] = [], userClass: ExactText = "", interval: Interval? = .always, weight: Int64 = 1,
            amount: Int64? = nil, mayWait: Bool = false, usage: Usage? = nil, paid: Int64 = 0,
            inputs: [Int64] = []
        ) {
            (self.id, self.kind, self.machine, self.party, self.by) = (id, kind, machine, party, by)
            (self.others, self.userClass, self.interval, self.weight) = (others, userClass, interval, weight)
            (self.amount, self.mayWait, self.usage, self.paid) = (amount, mayWait, usage, paid)
            self.inputs = inputs
        }
    }

    package struct Act: Hashable, Sendable {
        package var id: ExactText
        package var request: ExactText
        /// A party or a person of the acting park.
        package var by: ExactText
        package var act: ExactText
        /// The step that the actor saw.
        package var onN: Int64?
        /// The same by its id, which tells apart what a fork left.
        package var onStep: ExactText?
        /// Where it is to lead, if the machine lets the actor choose.
        package var to: ExactText?
        /// What it wants instead; nil where it wants what there is.
        package var interval: IntervalWish
        package var weight: Int64?
        package var amount: Int64?
        /// Why; and of a decision, what the actor knows to be against it and overrides.
        package var reasons: Set<ExactText>
        /// Whom a decision gives the matter to.
        package var party: ExactText?
        /// The inputs of a score.
        package var inputs: [Int64]
        /// The ranking that it cites.
        package var listing: Listing?

        package init(
            id: ExactText, request: ExactText, by: ExactText, act: ExactText, onN: Int64? = nil,
            onStep: ExactText? = nil, to: ExactText? = nil, interval: IntervalWish = .same, weight: Int64? = nil,
            amount: Int64? = nil, reasons: Set<ExactText> = [], party: ExactText? = nil, inputs: [Int64] = [],
            listing: Listing? = nil
        ) {
            (self.id, self.request, self.by, self.act, self.onN, self.onStep) = (id, request, by, act, onN, onStep)
            (self.to, self.interval, self.weight, self.amount) = (to, interval, weight, amount)
            (self.reasons, self.party, self.inputs, self.listing) = (reasons, party, inputs, listing)
        }
    }

    package enum IntervalWish: Hashable, Sendable {
        case same, another(Interval)
        /// What was written is no interval.
        case bad

        package init(start: String, end: String) {
            self = Interval(start: start, end: end).map { .another($0) } ?? .bad
        }
    }

    /// A ranking as a document tells of it.
    package struct Listing: Hashable, Sendable {
        package var count: Int64
        /// In hexadecimal digits.
        package var sha256: ExactText

        package init(count: Int64, sha256: ExactText) { (self.count, self.sha256) = (count, sha256) }
    }

    package struct Step: Hashable, Sendable {
        package var id: ExactText
        package var request: ExactText
        package var n: Int64
        /// The id of the step before; nil for the first.
        package var follows: ExactText?
        package var machine: ExactText
        package var from: ExactText
        package var to: ExactText
        package var act: ExactText
        /// The act that it answers; nil where it answers the request itself, or a deadline.
        package var actID: ExactText?
        package var terms: Terms
        /// The rate that the amount was computed with.
        package var rate: ExactText?
        /// What is owed from this step on: the request's party pays it to the item's owner.
        package var owed: Int64?
        /// Sorted codes: why an act was refused, or what was decided in spite of.
        package var reasons: [ExactText]
        /// Who decided, where a person did.
        package var by: ExactText?
        package var at: Instant
        package var inputs: [Int64]
        package var listing: Listing?
        /// Whom the matter was given to.
        package var party: ExactText?
        /// When the home had first applied an entry of the park that the state waits for, whose
        /// author had seen this step; nil: not yet. Not written: the caller tells.
        package var seenAt: Instant?

        package init(
            id: ExactText, request: ExactText, n: Int64, follows: ExactText? = nil, machine: ExactText,
            from: ExactText = "", to: ExactText, act: ExactText, actID: ExactText? = nil, terms: Terms,
            rate: ExactText? = nil, owed: Int64? = nil, reasons: [ExactText] = [], by: ExactText? = nil, at: Instant,
            inputs: [Int64] = [], listing: Listing? = nil, party: ExactText? = nil, seenAt: Instant? = nil
        ) {
            (self.id, self.request, self.n, self.follows) = (id, request, n, follows)
            (self.machine, self.from, self.to, self.act, self.actID) = (machine, from, to, act, actID)
            (self.terms, self.rate, self.reasons, self.by, self.at) = (terms, rate, reasons, by, at)
            (self.inputs, self.listing, self.party, self.seenAt) = (inputs, listing, party, seenAt)
            self.owed = owed
        }

        /// Whether it says no to an act, and changes nothing.
        package var isRefusal: Bool { from == to && !reasons.isEmpty }
        /// Whether it changes what the request stands for; a refusal and a note do not.
        package var isChange: Bool { !isRefusal && act != "note" }
    }
}
