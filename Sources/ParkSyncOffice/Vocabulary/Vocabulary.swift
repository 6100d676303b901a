import ParkSyncCore
import ParkSyncReports

/// The constant tables of a node's schema as values: kinds, their fields and codes, machines with
/// their states and moves, reasons.
///
/// Forms, columns, filters and labels derive from these rows. What a schema file adds is there
/// with the next reading, and nothing of the code knows it by its name.
package struct Vocabulary: Hashable, Sendable {
    package private(set) var kinds: [Kind] = []
    package private(set) var machines: [Machine] = []
    package private(set) var reasons: [ReasonRow] = []
    private var kindByName: [ExactText: Kind] = [:]
    private var fieldsByKind: [ExactText: [Field]] = [:]
    private var codesByList: [ExactText: [Code]] = [:]
    private var statesByMachine: [ExactText: [State]] = [:]
    private var movesByMachine: [ExactText: [Move]] = [:]
    private var reasonByCode: [ExactText: ReasonRow] = [:]

    /// Reads the rows that are in force. They only change with the schema of the node.
    package static func read(from store: any OfficeStore) async throws -> Vocabulary {
        func rows<Row: Decodable>(_ sql: String) async throws -> [Row] {
            try RowCoding.decode(Row.self, try await store.read(SQLStatement(sql)))
        }
        return Vocabulary(
            kinds: try await rows("SELECT kind, of, machine, zh, en FROM kind WHERE until IS NULL ORDER BY of, kind"),
            fields: try await rows(
                """
                SELECT kind, name, type, required, unit, list, zh, en, standard FROM field WHERE until IS NULL
                ORDER BY kind, required DESC, name
                """),
            codes: try await rows("SELECT list, code, zh, en FROM code WHERE until IS NULL ORDER BY list, code"),
            machines: try await rows(
                "SELECT machine, arbiter, zh, en FROM machine WHERE until IS NULL ORDER BY machine"),
            states: try await rows(
                """
                SELECT machine, state, occupies, ends, waits_for, deadline, zh, en FROM state WHERE until IS NULL
                ORDER BY machine, state
                """),
            moves: try await rows(
                """
                SELECT machine, from_state, to_state, act, by_whom FROM move WHERE until IS NULL
                ORDER BY machine, from_state, act, to_state
                """),
            reasons: try await rows(
                """
                SELECT code, override_by, zh, en, remedy_zh, remedy_en FROM reason WHERE until IS NULL ORDER BY code
                """))
    }

    package init(
        kinds: [Kind], fields: [Field], codes: [Code], machines: [Machine], states: [State], moves: [Move],
        reasons: [ReasonRow]
    ) {
        (self.kinds, self.machines, self.reasons) = (kinds, machines, reasons)
        kindByName = Dictionary(kinds.map { (ExactText($0.kind), $0) }) { first, _ in first }
        fieldsByKind = Dictionary(grouping: fields) { ExactText($0.kind) }
        codesByList = Dictionary(grouping: codes) { ExactText($0.list) }
        statesByMachine = Dictionary(grouping: states) { ExactText($0.machine) }
        movesByMachine = Dictionary(grouping: moves) { ExactText($0.machine) }
        reasonByCode = Dictionary(reasons.map { (ExactText($0.code), $0) }) { first, _ in first }
    }

    package func kind(_ name: String) -> Kind? { kindByName[ExactText(name)] }
    package func reason(_ code: String) -> ReasonRow? { reasonByCode[ExactText(code)] }
    /// What must be given stands first.
    package func fields(of kind: String) -> [Field] { fieldsByKind[ExactText(kind)] ?? [] }
    package func codes(of list: String) -> [Code] { codesByList[ExactText(list)] ?? [] }
    package func states(of machine: String) -> [State] { statesByMachine[ExactText(machine)] ?? [] }
    package func moves(of machine: String) -> [Move] { movesByMachine[ExactText(machine)] ?? [] }

    package func code(_ code: String, in list: String) -> Code? {
        codes(of: list).first { $0.code.isExactly(code) }
    }

    package func state(_ state: String, of machine: String) -> State? {
        states(of: machine).first { $0.state.isExactly(state) }
    }

    /// The kinds of request that an item of a kind takes.
    package func asks(of itemKind: String) -> [Kind] {
        kinds.filter { $0.isRequest && code(itemKind, in: "asks:\($0.kind)") != nil }
    }

    /// Whether the park that asks is the one that decides.
    package func isDecidedByAsker(_ machine: String) -> Bool {
        machines.first { $0.machine.isExactly(machine) }?.arbiter == "asker"
    }

    /// The state in which requests of a machine begin.
    package func initial(of machine: String) -> State? {
        let begin = moves(of: machine).first { $0.fromState.isEmpty && $0.act == "ask" }
        return begin.flatMap { state($0.toState, of: machine) }
    }
}
