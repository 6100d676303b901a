import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// Worlds whose schema is the catalogue: time passes for its deadlines, and in the end everything
/// that was asked has to be answered, by declared moves, within what there is.
extension World {
    /// Days pass at the end, so that what waits for the clock alone comes to its end.
    private static let lastDaysMilliseconds: UInt64 = 40 * 86_400_000

    /// Minutes, hours or days go by on the wall clocks of all parks.
    func passTime(_ seed: UInt64) {
        guard work.hasArbiters else { return }
        var draw = SplitMix64(state: seed)
        let longest: UInt64 =
            switch draw.below(20) {
            case 0..<16: 240_000
            case 16..<19: 6 * 3_600_000
            default: 4 * 86_400_000
            }
        passedMilliseconds += draw.below(longest)
    }

    /// All deadlines of the machines pass.
    func passLastDays() {
        guard work.hasArbiters else { return }
        passedMilliseconds += Self.lastDaysMilliseconds
    }

    // MARK: the end

    /// What a home has still to do: requests and acts to answer, and what the clock has to move.
    ///
    /// - Parameter all: also where others have to have seen a step first. Only the home knows since
    ///   when they have.
    func unanswered(after all: Bool) -> [String] {
        guard work.hasArbiters else { return [] }
        return agreeing.compactMap { park in
            // Its rows are about to change, or it does not run.
            guard let store = park.store, store.standing().isReady, !park.disk.isDead else { return nil }
            let home = [
                Value.string(park.origin.park), .string(ValueMix.instant(park.clock.wallMilliseconds())),
                .integer(all ? 1 : 0),
            ]
            do {
                let file = try park.witness ?? SQLiteFile(park.path)
                park.witness = file
                guard let row = try file.rows(Self.unansweredSQL, home).first else { return nil }
                return "\(park.origin) has not answered \(ModelReader.show(row))"
            } catch { return "\(park.origin) cannot be asked what is open: \(error)" }
        }
    }

    private static let unansweredSQL = """
        SELECT 'request', id, decided_at_id FROM request_unanswered
        WHERE decided_at_id >= ?1 || ':' AND decided_at_id < ?1 || ';' AND ?2 <> ''
        UNION ALL SELECT 'act', a.id, a.act FROM act_unanswered AS a
        JOIN request AS r ON r.id = a.request_id JOIN machine AS m ON m.machine = r.machine
        WHERE CASE m.arbiter WHEN 'asker' THEN r.id ELSE r.subject_id END >= ?1 || ':'
            AND CASE m.arbiter WHEN 'asker' THEN r.id ELSE r.subject_id END < ?1 || ';'
        UNION ALL SELECT 'deadline', request_id, rule || ' at ' || due_at FROM deadline
        WHERE subject_id >= ?1 || ':' AND subject_id < ?1 || ';' AND due_at <= ?2
            AND (?3 OR waits_for NOT IN ('asker', 'holder', 'party', 'reviewer') AND rule <> 'no_show')
        LIMIT 1
        """

    /// What the machines came to, and what must hold of it.
    func concludeCatalogue(_ park: SimulatedPark) throws {
        guard work.hasArbiters else { return }
        let facts = try CatalogueFacts.shared.get()
        let file = try SQLiteFile(park.path)
        let observation = try NodeWitness.observe(
            file, schemas: judge.oracle.schemas, withLog: false, archive: park.archivePath)
        let sparing = judge.withCopies
        let breaches =
            Checks.overbooked(observation, facts: facts, sparing: sparing)
            + Checks.moves(observation, facts: facts, sparing: sparing) + Checks.money(observation, sparing: sparing)
        for breach in breaches.prefix(1) { judge.fail(breach.number, "\(breach)") }
        for (view, columns) in Self.emptyViews {
            let found = try file.rows("SELECT \(columns) FROM \(view)").first {
                !sparing.contains(CatalogueFacts.park(of: CatalogueFacts.text($0[0])))
            }
            if let found { judge.fail(14, "\(park.origin): \(view) has \(ModelReader.show(found))") }
        }
        for sql in Self.figures {
            for row in try file.rows(sql) {
                guard case .integer(let count)? = row.last else { continue }
                counters.add(CatalogueFacts.text(row[0]), Int(count))
            }
        }
    }

    /// What came of it, for people and for tests of the workload.
    private static let figures = [
        "SELECT machine || ' ended as ' || state, count(*) FROM place GROUP BY 1",
        // A refusal stays in its state, with reasons.
        """
        SELECT machine || ' moved by ' || act, count(*) FROM step
        WHERE json_array_length(reasons) = 0 OR from_state <> to_state GROUP BY 1
        """,
        "SELECT machine || ' was ' || to_state, count(*) FROM step GROUP BY 1",
        "SELECT 'reason ' || j.value, count(*) FROM step AS s, json_each(s.reasons) AS j GROUP BY 1",
    ]

    /// The first column says whose home wrote it.
    private static let emptyViews = [
        ("stray_step", "subject_id, request_id, n"), ("stray_act", "id, request_id"),
        ("broken_chain", "subject_id, request_id, n"), ("forked_chain", "subject_id, request_id, n"),
        ("place_mismatch", "subject_id, request_id, is_right"), ("over_capacity", "subject_id, capacity, peak"),
        ("overdrawn", "account_id, amount"), ("unbalanced", "unit_id, amount"),
        ("account_mismatch", "park_id, account_id, paid_in, paid_out"),
    ]
}

extension Judge {
    /// Promise 8 at any moment, as the schema itself sees it.
    mutating func lookAtPlaces(of park: SimulatedPark, _ witness: SQLiteFile) throws {
        if withCopies.contains(park.origin.park) { return }
        let row = try witness.rows(
            """
            SELECT subject_id, capacity, peak FROM over_capacity
            WHERE subject_id >= ?1 || ':' AND subject_id < ?1 || ';' LIMIT 1
            """, [.string(park.origin.park)]
        ).first
        if let row { fail(8, "\(park.origin) has given more than there is: \(ModelReader.show(row))") }
    }
}
