"""The documents name symbols, files and commands that exist."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Words in backticks that are no symbols: formats, states, terms of others.
NO_SYMBOLS = {"code", "boost::asio::awaitable", "a", "a/b", "-1"}


def source_text():
    return "\n".join(p.read_text() for p in sorted((ROOT / "src").rglob("*")) if p.suffix in (".h", ".cc"))


def test_architecture_names_real_symbols():
    text = (ROOT / "docs/architecture.md").read_text()
    source = source_text()
    names = set(re.findall(r"`([A-Za-z_][A-Za-z0-9_:]*)`", text)) - NO_SYMBOLS
    folders = {p.name for p in (ROOT / "src").iterdir()}
    missing = [n for n in names
               if n not in folders and not all(re.search(rf"\b{part}\b", source) for part in n.split("::"))]
    assert len(names) > 40
    assert not missing, missing


def test_architecture_names_real_files():
    text = (ROOT / "docs/architecture.md").read_text()
    sources = {p.name for p in (ROOT / "src").rglob("*.h")}
    named = set(re.findall(r"`([a-z_]+\.h)`", text))
    assert named and named <= sources, named - sources


def test_no_document_points_to_a_missing_file():
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
