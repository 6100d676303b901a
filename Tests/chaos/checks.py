"""The promises, looked at from outside when everything stands still: with syncctl, with SQLite, and
against what the clients have noted.
"""

import concurrent.futures
import hashlib
import json
import sqlite3

from abuse import MEMORY_BYTES_MAX
from clients import ACKNOWLEDGED, REFUSED, SHARED, UNIT, UNKNOWN, account
from zone import LIAR, PARKS, Breach

AGREE_SECONDS_MAX = 300
# Each request has been taken up and decided on, and each act has been answered.
ANSWERED = (
    "SELECT NOT EXISTS (SELECT 1 FROM request_unanswered) AND NOT EXISTS (SELECT 1 FROM act_unanswered)"
    " AND NOT EXISTS (SELECT 1 FROM place WHERE state = 'asked')"
)
# Views that have no row, of decisions and of money.
EMPTY_OF_DECISIONS = (
    "over_capacity", "stray_step", "stray_act", "broken_chain", "forked_chain", "place_mismatch", "request_unanswered",
    "act_unanswered",
)
EMPTY_OF_MONEY = ("overdrawn", "unbalanced", "account_mismatch")
# The steps with which requests stand as they do, and take their slots.
HELD = (
    "SELECT s.subject_id, s.request_id, s.starts_at, s.ends_at FROM step AS s"
    " JOIN state AS t ON t.machine = s.machine AND t.state = s.to_state AND t.occupies = 1"
    " WHERE NOT EXISTS (SELECT 1 FROM step AS f WHERE f.subject_id = s.subject_id AND f.request_id = s.request_id"
    " AND f.n = s.n + 1 AND f.follows = s.id) ORDER BY 1, 3, 4"
)
# Enough for a report; further ones are rarely news.
LINES_MAX = 5


class Ledgers:
    """What all clients have noted."""

    def __init__(self, folder):
        self.lines = []
        for path in sorted(folder.glob("*.ledger")):
            with open(path, encoding="utf-8") as file:
                self.lines += [json.loads(line) for line in file]

    def count(self, result):
        return sum(line["result"] == result for line in self.lines)

    def rows(self, kind, result):
        return {line["id"] for line in self.lines if line["kind"] == kind and line["result"] == result}

    def possible(self, kind):
        """For each id of which the newest value counts: the value that was acknowledged last, and
        those tried since.
        """
        values = {}
        for line in self.lines:
            if line["kind"] != kind or line["result"] == REFUSED:
                continue
            if line["result"] == ACKNOWLEDGED:
                values[line["id"]] = [line["value"]]
            else:
                values.setdefault(line["id"], [None]).append(line["value"])
        return values


class Checks:
    def __init__(self, zone, agree_seconds):
        self.zone, self.agree_seconds = zone, agree_seconds
        self.ledgers = Ledgers(zone.folder)
        self.verdicts = []

    def promise(self, what, breaches, evidence):
        breaches = list(breaches)
        self.verdicts.append((what, breaches[:LINES_MAX], evidence))

    def all(self):
        """(promise, breaches, evidence) each."""
        self.agreement()
        databases = {park: self.open(park) for park in PARKS}
        try:
            self.presence(databases)
            self.newest_values(databases)
            self.counter(databases)
            self.bookings(databases)
            self.answers(databases)
            self.money(databases)
            self.bytes(databases)
        finally:
            for database in databases.values():
                database.close()
        self.log_and_replay()
        self.readers()
        self.memory()
        return self.verdicts

    def open(self, park):
        database = sqlite3.connect(f"file:{self.zone.database(park)}?mode=ro", uri=True)
        database.text_factory = lambda value: value.decode("utf-8", "surrogateescape")
        return database

    # Agreement ------------------------------------------------------------------------------------

    def agreement(self):
        """Everything has arrived everywhere, all requests are answered, and each node says that it
        is good.
        """
        sockets = [argument for park in PARKS for argument in ("--socket", self.zone.socket(park))]
        breaches = []
        # The answers are entries of their own, so the nodes have to agree once more after them.
        breaches += self.waited("all parks to hold the same", self.is_same)
        done = self.zone.run_control(
            "wait", "--query", ANSWERED, "--timeout", str(self.agree_seconds), *sockets, seconds=2 * AGREE_SECONDS_MAX
        )
        if done.returncode != 0:
            breaches.append(f"--query {ANSWERED}: {done.stderr.strip()}")
        breaches += self.waited("all parks to hold the same again", self.is_same)
        for park in PARKS:
            if self.waited(f"{park} to be good", lambda: self.is_good(park)):
                breaches.append(f"{park} is not good: {self.zone.judge(park)[1][:2]}")
        digests = {(status.get("applied"), status.get("digest")) for status in map(self.zone.status, PARKS)}
        if len(digests) != 1:
            breaches.append(f"{len(digests)} different vectors and digests")
        self.promise("all parks agree, and say so", breaches, f"six nodes GOOD at one digest: {next(iter(digests))[0]}")

    def waited(self, what, is_so):
        """The breach, if it does not become so in time."""
        try:
            self.zone.wait_for(what, is_so, seconds=self.agree_seconds)
        except Breach as breach:
            return [str(breach)]
        return []

    def is_same(self):
        """One vector, one digest at it, and nothing waits; what the liar signed and nobody may
        apply stays set aside.
        """
        statuses = [self.zone.status(park) for park in PARKS]
        return (
            all(statuses)
            and len({(each["applied"], each["logged"], each["digest"]) for each in statuses}) == 1
            and all(
                each["digest_vector"] == each["applied"] == each["logged"]
                and each["unsealed_rows"] == 0
                and all(entry["origin"] == LIAR for entry in each["stuck"])
                for each in statuses
            )
        )

    def is_good(self, park):
        """But for what the node says of the liar, which stays true."""
        status, reasons = self.zone.judge(park)
        return status and not reasons

    def bytes(self, databases):
        """The tables themselves, value by value, without what ParkSync says of them."""
        hashes, rows = {}, 0
        tables = [name for (name,) in databases[PARKS[0]].execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_parksync\\_%' ESCAPE '\\' "
            "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")]
        breaches = []
        for table in tables:
            for park in PARKS:
                digest, count = hashlib.sha256(), 0
                names = [row[1] for row in databases[park].execute(f'PRAGMA table_info("{table}")')]
                for row in databases[park].execute(f'SELECT * FROM "{table}" ORDER BY {", ".join(names)}'):
                    digest.update(repr(row).encode("utf-8", "surrogateescape"))
                    count += 1
                hashes[park] = digest.hexdigest()
            rows += count
            if len(set(hashes.values())) != 1:
                breaches.append(f"{table} differs: {', '.join(f'{park} {each[:8]}' for park, each in hashes.items())}")
        self.promise("the tables are the same to the byte", breaches, f"{len(tables)} tables, {rows} rows")

    # What the clients noted -----------------------------------------------------------------------

    def presence(self, databases):
        breaches, kept = [], 0
        kinds = (("add", "organisation"), ("booking", "request"), ("act", "act"), ("pay", "transfer"))
        for kind, table in kinds:
            acknowledged, refused = (self.ledgers.rows(kind, result) for result in (ACKNOWLEDGED, REFUSED))
            kept += len(acknowledged)
            for park, database in databases.items():
                held = {row for (row,) in database.execute(f"SELECT id FROM {table}")}
                breaches += [f"{row} was acknowledged and is not at {park}" for row in sorted(acknowledged - held)]
                breaches += [f"{row} was refused and is at {park}" for row in sorted(refused & held)]
        self.promise(
            "nothing acknowledged is lost, nothing refused is there", breaches, f"{kept} rows at each of six parks"
        )

    def newest_values(self, databases):
        """Rows that were overwritten, deleted and made anew by one client each."""
        breaches = []
        pairs, tags = self.ledgers.possible("pair"), self.ledgers.possible("tag")
        for park, database in databases.items():
            values = dict(database.execute("SELECT id, name_en FROM organisation WHERE kind = 'alliance'"))
            held = {tag for (tag,) in database.execute("SELECT tag FROM tag WHERE subject_id = ?", [SHARED])}
            for row, possible in pairs.items():
                if values.get(row) not in possible:
                    breaches.append(f"{row} is {values.get(row)} at {park}, not {' or '.join(map(str, possible))}")
                if values.get(row) != values.get(row + "-twin"):
                    breaches.append(f"{row} and its twin differ at {park}")
            for tag, possible in tags.items():
                if None not in possible and (tag in held) not in possible:
                    breaches.append(
                        f"the tag {tag} is {'there' if tag in held else 'gone'} at {park}, which was not written last"
                    )
        self.promise(
            "the newest acknowledged value of each row counts", breaches,
            f"{len(pairs)} pairs of rows, {len(tags)} rows that come and go"
        )

    def counter(self, databases):
        """Each increment came with a row of its own, so the sum is exact also where the outcome was
        unknown.
        """
        amounts = {line["id"]: line["amount"] for line in self.ledgers.lines if line["kind"] == "add"}
        unknown = {line["id"] for line in self.ledgers.lines if line["kind"] == "add" and line["result"] == UNKNOWN}
        acknowledged = sum(amounts[row] for row in self.ledgers.rows("add", ACKNOWLEDGED))
        breaches, found = [], 0
        for park, database in databases.items():
            (views,) = database.execute(
                "SELECT n FROM counter WHERE subject_id = ? AND code = 'views'", [SHARED]
            ).fetchone()
            held = {row for (row,) in database.execute("SELECT id FROM organisation WHERE kind = 'enterprise'")}
            found = sum(amounts[row] for row in unknown & held)
            if views != acknowledged + found:
                breaches.append(
                    f"{views} at {park}, acknowledged {acknowledged} and {found} by unknown outcomes that took effect"
                )
        evidence = f"{acknowledged} acknowledged, {found} by {len(unknown)} unknown outcomes"
        self.promise("counters are the exact sum of what was added", breaches, evidence)

    def bookings(self, databases):
        """By the steps; that the places say the same is looked at with the answers."""
        breaches, held = [], 0
        for park, database in databases.items():
            slots = database.execute(HELD).fetchall()
            held = len(slots)
            # Every instrument here has one place.
            for (item, first, _, end), (other, second, start, _) in zip(slots, slots[1:]):
                if item == other and start < end:
                    breaches.append(f"{park}: {first} and {second} both have {item} at {start}")
        asked = len(self.ledgers.rows("booking", ACKNOWLEDGED))
        self.promise("no slot is booked twice", breaches, f"{asked} requests, {held} with a slot")

    def answers(self, databases):
        """None is lost, none is answered twice, and the steps of each are one chain."""
        breaches, steps, acts = [], 0, 0
        for park, database in databases.items():
            breaches += self.rows_of(park, database, EMPTY_OF_DECISIONS)
            waiting = database.execute("SELECT request_id FROM place WHERE state = 'asked' LIMIT ?", [LINES_MAX])
            breaches += [f"{park}: {row} is not decided on" for (row,) in waiting]
            twice = database.execute("SELECT act_id FROM step WHERE act_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1")
            breaches += [f"{park}: {act} is answered more than once" for (act,) in twice]
            (steps,) = database.execute("SELECT count(*) FROM step").fetchone()
            (acts,) = database.execute("SELECT count(*) FROM act").fetchone()
        self.promise("each request and act is answered, once", breaches, f"{steps} steps, {acts} acts")

    def money(self, databases):
        breaches, transfers = [], 0
        for park, database in databases.items():
            breaches += self.rows_of(park, database, EMPTY_OF_MONEY)
            balances = dict(database.execute("SELECT account_id, amount FROM balance WHERE unit_id = ?", [UNIT]))
            (issued,) = database.execute(
                "SELECT sum(amount) FROM transfer WHERE from_id = ?1 AND unit_id = ?1", [UNIT]
            ).fetchone()
            kept = sum(balances.get(account(other), 0) for other in PARKS)
            if kept != issued:
                breaches.append(f"{park}: the accounts hold {kept}, and {issued} was issued")
            (transfers,) = database.execute("SELECT count(*) FROM transfer").fetchone()
        self.promise("no account is overdrawn, and the sums agree", breaches, f"{transfers} transfers")

    @staticmethod
    def rows_of(park, database, views):
        return [
            f"{park}: {view}: {row}" for view in views
            for row in database.execute(f"SELECT * FROM {view} LIMIT {LINES_MAX}")
        ]

    # Proof ----------------------------------------------------------------------------------------

    def log_and_replay(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            verified = list(
                pool.map(lambda park: self.zone.run_control("log", "verify", "--socket", self.zone.socket(park)), PARKS)
            )
            replayed = list(pool.map(self.replay, PARKS))
        self.promise("every log is sound", self.failures(verified), "log verify at six parks")
        self.promise("the log alone gives the tables", self.failures(replayed), "replay PROVEN at six parks")

    def replay(self, park):
        return self.zone.run_control(
            "replay", "--database", str(self.zone.database(park)), "--into",
            str(self.zone.folder / f"{park}-replayed.sqlite"), "--members", str(self.zone.file(park, "parksyncd.yaml"))
        )

    @staticmethod
    def failures(results):
        return [
            f"{park}: status {done.returncode}: {(done.stdout + done.stderr)[:400]}"
            for park, done in zip(PARKS, results)
            if done.returncode
        ]

    def readers(self):
        breaches, looks = [], 0
        for park in PARKS:
            path = self.zone.folder / f"{park}-reader.json"
            if not path.exists():
                breaches.append(f"{park}: its reader left no report")
                continue
            report = json.loads(path.read_text(encoding="utf-8"))
            breaches += report["breaches"]
            looks += sum(report["looks"].values())
            breaches += [
                f"{park}: nothing was read through the {way}" for way, count in report["looks"].items() if count == 0
            ]
        self.promise("no reader saw half a transaction, or an effect before its cause", breaches, f"{looks} looks")

    def memory(self):
        peaks = sorted((peak, kind) for kind, peak in self.zone.peaks.items())
        if peaks:
            most = MEMORY_BYTES_MAX >> 20
            breaches = [f"{peak >> 20} MiB under {kind}" for peak, kind in peaks if peak > MEMORY_BYTES_MAX]
            self.promise(
                f"no abuse takes a node above {most} MiB", breaches,
                f"{peaks[-1][0] >> 20} MiB at most, under {peaks[-1][1]}"
            )


def settle(zone):
    """Waits until what was written is everywhere; returns how long that took."""
    return zone.wait_covered(zone.logged())
