"""Checks pages: how they are written, whether what they name is there, and whether their tables say
what the code and the kept figures say.

What only a test can compare, for it has to run the code, is compared by tests.
"""

import json
import re

README_LINES_MAX = 150
DECISION_LINES_MAX = 40
# Of Markdown outside tables, code and headings. A longer link or piece of code may stand in a line
# by itself.
PROSE_COLUMNS_MAX = 100

ARCHITECTURE = "docs/ARCHITECTURE.md"
BENCHMARKS = "docs/reference/benchmarks.json"
BENCHMARKS_PAGE = "docs/reference/benchmarks.md"
CHANGELOG = "CHANGELOG.md"
CONFIGURATION_EXAMPLE = "deploy/config/parksyncd.example.yaml"
CONFIGURATION_KEYS = "Sources/ParkSyncNode/Files/ConfigurationKeys.swift"
CONFIGURATION_PAGE = "docs/reference/configuration.md"
GLOSSARY = "docs/glossary.md"
# The formats whose versions the changelog lists, and where the code says which one it writes.
FORMATS = {
    "database file": ("Sources/ParkSyncStore/State/StoreFile.swift", "formatVersion"),
    "log entry": ("Sources/ParkSyncCore/Encoding/EntryHeader.swift", "formatVersion"),
    "peer protocol": ("Sources/ParkSyncWire/WireLimits.swift", "protocolVersion"),
    "bundle": ("Sources/ParkSyncFiles/Bundle/BundleManifest.swift", "formatVersion"),
    "segment of the archive": ("Sources/ParkSyncStore/Archive/SegmentFormat.swift", "formatVersion"),
}

LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
# A piece of prose that no line can end within.
PIECE = re.compile(r"(?:`[^`]*`|\]\([^)]*\)|\S)+")
LIST_MARK = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
# What a page names as code: a file of the project, and a suite of tests by its target.
NAMED_FILE = re.compile(r"`((?:Sources|Tests|docs|deploy|\.ci)/[\w./+@-]+)`")
NAMED_SUITE = re.compile(r"`(\w+Tests)/(\w+Tests)`")


def documents(root):
    folders = (root / "docs", root / "deploy")
    return sorted(
        [root / "README.md", root / CHANGELOG, *(path for folder in folders for path in folder.rglob("*.md"))]
    )


def anchors(text):
    """What the headings of a page are called in links to them, as GitHub makes it of them."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    }


def link_fault(path, target, anchor):
    page = path.parent / target if target else path
    if not page.exists():
        return f"a link to {target}, which does not exist"
    if anchor and page.suffix == ".md" and anchor not in anchors(page.read_text(encoding="utf-8")):
        return f"a link to #{anchor}, which {target or 'this page'} does not have"
    return None


def wide_prose(lines):
    """Numbers of the lines of a Markdown text that are too long and could end earlier."""
    in_code = False
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        elif not in_code and not re.match(r"\s*\||#{1,6} ", line) and len(line) > PROSE_COLUMNS_MAX:
            if len(PIECE.findall(LIST_MARK.sub("", line))) > 1:
                yield number


def page_faults(root, path, suites):
    lines = path.read_text(encoding="utf-8").splitlines()
    for number in wide_prose(lines):
        yield number, f"more than {PROSE_COLUMNS_MAX} columns of prose"
    for number, line in enumerate(lines, 1):
        for target, anchor in LINK.findall(line):
            fault = None if "://" in target else link_fault(path, target, anchor)
            if fault:
                yield number, fault
        for name in NAMED_FILE.findall(line):
            if not (root / name).exists():
                yield number, f"{name} does not exist"
        for target, suite in NAMED_SUITE.findall(line):
            if suite not in suites.get(target, ()):
                yield number, f"there are no {suite} in {target}"
    if path == root / "README.md" and len(lines) > README_LINES_MAX:
        yield 1, f"{len(lines)} lines, at most {README_LINES_MAX}"
    if path.parent == root / "docs" / "decisions" and path.name != "README.md" and len(lines) >= DECISION_LINES_MAX:
        fault = f"{len(lines)} lines: a decision has fewer than {DECISION_LINES_MAX}"
        yield 1, f"{fault}; move what explains it to docs/internals"


def suites(root):
    """The suites of each target of tests."""
    found = {}
    for path in (root / "Tests").glob("*Tests/**/*.swift"):
        names = re.findall(r"(?:struct|class|enum) (\w+Tests)\b", path.read_text(encoding="utf-8"))
        found.setdefault(path.relative_to(root / "Tests").parts[0], set()).update(names)
    return found


def benchmark_faults(page, figures):
    """Where the table of the page has other figures than the kept ones."""
    shown = set()
    for name, *cells, target in re.findall(
        r"^\| `(\w+)` \| ([\d.,]+) \(([\d.,]+) to ([\d.,]+)\) \| (none|[≤≥<] [\d.,]+)", page, re.MULTILINE
    ):
        shown.add(name)
        figure = figures.get(name, {})
        for cell, value in zip(cells, (figure.get(key, float("nan")) for key in ("median", "min", "max"))):
            if f"{value:,.{len(cell.partition('.')[2])}f}" != cell:
                yield f"{name} is {cell} here and {value} in the file"
        if target.replace("≤", "<=").replace("≥", ">=").replace(",", "") != figure.get("target", "none"):
            yield f"{name} has the target {target} here and {figure.get('target')} in the file"
    yield from (
        f"the figure {name} has a target and is not in the table"
        for name in sorted(figures)
        if figures[name].get("target") and name not in shown
    )


def format_faults(page, versions):
    """Where the table of the changelog does not list each version of each format, up to the one
    that is written.
    """
    for kind, version in versions.items():
        shown = [int(number) for number in re.findall(rf"^\| {kind} \| (\d+) \| \S", page, re.MULTILINE)]
        if shown != list(range(1, version + 1)):
            yield f"versions {shown} of the format of a {kind}: the code writes {version}"


def table_faults(page, source):
    """Which of ParkSync's own tables that the sources make are not in the page."""
    made = set(re.findall(r"CREATE TABLE IF NOT EXISTS (_parksync_[a-z]+)\(", source))
    yield from (f"the table {name} is missing" for name in sorted(made) if f"`{name}`" not in page)


def glossary_faults(page, source, folders):
    """What the last column names and the sources do not have: types with a member or without, and
    folders below `Sources`.
    """
    for cell in re.findall(r"^\| (?!word \|).*\| ([^|]*) \|$", page, re.MULTILINE):
        for name in re.findall(r"`([\w./]+)`", cell):
            if "/" in name and not {name, "ParkSync" + name} & folders:
                yield f"there is no {name}"
            if re.fullmatch(r"[A-Z]\w*(\.\w+)?", name) and name not in folders:
                kind, _, member = name.partition(".")
                if not re.search(rf"\b(?:struct|class|enum|protocol|actor) {kind}\b", source):
                    yield f"there is no type {kind}"
                elif member and not re.search(rf"\b(?:let|var|func|case) {member}\b", source):
                    yield f"nothing is called {member}"


def configuration_faults(source, page, example):
    """Where the configuration's keys, their reference and the example differ."""
    known = set(re.findall(r'"([a-z_.*]+)"', source.split("static let known = [")[1].split("]")[0]))
    written = {
        key.replace("PARK", "*") for key in re.findall(r"^\| `([\w.]+)` \|", page.split("## Files")[0], re.MULTILINE)
    }
    # Also keys that the example shows behind a comment sign.
    shown = {key for key in re.findall(r"^(?:# )?\s*([a-z_]+):(?: |$)", example, re.MULTILINE)}
    for key in sorted(known - written):
        yield CONFIGURATION_PAGE, f"the key {key} is missing"
    for key in sorted(written - known):
        yield CONFIGURATION_PAGE, f"there is no key {key}"
    for key in sorted(key for key in known if key.split(".")[-1] not in shown):
        yield CONFIGURATION_EXAMPLE, f"the key {key} is missing"


def faults(root, paths):
    """(path, line, text) for each fault of the pages."""
    tested = suites(root)
    for path in paths:
        yield from ((path, *fault) for fault in page_faults(root, path, tested))
    text = {
        name: (root / name).read_text(encoding="utf-8")
        for name in (
            ARCHITECTURE, BENCHMARKS, BENCHMARKS_PAGE, CHANGELOG, CONFIGURATION_EXAMPLE, CONFIGURATION_KEYS,
            CONFIGURATION_PAGE, GLOSSARY,
        )
    }
    for name, fault in configuration_faults(
        text[CONFIGURATION_KEYS], text[CONFIGURATION_PAGE], text[CONFIGURATION_EXAMPLE]
    ):
        yield root / name, 1, fault
    sources = sorted((root / "Sources").rglob("*.swift"))
    source = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    folders = {
        str(folder.relative_to(root / "Sources"))
        for path in sources
        for folder in (path, path.parent, path.parent.parent)
    }
    versions = {
        kind: int(re.search(rf"static let {name}\b[^=]*= (\d+)", (root / path).read_text(encoding="utf-8")).group(1))
        for kind, (path, name) in FORMATS.items()
    }
    for name, found in (
        (ARCHITECTURE, table_faults(text[ARCHITECTURE], source)),
        (BENCHMARKS_PAGE, benchmark_faults(text[BENCHMARKS_PAGE], json.loads(text[BENCHMARKS])["figures"])),
        (CHANGELOG, format_faults(text[CHANGELOG], versions)),
        (GLOSSARY, glossary_faults(text[GLOSSARY], source, folders)),
    ):
        for fault in found:
            yield root / name, 1, fault


def self_test():
    """The gate must be able to fail."""
    wide = ["a " * 51, "| " + "a " * 60, "```", "a " * 60, "```", "# " + "a " * 60, "- [" + "a" * 99 + "](b)"]
    assert list(wide_prose(wide)) == [1]
    assert anchors("# GET /v1/a?b=…\n```\n# no\n```\n## Who may\n") == {"get-v1ab", "who-may"}
    figures = {"a": {"median": 1.557, "min": 1, "max": 2000, "target": "<= 2000"}}
    assert list(benchmark_faults("| `a` | 1.56 (1 to 2,000) | ≤ 2,000 | |", figures)) == []
    assert len(list(benchmark_faults("| `a` | 1.6 (1 to 1,000) | ≥ 2,000 | |", figures))) == 2
    assert len(list(benchmark_faults("", figures))) == 1
    assert list(format_faults("| bundle | 1 | a |\n| bundle | 2 | b |\n", {"bundle": 2})) == []
    assert len(list(format_faults("| bundle | 1 | a |\n", {"bundle": 2}))) == 1
    made = "CREATE TABLE IF NOT EXISTS _parksync_log(\nCREATE TABLE IF NOT EXISTS _parksync_vote("
    assert list(table_faults("| `_parksync_log` |", made)) == ["the table _parksync_vote is missing"]
    source, page = "struct A {\n    var b: Int\n}", "| word | it is | in |\n| x | y | `A.b`, `Store/Log` |\n"
    assert list(glossary_faults(page, source, {"ParkSyncStore/Log"})) == []
    assert len(list(glossary_faults(page + "| z | y | `A.c`, `B` |\n", source, {"Store"}))) == 3
    keys = 'static let known = ["park", "log.level"]'
    page, example = "| `park` | |\n| `log.level` | |\n", "park: south\nlog:\n  level: info\n"
    assert list(configuration_faults(keys, page, example)) == []
    assert [fault[1] for fault in configuration_faults(keys, "| `park` | |\n| `arks` | |\n", "park: south\n")] == [
        "the key log.level is missing",
        "there is no key arks",
        "the key log.level is missing",
    ]
