/// Indicators and what they are made of, and records that are in the catalogue twice.
package enum FigureScreens {
    /// Each target beside what there is.
    package static let targets = """
        SELECT t.target_id, t.name_zh, t.name_en, t.indicator, t.year, t.least, t.most, t.value, t.is_reached
        FROM target_progress AS t ORDER BY t.year, t.indicator, t.target_id
        """
    /// Each indicator of the zone and of its parks; `home` is NULL for the zone. `?1`: since when
    /// an instrument has not been used that is idle.
    package static let values = """
        SELECT v.indicator, c.zh, c.en, v.year, v.home, v.value FROM (
            SELECT indicator, year, NULL AS home, value FROM indicator_zone
            UNION ALL SELECT indicator, year, park, value FROM indicator_park
            UNION ALL SELECT 'patents_held', 0, park, patents * 10000 / nullif(population, 0) FROM patents_held
            UNION ALL SELECT 'share_rate', year, NULL, share_rate FROM sharing_zone
            UNION ALL SELECT 'share_rate', year, park, share_rate FROM sharing_park
            UNION ALL SELECT 'idle_instruments', 0, NULL, count(*) FROM idle_instrument WHERE last_used_at < ?1
            UNION ALL SELECT 'idle_instruments', 0, park, count(*) FROM idle_instrument WHERE last_used_at < ?1
                GROUP BY park
            UNION ALL SELECT 'late_instruments', 0, NULL, count(*) FROM late_instrument
            UNION ALL SELECT 'late_instruments', 0, park, count(*) FROM late_instrument GROUP BY park) AS v
        JOIN code AS c ON c.list = 'indicator' AND c.code = v.indicator
        WHERE v.value IS NOT NULL ORDER BY v.indicator, v.year, v.home IS NOT NULL, v.home
        """

    private static func counted(_ condition: String) -> String {
        """
        SELECT i.id, c.park AS home, i.name_zh, i.name_en, NULL AS year, 1 AS value FROM item_counted AS c
        JOIN item AS i ON i.id = c.id WHERE \(condition) ORDER BY i.id
        """
    }

    /// The records that an indicator counts, with what each adds to it.
    package struct Drill: Sendable {
        package var indicator: String
        package var sql: String
        /// Whether it has the parameter of `values`; the others have none.
        package var takesIdleSince: Bool { indicator == "idle_instruments" }

        init(_ indicator: String, _ sql: String) { (self.indicator, self.sql) = (indicator, sql) }
    }

    package static let drills: [Drill] = [
        Drill(
            "output",
            """
            SELECT f.subject_id AS id, \(ItemScreens.park("f.subject_id")) AS home, o.name_zh, o.name_en, f.year,
                f.value
            FROM figure_valid AS f LEFT JOIN organisation AS o ON o.id = f.subject_id
            WHERE f.code = 'output' AND f.subject_id GLOB '*:organisation:*' AND NOT EXISTS (SELECT 1 FROM link AS l
                WHERE l.subject_id = f.subject_id AND l.relation = 'same_as')
            ORDER BY f.year, f.subject_id
            """),
        Drill(
            "enterprises",
            """
            SELECT o.id, c.park AS home, o.name_zh, o.name_en, NULL AS year, 1 AS value FROM organisation_counted AS c
            JOIN organisation AS o ON o.id = c.id WHERE c.kind = 'enterprise' ORDER BY o.id
            """),
        Drill(
            "talents",
            """
            SELECT p.id, \(ItemScreens.park("p.id")) AS home, p.name_zh, p.name_en, NULL AS year, 1 AS value
            FROM person AS p
            WHERE p.talent_class IS NOT NULL AND p.state = 'active' AND NOT EXISTS (SELECT 1 FROM link AS l
                WHERE l.subject_id = p.id AND l.relation = 'same_as')
            ORDER BY p.id
            """),
        Drill(
            "patents_granted",
            counted(
                "c.kind = 'patent' AND json_extract(c.detail, '$.patent_type') = 'invention' "
                    + "AND json_extract(c.detail, '$.granted_on') IS NOT NULL")),
        Drill(
            "patents_held",
            """
            SELECT p.id, h.park AS home, p.name_zh, p.name_en, NULL AS year,
                h.patents * 10000 / nullif(h.population, 0) AS value
            FROM patents_held AS h JOIN park AS p ON p.id = h.park || ':park' ORDER BY p.id
            """),
        Drill(
            "projects",
            counted(
                "c.kind = 'project' AND json_extract(c.detail, '$.major') "
                    + "AND json_extract(c.detail, '$.stage') IN ('running', 'completed')")),
        Drill("standards", counted("c.kind = 'standard' AND json_extract(c.detail, '$.published_on') IS NOT NULL")),
        Drill(
            "large_clusters",
            """
            SELECT o.cluster AS id, '' AS home, c.zh AS name_zh, c.en AS name_en, o.year, o.fen AS value
            FROM cluster_output AS o LEFT JOIN code AS c ON c.list = 'cluster' AND c.code = o.cluster
            WHERE o.fen >= 10000000000000 ORDER BY o.year, o.cluster
            """),
        Drill(
            "share_rate",
            """
            SELECT s.item_id AS id, s.park AS home, i.name_zh, i.name_en, s.year, s.share_rate AS value
            FROM sharing AS s JOIN item AS i ON i.id = s.item_id
            WHERE s.share_rate IS NOT NULL ORDER BY s.year, s.item_id
            """),
        Drill(
            "idle_instruments",
            """
            SELECT id, park AS home, name_zh, name_en, NULL AS year, 1 AS value FROM idle_instrument
            WHERE last_used_at < ?1 ORDER BY id
            """),
        Drill(
            "late_instruments",
            """
            SELECT l.id, l.park AS home, i.name_zh, i.name_en, NULL AS year, 1 AS value FROM late_instrument AS l
            JOIN item AS i ON i.id = l.id ORDER BY l.id
            """),
    ]

    /// Records of the same thing that nobody has linked yet, with the one that stays counted.
    package static let duplicates = """
        SELECT 'organisation' AS kind, d.credit_code AS natural_key, d.id, a.name_zh, a.name_en, d.counted_id,
            b.name_zh AS counted_zh, b.name_en AS counted_en
        FROM organisation_duplicate AS d JOIN organisation AS a ON a.id = d.id
        JOIN organisation AS b ON b.id = d.counted_id
        UNION ALL
        SELECT 'person', d.orcid, d.id, a.name_zh, a.name_en, d.counted_id, b.name_zh, b.name_en
        FROM person_duplicate AS d JOIN person AS a ON a.id = d.id JOIN person AS b ON b.id = d.counted_id
        UNION ALL
        SELECT d.kind, d.natural_key, d.id, a.name_zh, a.name_en, d.counted_id, b.name_zh, b.name_en
        FROM item_duplicate AS d JOIN item AS a ON a.id = d.id JOIN item AS b ON b.id = d.counted_id
        ORDER BY 1, 2, 3
        """
    /// Of which kind record `?1` is, and by which number its duplicates are found.
    package static let naturalKey = """
        SELECT 'organisation' AS kind, credit_code AS natural_key FROM organisation WHERE id = ?1
        UNION ALL SELECT 'person', orcid FROM person WHERE id = ?1
        UNION ALL SELECT kind, natural_key FROM item WHERE id = ?1
        """
    package static let link = "INSERT INTO link (subject_id, relation, object_id) VALUES (?1, 'same_as', ?2)"
}
