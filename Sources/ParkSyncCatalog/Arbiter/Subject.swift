import ParkSyncCore

extension Arbiter {
    /// What the home knows of the item that is asked for, and of the people around it.
    package struct Subject: Hashable, Sendable {
        package var id: ExactText
        package var isEnded = false
        /// The kinds of request that it can be asked for by; nil: all.
        package var asks: Set<ExactText>?
        /// The person whose time it is.
        package var person: ExactText?
        /// Nil: unlimited.
        package var capacity: Int64? = 1
        /// Whether a person has to approve.
        package var needsApproval = false
        /// What the home answers when nothing is against it, where the machine has several answers.
        package var answer: ExactText?
        /// The classes of users that may ask; nil: all.
        package var openTo: Set<ExactText>?
        package var rules = Rules()
        package var hours = OpeningHours()
        package var trainingCode: ExactText?
        package var credentials: [Credential] = []
        package var rates: [Rate] = []
        /// From when on the item is another park's to decide on. The arbiter finds it in the steps.
        var handedOverAt: Instant?
        /// How a score weighs each of its inputs.
        package var scoreWeights: [Int64] = []
        /// The ranking of all that were scored, as the home computed it.
        package var ranking: Listing?
        package var people = People()

        package init(id: ExactText) { self.id = id }
    }

    /// The item's booking rules; nil: there is no such rule.
    package struct Rules: Hashable, Sendable {
        package var minMinutes: Int64?
        package var maxMinutes: Int64?
        /// Between the end of one booking and the start of the next.
        package var bufferMinutes: Int64?
        package var horizonDays: Int64?
        /// The least time between asking and the start, also for one who is promoted unseen.
        package var noticeMinutes: Int64?
        /// Until how long before the start one may withdraw without being late.
        package var cancelMinutes: Int64?
        package var noShowMinutes: Int64?
        /// How long a held place waits for the manager.
        package var holdMinutes: Int64?
        /// After how long silence confirms what was metered.
        package var confirmDays: Int64?
        package var publicityDays: Int64?
        /// What of the booked price a place costs to which nobody came, or that was withdrawn late,
        /// in basis points; nil: all.
        package var noShowShare: Int64?
        package var lateShare: Int64?
        /// From when until when it may be asked for.
        package var asksFrom: Instant?
        package var asksUntil: Instant?

        package init() {}
    }

    package struct Credential: Hashable, Sendable {
        package var holder: ExactText
        package var code: ExactText
        package var valid: Interval

        package init(holder: ExactText, code: ExactText, valid: Interval = .always) {
            (self.holder, self.code, self.valid) = (holder, code, valid)
        }
    }

    /// Who may act for whom, from the links that the home has.
    package struct People: Hashable, Sendable {
        /// The organisation that the subject belongs to.
        package var owner: ExactText?
        /// Those who decide for the subject: its managers, the park's officers and operators.
        package var staff: [ExactText: Machines.Authority] = [:]
        package var reviewers: Set<ExactText> = []
        /// The organisations of each person.
        package var organisations: [ExactText: Set<ExactText>] = [:]

        package init() {}

        /// Whether what one does counts for the other. A park speaks for its own people: that one
        /// of them belongs to an organisation of another park gives that park no say there.
        func speaks(_ actor: ExactText, for party: ExactText) -> Bool {
            actor == party || (actor.park == party.park && isOf(actor, party))
        }

        func isOf(_ actor: ExactText, _ organisation: ExactText) -> Bool {
            organisations[actor]?.contains(organisation) ?? false
        }
    }
}

extension ExactText {
    /// The home park, with which every id begins: the bytes before the first colon.
    package var park: ExactText {
        ExactText(String(decoding: text.utf8.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self))
    }
}
