"""A Debian that boots systemd in a container of its own, for trying a package. Needs root,
debootstrap and systemd-nspawn.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

# What a small Debian server has, and what the package's README asks for. No Swift.
PACKAGES = (
    "systemd,systemd-sysv,dbus,libsqlite3-0,libcurl4,libzstd1,sqlite3,sudo,nftables,bash-completion,fish,man-db,"
    "procps,iproute2,curl,init-system-helpers,systemd-timesyncd,ca-certificates"
)
BOOT_SECONDS_MAX = 60


def root_file_system(cache, suite="bookworm", mirror="http://deb.debian.org/debian"):
    """Makes the system once and keeps it; it is copied for each use."""
    done = cache / "made"
    if not done.exists():
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir(parents=True)
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(cache / "root"), mirror]
        with open(cache / "debootstrap.log", "w", encoding="utf-8") as log:
            subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=True)
        done.touch()
    return cache / "root"


class Container:
    """Runs from `start` to `stop`."""

    def __init__(self, root):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="parksync-package-", dir=root.parent))
        self.root = self.folder / "root"
        subprocess.run(["cp", "-a", "--reflink=auto", str(root), str(self.root)], check=True)
        self.process = None
        self.leader = 0
        self.commands = 0

    def start(self):
        # Without registration: there may be no machine manager to register with.
        self.process = subprocess.Popen(
            [
                "systemd-nspawn", "-q", "-D", str(self.root), "--register=no", "--keep-unit", "--private-network",
                "--hostname=south", "-b",
            ],
            stdin=subprocess.DEVNULL, stdout=open(self.folder / "console", "wb"), stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + BOOT_SECONDS_MAX
        while time.monotonic() < deadline:
            self.leader = self.leader or self.find_leader()
            if self.leader:
                state = self.run("systemctl is-system-running", expect=None).stdout.strip()
                if state in ("running", "degraded"):
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        console = (self.folder / "console").read_text(errors="replace")
        raise RuntimeError(f"the container did not boot: {console}")

    def find_leader(self):
        """The process that is number 1 inside."""
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                status = (folder / "status").read_text()
            except OSError:
                continue
            fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
            numbers = fields.get("NSpid", "").split()
            if fields.get("PPid", "").strip() == str(self.process.pid) and len(numbers) > 1 and numbers[-1] == "1":
                return int(folder.name)
        return 0

    def run(self, script, expect=0, user=None, seconds=180):
        """Runs a shell script inside, and stops at the first command of it that fails."""
        inside = ["/bin/bash", "-euo", "pipefail", "-c", "cd /root 2>/dev/null || cd /; " + script]
        if user:
            inside = ["/usr/sbin/runuser", "-u", user, "--", *inside]
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive", "TERM": "dumb",
        }
        done = subprocess.run(
            ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", "-C", "--", *inside],
            capture_output=True, text=True, env=environment, timeout=seconds, stdin=subprocess.DEVNULL, check=False)
        self.commands += 1
        if expect is not None and done.returncode not in ([expect] if isinstance(expect, int) else expect):
            raise AssertionError(f"status {done.returncode} of:\n{script}\n{done.stdout}{done.stderr}")
        return done

    def stop(self):
        if self.process and self.process.poll() is None:
            os.kill(self.leader or self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
