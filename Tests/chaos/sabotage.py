"""Breaks promises on purpose, so that it is seen that the checks can fail."""

import json
import sqlite3

from clients import TWIN
from zone import ANSWER_SECONDS_MAX

PARK = "west"
WRITES = 100


def plant(zone, turn):
    """Writes past the triggers into one park's file, and notes a write that never was. turn: of the
    park's first writer.
    """
    zone.wait_for("some writes", lambda: sum(zone.logged().values()) > WRITES)
    pair = f"{PARK}:organisation:w0-pair"
    with turn:
        uncaptured(zone, "organisation", f"UPDATE organisation SET name_en = 'torn' WHERE id = '{pair}{TWIN}'")
        report = zone.folder / f"{PARK}-reader.json"
        zone.wait_for("the reader to see half a transaction", report.exists)
    uncaptured(zone, "counter", "UPDATE counter SET n = n + 1")
    with open(zone.folder / "south-w0.ledger", "a", encoding="utf-8") as file:
        file.write(
            json.dumps(
                {"result": "acknowledged", "code": None, "kind": "add", "id": "south:organisation:never", "amount": 1}
            )
            + "\n"
        )


def uncaptured(zone, table, sql):
    database = sqlite3.connect(zone.database(PARK), timeout=ANSWER_SECONDS_MAX, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    database.execute(sql)
    database.execute(f"DELETE FROM _parksync_pending_{table}")
    database.execute("COMMIT")
    database.close()
