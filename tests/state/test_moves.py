"""Resources leave an installation and come into another: backup and restore, export and import."""

import json
import os
import subprocess

import botocore.exceptions
import pytest

from support import postgres
from support.sallyport import Sallyport, full_rights
from support.sshkeys import new_key

MASTER_KEY = "5a" * 32
POLICY = json.dumps(full_rights("moved"))


def start(binary, folder, database="", key=MASTER_KEY):
    return Sallyport(binary, folder, server_environment={"SALLYPORT_STATE_DATABASE": database,
                                                         "SALLYPORT_MASTER_KEY": key}).start()


@pytest.fixture
def old(binary, tmp_path):
    made = start(binary, tmp_path / "old")
    yield made
    made.kill()


@pytest.fixture
def new(binary, tmp_path):
    """On the other database, with another master key and account."""
    made = start(binary, tmp_path / "new", postgres.shared().make_schema(), "6b" * 32)
    yield made
    made.kill()


class Estate:
    """One of everything, in an installation."""

    def __init__(self, node, folder):
        iam, transfer = node.client("iam"), node.client("transfer")
        self.key, self.second = new_key(folder), new_key(folder)
        self.policy = iam.create_policy(PolicyName="read", PolicyDocument=POLICY)["Policy"]["Arn"]
        self.role = node.role(full_rights("moved"), name="transfer")
        iam.attach_role_policy(RoleName="transfer", PolicyArn=self.policy)
        iam.create_user(UserName="admin")
        iam.put_user_policy(UserName="admin", PolicyName="all", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
        self.access_key = iam.create_access_key(UserName="admin")["AccessKey"]
        self.server = transfer.create_server(Tags=[{"Key": "of", "Value": "tests"}])["ServerId"]
        self.stopped = transfer.create_server(PreAuthenticationLoginBanner="closed")["ServerId"]
        for server in (self.server, self.stopped):
            node.wait_state(server, "ONLINE")
        transfer.stop_server(ServerId=self.stopped)
        node.wait_state(self.stopped, "OFFLINE")
        transfer.create_user(ServerId=self.server, UserName="ann", Role=self.role, HomeDirectoryType="LOGICAL",
                             HomeDirectoryMappings=[{"Entry": "/", "Target": "/moved/ann"}], Policy=POLICY,
                             SshPublicKeyBody=self.key.public_text, Tags=[{"Key": "team", "Value": "a"}])
        transfer.import_ssh_public_key(ServerId=self.server, UserName="ann", SshPublicKeyBody=self.second.public_text)


def seen(node, server):
    """What the API shows of a server and its users, without what moves with time and place."""
    transfer = node.client("transfer")
    described = transfer.describe_server(ServerId=server)["Server"]
    users = [transfer.describe_user(ServerId=server, UserName=u["UserName"])["User"]
             for u in transfer.list_users(ServerId=server)["Users"]]
    for user in users:
        for key in user["SshPublicKeys"]:
            key.pop("DateImported")
    return described, users


def outcomes(done):
    return {r["Resource"]: r["Outcome"] for r in json.loads(done.stdout)}


def test_backup_is_restored_online_and_on_the_other_database(old, binary, tmp_path):
    estate = Estate(old, tmp_path)
    file = tmp_path / "backup"
    old.cli("backup", str(file))
    assert os.stat(file).st_mode & 0o777 == 0o600
    assert estate.access_key["SecretAccessKey"] not in file.read_text()
    before = seen(old, estate.server)

    transfer = old.client("transfer")
    transfer.delete_user(ServerId=estate.server, UserName="ann")
    transfer.delete_server(ServerId=estate.server)
    extra = transfer.create_server()["ServerId"]
    told = old.cli("restore", str(file), "--dry-run").stdout
    assert told.startswith("would be: ") and "0 removed" not in told
    with pytest.raises(transfer.exceptions.ResourceNotFoundException):
        transfer.describe_server(ServerId=estate.server)
    old.cli("restore", str(file))
    # It is served again, on its port and with its key, and what came later is gone.
    old.wait_state(estate.server, "ONLINE")
    assert seen(old, estate.server) == before
    with pytest.raises(transfer.exceptions.ResourceNotFoundException):
        transfer.describe_server(ServerId=extra)

    other = start(binary, tmp_path / "other", postgres.shared().make_schema())
    try:
        other.cli("restore", str(file))
        other.wait_state(estate.server, "ONLINE")
        assert seen(other, estate.server) == before
        assert other.cli("restore", str(file), "--dry-run").stdout.startswith("would be: 0 made")
    finally:
        other.kill()


def test_backup_of_another_key_or_in_part_is_refused(old, new, tmp_path):
    old.client("iam").create_user(UserName="ann")
    file = tmp_path / "backup"
    old.cli("backup", str(file))
    refused = new.cli("restore", str(file), check=False)
    assert refused.returncode == 1 and "another master key" in refused.stderr
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    refused = old.cli("restore", str(file), check=False)
    assert refused.returncode == 1 and "not a whole backup" in refused.stderr
    assert old.client("iam").list_users()["Users"]


@pytest.mark.heavy
def test_export_is_imported_with_ids_and_keys(old, new, tmp_path):
    estate = Estate(old, tmp_path)
    file = tmp_path / "export"
    old.cli("export", str(file), "--secrets")
    before, stopped = seen(old, estate.server), seen(old, estate.stopped)
    plan = new.cli("import", str(file), "--dry-run", "--json")
    planned = outcomes(plan)
    assert planned and set(planned.values()) == {"would be made"}
    assert new.client("transfer").list_servers()["Servers"] == []

    done = new.cli("import", str(file), "--json")
    assert planned_as_done(plan, done) and set(outcomes(done).values()) == {"made"}
    new.wait_state(estate.server, "ONLINE")
    new.wait_state(estate.stopped, "OFFLINE")
    assert seen(new, estate.server) == before and seen(new, estate.stopped) == stopped
    # The keys of its first start are gone, so clients meet the host they know.
    keys = [{k["Fingerprint"] for k in n.client("transfer").list_host_keys(ServerId=estate.server)["HostKeys"]}
            for n in (old, new)]
    assert keys[0] == keys[1]
    arn = signed_by(new, estate.access_key)
    assert arn.endswith(":user/admin")
    again = outcomes(new.cli("import", str(file), "--json"))
    assert set(again.values()) == {"same"}


def signed_by(node, key):
    environment = {**node.environment(), "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
                   "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    done = subprocess.run(["aws", "--endpoint-url", node.api_url, "sts", "get-caller-identity"], env=environment,
                          capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)["Arn"]


def test_export_without_secrets_has_none(old, new, tmp_path):
    estate = Estate(old, tmp_path)
    text = old.cli("export", "-").stdout
    assert estate.access_key["SecretAccessKey"] not in text and "PRIVATE KEY" not in text
    assert estate.access_key["AccessKeyId"] not in text and "Sealed" not in text
    file = tmp_path / "export"
    file.write_text(text)
    done = outcomes(new.cli("import", str(file), "--json"))
    assert {o for r, o in done.items() if r.startswith("HostKey")} == {"skipped"}
    assert done[f"User ann of {estate.server}"] == "made"
    assert new.client("transfer").list_host_keys(ServerId=estate.server)["HostKeys"]


def test_only_who_may_exports_and_imports(old, tmp_path):
    iam = old.client("iam")
    iam.create_user(UserName="reader")
    iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sallyport:Export", "Resource": "*"}]}))
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    environment = {**old.environment(), "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
                   "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    file = tmp_path / "file"

    def run(*arguments):
        return subprocess.run([old.binary, *arguments, "--api", old.api_url], env=environment, capture_output=True,
                              text=True, timeout=60)

    assert run("export", str(file)).returncode == 0
    for arguments in (("export", str(file), "--secrets"), ("import", str(file)), ("backup", str(file)),
                      ("restore", str(file))):
        done = run(*arguments)
        assert done.returncode == 1 and "AccessDenied" in done.stderr, arguments


# Answers as AWS's command line prints them on the managed service.
SERVER = {"Server": {
    "Arn": "arn:aws:transfer:eu-west-1:123456789012:server/s-01234567890abcdef", "ServerId": "s-01234567890abcdef",
    "Domain": "S3", "EndpointType": "PUBLIC", "HostKeyFingerprint": "SHA256:AAAA=", "IdentityProviderType":
    "SERVICE_MANAGED", "LoggingRole": "arn:aws:iam::123456789012:role/logs", "Protocols": ["SFTP"],
    "ProtocolDetails": {"PassiveIp": "AUTO", "TlsSessionResumptionMode": "ENFORCED", "SetStatOption": "DEFAULT"},
    "S3StorageOptions": {"DirectoryListingOptimization": "ENABLED"}, "As2ServiceManagedEgressIpAddresses": ["1.2.3.4"],
    "SecurityPolicyName": "TransferSecurityPolicy-2024-01", "State": "OFFLINE", "Tags": [], "UserCount": 1}}


def user(key, **members):
    return {"ServerId": "s-01234567890abcdef", "User": {
        "Arn": "arn:aws:transfer:eu-west-1:123456789012:user/s-01234567890abcdef/ann", "UserName": "ann",
        "HomeDirectory": "/corp/ann", "HomeDirectoryType": "PATH", "Role": "arn:aws:iam::123456789012:role/transfer",
        "SshPublicKeys": [{"DateImported": "2024-05-06T07:08:09.012000+00:00", "SshPublicKeyBody": key.public_text,
                           "SshPublicKeyId": "key-0123456789abcdef0"}], "Tags": [], **members}}


def test_answers_of_the_managed_service_are_imported(new, tmp_path):
    key = new_key(tmp_path)
    file, list_file = tmp_path / "answers.json", tmp_path / "lists.json"
    # As `aws … >> answers.json` leaves them.
    file.write_text(json.dumps(SERVER, indent=4) + "\n" + json.dumps(user(key), indent=4) + "\n")
    list_file.write_text(json.dumps({"Servers": [{k: SERVER["Server"][k] for k in (
        "Arn", "Domain", "IdentityProviderType", "EndpointType", "LoggingRole", "ServerId", "State", "UserCount")}]}))

    refused = new.cli("import", str(list_file), check=False)
    assert refused.returncode == 1 and "DescribeServer" in refused.stdout
    done = outcomes(new.cli("import", str(file), "--json"))
    assert done == {"Server s-01234567890abcdef": "made", "User ann of s-01234567890abcdef": "made"}
    transfer = new.client("transfer")
    described = transfer.describe_user(ServerId="s-01234567890abcdef", UserName="ann")["User"]
    assert described["Role"] == "arn:aws:iam::000000000000:role/transfer"
    assert [k["SshPublicKeyId"] for k in described["SshPublicKeys"]] == ["key-0123456789abcdef0"]
    new.wait_state("s-01234567890abcdef", "OFFLINE")
    assert set(outcomes(new.cli("import", str(file), str(list_file), "--json")).values()) == {"same"}

    # What differs is told, then changed; what is only here is told and stays.
    transfer.update_user(ServerId="s-01234567890abcdef", UserName="ann", HomeDirectory="/other", Policy=POLICY)
    transfer.tag_resource(Arn=described["Arn"], Tags=[{"Key": "here", "Value": "only"}])
    told = new.cli("import", str(file), "--dry-run").stdout
    assert 'HomeDirectory: "/other" here, "/corp/ann" in the file' in told and "Policy: " in told and "stays" in told
    assert transfer.describe_user(ServerId="s-01234567890abcdef", UserName="ann")["User"]["HomeDirectory"] == "/other"
    new.cli("import", str(file))
    changed = transfer.describe_user(ServerId="s-01234567890abcdef", UserName="ann")["User"]
    assert changed["HomeDirectory"] == "/corp/ann" and changed["Tags"] == [] and changed["Policy"] == POLICY


def test_an_endpoint_with_addresses_comes_from_the_managed_service(new, tmp_path):
    details = {"VpcId": "vpc-0123456789abcdef0", "SubnetIds": ["subnet-1", "subnet-2"],
               "AddressAllocationIds": ["eipalloc-1", "eipalloc-2"]}
    file = tmp_path / "answers"
    file.write_text(json.dumps({"Server": {
        **SERVER["Server"], "State": "ONLINE", "EndpointType": "VPC",
        "EndpointDetails": {**details, "VpcEndpointId": "vpce-0123456789abcdef0"}}}) + '{"SecurityPolicyNames": []}')
    for outcome in ("made", "same"):
        assert outcomes(new.cli("import", str(file), "--json")) == {"Server s-01234567890abcdef": outcome}
    new.wait_state("s-01234567890abcdef", "ONLINE")
    shown = new.client("transfer").describe_server(ServerId="s-01234567890abcdef")["Server"]["EndpointDetails"]
    assert shown.pop("VpcEndpointId") != "vpce-0123456789abcdef0"
    assert shown == details


@pytest.mark.parametrize("text", ["", "[", '{"Server": 1}', '{"Policy": {}}', '{"Server": {"ServerId": "../x"}}',
                                  '{"Server": {"ServerId": "s-01234567890abcdef", "Protocols": [1]}}',
                                  '{"Role": {"RoleName": "a/b"}}',
                                  '{"Role": {"RoleName": "a", "AssumeRolePolicyDocument": "{}"}}',
                                  '{"User": {"UserName": "ann"}}'])
def test_nonsense_is_refused_and_changes_nothing(new, tmp_path, text):
    file = tmp_path / "nonsense"
    file.write_text(text)
    before = new.cli("export", "-").stdout.splitlines()[1:]
    refused = new.cli("import", str(file), check=False)
    assert refused.returncode == 1, refused.stdout
    assert new.cli("export", "-").stdout.splitlines()[1:] == before


def test_one_that_is_refused_does_not_stop_the_others(new, tmp_path):
    key = new_key(tmp_path)
    file = tmp_path / "answers"
    file.write_text(json.dumps(user(key, UserName="root")) + json.dumps(user(key)) + json.dumps(SERVER))
    done = new.cli("import", str(file), "--json", check=False)
    assert done.returncode == 1
    assert sorted(outcomes(done).values()) == ["made", "made", "refused"]


def planned_as_done(plan, done):
    """What came of an import is what its dry run said."""
    planned, came = json.loads(plan.stdout), json.loads(done.stdout)
    for one in came:
        if one["Outcome"] in ("made", "changed"):
            one["Outcome"] = "would be " + one["Outcome"]
    return plan.returncode == done.returncode and planned == came


def test_dry_run_says_what_is_refused_and_touches_nothing(new, tmp_path):
    key, transfer = new_key(tmp_path), new.client("transfer")
    here = new.server()
    profile = {"ProfileId": "p-01234567890abcdef", "ProfileType": "LOCAL", "As2Id": "us"}
    file = tmp_path / "answers"
    file.write_text("".join(json.dumps(one) for one in (
        SERVER, user(key), {**user(key), "ServerId": "s-0000000000000000a"}, {"Profile": profile},
        {"Agreement": {"AgreementId": "a-01234567890abcdef", "ServerId": SERVER["Server"]["ServerId"],
                       "LocalProfileId": profile["ProfileId"], "PartnerProfileId": "p-0000000000000000a",
                       "BaseDirectory": "/b", "AccessRole": "arn:aws:iam::123456789012:role/transfer"}},
        {"Server": {"ServerId": here, "Domain": "S3", "State": "OFFLINE"}})))
    before, listening = new.cli("export", "-").stdout.splitlines()[1:], new.cli("endpoints", "--json").stdout
    plan = new.cli("import", str(file), "--dry-run", "--json", check=False)
    assert plan.returncode == 1
    told = {one["Resource"]: (one["Outcome"], one.get("Text", "")) for one in json.loads(plan.stdout)}
    assert told == {
        "Server s-01234567890abcdef": ("would be made", ""), f"Server {here}": ("would be changed", ""),
        "User ann of s-01234567890abcdef": ("would be made", ""),
        "User ann of s-0000000000000000a": ("refused", "Unknown server"),
        "Profile p-01234567890abcdef": ("would be made", ""),
        "Agreement a-01234567890abcdef of s-01234567890abcdef": ("refused", "Unknown profile")}
    assert new.cli("export", "-").stdout.splitlines()[1:] == before
    assert new.cli("endpoints", "--json").stdout == listening
    assert transfer.describe_server(ServerId=here)["Server"]["State"] == "ONLINE"

    assert planned_as_done(plan, new.cli("import", str(file), "--json", check=False))
    new.wait_state(here, "OFFLINE")


def test_dry_run_counts_what_quotas_count(binary, tmp_path):
    with Sallyport(binary, tmp_path / "data", settings={"limits.workflows": 2}) as node:
        steps = [{"Type": "DELETE", "DeleteStepDetails": {"Name": "gone"}}]
        node.client("transfer").create_workflow(Steps=steps)
        file = tmp_path / "answers"
        file.write_text("".join(json.dumps({"Workflow": {"WorkflowId": f"w-0123456789abcdef{n}", "Steps": steps}})
                                for n in range(3)))
        plan = node.cli("import", str(file), "--dry-run", "--json", check=False)
        told = [(one["Outcome"], one.get("Text", "")) for one in json.loads(plan.stdout)]
        quota = "Cannot exceed quota for WorkflowsPerAccount: 2"
        assert told == [("would be made", ""), ("refused", quota), ("refused", quota)]
        assert len(node.client("transfer").list_workflows()["Workflows"]) == 1
        assert planned_as_done(plan, node.cli("import", str(file), "--json", check=False))


def test_domain_of_a_server_cannot_be_changed_by_an_import(new, tmp_path):
    file = tmp_path / "answers"
    file.write_text(json.dumps(SERVER))
    new.cli("import", str(file))
    file.write_text(json.dumps({"Server": {**SERVER["Server"], "Domain": "EFS"}}))
    refused = new.cli("import", str(file), check=False)
    assert refused.returncode == 1 and "cannot be changed once it is made: Domain" in refused.stdout


def test_lost_connection_leaves_the_old_file(old, tmp_path):
    file = tmp_path / "backup"
    file.write_text("the last one")
    old.kill()
    refused = old.cli("backup", str(file), check=False)
    assert refused.returncode == 1 and file.read_text() == "the last one"
    old.start()
    with pytest.raises(botocore.exceptions.ClientError):
        old.client("transfer").describe_server(ServerId="s-01234567890abcdef")
