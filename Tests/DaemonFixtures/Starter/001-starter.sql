-- parksync: schema 1
--
-- Plain tables for tests of other things: who is here, what can be shared, bookings, policies, use.
--
-- Ids begin with the home park: south:instrument:0001. Money is whole fen. Instants are UTC, written 2026-12-07T01:30:00Z;
-- SQLite's own strftime must give the same text back, which refuses 30 February and any other form. Without '+0 days' some
-- versions of SQLite would repeat 30 February and 24:00 as they are. Days are 2026-12-07.
-- scope: zone = seen by all parks; public = may also leave through public feeds. What must stay in its park is not in here.
-- Triggers guard local writers and do not run when the entries of other parks are applied.

-- A park's own card; its id is south:park.
-- parksync: writer home(id)
CREATE TABLE park (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:park'),
    name_zh TEXT NOT NULL CHECK (name_zh <> ''),
    name_en TEXT,
    website TEXT,
    scope TEXT NOT NULL DEFAULT 'public' CHECK (scope IN ('zone', 'public'))
);

-- parksync: writer home(id)
CREATE TABLE organisation (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:organisation:?*'),
    kind TEXT NOT NULL CHECK (kind IN ('enterprise', 'university', 'institute', 'incubator', 'agency', 'alliance')),
    name_zh TEXT NOT NULL CHECK (name_zh <> ''),
    name_en TEXT,
    -- Unified Social Credit Code, GB 32100-2015; two parks may enter the same one, see organisation_duplicate.
    credit_code TEXT CHECK (length(credit_code) = 18),
    ror TEXT CHECK (length(ror) = 9),
    -- GB/T 4754: section letter and up to four digits.
    industry TEXT CHECK (industry GLOB '[A-T]*' AND length(industry) <= 5),
    founded_on TEXT CHECK (founded_on IS date(founded_on, '+0 days')),
    -- Incubators: how many desks there are.
    desks INTEGER CHECK (desks >= 0),
    website TEXT,
    status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'closed')),
    -- The record that this one duplicates; the smallest id of a group is the one that is counted.
    same_as TEXT REFERENCES organisation (id),
    scope TEXT NOT NULL DEFAULT 'zone' CHECK (scope IN ('zone', 'public'))
);
CREATE INDEX organisation_by_credit_code ON organisation (credit_code);

-- parksync: writer home(id)
CREATE TABLE person (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:person:?*'),
    name_zh TEXT NOT NULL CHECK (name_zh <> ''),
    name_en TEXT,
    organisation_id TEXT REFERENCES organisation (id),
    talent_class TEXT NOT NULL CHECK (talent_class IN ('young_founder', 'executive_founder', 'scientist_founder', 'returnee_founder')),
    orcid TEXT CHECK (length(orcid) = 19),
    field_zh TEXT,
    field_en TEXT,
    scope TEXT NOT NULL DEFAULT 'zone' CHECK (scope IN ('zone', 'public'))
);
CREATE INDEX person_by_organisation ON person (organisation_id);

-- What can be booked. Only its home may write it: capacity and status decide whether a booking holds, so they travel in
-- the same log as the decisions. What every park may touch is in resource_profile.
-- parksync: writer home(id)
CREATE TABLE resource (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:?*:?*'),
    kind TEXT NOT NULL CHECK (kind IN ('instrument', 'laboratory', 'facility', 'platform', 'service')),
    name_zh TEXT NOT NULL CHECK (name_zh <> ''),
    name_en TEXT,
    owner_id TEXT NOT NULL REFERENCES organisation (id),
    -- The fields of RDA PIDINST 1.0 that names, owner and profile do not cover.
    pid TEXT,
    landing_page TEXT,
    manufacturer TEXT,
    model TEXT,
    instrument_type TEXT,
    measured_variable TEXT,
    serial_number TEXT,
    commissioned_on TEXT CHECK (commissioned_on IS date(commissioned_on, '+0 days')),
    value_fen INTEGER CHECK (value_fen >= 0),
    -- How many bookings may hold at one instant.
    capacity INTEGER NOT NULL DEFAULT 1 CHECK (capacity >= 1),
    price_fen_per_hour INTEGER NOT NULL DEFAULT 0 CHECK (price_fen_per_hour >= 0),
    -- In Asia/Shanghai, for people: Mo-Fr 09:00-18:00.
    opening_hours TEXT,
    share_mode TEXT NOT NULL DEFAULT 'open' CHECK (share_mode IN ('open', 'zone', 'agreement')),
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'maintenance', 'closed')),
    scope TEXT NOT NULL DEFAULT 'zone' CHECK (scope IN ('zone', 'public'))
);
CREATE INDEX resource_by_owner ON resource (owner_id);

-- parksync: writer any
CREATE TABLE resource_profile (
    resource_id TEXT NOT NULL PRIMARY KEY REFERENCES resource (id),
    description_zh TEXT,
    description_en TEXT,
    -- An office's mailbox, no person's telephone number.
    contact TEXT,
    views INTEGER NOT NULL DEFAULT 0 -- parksync: counter
);

-- parksync: writer any
CREATE TABLE resource_tag (
    resource_id TEXT NOT NULL REFERENCES resource (id),
    tag TEXT NOT NULL CHECK (tag <> ''),
    PRIMARY KEY (resource_id, tag)
);
CREATE INDEX resource_tag_by_tag ON resource_tag (tag);

-- Written by the park that asks.
-- parksync: writer home(id)
CREATE TABLE booking_request (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:booking:?*'),
    resource_id TEXT NOT NULL REFERENCES resource (id),
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    -- Raised with each new interval; iCalendar's SEQUENCE.
    revision INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1),
    starts_at TEXT NOT NULL CHECK (starts_at IS strftime('%Y-%m-%dT%H:%M:%SZ', starts_at, '+0 days')),
    ends_at TEXT NOT NULL CHECK (ends_at IS strftime('%Y-%m-%dT%H:%M:%SZ', ends_at, '+0 days')),
    purpose TEXT,
    -- 1: wait for the slot if it is taken; 0: be refused.
    may_wait INTEGER NOT NULL DEFAULT 0 CHECK (may_wait IN (0, 1)),
    state TEXT NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'cancelled')),
    requested_at TEXT NOT NULL CHECK (requested_at IS strftime('%Y-%m-%dT%H:%M:%SZ', requested_at, '+0 days')),
    scope TEXT NOT NULL DEFAULT 'zone' CHECK (scope IN ('zone', 'public')),
    CHECK (starts_at < ends_at)
);
CREATE INDEX booking_request_by_resource ON booking_request (resource_id, state);

-- Written by the resource's home park alone. One row per revision of a request; held, confirmed and in_use occupy the slot.
-- resource_id has no REFERENCES: the answer to a request for an unknown resource is a decision too.
-- parksync: writer home(resource_id)
CREATE TABLE booking_decision (
    resource_id TEXT NOT NULL,
    request_id TEXT NOT NULL REFERENCES booking_request (id),
    revision INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('held', 'confirmed', 'in_use', 'completed', 'settled',
        'rejected', 'waitlisted', 'cancelled', 'no_show', 'expired')),
    -- overlap, unknown_resource, closed, bad_interval, withdrawn, superseded, or a sentence.
    reason TEXT,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    decided_at TEXT NOT NULL CHECK (decided_at IS strftime('%Y-%m-%dT%H:%M:%SZ', decided_at, '+0 days')),
    PRIMARY KEY (resource_id, request_id, revision),
    CHECK (outcome NOT IN ('held', 'confirmed', 'in_use') OR (starts_at < ends_at
        AND starts_at IS strftime('%Y-%m-%dT%H:%M:%SZ', starts_at, '+0 days') AND ends_at IS strftime('%Y-%m-%dT%H:%M:%SZ', ends_at, '+0 days'))),
    CHECK (outcome NOT IN ('rejected', 'waitlisted', 'cancelled') OR reason IS NOT NULL)
);
CREATE INDEX booking_decision_by_request ON booking_decision (request_id, revision);
-- The occupied slots only: the sums over them need not read what is over or was refused.
CREATE INDEX booking_decision_occupying ON booking_decision (resource_id, starts_at, ends_at)
    WHERE outcome IN ('held', 'confirmed', 'in_use');

-- One row per version, so that an adoption can always be held against the text that it cites.
-- parksync: writer home(id)
CREATE TABLE policy (
    id TEXT NOT NULL CHECK (id GLOB '[a-z]*:policy:?*'),
    version INTEGER NOT NULL CHECK (version >= 1),
    kind TEXT NOT NULL DEFAULT 'measure' CHECK (kind IN ('regulation', 'measure', 'plan', 'guideline')),
    title_zh TEXT NOT NULL CHECK (title_zh <> ''),
    title_en TEXT,
    body_zh TEXT NOT NULL,
    body_en TEXT,
    -- SHA-256 of body_zh in UTF-8, 64 lower-case hexadecimal digits.
    content_hash TEXT NOT NULL CHECK (length(content_hash) = 64 AND content_hash NOT GLOB '*[^0-9a-f]*'),
    status TEXT NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'issued', 'superseded', 'repealed')),
    issued_on TEXT CHECK (issued_on IS date(issued_on, '+0 days')),
    scope TEXT NOT NULL DEFAULT 'public' CHECK (scope IN ('zone', 'public')),
    PRIMARY KEY (id, version),
    CHECK (status = 'draft' OR issued_on IS NOT NULL)
);

-- Written by the park that adopts.
-- parksync: writer home(id)
CREATE TABLE policy_adoption (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:adoption:?*'),
    policy_id TEXT NOT NULL,
    policy_version INTEGER NOT NULL,
    -- The content_hash of the cited version.
    content_hash TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('adopted', 'adapted', 'declined')),
    note_zh TEXT,
    note_en TEXT,
    decided_on TEXT NOT NULL CHECK (decided_on IS date(decided_on, '+0 days')),
    scope TEXT NOT NULL DEFAULT 'zone' CHECK (scope IN ('zone', 'public')),
    FOREIGN KEY (policy_id, policy_version) REFERENCES policy (id, version)
);
CREATE INDEX policy_adoption_by_policy ON policy_adoption (policy_id, policy_version);

-- Evidence, written by the resource's home park. A wrong record is answered by one with the same figures below zero.
-- parksync: writer home(id)
-- parksync: append-only
CREATE TABLE usage_record (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:usage:?*'),
    resource_id TEXT NOT NULL REFERENCES resource (id),
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    request_id TEXT REFERENCES booking_request (id),
    started_at TEXT NOT NULL CHECK (started_at IS strftime('%Y-%m-%dT%H:%M:%SZ', started_at, '+0 days')),
    minutes INTEGER NOT NULL,
    samples INTEGER NOT NULL DEFAULT 0,
    amount_fen INTEGER NOT NULL DEFAULT 0,
    -- 1: the user is not of the owner's organisation. Counts for the share rate.
    is_external INTEGER NOT NULL CHECK (is_external IN (0, 1)),
    reverses_id TEXT REFERENCES usage_record (id),
    note TEXT,
    scope TEXT NOT NULL DEFAULT 'zone' CHECK (scope IN ('zone', 'public')),
    CHECK (substr(id, 1, instr(id, ':')) = substr(resource_id, 1, instr(resource_id, ':'))),
    CHECK (CASE WHEN reverses_id IS NULL THEN minutes >= 0 AND samples >= 0 AND amount_fen >= 0
        ELSE minutes <= 0 AND samples <= 0 AND amount_fen <= 0 END)
);
CREATE INDEX usage_record_by_resource ON usage_record (resource_id, started_at);
CREATE INDEX usage_record_by_reversed ON usage_record (reverses_id) WHERE reverses_id IS NOT NULL;

-- Views -----------------------------------------------------------------------------------------------------------------

-- A request as people see it: requested until the resource's home has answered this revision.
CREATE VIEW booking_state AS
SELECT r.id AS request_id, r.resource_id, r.organisation_id, r.revision, r.starts_at, r.ends_at, r.requested_at,
    CASE
        WHEN d.outcome IN ('in_use', 'completed', 'settled', 'no_show') THEN d.outcome
        WHEN r.state = 'cancelled' THEN 'cancelled'
        ELSE coalesce(d.outcome, 'requested')
    END AS state,
    d.reason, d.decided_at, substr(r.resource_id, 1, instr(r.resource_id, ':') - 1) AS arbiter_park
FROM booking_request AS r
LEFT JOIN booking_decision AS d ON d.resource_id = r.resource_id AND d.request_id = r.id AND d.revision = r.revision;

-- Must be empty on every node at all times: instants at which more bookings hold than the resource has places.
-- The load of a resource only rises where a booking starts, so these instants are the only ones to look at.
CREATE VIEW double_booking AS
SELECT e.resource_id, e.starts_at AS instant, coalesce(r.capacity, 0) AS capacity, count(*) AS load
FROM (SELECT DISTINCT resource_id, starts_at FROM booking_decision WHERE outcome IN ('held', 'confirmed', 'in_use')) AS e
JOIN booking_decision AS o ON o.resource_id = e.resource_id AND o.outcome IN ('held', 'confirmed', 'in_use')
    AND o.starts_at <= e.starts_at AND o.ends_at > e.starts_at
LEFT JOIN resource AS r ON r.id = e.resource_id
GROUP BY e.resource_id, e.starts_at, r.capacity
HAVING count(*) > coalesce(r.capacity, 0);

-- Credit codes that several records carry and that nobody has linked yet.
CREATE VIEW organisation_duplicate AS
SELECT credit_code, min(id) AS counted_id, count(*) AS records
FROM organisation WHERE credit_code IS NOT NULL AND same_as IS NULL
GROUP BY credit_code HAVING count(*) > 1;

-- Share rate: minutes of external users among all minutes, reversals taken off.
CREATE VIEW resource_use AS
SELECT resource_id, sum(minutes) AS minutes, sum(minutes * is_external) AS external_minutes, sum(amount_fen) AS amount_fen
FROM usage_record GROUP BY resource_id;

-- Guards ----------------------------------------------------------------------------------------------------------------

-- REPLACE fires no update trigger, so each guard of an update has a second form: a row that is inserted over another one is held against it.

CREATE TRIGGER booking_request_revision BEFORE UPDATE ON booking_request
BEGIN
    SELECT RAISE(ABORT, 'booking_request: a request stays with its resource; cancel it and make a new one')
    WHERE NEW.resource_id IS NOT OLD.resource_id;
    SELECT RAISE(ABORT, 'booking_request: a revision never goes back')
    WHERE NEW.revision < OLD.revision;
    SELECT RAISE(ABORT, 'booking_request: a new interval, or a request taken up again, needs a higher revision')
    WHERE NEW.revision = OLD.revision AND (NEW.starts_at IS NOT OLD.starts_at OR NEW.ends_at IS NOT OLD.ends_at
        OR (OLD.state = 'cancelled' AND NEW.state <> 'cancelled'));
END;

CREATE TRIGGER booking_request_replaced BEFORE INSERT ON booking_request
BEGIN
    SELECT RAISE(ABORT, 'booking_request: a request stays with its resource; cancel it and make a new one')
    FROM booking_request AS o WHERE o.id = NEW.id AND NEW.resource_id IS NOT o.resource_id;
    SELECT RAISE(ABORT, 'booking_request: a revision never goes back')
    FROM booking_request AS o WHERE o.id = NEW.id AND NEW.revision < o.revision;
    SELECT RAISE(ABORT, 'booking_request: a new interval, or a request taken up again, needs a higher revision')
    FROM booking_request AS o WHERE o.id = NEW.id AND NEW.revision = o.revision AND (NEW.starts_at IS NOT o.starts_at
        OR NEW.ends_at IS NOT o.ends_at OR (o.state = 'cancelled' AND NEW.state <> 'cancelled'));
END;

CREATE TRIGGER booking_request_key BEFORE UPDATE OF id ON booking_request
WHEN NEW.id IS NOT OLD.id
BEGIN
    SELECT RAISE(ABORT, 'booking_request: an id is never changed; decisions and records of use refer to it');
END;

CREATE TRIGGER booking_request_kept BEFORE DELETE ON booking_request
WHEN EXISTS (SELECT 1 FROM booking_decision WHERE request_id = OLD.id)
BEGIN
    SELECT RAISE(ABORT, 'booking_request: it was decided already; set its state to cancelled instead of deleting it');
END;

CREATE TRIGGER booking_decision_insert BEFORE INSERT ON booking_decision
BEGIN
    SELECT RAISE(ABORT, 'booking_decision: no request has this resource, revision and interval; copy them from booking_request')
    WHERE NOT EXISTS (SELECT 1 FROM booking_request AS r WHERE r.id = NEW.request_id AND r.resource_id = NEW.resource_id
        AND r.revision = NEW.revision AND r.starts_at IS NEW.starts_at AND r.ends_at IS NEW.ends_at);
    SELECT RAISE(ABORT, 'booking_decision: the resource is taken in this interval; reject or waitlist the request')
    WHERE NEW.outcome IN ('held', 'confirmed', 'in_use') AND EXISTS (
        SELECT 1 FROM (
            SELECT NEW.starts_at AS instant
            UNION SELECT d.starts_at FROM booking_decision AS d
            WHERE d.resource_id = NEW.resource_id AND d.outcome IN ('held', 'confirmed', 'in_use')
                AND d.starts_at > NEW.starts_at AND d.starts_at < NEW.ends_at
        ) AS edge
        WHERE coalesce((SELECT capacity FROM resource WHERE id = NEW.resource_id), 0) <= (
            SELECT count(*) FROM booking_decision AS o
            WHERE o.resource_id = NEW.resource_id AND o.outcome IN ('held', 'confirmed', 'in_use')
                AND o.starts_at <= edge.instant AND o.ends_at > edge.instant
                AND NOT (o.request_id = NEW.request_id AND o.revision = NEW.revision)));
END;

CREATE TRIGGER booking_decision_update BEFORE UPDATE ON booking_decision
BEGIN
    SELECT RAISE(ABORT, 'booking_decision: key and interval are those of the request and stay as they are')
    WHERE NEW.resource_id IS NOT OLD.resource_id OR NEW.request_id IS NOT OLD.request_id OR NEW.revision IS NOT OLD.revision
        OR NEW.starts_at IS NOT OLD.starts_at OR NEW.ends_at IS NOT OLD.ends_at;
    SELECT RAISE(ABORT, 'booking_decision: the resource is taken in this interval; reject or waitlist the request')
    WHERE NEW.outcome IN ('held', 'confirmed', 'in_use') AND EXISTS (
        SELECT 1 FROM (
            SELECT NEW.starts_at AS instant
            UNION SELECT d.starts_at FROM booking_decision AS d
            WHERE d.resource_id = NEW.resource_id AND d.outcome IN ('held', 'confirmed', 'in_use')
                AND d.starts_at > NEW.starts_at AND d.starts_at < NEW.ends_at
        ) AS edge
        WHERE coalesce((SELECT capacity FROM resource WHERE id = NEW.resource_id), 0) <= (
            SELECT count(*) FROM booking_decision AS o
            WHERE o.resource_id = NEW.resource_id AND o.outcome IN ('held', 'confirmed', 'in_use')
                AND o.starts_at <= edge.instant AND o.ends_at > edge.instant
                AND NOT (o.request_id = NEW.request_id AND o.revision = NEW.revision)));
END;

CREATE TRIGGER booking_decision_kept BEFORE DELETE ON booking_decision
BEGIN
    SELECT RAISE(ABORT, 'booking_decision: a decision is not deleted; set its outcome to cancelled');
END;

CREATE TRIGGER resource_capacity BEFORE UPDATE OF capacity ON resource
WHEN NEW.capacity < OLD.capacity
BEGIN
    SELECT RAISE(ABORT, 'resource: more bookings hold at one time than the new capacity allows; cancel or complete some first')
    WHERE EXISTS (
        SELECT 1 FROM booking_decision AS e
        WHERE e.resource_id = NEW.id AND e.outcome IN ('held', 'confirmed', 'in_use') AND NEW.capacity < (
            SELECT count(*) FROM booking_decision AS o
            WHERE o.resource_id = NEW.id AND o.outcome IN ('held', 'confirmed', 'in_use')
                AND o.starts_at <= e.starts_at AND o.ends_at > e.starts_at));
END;

CREATE TRIGGER resource_replaced BEFORE INSERT ON resource
WHEN NEW.capacity < (SELECT capacity FROM resource WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'resource: more bookings hold at one time than the new capacity allows; cancel or complete some first')
    WHERE EXISTS (
        SELECT 1 FROM booking_decision AS e
        WHERE e.resource_id = NEW.id AND e.outcome IN ('held', 'confirmed', 'in_use') AND NEW.capacity < (
            SELECT count(*) FROM booking_decision AS o
            WHERE o.resource_id = NEW.id AND o.outcome IN ('held', 'confirmed', 'in_use')
                AND o.starts_at <= e.starts_at AND o.ends_at > e.starts_at));
END;

CREATE TRIGGER resource_key BEFORE UPDATE OF id ON resource
WHEN NEW.id IS NOT OLD.id
BEGIN
    SELECT RAISE(ABORT, 'resource: an id is never changed; requests and decisions refer to it');
END;

CREATE TRIGGER resource_kept BEFORE DELETE ON resource
WHEN EXISTS (SELECT 1 FROM booking_decision WHERE resource_id = OLD.id AND outcome IN ('held', 'confirmed', 'in_use'))
BEGIN
    SELECT RAISE(ABORT, 'resource: bookings hold on it; set its status to closed, then cancel or complete them');
END;

CREATE TRIGGER policy_issued_text BEFORE UPDATE ON policy
WHEN OLD.status <> 'draft' AND (NEW.id IS NOT OLD.id OR NEW.version IS NOT OLD.version OR NEW.body_zh IS NOT OLD.body_zh
    OR NEW.content_hash IS NOT OLD.content_hash OR NEW.status = 'draft')
BEGIN
    SELECT RAISE(ABORT, 'policy: an issued version keeps its text; insert the next version');
END;

CREATE TRIGGER policy_issued_replaced BEFORE INSERT ON policy
WHEN EXISTS (SELECT 1 FROM policy AS o WHERE o.id = NEW.id AND o.version = NEW.version AND o.status <> 'draft'
    AND (NEW.body_zh IS NOT o.body_zh OR NEW.content_hash IS NOT o.content_hash OR NEW.status = 'draft'))
BEGIN
    SELECT RAISE(ABORT, 'policy: an issued version keeps its text; insert the next version');
END;

CREATE TRIGGER policy_issued_evicted BEFORE UPDATE OF id, version ON policy
WHEN (NEW.id IS NOT OLD.id OR NEW.version IS NOT OLD.version)
    AND EXISTS (SELECT 1 FROM policy AS o WHERE o.id = NEW.id AND o.version = NEW.version AND o.status <> 'draft')
BEGIN
    SELECT RAISE(ABORT, 'policy: an issued version is not replaced by another; take the next number');
END;

CREATE TRIGGER policy_issued_kept BEFORE DELETE ON policy
WHEN OLD.status <> 'draft'
BEGIN
    SELECT RAISE(ABORT, 'policy: an issued version is not deleted; set its status to repealed');
END;

CREATE TRIGGER policy_adoption_insert BEFORE INSERT ON policy_adoption
BEGIN
    SELECT RAISE(ABORT, 'policy_adoption: no issued version of this policy has this content_hash; copy it from policy')
    WHERE NOT EXISTS (SELECT 1 FROM policy AS p WHERE p.id = NEW.policy_id AND p.version = NEW.policy_version
        AND p.content_hash = NEW.content_hash AND p.status <> 'draft');
END;

CREATE TRIGGER policy_adoption_update BEFORE UPDATE OF policy_id, policy_version, content_hash ON policy_adoption
BEGIN
    SELECT RAISE(ABORT, 'policy_adoption: no issued version of this policy has this content_hash; copy it from policy')
    WHERE NOT EXISTS (SELECT 1 FROM policy AS p WHERE p.id = NEW.policy_id AND p.version = NEW.policy_version
        AND p.content_hash = NEW.content_hash AND p.status <> 'draft');
END;

CREATE TRIGGER usage_record_reversal BEFORE INSERT ON usage_record
WHEN NEW.reverses_id IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'usage_record: a reversal has the resource, organisation and the negated figures of a record that is no reversal')
    WHERE NOT EXISTS (SELECT 1 FROM usage_record AS u WHERE u.id = NEW.reverses_id AND u.reverses_id IS NULL
        AND u.resource_id = NEW.resource_id AND u.organisation_id = NEW.organisation_id AND u.is_external = NEW.is_external
        AND u.minutes = -NEW.minutes AND u.samples = -NEW.samples AND u.amount_fen = -NEW.amount_fen);
    SELECT RAISE(ABORT, 'usage_record: this record was reversed already')
    WHERE EXISTS (SELECT 1 FROM usage_record AS u WHERE u.reverses_id = NEW.reverses_id AND u.id <> NEW.id);
END;
