"""Programs of a park that SQLite allows and nobody would write: triggers of their own beside the
node's, rowids, a lock that is kept.
"""

import sqlite3
import time

ROWS = 4
WAIT_SECONDS = 4
# Windows of a day that is over: they close nothing.
DAY = "2020-01-01"
OPEN = "INSERT {} INTO window (id, item_id, kind, from_on, until_on, note_zh, starts_minute) " \
    f"VALUES (?1, ?2, 'closed', '{DAY}', '{DAY}', 'odd', ?3)"
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
            f"CREATE {kind} TRIGGER odd_later AFTER INSERT ON window WHEN NEW.id {mine} "
            "BEGIN UPDATE window SET weekdays = '1', starts_minute = starts_minute + 1 WHERE id = NEW.id; END"
        ),
        "odd_back": (
            f"CREATE {kind} TRIGGER odd_back AFTER DELETE ON window WHEN OLD.id {mine} AND OLD.starts_minute % 2 "
            "BEGIN INSERT INTO window (id, item_id, kind, from_on, until_on, note_zh) "
            f"VALUES (OLD.id, OLD.item_id, 'closed', '{DAY}', '{DAY}', 'back'); END"
        ),
        "odd_hidden": (
            f"CREATE {kind} TRIGGER odd_hidden AFTER UPDATE OF note_zh ON window WHEN NEW.id {mine} "
            "BEGIN SELECT RAISE(IGNORE); END"
        ),
        "odd_count": (
            f"CREATE {kind} TRIGGER odd_count AFTER UPDATE OF text ON annotation WHEN NEW.field = 'odd' "
            "BEGIN UPDATE counter SET n = n + 3 WHERE subject_id = NEW.subject_id AND code = 'views'; END"
        ),
    }


class OddProgram:
    """Writes into a park's file. The ledgers know nothing of it: its rows only have to be the same
    everywhere, and in the log.
    """

    def __init__(self, path, park, randomness):
        self.path, self.park, self.random = path, park, randomness
        self.prefix = f"{park}:window:odd"
        self.item, self.subject = f"{park}:instrument:1", f"{park}:instrument:odd"
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
        number = self.random.randrange(ROWS)
        row, other = f"{self.prefix}-{number}", f"{self.prefix}-{(number + 1) % ROWS}"
        writes = [
            ("INSERT OR IGNORE INTO counter (subject_id, code) VALUES (?1, 'views')", (self.subject,)),
            (
                "INSERT OR IGNORE INTO annotation (subject_id, field, lang, text) VALUES (?1, 'odd', 'zh', '')",
                (self.subject,),
            ),
            (OPEN.format("OR REPLACE"), (row, self.item, number)),
            ("UPDATE window SET note_zh = note_zh || '.' WHERE id = ?1", (row,)),
            (OPEN.format("") + " ON CONFLICT DO UPDATE SET starts_minute = starts_minute + 1", (row, self.item, 1)),
            ("UPDATE OR REPLACE window SET id = ?2 WHERE id = ?1", (row, other)),
            ("UPDATE annotation SET text = ?2 WHERE subject_id = ?1 AND field = 'odd'", (self.subject, str(number))),
            ("UPDATE counter SET n = n + 1 WHERE subject_id = ?1 AND code = 'views'", (self.subject,)),
            ("DELETE FROM window WHERE id = ?1", (other,)),
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
                "INSERT OR REPLACE INTO organisation (rowid, id, kind, name_zh) SELECT min(rowid), ?1, 'partner',"
                " 'evicts' FROM organisation", (f"{self.park}:organisation:odd-evicts",),
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
