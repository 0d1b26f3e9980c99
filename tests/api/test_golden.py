"""Requests and answers as AWS's documents show them, and the documents' refusals: `golden.py` says what the files hold.

Where nothing acts yet behind an operation, the documented answer waits: the call is to be checked and answered as
docs/api.md says, and the file is compared as soon as the operation's row is gone."""

import json
import re

import pytest

from support.iam_callers import make_user
from support.sallyport import Sallyport

from . import page
from .golden import FOLDER, Golden, StandIns, all_golden, model

CASES = all_golden()
WAITING = {operation for operation, (_, instead) in page.not_there().items() if instead is None}


def ids(cases):
    return [case.name for case in cases]


def having(key):
    cases = [case for case in CASES if key in case.data]
    return pytest.mark.parametrize("case", cases, ids=ids(cases))


@pytest.fixture(scope="module")
def sallyport(binary, tmp_path_factory):
    """Room for the servers of all cases."""
    with Sallyport(binary, tmp_path_factory.mktemp("data"), settings={"limits.servers": 1000}) as running:
        yield running


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory):
    return StandIns(tmp_path_factory.mktemp("stand-ins"))


@pytest.fixture
def place(case, binary, sallyport, tmp_path):
    """Where the case is sent: to the module's server, unless it needs one of its own."""
    if not case.data.get("alone") and not case.data.get("settings"):
        yield sallyport
        return
    with Sallyport(binary, tmp_path / "data", settings=case.data.get("settings")) as own:
        yield own


def check_headers(headers):
    assert headers["Content-Type"] == "application/x-amz-json-1.1"
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", headers["x-amzn-RequestId"])


@having("response")
def test_answer_is_as_documented(case, place, stand_ins):
    texts = case.make(place, stand_ins)
    status, headers, body = place.post(case.operation, json.dumps(case.request(texts)))
    check_headers(headers)
    if case.operation in WAITING:
        assert (status, headers["x-amzn-ErrorType"]) == (500, "ServiceUnavailableException"), body
        assert set(json.loads(body)) == {"__type", "Message"}
        return
    assert status == 200, body
    assert "x-amzn-ErrorType" not in headers
    if case.data["response"] == "":
        assert body == b""
    else:
        case.compare(json.loads(body), texts)


@having("error")
def test_refusal_is_as_documented(case, place, stand_ins):
    texts = case.make(place, stand_ins)
    key = {}
    if case.data.get("caller"):
        access = make_user(place, place.client("iam")).access
        key = {"access_key": access.access_key, "secret_key": access.secret_key}
    for _ in range(40 if case.data.get("settings") else 1):  # of calls that are too many
        status, headers, body = place.post(case.operation, json.dumps(case.request(texts)), **key)
        if status != 200:
            break
    check_headers(headers)
    ours = json.loads(body)
    assert (status, ours["__type"]) == (case.data["status"], case.data["error"]["__type"]), body
    assert headers["x-amzn-ErrorType"] == ours["__type"]
    case.compare_error(ours, texts)


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_file_says_where_the_document_errs(case):
    """No more and no less than the model, or another page, contradicts the document."""
    assert case.contradictions(case.words()) - case.made <= set(case.document_errs)
    assert set(case.document_errs) - case.cited() <= case.contradictions()


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_file_names_its_source_and_its_one_outcome(case):
    assert case.name.split("-")[0] == case.operation
    assert re.match(r"https://docs\.aws\.amazon\.com/\S+|AWS Transfer Family User Guide", case.data["source"])
    assert ("response" in case.data) != ("error" in case.data)
    if "error" in case.data:
        assert case.errors[case.data["error"]["__type"]] == case.data["status"]
    elif case.data["response"] == "":
        assert case.output is None


def test_a_third_of_the_files_are_refusals():
    assert len([case for case in CASES if "error" in case.data]) * 3 >= len(CASES)


def test_files_are_all_of_operations():
    assert len(CASES) == len(list(FOLDER.iterdir()))
    assert {case.operation for case in CASES} <= set(model()["operations"])


# ---- That the comparison can fail: an answer that is right, and what may be wrong with it.

def right_answer():
    """What DescribeUser-1 is to be answered with."""
    server = "s-" + 17 * "a"
    return {"ServerId": server, "User": {
        "Arn": f"arn:aws:transfer:us-east-1:000000000000:user/{server}/bob-test", "HomeDirectory": "/DOC-EXAMPLE-BUCKET",
        "HomeDirectoryType": "PATH", "Role": "arn:aws:iam::000000000000:role/bob-role", "Tags": [], "UserName": "bob-test",
        "SshPublicKeys": [{"DateImported": 1648744072.614, "SshPublicKeyBody": "ssh-rsa AAAA",
                           "SshPublicKeyId": "key-" + 17 * "b"}]}}


def compared(answer):
    case = Golden(FOLDER / "DescribeUser-1.json")
    texts = dict.fromkeys(case.stands_for, "ssh-rsa AAAA") | {"s-1111aaaa2222bbbb3": "s-" + 17 * "a"}
    case.compare(answer, texts)


def test_comparison_takes_what_is_as_documented():
    compared(right_answer())


@pytest.mark.parametrize("change", [
    lambda user: user.update(Policy="{}"),
    lambda user: user.pop("HomeDirectory"),
    lambda user: user.pop("Tags"),
    lambda user: user.update(UserName="bob"),
    lambda user: user.update(Arn=user["Arn"].replace("user/", "server/")),
    lambda user: user.update(HomeDirectoryType="path"),
    lambda user: user["SshPublicKeys"].append(user["SshPublicKeys"][0]),
    lambda user: user["SshPublicKeys"][0].update(DateImported="2022-03-31T12:27:52.614000-04:00"),
    lambda user: user["SshPublicKeys"][0].update(SshPublicKeyId="key-abcde12345fghik67"),
    lambda user: user["SshPublicKeys"][0].pop("SshPublicKeyId"),
], ids=["more", "less", "no empty list", "value", "arn", "enumeration", "longer list", "date as text", "id's form", "no id"])
def test_comparison_refuses_what_is_not(change):
    answer = right_answer()
    change(answer["User"])
    with pytest.raises(AssertionError):
        compared(answer)


UNKNOWN = {"__type": "ResourceNotFoundException", "Message": "Unknown server", "Resource": "s-11112222333344444",
           "ResourceType": "Server"}


@pytest.mark.parametrize("wrong", [
    {key: value for key, value in UNKNOWN.items() if key != "ResourceType"},
    {**UNKNOWN, "ResourceType": "server"},
    {**UNKNOWN, "Fault": "client"},
    {"message" if key == "Message" else key: value for key, value in UNKNOWN.items()},
], ids=["less", "value", "more", "message in lower case"])
def test_comparison_refuses_errors_that_are_not(wrong):
    case = Golden(FOLDER / "DescribeServer-2.json")
    case.compare_error(UNKNOWN, {})
    with pytest.raises((AssertionError, KeyError)):
        case.compare_error(wrong, {})
