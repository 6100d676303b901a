#!/usr/bin/env python3
"""Makes man pages of a program's help.

usage: manual.py PROGRAM SECTION VERSION FOLDER

Reads what the program prints for --experimental-dump-help (swift-argument-parser's ToolInfo,
serialization version 0), and writes one page for the program and one for each of its commands, such
as syncctl-log-verify.1.
"""

import json
import pathlib
import re
import subprocess
import sys


def escaped(text):
    """Text as roff prints it: no escapes, and no line that begins with a control character."""
    text = (
        text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("'", "\\(aq").replace('"', "\\(dq")
    )
    return re.sub(r"^\.", r"\\&.", text, flags=re.MULTILINE)


def name_of(argument, name):
    return ("--" if name["kind"] == "long" else "-") + name["name"]


def shown(argument):
    """How an argument is written: `--socket <socket>`, `<file>`."""
    value = "<" + argument.get("valueName", "value") + ">"
    if argument["kind"] == "positional":
        return value
    names = ", ".join(name_of(argument, name) for name in argument["names"])
    return names if argument["kind"] == "flag" else f"{names} {value}"


def usage(argument):
    text = shown(argument) if argument["kind"] == "positional" else None
    if text is None:
        text = name_of(argument, argument["preferredName"])
        if argument["kind"] == "option":
            text += " <" + argument.get("valueName", "value") + ">"
    if argument.get("isRepeating"):
        text += " ..."
    return f"[{text}]" if argument.get("isOptional") else text


def described(argument):
    text = argument.get("abstract", "")
    if argument.get("discussion"):
        text += " " + argument["discussion"]
    if argument.get("defaultValue") not in (None, "", "[]"):
        text += f" Default: {argument['defaultValue']}."
    return text.strip()


def page(path, command, section, version):
    """The page of the command that the words of `path` call."""
    words = " ".join(path)
    arguments = [argument for argument in command.get("arguments", []) if argument.get("shouldDisplay", True)]
    commands = [
        inner
        for inner in command.get("subcommands", [])
        if inner.get("shouldDisplay", True) and inner["commandName"] != "help"
    ]
    lines = [
        f'.TH "{"-".join(path).upper()}" "{section}" "" "ParkSync {version}" "ParkSync"',
        ".SH NAME",
        f"{escaped('-'.join(path))} \\- {escaped(command.get('abstract', '').rstrip('.'))}",
        ".SH SYNOPSIS",
        f".B {escaped(words)}",
    ]
    lines += [escaped(usage(argument)) for argument in arguments]
    if commands:
        lines.append(escaped("<command>"))
    if command.get("discussion"):
        lines += [".SH DESCRIPTION", escaped(command["discussion"])]
    for heading, kinds in (("ARGUMENTS", ("positional",)), ("OPTIONS", ("option", "flag"))):
        chosen = [argument for argument in arguments if argument["kind"] in kinds]
        if chosen:
            lines.append(f".SH {heading}")
        for argument in chosen:
            lines += [".TP", f".B {escaped(shown(argument))}", escaped(described(argument)) or "\\&"]
    if commands:
        lines.append(".SH COMMANDS")
    for inner in commands:
        reference = escaped("-".join([*path, inner["commandName"]]))
        lines += [".TP", f".BR {reference} ({section})", escaped(inner.get("abstract", "")) or "\\&"]
    others = (
        ["-".join(path[:-1])]
        if len(path) > 1
        else {"syncctl": ["parksyncd"], "parksyncd": ["syncctl"]}.get(path[0], [])
    )
    if others:
        sections = {"syncctl": "1", "parksyncd": "8"}
        references = [f".BR {escaped(other)} ({sections.get(other.split('-')[0], section)})" for other in others]
        lines += [".SH SEE ALSO", *references, "", ".I /usr/share/doc/parksync"]
    yield "-".join(path), "\n".join(lines) + "\n"
    for inner in commands:
        yield from page([*path, inner["commandName"]], inner, section, version)


def main():
    program, section, version, folder = sys.argv[1:]
    dumped = json.loads(
        subprocess.run([program, "--experimental-dump-help"], capture_output=True, check=True, text=True).stdout
    )
    if dumped["serializationVersion"] != 0:
        sys.exit(f"{program} describes itself in version {dumped['serializationVersion']}; this script reads version 0")
    command = dumped["command"]
    for name, text in page([command["commandName"]], command, section, version):
        pathlib.Path(folder, f"{name}.{section}").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
