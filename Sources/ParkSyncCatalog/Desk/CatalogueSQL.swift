/// The statements by which a home park's node finds what it has to decide, and writes it. What
/// other parks have written is held to no CHECK here: texts may be long, and `detail` be no JSON.
package enum CatalogueSQL {
    /// A statement whose rows may be too long to be read, since other parks have written them.
    package struct Rows: Sendable {
        /// Of `?1`.
        package let all: String
        /// What the rows are named by, in the same order.
        package let ids: String
        /// Of `?1`, those that the JSON array `?2` names.
        package let some: String
    }

    /// The tables whose changes can call for a decision or a payment.
    package static let tables = ["request", "act", "step", "item", "window", "rate", "transfer"]

    // MARK: constants

    package static let machines = "SELECT machine FROM machine WHERE arbiter = 'asker' AND until IS NULL"
    package static let states = """
        SELECT machine, state, occupies, ends, waits_for, deadline FROM state WHERE until IS NULL
        """
    package static let moves = "SELECT machine, from_state, to_state, act, by_whom FROM move WHERE until IS NULL"
    package static let reasons = "SELECT code, override_by FROM reason WHERE until IS NULL"

    // MARK: what is open

    /// Subjects that park `?1` decides on, with a request or an act that is not answered, or with
    /// somebody who waits for room. Reads all requests: for the start of a node.
    package static let open = """
        SELECT substr(decided_at_id, 1, 4097) FROM request_unanswered
        WHERE decided_at_id >= ?1 || ':' AND decided_at_id < ?1 || ';'
        UNION SELECT substr(\(decidedAt), 1, 4097)
        FROM act_unanswered AS a JOIN request AS r ON r.id = a.request_id AND r.machine = a.machine
        JOIN machine AS m ON m.machine = r.machine
        WHERE \(decidedAt) >= ?1 || ':' AND \(decidedAt) < ?1 || ';'
        UNION SELECT subject_id FROM place WHERE waits_park = ?1 AND waits_for = 'arbiter' AND waits_for <> ''
        """
    /// The same without a look at what other parks have written: more than is open, but nothing
    /// that is asked of what is not there. Who cannot read one of their rows reads these.
    package static let ownSubjects = """
        SELECT id FROM item WHERE id >= ?1 || ':' AND id < ?1 || ';'
        UNION SELECT r.id FROM request AS r JOIN machine AS m ON m.machine = r.machine
        WHERE m.arbiter = 'asker' AND r.id >= ?1 || ':' AND r.id < ?1 || ';'
        """
    /// Subjects of park `?1` with the first moment at which a deadline may fall due. It may be
    /// later, if another park has to see the step before; who looks then finds out.
    package static let moments = """
        SELECT subject_id, min(due_at) FROM deadline
        WHERE subject_id >= ?1 || ':' AND subject_id < ?1 || ';' AND due_at IS NOT NULL
        GROUP BY subject_id
        """
    /// Where request `?1` is decided on.
    package static let subjectOfRequest = """
        SELECT substr(\(decidedAt), 1, 4097) FROM request AS r JOIN machine AS m ON m.machine = r.machine
        WHERE r.id = ?1
        """
    package static let subjectOfAct = """
        SELECT substr(\(decidedAt), 1, 4097)
        FROM act AS a JOIN request AS r ON r.id = a.request_id JOIN machine AS m ON m.machine = r.machine
        WHERE a.id = ?1
        """
    package static let itemOfWindow = "SELECT substr(item_id, 1, 4097) FROM window WHERE id = ?1"
    package static let itemOfRate = "SELECT substr(item_id, 1, 4097) FROM rate WHERE id = ?1"

    private static let decidedAt = "CASE m.arbiter WHEN 'asker' THEN r.id ELSE r.subject_id END"

    // MARK: a subject

    /// The item of a request `?1` that its own park decides on.
    package static let itemOfRequest = """
        SELECT substr(r.subject_id, 1, 4097) FROM request AS r JOIN machine AS m ON m.machine = r.machine
        WHERE r.id = ?1 AND m.arbiter = 'asker'
        """
    package static let item = """
        SELECT owner_id, capacity, approval, share_class, state, min_minutes, max_minutes, buffer_minutes,
            horizon_days, notice_minutes, cancel_minutes, no_show_minutes, hold_minutes, confirm_days, no_show_share,
            late_share, training_code, ifnull(account_id, json_extract(d, '$.account_id')),
            json_extract(d, '$.conditional'), json_extract(d, '$.publicity_days'), json_extract(d, '$.opens_at'),
            json_extract(d, '$.closes_at'), json_extract(d, '$.weights'),
            CASE kind WHEN 'talent_time' THEN json_extract(d, '$.person_id') END,
            (SELECT json_group_array(substr(list, 6)) FROM code
                WHERE list >= 'asks:' AND list < 'asks;' AND code = kind AND until IS NULL)
        FROM (SELECT *, \(valid("detail")) AS d FROM item WHERE id = ?1)
        """
    /// Of item `?1`, and of its park `?2`: what other parks write of it does not count.
    package static let windows = """
        SELECT kind, weekdays, starts_minute, ends_minute, from_on, until_on FROM window
        WHERE item_id IN (?1, ?2) AND substr(id, 1, instr(?2, ':')) = substr(?2, 1, instr(?2, ':'))
        """
    package static let rates = """
        SELECT id, class, version, unit, fen, valid_from, unit_id FROM rate
        WHERE item_id = ?1 AND substr(id, 1, instr(?1, ':')) = substr(?1, 1, instr(?1, ':'))
        """
    /// What people around item `?1` and its park `?2` are to it on day `?3`.
    package static let links = """
        SELECT relation, substr(object_id, 1, 4097) FROM link
        WHERE (subject_id = ?1 OR (subject_id = ?2 AND relation IN ('manager', 'officer')))
            AND relation IN ('manager', 'officer', 'reviewer', 'party')
            AND ifnull(from_on, '') <= ?3 AND ifnull(until_on, '~') >= ?3
        """
    /// Of the ids `?1`, a JSON array, those that are people, and their organisations.
    package static let people = """
        SELECT p.id, p.kind, p.organisation_id FROM json_each(?1) AS j CROSS JOIN person AS p ON p.id = j.value
        WHERE p.state = 'active'
        UNION ALL
        SELECT l.subject_id, '', l.object_id
        FROM json_each(?1) AS j CROSS JOIN link AS l ON l.subject_id = j.value AND l.relation IN ('member', 'employer')
        WHERE ifnull(l.from_on, '') <= ?2 AND ifnull(l.until_on, '~') >= ?2
        """
    /// Training certificates `?2` of the ids `?1`.
    package static let credentials = """
        SELECT c.holder_id, c.number, c.from_on, c.until_on
        FROM json_each(?1) AS j CROSS JOIN credential AS c ON c.holder_id = j.value
        WHERE c.kind = 'training' AND c.number = ?2 AND c.state = 'active'
        """

    // MARK: its requests

    /// Requests that are decided on at subject `?1`, but for those that have ended, take no room
    /// and have no act to be answered. A ranking is one of all. In the order of arrival: that of
    /// the rows, and of those that have begun that of their places.
    package static let requests = Rows(
        all: requests(of: "request AS q"),
        ids: """
            SELECT q.id FROM request AS q
            LEFT JOIN place AS p ON p.subject_id = ?1 AND p.request_id = q.id AND p.branch = ''
            WHERE q.subject_id = ?1 OR q.id = ?1
            ORDER BY p.rowid IS NULL, p.rowid, q.rowid
            """,
        some: requests(of: "json_each(?2) AS j CROSS JOIN request AS q ON q.id = j.value"))

    private static func requests(of source: String) -> String {
        """
        SELECT r.id, substr(r.kind, 1, 64), r.machine, substr(r.party_id, 1, 4097), substr(r.by_id, 1, 4097),
            substr(r.class, 1, 64), substr(r.starts_at, 1, 64), substr(r.ends_at, 1, 64), r.weight, r.amount,
            substr(r.account_id, 1, 4097), json_extract(r.d, '$.may_wait'),
            CASE r.machine WHEN 'second' THEN json_array(json_extract(r.d, '$.person_id'),
                json_extract(r.d, '$.from_id'), json_extract(r.d, '$.to_id')) END,
            CASE r.machine WHEN 'pick' THEN json_array(json_extract(r.d, '$.revenue'),
                json_extract(r.d, '$.revenue_before'), json_extract(r.d, '$.rd_spend'),
                json_extract(r.d, '$.staff'), ifnull(json_extract(r.d, '$.patents'), 0)) END,
            (SELECT sum(\(["preparation_minutes", "minutes", "after_minutes"].map(bounded).joined(separator: " + ")))
                \(metered)),
            (SELECT sum(\(bounded("samples"))) \(metered)),
            CASE r.machine WHEN 'award' THEN (SELECT sum(t.amount - min(t.amount, max(0, ifnull((
                    SELECT sum(b.amount / 1000000000) * 1000000000 + sum(b.amount % 1000000000) FROM transfer AS b
                    WHERE b.because_id = t.id AND b.reverses = 1 AND b.from_id = t.to_id), 0))))
                FROM transfer AS t WHERE t.because_id = r.id AND t.reverses = 0
                    AND substr(t.from_id, 1, instr(?1, ':')) = substr(?1, 1, instr(?1, ':'))) END
        FROM (SELECT q.*, q.rowid AS arrival, \(valid("q.detail")) AS d FROM \(source)
            WHERE q.subject_id = ?1 OR q.id = ?1) AS r
        JOIN machine AS m ON m.machine = r.machine
        LEFT JOIN place AS p ON p.subject_id = ?1 AND p.request_id = r.id AND p.branch = ''
        WHERE ?1 = \(decidedAt) AND (p.request_id IS NULL OR p.waits_for <> '' OR p.load > 0 OR r.machine = 'pick'
            OR EXISTS (SELECT 1 FROM place AS o WHERE o.subject_id = ?1 AND o.request_id = r.id AND o.branch <> '')
            OR EXISTS (SELECT 1 FROM act AS a WHERE a.request_id = r.id AND a.machine = r.machine
                AND a.act NOT IN ('ask', 'room', 'clock') AND NOT EXISTS (SELECT 1 FROM step AS s
                    WHERE s.act_id = a.id AND s.subject_id = ?1 AND s.request_id = r.id)))
        ORDER BY p.rowid IS NULL, p.rowid, r.arrival
        """
    }

    /// Acts on the requests of subject `?1` that are not answered, in the order of arrival. What
    /// they do not say of an interval stays as it is.
    package static let acts = Rows(
        all: acts(of: "request AS r CROSS JOIN \(act) AS a ON a.request_id = r.id"),
        ids: """
            SELECT a.id FROM request AS r CROSS JOIN act AS a ON a.request_id = r.id
            WHERE r.subject_id = ?1 OR r.id = ?1
            ORDER BY a.rowid
            """,
        some: acts(
            of: "json_each(?2) AS j CROSS JOIN \(act) AS a ON a.id = j.value JOIN request AS r ON r.id = a.request_id"))

    private static let act = """
        (SELECT b.*, b.rowid AS arrival, \(valid("b.detail")) AS d FROM act AS b)
        """

    private static func acts(of source: String) -> String {
        """
        SELECT a.id, a.request_id, substr(a.by_id, 1, 4097), a.act, a.on_n, json_extract(a.d, '$.on_step'),
            substr(a.to_state, 1, 64), a.starts_at IS NOT NULL OR a.ends_at IS NOT NULL,
            substr(coalesce(a.starts_at, p.starts_at, r.starts_at), 1, 64),
            substr(coalesce(a.ends_at, p.ends_at, r.ends_at), 1, 64), a.weight, a.amount, a.reasons,
            json_extract(a.d, '$.party_id'), json_extract(a.d, '$.inputs'), json_extract(a.d, '$.count'), e.sha256
        FROM \(source)
        JOIN machine AS m ON m.machine = r.machine AND m.machine = a.machine
        LEFT JOIN place AS p ON p.subject_id = ?1 AND p.request_id = r.id AND p.branch = ''
        LEFT JOIN document AS e ON e.id = a.document_id
        WHERE (r.subject_id = ?1 OR r.id = ?1) AND ?1 = \(decidedAt) AND a.act NOT IN ('ask', 'room', 'clock')
            AND NOT EXISTS (SELECT 1 FROM step AS s WHERE s.act_id = a.id AND s.subject_id = ?1 AND s.request_id = r.id)
        ORDER BY a.arrival
        """
    }

    /// All steps at subject `?1` of the requests `?2`, a JSON array.
    package static let steps = """
        SELECT s.id, s.request_id, s.n, s.follows, s.machine, s.from_state, s.to_state, s.act, s.act_id, s.starts_at,
            s.ends_at, s.weight, s.amount, s.rate_id, s.reasons, s.by_id, s.at, json_extract(s.d, '$.price'),
            json_extract(s.d, '$.inputs'), json_extract(s.d, '$.count'), json_extract(s.d, '$.sha256'),
            json_extract(s.d, '$.party_id')
        FROM json_each(?2) AS j
        CROSS JOIN (SELECT t.*, \(valid("t.detail")) AS d FROM step AS t WHERE t.subject_id = ?1) AS s
            ON s.request_id = j.value
        """

    /// No clock has gone on for longer, and no sum of such figures is more than a number.
    private static func bounded(_ figure: String) -> String { "max(-10000000000, min(u.\(figure), 10000000000))" }
    /// What the home of subject `?1` has metered for request `r`.
    private static let metered = """
        FROM usage AS u WHERE u.request_id = r.id AND u.item_id = r.subject_id
            AND substr(u.id, 1, instr(?1, ':')) = substr(?1, 1, instr(?1, ':'))
        """

    private static func valid(_ detail: String) -> String {
        "CASE WHEN json_valid(\(detail)) THEN \(detail) ELSE '{}' END"
    }

    // MARK: writing

    package static let insertStep = """
        INSERT INTO step (subject_id, request_id, n, id, follows, machine, from_state, to_state, act, act_id,
            starts_at, ends_at, weight, amount, unit_id, payer_id, payee_id, rate_id, rate_unit, rate_fen, reasons,
            by_id, at, detail)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
            ?23, ?24)
        """

    // MARK: after a fork

    /// A row if a place of park `?1` is not what its steps say.
    package static let wrongPlaces = "SELECT 1 FROM place_wrong WHERE \(isOfPark) LIMIT 1"
    /// What the other branch of the own log brought has no places: its triggers ran there.
    package static let putPlacesRight = """
        INSERT INTO place (subject_id, request_id, branch, step_id, n, machine, state, starts_at, ends_at, weight, load,
            span, waits_for, waits_park, at)
        SELECT subject_id, request_id, branch, step_id, n, machine, state, starts_at, ends_at, weight, load, span,
            waits_for, waits_park, at
        FROM place_mismatch WHERE is_right AND \(isOfPark) ORDER BY branch
        ON CONFLICT DO UPDATE SET step_id = excluded.step_id, n = excluded.n, machine = excluded.machine,
            state = excluded.state, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
            weight = excluded.weight, load = excluded.load, span = excluded.span, waits_for = excluded.waits_for,
            waits_park = excluded.waits_park, at = excluded.at
        """
    private static let isOfPark = "subject_id >= ?1 || ':' AND subject_id < ?1 || ';'"

    // MARK: payments

    /// Claims on accounts of park `?1` that are not paid, by requests of its own. Two branches of a
    /// fork make no claim until one is ended.
    package static let due = Rows(
        all: due("true"),
        ids: """
            SELECT id FROM step WHERE amount IS NOT NULL AND payer_id >= ?1 || ':' AND payer_id < ?1 || ';'
            ORDER BY at, id
            """,
        some: due("d.id IN (SELECT value FROM json_each(?2))"))

    private static func due(_ isWanted: String) -> String {
        """
        SELECT d.id, d.payer_id, d.payee_id, d.unit_id, d.amount, d.request_id
        FROM due AS d JOIN request AS r ON r.id = d.request_id AND r.account_id = d.payer_id
        WHERE d.payer_id >= ?1 || ':' AND d.payer_id < ?1 || ';' AND r.id >= ?1 || ':' AND r.id < ?1 || ';'
            AND \(isWanted)
            AND (SELECT count(*) FROM place AS p WHERE p.subject_id = d.subject_id AND p.request_id = d.request_id
                AND p.state <> 'void') < 2
        ORDER BY d.at, d.id
        """
    }

    /// Of the accounts `?1`, a JSON array.
    package static let balances = """
        SELECT b.account_id, b.unit_id, sum(b.paid_in) - sum(b.paid_out)
        FROM json_each(?1) AS j CROSS JOIN account_entry AS b ON b.account_id = j.value
        GROUP BY b.account_id, b.unit_id
        """
    /// from, claim, to, unit, amount, at
    package static let insertTransfer = """
        INSERT INTO transfer (from_id, id, to_id, unit_id, amount, because_id, reverses, at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?2, 0, ?6)
        """
}
