"""What happens to the disks and files of a park: no room, a file that is lost, an old copy in its place."""

import contextlib
import os
import time

from api import Refused, Unanswered, covers, vector
from zone import ANSWER_SECONDS_MAX, DISK_BYTES, PARKS, Breach

LOOK_SECONDS = 0.2
BALLAST_BYTES = 1_000_000


class DiskFaults:
    """Those of `Faults`, which has the zone, and for each park the turns of its clients."""

    def disk_full(self, park, seconds, randomness):
        """The file system shrinks to what is on it. Evidence is that the node refuses a write for
        it. Sometimes the node is killed then, and started without room: it may end in good order,
        but has to come up when there is room again."""
        refusals, status = 0, None
        end = time.monotonic() + seconds
        self.zone.fill_disk()
        try:
            # The write-ahead log may have room of its own, which has to be used up first.
            while time.monotonic() < end or (refusals == 0 and time.monotonic() < end + ANSWER_SECONDS_MAX):
                refusals += self.try_large_write(park, randomness)
            if randomness.random() < 0.5:
                self.zone.kill(park)
                self.zone.start(park)
                self.zone.wait_for(
                    f"{park} to start or to end",
                    lambda: self.zone.status(park) or self.zone.processes[park].poll() is not None
                )
        finally:
            self.zone.resize_disk(DISK_BYTES)
        status = self.zone.processes[park].poll()
        if status is not None:
            if status < 0:
                raise Breach(f"{park} crashed by signal {-status} when it was started on a full disk")
            self.zone.start(park)
        self.zone.wait_phase(park)
        if refusals:
            self.zone.wait_for(
                f"{park} to tell its journal of the full disk", lambda: self.has_told(park, "event=disk.full")
            )
        return (
            f"{refusals} writes refused{'' if status is None else f', start ended with {status}'}" if refusals else None
        )

    def has_told(self, park, event):
        return event in self.zone.file(park, "log").read_text(encoding="utf-8", errors="replace")

    def try_large_write(self, park, randomness):
        """Whether the node refused it because the disk is full."""
        client = self.zone.client(park)
        try:
            value = randomness.randbytes(BALLAST_BYTES // 2).hex()
            client.transact(
                [("UPDATE organisation SET website = ?1 WHERE id = ?2", [value, f"{park}:organisation:home"])]
            )
        except Refused as refusal:
            time.sleep(LOOK_SECONDS)
            return refusal.code == "disk-full"
        except Unanswered:
            pass
        finally:
            client.close()
        return False

    @contextlib.contextmanager
    def standstill(self, park, has_reader=True):
        """The park's clients, the reader perhaps not among them, do nothing, and have the file
        closed.
        """
        turns = self.turns[park] if has_reader else self.turns[park][:-1]
        for turn in turns:
            turn.acquire()
        try:
            yield
        finally:
            for turn in turns:
                turn.release()

    @staticmethod
    def own(status, park):
        """The newest entries of the park's logs: it may have opened a further one."""
        return {
            origin: seq for origin, seq in vector(status.get("logged", "-")).items() if origin.split("~")[0] == park
        }

    def published(self, park):
        """The numbers of the park's newest entries, once some other park has applied it. What only
        one disk has is lost with it: that is no promise of the zone."""
        found = {}

        def is_published():
            status = self.zone.status(park)
            own = self.own(status, park)
            if status.get("unsealed_rows") != 0 or not own:
                return False
            others = [vector(self.zone.status(other).get("applied", "-")) for other in PARKS if other != park]
            if not any(covers(other, own) for other in others):
                return False
            again = self.zone.status(park)
            found.update(own)
            return self.own(again, park) == own and again.get("unsealed_rows") == 0

        self.zone.wait_for(f"another park to have what {park} has written", is_published, park)
        return found

    def remove(self, park):
        for suffix in ("", "-wal", "-shm"):
            path = f"{self.zone.database(park)}{suffix}"
            if os.path.exists(path):
                os.remove(path)

    def lost_file(self, park, seconds, randomness):
        with self.standstill(park):
            own = self.published(park)
            self.zone.kill(park)
            self.remove(park)
            self.zone.start(park)
        if randomness.random() < 0.5:
            # The recovery is cut short at some moment, and has to begin anew.
            time.sleep(randomness.uniform(0, seconds / 4))
            self.zone.kill(park)
            self.zone.start(park)
        return self.returned(park, own)

    def returned(self, park, own):
        """The node has fetched its own entries back before it accepts writes."""
        self.zone.wait_phase(park)
        back = self.own(self.zone.status(park), park)
        if not covers(back, own):
            raise Breach(f"{park} accepts writes with its entries up to {back}, it had published {own}")
        return f"{sum(own.values())} own entries came back"

    def old_backup(self, park, seconds, randomness):
        """A copy of the file that is older than what the park has published is put back."""
        copies = {}
        with self.standstill(park):
            # Captured rows would be sealed by both files, and counters added twice: no promise is
            # made about copies by hand.
            self.zone.wait_for(f"{park} to seal", lambda: self.zone.status(park).get("unsealed_rows") == 0, park)
            self.zone.kill(park)
            for suffix in ("", "-wal"):
                path = f"{self.zone.database(park)}{suffix}"
                if os.path.exists(path):
                    with open(path, "rb") as file:
                        copies[path] = file.read()
            self.zone.start(park)
        self.zone.wait_phase(park)
        time.sleep(seconds)
        # Until the daemon has opened the old file, programs would write into it without the rows
        # that they have written since the copy: a row that they delete there comes back, since they
        # have not seen the insert that was newest. Nobody can spare them, so they wait for that
        # moment. The park's reader looks again when the node has put things right; those of the
        # other parks go on.
        with self.turns[park][-1]:
            with self.standstill(park, has_reader=False):
                own = self.published(park)
                self.zone.kill(park)
                self.remove(park)
                for path, content in copies.items():
                    with open(path, "wb") as file:
                        file.write(content)
                self.zone.start(park)
                self.zone.wait_for(
                    f"{park} to open its old file", lambda: self.zone.status(park).get("phase") is not None, park)
            return self.returned(park, own)
