"""docs/api.md and the README say of every operation what the sources say."""

import os

import pytest

from . import page as api_page

WRITES = bool(os.environ.get("SALLYPORT_WRITE_DOCS"))


@pytest.mark.parametrize("page,rendered", [(api_page.PAGE, api_page.rendered_page),
                                           (api_page.README, api_page.rendered_readme)], ids=["api.md", "README.md"])
def test_page_says_what_the_sources_say(page, rendered):
    if WRITES:
        api_page.write(page, rendered())
    assert api_page.written(page) == rendered(), f"{page.name} says otherwise; SALLYPORT_WRITE_DOCS=1 rewrites it"


def test_page_has_every_operation():
    operations = api_page.operations()
    assert len(operations) == 71
    assert [line.split(" | ")[0][2:] for line in api_page.written(api_page.PAGE).splitlines()[2:]] == operations


def test_every_operation_is_called_by_a_test():
    uncalled = [operation for operation, tests in api_page.tests_by_operation().items() if not tests]
    assert not uncalled, uncalled


def test_golden_requests_are_calls():
    tests = api_page.tests_by_operation()
    assert api_page.GOLDEN[0] in tests["DescribeSecurityPolicy"] and api_page.GOLDEN[0] not in tests["DeleteWebApp"]


def test_what_is_not_there_is_an_operation():
    rows = api_page.not_there()
    assert rows and set(rows) <= set(api_page.operations())


def test_calls_are_found_through_helpers_and_not_where_there_are_none():
    known = {"CreateServer", "ListUsers"}
    cpp = 'void make() { call("CreateServer"); }\nTEST(A, B) { make(); }\nTEST(A, C) { say("}"); /* "ListUsers */ }\n'
    assert api_page.cpp_calls(cpp, [], known) == {"CreateServer"}
    python = "def make(c):\n    c.create_server()\n\ndef test_a(c, iam):\n    make(c)\n    iam.list_users()\n"
    assert api_page.python_calls(python, known) == {"CreateServer"}
    typed = 'def test_a():\n    aws("transfer", "list-users")\n    aws("iam", "create-server")\n'
    assert api_page.python_calls(typed, known) == {"ListUsers"}
