"""What is done to the zone. Each fault lasts a while, is ended, and gives evidence of itself."""

import random
import signal
import time

from abuse import HostileClient
from api import Refused, Unanswered
from disk_faults import LOOK_SECONDS, DiskFaults
from odd_programs import OddProgram, hold_lock
from zone import ANSWER_SECONDS_MAX, PARKS, Breach

# How long faults last, at least and at most; those that have to be noticed go on until they are. A
# stream that nothing comes over is given up after 15 seconds, and a busy machine needs a few more
# to tell.
SECONDS = {"half-open": (22.0, 24.0), "cut": (6.0, 9.0), "truncate": (4.0, 6.0), "held-lock": (5.0, 7.0)}
SECONDS_DEFAULT = (2.0, 5.0)
# Entries more than a minute ahead are held; they are due when the clocks have moved on by the rest.
AHEAD_MILLISECONDS = 63_000
BEHIND_MILLISECONDS = -90_000
CLOCK_TOLERANCE_MILLISECONDS = 5_000
# Nobody waits until such a stamp is due.
FUTURE_MILLISECONDS = 300 * 86_400_000
# A client that allows its transaction so much is told soon after, whoever has the lock; a busy
# machine may need many times as long.
PATIENCE_MILLISECONDS = 1_000
TOLD_SECONDS_MAX = 60


class Faults(DiskFaults):
    """zone, and for each park the turns of its clients."""

    LINK_KINDS = ("cut", "half-open", "slow", "truncate", "damage")
    NOTICED = ("cut", "half-open")
    PARK_KINDS = (
        "kill", "stop", "clock-ahead", "clock-behind", "future-stamp", "lost-file", "disk-full", "old-backup",
        "odd-program", "held-lock", "hostile-client",
    )

    def __init__(self, zone, turns):
        self.zone, self.turns = zone, turns
        self.fired = {kind: 0 for kind in self.LINK_KINDS + self.PARK_KINDS}
        # How long it took the victims of a fault to have what was written until its end, and which
        # fault that was.
        self.worst = (0.0, "none")
        # Parks that have written entries anew; they do so once in ten minutes at most.
        self.reissued = set()

    def run(self, kind, victims, seconds, seed):
        """Returns a line that tells what was done."""
        randomness = random.Random(seed)
        method = getattr(self, kind.replace("-", "_"), None)
        evidence = method(*victims, seconds, randomness) if method else self.link(kind, *victims, seconds, randomness)
        if evidence:
            self.fired[kind] += 1
        took = self.zone.wait_covered(self.zone.logged(), victims)
        self.worst = max(self.worst, (took, kind))
        return (
            f"{kind} {'-'.join(victims)} for {seconds:.1f} s: {evidence or 'had no effect'};"
            f" caught up after {took:.1f} s"
        )

    # Links ----------------------------------------------------------------------------------------

    def link(self, kind, a, b, seconds, randomness):
        hit = self.zone.links.set(a, b, kind, randomness.randrange(1 << 30))
        try:
            if kind in self.NOTICED:
                self.watch_status(kind, a, b, seconds)
            else:
                time.sleep(seconds)
        finally:
            hit += self.zone.links.set(a, b, "whole")
        return f"{hit} connections or pieces hit" if hit else None

    def watch_status(self, kind, a, b, seconds):
        """A dead link has to be noticed while the fault lasts; from then on neither end may call
        itself good, or the link followed.
        """
        start = time.monotonic()
        noticed, said = {a: None, b: None}, {}
        while time.monotonic() < start + seconds or (
            False in noticed.values() and time.monotonic() < start + ANSWER_SECONDS_MAX
        ):
            for park, peer in ((a, b), (b, a)):
                level, link = self.verdict(park, peer)
                if level is None:
                    continue
                is_noticed = level != "good" and link in ("waiting", "connecting")
                if noticed[park] and not is_noticed:
                    raise Breach(
                        f"the link {a}-{b} is {kind}, which {park} had noticed;"
                        f" now it says {level}, and {peer} is {link}"
                    )
                noticed[park], said[park] = is_noticed, f"{level}, and {peer} {link}"
            time.sleep(LOOK_SECONDS)
        for park, is_noticed in noticed.items():
            # None: the node did not answer, because of another fault.
            if is_noticed is False:
                took = time.monotonic() - start
                raise Breach(f"the link {a}-{b} has been {kind} for {took:.0f} s; {park} says it is {said[park]}")

    def verdict(self, park, peer):
        """What `syncctl status` says of the node and of its link; two times None if the node does
        not answer.
        """
        status, reasons = self.zone.judge(park)
        link = next((each["link"] for each in status.get("peers", []) if each["park"] == peer), None)
        return (None, None) if link is None else (reasons[0]["level"] if reasons else "good", link)

    # Processes ------------------------------------------------------------------------------------

    def kill(self, park, seconds, randomness):
        status = self.zone.kill(park)
        # Once at once, as a supervisor would, and once after a while.
        time.sleep(randomness.choice((0, seconds)))
        self.zone.start(park)
        self.zone.wait_phase(park)
        return f"status {status}" if status == -signal.SIGKILL else None

    def stop(self, park, seconds, randomness):
        process = self.zone.processes[park]
        process.send_signal(signal.SIGSTOP)
        try:
            time.sleep(seconds)
            with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
                state = file.read().rsplit(")", 1)[1].split()[0]
        finally:
            process.send_signal(signal.SIGCONT)
        return "stood still" if state == "T" else None

    # Programs -------------------------------------------------------------------------------------

    def odd_program(self, park, seconds, randomness):
        return OddProgram(self.zone.database(park), park, randomness).run(seconds)

    def held_lock(self, park, seconds, randomness):
        """A program keeps the write lock. Who gives up waiting is told in time, and what it asked
        for is not done afterwards.
        """
        row = f"{park}:organisation:late-{randomness.randrange(1 << 30)}"
        evidence = hold_lock(self.zone.database(park), seconds, lambda: self.late_write(park, row))
        if evidence:
            client = self.zone.client(park)
            client.transact(
                [("UPDATE organisation SET website = 'after the lock' WHERE id = ?1", [f"{park}:organisation:home"])]
            )
            if client.rows("SELECT id FROM organisation WHERE id = ?1", [row]):
                raise Breach(f"{park} executed a transaction after it had said that its time was over")
            client.close()
        return evidence

    def late_write(self, park, row):
        client = self.zone.client(park, ANSWER_SECONDS_MAX)
        start = time.monotonic()
        try:
            client.transact(
                [("INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'partner', 'late')", [row])],
                PATIENCE_MILLISECONDS
            )
        except Refused as refusal:
            took = time.monotonic() - start
            if refusal.code in ("no-connection", "not-ready"):
                return None
            if took > TOLD_SECONDS_MAX:
                raise Breach(
                    f"{park} took {took:.1f} s to say that {PATIENCE_MILLISECONDS} ms were not enough: {refusal}"
                )
            return f"refused after {took:.1f} s with {refusal.code}"
        except Unanswered as failure:
            raise Breach(f"{park} did not answer while a program had the lock: {failure}") from failure
        finally:
            client.close()
        raise Breach(f"{park} says that it wrote while a program had the lock")

    def hostile_client(self, park, seconds, randomness):
        return HostileClient(self.zone, park, randomness.randrange(1 << 30)).run()

    # Clocks ---------------------------------------------------------------------------------------

    def clock_ahead(self, park, seconds, randomness):
        return self.clock(park, seconds, AHEAD_MILLISECONDS)

    def clock_behind(self, park, seconds, randomness):
        return self.clock(park, seconds, BEHIND_MILLISECONDS)

    def clock(self, park, seconds, offset):
        self.zone.set_clock(park, offset)
        try:
            time.sleep(seconds)
            self.zone.wait_for(f"{park} to go by the clock that it was given", lambda: self.is_off(park, offset), park)
        finally:
            self.zone.set_clock(park, 0)
        return f"the node's clock was {offset / 1_000:.0f} s off"

    def is_off(self, park, offset):
        """Whether the node says a time between the question and the answer, by a clock that is so
        far off.
        """
        asked = time.time() * 1_000
        now = self.zone.status(park).get("now", 0) - offset
        return asked - CLOCK_TOLERANCE_MILLISECONDS < now < time.time() * 1_000 + CLOCK_TOLERANCE_MILLISECONDS

    def future_stamp(self, park, other, seconds, randomness):
        """A park writes with a clock that is far ahead, and is set right. Another node is started
        anew, and what it writes comes to all at once: what it holds moves no clock. Then the
        operator of the first has its entries written anew."""
        if park in self.reissued:
            return None
        home = "UPDATE organisation SET website = ?1 WHERE id = ?2"
        self.zone.set_clock(park, FUTURE_MILLISECONDS)
        try:
            self.write(park, home, [f"https://{seconds}.example", f"{park}:organisation:home"])
            time.sleep(seconds)
        finally:
            self.zone.set_clock(park, 0)
        self.zone.wait_for(f"{other} to hold entries of {park}", lambda: self.held(other, park), other)
        self.zone.kill(other)
        self.zone.start(other)
        self.zone.wait_phase(other)
        third = next(each for each in PARKS if each not in (park, other))
        value = f"https://{randomness.randrange(1 << 30)}.example"
        self.write(other, home, [value, f"{other}:organisation:home"])
        self.zone.wait_for(
            f"what {other} has written after its start to come to {third}", lambda: self.reads(third, other) == value,
            other, third
        )
        if self.held(third, other):
            raise Breach(f"{third} holds entries of {other}, whose clock was always right: {self.held(third, other)}")
        done = self.zone.run_control("reissue", "--reason", "the clock was ahead", "--socket", self.zone.socket(park))
        if done.returncode != 0:
            raise Breach(f"syncctl reissue at {park}: {(done.stdout + done.stderr).strip()}")
        self.reissued.add(park)
        self.zone.wait_for(f"{other} to hold nothing of {park}", lambda: not self.held(other, park), other)
        return done.stdout.strip()

    def write(self, park, sql, parameters):
        """Once at least, whatever other faults do."""
        def is_done():
            client = self.zone.client(park)
            try:
                return client.transact([(sql, parameters)]) is not None
            except (Refused, Unanswered):
                return False
            finally:
                client.close()
        self.zone.wait_for(f"{park} to write", is_done, park)

    def reads(self, park, home):
        client = self.zone.client(park)
        try:
            return client.rows("SELECT website FROM organisation WHERE id = ?1", [f"{home}:organisation:home"])[0][0]
        except (Refused, Unanswered):
            return None
        finally:
            client.close()

    def held(self, park, author):
        return [
            entry
            for entry in self.zone.status(park).get("stuck", [])
            if entry["origin"].split("~")[0] == author and entry["code"] == "future"
        ]
