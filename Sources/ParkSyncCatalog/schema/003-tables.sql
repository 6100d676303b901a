-- parksync: schema 3
--
-- The catalogue of the parks, part 3: what the parks share.
--
-- Ids are park:kind:tail, and begin with the home park: south:instrument:0001. Money is whole fen. Instants are UTC, written
-- 2026-12-07T01:30:00Z; SQLite's own strftime must give the same text back, which refuses 30 February and any other form.
-- Without '+0 days' some versions of SQLite would repeat 30 February and 24:00 as they are. Days are 2026-12-07. Where there
-- is no interval, starts_at is '' and ends_at is '~', which sort before and behind all instants.
-- scope: zone = seen by all parks; public = may also leave through public feeds. What must stay in its park is in local tables.
-- Texts are NFC. A Chinese name is required, an English one is not.
--
-- CHECKs, REFERENCES and triggers guard local writers, and do not run when the entries of other parks are applied.

-- 园区. Its id is south:park.
-- parksync: writer home(id)
CREATE TABLE park (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:park'),
    name_zh TEXT NOT NULL CHECK (name_zh <> ''),
    name_en TEXT,
    website TEXT,
    -- An office's mailbox, no person's telephone number.
    contact TEXT,
    detail TEXT CHECK (detail IS NULL OR (json_valid(detail) AND json_type(detail) = 'object')),
    scope TEXT NOT NULL DEFAULT 'public' CHECK (scope IN ('zone', 'public'))
);

-- 单位：企业、院校、机构、联盟、合作方.
-- parksync: writer home(id)
CREATE TABLE organisation (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:organisation:?*'),
    -- A code of organisation_kind.
    kind TEXT NOT NULL,
    name_zh TEXT NOT NULL CHECK (name_zh <> ''),
    name_en TEXT,
    -- 统一社会信用代码, GB 32100-2015. Parks that are apart may enter the same one: see organisation_duplicate.
    credit_code TEXT CHECK (length(credit_code) = 18),
    ror TEXT CHECK (length(ror) = 9),
    -- GB/T 4754: section letter and up to four digits.
    industry TEXT CHECK (industry GLOB '[A-T]*' AND length(industry) <= 5),
    founded_on TEXT CHECK (founded_on IS date(founded_on, '+0 days')),
    website TEXT,
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'ended')),
    successor_id TEXT REFERENCES organisation (id),
    detail TEXT CHECK (detail IS NULL OR (json_valid(detail) AND json_type(detail) = 'object')),
    scope TEXT NOT NULL DEFAULT 'zone' CHECK (scope IN ('zone', 'public'))
);
CREATE INDEX organisation_by_credit_code ON organisation (credit_code) WHERE credit_code IS NOT NULL;
CREATE INDEX organisation_by_kind ON organisation (kind, state);

-- 人员: a handle. What need not be shared of a person is in private_person.
-- parksync: writer home(id)
CREATE TABLE person (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:person:?*'),
    -- A code of person_kind.
    kind TEXT NOT NULL,
    name_zh TEXT NOT NULL CHECK (name_zh <> ''),
    name_en TEXT,
    organisation_id TEXT REFERENCES organisation (id),
    -- A code of talent_class.
    talent_class TEXT,
    orcid TEXT CHECK (length(orcid) = 19),
    field_zh TEXT,
    field_en TEXT,
    since_on TEXT CHECK (since_on IS date(since_on, '+0 days')),
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'ended')),
    scope TEXT NOT NULL DEFAULT 'zone' CHECK (scope IN ('zone', 'public'))
);
CREATE INDEX person_by_organisation ON person (organisation_id) WHERE organisation_id IS NOT NULL;
CREATE INDEX person_by_orcid ON person (orcid) WHERE orcid IS NOT NULL;
CREATE INDEX person_talent ON person (talent_class, state) WHERE talent_class IS NOT NULL;

-- 人员信息（不共享）: names, telephone numbers and permits stay in the park.
-- parksync: local
CREATE TABLE private_person (
    person_id TEXT NOT NULL PRIMARY KEY,
    name TEXT,
    phone TEXT,
    email TEXT,
    -- 人才绿卡.
    permit TEXT,
    permit_until TEXT CHECK (permit_until IS date(permit_until, '+0 days')),
    note TEXT
);

-- 条目: whatever somebody asks for, or is counted. Never deleted: ended, with a successor.
-- parksync: writer home(id)
-- parksync: member (kind) of kind(kind)
CREATE TABLE item (
    id TEXT NOT NULL PRIMARY KEY CHECK (substr(id, instr(id, ':')) GLOB ':' || kind || ':?*' AND id GLOB '[a-z]*'),
    kind TEXT NOT NULL,
    name_zh TEXT NOT NULL CHECK (name_zh <> ''),
    name_en TEXT,
    -- An organisation or a person.
    owner_id TEXT,
    -- The account to which its use is paid.
    account_id TEXT,
    -- What the weights of all that hold at one instant may come to; NULL: unlimited. Seats, desks, fen, basis points.
    -- At most what one weight can be, so that no sum of what holds leaves the range of numbers.
    capacity INTEGER DEFAULT 1 CHECK (typeof(capacity) IN ('integer', 'null') AND capacity BETWEEN 0 AND 1000000000000000000),
    -- A code of share_class.
    share_class TEXT NOT NULL DEFAULT 'zone',
    -- automatic: the node answers; person: somebody decides.
    approval TEXT NOT NULL DEFAULT 'automatic' CHECK (approval IN ('automatic', 'person')),
    -- Rules for intervals; NULL: no such rule.
    min_minutes INTEGER CHECK (min_minutes > 0),
    max_minutes INTEGER CHECK (max_minutes >= min_minutes),
    buffer_minutes INTEGER CHECK (buffer_minutes >= 0),
    horizon_days INTEGER CHECK (horizon_days > 0),
    -- What is withdrawn later than this before its start is cancelled late.
    cancel_minutes INTEGER CHECK (cancel_minutes >= 0),
    no_show_minutes INTEGER CHECK (no_show_minutes > 0),
    -- What of the booked price is owed where nobody came, or it was cancelled late, in basis points; NULL: all of it.
    -- They are no rows of `rate`: of these one a day is valid for a class, and a fee would stand in the place of the price.
    no_show_share INTEGER CHECK (typeof(no_show_share) IN ('integer', 'null') AND no_show_share BETWEEN 0 AND 10000),
    late_share INTEGER CHECK (typeof(late_share) IN ('integer', 'null') AND late_share BETWEEN 0 AND 10000),
    hold_minutes INTEGER CHECK (hold_minutes > 0),
    confirm_days INTEGER CHECK (confirm_days > 0),
    -- Nobody is promoted from the waiting list later than this before the start.
    notice_minutes INTEGER CHECK (notice_minutes >= 0),
    -- The certificate that a user needs: a credential of kind training with this number.
    training_code TEXT CHECK (training_code <> ''),
    -- The patent's, the standard's or the DOI's number, for duplicates: see item_duplicate.
    natural_key TEXT CHECK (natural_key <> ''),
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'ended')),
    successor_id TEXT,
    -- The fields of its kind: see `field`.
    detail TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail) AND json_type(detail) = 'object'),
    scope TEXT NOT NULL DEFAULT 'zone' CHECK (scope IN ('zone', 'public')),
    CHECK (successor_id IS NULL OR state = 'ended')
);
CREATE INDEX item_by_kind ON item (kind, state, id);
CREATE INDEX item_by_owner ON item (owner_id, kind) WHERE owner_id IS NOT NULL;
CREATE INDEX item_by_natural_key ON item (kind, natural_key) WHERE natural_key IS NOT NULL;

-- 关系.
-- parksync: writer home(subject_id)
CREATE TABLE link (
    subject_id TEXT NOT NULL CHECK (subject_id GLOB '[a-z]*:?*'),
    -- A code of relation.
    relation TEXT NOT NULL,
    -- An id, or a code of cluster.
    object_id TEXT NOT NULL CHECK (object_id <> ''),
    from_on TEXT CHECK (from_on IS date(from_on, '+0 days')),
    until_on TEXT CHECK (until_on IS date(until_on, '+0 days')),
    -- Basis points.
    share INTEGER CHECK (share BETWEEN 0 AND 10000),
    PRIMARY KEY (subject_id, relation, object_id),
    CHECK (from_on <= until_on)
);
CREATE INDEX link_by_object ON link (object_id, relation, subject_id);
CREATE INDEX link_same ON link (subject_id, object_id) WHERE relation = 'same_as';

-- 统计数据: a figure of a year. A correction is the next version.
-- parksync: writer home(subject_id)
-- parksync: append-only
CREATE TABLE figure (
    subject_id TEXT NOT NULL CHECK (subject_id GLOB '[a-z]*:?*'),
    -- A code of figure, which says the unit.
    code TEXT NOT NULL,
    year INTEGER NOT NULL CHECK (year BETWEEN 1900 AND 2200),
    version INTEGER NOT NULL CHECK (version >= 1),
    value INTEGER NOT NULL CHECK (typeof(value) = 'integer'),
    at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at, '+0 days')),
    source_zh TEXT,
    PRIMARY KEY (subject_id, code, year, version)
);
CREATE INDEX figure_by_code ON figure (code, year, subject_id, version, value);

-- 资质与证书.
-- parksync: writer home(id)
CREATE TABLE credential (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:credential:?*'),
    -- A person, an organisation or an item of any park.
    holder_id TEXT NOT NULL CHECK (holder_id GLOB '[a-z]*:?*'),
    -- A code of credential_kind.
    kind TEXT NOT NULL,
    number TEXT,
    issuer_zh TEXT,
    from_on TEXT NOT NULL CHECK (from_on IS date(from_on, '+0 days')),
    until_on TEXT CHECK (until_on IS date(until_on, '+0 days')),
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'revoked')),
    scope TEXT NOT NULL DEFAULT 'zone' CHECK (scope IN ('zone', 'public')),
    CHECK (from_on <= until_on)
);
CREATE INDEX credential_by_holder ON credential (holder_id, kind, number);
CREATE INDEX credential_by_kind ON credential (kind, state, until_on);

-- 开放时间、检修与节假日. Of one item, or of all items of a park if item_id is the park. Minutes of the day in Asia/Shanghai.
-- parksync: writer home(id)
CREATE TABLE window (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:window:?*'),
    item_id TEXT NOT NULL,
    -- A code of window_kind. Without any open window the item is open all day.
    kind TEXT NOT NULL,
    -- The days on which it holds: 1 is Monday, 7 is Sunday.
    weekdays TEXT NOT NULL DEFAULT '1234567' CHECK (weekdays GLOB '[1-7]*' AND weekdays NOT GLOB '*[^1-7]*'),
    starts_minute INTEGER NOT NULL DEFAULT 0 CHECK (starts_minute BETWEEN 0 AND 1439),
    ends_minute INTEGER NOT NULL DEFAULT 1440 CHECK (ends_minute BETWEEN 1 AND 1440),
    from_on TEXT CHECK (from_on IS date(from_on, '+0 days')),
    until_on TEXT CHECK (until_on IS date(until_on, '+0 days')),
    note_zh TEXT,
    CHECK (substr(id, 1, instr(id, ':')) = substr(item_id, 1, instr(item_id, ':'))),
    CHECK (starts_minute < ends_minute),
    CHECK (from_on <= until_on)
);
CREATE INDEX window_by_item ON window (item_id, kind);

-- 收费标准. The price is copied into the step that uses it.
-- parksync: writer home(id)
-- parksync: append-only
CREATE TABLE rate (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:rate:?*'),
    item_id TEXT NOT NULL,
    -- A code of user_class.
    class TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    -- A code of rate_unit: what is counted.
    unit TEXT NOT NULL,
    -- What is paid: an item of kind unit.
    unit_id TEXT NOT NULL,
    fen INTEGER NOT NULL CHECK (typeof(fen) = 'integer' AND fen BETWEEN 0 AND 1000000000000000),
    -- The last of those that are valid from a day up to then holds.
    valid_from TEXT NOT NULL CHECK (valid_from IS date(valid_from, '+0 days')),
    CHECK (substr(id, 1, instr(id, ':')) = substr(item_id, 1, instr(item_id, ':')))
);
CREATE INDEX rate_by_item ON rate (item_id, class, valid_from, version);

-- 文件: evidence that somebody had a text. The text itself may be deleted.
-- parksync: writer home(id)
-- parksync: append-only
CREATE TABLE document (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:document:?*'),
    about_id TEXT NOT NULL CHECK (about_id GLOB '[a-z]*:?*'),
    -- A code of document_kind.
    kind TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    name_zh TEXT NOT NULL CHECK (name_zh <> ''),
    name_en TEXT,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    text_id TEXT,
    at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at, '+0 days')),
    scope TEXT NOT NULL DEFAULT 'zone' CHECK (scope IN ('zone', 'public'))
);
CREATE INDEX document_by_about ON document (about_id, kind, version);
CREATE INDEX document_by_hash ON document (sha256);

-- 文本. May be deleted, and never becomes another one.
-- parksync: writer home(id)
CREATE TABLE text (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:text:?*'),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
    media_type TEXT NOT NULL,
    body TEXT,
    bytes BLOB,
    scope TEXT NOT NULL DEFAULT 'zone' CHECK (scope IN ('zone', 'public')),
    CHECK ((body IS NULL) <> (bytes IS NULL))
);
CREATE INDEX text_by_hash ON text (sha256);

-- 申请. Written by the park that asks, and never changed: what changes is an act.
-- parksync: writer home(id)
-- parksync: append-only
-- parksync: member (kind, machine) of kind(kind, machine)
CREATE TABLE request (
    id TEXT NOT NULL PRIMARY KEY CHECK (substr(id, instr(id, ':')) GLOB ':' || kind || ':?*' AND id GLOB '[a-z]*'),
    kind TEXT NOT NULL,
    machine TEXT NOT NULL,
    subject_id TEXT NOT NULL CHECK (subject_id GLOB '[a-z]*:?*'),
    -- Whom it is for: an organisation or a person of this park.
    party_id TEXT NOT NULL,
    -- Who asks.
    by_id TEXT,
    -- A code of user_class.
    class TEXT,
    starts_at TEXT NOT NULL DEFAULT '' CHECK (starts_at = '' OR starts_at IS strftime('%Y-%m-%dT%H:%M:%SZ', starts_at, '+0 days')),
    ends_at TEXT NOT NULL DEFAULT '~' CHECK (ends_at = '~' OR ends_at IS strftime('%Y-%m-%dT%H:%M:%SZ', ends_at, '+0 days')),
    weight INTEGER NOT NULL DEFAULT 1 CHECK (typeof(weight) = 'integer' AND weight BETWEEN 1 AND 1000000000000000000),
    -- Money that is offered or asked for, in units of unit_id.
    amount INTEGER CHECK (typeof(amount) IN ('integer', 'null') AND amount >= 0),
    unit_id TEXT,
    -- The account that pays, or is paid.
    account_id TEXT,
    -- What it cites.
    document_id TEXT,
    text_id TEXT,
    at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at, '+0 days')),
    detail TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail) AND json_type(detail) = 'object'),
    scope TEXT NOT NULL DEFAULT 'zone' CHECK (scope IN ('zone', 'public')),
    CHECK (starts_at < ends_at),
    CHECK (substr(id, 1, instr(id, ':')) = substr(party_id, 1, instr(party_id, ':'))),
    CHECK (substr(id, 1, instr(id, ':')) = substr(by_id, 1, instr(by_id, ':')))
);
CREATE INDEX request_by_subject ON request (subject_id, kind, id);
CREATE INDEX request_by_party ON request (party_id, kind, id);
CREATE INDEX request_by_kind ON request (kind, id);

-- 办理动作: what somebody does about a request.
-- parksync: writer home(id)
-- parksync: append-only
-- parksync: member (machine, act) of move(machine, act)
CREATE TABLE act (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:act:?*'),
    request_id TEXT NOT NULL CHECK (request_id GLOB '[a-z]*:?*:?*'),
    machine TEXT NOT NULL,
    -- A person or a party of the park that acts.
    by_id TEXT NOT NULL CHECK (by_id GLOB '[a-z]*:?*'),
    act TEXT NOT NULL CHECK (act NOT IN ('ask', 'room', 'clock')),
    -- The number of the step that he saw.
    on_n INTEGER NOT NULL CHECK (on_n >= 0),
    -- Where a decision leads; NULL: the arbiter finds out.
    to_state TEXT CHECK (act <> 'decide' OR to_state IS NOT NULL),
    -- NULL: as they are.
    starts_at TEXT CHECK (starts_at = '' OR starts_at IS strftime('%Y-%m-%dT%H:%M:%SZ', starts_at, '+0 days')),
    ends_at TEXT CHECK (ends_at = '~' OR ends_at IS strftime('%Y-%m-%dT%H:%M:%SZ', ends_at, '+0 days')),
    weight INTEGER CHECK (typeof(weight) IN ('integer', 'null') AND weight BETWEEN 1 AND 1000000000000000000),
    amount INTEGER CHECK (typeof(amount) IN ('integer', 'null') AND amount >= 0),
    -- Codes of reason: why; for a person at the arbiter's side also what he decides against.
    reasons TEXT CHECK (reasons IS NULL OR (json_valid(reasons) AND json_type(reasons) = 'array')),
    document_id TEXT,
    text_id TEXT,
    at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at, '+0 days')),
    detail TEXT CHECK (detail IS NULL OR (json_valid(detail) AND json_type(detail) = 'object')),
    scope TEXT NOT NULL DEFAULT 'zone' CHECK (scope IN ('zone', 'public')),
    CHECK (starts_at < ends_at),
    CHECK (substr(id, 1, instr(id, ':')) = substr(by_id, 1, instr(by_id, ':')))
);
CREATE INDEX act_by_request ON act (request_id, id);

-- 办理记录: the arbiter's. Each is a declared move.
-- No column that a guard looks at has a default: OR REPLACE puts it in the place of NULL behind the guard's back.
-- parksync: writer home(subject_id)
-- parksync: append-only
-- parksync: member (machine, from_state, to_state, act) of move(machine, from_state, to_state, act)
CREATE TABLE step (
    -- Where the machine's arbiter is the asker, the request itself.
    subject_id TEXT NOT NULL CHECK (subject_id GLOB '[a-z]*:?*'),
    request_id TEXT NOT NULL CHECK (request_id GLOB '[a-z]*:?*:?*'),
    n INTEGER NOT NULL CHECK (n >= 1),
    -- Drawn at random, so that both stay where a log has forked.
    id TEXT NOT NULL CHECK (id GLOB '[a-z]*:step:?*'),
    -- The step before; NULL for the first one.
    follows TEXT CHECK ((n = 1) = (follows IS NULL)),
    machine TEXT NOT NULL,
    from_state TEXT NOT NULL CHECK ((n = 1) = (from_state = '')),
    to_state TEXT NOT NULL CHECK (to_state <> ''),
    act TEXT NOT NULL,
    -- The act that it answers.
    act_id TEXT CHECK ((act_id IS NULL) = (act IN ('ask', 'room', 'clock'))),
    starts_at TEXT NOT NULL CHECK (starts_at = '' OR starts_at IS strftime('%Y-%m-%dT%H:%M:%SZ', starts_at, '+0 days')),
    ends_at TEXT NOT NULL CHECK (ends_at = '~' OR ends_at IS strftime('%Y-%m-%dT%H:%M:%SZ', ends_at, '+0 days')),
    weight INTEGER NOT NULL CHECK (typeof(weight) = 'integer' AND weight BETWEEN 1 AND 1000000000000000000),
    -- A claim: what payer_id owes payee_id by this step, in unit_id, and the rate that it was found by.
    amount INTEGER CHECK (typeof(amount) IN ('integer', 'null') AND amount > 0),
    unit_id TEXT,
    payer_id TEXT,
    payee_id TEXT,
    rate_id TEXT,
    rate_unit TEXT,
    rate_fen INTEGER CHECK (rate_fen >= 0),
    -- Codes of reason, sorted, each once.
    reasons TEXT NOT NULL CHECK (json_valid(reasons) AND json_type(reasons) = 'array'),
    -- The person who decided; NULL: the node.
    by_id TEXT,
    at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at, '+0 days')),
    -- What it was computed from.
    detail TEXT CHECK (detail IS NULL OR (json_valid(detail) AND json_type(detail) = 'object')),
    PRIMARY KEY (subject_id, request_id, n, id),
    CHECK (starts_at < ends_at),
    CHECK (substr(id, 1, instr(id, ':')) = substr(subject_id, 1, instr(subject_id, ':'))),
    CHECK (amount IS NULL OR (unit_id IS NOT NULL AND payer_id IS NOT NULL AND payee_id IS NOT NULL AND payer_id <> payee_id))
);
CREATE INDEX step_by_request ON step (request_id, n);
CREATE INDEX step_by_act ON step (act_id) WHERE act_id IS NOT NULL;
CREATE INDEX step_claim ON step (payer_id, id) WHERE amount IS NOT NULL;
CREATE INDEX step_claimed ON step (payee_id, id) WHERE amount IS NOT NULL;

-- 当前状态: the last step of each request, kept by the triggers of step.
-- parksync: writer home(subject_id)
CREATE TABLE place (
    subject_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    -- '' but for the other branches of a fork: there, the id of the branch's first step.
    branch TEXT NOT NULL,
    step_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    machine TEXT NOT NULL,
    state TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    weight INTEGER NOT NULL,
    -- The weight while the state occupies, otherwise 0.
    load INTEGER NOT NULL,
    -- 0: at most a day; 1: at most 32 days; 2: longer, or without an end. What holds at an instant began at most so long ago.
    span INTEGER NOT NULL,
    -- Whom the state waits for, and whose node or people that is ('south'); '' where it ends. Of a party or a reviewer, who may
    -- be of any park, it is the arbiter's.
    waits_for TEXT NOT NULL,
    waits_park TEXT NOT NULL,
    -- When the state was entered.
    at TEXT NOT NULL,
    PRIMARY KEY (subject_id, request_id, branch)
);
CREATE INDEX place_by_request ON place (request_id);
CREATE INDEX place_load ON place (subject_id, span, starts_at, ends_at, load) WHERE load > 0;
-- What is alive: the inbox of each side, and the deadlines.
CREATE INDEX place_waiting ON place (waits_park, waits_for, at) WHERE waits_for <> '';
-- What the clock moves, by when it begins: most of it is due then.
CREATE INDEX place_clock ON place (waits_park, starts_at) WHERE waits_for = 'clock';
CREATE INDEX place_reviewed ON place (subject_id) WHERE waits_for = 'reviewer';
CREATE INDEX place_partied ON place (subject_id) WHERE waits_for = 'party';
CREATE INDEX place_live ON place (subject_id, machine, state) WHERE waits_for <> '';
CREATE INDEX place_by_state ON place (machine, state, subject_id);
CREATE INDEX place_branch ON place (subject_id, request_id) WHERE branch <> '';

-- 使用记录. A wrong record is answered by one with the same figures below zero.
-- parksync: writer home(id)
-- parksync: append-only
CREATE TABLE usage (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB '[a-z]*:usage:?*'),
    item_id TEXT NOT NULL,
    request_id TEXT,
    party_id TEXT NOT NULL,
    -- When preparation began.
    started_at TEXT NOT NULL CHECK (started_at IS strftime('%Y-%m-%dT%H:%M:%SZ', started_at, '+0 days')),
    preparation_minutes INTEGER NOT NULL DEFAULT 0 CHECK (typeof(preparation_minutes) = 'integer'),
    minutes INTEGER NOT NULL CHECK (typeof(minutes) = 'integer'),
    after_minutes INTEGER NOT NULL DEFAULT 0 CHECK (typeof(after_minutes) = 'integer'),
    samples INTEGER NOT NULL DEFAULT 0 CHECK (typeof(samples) = 'integer'),
    -- A code of usage_source.
    source TEXT NOT NULL,
    by_id TEXT,
    -- 1: the user is not of the owner's organisation. Counts for the share rate.
    is_external INTEGER NOT NULL CHECK (is_external IN (0, 1)),
    reverses_id TEXT REFERENCES usage (id),
    at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at, '+0 days')),
    detail TEXT CHECK (detail IS NULL OR (json_valid(detail) AND json_type(detail) = 'object')),
    scope TEXT NOT NULL DEFAULT 'zone' CHECK (scope IN ('zone', 'public')),
    CHECK (substr(id, 1, instr(id, ':')) = substr(item_id, 1, instr(item_id, ':'))),
    CHECK (CASE WHEN reverses_id IS NULL
        THEN preparation_minutes >= 0 AND minutes >= 0 AND after_minutes >= 0 AND samples >= 0
        ELSE preparation_minutes <= 0 AND minutes <= 0 AND after_minutes <= 0 AND samples <= 0 END),
    -- No more minutes than the clock has gone on.
    CHECK (reverses_id IS NOT NULL OR 60 * (preparation_minutes + minutes + after_minutes)
        <= CAST(strftime('%s', at) AS INTEGER) - CAST(strftime('%s', started_at) AS INTEGER))
);
CREATE INDEX usage_by_item ON usage (item_id, started_at, minutes, is_external);
CREATE INDEX usage_by_request ON usage (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX usage_by_party ON usage (party_id, started_at);
CREATE INDEX usage_by_reversed ON usage (reverses_id) WHERE reverses_id IS NOT NULL;

-- 转账: what leaves one account arrives in another. A unit (an item of kind unit) is its own mint: what comes from it is
-- issued, what goes to it is taken out of circulation, and only its home can do the first.
-- parksync: writer home(from_id)
-- parksync: append-only
CREATE TABLE transfer (
    from_id TEXT NOT NULL CHECK (from_id GLOB '[a-z]*:account:?*' OR from_id IS unit_id),
    -- The id of the claim (a step) that it pays, so that it is paid once; otherwise an id of its own.
    id TEXT NOT NULL CHECK (id GLOB '[a-z]*:?*:?*'),
    to_id TEXT NOT NULL CHECK ((to_id GLOB '[a-z]*:account:?*' OR to_id IS unit_id) AND to_id <> from_id),
    unit_id TEXT NOT NULL CHECK (unit_id GLOB '[a-z]*:unit:?*'),
    amount INTEGER NOT NULL CHECK (typeof(amount) = 'integer' AND amount BETWEEN 1 AND 1000000000000000000),
    -- The request, step, usage or transfer because of which it is made.
    because_id TEXT,
    -- 1: takes back the transfer because_id, or a part of it.
    reverses INTEGER NOT NULL CHECK (reverses IN (0, 1)),
    by_id TEXT,
    note TEXT,
    at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at, '+0 days')),
    PRIMARY KEY (from_id, id),
    CHECK (reverses = 0 OR because_id IS NOT NULL)
);
CREATE INDEX transfer_by_id ON transfer (id);
CREATE INDEX transfer_to ON transfer (to_id, unit_id, at);
CREATE INDEX transfer_from ON transfer (from_id, unit_id, at);
CREATE INDEX transfer_because ON transfer (because_id) WHERE because_id IS NOT NULL;

-- 账户余额: what one park has paid into and out of an account, kept by the trigger of transfer. An account's balance is the
-- sum over its rows (view balance): a park that pays writes its own row, whoever has the account, and only its home has one
-- with something paid out.
-- parksync: writer home(park_id)
CREATE TABLE account_balance (
    park_id TEXT NOT NULL CHECK (park_id GLOB '[a-z]*:park'),
    account_id TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    paid_in INTEGER NOT NULL, -- parksync: counter
    paid_out INTEGER NOT NULL, -- parksync: counter
    PRIMARY KEY (park_id, account_id, unit_id)
);
CREATE INDEX account_balance_by_account ON account_balance (account_id, unit_id);

-- The transfer that is being counted; empty otherwise.
-- parksync: local
CREATE TABLE posting (
    from_id TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (from_id, id)
);

-- 标签.
-- parksync: writer any
CREATE TABLE tag (
    subject_id TEXT NOT NULL CHECK (subject_id GLOB '[a-z]*:?*'),
    tag TEXT NOT NULL CHECK (tag <> ''),
    PRIMARY KEY (subject_id, tag)
);
CREATE INDEX tag_by_tag ON tag (tag, subject_id);

-- 批注: translations, hints, experience with an instrument.
-- parksync: writer any
CREATE TABLE annotation (
    subject_id TEXT NOT NULL CHECK (subject_id GLOB '[a-z]*:?*'),
    field TEXT NOT NULL CHECK (field <> ''),
    lang TEXT NOT NULL CHECK (lang IN ('zh', 'en')),
    text TEXT NOT NULL,
    by_id TEXT,
    PRIMARY KEY (subject_id, field, lang)
);

-- 计数.
-- parksync: writer any
CREATE TABLE counter (
    subject_id TEXT NOT NULL CHECK (subject_id GLOB '[a-z]*:?*'),
    -- A code of counter.
    code TEXT NOT NULL,
    n INTEGER NOT NULL DEFAULT 0, -- parksync: counter
    PRIMARY KEY (subject_id, code)
);
