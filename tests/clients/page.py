"""The tables of docs/compatibility.md: what the matrix expects, row by row, and which versions it was last written with."""

import os
import pathlib
import re

from .client import OPERATIONS
from .matrix import NOTHING_IN_COMMON, expected_of

PAGE = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/compatibility.md"
BEGIN = "<!-- Written by the tests: SALLYPORT_WRITE_DOCS=1 /usr/bin/python3 -m pytest tests/clients -->"
END = "<!-- End of what the tests write. -->"
WRITES = bool(os.environ.get("SALLYPORT_WRITE_DOCS"))


def table(head, rows):
    lines = ["| " + " | ".join(cells) + " |" for cells in [head, *rows]]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def code(text):
    return "`" + text.replace("|", "\\|") + "`"


def label(policy, strict):
    return policy if strict else f"{policy}, extended"


def rows_of_matrix(cases):
    for client, policy, strict in cases:
        expected = expected_of(client, policy, strict)
        yield [client.name, label(policy, strict), *(kind for kind, _ in expected.values())]


def rows_of_words(cases):
    """Words that come in several places have one row."""
    seen = {}
    for client, policy, strict in cases:
        for operation, (kind, words) in expected_of(client, policy, strict).items():
            if kind == NOTHING_IN_COMMON:
                seen.setdefault((client.name, "login", words), {})[policy] = None
            elif words:
                seen.setdefault((client.name, operation, words), {})["strict" if strict else "extended"] = None
    order = list(dict.fromkeys(client.name for client, _, _ in cases))
    for (name, operation, words), where in sorted(seen.items(), key=lambda one: order.index(one[0][0])):
        yield [name, operation, ", ".join(where), code(words)]


def render(cases, versions):
    names = list(dict.fromkeys(client.name for client, _, _ in cases))
    return "\n\n".join([
        "### Versions", table(["Client", "Version"], [[name, versions.get(name, "")] for name in names]),
        "### Client, policy, operation", table(["Client", "Policy", *OPERATIONS], rows_of_matrix(cases)),
        "### What they say", table(["Client", "Operation", "Where", "Words"], rows_of_words(cases))])


def written():
    text = PAGE.read_text()
    return text[text.index(BEGIN) + len(BEGIN):text.index(END)].strip("\n")


def written_versions():
    """Client's name → the version that the page was written with."""
    part = written().split("###")
    return dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", part[1], re.M)) if len(part) > 1 else {}


def write(content):
    text = PAGE.read_text()
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    PAGE.write_text(f"{text[:start]}\n\n{content}\n\n{text[end:]}")
