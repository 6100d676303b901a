"""Finds numbers that come from outside and are counted with before anybody has looked at them.

A column of SQLite, a field of a message and a text that is read as a number hold whatever somebody
wrote there. `+`, `-`, `*` and a plain conversion end the process if the result does not fit. So
such numbers are read by a function that compares them with their bounds (`entryNumber`, `ordinal`,
`count`, `number(in:)`, `ByteReader.count`), or are compared in the line that reads them, or are
counted with by `&+` and its like. A line that is right for another reason says so behind
`// bounded:`.
"""

import re

# Reads of which the result is anything that 64 bits hold.
READERS = r"statement|row|rows|cursor|found|stored|find|origins|kind|indexes|reader|connection|applier"
READ = rf"\b(?:{READERS})\w*\??\.(?:u?int64|varint|fixed64)\([^()]*\)"
INTEGER = r"U?Int(?:8|16|32|64)?"
CAST = re.compile(rf"\b{INTEGER}\((?:try )?{READ}")
BEFORE = re.compile(rf"{READ}(?: \?\? \w+)?\)*\s+[-+*](?![>&=])\s")
BEHIND = re.compile(rf"(?<!&)(?<=[-+*])\s+\(*(?:try )?{READ}")
# `let n = statement.int64(0)`; `guard let n = UInt64(text)`: the second kind of conversion gives
# nil for what is no number, and anything else.
LET = re.compile(rf"\b(?:let|var) (\w+) = (?:try )?{READ}(?! [<>=!])")
PARSED = re.compile(rf"(?:guard|if|,) (?:case )?let (\w+) = {INTEGER}\(\w")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
FUNCTION = re.compile(r"^\s*(?:[\w@()]+\s+)*(?:func\s|init[?(<]|var \w+:.*\{$)")
FOLDERS = (
    "ParkSyncCore/Encoding", "ParkSyncCore/Log", "ParkSyncWire", "ParkSyncReports", "ParkSyncReplication",
    "ParkSyncStore", "ParkSyncFiles", "ParkSyncNode", "ParkSyncServer", "ParkSyncCurl", "parksyncd", "syncctl",
)  # fmt: skip
# Where the checks themselves are.
CHECKS = (
    "SQLite/CheckedReads.swift", "SQLite/RawStatement.swift", "Encoding/ByteReader.swift", "Encoding/ByteWriter.swift",
)

UNCHECKED = "counted with or converted unchecked"


def is_read(path):
    """Whether a file is looked at: where numbers from outside are decoded."""
    return path.startswith(FOLDERS) and not path.endswith(CHECKS)


def uses(name, code):
    """Whether a line counts with a name, or converts it, in a way that can trap."""
    counted = re.search(
        rf"(?<![&.\w])\b{name}\b\s+[-+*](?![>&=])\s|\s(?<!&)[-+*]\s+\b{name}\b(?![.(\w])|\b{name}\s+[-+*]=", code
    )
    converted = re.search(rf"\b{INTEGER}\({name}\)", code)
    return counted or converted


def is_compared(name, code):
    """Whether a line compares a name with something."""
    orders = "(?:<|>|<=|>=|==)"
    compared = rf"\b{name}\b\s*{orders}\s|{orders}\s+\b{name}\b"
    return re.search(rf"{compared}|contains\({name}\)|(?:min|max)\([^)]*\b{name}\b", code) is not None


def faults(lines):
    """(line number, text) of each number that is counted with unchecked."""
    unchecked = set()
    for number, line in enumerate(lines, 1):
        if FUNCTION.match(line):
            unchecked = set()
        plain = STRING.sub('""', line)
        code = plain.split("//")[0]
        unchecked = {name for name in unchecked if not is_compared(name, code)}
        if "// bounded:" not in plain:
            if CAST.search(code) or BEFORE.search(code) or BEHIND.search(code):
                yield number, f"a number from outside is {UNCHECKED}: read it within its bounds, see .ci/outside.py"
            elif any(uses(name, code) for name in unchecked):
                yield number, f"a number that was read from outside is {UNCHECKED}, see .ci/outside.py"
        for found in LET.findall(code) + PARSED.findall(code):
            if not is_compared(found, code):
                unchecked.add(found)


def self_test():
    """The check must be able to fail, and to pass."""

    def count(*lines):
        return len(list(faults(lines)))

    assert count("let seq = UInt64(statement.int64(0)) & seqMax") == 1
    assert count("let next = try reader.varint(\"a number\") + 1") == 1
    assert count("rows += 1 + statement.int64(1)") == 1
    assert count("let ordinal = statement.int64(0)", "let end = ordinal + 1") == 1
    assert count("let ordinal = statement.int64(0)", "guard ordinal < 9 else { return }", "let end = ordinal + 1") == 0
    assert count("guard let offset = UInt64(text) else { return }", "let end = offset + 1") == 1
    assert count("guard let offset = UInt64(text), offset <= limit else { return }", "let end = offset + 1") == 0
    assert count("let ordinal = statement.int64(0)", "func f() {", "let end = ordinal + 1") == 0
    assert count("let seq = try statement.entryNumber(0)", "let next = seq + 1") == 0
    assert count("let a = UInt64(clamping: statement.int64(0))", "let b = statement.int64(0) &+ 1") == 0
    assert count("let at = UInt64(statement.int64(0)) // bounded: the query asks for positive numbers only") == 0
