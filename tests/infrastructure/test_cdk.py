"""Templates that the AWS CDK synthesises become servers, users and all else; change, are refused, and go again."""

import copy
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from support.certificates import self_signed
from support.cloudformation import Stack, StackFailure, only
from support.cloudformation_kinds import KINDS
from support.sallyport import Sallyport
from support.sftp_client import SftpClient
from support.sshkeys import make_key

NPM = pathlib.Path(__file__).resolve().parent.parent / "npm"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What the stack is made with: users' keys, a host key, a certificate and its key."""
    folder = tmp_path_factory.mktemp("made")
    certificate, private_key = self_signed(folder)
    return {"keys": [make_key(folder, "ed25519", f"key-{n}") for n in range(3)],
            "host_key": make_key(folder, "ecdsa256", "host"),
            "certificate": certificate, "private_key": private_key}


@pytest.fixture(scope="module")
def synthesised(made):
    given = {"keys": [key.public_text for key in made["keys"]], "hostKey": made["host_key"].path.read_text(),
             "partnerKey": " ".join(made["host_key"].public_text.split()[:2]),  # without its comment
             "certificate": made["certificate"], "privateKey": made["private_key"]}
    done = subprocess.run([shutil.which("node"), "--no-warnings", "cdk.mjs"], cwd=NPM, input=json.dumps(given),
                          text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def first(synthesised):
    return synthesised["templates"][0]


@pytest.fixture(scope="module")
def second(synthesised):
    return synthesised["templates"][1]


@pytest.fixture(scope="module")
def stack(sallyport, first):
    """The first revision, for tests that change nothing of it."""
    return Stack(sallyport, "kept").apply(first)


def includes(shown, wanted):
    """Whether what is shown has all that was wanted; the service adds defaults and leaves out empty lists, and tags
    have no order."""
    if isinstance(wanted, dict):
        return isinstance(shown, dict) and all(includes(shown.get(name), one) for name, one in wanted.items())
    if isinstance(wanted, list):
        shown = shown or []
        if wanted and all(isinstance(one, dict) and set(one) == {"Key", "Value"} for one in wanted):
            return sorted(shown, key=lambda tag: tag["Key"]) == sorted(wanted, key=lambda tag: tag["Key"])
        return len(shown) == len(wanted) and all(map(includes, shown, wanted))
    return shown == wanted


def check_described(stack, names):
    """The service shows what the templates say, but for secrets."""
    for name in names:
        one = stack.made[name]
        shown = stack.shown(name)
        for member, value in one.properties.items():
            if member not in one.kind.hidden:
                assert includes(shown.get(member), value), (name, member, shown.get(member), value)


def everything(sallyport):
    """Identifiers of all there is."""
    call = sallyport.call
    out = {one["Arn"] for one in call("ListServers")["Servers"]}
    for field, operation in {"Workflows": "ListWorkflows", "Profiles": "ListProfiles", "Certificates": "ListCertificates",
                             "Connectors": "ListConnectors", "WebApps": "ListWebApps"}.items():
        out |= {one["Arn"] for one in call(operation)[field]}
    out |= {one["Arn"] for one in sallyport.client("iam").list_roles()["Roles"]}
    return out | {one["Name"] for one in sallyport.client("s3").list_buckets()["Buckets"]}


def test_every_type_of_the_library_is_in_the_stack(synthesised, first):
    types = set(synthesised["types"])
    assert len(types) >= 9
    assert types == {kind for kind in KINDS if kind.startswith("AWS::Transfer::")}
    assert types <= {one["Type"] for one in first["Resources"].values()}


def test_resources_are_as_the_template_says(stack, made):
    transfer_types = {kind for name, kind in KINDS.items() if not name.startswith("AWS::S3")}
    check_described(stack, [name for name, one in stack.made.items() if one.kind in transfer_types])
    assert stack.shown("Bucket83908E77") == {"VersioningConfiguration": {"Status": "Enabled"}}
    server = stack.outputs["ServerId"]
    assert stack.outputs["Host"] == f"{server}.server.transfer.us-east-1.amazonaws.com"
    assert stack.made["Bob"].attributes["Arn"] == f"arn:aws:transfer:us-east-1:000000000000:user/{server}/bob"
    fingerprint = stack.made["HostKey"].attributes["HostKeyFingerprint"]
    assert fingerprint.rstrip("=") == made["host_key"].fingerprint
    assert stack.made["Agreement"].attributes["Ref"].split("|")[1] == server


def test_comparisons_see_what_is_missing_or_other():
    assert includes({"A": [{"B": 1, "C": 2}]}, {"A": [{"B": 1}]})
    assert not includes({"A": [{"B": 1}]}, {"A": [{"B": 2}]})
    assert not includes({"A": []}, {"A": [{"B": 1}]})
    assert not includes({}, {"A": {"B": 1}})


def test_users_of_the_template_log_in_and_transfer(sallyport, stack, made, tmp_path):
    server = stack.outputs["ServerId"]
    sallyport.wait_state(server, "ONLINE")
    address, port = sallyport.endpoint(server)
    content = os.urandom(200_000)
    (tmp_path / "up").write_bytes(content)
    ann = SftpClient(address, port, "ann", made["keys"][1])
    ann.must(f"put {tmp_path}/up report.bin", f"get report.bin {tmp_path}/down")
    assert (tmp_path / "down").read_bytes() == content
    bucket = stack.made["Bucket83908E77"].attributes["Ref"]
    stored = sallyport.client("s3").get_object(Bucket=bucket, Key="ann/report.bin")
    assert stored["Body"].read() == content and stored["VersionId"]
    refused = SftpClient(address, port, "ann", made["keys"][2]).batch("pwd")
    assert not refused.ok and "Permission denied" in refused.stderr
    assert not SftpClient(address, port, "bob", made["keys"][0]).batch("pwd").ok  # He has no key.


def test_an_update_changes_and_replaces_and_a_deletion_leaves_nothing(binary, tmp_path, first, second, made):
    with Sallyport(binary, tmp_path / "data") as sallyport:
        stack = Stack(sallyport, "changing").apply(first)
        before = {name: one.attributes["Ref"] for name, one in stack.made.items()}
        stack.apply(second)
        after = {name: one.attributes["Ref"] for name, one in stack.made.items()}
        # Workflows have no update operation.
        assert {name for name in after if before[name] != after[name]} == {"Workflow"}
        with pytest.raises(AssertionError, match="Unknown workflow"):
            sallyport.call("DescribeWorkflow", WorkflowId=before["Workflow"])
        check_described(stack, [name for name in stack.made if second["Resources"][name]["Type"].startswith("AWS::Tr")])
        assert "PreAuthenticationLoginBanner" not in stack.shown("Server")
        server = stack.outputs["ServerId"]
        sallyport.wait_state(server, "ONLINE")
        address, port = sallyport.endpoint(server)
        (tmp_path / "f").write_text("hello")
        assert not SftpClient(address, port, "ann", made["keys"][1]).batch("pwd").ok
        SftpClient(address, port, "ann", made["keys"][2]).must(f"put {tmp_path}/f f")
        bucket = after["Bucket83908E77"]
        keys = [one["Key"] for one in sallyport.client("s3").list_objects_v2(Bucket=bucket)["Contents"]]
        assert keys == ["ann2/f"]

        with pytest.raises(Exception, match="BucketNotEmpty"):
            stack.remove("Bucket83908E77")
        s3 = sallyport.client("s3")
        for version in s3.list_object_versions(Bucket=bucket)["Versions"]:
            s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
        archive = after["ArchiveDA4CB258"]
        stack.delete()
        assert everything(sallyport) == {archive}  # What the template retains stays.


@pytest.mark.parametrize("name, text", [
    ("Workflow", "Workflow is still in use by server "),
    ("Certificate", "Certificate is still in use by profile "),
    ("Us", "Profile is still in use by "),
    ("Server", "Server has "),
])
def test_what_others_use_is_not_deleted(stack, name, text):
    with pytest.raises(AssertionError, match="400.*InvalidRequestException.*" + text):
        stack.remove(name)
    check_described(stack, [name])


# Resource, what is changed of its properties, and what the service says to it.
WRONG = {
    "a short user name": ("Ann", {"UserName": "an"}, "ValidationException.*'userName' failed to satisfy constraint"),
    "a broken key": ("Ann", {"SshPublicKeys": ["ssh-rsa AAAA"]}, "Unsupported or invalid SSH public key format"),
    "mappings of a path": ("Ann", {"HomeDirectoryType": "PATH"}, "HomeDirectoryMappings unsupported for HomeDirectoryType"),
    "another protocol": ("Server", {"Protocols": ["SCP"]}, "ValidationException.*'protocols.*SFTP, FTP, FTPS, AS2"),
    "an endpoint of a public server": ("Server", {"EndpointDetails": {"VpcId": "vpc-0123456789abcdef0"}},
                                       "InvalidRequestException.*EndpointDetails invalid for PUBLIC endpoints"),
    "a policy that is not there": ("Server", {"SecurityPolicyName": "TransferSecurityPolicy-1999-01"},
                                   "InvalidRequestException.*TransferSecurityPolicy-1999-01"),
    "another type of profile": ("Them", {"ProfileType": "OTHER"}, "ValidationException.*'profileType'"),
    "two partners": ("Agreement", {"LocalProfileId": {"Ref": "Them"}}, "is not of type LOCAL"),
    "details of another step": ("Workflow", {"Steps": [{"Type": "TAG", "DeleteStepDetails": {"Name": "x"}}]},
                                "DeleteStepDetails unsupported for step type: TAG"),
    "no key of the certificate": ("Certificate", {"Certificate": "none"}, "InvalidRequestException.*ertificate"),
    "a broken host key": ("HostKey", {"HostKeyBody": "none"}, "Invalid host key format"),
    "too many connections": ("SftpConnector", {"SftpConfig": {"UserSecretId": "s", "MaxConcurrentConnections": 0}},
                             "ValidationException.*'sftpConfig.maxConcurrentConnections'"),
    "too long a title": ("WebApp", {"WebAppCustomization": {"Title": "x" * 101}}, "ValidationException.*'title'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_template_is_refused_and_leaves_nothing(sallyport, first, case):
    name, properties, text = WRONG[case]
    template = copy.deepcopy(only(first, name))
    template["Resources"][name]["Properties"].update(properties)
    before = everything(sallyport)
    with pytest.raises(StackFailure, match=f"(?s)^{name}: .*400.*{text}"):
        Stack(sallyport, "wrong").apply(template)
    assert everything(sallyport) == before


def test_a_change_that_is_refused_leaves_the_server_as_it_was(stack, first):
    template = copy.deepcopy(first)
    template["Resources"]["Server"]["Properties"].update(Certificate="arn:aws:acm:us-east-1:1:none", Protocols=["FTPS"])
    before = stack.shown("Server")
    with pytest.raises(StackFailure, match="Server: .*400.*(FTPS|ertificate)"):
        stack.apply(template)
    assert stack.shown("Server") == before
