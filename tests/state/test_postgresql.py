"""Two nodes on one PostgreSQL: the resources are the same, and an interruption is survived."""

import concurrent.futures
import json
import subprocess
import time

import botocore.exceptions
import pytest

from support import postgres
from support.sallyport import Sallyport

# Nodes that share a database unseal each other's secrets.
MASTER_KEY = "5a" * 32


@pytest.fixture
def database():
    return postgres.shared()


@pytest.fixture
def nodes(binary, tmp_path, database):
    target = {"SALLYPORT_STATE_DATABASE": database.make_schema(), "SALLYPORT_MASTER_KEY": MASTER_KEY}
    made = [Sallyport(binary, tmp_path / name, server_environment=target) for name in ("a", "b")]
    for node in made:
        node.start()
    yield made
    for node in made:
        node.kill()


def eventually(check, seconds=30):
    """The first answer of `check` that is neither false nor an error; else what it ended with."""
    until = time.monotonic() + seconds
    while True:
        try:
            answer = check()
            if answer or time.monotonic() > until:
                return answer
        except botocore.exceptions.ClientError:
            if time.monotonic() > until:
                raise
        time.sleep(0.02)


def test_nodes_see_each_others_resources(nodes):
    a, b = (node.client("transfer") for node in nodes)
    server = a.create_server(Tags=[{"Key": "k", "Value": "v"}])["ServerId"]
    assert b.describe_server(ServerId=server)["Server"]["Tags"] == [{"Key": "k", "Value": "v"}]
    # Both open the server's port themselves, told by the other's change; the state is one and the same.
    assert eventually(lambda: b.describe_server(ServerId=server)["Server"]["State"] == "ONLINE")
    b.delete_server(ServerId=server)
    with pytest.raises(a.exceptions.ResourceNotFoundException):
        a.describe_server(ServerId=server)


def test_both_nodes_serve_whatever_is_made_however_close_they_run(nodes):
    """Each chooses ports by itself, at the same moment."""
    a, b = nodes
    servers = {a.client("transfer").create_server()["ServerId"] for _ in range(12)}

    def all_served():
        listening = [{e["ServerId"] for e in json.loads(node.cli("endpoints", "--json").stdout) if e["Port"]}
                     for node in nodes]
        return all(servers <= one for one in listening)

    assert eventually(all_served), a.stderr() + b.stderr()
    listed = b.client("transfer").list_servers()["Servers"]
    assert {one["State"] for one in listed} == {"ONLINE"}


def test_new_access_key_works_at_the_other_node_and_a_deleted_one_does_not(nodes):
    a, b = nodes
    iam = a.client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    there = lambda: boto_with(b, key).get_caller_identity()["Arn"]  # noqa: E731
    assert eventually(there).endswith(":user/ann")
    iam.delete_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"])

    def refused():
        try:
            there()
            return False
        except botocore.exceptions.ClientError:
            return True
    # Told by the other node's change: what it has cached does not live on.
    assert eventually(refused)


def boto_with(node, key):
    import boto3
    return boto3.client("sts", endpoint_url=node.api_url, region_name="us-east-1",
                        aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])


def test_concurrent_writers_lose_no_update(nodes):
    a, b = (node.client("transfer") for node in nodes)
    server = a.create_server()["ServerId"]
    arn = a.describe_server(ServerId=server)["Server"]["Arn"]

    def tag(number):
        # A client retries a conflict, as SDKs do.
        for _ in range(200):
            try:
                (a, b)[number % 2].tag_resource(Arn=arn, Tags=[{"Key": f"k{number}", "Value": "v"}])
                return
            except botocore.exceptions.ClientError as refused:
                assert refused.response["Error"]["Code"] == "ConflictException", refused
        raise AssertionError("always a conflict")

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(tag, range(24)))
    tags = {t["Key"] for t in b.describe_server(ServerId=server)["Server"]["Tags"]}
    assert tags == {f"k{n}" for n in range(24)}


def test_lost_database_is_unavailable_and_recovers_without_a_restart(nodes, database):
    a, b = (node.client("transfer") for node in nodes)
    first = a.create_server()["ServerId"]
    database.crash()
    try:
        for node in (a, b):
            with pytest.raises(botocore.exceptions.ClientError) as refused:
                node.create_server()
            assert refused.value.response["Error"]["Code"] in ("ServiceUnavailableException", "InternalServiceError")
    finally:
        database.start()
    second = eventually(lambda: a.create_server()["ServerId"])
    listed = eventually(lambda: {s["ServerId"] for s in b.list_servers()["Servers"]})
    assert {first, second} <= listed


def test_killed_node_leaves_what_was_answered(nodes):
    a, b = nodes
    servers = {a.client("transfer").create_server()["ServerId"] for _ in range(2)}
    a.kill()
    assert {s["ServerId"] for s in b.client("transfer").list_servers()["Servers"]} == servers
    a.start()
    assert {s["ServerId"] for s in a.client("transfer").list_servers()["Servers"]} == servers


def test_node_with_another_master_key_is_refused_at_start(nodes, binary, tmp_path):
    target = nodes[0].server_environment["SALLYPORT_STATE_DATABASE"]
    other = Sallyport(binary, tmp_path / "c", server_environment={"SALLYPORT_STATE_DATABASE": target})
    other.start(wait=False)
    assert other.process.wait(60) == 2
    assert "another master key" in other.stderr() and MASTER_KEY not in other.stderr()
    other.server_environment["SALLYPORT_MASTER_KEY"] = MASTER_KEY
    other.start()
    other.stop()


# As a URI and as words, right in form and not, to nobody and to a server that refuses.
@pytest.mark.parametrize("shape", ["postgresql://ann:{}@127.0.0.1:1/x", "host=127.0.0.1 port=1 user=ann password={}",
                                   "postgresql://ann:{}@[::1/x", "host=127.0.0.1 password='{}", "password={} nonsense=1",
                                   "host={folder} user=nobody dbname=postgres password={}"])
def test_connection_string_is_hidden_and_a_wrong_one_is_said(binary, tmp_path, shape, database):
    target = shape.format("hunter2", folder=database.folder)
    arguments = [str(binary), "serve", "--data-dir", str(tmp_path / "d"), "--set", f"state.database={target}"]
    shown = subprocess.run([*arguments, "--print-config"], capture_output=True, text=True, timeout=30)
    assert shown.returncode == 0 and "hunter2" not in shown.stdout + shown.stderr
    assert 'database = "(hidden)"' in shown.stdout
    ended = subprocess.run([*arguments, "--set", "log.level=debug"], capture_output=True, text=True, timeout=60)
    assert ended.returncode != 0 and "state.database" in ended.stderr and "hunter2" not in ended.stdout + ended.stderr


def test_password_stays_out_of_the_log_while_the_database_is_lost(binary, tmp_path, database):
    target = database.make_schema() + " password=hunter2"
    node = Sallyport(binary, tmp_path / "d", {"log.level": "debug"},
                     server_environment={"SALLYPORT_STATE_DATABASE": target})
    node.start()
    database.crash()
    try:
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            node.client("transfer").create_server()
        assert "hunter2" not in str(refused.value)
    finally:
        database.start()
    assert eventually(lambda: node.client("transfer").list_servers()["Servers"] == [])
    node.stop()
    assert "hunter2" not in node.stderr()
