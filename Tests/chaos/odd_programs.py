"""Programs of a park that SQLite allows and nobody would write: triggers of their own beside the
node's, rowids, a lock that is kept.
"""

import sqlite3
import time

TAGS = 4
WAIT_SECONDS = 4
# Whoever is to have the lock waits for it as long as it takes: others want it all the time.
LOCK_SECONDS_MAX = 300


def triggers(prefix, is_kept):
    """Triggers that change, undo or hide the program's own rows; in its connection alone, or for a
    while in the file.
    """
    kind = "" if is_kept else "TEMP"
    mine = f"GLOB '{prefix}*'"
    return {
        "odd_later": (
            f"CREATE {kind} TRIGGER odd_later AFTER INSERT ON organisation WHEN NEW.id {mine} "
            "BEGIN UPDATE organisation SET name_en = 'later', desks = desks + 1 WHERE id = NEW.id; END"
        ),
        "odd_back": (
            f"CREATE {kind} TRIGGER odd_back AFTER DELETE ON organisation WHEN OLD.id {mine} AND OLD.desks % 2 "
            "BEGIN INSERT INTO organisation (id, kind, name_zh, desks) VALUES (OLD.id, 'agency', 'back', 0); END"
        ),
        "odd_hidden": (
            f"CREATE {kind} TRIGGER odd_hidden AFTER UPDATE OF website ON organisation WHEN NEW.id {mine} "
            "BEGIN SELECT RAISE(IGNORE); END"
        ),
        "odd_count": (
            f"CREATE {kind} TRIGGER odd_count AFTER UPDATE OF description_zh ON resource_profile "
            "BEGIN UPDATE resource_profile SET views = views + 3 WHERE resource_id = NEW.resource_id; END"
        ),
    }


class OddProgram:
    """Writes into a park's file. The ledgers know nothing of it: its rows only have to be the same
    everywhere, and in the log.
    """

    def __init__(self, path, park, randomness):
        self.path, self.park, self.random = path, park, randomness
        self.prefix = f"{park}:organisation:odd"
        self.resource = f"{park}:instrument:odd"
        self.committed = self.refused = 0

    def run(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end or not (self.committed and self.refused):
            if time.monotonic() > end + LOCK_SECONDS_MAX:
                return None
            self.session()
        return f"{self.committed} odd transactions, {self.refused} rowids refused"

    def session(self):
        try:
            database = sqlite3.connect(
                f"file:{self.path}?mode=rw", uri=True, timeout=WAIT_SECONDS, isolation_level=None
            )
        except sqlite3.Error:
            return
        made = {}
        try:
            database.execute("PRAGMA synchronous = FULL")
            database.execute(f"PRAGMA recursive_triggers = {self.random.choice(('ON', 'OFF'))}")
            made = triggers(self.prefix, is_kept=self.random.random() < 0.3)
            for sql in made.values():
                database.execute(sql)
            for _ in range(4):
                self.transaction(database)
        except sqlite3.Error:
            pass
        finally:
            self.leave(database, made)

    def leave(self, database, made):
        """Takes its triggers out of the file again, however long others have the lock."""
        if database.in_transaction:
            database.execute("ROLLBACK")
        for name in made:
            while True:
                try:
                    database.execute(f"DROP TRIGGER IF EXISTS {name}")
                    break
                except sqlite3.OperationalError as error:
                    if "locked" not in str(error):
                        break
        database.close()

    def transaction(self, database):
        number = self.random.randrange(TAGS)
        row, other = f"{self.prefix}-{number}", f"{self.prefix}-{(number + 1) % TAGS}"
        writes = [
            (
                "INSERT OR IGNORE INTO resource (id, kind, name_zh, owner_id) VALUES (?1, 'service', 'odd', ?2)",
                (self.resource, f"{self.park}:organisation:home"),
            ),
            ("INSERT OR IGNORE INTO resource_profile (resource_id) VALUES (?1)", (self.resource,)),
            (
                "INSERT OR REPLACE INTO organisation (id, kind, name_zh, desks) VALUES (?1, 'agency', 'odd', ?2)",
                (row, number),
            ),
            ("UPDATE organisation SET website = website || '.' WHERE id = ?1", (row,)),
            (
                (
                    "INSERT INTO organisation (id, kind, name_zh, desks) VALUES (?1, 'agency', 'odd', 1)"
                    " ON CONFLICT DO UPDATE SET desks = desks + 1"
                ),
                (row,),
            ),
            ("UPDATE OR REPLACE organisation SET id = ?2 WHERE id = ?1", (row, other)),
            (
                "UPDATE resource_profile SET description_zh = ?2, views = views + 1 WHERE resource_id = ?1",
                (self.resource, str(number)),
            ),
            ("DELETE FROM organisation WHERE id = ?1", (other,)),
        ]
        database.execute("BEGIN IMMEDIATE")
        for sql, parameters in self.random.sample(writes[2:], 3) if self.committed else writes:
            database.execute(sql, parameters)
        self.refused += self.evict(database)
        database.execute("COMMIT")
        self.committed += 1

    def evict(self, database):
        """A rowid that would evict another row has to be refused; the rest of the transaction
        stands.
        """
        try:
            database.execute(
                "INSERT OR REPLACE INTO organisation (rowid, id, kind, name_zh) SELECT min(rowid), ?1, 'agency',"
                " 'evicts' FROM organisation", (f"{self.prefix}-evicts",),
            )
        except sqlite3.IntegrityError as error:
            return "rowid" in str(error)
        return False


def hold_lock(path, seconds, meanwhile):
    """Keeps the write lock so long, and calls `meanwhile` in that time. Returns what that returned,
    or None if the lock was not to be had.
    """
    database = sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=LOCK_SECONDS_MAX, isolation_level=None)
    try:
        database.execute("BEGIN IMMEDIATE")
        start = time.monotonic()
        result = meanwhile()
        time.sleep(max(0, seconds - (time.monotonic() - start)))
        database.execute("ROLLBACK")
        return result
    except sqlite3.Error:
        return None
    finally:
        database.close()
