-- parksync: schema 4
--
-- The catalogue of the parks, part 4: what local writers are held to.
--
-- REPLACE fires no trigger for the row that it evicts, an UPSERT fires that of the insert and then that of the update, and
-- OR IGNORE skips a row only where a constraint fails: so each guard of an update has a second form for a row that is
-- inserted over another one, refusals are RAISE(ABORT), and no guard keeps anything outside the tables that a savepoint
-- could leave behind. A refusal ends with a code that stays, and with the column or field that it is about: SQLite has no
-- other place for them. OR REPLACE puts a column's default in the place of NULL after these triggers have seen NULL.

-- What a step makes of the place of its request: also of a step that is not the last one.
CREATE VIEW step_place AS
SELECT s.subject_id, s.request_id, s.id AS step_id, s.follows, s.n, s.machine, s.to_state AS state, s.starts_at, s.ends_at,
    s.weight, s.weight * st.occupies AS load,
    CASE
        WHEN s.starts_at = '' OR s.ends_at = '~' THEN 2
        WHEN CAST(strftime('%s', s.ends_at) AS INTEGER) - CAST(strftime('%s', s.starts_at) AS INTEGER) <= 86400 THEN 0
        WHEN CAST(strftime('%s', s.ends_at) AS INTEGER) - CAST(strftime('%s', s.starts_at) AS INTEGER) <= 32 * 86400 THEN 1
        ELSE 2
    END AS span,
    ifnull(st.waits_for, '') AS waits_for,
    CASE
        WHEN st.waits_for IS NULL THEN ''
        WHEN st.waits_for IN ('asker', 'holder') THEN substr(s.request_id, 1, instr(s.request_id, ':') - 1)
        ELSE substr(s.subject_id, 1, instr(s.subject_id, ':') - 1)
    END AS waits_park, s.at
FROM step AS s JOIN state AS st ON st.machine = s.machine AND st.state = s.to_state;

-- Rows of other parks are held to no CHECK here. What is added up over them is taken apart, so that no sum of theirs leaves
-- the range of numbers: that is an error, and would keep the rows of everybody else from being read.

-- Money that the home of a subject has paid for a request, reversals taken off. What another park writes of it is none; and a
-- reversal takes back no more than there was.
CREATE VIEW paid_for AS
SELECT t.because_id AS request_id, t.unit_id, sum(t.amount - min(t.amount, max(0, ifnull((
    SELECT sum(r.amount / 1000000000) * 1000000000 + sum(r.amount % 1000000000) FROM transfer AS r
    WHERE r.because_id = t.id AND r.reverses = 1 AND r.from_id = t.to_id), 0)))) AS amount
FROM transfer AS t JOIN request AS q ON q.id = t.because_id
WHERE t.because_id IS NOT NULL AND t.reverses = 0
    AND substr(t.from_id, 1, instr(t.from_id, ':')) = substr(q.subject_id, 1, instr(q.subject_id, ':'))
GROUP BY t.because_id, t.unit_id;

-- What the parks' rows say of an account, as far as it is theirs to say: a park has one row of what it has paid in, and only
-- the account's home pays out. At most what `transfer` lets in, so that the rows of all parks add up to a number.
CREATE VIEW account_entry AS
SELECT park_id, account_id, unit_id, max(0, min(paid_in, 1100000000000000000)) AS paid_in,
    CASE WHEN park_id = substr(account_id, 1, instr(account_id, ':')) || 'park'
        THEN max(0, min(paid_out, 1100000000000000000)) ELSE 0 END AS paid_out
FROM account_balance WHERE park_id = substr(park_id, 1, instr(park_id, ':')) || 'park';

-- What holds at most at one instant. A load only rises where a place begins; one that ends there is gone by then.
CREATE VIEW item_peak AS
SELECT subject_id, max(load) AS peak FROM (
    SELECT p.subject_id,
        sum(side * (p.load / 1000000000)) OVER w * 1000000000 + sum(side * (p.load % 1000000000)) OVER w AS load
    FROM place AS p CROSS JOIN (SELECT 1 AS side UNION ALL SELECT -1) WHERE p.load > 0
    WINDOW w AS (PARTITION BY p.subject_id
        ORDER BY CASE side WHEN 1 THEN p.starts_at ELSE p.ends_at END, side ROWS UNBOUNDED PRECEDING))
GROUP BY subject_id;

-- 编号有误: numbers with a wrong form or a wrong check digit, by the column or the field that has them: `credit_code` (GB
-- 32100-2015) and `ror` of an organisation, `orcid` (ISO 7064 MOD 11-2) of a person, `application_number` of a Chinese patent:
-- one whose country is CN, or that has none and a number that begins with CN or ZL. What parks write here is refused; others'
-- rows are held to nothing and are listed.
CREATE VIEW wrong_identifier AS
SELECT o.id, 'credit_code' AS name, o.credit_code AS number
FROM organisation AS o
WHERE o.credit_code IS NOT NULL AND (
    o.credit_code NOT GLOB '????????????????[0-9X]?' OR o.credit_code GLOB '*[^0-9A-HJ-NPQRTUWXY]*'
    OR (SELECT sum(w.value * (instr('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(o.credit_code, w.key + 1, 1)) - 1)) % 31
        FROM json_each('[1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28,1]') AS w) <> 0
    -- Places 9 to 17 are an organisation code with a check of its own, GB 11714-1997.
    OR (SELECT sum(w.value * (instr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(o.credit_code, w.key + 9, 1)) - 1))
        FROM json_each('[3,7,9,10,5,8,4,2]') AS w) % 11
        <> (11 - (instr('0123456789X', substr(o.credit_code, 17, 1)) - 1)) % 11)
UNION ALL
SELECT o.id, 'ror', o.ror
FROM organisation AS o
WHERE o.ror IS NOT NULL AND (
    length(o.ror) <> 9 OR o.ror NOT GLOB '0??????[0-9][0-9]' OR o.ror GLOB '*[^0-9a-hjkmnp-tv-z]*'
    OR CAST(substr(o.ror, 8) AS INTEGER) <> 98 - 100 * (
        SELECT sum(w.value * (instr('0123456789abcdefghjkmnpqrstvwxyz', substr(o.ror, w.key + 2, 1)) - 1))
        FROM json_each('[33554432,1048576,32768,1024,32,1]') AS w) % 97)
UNION ALL
SELECT p.id, 'orcid', p.orcid
FROM person AS p
WHERE p.orcid IS NOT NULL AND (
    p.orcid NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9X]'
    OR (SELECT sum(w.value * (instr('0123456789X', substr(replace(p.orcid, '-', ''), w.key + 1, 1)) - 1))
        FROM json_each('[10,5,8,4,2,1,6,3,7,9,10,5,8,4,2,1]') AS w) % 11 <> 1)
UNION ALL
SELECT i.id, 'application_number', i.number
FROM (
    SELECT id, number, country, CASE WHEN substr(places, 1, 2) IN ('CN', 'ZL') THEN substr(places, 3) ELSE places END AS places,
        substr(places, 1, 2) IN ('CN', 'ZL') AS is_named
    FROM (
        SELECT id, json_extract(detail, '$.application_number') AS number, json_extract(detail, '$.country') AS country,
            replace(replace(json_extract(detail, '$.application_number'), '.', ''), ' ', '') AS places
        FROM (SELECT id, CASE WHEN json_valid(detail) THEN detail ELSE '{}' END AS detail FROM item WHERE kind = 'patent'))
) AS i
WHERE i.number IS NOT NULL AND CASE WHEN i.country IS NULL THEN i.is_named ELSE i.country = 'CN' END AND (
    length(i.places) NOT IN (9, 13) OR i.places NOT GLOB '*[0-9X]'
    OR substr(i.places, 1, length(i.places) - 1) GLOB '*[^0-9]*'
    OR (SELECT sum(w.value * substr(i.places, w.key + 1, 1)) FROM json_each('[2,3,4,5,6,7,8,9,2,3,4,5]') AS w
        WHERE w.key < length(i.places) - 1) % 11 <> instr('0123456789X', substr(i.places, -1)) - 1);

-- Cards ----------------------------------------------------------------------------------------------------------------

CREATE TRIGGER organisation_codes_insert BEFORE INSERT ON organisation
BEGIN
    SELECT RAISE(ABORT, 'organisation: kind is no code of organisation_kind; see the rows of code [unknown_code kind]')
    WHERE NEW.kind IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'organisation_kind' AND code = NEW.kind
        AND until IS NULL);
END;

CREATE TRIGGER organisation_codes_update BEFORE UPDATE OF kind ON organisation
BEGIN
    SELECT RAISE(ABORT, 'organisation: kind is no code of organisation_kind; see the rows of code [unknown_code kind]')
    WHERE NEW.kind IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'organisation_kind' AND code = NEW.kind
        AND until IS NULL);
END;

CREATE TRIGGER person_codes_insert BEFORE INSERT ON person
BEGIN
    SELECT RAISE(ABORT, 'person: kind is no code of person_kind; see the rows of code [unknown_code kind]')
    WHERE NEW.kind IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'person_kind' AND code = NEW.kind
        AND until IS NULL);
    SELECT RAISE(ABORT, 'person: talent_class is no code of talent_class; see the rows of code [unknown_code talent_class]')
    WHERE NEW.talent_class IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'talent_class' AND code = NEW.talent_class
        AND until IS NULL);
END;

CREATE TRIGGER person_codes_update BEFORE UPDATE OF kind, talent_class ON person
BEGIN
    SELECT RAISE(ABORT, 'person: kind is no code of person_kind; see the rows of code [unknown_code kind]')
    WHERE NEW.kind IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'person_kind' AND code = NEW.kind
        AND until IS NULL);
    SELECT RAISE(ABORT, 'person: talent_class is no code of talent_class; see the rows of code [unknown_code talent_class]')
    WHERE NEW.talent_class IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'talent_class' AND code = NEW.talent_class
        AND until IS NULL);
END;

-- They look at the row as it stands, so they come after it.
CREATE TRIGGER organisation_identifier_insert AFTER INSERT ON organisation
WHEN NEW.credit_code IS NOT NULL OR NEW.ror IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'organisation: credit_code is none of GB 32100, or its check digit is wrong; check the number [bad_identifier credit_code]')
    FROM wrong_identifier WHERE id = NEW.id AND name = 'credit_code';
    SELECT RAISE(ABORT, 'organisation: ror is none, or its check digits are wrong; check the number [bad_identifier ror]')
    FROM wrong_identifier WHERE id = NEW.id AND name = 'ror';
END;

CREATE TRIGGER organisation_identifier_update AFTER UPDATE OF credit_code, ror ON organisation
WHEN NEW.credit_code IS NOT NULL OR NEW.ror IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'organisation: credit_code is none of GB 32100, or its check digit is wrong; check the number [bad_identifier credit_code]')
    FROM wrong_identifier WHERE id = NEW.id AND name = 'credit_code';
    SELECT RAISE(ABORT, 'organisation: ror is none, or its check digits are wrong; check the number [bad_identifier ror]')
    FROM wrong_identifier WHERE id = NEW.id AND name = 'ror';
END;

CREATE TRIGGER person_identifier_insert AFTER INSERT ON person
WHEN NEW.orcid IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'person: orcid is none, or its check digit is wrong; check the number [bad_identifier orcid]')
    FROM wrong_identifier WHERE id = NEW.id AND name = 'orcid';
END;

CREATE TRIGGER person_identifier_update AFTER UPDATE OF orcid ON person
WHEN NEW.orcid IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'person: orcid is none, or its check digit is wrong; check the number [bad_identifier orcid]')
    FROM wrong_identifier WHERE id = NEW.id AND name = 'orcid';
END;

CREATE TRIGGER link_codes_insert BEFORE INSERT ON link
BEGIN
    SELECT RAISE(ABORT, 'link: relation is no code of relation; see the rows of code [unknown_code relation]')
    WHERE NEW.relation IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'relation' AND code = NEW.relation
        AND until IS NULL);
    SELECT RAISE(ABORT, 'link: same_as points to the smaller id, which is the one that is counted [not_smaller object_id]')
    WHERE NEW.relation = 'same_as' AND NEW.object_id >= NEW.subject_id;
END;

CREATE TRIGGER link_codes_update BEFORE UPDATE ON link
BEGIN
    SELECT RAISE(ABORT, 'link: relation is no code of relation; see the rows of code [unknown_code relation]')
    WHERE NEW.relation IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'relation' AND code = NEW.relation
        AND until IS NULL);
    SELECT RAISE(ABORT, 'link: same_as points to the smaller id, which is the one that is counted [not_smaller object_id]')
    WHERE NEW.relation = 'same_as' AND NEW.object_id >= NEW.subject_id;
END;

CREATE TRIGGER figure_codes_insert BEFORE INSERT ON figure
BEGIN
    SELECT RAISE(ABORT, 'figure: code is no code of figure; see the rows of code [unknown_code code]')
    WHERE NEW.code IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'figure' AND code = NEW.code
        AND until IS NULL);
END;

CREATE TRIGGER credential_codes_insert BEFORE INSERT ON credential
BEGIN
    SELECT RAISE(ABORT, 'credential: kind is no code of credential_kind; see the rows of code [unknown_code kind]')
    WHERE NEW.kind IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'credential_kind' AND code = NEW.kind
        AND until IS NULL);
END;

CREATE TRIGGER credential_codes_update BEFORE UPDATE OF kind ON credential
BEGIN
    SELECT RAISE(ABORT, 'credential: kind is no code of credential_kind; see the rows of code [unknown_code kind]')
    WHERE NEW.kind IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'credential_kind' AND code = NEW.kind
        AND until IS NULL);
END;

CREATE TRIGGER window_codes_insert BEFORE INSERT ON window
BEGIN
    SELECT RAISE(ABORT, 'window: kind is no code of window_kind; see the rows of code [unknown_code kind]')
    WHERE NEW.kind IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'window_kind' AND code = NEW.kind
        AND until IS NULL);
    SELECT RAISE(ABORT, 'window: there is no such item; give the id of an item, or that of the park [unknown_subject item_id]')
    WHERE NEW.item_id NOT GLOB '*:park' AND NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.item_id);
END;

CREATE TRIGGER window_codes_update BEFORE UPDATE ON window
BEGIN
    SELECT RAISE(ABORT, 'window: kind is no code of window_kind; see the rows of code [unknown_code kind]')
    WHERE NEW.kind IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'window_kind' AND code = NEW.kind
        AND until IS NULL);
    SELECT RAISE(ABORT, 'window: there is no such item; give the id of an item, or that of the park [unknown_subject item_id]')
    WHERE NEW.item_id NOT GLOB '*:park' AND NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.item_id);
END;

CREATE TRIGGER rate_codes_insert BEFORE INSERT ON rate
BEGIN
    SELECT RAISE(ABORT, 'rate: class is no code of user_class; see the rows of code [unknown_code class]')
    WHERE NEW.class IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'user_class' AND code = NEW.class
        AND until IS NULL);
    SELECT RAISE(ABORT, 'rate: unit is no code of rate_unit; see the rows of code [unknown_code unit]')
    WHERE NEW.unit IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'rate_unit' AND code = NEW.unit
        AND until IS NULL);
    SELECT RAISE(ABORT, 'rate: unit_id is no item of kind unit; name what is paid [missing_unit unit_id]')
    WHERE NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.unit_id AND kind = 'unit');
END;

CREATE TRIGGER document_codes_insert BEFORE INSERT ON document
BEGIN
    SELECT RAISE(ABORT, 'document: kind is no code of document_kind; see the rows of code [unknown_code kind]')
    WHERE NEW.kind IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'document_kind' AND code = NEW.kind
        AND until IS NULL);
END;

CREATE TRIGGER counter_codes_insert BEFORE INSERT ON counter
BEGIN
    SELECT RAISE(ABORT, 'counter: code is no code of counter; see the rows of code [unknown_code code]')
    WHERE NEW.code IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'counter' AND code = NEW.code
        AND until IS NULL);
END;

CREATE TRIGGER counter_codes_update BEFORE UPDATE OF code ON counter
BEGIN
    SELECT RAISE(ABORT, 'counter: code is no code of counter; see the rows of code [unknown_code code]')
    WHERE NEW.code IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'counter' AND code = NEW.code
        AND until IS NULL);
END;

CREATE TRIGGER organisation_kept BEFORE DELETE ON organisation
BEGIN
    SELECT RAISE(ABORT, 'organisation: it is not deleted, requests refer to it; end it, and name its successor [not_deleted id]');
END;

CREATE TRIGGER organisation_key BEFORE UPDATE OF id ON organisation
WHEN NEW.id IS NOT OLD.id
BEGIN
    SELECT RAISE(ABORT, 'organisation: an id is never changed; requests refer to it [never_changed id]');
END;

CREATE TRIGGER person_kept BEFORE DELETE ON person
BEGIN
    SELECT RAISE(ABORT, 'person: it is not deleted, requests and acts refer to it; end it [not_deleted id]');
END;

CREATE TRIGGER person_key BEFORE UPDATE OF id ON person
WHEN NEW.id IS NOT OLD.id
BEGIN
    SELECT RAISE(ABORT, 'person: an id is never changed; requests and acts refer to it [never_changed id]');
END;

CREATE TRIGGER item_kept BEFORE DELETE ON item
BEGIN
    SELECT RAISE(ABORT, 'item: it is not deleted, requests refer to it; end it, and name its successor [not_deleted id]');
END;

CREATE TRIGGER item_key BEFORE UPDATE OF id ON item
WHEN NEW.id IS NOT OLD.id
BEGIN
    SELECT RAISE(ABORT, 'item: an id is never changed; requests refer to it [never_changed id]');
END;

-- A text may be deleted, and put back; it never becomes another one.
CREATE TRIGGER text_stays BEFORE UPDATE ON text
WHEN NEW.id IS NOT OLD.id OR NEW.sha256 IS NOT OLD.sha256 OR NEW.body IS NOT OLD.body OR NEW.bytes IS NOT OLD.bytes
    OR NEW.media_type IS NOT OLD.media_type
BEGIN
    SELECT RAISE(ABORT, 'text: a text is not changed; insert another one, or delete it [never_changed body]');
END;

CREATE TRIGGER text_replaced BEFORE INSERT ON text
WHEN EXISTS (SELECT 1 FROM text AS o WHERE o.id = NEW.id AND (o.sha256 IS NOT NEW.sha256 OR o.body IS NOT NEW.body
    OR o.bytes IS NOT NEW.bytes OR o.media_type IS NOT NEW.media_type))
BEGIN
    SELECT RAISE(ABORT, 'text: a text is not changed; insert another one, or delete it [never_changed body]');
END;

-- Items ----------------------------------------------------------------------------------------------------------------

CREATE TRIGGER item_card_insert BEFORE INSERT ON item
BEGIN
    SELECT RAISE(ABORT, 'item: share_class is no code of share_class; see the rows of code [unknown_code share_class]')
    WHERE NEW.share_class IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'share_class' AND code = NEW.share_class
        AND until IS NULL);
    SELECT RAISE(ABORT, 'item: kind is no kind of item; see the rows of kind [wrong_kind kind]')
    WHERE NOT EXISTS (SELECT 1 FROM kind WHERE kind = NEW.kind AND of = 'item' AND until IS NULL);
    SELECT RAISE(ABORT, 'item: owner_id is no organisation and no person [unknown_party owner_id]')
    WHERE NEW.owner_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM organisation WHERE id = NEW.owner_id)
        AND NOT EXISTS (SELECT 1 FROM person WHERE id = NEW.owner_id);
    SELECT RAISE(ABORT, 'item: account_id is no item of kind account [unknown_account account_id]')
    WHERE NEW.account_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.account_id AND kind = 'account');
    SELECT RAISE(ABORT, 'item: detail lacks a field that its kind requires; see the rows of field [bad_detail detail]')
    WHERE EXISTS (SELECT 1 FROM field AS f WHERE f.kind = NEW.kind AND f.required = 1 AND f.until IS NULL
        AND ifnull(json_type(NEW.detail, '$.' || f.name), 'null') = 'null');
    SELECT RAISE(ABORT, 'item: a field of detail has another type than its kind declares; see the rows of field [bad_detail detail]')
    FROM json_each(ifnull(NEW.detail, '{}')) AS d JOIN field AS f ON f.kind = NEW.kind AND f.name = d.key
    WHERE f.until IS NULL AND d.type <> 'null' AND NOT CASE f.type
        WHEN 'text' THEN d.type = 'text' AND d.value <> ''
        WHEN 'integer' THEN d.type = 'integer'
        WHEN 'number' THEN d.type IN ('integer', 'real')
        WHEN 'boolean' THEN d.type IN ('true', 'false')
        WHEN 'date' THEN d.type = 'text' AND d.value IS date(d.value, '+0 days')
        WHEN 'instant' THEN d.type = 'text' AND d.value IS strftime('%Y-%m-%dT%H:%M:%SZ', d.value, '+0 days')
        WHEN 'code' THEN d.type = 'text'
        WHEN 'id' THEN d.type = 'text' AND d.value GLOB '[a-z]*:?*'
        WHEN 'fen' THEN d.type = 'integer' AND d.value >= 0
        WHEN 'minutes' THEN d.type = 'integer' AND d.value >= 0
        WHEN 'percent' THEN d.type = 'integer' AND d.value BETWEEN 0 AND 10000
        WHEN 'list' THEN d.type = 'array' AND NOT EXISTS (
            SELECT 1 FROM json_each(CASE d.type WHEN 'array' THEN d.value ELSE '[]' END) WHERE type <> 'text')
        ELSE 0 END;
    SELECT RAISE(ABORT, 'item: a field of detail holds no code of its list; see the rows of code [bad_detail detail]')
    FROM json_each(ifnull(NEW.detail, '{}')) AS d JOIN field AS f ON f.kind = NEW.kind AND f.name = d.key
    WHERE f.until IS NULL AND f.list IS NOT NULL AND d.type IN ('text', 'array') AND EXISTS (
        SELECT 1 FROM json_each(CASE d.type WHEN 'array' THEN d.value ELSE json_array(d.value) END) AS v
        WHERE NOT EXISTS (SELECT 1 FROM code WHERE list = f.list AND code = v.value AND until IS NULL));
END;

CREATE TRIGGER item_card_update BEFORE UPDATE OF kind, owner_id, account_id, share_class, detail ON item
BEGIN
    SELECT RAISE(ABORT, 'item: share_class is no code of share_class; see the rows of code [unknown_code share_class]')
    WHERE NEW.share_class IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'share_class' AND code = NEW.share_class
        AND until IS NULL);
    SELECT RAISE(ABORT, 'item: kind is no kind of item; see the rows of kind [wrong_kind kind]')
    WHERE NOT EXISTS (SELECT 1 FROM kind WHERE kind = NEW.kind AND of = 'item' AND until IS NULL);
    SELECT RAISE(ABORT, 'item: owner_id is no organisation and no person [unknown_party owner_id]')
    WHERE NEW.owner_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM organisation WHERE id = NEW.owner_id)
        AND NOT EXISTS (SELECT 1 FROM person WHERE id = NEW.owner_id);
    SELECT RAISE(ABORT, 'item: account_id is no item of kind account [unknown_account account_id]')
    WHERE NEW.account_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.account_id AND kind = 'account');
    SELECT RAISE(ABORT, 'item: detail lacks a field that its kind requires; see the rows of field [bad_detail detail]')
    WHERE EXISTS (SELECT 1 FROM field AS f WHERE f.kind = NEW.kind AND f.required = 1 AND f.until IS NULL
        AND ifnull(json_type(NEW.detail, '$.' || f.name), 'null') = 'null');
    SELECT RAISE(ABORT, 'item: a field of detail has another type than its kind declares; see the rows of field [bad_detail detail]')
    FROM json_each(ifnull(NEW.detail, '{}')) AS d JOIN field AS f ON f.kind = NEW.kind AND f.name = d.key
    WHERE f.until IS NULL AND d.type <> 'null' AND NOT CASE f.type
        WHEN 'text' THEN d.type = 'text' AND d.value <> ''
        WHEN 'integer' THEN d.type = 'integer'
        WHEN 'number' THEN d.type IN ('integer', 'real')
        WHEN 'boolean' THEN d.type IN ('true', 'false')
        WHEN 'date' THEN d.type = 'text' AND d.value IS date(d.value, '+0 days')
        WHEN 'instant' THEN d.type = 'text' AND d.value IS strftime('%Y-%m-%dT%H:%M:%SZ', d.value, '+0 days')
        WHEN 'code' THEN d.type = 'text'
        WHEN 'id' THEN d.type = 'text' AND d.value GLOB '[a-z]*:?*'
        WHEN 'fen' THEN d.type = 'integer' AND d.value >= 0
        WHEN 'minutes' THEN d.type = 'integer' AND d.value >= 0
        WHEN 'percent' THEN d.type = 'integer' AND d.value BETWEEN 0 AND 10000
        WHEN 'list' THEN d.type = 'array' AND NOT EXISTS (
            SELECT 1 FROM json_each(CASE d.type WHEN 'array' THEN d.value ELSE '[]' END) WHERE type <> 'text')
        ELSE 0 END;
    SELECT RAISE(ABORT, 'item: a field of detail holds no code of its list; see the rows of code [bad_detail detail]')
    FROM json_each(ifnull(NEW.detail, '{}')) AS d JOIN field AS f ON f.kind = NEW.kind AND f.name = d.key
    WHERE f.until IS NULL AND f.list IS NOT NULL AND d.type IN ('text', 'array') AND EXISTS (
        SELECT 1 FROM json_each(CASE d.type WHEN 'array' THEN d.value ELSE json_array(d.value) END) AS v
        WHERE NOT EXISTS (SELECT 1 FROM code WHERE list = f.list AND code = v.value AND until IS NULL));
END;

CREATE TRIGGER item_identifier_insert AFTER INSERT ON item
WHEN NEW.kind = 'patent'
BEGIN
    SELECT RAISE(ABORT, 'item: application_number is none of a Chinese patent, or its check digit is wrong; check the number [bad_identifier application_number]')
    FROM wrong_identifier WHERE id = NEW.id AND name = 'application_number';
END;

CREATE TRIGGER item_identifier_update AFTER UPDATE OF kind, detail ON item
WHEN NEW.kind = 'patent'
BEGIN
    SELECT RAISE(ABORT, 'item: application_number is none of a Chinese patent, or its check digit is wrong; check the number [bad_identifier application_number]')
    FROM wrong_identifier WHERE id = NEW.id AND name = 'application_number';
END;

CREATE TRIGGER item_capacity BEFORE UPDATE OF capacity ON item
WHEN NEW.capacity IS NOT NULL AND (OLD.capacity IS NULL OR NEW.capacity < OLD.capacity)
BEGIN
    SELECT RAISE(ABORT, 'item: more holds at one time than the new capacity allows; end some of it first [no_room capacity]')
    WHERE NEW.capacity < (SELECT max(load) FROM (
        SELECT sum(side * p.load) OVER (ORDER BY CASE side WHEN 1 THEN p.starts_at ELSE p.ends_at END, side
            ROWS UNBOUNDED PRECEDING) AS load
        FROM place AS p CROSS JOIN (SELECT 1 AS side UNION ALL SELECT -1) WHERE p.subject_id = NEW.id AND p.load > 0));
END;

CREATE TRIGGER item_replaced BEFORE INSERT ON item
WHEN NEW.capacity IS NOT NULL AND EXISTS (SELECT 1 FROM item AS o WHERE o.id = NEW.id
    AND (o.capacity IS NULL OR NEW.capacity < o.capacity))
BEGIN
    SELECT RAISE(ABORT, 'item: more holds at one time than the new capacity allows; end some of it first [no_room capacity]')
    WHERE NEW.capacity < (SELECT max(load) FROM (
        SELECT sum(side * p.load) OVER (ORDER BY CASE side WHEN 1 THEN p.starts_at ELSE p.ends_at END, side
            ROWS UNBOUNDED PRECEDING) AS load
        FROM place AS p CROSS JOIN (SELECT 1 AS side UNION ALL SELECT -1) WHERE p.subject_id = NEW.id AND p.load > 0));
END;

-- Requests and acts ----------------------------------------------------------------------------------------------------

-- Whether a request can be met is for the arbiter to say. Refused here is what nobody could ever answer otherwise.
CREATE TRIGGER request_card BEFORE INSERT ON request
BEGIN
    SELECT RAISE(ABORT, 'request: kind is no kind of request; see the rows of kind [wrong_kind kind]')
    WHERE NOT EXISTS (SELECT 1 FROM kind WHERE kind = NEW.kind AND of = 'request' AND machine IS NEW.machine
        AND until IS NULL);
    SELECT RAISE(ABORT, 'request: party_id is no organisation and no person [unknown_party party_id]')
    WHERE NOT EXISTS (SELECT 1 FROM organisation WHERE id = NEW.party_id)
        AND NOT EXISTS (SELECT 1 FROM person WHERE id = NEW.party_id);
    SELECT RAISE(ABORT, 'request: this kind of request is not for this kind of item; see the codes of asks:… [wrong_kind kind]')
    FROM item AS i WHERE i.id = NEW.subject_id AND NOT EXISTS (SELECT 1 FROM code
        WHERE list = 'asks:' || NEW.kind AND code = i.kind AND until IS NULL);
    SELECT RAISE(ABORT, 'request: account_id is no account of the park that asks [unknown_account account_id]')
    WHERE NEW.account_id IS NOT NULL AND (substr(NEW.account_id, 1, instr(NEW.account_id, ':')) <> substr(NEW.id, 1, instr(NEW.id, ':'))
        OR NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.account_id AND kind = 'account'));
    SELECT RAISE(ABORT, 'request: an amount has a unit; name it in unit_id [missing_unit unit_id]')
    WHERE (NEW.amount IS NULL) <> (NEW.unit_id IS NULL);
    SELECT RAISE(ABORT, 'request: class is no code of user_class; see the rows of code [bad_class class]')
    WHERE NEW.class IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'user_class' AND code = NEW.class
        AND until IS NULL);
    SELECT RAISE(ABORT, 'request: detail lacks a field that its kind requires; see the rows of field [bad_detail detail]')
    WHERE EXISTS (SELECT 1 FROM field AS f WHERE f.kind = NEW.kind AND f.required = 1 AND f.until IS NULL
        AND ifnull(json_type(NEW.detail, '$.' || f.name), 'null') = 'null');
    SELECT RAISE(ABORT, 'request: a field of detail has another type than its kind declares; see the rows of field [bad_detail detail]')
    FROM json_each(ifnull(NEW.detail, '{}')) AS d JOIN field AS f ON f.kind = NEW.kind AND f.name = d.key
    WHERE f.until IS NULL AND d.type <> 'null' AND NOT CASE f.type
        WHEN 'text' THEN d.type = 'text' AND d.value <> ''
        WHEN 'integer' THEN d.type = 'integer'
        WHEN 'number' THEN d.type IN ('integer', 'real')
        WHEN 'boolean' THEN d.type IN ('true', 'false')
        WHEN 'date' THEN d.type = 'text' AND d.value IS date(d.value, '+0 days')
        WHEN 'instant' THEN d.type = 'text' AND d.value IS strftime('%Y-%m-%dT%H:%M:%SZ', d.value, '+0 days')
        WHEN 'code' THEN d.type = 'text'
        WHEN 'id' THEN d.type = 'text' AND d.value GLOB '[a-z]*:?*'
        WHEN 'fen' THEN d.type = 'integer' AND d.value >= 0
        WHEN 'minutes' THEN d.type = 'integer' AND d.value >= 0
        WHEN 'percent' THEN d.type = 'integer' AND d.value BETWEEN 0 AND 10000
        WHEN 'list' THEN d.type = 'array' AND NOT EXISTS (
            SELECT 1 FROM json_each(CASE d.type WHEN 'array' THEN d.value ELSE '[]' END) WHERE type <> 'text')
        ELSE 0 END;
    SELECT RAISE(ABORT, 'request: a field of detail holds no code of its list; see the rows of code [bad_detail detail]')
    FROM json_each(ifnull(NEW.detail, '{}')) AS d JOIN field AS f ON f.kind = NEW.kind AND f.name = d.key
    WHERE f.until IS NULL AND f.list IS NOT NULL AND d.type IN ('text', 'array') AND EXISTS (
        SELECT 1 FROM json_each(CASE d.type WHEN 'array' THEN d.value ELSE json_array(d.value) END) AS v
        WHERE NOT EXISTS (SELECT 1 FROM code WHERE list = f.list AND code = v.value AND until IS NULL));
END;

CREATE TRIGGER act_card BEFORE INSERT ON act
BEGIN
    SELECT RAISE(ABORT, 'act: there is no such request [unknown_request request_id]')
    WHERE NOT EXISTS (SELECT 1 FROM request WHERE id = NEW.request_id);
    SELECT RAISE(ABORT, 'act: machine is not that of the request [wrong_kind machine]')
    WHERE NEW.machine IS NOT (SELECT machine FROM request WHERE id = NEW.request_id);
    SELECT RAISE(ABORT, 'act: this machine has no such act; see the rows of move [not_this_state act]')
    WHERE NOT EXISTS (SELECT 1 FROM move WHERE machine = NEW.machine AND act = NEW.act AND until IS NULL);
    SELECT RAISE(ABORT, 'act: by_id is no organisation and no person [unknown_party by_id]')
    WHERE NOT EXISTS (SELECT 1 FROM person WHERE id = NEW.by_id)
        AND NOT EXISTS (SELECT 1 FROM organisation WHERE id = NEW.by_id);
    SELECT RAISE(ABORT, 'act: it leads to no such state; see the rows of move [not_this_state to_state]')
    WHERE NEW.to_state IS NOT NULL AND NOT EXISTS (SELECT 1 FROM move WHERE machine = NEW.machine AND act = NEW.act
        AND to_state = NEW.to_state AND by_whom <> 'anyone' AND until IS NULL);
    -- A row by anyone is a refusal, or a note.
    SELECT RAISE(ABORT, 'act: only the park that decides may do that [not_party by_id]')
    FROM request AS r JOIN machine AS m ON m.machine = r.machine
    WHERE r.id = NEW.request_id AND NEW.act <> 'note'
        AND NOT EXISTS (SELECT 1 FROM move WHERE machine = NEW.machine AND act = NEW.act
            AND by_whom NOT IN ('manager', 'anyone') AND until IS NULL)
        AND substr(NEW.id, 1, instr(NEW.id, ':')) <> CASE m.arbiter WHEN 'asker' THEN substr(r.id, 1, instr(r.id, ':'))
            ELSE substr(r.subject_id, 1, instr(r.subject_id, ':')) END;
    SELECT RAISE(ABORT, 'act: only the park that asked may do that [not_party by_id]')
    FROM request AS r
    WHERE r.id = NEW.request_id AND NEW.act <> 'note'
        AND NOT EXISTS (SELECT 1 FROM move WHERE machine = NEW.machine AND act = NEW.act
            AND by_whom NOT IN ('asker', 'holder', 'anyone') AND until IS NULL)
        AND substr(NEW.id, 1, instr(NEW.id, ':')) <> substr(r.id, 1, instr(r.id, ':'));
    SELECT RAISE(ABORT, 'act: reasons holds no code of reason [unknown_reason reasons]')
    WHERE EXISTS (SELECT 1 FROM json_each(ifnull(NEW.reasons, '[]')) AS j
        WHERE NOT EXISTS (SELECT 1 FROM reason WHERE code = j.value AND until IS NULL));
END;

-- Steps and places -----------------------------------------------------------------------------------------------------

CREATE TRIGGER step_legal BEFORE INSERT ON step
BEGIN
    -- I1
    SELECT RAISE(ABORT, 'step: no such move; see the rows of move [not_this_state act]')
    WHERE NOT EXISTS (SELECT 1 FROM move WHERE machine = NEW.machine AND from_state = NEW.from_state
        AND to_state = NEW.to_state AND act = NEW.act AND until IS NULL);
    SELECT RAISE(ABORT, 'step: there is no such request, or it has another machine or subject [unknown_request request_id]')
    WHERE NOT EXISTS (SELECT 1 FROM request AS r JOIN machine AS m ON m.machine = r.machine
        WHERE r.id = NEW.request_id AND r.machine = NEW.machine
            AND NEW.subject_id = CASE m.arbiter WHEN 'asker' THEN r.id ELSE r.subject_id END);
    -- I2
    SELECT RAISE(ABORT, 'step: does not follow the last one [not_last follows]')
    WHERE CASE
        WHEN NEW.n = 1 THEN EXISTS (SELECT 1 FROM step WHERE subject_id = NEW.subject_id AND request_id = NEW.request_id)
        ELSE NOT EXISTS (SELECT 1 FROM step WHERE subject_id = NEW.subject_id AND request_id = NEW.request_id
                AND n = NEW.n - 1 AND id = NEW.follows AND to_state = NEW.from_state)
            OR NOT EXISTS (SELECT 1 FROM place WHERE subject_id = NEW.subject_id AND request_id = NEW.request_id
                AND step_id = NEW.follows)
            OR EXISTS (SELECT 1 FROM step WHERE subject_id = NEW.subject_id AND request_id = NEW.request_id
                AND n = NEW.n AND (follows IS NEW.follows OR id = NEW.id))
        END;
    -- I7. Whoever acted may be refused, or nothing behind his act would be answered: a refusal stays in its state, has
    -- reasons, and leaves the place as it was.
    SELECT RAISE(ABORT, 'step: act_id is no such act on this request, or its park may not do that [not_party act_id]')
    WHERE NEW.act_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM act AS a JOIN move AS m ON m.machine = NEW.machine AND m.from_state = NEW.from_state
            AND m.to_state = NEW.to_state AND m.act = NEW.act
        WHERE a.id = NEW.act_id AND a.request_id = NEW.request_id AND a.machine = NEW.machine AND a.act = NEW.act
            AND CASE
                WHEN NEW.from_state = NEW.to_state AND json_array_length(NEW.reasons) > 0 AND EXISTS (
                    SELECT 1 FROM step AS s WHERE s.subject_id = NEW.subject_id AND s.request_id = NEW.request_id
                        AND s.n = NEW.n - 1 AND s.id = NEW.follows AND s.starts_at = NEW.starts_at
                        AND s.ends_at = NEW.ends_at AND s.weight = NEW.weight) THEN 1
                ELSE CASE m.by_whom
                    WHEN 'manager' THEN substr(a.id, 1, instr(a.id, ':')) = substr(NEW.subject_id, 1, instr(NEW.subject_id, ':'))
                    WHEN 'asker' THEN substr(a.id, 1, instr(a.id, ':')) = substr(NEW.request_id, 1, instr(NEW.request_id, ':'))
                    WHEN 'holder' THEN substr(a.id, 1, instr(a.id, ':')) = substr(NEW.request_id, 1, instr(NEW.request_id, ':'))
                    ELSE 1 END
                END);
    -- By this arbiter: what another park says of it answers nothing.
    SELECT RAISE(ABORT, 'step: this act was answered already [answered_already act_id]')
    WHERE EXISTS (SELECT 1 FROM step WHERE act_id = NEW.act_id AND subject_id = NEW.subject_id AND request_id = NEW.request_id);
    SELECT RAISE(ABORT, 'step: a refusal has its reasons [unknown_reason reasons]')
    WHERE json_array_length(NEW.reasons) IS NOT NULL AND json_array_length(NEW.reasons) = 0 AND (
        (NEW.to_state IN ('refused', 'home_cancelled') AND NEW.from_state <> NEW.to_state)
        OR (NEW.act <> 'note' AND (SELECT by_whom FROM move WHERE machine = NEW.machine AND from_state = NEW.from_state
            AND to_state = NEW.to_state AND act = NEW.act) = 'anyone'));
    SELECT RAISE(ABORT, 'step: reasons are codes of reason, sorted, each once [unknown_reason reasons]')
    WHERE EXISTS (SELECT 1 FROM json_each(NEW.reasons) AS j WHERE NOT EXISTS (SELECT 1 FROM reason WHERE code = j.value)
        OR EXISTS (SELECT 1 FROM json_each(NEW.reasons) AS k WHERE k.key < j.key AND k.value >= j.value));
    SELECT RAISE(ABORT, 'step: only a branch of a fork is ended by fork, with that reason, while the other one stays [not_fork reasons]')
    WHERE NEW.to_state = 'void' AND (NOT EXISTS (SELECT 1 FROM json_each(NEW.reasons) WHERE value = 'fork')
        OR NOT EXISTS (SELECT 1 FROM step AS s WHERE s.subject_id = NEW.subject_id AND s.request_id = NEW.request_id
            AND s.id IS NOT NEW.follows AND s.to_state <> 'void' AND NOT EXISTS (SELECT 1 FROM step AS t
                WHERE t.subject_id = s.subject_id AND t.request_id = s.request_id AND t.n = s.n + 1 AND t.follows = s.id)));
    -- What is owed is owed by and to those whom the request and the item name.
    SELECT RAISE(ABORT, 'step: payer and payee are the accounts of the request and of the item [unknown_account payer_id]')
    WHERE NEW.amount IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM request AS r JOIN item AS i ON i.id = r.subject_id
        WHERE r.id = NEW.request_id AND ((NEW.payer_id = r.account_id
                AND NEW.payee_id IN (i.account_id, json_extract(i.detail, '$.account_id')))
            OR (NEW.payee_id = r.account_id AND NEW.payer_id IN (i.account_id, json_extract(i.detail, '$.account_id')))));
    SELECT RAISE(ABORT, 'step: more than that was paid already [bad_weight weight]')
    WHERE NEW.machine = 'award' AND (SELECT occupies FROM state WHERE machine = NEW.machine AND state = NEW.to_state)
        AND NEW.weight < (SELECT sum(amount) FROM paid_for WHERE request_id = NEW.request_id);
END;

-- I3. What is let in again with no more than it has already is no question of room: of each branch of a fork the same.
CREATE TRIGGER step_room BEFORE INSERT ON step
WHEN (SELECT occupies FROM state WHERE machine = NEW.machine AND state = NEW.to_state)
    AND EXISTS (SELECT 1 FROM machine WHERE machine = NEW.machine AND arbiter = 'subject')
    AND NOT EXISTS (SELECT 1 FROM place WHERE subject_id = NEW.subject_id AND request_id = NEW.request_id
        AND step_id IS NEW.follows AND load >= NEW.weight AND starts_at <= NEW.starts_at AND ends_at >= NEW.ends_at)
BEGIN
    SELECT RAISE(ABORT, 'step: no such item [unknown_subject subject_id]')
    WHERE NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.subject_id);
    SELECT RAISE(ABORT, 'step: no room; refuse it, or let it wait [no_room weight]')
    FROM item AS i
    WHERE i.id = NEW.subject_id AND i.capacity IS NOT NULL AND NEW.weight + ifnull((
        SELECT max(load) FROM (
            SELECT sum(change) OVER (ORDER BY instant, change ROWS UNBOUNDED PRECEDING) AS load FROM (
                SELECT CASE side WHEN 1 THEN max(o.starts_at, NEW.starts_at) ELSE o.ends_at END AS instant,
                    side * o.load AS change
                FROM (
                    SELECT starts_at, ends_at, load, step_id FROM place
                    WHERE subject_id = NEW.subject_id AND load > 0 AND span = 0 AND starts_at < NEW.ends_at
                        AND starts_at > ifnull(strftime('%Y-%m-%dT%H:%M:%SZ', NEW.starts_at, '-1 day'), '')
                    UNION ALL SELECT starts_at, ends_at, load, step_id FROM place
                    WHERE subject_id = NEW.subject_id AND load > 0 AND span = 1 AND starts_at < NEW.ends_at
                        AND starts_at > ifnull(strftime('%Y-%m-%dT%H:%M:%SZ', NEW.starts_at, '-32 days'), '')
                    UNION ALL SELECT starts_at, ends_at, load, step_id FROM place
                    WHERE subject_id = NEW.subject_id AND load > 0 AND span = 2 AND starts_at < NEW.ends_at
                ) AS o JOIN (SELECT 1 AS side UNION ALL SELECT -1)
                WHERE +o.ends_at > NEW.starts_at AND o.step_id IS NOT NEW.follows))), 0) > i.capacity;
END;

CREATE TRIGGER step_head AFTER INSERT ON step
BEGIN
    UPDATE place SET (step_id, n, machine, state, starts_at, ends_at, weight, load, span, waits_for, waits_park,
        at) = (
        SELECT h.step_id, h.n, h.machine, h.state, h.starts_at, h.ends_at, h.weight, h.load, h.span, h.waits_for,
            h.waits_park, h.at
        FROM step_place AS h
        WHERE h.subject_id = NEW.subject_id AND h.request_id = NEW.request_id AND h.n = NEW.n AND h.step_id = NEW.id)
    WHERE subject_id = NEW.subject_id AND request_id = NEW.request_id AND step_id = NEW.follows;
    INSERT INTO place (subject_id, request_id, branch, step_id, n, machine, state, starts_at, ends_at, weight, load, span,
        waits_for, waits_park, at)
    SELECT h.subject_id, h.request_id, '', h.step_id, h.n, h.machine, h.state, h.starts_at, h.ends_at, h.weight, h.load,
        h.span, h.waits_for, h.waits_park, h.at
    FROM step_place AS h
    WHERE NEW.n = 1 AND h.subject_id = NEW.subject_id AND h.request_id = NEW.request_id AND h.n = 1 AND h.step_id = NEW.id;
END;

-- Only what the steps say, which may also be put right after a fork: see place_mismatch.
CREATE TRIGGER place_kept_insert BEFORE INSERT ON place
BEGIN
    SELECT RAISE(ABORT, 'place: it is kept by the steps; insert a step [kept_by_node]')
    WHERE NOT EXISTS (SELECT 1 FROM step_place AS h
        WHERE h.subject_id = NEW.subject_id AND h.request_id = NEW.request_id AND h.n = NEW.n AND h.step_id = NEW.step_id
            AND h.machine IS NEW.machine AND h.state IS NEW.state AND h.starts_at IS NEW.starts_at
            AND h.ends_at IS NEW.ends_at AND h.weight IS NEW.weight AND h.load IS NEW.load AND h.span IS NEW.span
            AND h.waits_for IS NEW.waits_for AND h.waits_park IS NEW.waits_park AND h.at IS NEW.at
            AND NOT EXISTS (SELECT 1 FROM step AS t WHERE t.subject_id = NEW.subject_id
                AND t.request_id = NEW.request_id AND t.n = NEW.n + 1 AND t.follows = NEW.step_id));
    SELECT RAISE(ABORT, 'place: this step has one already [kept_by_node]')
    WHERE EXISTS (SELECT 1 FROM place AS p WHERE p.subject_id = NEW.subject_id AND p.request_id = NEW.request_id
        AND p.step_id = NEW.step_id AND p.branch IS NOT NEW.branch);
END;

CREATE TRIGGER place_kept_update BEFORE UPDATE ON place
BEGIN
    SELECT RAISE(ABORT, 'place: it is kept by the steps; insert a step [kept_by_node]')
    WHERE NOT EXISTS (SELECT 1 FROM step_place AS h
        WHERE h.subject_id = NEW.subject_id AND h.request_id = NEW.request_id AND h.n = NEW.n AND h.step_id = NEW.step_id
            AND h.machine IS NEW.machine AND h.state IS NEW.state AND h.starts_at IS NEW.starts_at
            AND h.ends_at IS NEW.ends_at AND h.weight IS NEW.weight AND h.load IS NEW.load AND h.span IS NEW.span
            AND h.waits_for IS NEW.waits_for AND h.waits_park IS NEW.waits_park AND h.at IS NEW.at
            AND NOT EXISTS (SELECT 1 FROM step AS t WHERE t.subject_id = NEW.subject_id
                AND t.request_id = NEW.request_id AND t.n = NEW.n + 1 AND t.follows = NEW.step_id));
    SELECT RAISE(ABORT, 'place: this step has one already [kept_by_node]')
    WHERE EXISTS (SELECT 1 FROM place AS p WHERE p.subject_id = NEW.subject_id AND p.request_id = NEW.request_id
        AND p.step_id = NEW.step_id AND p.branch IS NOT NEW.branch);
END;

CREATE TRIGGER place_stays BEFORE DELETE ON place
BEGIN
    SELECT RAISE(ABORT, 'place: a decided place is freed by a step alone; insert one [kept_by_node]')
    WHERE EXISTS (SELECT 1 FROM step AS s WHERE s.subject_id = OLD.subject_id AND s.request_id = OLD.request_id
            AND s.id = OLD.step_id)
        AND NOT EXISTS (SELECT 1 FROM place AS p WHERE p.subject_id = OLD.subject_id AND p.request_id = OLD.request_id
            AND p.step_id = OLD.step_id AND p.branch <> OLD.branch);
END;

-- Use ------------------------------------------------------------------------------------------------------------------

CREATE TRIGGER usage_card BEFORE INSERT ON usage
BEGIN
    SELECT RAISE(ABORT, 'usage: there is no such item [unknown_subject item_id]')
    WHERE NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.item_id);
    SELECT RAISE(ABORT, 'usage: the request is not one of this party for this item [not_party request_id]')
    WHERE NEW.request_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM request AS r WHERE r.id = NEW.request_id
        AND r.subject_id = NEW.item_id AND r.party_id = NEW.party_id);
    SELECT RAISE(ABORT, 'usage: party_id is no organisation and no person [unknown_party party_id]')
    WHERE NOT EXISTS (SELECT 1 FROM organisation WHERE id = NEW.party_id)
        AND NOT EXISTS (SELECT 1 FROM person WHERE id = NEW.party_id);
    SELECT RAISE(ABORT, 'usage: source is no code of usage_source; see the rows of code [bad_detail source]')
    WHERE NEW.source IS NOT NULL AND NOT EXISTS (SELECT 1 FROM code WHERE list = 'usage_source' AND code = NEW.source
        AND until IS NULL);
    SELECT RAISE(ABORT, 'usage: a reversal has the item, party and the negated figures of a record that is no reversal [bad_reversal reverses_id]')
    WHERE NEW.reverses_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM usage AS u
        WHERE u.id = NEW.reverses_id AND u.reverses_id IS NULL AND u.item_id = NEW.item_id AND u.party_id = NEW.party_id
            AND u.request_id IS NEW.request_id AND u.is_external = NEW.is_external AND u.started_at = NEW.started_at
            AND u.preparation_minutes = -ifnull(NEW.preparation_minutes, 0) AND u.minutes = -NEW.minutes
            AND u.after_minutes = -ifnull(NEW.after_minutes, 0) AND u.samples = -ifnull(NEW.samples, 0));
    SELECT RAISE(ABORT, 'usage: this record was reversed already [reversed_already reverses_id]')
    WHERE EXISTS (SELECT 1 FROM usage AS u WHERE u.reverses_id = NEW.reverses_id AND u.id <> NEW.id
        AND substr(u.id, 1, instr(u.id, ':')) = substr(NEW.id, 1, instr(NEW.id, ':')));
END;

-- Value ----------------------------------------------------------------------------------------------------------------

-- I4. Whoever has an account writes all that leaves it: what its node has seen arrive is enough to know that it is covered.
CREATE TRIGGER transfer_covered BEFORE INSERT ON transfer
BEGIN
    SELECT RAISE(ABORT, 'transfer: unit_id is no unit [missing_unit unit_id]')
    WHERE NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.unit_id AND kind = 'unit');
    SELECT RAISE(ABORT, 'transfer: from_id is no account [unknown_account from_id]')
    WHERE NEW.from_id <> NEW.unit_id AND NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.from_id AND kind = 'account');
    SELECT RAISE(ABORT, 'transfer: to_id is no account [unknown_account to_id]')
    WHERE NEW.to_id <> NEW.unit_id AND NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.to_id AND kind = 'account');
    SELECT RAISE(ABORT, 'transfer: not covered; bring money in, or pay less [not_covered amount]')
    WHERE NEW.from_id <> NEW.unit_id AND NEW.amount > (SELECT ifnull(sum(paid_in) - sum(paid_out), 0) FROM account_entry
        WHERE account_id = NEW.from_id AND unit_id = NEW.unit_id);
    SELECT RAISE(ABORT, 'transfer: its id begins with the park that pays, or is that of a claim [bad_id id]')
    WHERE NEW.id NOT GLOB '*:step:*' AND substr(NEW.id, 1, instr(NEW.id, ':')) <> substr(NEW.from_id, 1, instr(NEW.from_id, ':'));
    -- What another park pays under this id is no payment of this account.
    SELECT RAISE(ABORT, 'transfer: this was paid already [paid_already id]')
    WHERE EXISTS (SELECT 1 FROM transfer WHERE id = NEW.id
        AND substr(from_id, 1, instr(from_id, ':')) = substr(NEW.from_id, 1, instr(NEW.from_id, ':')));
    SELECT RAISE(ABORT, 'transfer: no claim of this id is for these accounts, this unit and this amount [unknown_claim id]')
    WHERE NEW.id GLOB '*:step:*' AND NOT EXISTS (SELECT 1 FROM step WHERE payer_id = NEW.from_id AND id = NEW.id
        AND payee_id = NEW.to_id AND unit_id = NEW.unit_id AND amount = NEW.amount);
    SELECT RAISE(ABORT, 'transfer: a reversal goes back the way of the transfer that it names, and is no more than is left of it [bad_reversal because_id]')
    WHERE NEW.reverses = 1 AND NOT EXISTS (SELECT 1 FROM transfer AS t
        WHERE t.id = NEW.because_id AND t.from_id = NEW.to_id AND t.to_id = NEW.from_id AND t.unit_id = NEW.unit_id
            AND t.reverses = 0 AND NEW.amount + ifnull((SELECT sum(r.amount) FROM transfer AS r
                WHERE r.because_id = NEW.because_id AND r.reverses = 1 AND r.from_id = NEW.from_id), 0) <= t.amount);
    SELECT RAISE(ABORT, 'transfer: no contract of an award covers this; pay less, or amend the award first [over_budget amount]')
    WHERE NEW.reverses = 0 AND EXISTS (SELECT 1 FROM request WHERE id = NEW.because_id AND machine = 'award')
        AND NEW.amount + ifnull((SELECT sum(amount) FROM paid_for WHERE request_id = NEW.because_id), 0)
            > ifnull((SELECT p.weight FROM place AS p JOIN request AS q ON q.id = p.request_id AND q.subject_id = p.subject_id
                WHERE p.request_id = NEW.because_id AND p.branch = ''
                    AND p.state IN ('contracted', 'acceptance', 'accepted')), 0);
    SELECT RAISE(ABORT, 'transfer: the sum is beyond what a balance can hold [bad_amount amount]')
    WHERE EXISTS (SELECT 1 FROM account_balance WHERE park_id = substr(NEW.from_id, 1, instr(NEW.from_id, ':')) || 'park'
        AND account_id IN (NEW.from_id, NEW.to_id) AND unit_id = NEW.unit_id
        AND (paid_in > 100000000000000000 OR paid_out > 100000000000000000));
END;

CREATE TRIGGER transfer_counted AFTER INSERT ON transfer
BEGIN
    DELETE FROM posting;
    INSERT INTO posting (from_id, id) VALUES (NEW.from_id, NEW.id);
    UPDATE account_balance SET paid_out = paid_out + NEW.amount
    WHERE park_id = substr(NEW.from_id, 1, instr(NEW.from_id, ':')) || 'park' AND account_id = NEW.from_id AND unit_id = NEW.unit_id;
    INSERT INTO account_balance (park_id, account_id, unit_id, paid_in, paid_out)
    SELECT substr(NEW.from_id, 1, instr(NEW.from_id, ':')) || 'park', NEW.from_id, NEW.unit_id, 0, NEW.amount
    WHERE NOT EXISTS (SELECT 1 FROM account_balance WHERE park_id = substr(NEW.from_id, 1, instr(NEW.from_id, ':')) || 'park'
        AND account_id = NEW.from_id AND unit_id = NEW.unit_id);
    UPDATE account_balance SET paid_in = paid_in + NEW.amount
    WHERE park_id = substr(NEW.from_id, 1, instr(NEW.from_id, ':')) || 'park' AND account_id = NEW.to_id AND unit_id = NEW.unit_id;
    INSERT INTO account_balance (park_id, account_id, unit_id, paid_in, paid_out)
    SELECT substr(NEW.from_id, 1, instr(NEW.from_id, ':')) || 'park', NEW.to_id, NEW.unit_id, NEW.amount, 0
    WHERE NOT EXISTS (SELECT 1 FROM account_balance WHERE park_id = substr(NEW.from_id, 1, instr(NEW.from_id, ':')) || 'park'
        AND account_id = NEW.to_id AND unit_id = NEW.unit_id);
    DELETE FROM posting;
END;

CREATE TRIGGER posting_card BEFORE INSERT ON posting
BEGIN
    SELECT RAISE(ABORT, 'posting: there is no such transfer [kept_by_node]')
    WHERE NOT EXISTS (SELECT 1 FROM transfer WHERE from_id = NEW.from_id AND id = NEW.id);
END;

-- What is counted is the transfer of the moment; besides, a balance may only be made what the transfers say.

CREATE TRIGGER account_balance_insert BEFORE INSERT ON account_balance
BEGIN
    SELECT RAISE(ABORT, 'account_balance: it is kept by the transfers; insert a transfer [kept_by_node]')
    WHERE (SELECT count(*) FROM posting) = 0 AND (NEW.paid_out IS NOT ifnull((SELECT sum(amount) FROM transfer WHERE from_id = NEW.account_id
            AND unit_id = NEW.unit_id AND substr(from_id, 1, instr(from_id, ':')) || 'park' = NEW.park_id), 0)
        OR NEW.paid_in IS NOT ifnull((SELECT sum(amount) FROM transfer WHERE to_id = NEW.account_id
            AND unit_id = NEW.unit_id AND substr(from_id, 1, instr(from_id, ':')) || 'park' = NEW.park_id), 0));
    SELECT RAISE(ABORT, 'account_balance: it is kept by the transfers; insert a transfer [kept_by_node]')
    WHERE EXISTS (SELECT 1 FROM posting) AND EXISTS (SELECT 1 FROM account_balance WHERE park_id = NEW.park_id
        AND account_id = NEW.account_id AND unit_id = NEW.unit_id);
END;

CREATE TRIGGER account_balance_update BEFORE UPDATE ON account_balance
BEGIN
    SELECT RAISE(ABORT, 'account_balance: a row stays that of its park, account and unit [never_changed account_id]')
    WHERE NEW.park_id IS NOT OLD.park_id OR NEW.account_id IS NOT OLD.account_id OR NEW.unit_id IS NOT OLD.unit_id;
    SELECT RAISE(ABORT, 'account_balance: it is kept by the transfers; insert a transfer [kept_by_node]')
    WHERE NOT EXISTS (SELECT 1 FROM posting AS p JOIN transfer AS t ON t.from_id = p.from_id AND t.id = p.id
            WHERE t.unit_id = NEW.unit_id AND ((t.from_id = NEW.account_id AND NEW.paid_out = OLD.paid_out + t.amount
                    AND NEW.paid_in = OLD.paid_in)
                OR (t.to_id = NEW.account_id AND NEW.paid_in = OLD.paid_in + t.amount AND NEW.paid_out = OLD.paid_out)))
        AND (NEW.paid_out IS NOT ifnull((SELECT sum(amount) FROM transfer WHERE from_id = NEW.account_id
            AND unit_id = NEW.unit_id AND substr(from_id, 1, instr(from_id, ':')) || 'park' = NEW.park_id), 0)
        OR NEW.paid_in IS NOT ifnull((SELECT sum(amount) FROM transfer WHERE to_id = NEW.account_id
            AND unit_id = NEW.unit_id AND substr(from_id, 1, instr(from_id, ':')) || 'park' = NEW.park_id), 0));
END;

CREATE TRIGGER account_balance_stays BEFORE DELETE ON account_balance
BEGIN
    SELECT RAISE(ABORT, 'account_balance: it is kept by the transfers; insert a transfer [kept_by_node]');
END;
