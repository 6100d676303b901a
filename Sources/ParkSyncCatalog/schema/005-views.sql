-- parksync: schema 5
--
-- The catalogue of the parks, part 5: what must be empty, and what people look at.

-- Must be empty at every node at all times ------------------------------------------------------------------------------

-- 无对应申请的记录: steps of a request that is not there, or has another machine or subject. They count nowhere.
CREATE VIEW stray_step AS
SELECT s.subject_id, s.request_id, s.n, s.id, s.machine, s.to_state, s.at
FROM step AS s
LEFT JOIN request AS r ON r.id = s.request_id
LEFT JOIN machine AS m ON m.machine = r.machine
WHERE r.id IS NULL OR r.machine <> s.machine OR s.subject_id <> CASE m.arbiter WHEN 'asker' THEN r.id ELSE r.subject_id END;

-- Acts on a request that is not there or has another machine. Those that are ahead of their request are here for a while.
CREATE VIEW stray_act AS
SELECT a.id, a.request_id, a.machine, a.act, a.at
FROM act AS a LEFT JOIN request AS r ON r.id = a.request_id
WHERE r.id IS NULL OR r.machine <> a.machine;

-- 越权记录: use, hours and prices that a park has written for an item of another. The arbiter does not look at them.
CREATE VIEW stray_record AS
SELECT 'usage' AS record, u.id, u.item_id FROM usage AS u
WHERE substr(u.id, 1, instr(u.id, ':')) <> substr(u.item_id, 1, instr(u.item_id, ':'))
UNION ALL
SELECT 'window', w.id, w.item_id FROM window AS w
WHERE substr(w.id, 1, instr(w.id, ':')) <> substr(w.item_id, 1, instr(w.item_id, ':'))
UNION ALL
SELECT 'rate', r.id, r.item_id FROM rate AS r
WHERE substr(r.id, 1, instr(r.id, ':')) <> substr(r.item_id, 1, instr(r.item_id, ':'));

-- 断链: steps that do not begin where the one that they follow led.
CREATE VIEW broken_chain AS
SELECT s.subject_id, s.request_id, s.n, s.id, s.follows
FROM step AS s
LEFT JOIN step AS f ON f.subject_id = s.subject_id AND f.request_id = s.request_id AND f.n = s.n - 1 AND f.id = s.follows
WHERE s.n > 1 AND f.to_state IS NOT s.from_state;

-- 分叉: after a fork of the home's log, the last steps of each branch of a request; all of them hold their places until a
-- person has ended all but one by `fork`.
CREATE VIEW forked_chain AS
WITH leaf AS (
    SELECT s.subject_id, s.request_id, s.n, s.id, s.to_state
    FROM (SELECT DISTINCT subject_id, request_id FROM step GROUP BY subject_id, request_id, n HAVING count(*) > 1) AS c
    JOIN step AS s ON s.subject_id = c.subject_id AND s.request_id = c.request_id
    WHERE s.to_state <> 'void' AND NOT EXISTS (SELECT 1 FROM step AS t
        WHERE t.subject_id = s.subject_id AND t.request_id = s.request_id AND t.n = s.n + 1 AND t.follows = s.id)
)
SELECT l.subject_id, l.request_id, l.n, l.id AS step_id, l.to_state AS state
FROM leaf AS l
WHERE EXISTS (SELECT 1 FROM leaf AS o WHERE o.subject_id = l.subject_id AND o.request_id = l.request_id AND o.id <> l.id);

-- Requests of which a place is not what the steps say, or of which the last step of a branch has none; some of them twice.
CREATE VIEW place_wrong AS
SELECT p.subject_id, p.request_id
FROM place AS p
WHERE NOT EXISTS (SELECT 1 FROM step_place AS h
        WHERE h.subject_id = p.subject_id AND h.request_id = p.request_id AND h.n = p.n AND h.step_id = p.step_id
            AND (h.machine, h.state, h.starts_at, h.ends_at, h.weight, h.load, h.span, h.waits_for, h.waits_park, h.at)
                = (p.machine, p.state, p.starts_at, p.ends_at, p.weight, p.load, p.span, p.waits_for, p.waits_park, p.at))
    OR EXISTS (SELECT 1 FROM step AS t WHERE t.subject_id = p.subject_id AND t.request_id = p.request_id AND t.n = p.n + 1
        AND t.follows = p.step_id)
UNION ALL
SELECT s.subject_id, s.request_id
FROM step AS s
WHERE NOT EXISTS (SELECT 1 FROM step AS t WHERE t.subject_id = s.subject_id AND t.request_id = s.request_id
        AND t.n = s.n + 1 AND t.follows = s.id)
    AND NOT EXISTS (SELECT 1 FROM place AS p WHERE p.subject_id = s.subject_id AND p.request_id = s.request_id
        AND p.step_id = s.id);

-- 状态不符: what the places of these are, and (is_right) what they should be: the last step of each branch. Of steps that
-- follow the same one, the one with the smallest id goes on with the branch, and the others begin one of their own. After a
-- fork the node of their home puts them right, in the order of branch:
--   INSERT INTO place SELECT subject_id, request_id, branch, step_id, …, at FROM place_mismatch WHERE is_right ORDER BY branch
--   ON CONFLICT DO UPDATE SET step_id = excluded.step_id, …
CREATE VIEW place_mismatch AS
WITH RECURSIVE wrong AS MATERIALIZED (SELECT DISTINCT subject_id, request_id FROM place_wrong),
walk (subject_id, request_id, n, id, branch) AS (
    SELECT s.subject_id, s.request_id, s.n, s.id, CASE WHEN EXISTS (SELECT 1 FROM step AS o
        WHERE o.subject_id = s.subject_id AND o.request_id = s.request_id AND o.n = 1 AND o.id < s.id) THEN s.id ELSE '' END
    FROM wrong AS w JOIN step AS s ON s.subject_id = w.subject_id AND s.request_id = w.request_id AND s.n = 1
    UNION ALL
    SELECT s.subject_id, s.request_id, s.n, s.id, CASE WHEN EXISTS (SELECT 1 FROM step AS o
        WHERE o.subject_id = s.subject_id AND o.request_id = s.request_id AND o.n = s.n AND o.follows = s.follows
            AND o.id < s.id) THEN s.id ELSE w.branch END
    FROM walk AS w
    JOIN step AS s ON s.subject_id = w.subject_id AND s.request_id = w.request_id AND s.n = w.n + 1 AND s.follows = w.id
),
found AS (
    SELECT p.* FROM wrong AS w JOIN place AS p ON p.subject_id = w.subject_id AND p.request_id = w.request_id
),
ought AS (
    SELECT h.subject_id, h.request_id, w.branch, h.step_id, h.n, h.machine, h.state, h.starts_at, h.ends_at, h.weight, h.load,
        h.span, h.waits_for, h.waits_park, h.at
    FROM walk AS w
    JOIN step_place AS h ON h.subject_id = w.subject_id AND h.request_id = w.request_id AND h.n = w.n AND h.step_id = w.id
    WHERE NOT EXISTS (SELECT 1 FROM step AS t
        WHERE t.subject_id = w.subject_id AND t.request_id = w.request_id AND t.n = w.n + 1 AND t.follows = w.id)
)
SELECT 1 AS is_right, * FROM (SELECT * FROM ought EXCEPT SELECT * FROM found)
UNION ALL SELECT 0, * FROM (SELECT * FROM found EXCEPT SELECT * FROM ought);

-- 超额: items of which more holds at one instant than there is.
CREATE VIEW over_capacity AS
SELECT p.subject_id, ifnull(i.capacity, 0) AS capacity, p.peak
FROM item_peak AS p LEFT JOIN item AS i ON i.id = p.subject_id
WHERE i.id IS NULL OR p.peak > i.capacity;

-- 账户余额.
CREATE VIEW balance AS
SELECT account_id, unit_id, sum(paid_in) - sum(paid_out) AS amount
FROM account_entry GROUP BY account_id, unit_id;

-- 透支.
CREATE VIEW overdrawn AS
SELECT account_id, unit_id, amount FROM balance WHERE amount < 0 AND account_id <> unit_id;

-- 不平: units of which not as much is somewhere as was issued.
CREATE VIEW unbalanced AS
SELECT unit_id, sum(paid_in / 1000000000 - paid_out / 1000000000) * 1000000000
    + sum(paid_in % 1000000000 - paid_out % 1000000000) AS amount
FROM account_balance GROUP BY unit_id HAVING amount <> 0;

-- 余额不符: balances that are not what the transfers say.
CREATE VIEW account_mismatch AS
SELECT park_id, account_id, unit_id, sum(paid_in / 1000000000) * 1000000000 + sum(paid_in % 1000000000) AS paid_in,
    sum(paid_out / 1000000000) * 1000000000 + sum(paid_out % 1000000000) AS paid_out FROM (
    SELECT park_id, account_id, unit_id, paid_in, paid_out FROM account_balance
    UNION ALL SELECT substr(from_id, 1, instr(from_id, ':')) || 'park', from_id, unit_id, 0, -amount FROM transfer
    UNION ALL SELECT substr(from_id, 1, instr(from_id, ':')) || 'park', to_id, unit_id, -amount, 0 FROM transfer)
GROUP BY 1, 2, 3 HAVING 0 <> sum(paid_in / 1000000000) * 1000000000 + sum(paid_in % 1000000000)
    OR 0 <> sum(paid_out / 1000000000) * 1000000000 + sum(paid_out % 1000000000);

-- What a home has to do ------------------------------------------------------------------------------------------------

-- 待受理: requests that their arbiter has not taken up.
CREATE VIEW request_unanswered AS
SELECT r.id, r.kind, r.machine, r.subject_id, CASE m.arbiter WHEN 'asker' THEN r.id ELSE r.subject_id END AS decided_at_id
FROM request AS r JOIN machine AS m ON m.machine = r.machine
WHERE NOT EXISTS (SELECT 1 FROM place AS p
    WHERE p.subject_id = CASE m.arbiter WHEN 'asker' THEN r.id ELSE r.subject_id END AND p.request_id = r.id);

-- 待答复: acts that no step answers yet.
CREATE VIEW act_unanswered AS
SELECT a.id, a.request_id, a.machine, a.act, a.by_id, a.on_n, a.at
FROM act AS a WHERE NOT EXISTS (SELECT 1 FROM step AS s WHERE s.act_id = a.id AND s.request_id = a.request_id
    AND s.subject_id = (SELECT CASE m.arbiter WHEN 'asker' THEN r.id ELSE r.subject_id END
        FROM request AS r JOIN machine AS m ON m.machine = r.machine WHERE r.id = a.request_id));

-- 应付: claims that nobody has paid. The payer's home does, by a transfer with the claim's id, as soon as they are covered.
-- A claim is of the arbiter of its request, between the request's account and another one. A request is paid for once: where
-- a fork has left two claims and one is paid, that is given back before the other is due.
CREATE VIEW due AS
SELECT s.id, s.payer_id, s.payee_id, s.unit_id, s.amount, s.request_id, s.subject_id, s.at
FROM step AS s
CROSS JOIN request AS q ON q.id = s.request_id AND q.machine = s.machine AND q.account_id IN (s.payer_id, s.payee_id)
CROSS JOIN machine AS m ON m.machine = q.machine AND s.subject_id = CASE m.arbiter WHEN 'asker' THEN q.id ELSE q.subject_id END
WHERE s.amount IS NOT NULL AND s.amount > 0
    AND substr(s.id, 1, instr(s.id, ':')) = substr(s.subject_id, 1, instr(s.subject_id, ':'))
    AND NOT EXISTS (SELECT 1 FROM transfer AS t WHERE t.from_id = s.payer_id AND t.id = s.id)
    AND NOT EXISTS (SELECT 1 FROM step AS v WHERE v.subject_id = s.subject_id AND v.request_id = s.request_id
        AND v.n = s.n + 1 AND v.follows = s.id AND v.to_state = 'void')
    AND NOT EXISTS (SELECT 1 FROM step AS o CROSS JOIN transfer AS t ON t.from_id = o.payer_id AND t.id = o.id
        WHERE o.request_id = s.request_id AND o.subject_id = s.subject_id AND o.amount IS NOT NULL AND o.id <> s.id
            AND t.amount > ifnull((SELECT sum(b.amount / 1000000000) * 1000000000 + sum(b.amount % 1000000000)
                FROM transfer AS b WHERE b.because_id = t.id AND b.reverses = 1 AND b.from_id = t.to_id), 0));

-- 单位重复: the same credit code in several records. The home of `id` links it: ('…', 'same_as', counted_id).
CREATE VIEW organisation_duplicate AS
SELECT o.credit_code, o.id, (SELECT min(a.id) FROM organisation AS a WHERE a.credit_code = o.credit_code) AS counted_id
FROM organisation AS o
WHERE o.credit_code IS NOT NULL
    AND EXISTS (SELECT 1 FROM organisation AS a WHERE a.credit_code = o.credit_code AND a.id < o.id)
    AND NOT EXISTS (SELECT 1 FROM link WHERE subject_id = o.id AND relation = 'same_as');

-- 人员重复.
CREATE VIEW person_duplicate AS
SELECT p.orcid, p.id, (SELECT min(a.id) FROM person AS a WHERE a.orcid = p.orcid) AS counted_id
FROM person AS p
WHERE p.orcid IS NOT NULL AND EXISTS (SELECT 1 FROM person AS a WHERE a.orcid = p.orcid AND a.id < p.id)
    AND NOT EXISTS (SELECT 1 FROM link WHERE subject_id = p.id AND relation = 'same_as');

-- 条目重复: of patents, standards and data sets with the same number.
CREATE VIEW item_duplicate AS
SELECT i.kind, i.natural_key, i.id,
    (SELECT min(a.id) FROM item AS a WHERE a.kind = i.kind AND a.natural_key = i.natural_key) AS counted_id
FROM item AS i
WHERE i.natural_key IS NOT NULL
    AND EXISTS (SELECT 1 FROM item AS a WHERE a.kind = i.kind AND a.natural_key = i.natural_key AND a.id < i.id)
    AND NOT EXISTS (SELECT 1 FROM link WHERE subject_id = i.id AND relation = 'same_as');

-- 期限: when the clock moves what waits. NULL: never, or a round without its end. It counts from the last step that changed
-- something: a note and a refused act make nothing later.
CREATE VIEW deadline AS
SELECT p.subject_id, p.request_id, p.branch, p.machine, p.state, st.deadline AS rule, p.waits_park, p.waits_for,
    CASE st.deadline
        WHEN 'hold' THEN min(strftime('%Y-%m-%dT%H:%M:%SZ', p.since, '+' || ifnull(i.hold_minutes, 2880) || ' minutes'),
            CASE WHEN p.starts_at = '' THEN '~' ELSE p.starts_at END)
        WHEN 'starts' THEN nullif(p.starts_at, '')
        WHEN 'no_show' THEN strftime('%Y-%m-%dT%H:%M:%SZ', p.starts_at, '+' || ifnull(i.no_show_minutes, 30) || ' minutes')
        WHEN 'ends' THEN nullif(p.ends_at, '~')
        WHEN 'finish' THEN strftime('%Y-%m-%dT%H:%M:%SZ', p.ends_at, '+1 day')
        WHEN 'attend' THEN strftime('%Y-%m-%dT%H:%M:%SZ', p.ends_at, '+1 day')
        WHEN 'certify' THEN strftime('%Y-%m-%dT%H:%M:%SZ', p.ends_at, '+30 days')
        WHEN 'confirm' THEN strftime('%Y-%m-%dT%H:%M:%SZ', p.since, '+' || ifnull(i.confirm_days, 7) || ' days')
        WHEN 'answer' THEN strftime('%Y-%m-%dT%H:%M:%SZ', p.since, '+' || ifnull(i.confirm_days, 14) || ' days')
        WHEN 'register' THEN strftime('%Y-%m-%dT%H:%M:%SZ', p.since, '+30 days')
        WHEN 'contract' THEN strftime('%Y-%m-%dT%H:%M:%SZ', p.since, '+30 days')
        WHEN 'rectify' THEN CASE p.ends_at WHEN '~' THEN strftime('%Y-%m-%dT%H:%M:%SZ', p.since, '+90 days') ELSE p.ends_at END
        WHEN 'publicity' THEN strftime('%Y-%m-%dT%H:%M:%SZ', p.since,
            '+' || ifnull(CASE WHEN json_valid(i.detail) THEN json_extract(i.detail, '$.publicity_days') END, 7) || ' days')
        WHEN 'round' THEN CASE WHEN json_valid(i.detail) THEN json_extract(i.detail, '$.closes_at') END
    END AS due_at
FROM (
    SELECT *, (SELECT s.at FROM step AS s
        WHERE s.subject_id = place.subject_id AND s.request_id = place.request_id AND s.n <= place.n AND s.act <> 'note'
            AND (s.from_state <> s.to_state OR s.reasons = '[]')
        ORDER BY s.n DESC LIMIT 1) AS since
    FROM place
) AS p
JOIN state AS st ON st.machine = p.machine AND st.state = p.state
LEFT JOIN item AS i ON i.id = p.subject_id
WHERE p.waits_for <> '' AND st.deadline IS NOT NULL;

-- What people look at ---------------------------------------------------------------------------------------------------

-- 申请一览: a request as people see it: `sent` until the arbiter has taken it up.
CREATE VIEW request_state AS
SELECT r.id, r.kind, k.zh AS kind_zh, k.en AS kind_en, r.subject_id, i.name_zh AS subject_zh, i.name_en AS subject_en,
    r.party_id, r.class, ifnull(p.branch, '') AS branch, ifnull(p.n, 0) AS n, ifnull(p.state, 'sent') AS state,
    ifnull(st.zh, '已发出') AS state_zh, ifnull(st.en, 'sent') AS state_en, ifnull(p.starts_at, r.starts_at) AS starts_at,
    ifnull(p.ends_at, r.ends_at) AS ends_at, ifnull(p.weight, r.weight) AS weight, s.reasons, ifnull(p.waits_for, 'arbiter') AS waits_for,
    CASE m.arbiter WHEN 'asker' THEN substr(r.id, 1, instr(r.id, ':') - 1)
        ELSE substr(r.subject_id, 1, instr(r.subject_id, ':') - 1) END AS arbiter_park,
    r.at AS asked_at, p.at AS state_at, r.scope
FROM request AS r
JOIN kind AS k ON k.kind = r.kind
JOIN machine AS m ON m.machine = r.machine
LEFT JOIN place AS p ON p.subject_id = CASE m.arbiter WHEN 'asker' THEN r.id ELSE r.subject_id END AND p.request_id = r.id
    AND p.machine = r.machine
LEFT JOIN step AS s ON s.subject_id = p.subject_id AND s.request_id = p.request_id AND s.n = p.n AND s.id = p.step_id
LEFT JOIN state AS st ON st.machine = p.machine AND st.state = p.state
LEFT JOIN item AS i ON i.id = r.subject_id;

-- 办理过程: what became of a request, step by step.
CREATE VIEW request_history AS
SELECT s.request_id, s.n, s.id AS step_id, s.act, s.from_state, s.to_state AS state, st.zh AS state_zh, st.en AS state_en,
    s.starts_at, s.ends_at, s.weight, s.amount, s.unit_id, s.reasons, s.by_id, a.by_id AS acted_by, s.at
FROM step AS s
LEFT JOIN act AS a ON a.id = s.act_id
LEFT JOIN state AS st ON st.machine = s.machine AND st.state = s.to_state;

-- 待办: all that waits, and for whom: a park, in it the manager, the one who asked, the node or the clock; of reviewers and
-- parties, which may be of any park, for_id names the person or the organisation.
CREATE VIEW inbox AS
SELECT p.waits_park AS park, p.waits_for, NULL AS for_id, p.request_id, p.subject_id, p.machine, p.state, st.zh AS state_zh,
    st.en AS state_en, p.n, p.starts_at, p.ends_at, p.weight, p.at AS since_at
FROM place AS p JOIN state AS st ON st.machine = p.machine AND st.state = p.state
WHERE p.waits_for <> ''
UNION ALL
SELECT substr(l.object_id, 1, instr(l.object_id, ':') - 1), p.waits_for, l.object_id, p.request_id, p.subject_id, p.machine,
    p.state, st.zh, st.en, p.n, p.starts_at, p.ends_at, p.weight, p.at
FROM place AS p
JOIN state AS st ON st.machine = p.machine AND st.state = p.state
JOIN link AS l ON l.subject_id = p.subject_id AND l.relation = 'reviewer'
WHERE p.waits_for = 'reviewer'
UNION ALL
SELECT substr(j.value, 1, instr(j.value, ':') - 1), p.waits_for, j.value, p.request_id, p.subject_id, p.machine, p.state, st.zh,
    st.en, p.n, p.starts_at, p.ends_at, p.weight, p.at
FROM place AS p
JOIN state AS st ON st.machine = p.machine AND st.state = p.state
JOIN step AS s ON s.subject_id = p.subject_id AND s.request_id = p.request_id AND s.n = p.n AND s.id = p.step_id
JOIN request AS r ON r.id = p.request_id
JOIN json_each(CASE p.machine
    WHEN 'second' THEN json_array(
        CASE WHEN json_valid(r.detail) THEN json_extract(r.detail, '$.person_id') END,
        CASE WHEN json_valid(r.detail) THEN json_extract(r.detail, '$.from_id') END,
        CASE WHEN json_valid(r.detail) THEN json_extract(r.detail, '$.to_id') END)
    ELSE json_array(CASE WHEN json_valid(s.detail) THEN json_extract(s.detail, '$.party_id') END) END) AS j
WHERE p.waits_for = 'party' AND j.type = 'text';

-- 日历: when what holds on an item, without saying for whom.
CREATE VIEW calendar AS
SELECT p.subject_id, p.starts_at, p.ends_at, p.load, i.capacity, p.state, st.zh AS state_zh, st.en AS state_en, r.class
FROM place AS p
JOIN state AS st ON st.machine = p.machine AND st.state = p.state
LEFT JOIN item AS i ON i.id = p.subject_id
LEFT JOIN request AS r ON r.id = p.request_id
WHERE p.load > 0;

-- 资源目录.
CREATE VIEW item_list AS
SELECT i.id, substr(i.id, 1, instr(i.id, ':') - 1) AS park, i.kind, k.zh AS kind_zh, k.en AS kind_en, i.name_zh, i.name_en,
    i.owner_id, o.name_zh AS owner_zh, o.name_en AS owner_en, i.capacity, i.share_class, i.approval, i.training_code, i.scope
FROM item AS i
JOIN kind AS k ON k.kind = i.kind
LEFT JOIN organisation AS o ON o.id = i.owner_id
WHERE i.state = 'active';

-- 收费标准: all versions, each until the next one begins. The last version of a day is the one of that day.
CREATE VIEW rate_valid AS
SELECT r.item_id, r.class, r.unit, r.unit_id, r.fen, r.id AS rate_id, r.valid_from,
    (SELECT min(n.valid_from) FROM rate AS n
        WHERE n.item_id = r.item_id AND n.class = r.class AND n.valid_from > r.valid_from
            AND substr(n.id, 1, instr(n.id, ':')) = substr(n.item_id, 1, instr(n.item_id, ':'))) AS valid_until
FROM rate AS r
WHERE substr(r.id, 1, instr(r.id, ':')) = substr(r.item_id, 1, instr(r.item_id, ':'))
    AND NOT EXISTS (SELECT 1 FROM rate AS n WHERE n.item_id = r.item_id AND n.class = r.class AND n.valid_from = r.valid_from
        AND (n.version, n.id) > (r.version, r.id)
        AND substr(n.id, 1, instr(n.id, ':')) = substr(n.item_id, 1, instr(n.item_id, ':')));

-- 账户明细.
CREATE VIEW account_statement AS
SELECT t.to_id AS account_id, t.unit_id, t.at, t.amount, t.from_id AS other_id, t.id AS transfer_id, t.because_id, t.reverses
FROM transfer AS t
UNION ALL
SELECT t.from_id, t.unit_id, t.at, -t.amount, t.to_id, t.id, t.because_id, t.reverses FROM transfer AS t;

-- 资金使用: what of a programme's budget is reserved for whom, and what of that was paid.
CREATE VIEW programme_budget AS
SELECT i.id AS programme_id, i.name_zh, i.name_en, i.capacity AS budget,
    ifnull((SELECT sum(p.load / 1000000000) * 1000000000 + sum(p.load % 1000000000)
        FROM place AS p WHERE p.subject_id = i.id AND p.load > 0), 0) AS reserved,
    -- As paid_for has it; a join with that would first add up the transfers of all requests.
    ifnull((SELECT sum(amount / 1000000000) * 1000000000 + sum(amount % 1000000000) FROM (
        SELECT t.amount - min(t.amount, max(0, ifnull((
            SELECT sum(r.amount / 1000000000) * 1000000000 + sum(r.amount % 1000000000) FROM transfer AS r
            WHERE r.because_id = t.id AND r.reverses = 1 AND r.from_id = t.to_id), 0))) AS amount
        FROM place AS p JOIN transfer AS t ON t.because_id = p.request_id AND t.reverses = 0
        WHERE p.subject_id = i.id AND p.load > 0
            AND substr(t.from_id, 1, instr(t.from_id, ':')) = substr(i.id, 1, instr(i.id, ':')))), 0) AS paid
FROM item AS i WHERE i.kind = 'programme';

-- 政策采纳: which park has made what of each policy.
CREATE VIEW policy_adopted AS
SELECT r.subject_id AS policy_id, i.name_zh, i.name_en, substr(r.id, 1, instr(r.id, ':') - 1) AS park, r.id AS request_id,
    p.state, st.zh AS state_zh, st.en AS state_en, p.at
FROM request AS r
JOIN place AS p ON p.subject_id = r.id AND p.request_id = r.id AND p.machine = 'adoption'
JOIN state AS st ON st.machine = p.machine AND st.state = p.state
LEFT JOIN item AS i ON i.id = r.subject_id
WHERE r.kind IN ('policy_adoption', 'practice_adoption');

-- Holders of a certificate that is in force from one day to another.
CREATE VIEW certificate AS
SELECT c.holder_id, c.kind, k.zh AS kind_zh, k.en AS kind_en, c.number, c.from_on, ifnull(c.until_on, '9999-12-31') AS until_on,
    c.issuer_zh, c.id AS credential_id
FROM credential AS c LEFT JOIN code AS k ON k.list = 'credential_kind' AND k.code = c.kind
WHERE c.state = 'active';

-- 政策落实情况: each policy beside each park, and what the park has made of it, if anything.
CREATE VIEW policy_status AS
SELECT i.id AS policy_id, i.name_zh, i.name_en, json_extract(i.detail, '$.origin') AS origin,
    json_extract(i.detail, '$.origin_number') AS origin_number, k.id AS park_id, p.request_id,
    CASE WHEN p.state IS NOT NULL THEN p.state
        WHEN substr(i.id, 1, instr(i.id, ':')) = substr(k.id, 1, instr(k.id, ':')) THEN 'issued' ELSE 'none' END AS state,
    CASE WHEN p.state IS NOT NULL THEN st.zh
        WHEN substr(i.id, 1, instr(i.id, ':')) = substr(k.id, 1, instr(k.id, ':')) THEN '本园区发布' ELSE '未采纳' END AS state_zh,
    p.at
FROM item AS i
CROSS JOIN park AS k
LEFT JOIN request AS r ON r.subject_id = i.id AND r.kind = 'policy_adoption'
    AND substr(r.id, 1, instr(r.id, ':')) = substr(k.id, 1, instr(k.id, ':'))
LEFT JOIN place AS p ON p.subject_id = r.id AND p.request_id = r.id AND p.machine = 'adoption'
LEFT JOIN state AS st ON st.machine = p.machine AND st.state = p.state
WHERE i.kind = 'policy' AND i.state = 'active' AND json_valid(i.detail);

-- 工程资金使用: the programmes of each of the projects that the document names.
CREATE VIEW umbrella_budget AS
SELECT json_extract(i.detail, '$.umbrella') AS umbrella, c.zh AS umbrella_zh, c.en AS umbrella_en, count(*) AS programmes,
    sum(b.budget / 1000000000) * 1000000000 + sum(b.budget % 1000000000) AS budget,
    sum(b.reserved / 1000000000) * 1000000000 + sum(b.reserved % 1000000000) AS reserved,
    sum(b.paid / 1000000000) * 1000000000 + sum(b.paid % 1000000000) AS paid
FROM item AS i
JOIN programme_budget AS b ON b.programme_id = i.id
JOIN code AS c ON c.list = 'umbrella' AND c.code = json_extract(i.detail, '$.umbrella')
WHERE i.kind = 'programme' AND json_valid(i.detail)
GROUP BY c.code;

-- 企业权益: what an organisation has left of vouchers, free minutes and desks.
CREATE VIEW entitlement AS
SELECT i.owner_id, i.id AS account_id, json_extract(i.detail, '$.account_type') AS account_type, b.unit_id,
    u.name_zh AS unit_zh, u.name_en AS unit_en, sum(b.paid_in) - sum(b.paid_out) AS amount,
    CASE WHEN json_valid(u.detail) THEN json_extract(u.detail, '$.valid_until') END AS valid_until
FROM item AS i
JOIN account_entry AS b ON b.account_id = i.id
LEFT JOIN item AS u ON u.id = b.unit_id
WHERE i.kind = 'account' AND json_valid(i.detail)
    AND json_extract(i.detail, '$.account_type') IN ('voucher', 'free_minutes', 'desks')
GROUP BY i.owner_id, i.id, b.unit_id;

-- 成员单位: of alliances, communities, promotion bodies and other organisations that have members.
CREATE VIEW group_member AS
SELECT g.id AS group_id, g.kind AS group_kind, g.name_zh AS group_zh, g.name_en AS group_en, l.object_id AS member_id,
    o.name_zh AS member_zh, o.name_en AS member_en, substr(l.object_id, 1, instr(l.object_id, ':') - 1) AS member_park,
    l.from_on, l.until_on
FROM organisation AS g
JOIN link AS l ON l.subject_id = g.id AND l.relation = 'member'
LEFT JOIN organisation AS o ON o.id = l.object_id
WHERE g.state = 'active';

-- 创业学分: of those whose courses were certified.
CREATE VIEW study_credit AS
SELECT ifnull(json_extract(r.detail, '$.student_id'), r.party_id) AS student_id, count(*) AS courses,
    sum(min(json_extract(i.detail, '$.credits'), 1000000)) AS credits
FROM request AS r
JOIN place AS p ON p.subject_id = r.subject_id AND p.request_id = r.id AND p.branch = '' AND p.state = 'certified'
JOIN item AS i ON i.id = r.subject_id
WHERE r.kind = 'course_signup' AND json_valid(r.detail) AND json_valid(i.detail)
GROUP BY 1;

-- 产业链资源: who and what belongs to a cluster, or serves it.
CREATE VIEW cluster_part AS
SELECT l.object_id AS cluster, c.zh AS cluster_zh, c.en AS cluster_en, l.relation, l.subject_id,
    substr(l.subject_id, 1, instr(l.subject_id, ':') - 1) AS park, ifnull(i.kind, o.kind) AS kind,
    ifnull(i.name_zh, o.name_zh) AS name_zh, ifnull(i.name_en, o.name_en) AS name_en
FROM link AS l
JOIN code AS c ON c.list = 'cluster' AND c.code = l.object_id
LEFT JOIN item AS i ON i.id = l.subject_id
LEFT JOIN organisation AS o ON o.id = l.subject_id
WHERE l.relation IN ('cluster', 'serves');
