import ParkSyncCore

/// Names of the constant tables are written as they are; values from rows are compared by their
/// bytes.
extension ExactText: ExpressibleByStringLiteral {
    // Not a String: `ExactText.init` stays one function.
    package init(stringLiteral text: StaticString) { self.init(text.description) }
}

/// Who decides, who may ask for what, and what follows: the rows of the constant tables `machine`,
/// `state`, `move` and `reason` as values. The rules of the catalogue are driven by them and know
/// no state by its name but where a machine says something of its own.
package struct Machines: Hashable, Sendable {
    package struct State: Hashable, Sendable {
        package var machine: ExactText
        package var name: ExactText
        /// Whether a request in it takes room of the subject.
        package var occupies: Bool
        /// Whether nothing follows.
        package var ends: Bool
        package var waitsFor: ExactText?
        /// The name of the rule that gives the moment at which it ends by itself.
        package var deadline: ExactText?

        package init(
            machine: ExactText, name: ExactText, occupies: Bool, ends: Bool, waitsFor: ExactText? = nil,
            deadline: ExactText? = nil
        ) {
            (self.machine, self.name, self.occupies, self.ends) = (machine, name, occupies, ends)
            (self.waitsFor, self.deadline) = (waitsFor, deadline)
        }
    }

    package struct Move: Hashable, Sendable {
        package var machine: ExactText
        /// Empty for the first step of a request.
        package var from: ExactText
        package var to: ExactText
        package var act: ExactText
        package var byWhom: ExactText

        package init(machine: ExactText, from: ExactText, to: ExactText, act: ExactText, byWhom: ExactText) {
            (self.machine, self.from, self.to, self.act, self.byWhom) = (machine, from, to, act, byWhom)
        }
    }

    /// A reason and who may act in spite of it; nil: nobody.
    package struct Reason: Hashable, Sendable {
        package var code: ExactText
        package var overrideBy: Authority?

        package init(code: ExactText, overrideBy: Authority?) { (self.code, self.overrideBy) = (code, overrideBy) }
    }

    /// Those who decide at a park; each may do what the ones before may.
    package enum Authority: String, Hashable, Comparable, Sendable, CaseIterable {
        case manager, officer, `operator`

        private var rank: Int {
            switch self {
            case .manager: 0
            case .officer: 1
            case .operator: 2
            }
        }
        package static func < (a: Authority, b: Authority) -> Bool { a.rank < b.rank }
    }

    private struct Place: Hashable, Sendable {
        var machine: ExactText
        var state: ExactText
    }

    private var states: [Place: State] = [:]
    private var moves: [Place: [Move]] = [:]
    private var reasons: [ExactText: Reason] = [:]
    private var decidedByAsker: Set<ExactText> = []

    /// - Parameter decidedByAsker: the machines whose arbiter is the park that asks.
    package init(
        decidedByAsker: Set<ExactText>, states: some Sequence<State>, moves: some Sequence<Move>,
        reasons: some Sequence<Reason>
    ) {
        self.decidedByAsker = decidedByAsker
        for state in states { self.states[Place(machine: state.machine, state: state.name)] = state }
        for move in moves { self.moves[Place(machine: move.machine, state: move.from), default: []].append(move) }
        for place in self.moves.keys {
            self.moves[place]?.sort { ($0.act, $0.to, $0.byWhom) < ($1.act, $1.to, $1.byWhom) }
        }
        for reason in reasons { self.reasons[reason.code] = reason }
    }

    /// Whether it waits for parties that may be of any park.
    package func hasParties(_ machine: ExactText) -> Bool {
        states.values.contains { $0.machine == machine && $0.waitsFor == "party" }
    }

    package func isDecidedByAsker(_ machine: ExactText) -> Bool { decidedByAsker.contains(machine) }

    package func state(_ name: ExactText, of machine: ExactText) -> State? {
        states[Place(machine: machine, state: name)]
    }

    /// Those that begin in a state, sorted by act and by where they lead.
    package func moves(_ machine: ExactText, from state: ExactText) -> [Move] {
        moves[Place(machine: machine, state: state)] ?? []
    }

    package func moves(_ machine: ExactText, from state: ExactText, act: ExactText) -> [Move] {
        moves(machine, from: state).filter { $0.act == act }
    }

    /// Those that carry an act out, in a state. The others say no to it.
    package func effects(_ machine: ExactText, from state: ExactText, act: ExactText) -> [Move] {
        moves(machine, from: state, act: act).filter { $0.from != $0.to || $0.byWhom != "anyone" || act == "note" }
    }

    package func declares(_ machine: ExactText, from: ExactText, to: ExactText, act: ExactText) -> Bool {
        moves(machine, from: from).contains { $0.to == to && $0.act == act }
    }

    /// Where a request of the machine begins.
    package func initial(_ machine: ExactText) -> ExactText? { moves(machine, from: "", act: "ask").first?.to }

    package func reason(_ code: ExactText) -> Reason? { reasons[code] }
}
