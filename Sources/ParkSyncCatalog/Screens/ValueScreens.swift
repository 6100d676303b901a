/// Accounts: what they hold, why, and whether the sums prove themselves.
package enum ValueScreens {
    /// Accounts with what they hold of each unit; with `?1` those of that park, with `?2` of that
    /// owner. At most `?3`.
    package static let accounts = """
        SELECT i.id, \(ItemScreens.park("i.id")) AS home, i.name_zh, i.name_en, i.owner_id, o.name_zh AS owner_zh,
            o.name_en AS owner_en,
            CASE WHEN json_valid(i.detail) THEN json_extract(i.detail, '$.account_type') END AS type,
            b.unit_id, u.name_zh AS unit_zh, u.name_en AS unit_en, sum(b.paid_in) - sum(b.paid_out) AS amount
        FROM item AS i LEFT JOIN organisation AS o ON o.id = i.owner_id
        LEFT JOIN account_entry AS b ON b.account_id = i.id LEFT JOIN item AS u ON u.id = b.unit_id
        WHERE i.kind = 'account' AND i.state = 'active' AND (?1 IS NULL OR \(ItemScreens.park("i.id")) = ?1)
            AND (?2 IS NULL OR i.owner_id = ?2)
        GROUP BY i.id, b.unit_id ORDER BY i.id, b.unit_id LIMIT ?3
        """
    /// What account `?1` holds, owes and is owed, by unit.
    package static let balance = """
        WITH held AS (
            SELECT unit_id, sum(paid_in) AS paid_in, sum(paid_out) AS paid_out FROM account_entry
            WHERE account_id = ?1 GROUP BY unit_id),
        owes AS (SELECT unit_id, sum(amount) AS amount FROM due WHERE payer_id = ?1 GROUP BY unit_id),
        awaits AS (SELECT unit_id, sum(amount) AS amount FROM due WHERE payee_id = ?1 GROUP BY unit_id)
        SELECT u.unit_id, i.name_zh AS unit_zh, i.name_en AS unit_en, ifnull(held.paid_in, 0) AS paid_in,
            ifnull(held.paid_out, 0) AS paid_out, ifnull(held.paid_in - held.paid_out, 0) AS amount,
            ifnull(owes.amount, 0) AS owes, ifnull(awaits.amount, 0) AS awaits
        FROM (SELECT unit_id FROM held UNION SELECT unit_id FROM owes UNION SELECT unit_id FROM awaits) AS u
        LEFT JOIN held ON held.unit_id = u.unit_id LEFT JOIN owes ON owes.unit_id = u.unit_id
        LEFT JOIN awaits ON awaits.unit_id = u.unit_id LEFT JOIN item AS i ON i.id = u.unit_id
        ORDER BY u.unit_id
        """
    /// What entered and left account `?1` from instant `?2` to `?3`, with the balance after each;
    /// the newest first, at most `?4`.
    package static let statement = """
        SELECT s.at, s.amount, s.balance, s.unit_id, u.name_zh AS unit_zh, u.name_en AS unit_en, s.other_id,
            a.name_zh AS other_zh, a.name_en AS other_en, s.transfer_id, s.because_id, s.reverses
        FROM (SELECT at, amount, unit_id, other_id, transfer_id, because_id, reverses,
                sum(amount) OVER (PARTITION BY unit_id ORDER BY at, transfer_id, amount
                    ROWS UNBOUNDED PRECEDING) AS balance
            FROM account_statement WHERE account_id = ?1) AS s
        LEFT JOIN item AS u ON u.id = s.unit_id LEFT JOIN item AS a ON a.id = s.other_id
        WHERE s.at >= ?2 AND s.at < ?3 ORDER BY s.at DESC, s.transfer_id DESC, s.amount LIMIT ?4
        """

    /// A question to which no row may be the answer.
    package struct Check: Sendable {
        package var name: String
        package var zh: String
        package var en: String
        /// How many rows were looked at.
        package var examined: String
        /// `id`, `unit_id`, `amount` and `other_id` of what is wrong.
        package var faults: String
    }

    package static let checks: [Check] = [
        Check(
            name: "unbalanced", zh: "各计量单位收支合计为零", en: "the postings of each unit sum to zero",
            examined: "SELECT count(DISTINCT unit_id) AS n FROM account_balance",
            faults: "SELECT unit_id AS id, unit_id, amount, NULL AS other_id FROM unbalanced ORDER BY unit_id"),
        Check(
            name: "account_mismatch", zh: "余额与转账明细一致", en: "balances are what the transfers say",
            examined: "SELECT count(*) AS n FROM account_balance",
            faults: """
                SELECT account_id AS id, unit_id, paid_in - paid_out AS amount, park_id AS other_id
                FROM account_mismatch ORDER BY account_id, unit_id, park_id
                """),
        Check(
            name: "overdrawn", zh: "账户没有透支", en: "no account is below zero",
            examined: "SELECT count(*) AS n FROM balance",
            faults: "SELECT account_id AS id, unit_id, amount, NULL AS other_id FROM overdrawn ORDER BY id, unit_id"),
        Check(
            name: "one_sided", zh: "每笔转账有两个账户", en: "each transfer has two postings",
            examined: "SELECT count(*) AS n FROM transfer",
            faults: """
                SELECT t.id, t.unit_id, t.amount, t.from_id AS other_id FROM transfer AS t
                WHERE t.from_id = t.to_id OR t.amount < 1
                    OR NOT EXISTS (SELECT 1 FROM item AS i WHERE i.id = t.unit_id AND i.kind = 'unit')
                    OR (t.from_id <> t.unit_id
                        AND NOT EXISTS (SELECT 1 FROM item AS i WHERE i.id = t.from_id AND i.kind = 'account'))
                    OR (t.to_id <> t.unit_id
                        AND NOT EXISTS (SELECT 1 FROM item AS i WHERE i.id = t.to_id AND i.kind = 'account'))
                ORDER BY t.id, t.from_id
                """),
        Check(
            name: "paid_twice", zh: "每笔款项只支付一次", en: "each claim is paid once",
            examined: "SELECT count(*) AS n FROM step WHERE amount IS NOT NULL",
            faults: """
                SELECT id, min(unit_id) AS unit_id, sum(amount) AS amount, max(from_id) AS other_id FROM transfer
                GROUP BY id HAVING count(*) > 1 ORDER BY id
                """),
        Check(
            name: "unclaimed", zh: "付款与应付款项一致", en: "payments are what the claims say",
            examined: "SELECT count(*) AS n FROM transfer WHERE id GLOB '*:step:*'",
            faults: """
                SELECT t.id, t.unit_id, t.amount, t.from_id AS other_id FROM transfer AS t
                WHERE t.id GLOB '*:step:*' AND NOT EXISTS (SELECT 1 FROM step AS s WHERE s.payer_id = t.from_id
                    AND s.id = t.id AND s.payee_id = t.to_id AND s.unit_id = t.unit_id AND s.amount = t.amount)
                ORDER BY t.id, t.from_id
                """),
        Check(
            name: "reversed_twice", zh: "冲正不超过原转账", en: "no more is reversed than was paid",
            examined: "SELECT count(*) AS n FROM transfer WHERE reverses = 1",
            faults: """
                SELECT r.because_id AS id, r.unit_id, sum(r.amount) AS amount, r.from_id AS other_id FROM transfer AS r
                WHERE r.reverses = 1
                GROUP BY r.because_id, r.unit_id, r.from_id
                HAVING sum(r.amount) > ifnull((SELECT max(t.amount) FROM transfer AS t
                    WHERE t.id = r.because_id AND t.to_id = r.from_id AND t.unit_id = r.unit_id), 0)
                ORDER BY id
                """),
    ]
}
