"""Two nodes on one PostgreSQL: the resources are the same, and an interruption is survived."""

import concurrent.futures
import io
import json
import os
import subprocess
import threading
import time

import botocore.exceptions
import paramiko
import pytest

from support import postgres
from support.api_connection import ApiConnection
from support.sallyport import Sallyport
from support.sftp_client import SftpClient
from support.sshkeys import make_key

# Nodes that share a database unseal each other's secrets.
MASTER_KEY = "5a" * 32
ROLE = "arn:aws:iam::000000000000:role/transfer"


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


def is_unavailable(answer):
    """As documented, saying that one may try again and nothing of how the database is reached."""
    return (answer.status == 500 and answer.code in ("ServiceUnavailableException", "InternalServiceError")
            and "try again" in answer.text and "/" not in answer.text and "PostgreSQL" not in answer.text)


def test_calls_that_go_on_while_the_database_is_lost_lose_nothing_they_were_told(nodes, database):
    node = nodes[0]
    with ApiConnection(node) as api:
        server = api.must("CreateServer")["ServerId"]
    told, wrong, enough, done = set(), [], threading.Condition(), threading.Event()
    refused = [0]

    def write(number):
        with ApiConnection(node) as api:
            for turn in range(1_000_000):
                if done.is_set():
                    return
                name = f"user-{number}-{turn}"
                answer = api.call("CreateUser", ServerId=server, UserName=name, Role=ROLE)
                listing = api.call("ListUsers", ServerId=server)
                with enough:
                    for one in (answer, listing):
                        if one.status != 200 and not is_unavailable(one):
                            wrong.append(one)
                    told.update([name] if answer.status == 200 else [])
                    refused[0] += answer.status != 200
                    enough.notify_all()

    def wait_for(more):
        with enough:
            assert enough.wait_for(lambda: wrong or more(), timeout=60)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(2):
            before, failed = len(told), refused[0]
            wait_for(lambda: len(told) >= before + 10)
            database.crash()
            try:
                wait_for(lambda: refused[0] >= failed + 10)
            finally:
                database.start()
            before = len(told)
            wait_for(lambda: len(told) >= before + 10)
    finally:
        done.set()
        for writer in writers:
            writer.join()
    assert wrong == []
    listed = {u["UserName"] for page in node.client("transfer").get_paginator("list_users").paginate(ServerId=server)
              for u in page["Users"]}
    assert told <= listed


@pytest.fixture
def wary(binary, tmp_path, database):
    """A node that refuses a source after two failed logins."""
    settings = {"sftp.trusted_sources": "", "sftp.source_failures_refuse": 2, "sftp.source_failures_slow": 0,
                "sftp.source_failures_window": 86400}
    with Sallyport(binary, tmp_path / "wary", settings,
                   server_environment={"SALLYPORT_STATE_DATABASE": database.make_schema()}) as node:
        yield node


def test_sessions_outlive_the_database_and_logins_wait_for_it(wary, database, tmp_path):
    node, key = wary, make_key(tmp_path)
    server = node.server()
    node.user(server, key)
    address = node.endpoint(server)
    transport = paramiko.Transport(address)
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = 60
    transport.connect(username="ann", pkey=paramiko.Ed25519Key.from_private_key_file(str(key.path)))
    session = paramiko.SFTPClient.from_transport(transport)
    session.putfo(io.BytesIO(b"before"), "before")
    database.crash()
    try:
        session.putfo(io.BytesIO(b"meanwhile"), "meanwhile")
        with session.open("before") as file:
            assert file.read() == b"before"
        # Which is no failed login of who tries.
        for _ in range(3):
            refused = SftpClient(*address, "ann", key).batch("ls")
            assert (refused.returncode, refused.stderr) == (
                255, "ann@127.0.0.1: Permission denied (publickey).\nConnection closed\n")
    finally:
        database.start()
    eventually(lambda: SftpClient(*address, "ann", key).batch("ls").ok)
    assert SftpClient(*address, "ann", key).must("ls -1").split("\n")[1:] == ["before", "meanwhile", ""]
    assert sorted(session.listdir()) == ["before", "meanwhile"]
    transport.close()


def test_servers_go_on_to_the_state_that_was_asked_for_before_the_database_was_lost(nodes, database):
    servers = []
    for _ in range(3):
        with ApiConnection(nodes[0]) as api:
            servers.append(eventually(lambda: api.call("CreateServer").body.get("ServerId")))
        database.crash()
        database.start()
    for server in servers:
        assert eventually(lambda: nodes[0].state(server) == "ONLINE"), nodes[0].stderr()


def test_database_that_refuses_to_be_connected_to_is_as_a_lost_one(binary, tmp_path, database):
    """Somebody moves it away under its name: the caller has not asked for anything that is missing."""
    name = f"moved{os.getpid()}"
    database.sql(f"CREATE DATABASE {name}")
    node = Sallyport(binary, tmp_path / "d", server_environment={
        "SALLYPORT_STATE_DATABASE": f"host={database.folder} user={postgres.USER} dbname={name}"})
    node.start()
    try:
        with ApiConnection(node) as api:
            server = api.must("CreateServer")["ServerId"]
            database.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            database.sql(f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'")
            database.sql(f"ALTER DATABASE {name} RENAME TO {name}_away")
            for _ in range(2):
                answer = api.call("DescribeServer", ServerId=server)
                assert is_unavailable(answer), answer
            database.sql(f"ALTER DATABASE {name}_away RENAME TO {name}")
            database.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            assert eventually(lambda: api.call("DescribeServer", ServerId=server).status == 200)
        node.stop()
    finally:
        node.kill()


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
