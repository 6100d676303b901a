"""Finds lines that are too long: of code, with the texts in it, and of comments that have lines of
their own.

Pages have their own rule, see pages.py. Data, schema files (their text stays as nodes have executed
it) and planted faults, which quote code, keep their lines.
"""

import re

CODE_COLUMNS_MAX = 120
COMMENT_COLUMNS_MAX = 100
FOLDERS = ("Sources", "Tests", "deploy", ".ci")
FILES = ("Makefile", "Package.swift")
SLASHES = {".swift", ".c", ".h", ".modulemap"}
HASHES = {".py", ".sh", ".yml", ".yaml", ".service", ".conf", ".suppressions"}
SLASH_COMMENT = re.compile(r"\s*//")
HASH_COMMENT = re.compile(r"\s*#(?!!)")
# A row of a table cannot be broken, and neither can one long word.
UNBREAKABLE = re.compile(r"\s*(?://[/!]? \||(?://[/!]?|#) \S+$)")


def files(root):
    """What has lines of code: by its ending, or as a script by its first bytes."""
    for path in sorted(path for folder in FOLDERS for path in (root / folder).rglob("*")):
        if path.suffix in SLASHES | HASHES or (path.is_file() and not path.suffix and path.read_bytes()[:2] == b"#!"):
            yield path
    yield from (root / name for name in FILES)


def faults(path):
    """(line number, text) of each line that is too long."""
    comment = SLASH_COMMENT if path.suffix in SLASHES else HASH_COMMENT
    return wide(path.read_text(encoding="utf-8").splitlines(), comment)


def wide(lines, comment):
    for number, line in enumerate(lines, 1):
        if len(line) > CODE_COLUMNS_MAX:
            yield number, f"{len(line)} columns, at most {CODE_COLUMNS_MAX}"
        elif len(line) > COMMENT_COLUMNS_MAX and comment.match(line) and not UNBREAKABLE.match(line):
            yield number, f"a comment of {len(line)} columns, at most {COMMENT_COLUMNS_MAX}"


def self_test():
    """The gate must be able to fail."""
    code = ["x" * 120, "x" * 121, "    text = '" + "x " * 60 + "'"]
    assert [number for number, _ in wide(code, HASH_COMMENT)] == [2, 3]
    comments = ["// " + "a " * 48, "// " + "a " * 50, "  # " + "a " * 50, "/// | " + "a " * 50, "// " + "a" * 99]
    assert [number for number, _ in wide(comments, SLASH_COMMENT)] == [2]
    assert [number for number, _ in wide(comments, HASH_COMMENT)] == [3]
