"""The programs of one park: writers through the API, a writer that opens the file itself, and a
reader that watches for what may never be seen.

Each writer keeps a ledger, a line for each write with what became of it; the line is on the disk
before the next write begins.
"""

import datetime
import json
import os
import random
import sqlite3
import threading
import time

from api import Refused, Unanswered
from zone import PARKS

ACKNOWLEDGED, REFUSED, UNKNOWN = "acknowledged", "refused", "unknown"
# What every park adds to and overwrites.
SHARED = "south:instrument:1"
SLOTS = 24
# Of each day, two hours apart and three hours long.
SLOTS_A_DAY = 8
# Beyond what any clock of a run shows: nodes refuse what is past. The same in all processes, which
# are forked from the one that reads this.
FIRST_DAY = datetime.date.today() + datetime.timedelta(days=400)
TAGS = 5
# Requests of each writer that it still does something about.
BOOKED_MAX = 5
# The money of all parks, minted by the first.
UNIT = "south:unit:fen"
AT = "2026-12-01T00:00:00Z"
THINK_SECONDS = 0.06
# A client gives up before a stopped daemon goes on, so that some outcomes stay unknown.
CLIENT_SECONDS = 4
TWIN = "-twin"
# Tried until it is acknowledged, so the rows may be there already.
BEGIN = (
    "INSERT INTO organisation (id, kind, name_zh, name_en) VALUES (?1, 'alliance', '成对', '0') ON CONFLICT DO NOTHING"
)
ADD = (
    "INSERT INTO organisation (id, kind, name_zh, name_en, successor_id) SELECT ?1, 'enterprise', ?2, ?3,"
    " (SELECT id FROM organisation WHERE id GLOB ?4 AND kind = 'enterprise' ORDER BY rowid DESC LIMIT 1)"
)
BOOK = (
    "INSERT INTO request (id, kind, machine, subject_id, party_id, starts_at, ends_at, detail, at)"
    f" VALUES (?1, 'booking', 'booking', ?2, ?3, ?4, ?5, ?6, '{AT}')"
)
ACT = (
    "INSERT INTO act (id, request_id, machine, by_id, act, on_n, starts_at, ends_at, at) VALUES (?1, ?2, 'booking', ?3,"
    f" ?4, ifnull((SELECT max(n) FROM place WHERE request_id = ?2), 0), ?5, ?6, '{AT}')"
)
PAY = (
    "INSERT INTO transfer (from_id, id, to_id, unit_id, amount, reverses, at)"
    f" VALUES (?1, ?2, ?3, '{UNIT}', ?4, 0, '{AT}')"
)
BREACHES_MAX = 20


def account(park):
    return f"{park}:account:1"


def issued(park):
    """The transfer with which the account begins: its minter's."""
    return f"{UNIT.split(':')[0]}:transfer:{park}"


class Ledger:
    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8")

    def note(self, **line):
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()
        os.fsync(self.file.fileno())


class Writer(threading.Thread):
    """Writes until it is told to stop. Holds its turn during each write: who takes the turn away
    has the writer stand still.
    """

    def __init__(self, zone, park, name, seed, stop, turn):
        super().__init__(name=f"{park}-{name}", daemon=True)
        self.zone, self.park, self.writer, self.stop, self.turn = zone, park, f"{park}/{name}", stop, turn
        self.random = random.Random(f"{seed} {self.name}")
        self.ledger = Ledger(zone.folder / f"{self.name}.ledger")
        self.prefix = f"{park}:organisation:{name}"
        self.number = self.acknowledged = self.value = 0
        self.tags, self.booked = {}, []
        self.is_started = False

    def run(self):
        while not self.stop.is_set():
            with self.turn:
                self.write_one()
            time.sleep(self.random.uniform(0, 2 * THINK_SECONDS))

    def write_one(self):
        if not self.is_started:
            return self.begin()
        kind = self.random.choices(("add", "pair", "tag", "booking", "act", "pay"), (12, 6, 4, 2, 1, 2))[0]
        getattr(self, kind)()

    def commit(self, statements, **line):
        """One transaction. Returns what became of it, after it is in the ledger."""
        code = None
        try:
            self.transact(statements)
            result = ACKNOWLEDGED
        except Refused as refusal:
            result, code = REFUSED, refusal.code
        except Unanswered as failure:
            result, code = UNKNOWN, str(failure)
        self.ledger.note(result=result, code=code, **line)
        return result

    def begin(self):
        """The two rows that always change together."""
        rows = [(BEGIN, [f"{self.prefix}-pair{end}"]) for end in ("", TWIN)]
        self.is_started = self.commit(rows, kind="pair", id=f"{self.prefix}-pair", value="0") == ACKNOWLEDGED

    def add(self):
        """A row of its own, which refers to what this park has seen of another; and as much to the
        counter that all parks share.
        """
        self.number += 1
        row, amount = f"{self.prefix}-{self.number}", self.random.randrange(1, 100)
        seen = self.random.choice(PARKS)
        count = "UPDATE counter SET n = n + ?1 WHERE subject_id = ?2 AND code = 'views'"
        remark = "UPDATE annotation SET text = ?1 WHERE subject_id = ?2 AND field = 'hint' AND lang = 'zh'"
        result = self.commit(
            [
                (ADD, [row, self.writer, str(self.acknowledged), f"{seen}:*"]),
                (count, [amount, SHARED]), (remark, [f"{row} was here", SHARED]),
            ],
            kind="add", id=row, amount=amount,
        )
        if result == ACKNOWLEDGED:
            self.acknowledged += 1

    def pair(self):
        self.value += 1
        update = "UPDATE organisation SET name_en = ?1 WHERE id = ?2"
        rows = [(update, [str(self.value), f"{self.prefix}-pair{end}"]) for end in ("", TWIN)]
        self.commit(rows, kind="pair", id=f"{self.prefix}-pair", value=str(self.value))

    def tag(self):
        """Rows that are deleted and come back."""
        tag = f"{self.writer} {self.random.randrange(TAGS)}"
        is_there = self.tags.get(tag, False)
        sql = ("DELETE FROM tag WHERE subject_id = ?1 AND tag = ?2" if is_there else
               "INSERT INTO tag (subject_id, tag) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
        result = self.commit([(sql, [SHARED, tag])], kind="tag", id=tag, value=not is_there)
        # After an unknown outcome the same is tried again, which changes nothing if it was done.
        if result == ACKNOWLEDGED:
            self.tags[tag] = not is_there

    def booking(self):
        """A slot that others want too. Half of those who ask wait if there is no room."""
        self.number += 1
        row, item = f"{self.park}:booking:{self.name}-{self.number}", f"{self.random.choice(PARKS)}:instrument:1"
        detail = self.random.choice(("{}", '{"may_wait":true}'))
        home = f"{self.park}:organisation:home"
        if self.commit([(BOOK, [row, item, home, *self.slot(), detail])], kind="booking", id=row) == ACKNOWLEDGED:
            self.booked = [row, *self.booked][:BOOKED_MAX]

    def slot(self):
        days, place = divmod(self.random.randrange(SLOTS), SLOTS_A_DAY)
        day = FIRST_DAY + datetime.timedelta(days=days)
        return f"{day}T{place * 2:02}:00:00Z", f"{day}T{place * 2 + 3:02}:00:00Z"

    def act(self):
        """A request is moved to another slot or taken back, whatever has become of it."""
        if not self.booked:
            return
        self.number += 1
        row = f"{self.park}:act:{self.name}-{self.number}"
        what, times = self.random.choice((("amend", self.slot()), ("withdraw", (None, None))))
        asked = self.random.choice(self.booked)
        self.commit([(ACT, [row, asked, f"{self.park}:organisation:home", what, *times])], kind="act", id=row)

    def pay(self):
        """Money for another park, as long as there is some."""
        self.number += 1
        row = f"{self.park}:transfer:{self.name}-{self.number}"
        other = self.random.choice([park for park in PARKS if park != self.park])
        amount = self.random.randrange(1, 200)
        self.commit([(PAY, [account(self.park), row, account(other), amount])], kind="pay", id=row)


class ServiceWriter(Writer):
    """Writes through the local API."""

    def transact(self, statements):
        if not hasattr(self, "client"):
            self.client = self.zone.client(self.park, CLIENT_SECONDS)
        self.client.transact(statements)


class FileWriter(Writer):
    """Writes into the file with SQLite, whether the daemon runs or not."""

    def transact(self, statements):
        try:
            # Never makes a file: a database that was lost is the daemon's to make.
            database = sqlite3.connect(
                f"file:{self.zone.database(self.park)}?mode=rw", uri=True, timeout=CLIENT_SECONDS, isolation_level=None
            )
        except sqlite3.Error as error:
            raise Refused("file", str(error)) from error
        try:
            database.execute("PRAGMA synchronous = FULL")
            database.execute("BEGIN IMMEDIATE")
            for sql, parameters in statements:
                # In a file that is being recovered a row may not be back yet, and in an old copy
                # one may be there that was deleted since: then there is nothing that a trigger
                # could refuse, or the log could carry.
                if database.execute(sql, parameters).rowcount == 0 and sql != BEGIN:
                    raise Refused("no-row", sql)
            database.execute("COMMIT")
        except sqlite3.Error as error:
            # Whatever SQLite answers to a commit but success, the transaction is still open or was
            # rolled back; a failed read or write of the disk is the one case in which it cannot
            # tell.
            if getattr(error, "sqlite_errorname", "").startswith("SQLITE_IOERR"):
                raise Unanswered(str(error)) from error
            raise Refused("sqlite", str(error)) from error
        finally:
            database.close()


class Reader(threading.Thread):
    """Looks, through the API and into the file in turn, for what no park may ever show."""

    CHECKS = (
        (
            "half a transaction is visible",
            (
                "SELECT a.id, a.name_en, b.name_en"
                " FROM organisation AS a LEFT JOIN organisation AS b ON b.id = a.id || '-twin'"
                " WHERE a.kind = 'alliance' AND a.id NOT LIKE '%-twin' AND a.name_en IS NOT b.name_en"
            ),
        ),
        (
            "a row is visible before the one that its author had seen",
            (
                "SELECT o.id, o.successor_id FROM organisation AS o WHERE o.successor_id IS NOT NULL "
                "AND NOT EXISTS (SELECT 1 FROM organisation AS s WHERE s.id = o.successor_id)"
            ),
        ),
        (
            "a write is visible before an earlier one of the same author",
            (
                "SELECT name_zh, count(*), max(CAST(name_en AS INTEGER)) FROM organisation WHERE kind = 'enterprise'"
                " GROUP BY name_zh HAVING count(*) <= max(CAST(name_en AS INTEGER))"
            ),
        ),
        ("a slot is given away twice", "SELECT * FROM over_capacity"),
        ("an account is below zero", "SELECT * FROM overdrawn"),
    )

    def __init__(self, zone, park, stop, turn):
        super().__init__(name=f"{park}-reader", daemon=True)
        self.zone, self.park, self.stop, self.turn = zone, park, stop, turn
        self.client = zone.client(park, CLIENT_SECONDS)
        self.looks = {"api": 0, "file": 0}
        self.breaches = []

    def run(self):
        while not self.stop.is_set():
            start = time.monotonic()
            for number, (what, sql) in enumerate(self.CHECKS):
                with self.turn:
                    self.look(what, sql, "api" if (self.looks["api"] + self.looks["file"]) % 2 else "file")
            # At most a third of the time is spent looking, however large the tables grow.
            time.sleep(max(THINK_SECONDS, 2 * (time.monotonic() - start)))
        self.report()

    def report(self):
        report = {"looks": self.looks, "breaches": self.breaches[:BREACHES_MAX]}
        (self.zone.folder / f"{self.name}.json").write_text(json.dumps(report), encoding="utf-8")

    def look(self, what, sql, way):
        try:
            rows = self.client.rows(sql) if way == "api" else self.read_file(sql)
        except (Refused, Unanswered, sqlite3.Error):
            self.client.close()
            return
        self.looks[way] += 1
        if rows and len(self.breaches) < BREACHES_MAX:
            self.breaches.append(f"{self.park}, seen through the {way}: {what}: {rows[:3]}")
            # At once: the process may be ended.
            self.report()

    def read_file(self, sql):
        database = sqlite3.connect(f"file:{self.zone.database(self.park)}?mode=rw", uri=True, timeout=1)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()


def run_park(zone, park, seed, writers, stop, turns):
    """The process of one park's programs."""
    threads = [
        ServiceWriter(zone, park, f"w{number}", seed, stop, turn) for number, turn in enumerate(turns[: writers - 1])
    ]
    threads.append(FileWriter(zone, park, "f0", seed, stop, turns[writers - 1]))
    threads.append(Reader(zone, park, stop, turns[writers]))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
