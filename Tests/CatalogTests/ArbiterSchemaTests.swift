import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

/// What the arbiter says, the schema's guards take: a step that they refuse would be refused each
/// time.
@Suite struct ArbiterSchemaTests {
    /// The machines that the park of the item decides on.
    private static let machines = SchemaRows.names.filter { !SchemaRows.machines.isDecidedByAsker($0) }

    private static func text(_ text: ExactText?) -> Value { text.map { .string($0.text) } ?? .null }

    /// The rows of one walk, by names of their own.
    private struct Rows {
        let desk: ArbiterDesk
        let seed: Int

        private var subject: ExactText { ExactText("home:desk:\(seed)") }
        private func name(_ id: ExactText) -> ExactText { ExactText("\(id)-\(seed)") }

        /// What is not the arbiter's own comes from other parks, past the guards of this one.
        var asked: [DemoStatement] {
            let item = DemoStatement(
                "INSERT INTO item (id, kind, name_zh, capacity, detail) VALUES (?1, 'desk', '座位', ?2, '{}')",
                [text(subject), .integer(desk.subject?.capacity ?? 1)])
            let requests = desk.requests.map { request in
                DemoStatement(
                    """
                    INSERT INTO request (id, kind, machine, subject_id, party_id, starts_at, ends_at, at)
                    VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, '2026-12-01T00:00:00Z')
                    """,
                    [
                        text(name(request.id)), text(request.machine), text(subject), text(request.party),
                        .string(request.interval?.start.text ?? ""), .string(request.interval?.end.text ?? "~"),
                    ])
            }
            let acts = desk.acts.map { act in
                DemoStatement(
                    """
                    INSERT INTO act (id, request_id, machine, by_id, act, on_n, at)
                    SELECT ?1, id, machine, ?3, ?4, ?5, '2026-12-01T00:00:00Z' FROM request WHERE id = ?2
                    """,
                    [
                        text(name(act.id)), text(name(act.request)), text(act.by), text(act.act),
                        .integer(act.onN ?? 0),
                    ])
            }
            return [item] + requests + acts
        }

        var decided: [DemoStatement] {
            let ids = Dictionary(
                uniqueKeysWithValues: desk.steps.enumerated().map { ($1.id, ExactText("home:step:\(seed)-\($0)")) })
            return desk.steps.map { step in
                let reasons = step.reasons.map { "\"\($0)\"" }.joined(separator: ",")
                return DemoStatement(
                    CatalogueSQL.insertStep,
                    [
                        text(subject), text(name(step.request)), .integer(step.n), text(ids[step.id]),
                        text(step.follows.flatMap { ids[$0] }), text(step.machine), text(step.from), text(step.to),
                        text(step.act), text(step.actID.map(name)), .string(step.terms.interval.start.text),
                        .string(step.terms.interval.end.text), .integer(step.terms.weight), .null, .null, .null, .null,
                        .null, .null, .null, .string("[\(reasons)]"), text(step.by), .string(step.at.text), .null,
                    ])
            }
        }

        private func text(_ text: ExactText?) -> Value { ArbiterSchemaTests.text(text) }
    }

    @Test(arguments: Self.machines) func theGuardsTakeWhatTheArbiterSays(machine: ExactText) {
        let rows = (1...3).map { Rows(desk: ArbiterWalkTests.walk(machine, seed: $0).desk, seed: $0) }
        let database = CatalogueDemoDatabase { execute in
            for sql in [
                "DROP TRIGGER item_card_insert", "DROP TRIGGER request_card", "DROP TRIGGER act_card",
                "PRAGMA ignore_check_constraints = ON",
            ] {
                execute(DemoStatement(sql))
            }
            for statement in rows.flatMap(\.asked) { execute(statement) }
            execute(DemoStatement("PRAGMA ignore_check_constraints = OFF"))
            for statement in rows.flatMap(\.decided) { execute(statement) }
        }
        #expect(database.faults.first == nil, "\(machine)")
        #expect(database.column("SELECT count(*) FROM step") == ["\(rows.reduce(0) { $0 + $1.desk.steps.count })"])
        for view in [
            "broken_chain", "forked_chain", "stray_step", "place_mismatch", "over_capacity", "request_unanswered",
            "act_unanswered",
        ] {
            #expect(database.column("SELECT count(*) FROM \(view)") == ["0"], "\(machine): \(view)")
        }
    }
}

extension DemoStatement {
    fileprivate init(_ sql: String, _ parameters: [Value] = []) {
        self.init(into: "", [])
        (self.sql, self.parameters) = (sql, parameters)
    }
}
