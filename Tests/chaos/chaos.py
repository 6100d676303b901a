#!/usr/bin/env python3
"""Six real daemons under load while everything around them fails; then every promise is checked.

usage: chaos.py --programs FOLDER [--seconds N | --minutes N] [--seed N] [--sabotage]

The seed decides what fails when. In the first rounds each kind of fault comes once, then they come
at random until the time is up. Ends with status 1 on any breach, and then keeps the folder with
databases, logs and ledgers. Some faults need rights: the disk that is full a mount namespace (root,
or a kernel that gives user namespaces to everybody), the clocks a C compiler; without them these
are skipped, and the report says so.
"""

import argparse
import multiprocessing
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

from abuse import Liar
from checks import AGREE_SECONDS_MAX, Checks, settle
from clients import ACKNOWLEDGED, REFUSED, SHARED, UNIT, UNKNOWN, account, issued, run_park
from faults import SECONDS, SECONDS_DEFAULT, Faults
from sabotage import PARK as SABOTAGED_PARK
from sabotage import plant
from zone import DISK_PARK, PARKS, Breach, Zone

WRITERS_PER_PARK = 3
CLIENT_STOP_SECONDS = 300
# Parks that cannot agree need not be waited for.
SABOTAGE_AGREE_SECONDS = 2
# What each account begins with: more than its park pays at once, and not more than in all.
MONEY = 5_000
INSTRUMENT = (
    "INSERT INTO item (id, kind, name_zh, owner_id, detail) VALUES (?1, 'instrument', '显微镜', ?2,"
    " '{\"manufacturer\":\"某厂\",\"model\":\"1\",\"instrument_type\":\"analysis\"}')"
)
ACCOUNT = (
    "INSERT INTO item (id, kind, name_zh, owner_id, capacity, detail) VALUES (?1, 'account', '账户', ?2, NULL,"
    " '{\"account_type\":\"organisation\"}')"
)
COUNTER = "INSERT INTO counter (subject_id, code) VALUES (?1, 'views')"
ANNOTATION = "INSERT INTO annotation (subject_id, field, lang, text) VALUES (?1, 'hint', 'zh', '')"
ISSUE = (
    "INSERT INTO transfer (from_id, id, to_id, unit_id, amount, reverses, at)"
    " VALUES (?1, ?2, ?3, ?1, ?4, 0, '2026-12-01T00:00:00Z')"
)


def enter_namespace():
    """Starts this program again with mounts of its own, if that is allowed."""
    if os.environ.get("CHAOS_NAMESPACE") or not shutil.which("unshare"):
        return
    for flags in (["-m"], ["-Urm"]):
        command = ["unshare", *flags, "--"]
        if subprocess.run([*command, "sh", "-c", "mount -t tmpfs chaos /mnt"], capture_output=True).returncode == 0:
            os.environ["CHAOS_NAMESPACE"] = "1"
            os.execvp("unshare", [*command, sys.executable, *sys.argv])


def prepare(zone):
    """Starts all nodes, with an instrument each that everybody may book, one that everybody writes
    about, and an account each with the same money in it.
    """
    for park in PARKS:
        zone.start(park)
    zone.wait_phase(*PARKS)
    for park in PARKS:
        write(zone, park, cards(park))
    zone.wait_covered(zone.logged())
    write(zone, UNIT.split(":")[0], [(ISSUE, [UNIT, issued(park), account(park), MONEY]) for park in PARKS])
    zone.wait_covered(zone.logged())


def write(zone, park, statements):
    client = zone.client(park)
    client.transact(statements)
    client.close()


def cards(park):
    home, item = f"{park}:organisation:home", f"{park}:instrument:1"
    rows = [
        ("INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'institute', '研究所')", [home]),
        (INSTRUMENT, [item, home]),
        (ACCOUNT, [account(park), home]),
    ]
    if item == SHARED:
        rows += [(COUNTER, [item]), (ANNOTATION, [item])]
    if UNIT.startswith(f"{park}:"):
        rows.append(("INSERT INTO item (id, kind, name_zh, capacity, detail) VALUES (?1, 'unit', '分', NULL, ?2)",
                     [UNIT, '{"unit":"fen"}']))
    return rows


class Clients:
    """A process of programs for each park."""

    def __init__(self, zone, seed):
        self.zone = zone
        context = multiprocessing.get_context("fork")
        self.stopping = context.Event()
        self.turns = {park: [context.Lock() for _ in range(WRITERS_PER_PARK + 1)] for park in PARKS}
        self.processes = [
            context.Process(
                target=run_park, args=(zone, park, seed, WRITERS_PER_PARK, self.stopping, self.turns[park]), daemon=True
            )
            for park in PARKS
        ]

    def start(self):
        for process in self.processes:
            process.start()

    def stop(self):
        self.stopping.set()
        for process in self.processes:
            process.join(CLIENT_STOP_SECONDS)
            if process.exitcode != 0:
                raise Breach(f"a client process did not end in good order: {process.exitcode}")


class Plan:
    """What fails when. Depends on nothing but the seed."""

    def __init__(self, seed, kinds):
        self.random = random.Random(seed)
        self.kinds = kinds
        links = self.random.sample(
            [kind for kind in kinds if kind in Faults.LINK_KINDS], len(set(kinds) & set(Faults.LINK_KINDS))
        )
        parks = self.random.sample(
            [kind for kind in kinds if kind not in Faults.LINK_KINDS], len(set(kinds) - set(Faults.LINK_KINDS))
        )
        # A half-open link takes longest to be noticed; what is in its round has the time.
        links.sort(key=lambda kind: kind != "half-open")
        # Both need the park with a disk of its own.
        if "disk-full" in parks and "future-stamp" in parks:
            parks.remove("disk-full")
            parks.insert(0 if parks.index("future-stamp") >= len(parks) // 2 else len(parks), "disk-full")
        self.first = [(links[:2], parks[: len(parks) // 2]), (links[2:], parks[len(parks) // 2 :])]

    def round(self):
        """Lanes that go on at the same time; the faults of each follow one another. No park is in
        two lanes.
        """
        links, parks = self.first.pop(0) if self.first else (self.draw(Faults.LINK_KINDS), self.draw(Faults.PARK_KINDS))
        if "disk-full" in parks and "future-stamp" in parks:
            parks = [kind for kind in parks if kind != "future-stamp"]
        others = self.random.sample([park for park in PARKS if park != DISK_PARK], len(PARKS) - 1)
        lanes = [[self.fault(kind, pair) for kind, pair in zip(links, self.pairs(others[2:]))], [], []]
        for number, kind in enumerate(parks):
            if kind == "disk-full":
                lanes[2].append(self.fault(kind, [DISK_PARK]))
            elif kind == "future-stamp":
                lanes[1 + number % 2].append(self.fault(kind, [others[number % 2], DISK_PARK]))
            else:
                lanes[1 + number % 2].append(self.fault(kind, [others[number % 2]]))
        return [lane for lane in lanes if lane]

    def pairs(self, parks):
        """Each fault of a round gets a link of its own: after some of them a stream takes its time
        to come back.
        """
        pairs = [[a, b] for number, a in enumerate(parks) for b in parks[:number]]
        return self.random.sample(pairs, len(pairs))

    def draw(self, kinds):
        return [
            self.random.choice([kind for kind in kinds if kind in self.kinds]) for _ in range(self.random.randint(1, 3))
        ]

    def fault(self, kind, victims):
        return kind, victims, self.random.uniform(*SECONDS.get(kind, SECONDS_DEFAULT)), self.random.randrange(1 << 30)


class Run:
    def __init__(self, zone, options):
        self.zone = zone
        self.clients = Clients(zone, options.seed)
        self.faults = Faults(zone, self.clients.turns)
        self.plan = Plan(options.seed, [kind for kind in self.faults.fired if kind not in zone.skipped])
        self.seconds, self.is_sabotaged = options.seconds, options.sabotage
        self.liar = None
        self.breaches = []

    def go(self):
        # Beside the nodes from the beginning: a member that nobody has ever reached keeps them
        # waiting.
        self.liar = Liar(self.zone)
        prepare(self.zone)
        if not self.is_sabotaged:
            self.liar.run()
        self.clients.start()
        if self.is_sabotaged:
            plant(self.zone, self.clients.turns[SABOTAGED_PARK][0])
            return self.clients.stop()
        end = time.monotonic() + self.seconds
        number = 0
        while (time.monotonic() < end or self.plan.first) and not self.breaches:
            number += 1
            self.round(number, self.plan.round())
        self.clients.stop()
        if self.breaches:
            return
        took = settle(self.zone)
        print(f"the clients have stopped; everything written was everywhere after {took:.1f} s", flush=True)

    def round(self, number, lanes):
        threads = [threading.Thread(target=self.lane, args=(number, lane), daemon=True) for lane in lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.breaches:
            return
        took = settle(self.zone)
        print(
            f"round {number}: all faults are over; what was written until then was everywhere after {took:.1f} s",
            flush=True
        )

    def lane(self, number, lane):
        for kind, victims, seconds, seed in lane:
            try:
                print(f"round {number}: {self.faults.run(kind, victims, seconds, seed)}", flush=True)
            except Breach as breach:
                self.breaches.append(f"{kind} {'-'.join(victims)}: {breach}")
                return
            except Exception:
                self.breaches.append(f"{kind} {'-'.join(victims)}: {traceback.format_exc()}")
                return

    def report(self):
        """Prints what was done and what holds. Returns whether everything does."""
        checks = Checks(self.zone, SABOTAGE_AGREE_SECONDS if self.is_sabotaged else AGREE_SECONDS_MAX)
        verdicts = [] if self.breaches else checks.all()
        ledgers = checks.ledgers
        print(
            "\nwrites     "
            + ", ".join(f"{ledgers.count(result)} {result}" for result in (ACKNOWLEDGED, REFUSED, UNKNOWN))
        )
        for kind, count in self.faults.fired.items():
            why = self.zone.skipped.get(kind)
            print(f"fault      {kind:14} " + (f"skipped: {why}" if why else f"{count} fired"))
            if not why and count == 0 and verdicts and not self.is_sabotaged:
                self.breaches.append(f"no fault of the kind {kind} had any effect")
        for lie in Liar.NAMED:
            print(f"lie        {lie:14} {self.liar.count(lie) if self.liar else 0} told")
        for kind, peak in sorted(self.zone.peaks.items()):
            print(f"memory     {kind:18} {peak >> 20} MiB")
        print("worst      {:.1f} s until the victims of a fault had everything, after {}".format(*self.faults.worst))
        for what, breaches, evidence in verdicts:
            print(f"BROKEN     {what}" if breaches else f"holds      {what} ({evidence})")
            for breach in breaches:
                print(f"           {breach}")
        for breach in self.breaches:
            print(f"BROKEN     {breach}")
        return not self.breaches and not any(breaches for _, breaches, _ in verdicts)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--programs", required=True, help="folder with parksyncd and syncctl")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--sabotage", action="store_true", help="no faults; breaks promises on purpose, which must be found"
    )
    options = parser.parse_args()
    if options.minutes is not None:
        options.seconds = 60 * options.minutes
    return options


def main():
    options = parse()
    enter_namespace()
    # So that what was started is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chaos-"))
    print(f"chaos: seed {options.seed}, {options.seconds:.0f} s, six parks in {folder}", flush=True)
    zone, holds = None, False
    try:
        zone = Zone(folder, options.programs)
        run = Run(zone, options)
        try:
            run.go()
        except Breach as breach:
            run.breaches.append(str(breach))
        holds = run.report()
        wrong = zone.stop()
        for park in wrong:
            print(f"BROKEN     {park} did not stop in good order")
        holds = holds and not wrong
    finally:
        for process in [*zone.processes.values(), *zone.strangers] if zone else []:
            if process.poll() is None:
                process.kill()
                process.wait()
        keep(zone, holds, folder, options.sabotage)
    return 0 if holds else 1


def keep(zone, holds, folder, is_sabotaged):
    """A mount of our own ends with us, so what is kept has to be copied off it."""
    if zone and zone.has_disk:
        state = zone.file(DISK_PARK, "state")
        if not holds and not is_sabotaged:
            shutil.copytree(state, folder / f"{DISK_PARK}-state")
        subprocess.run(["umount", "-l", str(state)], check=False)
    if holds or is_sabotaged:
        shutil.rmtree(folder)
    kept = "" if is_sabotaged else f"; databases, logs and ledgers are kept in {folder}"
    print("\nevery promise holds" if holds else f"\nNOT every promise holds{kept}")


if __name__ == "__main__":
    sys.exit(main())
