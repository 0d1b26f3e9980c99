"""The tables of docs/troubleshooting.md: rows are what the tests saw, written by them when SALLYPORT_WRITE_DOCS is
set, and compared by them otherwise."""

import json
import os
import pathlib
import re

from .case import Step

PAGE = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/troubleshooting.md"
BEGIN = "<!-- Written by the tests: SALLYPORT_WRITE_DOCS=1 /usr/bin/python3 -m pytest tests/access -->"
END = "<!-- End of what the tests write. -->"
HEAD = ("| Cause | Typed | The terminal says | The log says | The log says, as text |\n"
        "|---|---|---|---|---|")


def code(text):
    text = text.replace("|", "\\|")
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def render(case, seen):
    typed = [f"*{c.says}*" if isinstance(c, Step) else code(c.replace("FOLDER/", "")) for c in case.commands]
    if case.command_line:
        typed = [code(case.command_line)]
    cells = [f'<a id="{case.id}"></a>{case.cause}',
             "<br>".join(typed),
             "<br>".join(code(w) for w in seen.shows + seen.words) or "no complaint",
             "<br>".join(code(json.dumps(line, ensure_ascii=False)) for line in seen.lines) or "nothing",
             "<br>".join(code(text) for text in seen.texts) or "nothing"]
    return "| " + " | ".join(cells) + " |"


def written():
    """id → row, as the page has them, and the text between the marks."""
    text = PAGE.read_text()
    between = text[text.index(BEGIN) + len(BEGIN):text.index(END)].strip("\n")
    return {m[1]: m[0] for m in re.finditer(r'^\| <a id="([^"]+)"></a>.*$', between, re.M)}, between


def page_part(groups, rows):
    return "\n\n".join(f"### {title}\n\n{HEAD}\n" + "\n".join(rows[c.id] for c in cases if c.id in rows)
                       for title, cases in groups)


def check(groups, case, row):
    rows, _ = written()
    if os.environ.get("SALLYPORT_WRITE_DOCS"):
        rows[case.id] = row
        text = PAGE.read_text()
        start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
        PAGE.write_text(text[:start] + "\n\n" + page_part(groups, rows) + "\n\n" + text[end:])
    else:
        assert rows.get(case.id) == row, "docs/troubleshooting.md says otherwise; SALLYPORT_WRITE_DOCS=1 rewrites it"
