"""Pages of what is long, while it changes."""

import base64
import itertools
import threading

import pytest

from support.api_connection import ApiConnection
from support.sallyport import Sallyport

from .helpers import ROLE

MANY = 10_000
CHANGERS = 3


@pytest.fixture
def crowded(binary, tmp_path):
    # As many as a server may have by default, and some more that come and go.
    settings = {"limits.users_per_server": 2 * MANY, "storage.sync": "off"}
    with Sallyport(binary, tmp_path / "data", settings) as instance:
        yield instance


@pytest.fixture
def api(sallyport):
    with ApiConnection(sallyport) as connection:
        yield connection


class Workers:
    """Threads, each with a connection; join() raises what one of them met."""

    def __init__(self, sallyport, count, work):
        self.errors = []

        def run(number):
            try:
                with ApiConnection(sallyport) as connection:
                    work(connection, number)
            except BaseException as error:  # noqa: B902
                self.errors.append(error)

        self.threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
        for thread in self.threads:
            thread.start()

    def join(self):
        for thread in self.threads:
            thread.join()
        if self.errors:
            raise self.errors[0]


def pages(api, operation, members, of, size):
    """All pages of a listing; what is on them is the list `of` in each answer."""
    token = {}
    while True:
        answer = api.must(operation, **members, MaxResults=size, **token)
        yield answer[of]
        if "NextToken" not in answer:
            return
        token = {"NextToken": answer["NextToken"]}


def create_user(api, server, name):
    api.must("CreateUser", ServerId=server, UserName=name, Role=ROLE)


@pytest.mark.heavy
def test_ten_thousand_users_are_listed_once_each_while_others_come_and_go(crowded):
    server = crowded.server(wait=False)
    lasting = [f"user-{n:05}" for n in range(MANY)]
    staying, names = set(lasting), iter(lasting)

    def fill(api, _):
        for name in names:  # a list's iterator hands out each item once
            create_user(api, server, name)

    Workers(crowded, 8, fill).join()
    done, moved, changes = threading.Event(), threading.Condition(), []

    def tell(name):
        with moved:
            changes.append(name)
            moved.notify_all()

    def change(api, number):
        for round_ in itertools.count():
            # Before, between and behind those that stay.
            passing = [f"a-{number}-{round_}", f"{lasting[(round_ * 997) % MANY]}-{number}", f"z-{number}-{round_}"]
            for name in passing:
                create_user(api, server, name)
                tell(name)
            for name in passing:
                api.must("DeleteUser", ServerId=server, UserName=name)
                tell(name)
            if done.is_set():
                return

    changing = Workers(crowded, CHANGERS, change)
    try:
        with ApiConnection(crowded) as api:
            for size in (1000, 300):
                listed = []
                for page in pages(api, "ListUsers", {"ServerId": server}, "Users", size):
                    assert len(page) <= size
                    listed += [user["UserName"] for user in page]
                    with moved:  # no two pages of the same state
                        before = len(changes)
                        assert moved.wait_for(lambda: len(changes) > before, timeout=60), changing.errors
                assert listed == sorted(set(listed))
                assert [name for name in listed if name in staying] == lasting
    finally:
        done.set()
        changing.join()
    with ApiConnection(crowded) as api:
        assert api.must("DescribeServer", ServerId=server)["Server"]["UserCount"] == MANY


def test_a_listing_goes_on_behind_an_item_that_is_gone(api):
    server = api.must("CreateServer")["ServerId"]
    for name in ("ann", "bob", "eve", "joe"):
        create_user(api, server, name)
    first = api.must("ListUsers", ServerId=server, MaxResults=2)
    api.must("DeleteUser", ServerId=server, UserName="bob")
    create_user(api, server, "abe")
    rest = api.must("ListUsers", ServerId=server, NextToken=first["NextToken"])
    assert [user["UserName"] for user in first["Users"]] == ["ann", "bob"]
    assert [user["UserName"] for user in rest["Users"]] == ["eve", "joe"]
    assert "NextToken" not in rest


def altered(token):
    """What one may make of it: each part changed, cut, lengthened, decoded."""
    raw = base64.b64decode(token)
    for at in (0, 31, 32, len(raw) - 1):
        yield base64.b64encode(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1:]).decode()
    yield base64.b64encode(raw[:32] + b"bob").decode()
    yield base64.b64encode(raw[:31]).decode()
    yield base64.b64encode(raw + b"\0").decode()
    yield token[:-4]
    yield token + token
    yield "bob"


def test_forged_next_tokens_are_refused(api):
    server = api.must("CreateServer")["ServerId"]
    for name in ("ann", "bob"):
        create_user(api, server, name)
    token = api.must("ListUsers", ServerId=server, MaxResults=1)["NextToken"]
    for forged in altered(token):
        answer = api.call("ListUsers", ServerId=server, NextToken=forged)
        assert (answer.status, answer.code) == (400, "InvalidNextTokenException"), forged
    assert api.must("ListUsers", ServerId=server, NextToken=token)["Users"][0]["UserName"] == "bob"


def test_next_tokens_of_another_listing_or_installation_are_refused(api, binary, tmp_path):
    servers = [api.must("CreateServer")["ServerId"] for _ in range(2)]
    for server in servers:
        for name in ("ann", "bob"):
            create_user(api, server, name)
    token = api.must("ListUsers", ServerId=servers[0], MaxResults=1)["NextToken"]
    with Sallyport(binary, tmp_path / "other") as other, ApiConnection(other) as there:
        for _ in range(2):
            there.must("CreateServer")
        foreign = there.must("ListServers", MaxResults=1)["NextToken"]
    for operation, members in (("ListUsers", {"ServerId": servers[1], "NextToken": token}),
                               ("ListHostKeys", {"ServerId": servers[0], "NextToken": token}),
                               ("ListServers", {"NextToken": token}), ("ListServers", {"NextToken": foreign})):
        answer = api.call(operation, **members)
        assert (answer.status, answer.code) == (400, "InvalidNextTokenException"), operation
