/// What waits for the people of a park.
extension RequestScreens {
    /// What waits for park `?1`; what has the next deadline first. With `?2`, only what that person
    /// can do: a manager what his organisation has, an officer what the park has, and everybody
    /// what he asked for or is named in. At most `?3`.
    ///
    /// Deadlines follow from the items' rules and are kept nowhere, so all that may come first is
    /// sorted; only what is shown gets its names.
    ///
    /// - Parameter isWhole: also what waits for a clock or the arbiter. Most of what is alive does,
    ///   and is not read otherwise.
    package static func inbox(isWhole: Bool) -> String {
        let waiting = isWhole ? "\(people(and: "'arbiter'"))\nUNION ALL \(soon)\nUNION ALL \(later)" : people()
        return """
            WITH \(isWhole ? first : "")waiting AS (
                \(waiting)
                ORDER BY due_at NULLS LAST, since_at, request_id LIMIT ?3)
            SELECT w.request_id, r.kind, k.zh AS kind_zh, k.en AS kind_en, w.machine, w.subject_id,
                t.name_zh AS subject_zh, t.name_en AS subject_en, r.party_id, ifnull(o.name_zh, e.name_zh) AS party_zh,
                ifnull(o.name_en, e.name_en) AS party_en, w.state, w.state_zh, w.state_en, w.n, w.waits_for, w.for_id,
                w.starts_at, w.ends_at, w.weight, w.since_at, w.due_at
            FROM waiting AS w
            JOIN request AS r ON r.id = w.request_id
            JOIN kind AS k ON k.kind = r.kind
            LEFT JOIN item AS t ON t.id = r.subject_id
            LEFT JOIN organisation AS o ON o.id = r.party_id
            LEFT JOIN person AS e ON e.id = r.party_id
            ORDER BY w.due_at NULLS LAST, w.since_at, w.request_id
            """
    }

    private static func dueAt(_ row: String) -> String {
        """
        (SELECT min(d.due_at) FROM deadline AS d
            WHERE d.subject_id = \(row).subject_id AND d.request_id = \(row).request_id)
        """
    }

    // MARK: for people

    /// - Parameter others: whom it waits for besides.
    private static func people(and others: String? = nil) -> String {
        let all = ["'asker'", "'holder'", "'manager'", "'party'", "'reviewer'"] + [others].compactMap { $0 }
        return """
            SELECT i.waits_for, i.for_id, i.request_id, i.subject_id, i.machine, i.state, i.state_zh, i.state_en, i.n,
                i.starts_at, i.ends_at, i.weight, i.since_at, \(dueAt("i")) AS due_at
            FROM inbox AS i JOIN request AS r ON r.id = i.request_id
            WHERE i.park = ?1 AND i.waits_for IN (\(all.joined(separator: ", "))) AND \(isNamed) AND \(isTheirs)
            """
    }

    /// Parties and reviewers may be of any park: theirs is the row that names them.
    private static let isNamed = "(i.waits_for NOT IN ('party', 'reviewer') OR i.for_id IS NOT NULL)"

    private static let isTheirs = """
        (?2 IS NULL OR i.for_id IN (?2, (SELECT organisation_id FROM person WHERE id = ?2))
            OR (i.waits_for IN ('asker', 'holder')
                AND (?2 IN (r.by_id, r.party_id) OR r.party_id = (SELECT organisation_id FROM person WHERE id = ?2)))
            OR (i.waits_for = 'manager' AND (
                EXISTS (SELECT 1 FROM link AS l WHERE l.object_id = ?2 AND l.relation IN ('manager', 'officer')
                    AND l.subject_id IN (i.subject_id, ?1 || ':park'))
                OR EXISTS (SELECT 1 FROM person AS p
                    WHERE p.id = ?2 AND p.state = 'active' AND \(ItemScreens.park("p.id")) = ?1
                        AND (p.kind = 'officer' OR (p.kind = 'manager' AND (p.organisation_id IS NULL
                            OR p.organisation_id = (SELECT t.owner_id FROM item AS t WHERE t.id = r.subject_id))))))))
        """

    // MARK: for the clock

    /// The deadlines of these never fall due before their time begins, and most of what waits for
    /// the clock is of them: confirmed bookings.
    private static let atTheirTime = "('no_show', 'starts', 'ends', 'attend')"

    private static let clockColumns = """
        SELECT p.waits_for, NULL AS for_id, p.request_id, p.subject_id, p.machine, p.state, s.zh AS state_zh,
            s.en AS state_en, p.n, p.starts_at, p.ends_at, p.weight, p.at AS since_at, \(dueAt("p")) AS due_at
        """
    private static let byTime = """
        FROM place AS p JOIN state AS s ON s.machine = p.machine AND s.state = p.state
        JOIN request AS r ON r.id = p.request_id
        WHERE p.waits_park = ?1 AND p.waits_for = 'clock' AND s.deadline IN \(atTheirTime)
        """

    /// The last deadline of as many as are shown, those that begin first: what begins later is due
    /// later. '~' is behind all instants.
    private static let first = """
        first AS (
            SELECT CASE WHEN count(due_at) < ?3 THEN '~' ELSE max(due_at) END AS last FROM (
                SELECT \(dueAt("p")) AS due_at \(byTime) AND p.starts_at > '' ORDER BY p.starts_at LIMIT ?3)),

        """

    /// No clock waits for a person.
    private static let soon =
        "\(clockColumns) \(byTime) AND p.starts_at <= (SELECT last FROM first) AND ?2 IS NULL"

    private static let later = """
        \(clockColumns)
        FROM state AS s CROSS JOIN place AS p ON p.machine = s.machine AND p.state = s.state
        JOIN request AS r ON r.id = p.request_id
        WHERE ?2 IS NULL AND s.waits_for = 'clock' AND ifnull(s.deadline, '') NOT IN \(atTheirTime)
            AND p.subject_id >= ?1 || ':' AND p.subject_id < ?1 || ';' AND p.waits_for = 'clock'
        """
}
