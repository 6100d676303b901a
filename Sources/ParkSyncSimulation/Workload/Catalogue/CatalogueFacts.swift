import ParkSyncCore
import ParkSyncStore

/// What the constant tables of the catalogue say, read from the schema itself: kinds and machines
/// that a later file adds are worked on as well.
struct CatalogueFacts: Sendable {
    struct Field: Sendable {
        var name: String
        var type: String
        /// The codes that it may have; empty if any text will do.
        var codes: [String]
        var isRequired: Bool
    }
    struct Move: Hashable, Sendable {
        var machine: String
        var from: String
        var to: String
        var act: String
        var byWhom: String
    }
    struct State: Hashable, Sendable {
        var machine: String
        var name: String
    }
    /// A kind of request.
    struct Form: Sendable {
        var kind: String
        var machine: String
        /// The kinds of items that it is for.
        var subjects: [String]
    }

    /// In the order of their names.
    let forms: [Form]
    /// Kinds of items that somebody can ask for, in the order of their names.
    let subjects: [String]
    /// Machines whose arbiter is the park that asks.
    let decidedByAsker: Set<String>
    /// By machine and the state that they begin in.
    let moves: [State: [Move]]
    /// Those that take room of their subject.
    let occupying: Set<State>
    private let fieldsOfKind: [String: [Field]]
    private let codes: [String: [String]]

    static let shared = Result { try CatalogueFacts() }

    /// - Throws: what SQLite finds wrong with the schema.
    init() throws {
        let file = try SQLiteFile(":memory:", canWrite: true)
        for part in CatalogueWorld.catalogue { try file.execute(part.sql) }
        let texts = { (sql: String) in try file.rows(sql).map { $0.map(Self.text) } }
        codes = Dictionary(
            grouping: try texts("SELECT list, code FROM code WHERE until IS NULL ORDER BY list, code"), by: \.[0]
        ).mapValues { $0.map { $0[1] } }
        let lists = codes
        fieldsOfKind = Dictionary(
            grouping: try texts(
                "SELECT kind, name, type, ifnull(list, ''), required FROM field WHERE until IS NULL ORDER BY kind, name"
            ),
            by: \.[0]
        ).mapValues { rows in
            rows.map { Field(name: $0[1], type: $0[2], codes: lists[$0[3]] ?? [], isRequired: $0[4] == "1") }
        }
        forms = try texts("SELECT kind, machine FROM kind WHERE of = 'request' AND until IS NULL ORDER BY kind").map {
            Form(kind: $0[0], machine: $0[1], subjects: lists["asks:\($0[0])"] ?? [])
        }
        subjects = Set(forms.flatMap(\.subjects)).sorted()
        decidedByAsker = Set(try texts("SELECT machine FROM machine WHERE arbiter = 'asker'").map { $0[0] })
        moves = Dictionary(
            grouping: try texts(
                """
                SELECT machine, from_state, to_state, act, by_whom FROM move WHERE until IS NULL
                ORDER BY machine, from_state, to_state, act
                """
            ).map { Move(machine: $0[0], from: $0[1], to: $0[2], act: $0[3], byWhom: $0[4]) }
        ) { State(machine: $0.machine, name: $0.from) }
        occupying = Set(
            try texts("SELECT machine, state FROM state WHERE occupies = 1").map { State(machine: $0[0], name: $0[1]) })
    }

    func fields(of kind: String) -> [Field] { fieldsOfKind[kind] ?? [] }
    func codes(_ list: String) -> [String] { codes[list] ?? [] }
    func moves(_ machine: String, from state: String) -> [Move] { moves[State(machine: machine, name: state)] ?? [] }

    /// Where a request is decided on.
    func home(of request: String, machine: String, subject: String) -> String {
        Self.park(of: decidedByAsker.contains(machine) ? request : subject)
    }

    static func park(of id: String) -> String { String(id.prefix { $0 != ":" }) }

    static func text(_ value: Value) -> String {
        switch value {
        case .text(let bytes): String(decoding: bytes, as: UTF8.self)
        case .integer(let number): "\(number)"
        default: ""
        }
    }
}
