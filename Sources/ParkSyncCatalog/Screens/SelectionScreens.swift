/// Yearly selections, and who is ranked in them.
package enum SelectionScreens {
    /// The round `?1`, or all rounds of the year `?2`.
    package static let rounds = """
        SELECT r.id AS round_id, \(ItemScreens.park("r.id")) AS home, r.name_zh, r.name_en, r.year, r.tier,
            c.zh AS tier_zh, c.en AS tier_en, r.capacity, r.closes_at,
            CASE typeof(r.weights) WHEN 'text' THEN r.weights ELSE '' END AS weights
        FROM round AS r LEFT JOIN code AS c ON c.list = 'cultivation_tier' AND c.code = r.tier
        WHERE r.id = ?1 OR r.year = ?2 ORDER BY r.id
        """

    /// The entries of round `?1` that stand in one of the states `?2`, a JSON array: what the
    /// arbiter ranks. After a fork each branch is one.
    package static let ranked = """
        SELECT s.request_id, r.party_id, ifnull(o.name_zh, p.name_zh) AS party_zh,
            ifnull(o.name_en, p.name_en) AS party_en, s.to_state AS state, t.zh AS state_zh, t.en AS state_en,
            CASE WHEN json_valid(s.detail) THEN json_extract(s.detail, '$.inputs') END AS inputs
        FROM step AS s
        JOIN request AS r ON r.id = s.request_id AND r.subject_id = s.subject_id
        JOIN state AS t ON t.machine = s.machine AND t.state = s.to_state
        LEFT JOIN organisation AS o ON o.id = r.party_id LEFT JOIN person AS p ON p.id = r.party_id
        WHERE s.subject_id = ?1 AND s.machine = 'pick' AND s.to_state IN (SELECT value FROM json_each(?2))
            AND NOT EXISTS (SELECT 1 FROM step AS f WHERE f.subject_id = s.subject_id
                AND f.request_id = s.request_id AND f.n = s.n + 1 AND f.follows = s.id)
        ORDER BY s.request_id, s.id
        """
}
