/// What is looked for and at in the catalogue: items, organisations and people.
package enum ItemScreens {
    /// What a search is narrowed by. Conditions that are not asked for are left out, so that the
    /// indexes serve those that are.
    package struct Search: Hashable, Sendable {
        /// Whether there is a text `?1`, a pattern of LIKE; `\` stands before what is meant as it
        /// is.
        package var hasText = false
        /// `?2`, a kind.
        package var hasKind = false
        /// `?3`, a park as in `south`.
        package var hasHome = false
        /// `?4`, a state.
        package var hasState = false
        package init() {}

        func conditions(of row: String, texts: [String]) -> String {
            var parts: [String] = []
            if hasText { parts.append("(" + texts.map { "\($0) LIKE ?1 ESCAPE '\\'" }.joined(separator: " OR ") + ")") }
            if hasKind { parts.append("\(row).kind = ?2") }
            if hasHome { parts.append("\(row).id >= ?3 || ':' AND \(row).id < ?3 || ';'") }
            if hasState { parts.append("\(row).state = ?4") }
            return parts.isEmpty ? "1" : parts.joined(separator: " AND ")
        }
    }

    /// Items; at most `?5`. Where the texts of all are read, that is in the order of the table: the
    /// plus keeps the index away that has them by kind.
    package static func items(_ search: Search) -> String {
        """
        SELECT i.id, \(park("i.id")) AS home, i.kind, k.zh AS kind_zh, k.en AS kind_en, i.name_zh, i.name_en,
            i.owner_id, o.name_zh AS owner_zh, o.name_en AS owner_en, i.state, i.capacity, i.share_class, i.approval,
            i.training_code
        FROM item AS i JOIN kind AS k ON k.kind = i.kind LEFT JOIN organisation AS o ON o.id = i.owner_id
        WHERE \(search.conditions(of: "i", texts: ["i.name_zh", "i.name_en", "i.id", keywords]))
        ORDER BY \(search.hasText && !search.hasKind ? "+" : "")i.kind, i.id LIMIT ?5
        """
    }

    /// Organisations with the same columns; `kind` is the word organisation.
    package static func organisations(_ search: Search) -> String {
        """
        SELECT o.id, \(park("o.id")) AS home, 'organisation' AS kind, ifnull(c.zh, o.kind) AS kind_zh,
            ifnull(c.en, o.kind) AS kind_en, o.name_zh, o.name_en, o.state
        FROM organisation AS o LEFT JOIN code AS c ON c.list = 'organisation_kind' AND c.code = o.kind
        WHERE \(search.conditions(of: "o", texts: ["o.name_zh", "o.name_en", "o.id", "o.credit_code"]))
        ORDER BY o.id LIMIT ?5
        """
    }

    package static func people(_ search: Search) -> String {
        """
        SELECT p.id, \(park("p.id")) AS home, 'person' AS kind, ifnull(c.zh, p.kind) AS kind_zh,
            ifnull(c.en, p.kind) AS kind_en, p.name_zh, p.name_en, p.organisation_id AS owner_id, o.name_zh AS owner_zh,
            o.name_en AS owner_en, p.state
        FROM person AS p LEFT JOIN code AS c ON c.list = 'person_kind' AND c.code = p.kind
        LEFT JOIN organisation AS o ON o.id = p.organisation_id
        WHERE \(search.conditions(of: "p", texts: ["p.name_zh", "p.name_en", "p.id"]))
        ORDER BY p.id LIMIT ?5
        """
    }

    /// Looks for the word first, which takes a third of the time that reading JSON does.
    private static let keywords = """
        CASE WHEN i.detail GLOB '*keywords*' AND json_valid(i.detail) THEN json_extract(i.detail, '$.keywords') END
        """

    package static func park(_ id: String) -> String { "substr(\(id), 1, instr(\(id), ':') - 1)" }

    // MARK: one

    /// Of which table `?1` is a row.
    package static let whatIs = """
        SELECT 'request' AS what FROM request WHERE id = ?1 UNION ALL SELECT 'item' FROM item WHERE id = ?1
        UNION ALL SELECT 'organisation' FROM organisation WHERE id = ?1
        UNION ALL SELECT 'person' FROM person WHERE id = ?1
        """
    package static let item = """
        SELECT i.id, \(park("i.id")) AS home, i.kind, k.zh AS kind_zh, k.en AS kind_en, i.name_zh, i.name_en,
            i.owner_id, ifnull(o.name_zh, p.name_zh) AS owner_zh, ifnull(o.name_en, p.name_en) AS owner_en, i.state,
            i.successor_id, i.capacity, i.share_class, i.approval, i.min_minutes, i.max_minutes, i.buffer_minutes,
            i.horizon_days, i.notice_minutes, i.cancel_minutes, i.confirm_days, i.training_code, i.account_id,
            i.natural_key, i.scope
        FROM item AS i JOIN kind AS k ON k.kind = i.kind LEFT JOIN organisation AS o ON o.id = i.owner_id
        LEFT JOIN person AS p ON p.id = i.owner_id
        WHERE i.id = ?1
        """
    package static let organisation = """
        SELECT o.id, \(park("o.id")) AS home, 'organisation' AS kind, ifnull(c.zh, o.kind) AS kind_zh,
            ifnull(c.en, o.kind) AS kind_en, o.name_zh, o.name_en, o.state, o.successor_id, o.credit_code, o.industry,
            o.founded_on, o.website, o.scope
        FROM organisation AS o LEFT JOIN code AS c ON c.list = 'organisation_kind' AND c.code = o.kind
        WHERE o.id = ?1
        """
    package static let person = """
        SELECT p.id, \(park("p.id")) AS home, 'person' AS kind, ifnull(c.zh, p.kind) AS kind_zh,
            ifnull(c.en, p.kind) AS kind_en, p.name_zh, p.name_en, p.organisation_id AS owner_id, o.name_zh AS owner_zh,
            o.name_en AS owner_en, p.state, p.talent_class, p.orcid, p.scope
        FROM person AS p LEFT JOIN code AS c ON c.list = 'person_kind' AND c.code = p.kind
        LEFT JOIN organisation AS o ON o.id = p.organisation_id
        WHERE p.id = ?1
        """

    /// The fields of the detail of item or request `?1`, in their order, with their labels. A
    /// code is told by its names as well, and keys that are declared nowhere stand last.
    package static func fields(of table: String) -> String {
        """
        SELECT d.key AS name, ifnull(f.zh, d.key) AS zh, ifnull(f.en, d.key) AS en, f.type, f.unit,
            CASE d.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(d.value AS TEXT) END AS value,
            c.zh AS value_zh, c.en AS value_en
        FROM \(table) AS i
        JOIN json_each(CASE WHEN json_valid(i.detail) THEN i.detail ELSE '{}' END) AS d
        LEFT JOIN field AS f ON f.kind = i.kind AND f.name = d.key
        LEFT JOIN code AS c ON c.list = f.list AND c.code = d.value AND f.type = 'code'
        WHERE i.id = ?1 AND d.type <> 'null' ORDER BY f.name IS NULL, d.id
        """
    }

    /// The prices of item `?1` that are valid on day `?2`.
    package static let rates = """
        SELECT r.rate_id, r.class, c.zh AS class_zh, c.en AS class_en, r.unit, u.zh AS unit_zh, u.en AS unit_en,
            r.unit_id, r.fen, r.valid_from, r.valid_until
        FROM rate_valid AS r
        LEFT JOIN code AS c ON c.list = 'user_class' AND c.code = r.class
        LEFT JOIN code AS u ON u.list = 'rate_unit' AND u.code = r.unit
        WHERE r.item_id = ?1 AND r.valid_from <= ?2 AND ifnull(r.valid_until, '9999-12-31') > ?2
        ORDER BY r.class
        """
    package static let documents = """
        SELECT d.id, d.kind, ifnull(c.zh, d.kind) AS kind_zh, ifnull(c.en, d.kind) AS kind_en, d.version, d.name_zh,
            d.name_en, d.sha256, d.media_type, d.bytes, d.text_id, d.at
        FROM document AS d LEFT JOIN code AS c ON c.list = 'document_kind' AND c.code = d.kind
        WHERE d.about_id = ?1 ORDER BY d.kind, d.version
        """

    // MARK: what is free

    /// Of the items `?1`, a JSON array: what the guards of intervals look at.
    package static let rules = """
        SELECT i.id, i.capacity, i.min_minutes, i.max_minutes, i.buffer_minutes, i.horizon_days, i.notice_minutes
        FROM json_each(?1) AS j CROSS JOIN item AS i ON i.id = j.value WHERE i.state = 'active'
        """
    /// Of the items `?1`, a JSON array, and of their parks.
    package static let windows = """
        SELECT j.value AS item_id, w.kind, w.weekdays, w.starts_minute, w.ends_minute, w.from_on, w.until_on
        FROM json_each(?1) AS j
        CROSS JOIN window AS w ON w.item_id IN (j.value, substr(j.value, 1, instr(j.value, ':')) || 'park')
            AND substr(w.id, 1, instr(w.id, ':')) = substr(w.item_id, 1, instr(w.item_id, ':'))
        """
    /// What holds on the items `?1`, a JSON array, between the instants `?2` and `?3`. What holds
    /// at `?2` began at most as long before as its span says.
    package static let loads =
        [("0", "'-1 day'"), ("1", "'-32 days'"), ("2", nil)].map { span, before in
            let since = before.map { " AND p.starts_at > strftime('%Y-%m-%dT%H:%M:%SZ', ?2, \($0))" } ?? ""
            return """
                SELECT p.subject_id AS item_id, p.starts_at, p.ends_at, p.load FROM json_each(?1) AS j
                CROSS JOIN place AS p ON p.subject_id = j.value
                WHERE p.load > 0 AND p.span = \(span) AND p.starts_at < ?3\(since) AND +p.ends_at > ?2
                """
        }.joined(separator: "\nUNION ALL ")
}
