#!/usr/bin/env python3
"""Plants the faults of mutations.toml one at a time, and tells which of them the tests catch.

usage: mutate.py [--check | --list] [--full | --tests FILTER] [--only NAME]...

Works in a copy of the tree under .build/mutation, never in the tree itself. Each fault is built,
and the tests that are expected to catch it are run (with --full: all tests; with --tests: others).
A test that ends with .py is a script of the tree, which ends with a status above 0 where it finds a
fault: what only scripts are to catch is not built. Ends with status 1 if a fault survived, and with
2 if a fault no longer fits the code, does not compile, or the tests fail without any fault. --check
only sees to it that every fault still fits.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = pathlib.Path(__file__).resolve().parent / "mutations.toml"
PAGE = ROOT / "docs" / "internals" / "testing.md"
SCRATCH = ROOT / ".build" / "mutation"
TREE = SCRATCH / "tree"
# Under the tree's own path SwiftPM would wait for whoever builds the tree meanwhile; the copy is
# nobody else's.
BUILD = ["swift", "build", "--ignore-lock", "--build-tests", "--explicit-target-dependency-import-check", "error"]
TEST = ["swift", "test", "--ignore-lock", "--skip-build"]
BUILD_SECONDS_MAX = 3_600
# A fault may make a test hang; that counts as caught.
TEST_SECONDS_MAX = 600
LOOK_SECONDS = 0.5
FAILURE = re.compile(r"✘ Test (.+?) (?:with .*?)?(?:failed after|recorded an issue)")
# A failure may print whole tables.
LOG_CHARACTERS_MAX = 10_000_000
# Of a build folder these are of no use for tests, or are the copy itself.
NOT_COPIED = {"mutation", "release", "release.yaml"}


class DriftError(Exception):
    """A fault that does not fit the code, or a tree in which nothing can be told."""


def load():
    with open(LIST, "rb") as file:
        mutations = tomllib.load(file)["mutation"]
    for mutation in mutations:
        missing = {"name", "fault", "file", "search", "replace", "tests"} - mutation.keys()
        if missing:
            raise DriftError(f"{mutation.get('name', '(no name)')}: {', '.join(sorted(missing))} missing")
    names = [mutation["name"] for mutation in mutations]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DriftError(f"{', '.join(twice)}: listed more than once")
    return mutations


def mutated(mutation, text):
    """The text with the fault in it. What is searched for must stand in it exactly once."""
    # The line break behind the opening quotes is taken away by TOML, the one in front of the
    # closing quotes is not.
    search, replace = mutation["search"].rstrip("\n"), mutation["replace"].rstrip("\n")
    count = text.count(search)
    if count != 1:
        raise DriftError(
            f"{mutation['name']}: its text stands {count} times in {mutation['file']}, not once; correct mutations.toml"
        )
    if search == replace:
        raise DriftError(f"{mutation['name']}: changes nothing")
    return text.replace(search, replace)


def drift(mutations):
    """A line for each fault that does not fit the tree."""
    for mutation in mutations:
        path = ROOT / mutation["file"]
        try:
            if not path.is_file():
                raise DriftError(f"{mutation['name']}: there is no file {mutation['file']}")
            mutated(mutation, path.read_text(encoding="utf-8"))
        except DriftError as error:
            yield str(error)


def undocumented(mutations):
    """A line for each fault that the page about the tests does not name."""
    page = PAGE.read_text(encoding="utf-8")
    for mutation in mutations:
        if f"`{mutation['name']}`" not in page:
            yield f"{mutation['name']}: {PAGE.relative_to(ROOT)} does not name it, nor the test that catches it"


def copy_tree():
    """Brings the copy up to date. Files that are the same keep their times, so that builds stay
    incremental.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True,
        check=True
    )
    names = {name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()}
    resolved = ROOT / "Package.resolved"
    if resolved.exists():
        names.add("Package.resolved")
    TREE.mkdir(parents=True, exist_ok=True)
    for name in sorted(names):
        source, target = ROOT / name, TREE / name
        if target.exists() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
    for folder in ("Sources", "Tests"):
        for path in (TREE / folder).rglob("*"):
            if path.is_file() and str(path.relative_to(TREE)) not in names:
                path.unlink()


def copy_build():
    """What was built already is worth minutes, as long as the copy is seen under the path it was
    built under.
    """
    target = TREE / ".build"
    if target.exists() or not (ROOT / ".build").exists() or not NAMESPACE:
        return
    print("copying what is built", flush=True)
    target.mkdir()
    for path in (ROOT / ".build").iterdir():
        if path.name in NOT_COPIED:
            continue
        subprocess.run(["cp", "-a", "--reflink=auto", str(path), str(target)], check=True)


def namespace():
    """The command in front of others that shows the copy under the path of the tree; empty where
    that is not allowed.
    """
    mount = 'mount --bind "$0" "$1" && cd "$1" && exec "${@:2}"'
    for flags in (["-m"], ["-Urm"]):
        command = ["unshare", *flags, "bash", "-c", mount, str(TREE), str(ROOT)]
        TREE.mkdir(parents=True, exist_ok=True)
        if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0:
            return command
    return []


def run(command, log, seconds, is_over=lambda text: False):
    """The status of a command in the copy; None if it took too long, or what it printed says that
    the outcome is known.
    """
    with open(log, "wb") as output, open(log, "rb") as printed:
        process = subprocess.Popen(
            [*NAMESPACE, *command], cwd=TREE, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                return process.wait(LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                if is_over(printed.read().decode(errors="replace")):
                    break
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None


def is_script(name):
    return name.endswith(".py")


def tests(names, log, is_full):
    """Whether the tests pass, and what failed first. With is_full, all tests of Swift."""
    for script in filter(is_script, names):
        if run(["python3", script], log, TEST_SECONDS_MAX) != 0:
            lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
            return False, f"{script}: {([line for line in lines if line.strip()] or ['no end'])[-1]}"
    if not is_built(names, is_full):
        return True, ""
    command = list(TEST)
    for each in names:
        if not is_script(each) and not is_full:
            command += ["--filter", each]
    # One failure is enough; a faulty program may go on for long.
    status = run(command, log, TEST_SECONDS_MAX, lambda text: FAILURE.search(text) is not None)
    with open(log, encoding="utf-8", errors="replace") as file:
        text = file.read(LOG_CHARACTERS_MAX)
    failed = FAILURE.search(text)
    if status == 0:
        counts = [int(count) for count in re.findall(r"Test run with (\d+) tests?", text)]
        if not counts or max(counts) == 0:
            raise DriftError(f"no test has a name like {' or '.join(names)}")
        return True, ""
    if failed:
        return False, failed.group(1)
    return False, f"no end within {TEST_SECONDS_MAX} seconds" if status is None else "the tests ended by a crash"


def is_built(names, is_full):
    """Whether anything but scripts is to look."""
    return is_full or not all(map(is_script, names))


def attempt(mutation, is_full):
    """The verdict on one fault, and the test that caught it."""
    path = TREE / mutation["file"]
    sound = path.read_text(encoding="utf-8")
    logs = SCRATCH / "logs"
    try:
        path.write_text(mutated(mutation, sound), encoding="utf-8")
        names = mutation["tests"]
        if is_built(names, is_full) and run(BUILD, logs / f"{mutation['name']}.build", BUILD_SECONDS_MAX) != 0:
            return "DOES NOT COMPILE", f"see {logs / mutation['name']}.build"
        passed, what = tests(names, logs / f"{mutation['name']}.tests", is_full)
        return ("SURVIVED", f"see {logs / mutation['name']}.tests") if passed else ("caught", what)
    except DriftError as error:
        return "DOES NOT FIT", str(error)
    finally:
        path.write_text(sound, encoding="utf-8")


def baseline(mutations, is_full):
    """Without any fault the tests must pass, or nothing could be told."""
    logs = SCRATCH / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    names = sorted({name for mutation in mutations for name in mutation["tests"]})
    if is_built(names, is_full):
        copy_build()
        print("building without any fault", flush=True)
        if run(BUILD, logs / "sound.build", BUILD_SECONDS_MAX) != 0:
            raise DriftError(f"the tree does not compile; see {logs / 'sound.build'}")
    passed, what = tests(names, logs / "sound.tests", is_full)
    if not passed:
        raise DriftError(f"the tests fail without any fault: {what}; see {logs / 'sound.tests'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--tests", metavar="FILTER")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    options = parser.parse_args()
    mutations = load()
    unknown = set(options.only) - {mutation["name"] for mutation in mutations}
    if unknown:
        raise DriftError(f"no fault is named {', '.join(sorted(unknown))}; see --list")
    if options.only:
        mutations = [mutation for mutation in mutations if mutation["name"] in options.only]
    if options.tests:
        mutations = [{**mutation, "tests": [options.tests]} for mutation in mutations]
    faults = list(drift(mutations)) + list(undocumented(mutations))
    for line in faults:
        print(line)
    if options.list:
        for mutation in mutations:
            print(f"{mutation['name']:34} {mutation['fault']}")
    if faults or options.check or options.list:
        return 2 if faults else 0
    global NAMESPACE
    NAMESPACE = namespace()
    copy_tree()
    baseline(mutations, options.full)
    results = []
    for number, mutation in enumerate(mutations, 1):
        start = time.monotonic()
        verdict, what = attempt(mutation, options.full)
        results.append((mutation["name"], verdict, what))
        print(
            f"{number:3}/{len(mutations)} {mutation['name']:34} {verdict} in {time.monotonic() - start:.0f} s: {what}",
            flush=True
        )
    survived = [name for name, verdict, _ in results if verdict == "SURVIVED"]
    unfit = [name for name, verdict, _ in results if verdict.startswith("DOES NOT")]
    print(
        f"{len(results)} faults, {len(results) - len(survived) - len(unfit)} caught, {len(survived)} survived,"
        f" {len(unfit)} could not be tried"
    )
    return 2 if unfit else 1 if survived else 0


NAMESPACE = []

if __name__ == "__main__":
    try:
        sys.exit(main())
    except DriftError as problem:
        print(f"mutate: {problem}", file=sys.stderr)
        sys.exit(2)
