"""The tools of this folder work on each other: keys, a real sshd and the sftp client."""

import graphlib
import socket

import pytest

from .cloudformation import Made, Stack, only, order
from .openssh_server import OpensshServer
from .ports import free_port_range, is_free
from .sftp_client import SftpClient
from .sshkeys import TYPES, make_key, public_text_of


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("openssh")
    key = make_key(folder, "ed25519", "client")
    with OpensshServer(folder / "server", key) as server:
        yield server, SftpClient("127.0.0.1", server.port, server.user, key)


@pytest.mark.parametrize("kind", TYPES)
def test_each_kind_of_key_is_made_and_read_back(kind, tmp_path):
    key = make_key(tmp_path / "new", kind)
    assert key.public_text.split()[:2] == public_text_of(key.path.read_text(), tmp_path).split()
    assert key.fingerprint.startswith("SHA256:")


def test_a_file_goes_up_and_comes_down_the_same(peer, tmp_path):
    server, client = peer
    (tmp_path / "up").write_bytes(bytes(range(256)) * 1000)
    assert client.put(tmp_path / "up", "a file").ok
    assert (server.root / "a file").read_bytes() == (tmp_path / "up").read_bytes()
    assert client.get("a file", tmp_path / "down").ok
    assert (tmp_path / "down").read_bytes() == (tmp_path / "up").read_bytes()


def test_a_batch_ends_at_the_first_failure_and_says_why(peer):
    _, client = peer
    outcome = client.batch("cd nowhere", "pwd")
    assert outcome.returncode == 1
    assert "No such file" in outcome.stderr
    assert "working directory" not in outcome.stdout
    assert "working directory" in client.interactive("cd nowhere", "pwd").stdout


def test_a_wrong_key_and_no_key_are_refused(peer, tmp_path):
    server, _ = peer
    for key in (make_key(tmp_path, "ecdsa256"), None):
        outcome = SftpClient("127.0.0.1", server.port, server.user, key).batch("pwd")
        assert outcome.returncode == 255
        assert "Permission denied" in outcome.stderr


def test_options_reach_the_client(peer):
    _, client = peer
    assert client.batch("pwd", options={"Ciphers": "aes128-gcm@openssh.com"}).ok
    assert not client.batch("pwd", options={"Ciphers": "3des-cbc"}).ok


def test_a_stopped_server_listens_no_more(tmp_path):
    key = make_key(tmp_path)
    server = OpensshServer(tmp_path / "server", key).start()
    server.stop()
    with socket.socket() as s:
        assert s.connect_ex(("127.0.0.1", server.port)) != 0


def test_ports_in_a_range_are_free():
    first, last = free_port_range(5)
    assert last - first == 4
    assert all(is_free(port) for port in range(first, last + 1))
    with socket.socket() as s:
        s.bind(("127.0.0.1", first))
        s.listen()
        assert not is_free(first)


def test_templates_are_ordered_and_their_functions_resolved():
    template = {"Resources": {
        "C": {"Properties": {"Name": {"Fn::Sub": "${A.Arn}-${AWS::Region}-${!kept}"}, "No": {"Ref": "AWS::NoValue"}}},
        "B": {"Properties": {}, "DependsOn": "C"},
        "A": {"Properties": {"Parts": {"Fn::Select": [1, {"Fn::Split": ["/", "a/b"]}]}}},
        "D": {"Properties": {}}}}
    assert [name for name in order(template["Resources"]) if name != "D"] == ["A", "C", "B"]
    assert set(only(template, "C")["Resources"]) == {"A", "C"}
    stack = Stack(None, "stack")
    stack.made["A"] = Made(None, {}, {"Ref": "a", "Arn": "arn:a"}, False)
    properties = template["Resources"]["C"]["Properties"]
    assert stack.resolved(properties) == {"Name": "arn:a-us-east-1-${kept}"}
    assert stack.resolved(template["Resources"]["A"]["Properties"]) == {"Parts": "b"}
    assert stack.resolved({"Fn::Join": ["-", ["x", {"Ref": "A"}, {"Ref": "AWS::StackName"}]]}) == "x-a-stack"


def test_templates_that_cannot_be_resolved_are_refused():
    stack = Stack(None, "stack")
    with pytest.raises(NotImplementedError, match="Fn::ImportValue"):
        stack.resolved({"Fn::ImportValue": "other"})
    with pytest.raises(KeyError, match="Nobody"):
        stack.resolved({"Ref": "Nobody"})
    with pytest.raises(graphlib.CycleError):
        order({"A": {"Properties": {"X": {"Ref": "B"}}}, "B": {"Properties": {"X": {"Ref": "A"}}}})
