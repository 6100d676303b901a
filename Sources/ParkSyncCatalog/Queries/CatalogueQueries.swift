/// The lists, calendars, inboxes, balances and indicators that people look at.
package enum CatalogueQueries {
    package static var all: [CatalogueQuery] {
        searches + calendars + inboxes + balances + itemLists + requestLists + indicators
    }

    // MARK: samples

    /// Every so many of a table's rows, so that they are of all parks.
    static func some(_ column: String, of table: String, where condition: String = "1") -> String {
        """
        SELECT \(column) FROM (SELECT *, row_number() OVER (ORDER BY rowid) AS number, count(*) OVER () AS whole
            FROM \(table) WHERE \(condition))
        WHERE number % max(1, whole / 200) = 0 LIMIT 200
        """
    }

    static let bookables = some(
        "id", of: "item", where: "kind IN ('instrument', 'laboratory', 'facility', 'platform', 'desk', 'service')")
    static let accounts = some("id", of: "item", where: "kind = 'account'")
    static let organisations = some("id", of: "organisation")
    static let requests = some("id", of: "request")
    static let parks = "SELECT substr(id, 1, instr(id, ':') - 1) FROM park"
    static let words = "VALUES ('%质谱%'), ('%扫描%'), ('%LC-MS%'), ('%抗体%'), ('%No. 17 %'), ('%没有这个%')"

    // MARK: search

    private static let found = "id, park, kind_zh, kind_en, name_zh, name_en, owner_zh, owner_en"

    private static let searches = [
        // The texts of all items are looked through: some tens of thousands.
        CatalogueQuery(
            .search, "items by text",
            "SELECT \(found) FROM item_list WHERE name_zh LIKE ?1 OR name_en LIKE ?1 ORDER BY kind, id LIMIT 50", words,
            wholes: ["item"]),
        CatalogueQuery(
            .search, "items of a kind by text",
            """
            SELECT \(found) FROM item_list WHERE kind = 'instrument' AND (name_zh LIKE ?1 OR name_en LIKE ?1)
            ORDER BY id LIMIT 50
            """, words),
        CatalogueQuery(
            .search, "organisations by text",
            """
            SELECT id, name_zh, name_en FROM organisation WHERE name_zh LIKE ?1 OR name_en LIKE ?1
            ORDER BY id LIMIT 50
            """,
            words, wholes: ["organisation"]),
        CatalogueQuery(
            .search, "people by text",
            "SELECT id, name_zh, name_en FROM person WHERE name_zh LIKE ?1 OR name_en LIKE ?1 ORDER BY id LIMIT 50",
            words, wholes: ["person"]),
        CatalogueQuery(
            .search, "items by tag",
            """
            SELECT \(found) FROM tag CROSS JOIN item_list ON item_list.id = tag.subject_id
            WHERE tag.tag = ?1 ORDER BY tag.subject_id LIMIT 50
            """, "SELECT DISTINCT tag FROM tag"),
        CatalogueQuery(
            .search, "organisation by credit code", "SELECT id, name_zh FROM organisation WHERE credit_code = ?1",
            some("credit_code", of: "organisation", where: "credit_code IS NOT NULL")),
        CatalogueQuery(
            .search, "item by its number", "SELECT id, name_zh FROM item WHERE kind = 'patent' AND natural_key = ?1",
            some("natural_key", of: "item", where: "kind = 'patent'")),
    ]

    // MARK: calendars

    private static let calendars = [
        CatalogueQuery(
            .calendar, "calendar of an item",
            """
            SELECT starts_at, ends_at, load, capacity, state_zh, state_en, class FROM calendar
            WHERE subject_id = ?1 AND starts_at >= '2026-12-07T00:00:00Z' AND starts_at < '2027-01-07T00:00:00Z'
            ORDER BY starts_at
            """, bookables),
        CatalogueQuery(
            .calendar, "what holds an item at one time",
            """
            SELECT starts_at, ends_at, load FROM place
            WHERE subject_id = ?1 AND load > 0 AND span = 0 AND starts_at < '2026-12-10T08:00:00Z'
                AND starts_at > '2026-12-09T00:00:00Z' AND +ends_at > '2026-12-10T00:00:00Z'
            """, bookables),
        CatalogueQuery(
            .calendar, "opening hours of an item",
            """
            SELECT kind, weekdays, starts_minute, ends_minute, from_on, until_on FROM window
            WHERE item_id IN (?1, substr(?1, 1, instr(?1, ':')) || 'park')
            """, bookables),
        CatalogueQuery(
            .calendar, "use of an item by month", "SELECT * FROM usage_month WHERE item_id = ?1 ORDER BY month",
            bookables),
    ]

    // MARK: inboxes

    private static let waiting = "request_id, subject_id, state_zh, state_en, n, starts_at, ends_at, since_at"

    private static let inboxes = [
        CatalogueQuery(
            .inbox, "what waits for the people who decide",
            "SELECT \(waiting) FROM inbox WHERE park = ?1 AND waits_for = 'manager' ORDER BY since_at LIMIT 100",
            parks, wholes: ["place_partied", "place_reviewed"]),
        CatalogueQuery(
            .inbox, "what waits for those who asked",
            "SELECT \(waiting) FROM inbox WHERE park = ?1 AND waits_for = 'asker' ORDER BY since_at LIMIT 100",
            parks, wholes: ["place_partied", "place_reviewed"]),
        CatalogueQuery(
            .inbox, "what waits for an organisation",
            """
            SELECT p.request_id, p.subject_id, p.state, p.starts_at, p.ends_at, p.at
            FROM request AS r CROSS JOIN place AS p ON p.request_id = r.id
            WHERE r.party_id = ?1 AND p.waits_for IN ('asker', 'holder') ORDER BY p.at LIMIT 100
            """, organisations),
        CatalogueQuery(
            .inbox, "requests that a park has not taken up",
            """
            SELECT r.id, r.kind, r.subject_id FROM request AS r JOIN machine AS m ON m.machine = r.machine
            WHERE m.arbiter = 'subject' AND r.subject_id >= ?1 || ':' AND r.subject_id < ?1 || ';'
                AND NOT EXISTS (SELECT 1 FROM place AS p WHERE p.subject_id = r.subject_id AND p.request_id = r.id)
            LIMIT 100
            """, parks),
        CatalogueQuery(
            .inbox, "deadlines of a park",
            """
            SELECT subject_id, request_id, rule, due_at FROM deadline
            WHERE waits_park = ?1 AND waits_for = 'manager' ORDER BY due_at LIMIT 100
            """, parks),
    ]

    // MARK: balances

    private static let balances = [
        CatalogueQuery(
            .balance, "balances of an account", "SELECT unit_id, amount FROM balance WHERE account_id = ?1", accounts),
        CatalogueQuery(
            .balance, "balances of an organisation",
            """
            SELECT i.id, b.unit_id, sum(b.paid_in) - sum(b.paid_out) AS amount
            FROM item AS i CROSS JOIN account_entry AS b ON b.account_id = i.id
            WHERE i.owner_id = ?1 AND i.kind = 'account' GROUP BY i.id, b.unit_id
            """, organisations),
        CatalogueQuery(
            .balance, "statement of an account",
            """
            SELECT * FROM account_statement WHERE account_id = ?1 AND unit_id = 'south:unit:fen'
            ORDER BY at DESC LIMIT 50
            """,
            accounts),
        CatalogueQuery(
            .balance, "what an account owes",
            "SELECT id, payee_id, amount, at FROM due WHERE payer_id = ?1 ORDER BY id",
            accounts),
        CatalogueQuery(
            .balance, "what an account is owed",
            "SELECT id, payer_id, amount, at FROM due WHERE payee_id = ?1 ORDER BY id",
            accounts),
        CatalogueQuery(
            .balance, "what an organisation is entitled to", "SELECT * FROM entitlement WHERE owner_id = ?1",
            organisations),
        CatalogueQuery(
            .balance, "budget of a programme", "SELECT * FROM programme_budget WHERE programme_id = ?1",
            some("id", of: "item", where: "kind = 'programme'")),
        CatalogueQuery(.balance, "overdrawn accounts", "SELECT * FROM overdrawn", wholes: ["account_balance"]),
        CatalogueQuery(.balance, "units that do not add up", "SELECT * FROM unbalanced", wholes: ["account_balance"]),
    ]
}
