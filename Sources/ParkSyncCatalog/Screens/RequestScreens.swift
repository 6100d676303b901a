/// What is asked for, what became of it, and what waits for whom.
package enum RequestScreens {
    /// A request `?1` as it stands; more than one row after a fork.
    package static let request = """
        SELECT r.id, r.kind, s.kind_zh, s.kind_en, r.machine, r.subject_id, s.subject_zh, s.subject_en, r.party_id,
            ifnull(o.name_zh, p.name_zh) AS party_zh, ifnull(o.name_en, p.name_en) AS party_en, r.by_id, r.class,
            s.branch, s.n, s.state, s.state_zh, s.state_en, s.starts_at, s.ends_at, s.weight, r.amount, r.unit_id,
            r.account_id, s.reasons, s.waits_for, s.arbiter_park, s.asked_at, s.state_at
        FROM request AS r JOIN request_state AS s ON s.id = r.id
        LEFT JOIN organisation AS o ON o.id = r.party_id LEFT JOIN person AS p ON p.id = r.party_id
        WHERE r.id = ?1 ORDER BY s.branch
        """
    /// Of item `?1`, the newest first; at most `?2`.
    package static let ofItem = """
        SELECT r.id, r.kind, s.kind_zh, s.kind_en, r.machine, r.subject_id, s.subject_zh, s.subject_en, r.party_id,
            ifnull(o.name_zh, p.name_zh) AS party_zh, ifnull(o.name_en, p.name_en) AS party_en, r.by_id, r.class,
            s.branch, s.n, s.state, s.state_zh, s.state_en, s.starts_at, s.ends_at, s.weight, r.amount, r.unit_id,
            r.account_id, s.reasons, s.waits_for, s.arbiter_park, s.asked_at, s.state_at
        FROM (SELECT * FROM request WHERE subject_id = ?1 ORDER BY at DESC, id LIMIT ?2) AS r
        JOIN request_state AS s ON s.id = r.id
        LEFT JOIN organisation AS o ON o.id = r.party_id LEFT JOIN person AS p ON p.id = r.party_id
        ORDER BY r.at DESC, r.id, s.branch
        """
    /// What became of request `?1`, step by step.
    package static let history = """
        SELECT n, act, state, state_zh, state_en, starts_at, ends_at, weight, amount, unit_id, reasons, by_id,
            acted_by, at
        FROM request_history WHERE request_id = ?1 ORDER BY n, step_id
        """
    /// Acts on request `?1` that its arbiter has not answered.
    package static let waitingActs =
        "SELECT id, act, by_id, at FROM act_unanswered WHERE request_id = ?1 ORDER BY at, id"

    /// What somebody may do in state `?2` of machine `?1`, and where it leads.
    package static let moves = """
        SELECT m.act, m.to_state AS state, s.zh AS state_zh, s.en AS state_en, s.occupies, s.ends, m.by_whom
        FROM move AS m JOIN state AS s ON s.machine = m.machine AND s.state = m.to_state
        WHERE m.machine = ?1 AND m.from_state = ?2 AND m.until IS NULL
            AND m.by_whom NOT IN ('anyone', 'arbiter', 'clock') AND m.act NOT IN ('ask', 'room', 'clock')
        ORDER BY m.act, m.to_state
        """
    /// The state in which requests of machine `?1` begin.
    package static let initial = """
        SELECT m.to_state AS state, s.waits_for FROM move AS m
        JOIN state AS s ON s.machine = m.machine AND s.state = m.to_state
        WHERE m.machine = ?1 AND m.from_state = '' AND m.act = 'ask' AND m.until IS NULL
        """
    /// The reasons whose codes are in the JSON array `?1`.
    package static let reasons = """
        SELECT code, zh, en, remedy_zh, remedy_en, override_by FROM reason
        WHERE code IN (SELECT value FROM json_each(?1)) ORDER BY code
        """

    /// The step that answers act `?1`.
    package static let answer = "SELECT from_state, to_state AS state, reasons FROM step WHERE act_id = ?1"
    /// All reasons, for whoever has to name one.
    package static let allReasons = """
        SELECT code, zh, en, remedy_zh, remedy_en, override_by FROM reason WHERE until IS NULL ORDER BY code
        """

    // MARK: asking

    /// The kinds of request that item `?1` takes.
    package static let kinds = """
        SELECT k.kind, k.machine, k.zh, k.en FROM item AS i
        JOIN code AS c ON c.list GLOB 'asks:*' AND c.code = i.kind AND c.until IS NULL
        JOIN kind AS k ON k.kind = substr(c.list, 6) AND k.until IS NULL
        WHERE i.id = ?1 ORDER BY k.kind
        """
    /// The fields of the detail of kind `?1`.
    package static let fields = """
        SELECT name, type, required, unit, list, zh, en FROM field WHERE kind = ?1 AND until IS NULL ORDER BY name
        """
    /// The codes of list `?1`.
    package static let codes = "SELECT code, zh, en FROM code WHERE list = ?1 AND until IS NULL ORDER BY code"
    /// The organisation of person `?1`.
    package static let organisationOf = "SELECT organisation_id AS id FROM person WHERE id = ?1"
    /// The name of park `?1`, as in `south`.
    package static let parkName = "SELECT name_zh, name_en FROM park WHERE id = ?1 || ':park'"
    package static let insertRequest = """
        INSERT INTO request (id, kind, machine, subject_id, party_id, by_id, class, starts_at, ends_at, weight, amount,
            unit_id, account_id, document_id, text_id, at, detail)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
        """
    package static let insertAct = """
        INSERT INTO act (id, request_id, machine, by_id, act, on_n, to_state, starts_at, ends_at, weight, amount,
            reasons, document_id, text_id, at, detail)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
        """
}
