"""Who means harm: a member of the zone that lies, and a client that sends what no honest one would.
What they do is seen to happen, what the nodes say of it is read, and the memory that it takes is
measured.
"""

import concurrent.futures
import contextlib
import json
import random
import subprocess
import sys
import threading
import time

from zone import ANSWER_SECONDS_MAX, HERE, LIAR, PARKS, Breach

# What no abuse may take a node above: resident memory.
MEMORY_BYTES_MAX = 256 << 20
CLIENT_SECONDS_MAX = 900


class Memory:
    """The most that a process had resident since it was asked to count anew (proc_pid_status(5),
    VmHWM).
    """

    def __init__(self, zone, *parks):
        self.zone, self.parks = zone, parks
        for park in parks:
            # Only root may for a process that dumps no memory. For others the peak is that since
            # its start.
            with contextlib.suppress(PermissionError), open(
                f"/proc/{zone.processes[park].pid}/clear_refs", "w", encoding="ascii"
            ) as file:
                file.write("5")

    def note(self, kind):
        """Keeps the peak of the greatest for the report, and returns it."""
        peak = max(map(self.peak, self.parks))
        self.zone.peaks[kind] = max(peak, self.zone.peaks.get(kind, 0))
        return peak

    def peak(self, park):
        with open(f"/proc/{self.zone.processes[park].pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmHWM:"))


def peer(status):
    return next((each for each in status.get("peers", []) if each["park"] == LIAR), {})


def last_error(*words):
    def is_said(status, journal):
        error = peer(status).get("last_error") or ""
        return all(word in error for word in words) and f"event=peer.lost peer={LIAR}" in journal
    return is_said


def lied(kind):
    return (
        lambda status, journal: (peer(status).get("lie") or {}).get("kind") == kind
        and f"event=peer.lied peer={LIAR} kind={kind}" in journal
    )


class Liar:
    """Tells one lie after the other to all parks, and waits until each of them has named it."""

    # In this order: a log that has forked is not asked for any more. How a node that was told a lie
    # names the liar, in its status and journal.
    NAMED = {
        "false-head": lied("false-head"),
        "gone": last_error(LIAR, "keeps entries of"),
        "wrong-digest": (
            lambda status, journal: peer(status).get("agreement") == "different" and "event=tables.differ" in journal
        ),
        "damaged-frame": last_error(LIAR, "damaged frame"),
        "oversize-frame": last_error(LIAR, "the limit is"),
        "unasked-entries": last_error(LIAR, "were not asked for"),
        "endless-json": last_error(LIAR, "503"),
        "zstd-bomb": last_error(LIAR),
        "withheld-head": lied("withheld-head"),
        "lone-fence": (
            lambda status, journal: any(
                entry["state"] == "quarantined" and entry["origin"] == LIAR for entry in status.get("stuck", [])
            )
            and f"event=entry.quarantined origin={LIAR}" in journal
        ),
        "equivocation": (
            lambda status, journal: any(fork["origin"] == LIAR for fork in status.get("forks", []))
            and f"event=log.forked origin={LIAR}" in journal
        ),
    }

    def __init__(self, zone):
        self.zone = zone
        self.told = {}
        self.begun = set()
        self.process = subprocess.Popen(
            [
                str(zone.programs / "parksync-liar"), "--park", LIAR, "--folder", str(zone.folder / "zone" / LIAR),
                "--port", str(zone.ports[LIAR]),
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )
        zone.strangers.append(self.process)
        zone.wait_for(
            "the liar to listen", lambda: self.lives() and self.process.stdout.readline().strip() == "listening"
        )
        threading.Thread(target=self.hear, daemon=True).start()

    def hear(self):
        for line in self.process.stdout:
            words = line.split()
            if words[0] == "begun":
                self.begun.add(words[1])
            elif words[0] == "told":
                self.told[tuple(words[1:])] = self.told.get(tuple(words[1:]), 0) + 1

    def begin(self, lie):
        words = [lie, *PARKS[:2]] if lie == "lone-fence" else [lie]
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        self.zone.wait_for(f"the liar to begin with {lie}", lambda: self.lives() and lie in self.begun)

    def run(self):
        """All lies, then the liar is taken out of the zone. Prints what was done."""
        for lie, is_named in self.NAMED.items():
            memory = Memory(self.zone, *PARKS)
            start = time.monotonic()
            self.begin(lie)
            self.each(self.hears, lie, is_named)
            # What the others write comes to all, whatever one member says.
            self.zone.wait_covered({origin: seq for origin, seq in self.zone.logged().items() if origin != LIAR})
            print(f"lie {lie}: told {self.count(lie)} times, named by all within {time.monotonic() - start:.1f} s; "
                  f"peak {memory.note(lie) >> 20} MiB", flush=True)
        self.fence()

    @staticmethod
    def each(work, *arguments, parks=PARKS):
        """Does it for several parks at a time: much of it is waiting. Returns what each came to."""
        with concurrent.futures.ThreadPoolExecutor(len(parks)) as pool:
            return list(pool.map(lambda park: work(park, *arguments), parks))

    def hears(self, park, lie, is_named):
        """A park is told a lie, names the liar and no honest park, and goes on to write."""
        # A node calls nobody soon that it has caught lying; its operator may.
        for paused in (True, False):
            self.zone.ask(park, "PUT", f"/v1/links/{LIAR}", {"paused": paused})
        self.zone.wait_for(f"{park} to be told {lie}", lambda: self.is_told(lie, park), park)

        def has_named():
            status = self.zone.status(park)
            journal = self.zone.file(park, "log").read_text(encoding="utf-8", errors="replace")
            return status.get("phase") == "ready" and is_named(status, journal) and not self.wronged(park, lie, status)

        self.zone.wait_for(f"{park} to name the liar for {lie}", has_named, park)
        client = self.zone.client(park, ANSWER_SECONDS_MAX)
        client.transact([("UPDATE organisation SET website = ?1 WHERE id = ?2", [lie, f"{park}:organisation:home"])])
        client.close()

    @staticmethod
    def wronged(park, lie, status):
        wronged = [
            each["park"]
            for each in status["peers"]
            if each["park"] != LIAR and (each.get("lie") or each["agreement"] == "different")
        ]
        if wronged or any(fork["origin"] != LIAR for fork in status["forks"]):
            raise Breach(f"after {lie} by {LIAR}, {park} speaks ill of {wronged or status['forks']}")
        return []

    def lives(self):
        if self.process.poll() is not None:
            raise Breach(f"the liar ended with status {self.process.returncode}")
        return True

    def is_told(self, lie, park):
        return self.lives() and self.told.get((lie, park), 0) > 0

    def count(self, lie):
        """How often it was told, to all parks together."""
        return sum(count for (kind, _), count in list(self.told.items()) if kind == lie)

    def fence(self):
        """The operators take the liar out of the zone: some propose it, and the one that makes a
        majority has heard of them.
        """
        enough = len(PARKS) // 2 + 1
        words = self.each(self.propose, parks=PARKS[: enough - 1])
        last = PARKS[enough - 1]
        self.zone.wait_covered({report["origin"]: report["seq"] for _, report in words}, (last,))
        status, report = self.propose(last)
        if status != 0:
            raise Breach(f"{enough} parks do not take {LIAR} out of the zone: {report}")
        self.each(
            lambda park: self.zone.wait_for(f"{park} to call {LIAR} no peer", lambda: self.is_no_peer(park), park)
        )
        print(f"{LIAR} was taken out of the zone by {enough} parks", flush=True)
        self.stop()

    def propose(self, park):
        """The status of the command, and its report."""
        done = self.zone.run_control("fence", LIAR, "--yes", "--json", "--socket", self.zone.socket(park))
        if done.returncode not in (0, 1) or not done.stdout.strip():
            raise Breach(f"{park} fences {LIAR}: {(done.stdout + done.stderr).strip()}")
        return done.returncode, json.loads(done.stdout)

    def is_no_peer(self, park):
        status = self.zone.status(park)
        return status and not peer(status)

    def stop(self):
        self.process.kill()
        self.process.wait()


class HostileClient:
    """Each kind of abuse once, against one park, in an order that the seed decides."""

    KINDS = (
        "deep-json", "ambiguous-requests", "zero-bytes", "endless-bodies", "big-json", "silent-subscribers", "bombs",
        "long-transactions", "pending-garbage", "silent-connections", "idle-tls",
    )
    INSERT = "INSERT INTO organisation (id, kind, name_zh, website) VALUES (?1, 'partner', 'hostile', ?2)"

    def __init__(self, zone, park, seed):
        self.zone, self.park, self.random = zone, park, random.Random(seed)
        self.prefix = f"{park}:organisation:hostile-{seed}-"

    def run(self):
        process, met = self.zone.processes[self.park], {}
        for kind in self.random.sample(self.KINDS, len(self.KINDS)):
            memory, start = Memory(self.zone, self.park), time.monotonic()
            met[kind] = self.abuse(kind)
            if kind == "pending-garbage":
                self.clear_garbage()
            self.zone.wait_for(f"{self.park} to be ready after {kind}", self.is_ready, self.park)
            print(
                f"abuse {kind} of {self.park}: met {met[kind]} times, ready again within"
                f" {time.monotonic() - start:.1f} s; peak {memory.note(kind) >> 20} MiB",
                flush=True,
            )
        if self.zone.processes[self.park] is not process or process.poll() is not None:
            raise Breach(f"{self.park} did not survive a hostile client")
        peak, kind = max((self.zone.peaks[kind], kind) for kind in met)
        return f"{sum(met.values())} times of {len(met)} kinds; peak {peak >> 20} MiB at {kind}"

    def abuse(self, kind):
        """How often the node met it as it should; once at least."""
        other = next(each for each in PARKS if each != self.park)
        done = subprocess.run(
            [
                sys.executable, str(HERE / "hostile_client.py"), "--socket", self.zone.socket(self.park),
                "--database", str(self.zone.database(self.park)), "--peer", str(self.zone.ports[self.park]),
                "--member", str(self.zone.folder / "zone" / LIAR), "--insert", self.INSERT, "--prefix", self.prefix,
                "--foreign-row", f"{other}:organisation:home", kind,
            ],
            capture_output=True, text=True, timeout=CLIENT_SECONDS_MAX,
        )
        counts = [line.split()[1] for line in done.stdout.splitlines() if line.startswith(f"{kind} ")]
        if done.returncode != 0 or not counts or int(counts[0]) == 0:
            raise Breach(f"{self.park} and {kind}: {(done.stderr or done.stdout).strip()[-600:]}")
        return int(counts[0])

    def clear_garbage(self):
        """It is set aside and named, and the operator forgets it."""
        self.zone.wait_for(
            f"{self.park} to set garbage aside",
            lambda: (self.zone.status(self.park).get("refused_rows") or {}).get("count", 0) >= 2, self.park
        )
        done = self.zone.run_control("refused", "drop", "--all", "--socket", self.zone.socket(self.park))
        if done.returncode != 0:
            raise Breach(f"{self.park}: refused drop: {(done.stdout + done.stderr).strip()}")

    def is_ready(self):
        return self.zone.ask(self.park, "GET", "/readyz") is not None


assert ANSWER_SECONDS_MAX < CLIENT_SECONDS_MAX
