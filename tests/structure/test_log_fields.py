"""Every field that a log line is given has its row in the table of fields, which says how text shows it."""

import pathlib
import re

SRC = pathlib.Path(__file__).resolve().parent.parent.parent / "src"


def test_fields_of_lines_are_rows_of_the_table():
    table = set(re.findall(r'\.key = "([a-z0-9-]+)"', (SRC / "events/line_format.cc").read_text()))
    given = {field for folder in ("session", "sftp") for path in (SRC / folder).glob("*.cc")
             if not path.name.endswith("_test.cc")
             for field in re.findall(r'\.with\("([^"]+)"', path.read_text())}
    assert len(table) > 20 and len(given) > 15
    assert given <= table, given - table
