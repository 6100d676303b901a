/// What a node's status means for its operator. Only what was checked counts as good.
package struct Verdict: Hashable, Codable, Sendable {
    package enum Level: String, Hashable, Codable, Comparable, CaseIterable, Sendable {
        /// Ready, every link followed, nothing waits, and the same tables as every peer at this
        /// very vector.
        case good
        /// Something is in progress, waits, or is not known.
        case degraded
        /// An operator has to act.
        case broken

        package var exit: Int32 {
            switch self {
            case .good: 0
            case .degraded: 1
            case .broken: 2
            }
        }

        package static func < (a: Level, b: Level) -> Bool { a.exit < b.exit }
    }

    package struct Reason: Hashable, Codable, Sendable {
        package var level: Level
        /// What it is, by a name that does not change with the text.
        package var cause: Cause
        /// The peer that it is about; nil if it is about the node.
        package var park: String?
        /// The log, table or part of the node that it is about, if there may be several; two
        /// reasons of one cause, park and subject are one.
        package var subject: String?
        /// What is so, and what to do about it.
        package var text: String

        package init(_ level: Level, _ cause: Cause, _ text: String, park: String? = nil, subject: String? = nil) {
            (self.level, self.cause, self.text, self.park, self.subject) = (level, cause, text, park, subject)
        }
    }

    package var level: Level
    /// The exit status of `syncctl status`.
    package var exit: Int32
    /// The worst first.
    package var reasons: [Reason]

    /// A peer that was not heard for longer than this is not followed, whatever the link says.
    package static let contactMillisecondsMax: UInt64 = 15_000
    /// Stamps from further in the future are held by the peers.
    package static let clockOffsetMillisecondsMax: UInt64 = 30_000

    package init(_ reasons: [Reason]) {
        let sorted = reasons.enumerated().sorted { a, b in
            a.element.level == b.element.level ? a.offset < b.offset : a.element.level > b.element.level
        }
        level = reasons.map(\.level).max() ?? .good
        exit = level.exit
        self.reasons = sorted.map(\.element)
    }

    package static func judge(_ status: NodeStatus) -> Verdict {
        Verdict(NodeVerdict.reasons(status) + status.peers.flatMap { PeerVerdict(peer: $0, status: status).reasons() })
    }

    /// For a node that does not answer.
    package static func unreachable(_ failure: String) -> Verdict { Verdict([Reason(.broken, .unreachable, failure)]) }
}
