"""Host keys through boto3 and the AWS command line: what they are, how many there may be, what is refused."""

import re
import subprocess

import pytest

from support.sshkeys import make_key, new_key

from .helpers import aws, refused

NO_KEY = "hostkey-00000000000000000"


@pytest.fixture(scope="module")
def transfer(sallyport):
    return sallyport.client("transfer")


@pytest.fixture(scope="module")
def server(sallyport):
    return sallyport.server()


def padded(key):
    text = key.fingerprint
    return text + "=" * (-len(text.removeprefix("SHA256:")) % 4)


def body_of(key):
    return key.path.read_text()


def test_the_five_operations_on_a_key_of_each_type(transfer, server, tmp_path):
    wire_name = {"rsa2048": "ssh-rsa", "ecdsa384": "ecdsa-sha2-nistp384", "ecdsa521": "ecdsa-sha2-nistp521",
                 "ed25519": "ssh-ed25519"}
    for kind, name in wire_name.items():
        key = make_key(tmp_path, kind)
        imported = transfer.import_host_key(ServerId=server, HostKeyBody=body_of(key), Description=f"a {kind} key",
                                            Tags=[{"Key": "kind", "Value": kind}])
        identity = imported["HostKeyId"]
        assert imported["ServerId"] == server and re.fullmatch("hostkey-[0-9a-f]{17}", identity)
        described = transfer.describe_host_key(ServerId=server, HostKeyId=identity)["HostKey"]
        assert described.pop("DateImported").year >= 2024
        assert described == {
            "Arn": f"arn:aws:transfer:us-east-1:000000000000:host-key/{server}/{identity}", "HostKeyId": identity,
            "HostKeyFingerprint": padded(key), "Type": name, "Description": f"a {kind} key",
            "Tags": [{"Key": "kind", "Value": kind}]}
        transfer.update_host_key(ServerId=server, HostKeyId=identity, Description="")
        assert "Description" not in transfer.describe_host_key(ServerId=server, HostKeyId=identity)["HostKey"]
        listed = {k["HostKeyId"]: k for k in transfer.list_host_keys(ServerId=server)["HostKeys"]}
        assert len(listed) == 4
        assert (listed[identity]["Fingerprint"], listed[identity]["Type"]) == (padded(key), name)
        transfer.delete_host_key(ServerId=server, HostKeyId=identity)
        with refused("ResourceNotFoundException", "Unknown host key"):
            transfer.describe_host_key(ServerId=server, HostKeyId=identity)


def test_forms_that_openssl_and_ssh_keygen_write_are_taken(transfer, server, tmp_path):
    commands = {
        "pkcs1": ["openssl", "genrsa", "-traditional", "2048"],
        "pkcs8": ["openssl", "genpkey", "-algorithm", "ED25519"],
        "sec1": ["openssl", "ecparam", "-genkey", "-noout", "-name", "prime256v1"],
    }
    for name, command in commands.items():
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        imported = transfer.import_host_key(ServerId=server, HostKeyBody=text)
        transfer.delete_host_key(ServerId=server, HostKeyId=imported["HostKeyId"])


def test_a_key_is_tagged_by_its_arn(transfer, server, tmp_path):
    identity = transfer.import_host_key(ServerId=server, HostKeyBody=body_of(make_key(tmp_path)))["HostKeyId"]
    arn = transfer.describe_host_key(ServerId=server, HostKeyId=identity)["HostKey"]["Arn"]
    transfer.tag_resource(Arn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    transfer.untag_resource(Arn=arn, TagKeys=["a"])
    assert transfer.list_tags_for_resource(Arn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    transfer.delete_host_key(ServerId=server, HostKeyId=identity)
    with refused("ResourceNotFoundException"):
        transfer.tag_resource(Arn=arn, Tags=[{"Key": "a", "Value": "1"}])


def test_the_command_line_knows_them(sallyport, server, tmp_path):
    key = make_key(tmp_path, "ecdsa256")
    identity = aws(sallyport, "transfer", "import-host-key", "--server-id", server, "--host-key-body",
                   f"file://{key.path}")["HostKeyId"]
    shown = aws(sallyport, "transfer", "describe-host-key", "--server-id", server, "--host-key-id", identity)
    assert shown["HostKey"]["HostKeyFingerprint"] == padded(key)
    aws(sallyport, "transfer", "delete-host-key", "--server-id", server, "--host-key-id", identity)


def test_host_key_of_create_and_update_server(sallyport, transfer, tmp_path):
    first, second = new_key(tmp_path, "rsa2048"), new_key(tmp_path, "rsa2048")
    server = sallyport.server(HostKey=body_of(first))
    assert transfer.describe_server(ServerId=server)["Server"]["HostKeyFingerprint"] == padded(first)
    transfer.update_server(ServerId=server, HostKey=body_of(second))
    assert transfer.describe_server(ServerId=server)["Server"]["HostKeyFingerprint"] == padded(second)
    with refused("InvalidRequestException", "Invalid host key format"):
        transfer.update_server(ServerId=server, HostKey="nonsense")
    with refused("InvalidRequestException", "Invalid host key format"):
        transfer.create_server(HostKey="nonsense")
    assert transfer.describe_server(ServerId=server)["Server"]["HostKeyFingerprint"] == padded(second)


def test_refuses_an_eleventh_key_and_one_that_is_there(sallyport, transfer, tmp_path):
    server = sallyport.server()
    keys = [new_key(tmp_path) for _ in range(7)]
    for key in keys:
        transfer.import_host_key(ServerId=server, HostKeyBody=body_of(key))
    with refused("InvalidRequestException", "10"):
        transfer.import_host_key(ServerId=server, HostKeyBody=body_of(new_key(tmp_path)))
    with refused("ResourceExistsException"):
        transfer.import_host_key(ServerId=server, HostKeyBody=body_of(keys[0]))
    assert len(transfer.list_host_keys(ServerId=server)["HostKeys"]) == 10


def test_refuses_keys_that_cannot_be_host_keys(transfer, server, tmp_path):
    sealed = tmp_path / "with-passphrase"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", str(sealed)], check=True)
    pkcs8 = subprocess.run(["openssl", "genpkey", "-algorithm", "ED25519", "-aes256", "-pass", "pass:secret"],
                           capture_output=True, text=True, check=True).stdout
    short = subprocess.run(["openssl", "genrsa", "1024"], capture_output=True, text=True, check=True).stdout
    curve = subprocess.run(["openssl", "ecparam", "-genkey", "-noout", "-name", "secp256k1"],
                           capture_output=True, text=True, check=True).stdout
    ed448 = subprocess.run(["openssl", "genpkey", "-algorithm", "ED448"], capture_output=True, text=True,
                           check=True).stdout
    good = body_of(make_key(tmp_path))
    lines = good.splitlines()
    bad = {"passphrase": sealed.read_text(), "encrypted PKCS#8": pkcs8, "RSA-1024": short, "secp256k1": curve,
           "Ed448": ed448, "public half": make_key(tmp_path, name="other").public_text,
           "cut": "\n".join(lines[:2] + lines[-1:]), "no PEM": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"}
    before = transfer.list_host_keys(ServerId=server)["HostKeys"]
    for text in bad.values():
        with refused("InvalidRequestException", "Invalid host key format") as error:
            transfer.import_host_key(ServerId=server, HostKeyBody=text)
        assert error.response["Error"]["Message"] == "Invalid host key format"
    with refused("ValidationException", "4096"):
        transfer.import_host_key(ServerId=server, HostKeyBody="x" * 4097)
    assert transfer.list_host_keys(ServerId=server)["HostKeys"] == before


def test_refuses_wrong_names(sallyport, transfer, server):
    other = sallyport.server()
    identity = transfer.list_host_keys(ServerId=other)["HostKeys"][0]["HostKeyId"]
    for name in (identity, NO_KEY):
        with refused("ResourceNotFoundException", "Unknown host key"):
            transfer.delete_host_key(ServerId=server, HostKeyId=name)
        with refused("ResourceNotFoundException", "Unknown host key"):
            transfer.update_host_key(ServerId=server, HostKeyId=name, Description="x")
    with refused("ResourceNotFoundException", "Unknown server"):
        transfer.list_host_keys(ServerId="s-00000000000000000")
    with refused("ValidationException", "hostKeyId"):
        transfer.describe_host_key(ServerId=server, HostKeyId="hostkey-XXXXXXXXXXXXXXXXX")


def test_the_last_key_stays(sallyport, transfer):
    server = sallyport.server()
    keys = [k["HostKeyId"] for k in transfer.list_host_keys(ServerId=server)["HostKeys"]]
    for key in keys[1:]:
        transfer.delete_host_key(ServerId=server, HostKeyId=key)
    with refused("InvalidRequestException", "last host key"):
        transfer.delete_host_key(ServerId=server, HostKeyId=keys[0])
    assert sallyport.state(server) == "ONLINE"
