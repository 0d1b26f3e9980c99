"""Calls at the same time, over connections of their own: quotas hold, and what one takes away the other does not use."""

import collections
import json
import threading

import pytest

from support.api_connection import ApiConnection
from support.sallyport import Sallyport

from .helpers import ROLE

LIMITS = {"servers": 4, "users_per_server": 3, "workflows": 3, "profiles": 3, "connectors": 3, "certificates": 3}


@pytest.fixture(scope="module")
def bounded(binary, tmp_path_factory):
    with Sallyport(binary, tmp_path_factory.mktemp("data"),
                   settings={f"limits.{name}": most for name, most in LIMITS.items()}) as running:
        yield running


def at_once(node, calls):
    """[(operation, members)] → their answers, all sent as nearly at the same time as threads can."""
    answers, begin = [None] * len(calls), threading.Barrier(len(calls))

    def run(index):
        operation, members = calls[index]
        with ApiConnection(node) as connection:
            begin.wait()
            answers[index] = connection.call(operation, **members)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def expect_quota(answers, name, most):
    made = [one for one in answers if one.status == 200]
    refused = collections.Counter((one.code, one.text) for one in answers if one.status != 200)
    assert len(made) == most, refused
    assert refused == {("InvalidRequestException", f"Cannot exceed quota for {name}: {most}"): len(answers) - most}


STEP = {"Type": "DELETE", "DeleteStepDetails": {"Name": "gone"}}


@pytest.mark.parametrize("operation,members,limit,name", [
    ("CreateWorkflow", {"Steps": [STEP]}, "workflows", "WorkflowsPerAccount"),
    ("CreateProfile", {"As2Id": "us", "ProfileType": "LOCAL"}, "profiles", "ProfilesPerAccount"),
    ("CreateConnector", {"Url": "sftp://partner.example.com", "AccessRole": ROLE,
                         "SftpConfig": {"UserSecretId": "secret"}}, "connectors", "SftpConnectorsPerAccount")])
def test_quota_of_the_account_holds(bounded, operation, members, limit, name):
    expect_quota(at_once(bounded, [(operation, members)] * 16), name, LIMITS[limit])


def test_quota_of_certificates_holds(bounded, certificate):
    calls = [("ImportCertificate", {"Usage": "SIGNING", "Certificate": certificate[0]})] * 16
    expect_quota(at_once(bounded, calls), "CertificatesPerAccount", LIMITS["certificates"])


def test_quotas_of_servers_and_of_their_users_hold(bounded):
    servers = at_once(bounded, [("CreateServer", {})] * 8)
    expect_quota(servers, "ServersPerAccount", LIMITS["servers"])
    server = next(one.body["ServerId"] for one in servers if one.status == 200)
    users = [("CreateUser", {"ServerId": server, "UserName": f"ann{number}", "Role": ROLE}) for number in range(16)]
    expect_quota(at_once(bounded, users), "UsersPerServer", LIMITS["users_per_server"])


def resources(node, file):
    """Of a backup: (kind, parent, id) of everything there is."""
    node.cli("backup", str(file))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return {(one["Kind"], one.get("Parent", ""), one["Id"]) for one in lines if "Kind" in one}


def test_no_user_is_left_without_a_server(sallyport, tmp_path):
    transfer = sallyport.client("transfer")
    for number in range(4):
        server = transfer.create_server()["ServerId"]
        calls = [("CreateUser", {"ServerId": server, "UserName": f"ann{n}", "Role": ROLE}) for n in range(6)]
        calls.insert(2 * number, ("DeleteServer", {"ServerId": server}))
        answers = at_once(sallyport, calls)
        done = collections.Counter(call[0] for call, answer in zip(calls, answers) if answer.status == 200)
        # Either the users were first, or the end of the server was; never both.
        assert (done["DeleteServer"] == 1) != (done["CreateUser"] > 0), answers
        for call, answer in zip(calls, answers):
            if answer.status != 200:
                expected = (("InvalidRequestException", "Server has users; delete them before deleting the server")
                            if call[0] == "DeleteServer" else ("ResourceNotFoundException", "Unknown server"))
                assert (answer.code, answer.text) == expected
    there = resources(sallyport, tmp_path / "backup")
    servers = {id for kind, _, id in there if kind == "server"}
    assert {parent for kind, parent, _ in there if kind in ("user", "host-key")} <= servers
