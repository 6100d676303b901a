/// What items were used for, and how long.
package enum UseScreens {
    private static let columns = """
        SELECT u.id, u.item_id, i.name_zh AS item_zh, i.name_en AS item_en, u.request_id, u.party_id,
            ifnull(o.name_zh, p.name_zh) AS party_zh, ifnull(o.name_en, p.name_en) AS party_en, u.started_at,
            u.preparation_minutes, u.minutes, u.after_minutes, u.samples, u.source, c.zh AS source_zh,
            c.en AS source_en, u.by_id, u.is_external, u.reverses_id,
            EXISTS (SELECT 1 FROM usage AS v WHERE v.reverses_id = u.id) AS is_reversed, u.at
        FROM usage AS u
        LEFT JOIN item AS i ON i.id = u.item_id
        LEFT JOIN organisation AS o ON o.id = u.party_id LEFT JOIN person AS p ON p.id = u.party_id
        LEFT JOIN code AS c ON c.list = 'usage_source' AND c.code = u.source
        """
    /// Of request `?1`; at most `?2`.
    package static let ofRequest = "\(columns) WHERE u.request_id = ?1 ORDER BY u.started_at, u.at, u.id LIMIT ?2"
    /// Of item `?1`, the newest first; at most `?2`.
    package static let ofItem = "\(columns) WHERE u.item_id = ?1 ORDER BY u.started_at DESC, u.at DESC, u.id LIMIT ?2"
    /// The record `?1`.
    package static let record = "\(columns) WHERE u.id = ?1"

    /// Whoever is of the owner's organisation is no external user.
    package static let insert = """
        INSERT INTO usage (id, item_id, request_id, party_id, started_at, preparation_minutes, minutes, after_minutes,
            samples, source, by_id, at, is_external)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, NOT EXISTS (
            SELECT 1 FROM item AS i WHERE i.id = ?2 AND i.owner_id IN
                (?4, (SELECT p.organisation_id FROM person AS p WHERE p.id = ?4))))
        """
    /// Record `?1` takes back record `?2`.
    package static let reverse = """
        INSERT INTO usage (id, item_id, request_id, party_id, started_at, preparation_minutes, minutes, after_minutes,
            samples, source, by_id, at, is_external, reverses_id)
        SELECT ?1, item_id, request_id, party_id, started_at, -preparation_minutes, -minutes, -after_minutes, -samples,
            source, ?3, ?4, is_external, id
        FROM usage WHERE id = ?2
        """

    /// 仪器使用报表: instruments, laboratories, facilities and platforms from instant `?1` to `?2`, with
    /// `?3` those of that park alone. What was reversed counts nowhere. The claims are those of the
    /// steps in that time, in fen.
    package static let report = """
        SELECT i.id AS item_id, \(ItemScreens.park("i.id")) AS home, i.kind, k.zh AS kind_zh, k.en AS kind_en,
            i.name_zh, i.name_en, i.owner_id, o.name_zh AS owner_zh, o.name_en AS owner_en,
            count(u.id) - 2 * count(u.reverses_id) AS records, ifnull(sum(u.minutes), 0) AS minutes,
            ifnull(sum(u.minutes * u.is_external), 0) AS external_minutes,
            ifnull(sum(u.preparation_minutes + u.minutes + u.after_minutes), 0) AS occupied_minutes,
            ifnull(sum(u.samples), 0) AS samples,
            (SELECT ifnull(sum(s.amount), 0) FROM step AS s JOIN item AS m ON m.id = s.unit_id
                WHERE s.subject_id = i.id AND s.amount IS NOT NULL AND s.at >= ?1 AND s.at < ?2
                    AND CASE WHEN json_valid(m.detail) THEN json_extract(m.detail, '$.unit') END = 'fen'
                    AND NOT EXISTS (SELECT 1 FROM step AS v WHERE v.subject_id = s.subject_id
                        AND v.request_id = s.request_id AND v.n = s.n + 1 AND v.follows = s.id
                        AND v.to_state = 'void')) AS claimed_fen
        FROM item AS i JOIN kind AS k ON k.kind = i.kind LEFT JOIN organisation AS o ON o.id = i.owner_id
        LEFT JOIN usage AS u ON u.item_id = i.id AND u.started_at >= ?1 AND u.started_at < ?2
        WHERE i.kind IN ('instrument', 'laboratory', 'facility', 'platform')
            AND (?3 IS NULL OR \(ItemScreens.park("i.id")) = ?3)
        GROUP BY i.id HAVING i.state = 'active' OR count(u.id) > 0
        ORDER BY home, i.kind, i.id
        """
}
