#!/usr/bin/env python3
"""Writes docs/reference/catalogue.md from the catalogue's schema files: their rows, and their comments as
explanations.

    python3 Tests/catalogue/reference.py           writes the page
    python3 Tests/catalogue/reference.py --check   ends with status 1 if the page is not what the files say
"""

import re
import sqlite3
import sys
import textwrap

from catalogue import ROOT, files

PAGE = ROOT / "docs/reference/catalogue.md"
OBJECT = re.compile(r"((?:--[^\n]*\n)*)CREATE (TABLE|VIEW) (\w+)( \((.*?)\n\)( WITHOUT ROWID)?;)?", re.S)
COLUMN = re.compile(r"    (\w+) (TEXT|INTEGER|BLOB)\b(.*)")
SECTION = re.compile(r"^-- ([^\n]+?) -{5,}$", re.M)
PART = re.compile(r"^-- The catalogue of the parks, part \d+: ([^.,\n]+)", re.M)
DIRECTIVE = re.compile(r"-- parksync: (.*)")

INTRODUCTION = """\
# The catalogue

What the parks share, table by table: generated from the schema files in
`Sources/ParkSyncCatalog/schema` by `Tests/catalogue/reference.py`, with their comments as
explanations. Which thing that the parks' document names is served by what: [coverage](coverage.md).
What the directives mean: [schema files](schema.md#own-schema-files).

Whatever somebody asks for or counts is an *item*. Who wants something of it writes a *request*,
which is never changed; what people do about it are *acts*, and what the arbiter makes of all that
are *steps*. The kind of a request says which *machine* its steps obey. Kinds, their fields,
machines and codes are rows, so that a new form or a new workflow is data."""

MACHINES = """\
## Machines

A request begins at the first state of its machine and is led on by steps, each of which is a move
of these tables. *Holds* says that the request's weight counts against the capacity of what was
asked for. *Waits for* says whose turn it is, and *deadline* what the clock waits for, by the names
that the column `state.deadline` explains. A move is written as the act, who makes it, and where it
leads.

Left out, since every machine has them: a note, which changes nothing, is taken in every state; an
act that a state does not take is answered by a step that stays in the state and has reasons; after
a fork of the home's log a person at the arbiter's side ends one branch by `fork`, which leads to
`void`."""


def prose(text):
    return "\n".join(textwrap.wrap(text, 100, break_long_words=False, break_on_hyphens=False))


def plain(text):
    return re.sub(r"\s+", " ", str(text)).strip().replace("|", "\\|").replace("<", "\\<")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def code(text):
    return f"`{text}`" if text else ""


# Comments -----------------------------------------------------------------------------------------

def paragraphs(lines):
    """Markdown of comment lines: SQL and lists, which are indented, keep their lines."""
    result, block, is_block = [], [], False

    def end():
        if block:
            text = textwrap.dedent("\n".join(block))
            result.append(f"```sql\n{text}\n```" if is_block else prose(" ".join(line.strip() for line in block)))
        block.clear()

    for line in lines:
        if line.startswith("  ") != is_block or not line.strip():
            end()
            is_block = line.startswith("  ")
        if line.strip():
            block.append(line)
    end()
    return "\n\n".join(result)


def in_a_cell(lines):
    """Comment lines as one: of a list `word  explanation` the words stand in front of a colon."""
    parts = []
    for line in lines:
        entry = re.match(r"  (\w+)\s{2,}(.*)", line)
        parts.append(f"{entry[1]}: {entry[2]};" if entry else line.strip())
    return plain(" ".join(parts)).rstrip(";")


def comment(text):
    """Lines of a comment without its directives."""
    return [line[3:] if line.startswith("-- ") else "" for line in text.splitlines() if not DIRECTIVE.match(line)]


def columns(body):
    """(name, type, explanation) of each column: the comment above it, and the one behind it."""
    above = []
    for line in re.sub(r"\n {8}\s*(?!--)", " ", body).splitlines():
        if line.startswith("    -- "):
            if not DIRECTIVE.match(line.strip()):
                above.append(line[7:])
            continue
        match = COLUMN.match(line)
        if match:
            rest, _, behind = match[3].partition("--")
            behind = behind.strip()
            notes = ["key"] if "PRIMARY KEY" in rest else ["required"] if "NOT NULL" in rest else []
            among = re.search(rf"\({match[1]} IN \(('[^)]*')\)", rest)
            notes += [among[1].replace("'", "`")] if among else []
            default = re.search(r"DEFAULT ('[^']*'|\S+?)(?:,|\s|$)", rest)
            notes += [f"default {code(default[1])}"] if default else []
            notes += ["counter: concurrent changes add up"] if behind == "parksync: counter" else []
            said = in_a_cell(above) or ("" if behind.startswith("parksync:") else plain(behind))
            yield match[1], match[2], ", ".join(notes), said
        above = []


# Sections -----------------------------------------------------------------------------------------

def objects():
    for path in files():
        for match in OBJECT.finditer(path.read_text(encoding="utf-8")):
            yield path, match


def tables():
    found = [match for _, match in objects() if match[2] == "TABLE"]
    groups = (("Constant tables", "constant", "Filled by the schema files alone, the same at every node that has them. "
               "`since` is the number of the schema file that brought a row, and `until` that of the file from which "
               "it is in force no longer."),
              ("Shared tables", "writer", "Their rows are copied to all parks. *Who writes* is the directive: "
               "`home(COLUMN)` is the park in front of the first colon of this column."),
              ("Local tables", "local", "Not copied to other parks."))
    for title, word, explanation in groups:
        yield f"## {title}\n\n{prose(explanation)}"
        for match in found:
            directives = DIRECTIVE.findall(match[1])
            if not any(directive.startswith(word) for directive in directives):
                continue
            yield f"### `{match[3]}`"
            said = paragraphs(comment(match[1]))
            if said:
                yield said
            rules = [directive for directive in directives if directive not in ("constant", "local")]
            if rules:
                yield "\n".join(f"- `{rule}`" for rule in rules)
            key = re.search(r"PRIMARY KEY \(([^)]*)\)", match[5])
            if key:
                yield f"Key: {', '.join(code(name.strip()) for name in key[1].split(','))}."
            yield table(("column", "type", "", "holds"),
                        [(code(name), type, notes, said) for name, type, notes, said in columns(match[5])])


def moves_text(moves):
    """Where each act of each of those who may act leads."""
    leads = {}
    for act, by, to in moves:
        leads.setdefault(act if act == by else f"{act} ({by})", []).append(code(to))
    return "; ".join(f"{who} → {', '.join(states)}" for who, states in leads.items())


def machines(database):
    yield MACHINES
    for machine, arbiter, zh, en in database.execute("SELECT machine, arbiter, zh, en FROM machine ORDER BY rowid"):
        kinds = [row[0] for row in database.execute("SELECT kind FROM kind WHERE machine = ? ORDER BY kind", [machine])]
        yield f"### `{machine}` {zh}"
        whose = "the park that asks" if arbiter == "asker" else "the home of what is asked for"
        yield prose(f"{en[0].upper() + en[1:]}. Decided by {whose}. Kinds of request: {', '.join(map(code, kinds))}.")
        first = database.execute("SELECT to_state FROM move WHERE machine = ? AND from_state = '' AND act = 'ask'",
                                 [machine]).fetchone()[0]
        rows = []
        for state, occupies, ends, waits_for, deadline, zh, en in database.execute(
                "SELECT state, occupies, ends, waits_for, deadline, zh, en FROM state WHERE machine = ? ORDER BY rowid",
                [machine]):
            moves = database.execute(
                "SELECT act, by_whom, to_state FROM move WHERE machine = ? AND from_state = ? AND act NOT IN ('fork', "
                "'note') AND by_whom <> 'anyone' ORDER BY rowid", [machine, state]).fetchall()
            rows.append((code(state) + (" (first)" if state == first else ""), zh, en, "yes" if occupies else "",
                         "ends" if ends else waits_for or "", code(deadline),
                         moves_text(moves)))
        yield table(("state", "中文", "English", "holds", "waits for", "deadline", "moves"), rows)


def field_rows(database, kind):
    for name, type, required, unit, list_, zh, en, standard in database.execute(
            "SELECT name, type, required, unit, list, zh, en, standard FROM field WHERE kind = ? ORDER BY rowid",
            [kind]):
        yield (code(name), type + (f" of {code(list_)}" if list_ else ""), "yes" if required else "", unit or "", zh,
               plain(en), plain(standard or ""))


def kinds(database):
    yield "## Kinds\n\n" + prose("Each kind has a view of the same name, in which the fields of `detail` are columns.")
    for of, title in (("item", "Kinds of item"), ("request", "Kinds of request")):
        yield f"## {title}"
        for kind, machine, zh, en in database.execute(
                "SELECT kind, machine, zh, en FROM kind WHERE of = ? ORDER BY rowid", [of]).fetchall():
            yield f"### `{kind}` {zh}"
            if of == "item":
                asked = [row[0][5:] for row in database.execute(
                    "SELECT list FROM code WHERE code = ? AND list GLOB 'asks:*' ORDER BY list", [kind])]
                said = f"Asked for by {', '.join(map(code, asked))}." if asked else "Nothing is asked of it."
            else:
                asked = [row[0] for row in database.execute(
                    "SELECT code FROM code WHERE list = ? ORDER BY code", ["asks:" + kind])]
                said = f"Machine `{machine}`; asked of {', '.join(map(code, asked))}."
            yield prose(f"{en[0].upper() + en[1:]}. {said}")
            fields = list(field_rows(database, kind))
            if fields:
                yield table(("field", "type", "required", "unit", "中文", "English", "standard"), fields)


def codes(database):
    yield "## Vocabularies\n\n" + prose("Which list a column or a field takes its codes from is said there.")
    lists = [row[0] for row in database.execute("SELECT list FROM code GROUP BY list ORDER BY min(rowid)")]
    yield table(("list", "codes"), [
        (code(name), ", ".join(f"`{code_}` {zh}" for code_, zh in database.execute(
            "SELECT code, zh FROM code WHERE list = ? ORDER BY rowid", [name])))
        for name in lists if not name.startswith("asks:")])


def reasons(database):
    yield "## Reasons\n\n" + prose("Why a step refuses something, or was made without an act; and who may decide "
                                   "against it.")
    yield table(("code", "overridden by", "中文", "English", "remedy"), [
        (code(name), by or "nobody", zh, plain(en), plain(remedy)) for name, by, zh, en, remedy in database.execute(
            "SELECT code, override_by, zh, en, remedy_en FROM reason ORDER BY rowid")])


def section(text, position):
    """What the schema file calls the part that this position is in."""
    titles = SECTION.findall(text, 0, position) or PART.findall(text)
    return titles[-1][0].upper() + titles[-1][1:]


def views(database):
    yield "## Views\n\n" + prose("Beside those of the [kinds](#kinds), in the order of the schema files.")
    names = {row[0] for row in database.execute("SELECT kind FROM kind")}
    last = None
    for path, match in objects():
        if match[2] != "VIEW" or match[3] in names:
            continue
        title = section(path.read_text(encoding="utf-8"), match.start())
        if title != last:
            yield f"### {title}"
        last = title
        yield f"#### `{match[3]}`"
        said = paragraphs(comment(match[1]))
        if said:
            yield said
        shown = [code(row[1]) for row in database.execute(f"PRAGMA table_info({match[3]})")]
        yield prose(f"Columns: {', '.join(shown)}.")


def database():
    """The schema's, with constant tables whose rows keep the order of the files."""
    connection = sqlite3.connect(":memory:")
    for path in files():
        text = path.read_text(encoding="utf-8")
        for name in ("machine", "kind", "field", "code", "state", "move", "reason"):
            text = re.sub(rf"(CREATE TABLE {name} \(.*?\n\)) WITHOUT ROWID;", r"\1;", text, flags=re.S)
        connection.executescript(text)
    return connection


def page():
    rows = database()
    parts = [INTRODUCTION, *tables(), *machines(rows), *kinds(rows), *codes(rows), *reasons(rows), *views(rows)]
    return "\n\n".join(parts) + "\n"


def main():
    text = page()
    if "--check" not in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        sys.exit("docs/reference/catalogue.md is not what the schema files say: run Tests/catalogue/reference.py")


if __name__ == "__main__":
    main()
