"""The catalogue's schema in a database of Python's own SQLite, with the directives' rules as plain triggers.

A node makes its triggers from the directives itself; what stands here is only enough of them to attack the guards
of the schema without one.
"""

import json
import pathlib
import re
import sqlite3

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCHEMA = ROOT / "Sources/ParkSyncCatalog/schema"
TABLE = re.compile(r"((?:--[^\n]*\n)*)CREATE TABLE (\w+) \((.*?)\n\)( WITHOUT ROWID)?;", re.S)
MEMBER = re.compile(r"-- parksync: member \(([^)]*)\) of (\w+)\(([^)]*)\)")


def files():
    return [path for path in sorted(SCHEMA.glob("[0-9]*.sql"))]


def tables():
    """(directives above it, its name) of each table."""
    return [(match[1], match[2]) for path in files() for match in TABLE.finditer(path.read_text())]


def directive_triggers(connection):
    for comments, table in tables():
        key = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[5]]
        is_key = " AND ".join(f"{column} IS NEW.{column}" for column in key)
        if "parksync: append-only" in comments:
            refuse = f"BEGIN SELECT RAISE(ABORT, 'ParkSync: {table} is append-only'); END"
            yield f"CREATE TRIGGER d_{table}_update BEFORE UPDATE ON {table} {refuse}"
            yield f"CREATE TRIGGER d_{table}_delete BEFORE DELETE ON {table} {refuse}"
            yield (f"CREATE TRIGGER d_{table}_append BEFORE INSERT ON {table} "
                   f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {is_key}) {refuse}")
        for columns, constant, others in MEMBER.findall(comments):
            columns, others = (re.split(r",\s*", names) for names in (columns, others))
            is_row = " AND ".join(f"{other} = NEW.{column}" for column, other in zip(columns, others))
            some_null = " OR ".join(f"NEW.{column} IS NULL" for column in columns)
            yield (f"CREATE TRIGGER d_{table}_member_{constant} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, "
                   f"'ParkSync: {table}: no row of {constant}') WHERE NOT ({some_null}) "
                   f"AND NOT EXISTS (SELECT 1 FROM {constant} WHERE {is_row} AND until IS NULL); END")
        if "parksync: constant" in comments:
            for event in ("INSERT", "UPDATE", "DELETE"):
                yield (f"CREATE TRIGGER d_{table}_{event} BEFORE {event} ON {table} "
                       f"BEGIN SELECT RAISE(ABORT, 'ParkSync: {table} is the schema''s'); END")


def catalogue(path=":memory:"):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    for file in files():
        connection.executescript("BEGIN;" + file.read_text() + "COMMIT;")
    for statement in list(directive_triggers(connection)):
        connection.execute(statement)
    return connection


NOW = "2026-12-01T00:00:00Z"


class World:
    """A park's tables with what the tests need in them, and short words for writing."""

    def __init__(self, path=":memory:"):
        self.db = catalogue(path)
        self.count = 0
        self.last = {}
        for park in ("bio", "south", "west"):
            self.insert("park", id=f"{park}:park", name_zh="园区")
            self.insert("organisation", id=f"{park}:organisation:1", kind="enterprise", name_zh="公司")
            self.insert("person", id=f"{park}:person:1", kind="manager", name_zh="甲")
            self.insert("item", id=f"{park}:account:1", kind="account", name_zh="账户", capacity=None,
                        owner_id=f"{park}:organisation:1", detail='{"account_type":"organisation"}')
        self.insert("item", id="south:unit:fen", kind="unit", name_zh="分", capacity=None, detail='{"unit":"fen"}')

    def insert(self, table, verb="INSERT", **row):
        columns = ", ".join(row)
        self.db.execute(f"{verb} INTO {table} ({columns}) VALUES ({', '.join('?' * len(row))})", list(row.values()))

    def number(self):
        self.count += 1
        return f"{self.count:08}"

    # The least detail that each kind takes, or all of its fields.
    def detail(self, kind, is_full=False):
        result = {}
        for name, type, codes in self.db.execute(
                "SELECT name, type, list FROM field WHERE kind = ? AND (required OR ?)", [kind, is_full]).fetchall():
            code = codes and self.db.execute("SELECT min(code) FROM code WHERE list = ?", [codes]).fetchone()[0]
            result[name] = {"text": "文", "integer": 1, "number": 1.5, "boolean": True, "date": "2026-01-01",
                            "instant": NOW, "code": code, "id": "bio:organisation:1", "fen": 1, "minutes": 1,
                            "percent": 1, "list": [code or "词"]}[type]
        return result

    def item(self, id, capacity=1, **row):
        kind = id.split(":")[1]
        row.setdefault("detail", json.dumps(self.detail(kind)))
        self.insert("item", id=id, kind=kind, name_zh="条目", capacity=capacity, **row)
        return id

    def ask(self, kind, subject, park="south", starts_at="", ends_at="~", weight=1, **row):
        id = f"{park}:{kind}:{self.number()}"
        machine = self.db.execute("SELECT machine FROM kind WHERE kind = ?", [kind]).fetchone()[0]
        row.setdefault("detail", json.dumps(self.detail(kind)))
        row.setdefault("party_id", f"{park}:organisation:1")
        self.insert("request", id=id, kind=kind, machine=machine, subject_id=subject, starts_at=starts_at,
                    ends_at=ends_at, weight=weight, at=NOW, **row)
        return id

    def act(self, request, act, park="south", on_n=1, **row):
        machine = self.db.execute("SELECT machine FROM request WHERE id = ?", [request]).fetchone()[0]
        id = f"{park}:act:{self.number()}"
        self.insert("act", id=id, request_id=request, machine=machine, by_id=f"{park}:person:1", act=act, on_n=on_n,
                    at=NOW, **row)
        return id

    def row(self, request, to, act, **other):
        """The step that takes a request on from its last one."""
        machine, subject, party_park = self.db.execute(
            "SELECT r.machine, CASE m.arbiter WHEN 'asker' THEN r.id ELSE r.subject_id END, "
            "substr(r.id, 1, instr(r.id, ':') - 1) FROM request AS r JOIN machine AS m USING (machine) WHERE r.id = ?",
            [request]).fetchone()
        last = self.db.execute(
            "SELECT id, n, to_state, starts_at, ends_at, weight FROM step WHERE request_id = ? ORDER BY n DESC LIMIT 1",
            [request]).fetchone()
        if not last:
            last = (None, 0, "") + self.db.execute(
                "SELECT starts_at, ends_at, weight FROM request WHERE id = ?", [request]).fetchone()
        home = subject.split(":")[0]
        row = dict(subject_id=subject, request_id=request, n=last[1] + 1, id=f"{home}:step:{self.number()}",
                   follows=last[0], machine=machine, from_state=last[2], to_state=to, act=act, act_id=None,
                   starts_at=last[3], ends_at=last[4], weight=last[5], reasons="[]", at=NOW)
        row.update(other)
        if act not in ("ask", "room", "clock") and "act_id" not in other:
            by = self.db.execute("SELECT by_whom FROM move WHERE machine = ? AND from_state = ? AND to_state = ? "
                                 "AND act = ?", [machine, row["from_state"], to, act]).fetchone()
            park = home if by and by[0] == "manager" else party_park
            try:
                row["act_id"] = self.act(request, act, park, on_n=last[1],
                                         **({"to_state": to} if act == "decide" else {}))
            except sqlite3.IntegrityError:
                other_park = home if park == party_park else party_park
                row["act_id"] = self.act(
                    request, act, other_park, on_n=last[1], to_state=self.db.execute(
                        "SELECT min(to_state) FROM move WHERE machine = ? AND act = ? AND by_whom <> 'anyone'",
                        [machine, act]).fetchone()[0])
        return row

    def step(self, request, to, act, verb="INSERT", **other):
        row = self.row(request, to, act, **other)
        self.insert("step", verb, **row)
        return row["id"]

    def pay(self, source, to, amount, unit="south:unit:fen", verb="INSERT", id=None, because=None, reverses=0):
        id = id or f"{source.split(':')[0]}:transfer:{self.number()}"
        self.insert("transfer", verb, from_id=source, id=id, to_id=to, unit_id=unit, amount=amount, because_id=because,
                    reverses=reverses, at=NOW)
        return id

    def one(self, sql, *values):
        row = self.db.execute(sql, values).fetchone()
        return row[0] if row and len(row) == 1 else row

    def refused(self, words, call, *args, **kwargs):
        try:
            call(*args, **kwargs)
        except sqlite3.Error as error:
            assert words in str(error), f"refused otherwise: {error}"
            return
        raise AssertionError(f"not refused: {words}: {args} {kwargs}")
