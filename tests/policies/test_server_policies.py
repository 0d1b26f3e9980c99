"""Every security policy of servers: what is listed is offered, in order, and OpenSSH's client works with it."""

import json
import subprocess

import pytest
from botocore.exceptions import ClientError

from support.kexinit import offered
from support.sftp_client import SftpClient
from support.sshkeys import new_key

SERVER_POLICIES = [
    "2018-11", "2020-06", "2022-03", "2023-05", "2024-01", "2025-03", "AS2Restricted-2025-07", "FIPS-2020-06",
    "FIPS-2023-05", "FIPS-2024-01", "FIPS-2024-05", "FIPS-2025-03", "Restricted-2018-11", "Restricted-2020-06",
    "Restricted-2024-06", "SshAuditCompliant-2025-02",
]
NAMES = ["TransferSecurityPolicy-" + name for name in SERVER_POLICIES]
# Names that end so take SHA-1 signatures too.
WITH_SSH_RSA = ("2018-11", "2020-06", "FIPS-2023-05", "FIPS-2024-01")
# What OpenSSL before 3.5 does not have.
ML_KEM = {"mlkem768x25519-sha256", "mlkem768nistp256-sha256", "mlkem1024nistp384-sha384"}


@pytest.fixture(scope="module")
def site(sallyport, tmp_path_factory):
    folder = tmp_path_factory.mktemp("policies")
    key = new_key(folder)
    server = sallyport.server()
    bucket = sallyport.user(server, key)
    address, port = sallyport.endpoint(server)
    return {"server": server, "bucket": bucket, "key": key, "at": (address, port), "folder": folder}


def describe(sallyport, name):
    return sallyport.client("transfer").describe_security_policy(SecurityPolicyName=name)["SecurityPolicy"]


def wanted(policy):
    return {"kex": [k for k in policy["SshKexs"] if k not in ML_KEM] + ["kex-strict-s-v00@openssh.com"],
            "ciphers_in": policy["SshCiphers"], "ciphers_out": policy["SshCiphers"],
            "macs_in": policy["SshMacs"], "macs_out": policy["SshMacs"]}


def use(sallyport, site, name):
    """Sets the policy; returns what new connections see."""
    sallyport.client("transfer").update_server(ServerId=site["server"], SecurityPolicyName=name)
    seen = offered(*site["at"])
    policy = describe(sallyport, name)
    assert {field: seen[field] for field in wanted(policy)} == wanted(policy)
    assert ("ssh-rsa" in seen["host_keys"]) == name.endswith(WITH_SSH_RSA)
    return seen


def test_all_policies_are_listed(sallyport):
    listed = sallyport.client("transfer").list_security_policies()["SecurityPolicyNames"]
    assert set(NAMES) <= set(listed)
    assert {"TransferSFTPConnectorSecurityPolicy-2023-07", "TransferSFTPConnectorSecurityPolicy-2024-03",
            "TransferSFTPConnectorSecurityPolicy-FIPS-2024-10"} == set(listed) - set(NAMES)


def test_they_are_listed_in_pages(sallyport):
    transfer = sallyport.client("transfer")
    pages = list(transfer.get_paginator("list_security_policies").paginate(PaginationConfig={"PageSize": 5}))
    assert len(pages) == 4
    assert sum((page["SecurityPolicyNames"] for page in pages), []) == \
        transfer.list_security_policies()["SecurityPolicyNames"]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_policy_lists_is_offered_and_works(sallyport, site, name):
    seen = use(sallyport, site, name)
    assert {"rsa-sha2-256", "rsa-sha2-512", "ecdsa-sha2-nistp256", "ssh-ed25519"} == set(seen["host_keys"]) - {"ssh-rsa"}
    client = SftpClient(*site["at"], "ann", site["key"])
    local = site["folder"] / "file"
    local.write_bytes(name.encode() * 5000)
    client.must(f"put {local} {name}", f"get {name} {local}.back")
    assert (site["folder"] / "file.back").read_bytes() == local.read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_ssh_audit_sees_what_the_policy_lists(sallyport, site, name):
    use(sallyport, site, name)
    address, port = site["at"]
    done = subprocess.run(["ssh-audit", "--json", "-p", str(port), address], capture_output=True, text=True, timeout=120)
    report, policy = json.loads(done.stdout), describe(sallyport, name)
    kex = [one["algorithm"] for one in report["kex"]]
    assert kex == wanted(policy)["kex"]
    assert report["enc"] == policy["SshCiphers"] and report["mac"] == policy["SshMacs"]
    assert all(one.get("keysize", 2048) >= 2048 for one in report["kex"] + report["key"])


def test_a_change_is_in_force_once_it_is_answered(sallyport, site):
    for number in range(40):
        name = ("TransferSecurityPolicy-2018-11", "TransferSecurityPolicy-2025-03")[number % 2]
        sallyport.client("transfer").update_server(ServerId=site["server"], SecurityPolicyName=name)
        has_sha1 = "diffie-hellman-group14-sha1" in offered(*site["at"])["kex"]
        assert has_sha1 == name.endswith("2018-11"), f"change {number}"


def test_a_client_of_another_age_is_refused_and_the_log_names_what_it_offered(sallyport, site):
    use(sallyport, site, "TransferSecurityPolicy-2024-01")
    client = SftpClient(*site["at"], "ann", site["key"])
    for option, value in (("KexAlgorithms", "diffie-hellman-group14-sha256"), ("Ciphers", "chacha20-poly1305@openssh.com"),
                          ("Ciphers", "aes128-cbc")):
        refused = client.batch("ls", options={option: value, "LogLevel": "INFO"})
        assert not refused.ok and "no matching" in refused.stderr, refused
    macs = client.batch("ls", options={"Ciphers": "aes128-ctr", "MACs": "umac-64@openssh.com,hmac-sha1",
                                      "LogLevel": "INFO"})
    assert not macs.ok and "no matching MAC" in macs.stderr
    sallyport.wait_events(site["server"], lambda events: any(
        event["activity-type"] == "KEX_FAILURE" and "umac-64@openssh.com,hmac-sha1" in json.dumps(event)
        for _, event in events))


@pytest.mark.parametrize("option,values", [
    ("MACs", ["umac-64@openssh.com", "umac-128@openssh.com", "umac-64-etm@openssh.com", "umac-128-etm@openssh.com",
              "hmac-sha1", "hmac-sha1-etm@openssh.com"]),
    ("KexAlgorithms", ["diffie-hellman-group-exchange-sha256", "diffie-hellman-group14-sha1"]),
    ("HostKeyAlgorithms", ["ssh-rsa"]),
])
def test_the_oldest_policy_serves_the_oldest_algorithms(sallyport, site, option, values):
    use(sallyport, site, "TransferSecurityPolicy-2018-11")
    client = SftpClient(*site["at"], "ann", site["key"], {"Ciphers": "aes128-ctr"})
    for value in values:
        client.must("ls", options={option: value})


def test_users_sign_with_sha1_only_where_the_policy_has_it(sallyport, site):
    key = new_key(site["folder"], "rsa2048")
    sallyport.call("ImportSshPublicKey", ServerId=site["server"], UserName="ann", SshPublicKeyBody=key.public_text)
    only_sha1 = {"PubkeyAcceptedAlgorithms": "ssh-rsa"}
    use(sallyport, site, "TransferSecurityPolicy-FIPS-2024-01")
    client = SftpClient(*site["at"], "ann", key)
    client.must("ls", options=only_sha1)
    use(sallyport, site, "TransferSecurityPolicy-FIPS-2024-05")
    refused = client.batch("ls", options=only_sha1)
    assert not refused.ok and "Permission denied" in refused.stderr
    client.must("ls")


def test_unknown_and_connector_policies_are_refused_for_servers(sallyport, site):
    transfer = sallyport.client("transfer")
    for name in ("TransferSecurityPolicy-1999-01", "TransferSFTPConnectorSecurityPolicy-2024-03"):
        with pytest.raises(ClientError) as refused:
            transfer.update_server(ServerId=site["server"], SecurityPolicyName=name)
        assert refused.value.response["Error"]["Code"] in ("InvalidRequestException", "ValidationException")
    with pytest.raises(ClientError) as unknown:
        transfer.describe_security_policy(SecurityPolicyName="TransferSecurityPolicy-1999-01")
    assert unknown.value.response["Error"]["Code"] == "ResourceNotFoundException"
