"""Every documented access case: OpenSSH's sftp at a real server, the terminal's words, the log, and the page that
shows both."""

import pytest

from support import elsewhere

from . import at_store, cases_login, cases_names, cases_rights, cases_session, table
from .case import Seen, as_text, run
from .world import World

GROUPS = [("The login fails", cases_login.CASES),
          ("The role cannot be used", cases_rights.ROLE),
          ("The role's policies", cases_rights.POLICIES),
          ("Buckets and directories", cases_names.DIRECTORIES),
          ("Logical directories", cases_names.LOGICAL),
          ("Ways out that are none", cases_names.ESCAPES),
          ("While a session lives", cases_session.CASES)]
CASES = [case for _, cases in GROUPS for case in cases]



@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case, sallyport, server, tmp_path):
    if why := at_store.why_otherwise(case):
        pytest.skip(why)
    seen = run(case, World(sallyport, server, tmp_path))
    print(seen)
    case = at_store.expected(case)
    assert seen == Seen(case.shows or [], case.words, case.lines, [as_text(line) for line in case.lines])
    if elsewhere.mode() is None:
        table.check(GROUPS, case, table.render(case, seen))


def test_page_holds_these_cases_and_no_others():
    assert len({case.id for case in CASES}) == len(CASES)
    rows, between = table.written()
    assert list(rows) == [case.id for case in CASES]
    assert between.strip() == table.page_part(GROUPS, rows).strip()
