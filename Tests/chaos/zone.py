"""Six real daemons with certificates on this machine, and the links between them."""

import json
import os
import pathlib
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

from api import Client, Refused, Unanswered, covers, vector

PARKS = ("south", "west", "bio-city", "airport", "science-city", "jingrong-town")
# A member beside them that no daemon runs for: see abuse.py.
LIAR = "liar"
# The park whose database lies on a file system of its own, which can be made full.
DISK_PARK = "airport"
DISK_BYTES = 1 << 30
DISK_SLACK_BYTES = 256 << 10
HERE = pathlib.Path(__file__).resolve().parent
# No promise has such a limit; a machine that is slow and has much else to do may take its time.
ANSWER_SECONDS_MAX = 300
LOOK_SECONDS = 0.05


class Breach(Exception):
    """A promise that was not kept."""


def free_ports(count):
    """Ports below those that the system gives out by itself, which nobody has at this moment."""
    chosen = []
    for port in random.Random(os.getpid()).sample(range(12_000, 32_000), 2_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        chosen.append(port)
        if len(chosen) == count:
            return chosen
    raise RuntimeError("no free ports")


class Links:
    """The process that all connections between parks pass through."""

    def __init__(self, ports):
        self.pairs = [(a, b) for a in PARKS for b in PARKS if a != b]
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "link_faults.py"), *(f"{a}:{b}:{ports[b]}" for a, b in self.pairs)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.ports = dict(zip(self.pairs, map(int, self.process.stdout.readline().split())))
        self.lock = threading.Lock()

    def set(self, a, b, mode, seed=0):
        """Both directions. Returns how many connections were hit."""
        count = 0
        with self.lock:
            for caller, called in ((a, b), (b, a)):
                self.process.stdin.write(f"{caller} {called} {mode} {seed}\n")
                self.process.stdin.flush()
                count += int(self.process.stdout.readline())
        return count

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


class Zone:
    def __init__(self, folder, programs):
        self.folder, self.programs = pathlib.Path(folder), pathlib.Path(programs)
        self.processes = {}
        # What else was started, and has to be ended.
        self.strangers = []
        self.skipped = {}
        # The most memory that a node took under each kind of abuse, bytes.
        self.peaks = {}
        members = (*PARKS, LIAR)
        self.run_control(
            "init", str(self.folder / "zone"), "--parks", ",".join(members), "--loopback-port", "1024", check=True
        )
        self.ports = dict(zip(members, free_ports(len(members))))
        self.links = Links(self.ports)
        self.shim = self.compile_shim()
        self.has_disk = self.mount_disk()

    # Files and programs ---------------------------------------------------------------------------

    def file(self, park, name):
        return self.folder / "zone" / park / name

    def database(self, park):
        return self.file(park, "state") / "parksync.sqlite"

    def socket(self, park):
        return str(self.file(park, "control.sock"))

    def client(self, park, seconds=10):
        return Client(self.socket(park), seconds)

    def run_control(self, *arguments, check=False, seconds=600):
        done = subprocess.run(
            [str(self.programs / "syncctl"), *arguments], capture_output=True, text=True, timeout=seconds
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"syncctl {' '.join(arguments)}: {done.stderr or done.stdout}")
        return done

    def compile_shim(self):
        """A library that moves a process's wall clock; None where there is no compiler."""
        compiler = shutil.which("cc") or shutil.which("clang")
        if not compiler:
            self.skipped["clock-ahead"] = self.skipped["clock-behind"] = self.skipped["future-stamp"] = (
                "needs a C compiler"
            )
            return None
        target = self.folder / "clock_shim.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(target), str(HERE / "clock_shim.c")], check=True)
        for park in PARKS:
            self.set_clock(park, 0)
        return target

    def set_clock(self, park, milliseconds):
        path = self.folder / f"{park}.clock"
        if not path.exists():
            path.write_bytes(bytes(8))
        with open(path, "r+b") as file:
            file.write(struct.pack("=q", milliseconds))

    def mount_disk(self):
        """A size-limited file system for one park's state. Works only in a mount namespace of our
        own.
        """
        state = self.file(DISK_PARK, "state")
        if os.environ.get("CHAOS_NAMESPACE") != "1":
            self.skipped["disk-full"] = "needs root, or user namespaces"
            return False
        kept = {path.name: path.read_bytes() for path in state.iterdir()}
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "chaos", str(state)], capture_output=True,
            text=True
        )
        if done.returncode != 0:
            self.skipped["disk-full"] = f"needs root: {done.stderr.strip()}"
            return False
        for name, content in kept.items():
            (state / name).write_bytes(content)
        return True

    def resize_disk(self, size):
        """Whether the file system has this size now; it cannot be smaller than what is on it."""
        state = str(self.file(DISK_PARK, "state"))
        return subprocess.run(["mount", "-o", f"remount,size={size}", state], capture_output=True).returncode == 0

    def fill_disk(self):
        """Leaves next to no room. What is on it grows meanwhile, so this may take a few tries."""
        self.wait_for("a disk without room", lambda: self.resize_disk(self.disk_used() + DISK_SLACK_BYTES))

    def disk_used(self):
        status = os.statvfs(self.file(DISK_PARK, "state"))
        return (status.f_blocks - status.f_bfree) * status.f_frsize

    # Daemons --------------------------------------------------------------------------------------

    def start(self, park):
        variables = dict(os.environ, PARKSYNC_PEER_LISTEN=f"127.0.0.1:{self.ports[park]}")
        for other in (*PARKS, LIAR):
            port = self.links.ports.get((park, other), self.ports[other])
            variables[f"PARKSYNC_MEMBERS_{other.upper().replace('-', '_')}_URL"] = f"https://127.0.0.1:{port}"
        if self.shim:
            variables.update(LD_PRELOAD=str(self.shim), CHAOS_CLOCK_FILE=str(self.folder / f"{park}.clock"))
        with open(self.file(park, "log"), "ab") as log:
            self.processes[park] = subprocess.Popen(
                [str(self.programs / "parksyncd"), "run", "--config", str(self.file(park, "parksyncd.yaml"))],
                env=variables, stdout=log, stderr=log, start_new_session=True)

    def kill(self, park):
        """Ends a daemon without any warning. Returns its status."""
        self.processes[park].send_signal(signal.SIGKILL)
        return self.processes[park].wait()

    def wait_phase(self, *parks):
        """Waits until the nodes accept writes."""
        for park in parks:
            self.wait_for(f"{park} to accept writes", lambda: self.status(park).get("phase") == "ready", park)

    def status(self, park):
        """The node's status; empty while it does not answer."""
        client = self.client(park)
        try:
            return client.status()
        except (Refused, Unanswered):
            return {}
        finally:
            client.close()

    def ask(self, park, method, path, body=None):
        """What the node answers; None if it refuses or does not answer."""
        client = self.client(park)
        try:
            return client.ask(method, path, body)
        except (Refused, Unanswered):
            return None
        finally:
            client.close()

    def judge(self, park):
        """What `syncctl status` has as the node's status, and what keeps it from being good, but
        for what it says of the liar. The status is empty if the node does not answer."""
        done = self.run_control("status", "--json", "--socket", self.socket(park), "--timeout", "3")
        report = json.loads(done.stdout or "{}")
        reasons = (report.get("verdict") or {}).get("reasons", [])
        return report.get("status") or {}, [each for each in reasons if each.get("park") != LIAR
                                            and not each["text"].startswith(LIAR)]

    def wait_for(self, what, is_so, *parks, seconds=ANSWER_SECONDS_MAX):
        """Returns how long it took."""
        start = time.monotonic()
        while not is_so():
            for park in parks:
                status = self.processes[park].poll()
                if status is not None:
                    raise Breach(
                        f"{park} ended with status {status} while waiting for {what}; see {self.file(park, 'log')}"
                    )
            if time.monotonic() - start > seconds:
                raise Breach(f"waited {seconds} s for {what}")
            time.sleep(LOOK_SECONDS)
        return time.monotonic() - start

    def logged(self):
        """What any node has in its log."""
        joined = {}
        for park in PARKS:
            for origin, seq in vector(self.status(park).get("logged", "-")).items():
                joined[origin] = max(joined.get(origin, 0), seq)
        return joined

    def wait_covered(self, need, parks=PARKS):
        """Waits until these nodes have applied a vector. Returns how long it took."""
        return max(
            self.wait_for(
                f"{park} to have what was written", lambda: covers(vector(self.status(park).get("applied", "-")), need),
                park
            )
            for park in parks
        )

    def stop(self):
        """Stops all in good order. Returns the parks that did not end with status 0."""
        for process in self.processes.values():
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
        wrong = [park for park, process in self.processes.items() if self.ended(process) != 0]
        self.links.stop()
        return wrong

    @staticmethod
    def ended(process):
        try:
            return process.wait(ANSWER_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
