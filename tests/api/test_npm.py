"""The newest AWS SDK for JavaScript drives all operations: each is answered once and refused once, with the client's
own exception classes, and its paginators and waiters come to their ends."""

import datetime
import pathlib

import pytest

from support.node_sdk import NodeError, NodeSdk
from support.sallyport import ACCESS_KEY, SECRET_KEY, Sallyport
from support.sshkeys import make_key

from . import page as api_page
from .golden import model
from .helpers import ROLE

GROUP = "S-1-1-12-1234567890-123456789-1234567890-1234"
EXECUTION = "11111111-2222-3333-4444-555555555555"
NOWHERE = {"ServerId": "s-00000000000000000"}
STEPS = [{"Type": "DELETE", "DeleteStepDetails": {"Name": "gone"}}]
CENTER = {"IdentityCenterConfig": {"InstanceArn": "arn:aws:sso:::instance/ssoins-0123456789abcdef", "Role": ROLE}}


def sdk_of(instance, access_key=ACCESS_KEY, secret_key=SECRET_KEY):
    return NodeSdk(instance.api_url, access_key, secret_key, service="transfer").session()


@pytest.fixture(scope="module")
def sdk(sallyport):
    with sdk_of(sallyport) as session:
        yield session


@pytest.fixture(scope="module")
def operations(sdk):
    """All that this version of the SDK knows."""
    return {name.removesuffix("Command") for name in sdk.exports() if name.endswith("Command") and name != "$Command"}


class refused:
    """`with refused("ConflictException", "text"):` expects an instance of that class of the SDK."""

    def __init__(self, kind, text=""):
        self.kind, self.text = kind, text

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if kind is None:
            pytest.fail(f"{self.kind} was expected")
        if not isinstance(error, NodeError):
            return False
        assert self.kind in error.classes and "TransferServiceException" in error.classes, error
        assert self.text in error.message, error
        self.error = error
        return True


def unavailable(operation):
    """Expects that the operation checked all it was asked, and says what is not there yet."""
    what, _ = api_page.not_there()[operation]
    return refused("ServiceUnavailableException", f"{operation} is not available in this version: {what}.")


def test_servers_and_their_tags(sdk):
    server = sdk.call("CreateServer", Protocols=["SFTP"], Tags=[{"Key": "team", "Value": "blue"}])["ServerId"]
    assert sdk.wait("waitUntilServerOnline", ServerId=server) == "SUCCESS"
    sdk.call("UpdateServer", ServerId=server, PreAuthenticationLoginBanner="welcome")
    shown = sdk.call("DescribeServer", ServerId=server)["Server"]
    assert (shown["PreAuthenticationLoginBanner"], shown["State"]) == ("welcome", "ONLINE")
    assert server in [one["ServerId"] for one in sdk.call("ListServers")["Servers"]]
    sdk.call("TagResource", Arn=shown["Arn"], Tags=[{"Key": "a", "Value": "b"}])
    sdk.call("UntagResource", Arn=shown["Arn"], TagKeys=["team"])
    assert sdk.call("ListTagsForResource", Arn=shown["Arn"])["Tags"] == [{"Key": "a", "Value": "b"}]
    sdk.call("StopServer", ServerId=server)
    assert sdk.wait("waitUntilServerOffline", ServerId=server) == "SUCCESS"
    sdk.call("StartServer", ServerId=server)
    assert sdk.wait("waitUntilServerOnline", ServerId=server) == "SUCCESS"
    assert sdk.call("DeleteServer", ServerId=server) == {"status": 200}
    with refused("ResourceNotFoundException", "Unknown server") as gone:
        sdk.call("DescribeServer", ServerId=server)
    assert gone.error.members == {"Resource": server, "ResourceType": "Server"}


def test_users_and_host_keys(sdk, tmp_path):
    server = sdk.call("CreateServer")["ServerId"]
    key, other, host = (make_key(tmp_path, kind) for kind in ("ed25519", "ecdsa256", "rsa2048"))
    sdk.call("CreateUser", ServerId=server, UserName="ann", Role=ROLE, HomeDirectory="/bucket/ann",
             SshPublicKeyBody=key.public_text)
    imported = sdk.call("ImportSshPublicKey", ServerId=server, UserName="ann", SshPublicKeyBody=other.public_text)
    sdk.call("DeleteSshPublicKey", ServerId=server, UserName="ann", SshPublicKeyId=imported["SshPublicKeyId"])
    sdk.call("UpdateUser", ServerId=server, UserName="ann", HomeDirectory="/bucket/other")
    user = sdk.call("DescribeUser", ServerId=server, UserName="ann")["User"]
    assert user["HomeDirectory"] == "/bucket/other"
    assert [one["SshPublicKeyBody"] for one in user["SshPublicKeys"]] == [key.public_text]
    assert user["SshPublicKeys"][0]["DateImported"].startswith("20")  # The SDK made a Date of it.
    assert [one["UserName"] for one in sdk.call("ListUsers", ServerId=server)["Users"]] == ["ann"]
    sdk.call("DeleteUser", ServerId=server, UserName="ann")

    made = sdk.call("ImportHostKey", ServerId=server, HostKeyBody=host.path.read_text(), Description="old")["HostKeyId"]
    sdk.call("UpdateHostKey", ServerId=server, HostKeyId=made, Description="new")
    shown = sdk.call("DescribeHostKey", ServerId=server, HostKeyId=made)["HostKey"]
    assert (shown["Type"], shown["Description"]) == ("ssh-rsa", "new")
    assert shown["HostKeyFingerprint"].rstrip("=") == host.fingerprint
    assert made in [one["HostKeyId"] for one in sdk.call("ListHostKeys", ServerId=server)["HostKeys"]]
    sdk.call("DeleteHostKey", ServerId=server, HostKeyId=made)
    sdk.call("DeleteServer", ServerId=server)


def test_what_a_directory_server_has(sdk):
    server = sdk.call("CreateServer", IdentityProviderType="AWS_DIRECTORY_SERVICE",
                      IdentityProviderDetails={"DirectoryId": "d-0123456789"})["ServerId"]
    sdk.call("CreateAccess", ServerId=server, ExternalId=GROUP, Role=ROLE, HomeDirectory="/bucket")
    sdk.call("UpdateAccess", ServerId=server, ExternalId=GROUP, HomeDirectory="/bucket/group")
    assert sdk.call("DescribeAccess", ServerId=server, ExternalId=GROUP)["Access"]["HomeDirectory"] == "/bucket/group"
    assert [one["ExternalId"] for one in sdk.call("ListAccesses", ServerId=server)["Accesses"]] == [GROUP]
    with unavailable("TestIdentityProvider"):
        sdk.call("TestIdentityProvider", ServerId=server, UserName="ann", UserPassword="secret")
    sdk.call("DeleteAccess", ServerId=server, ExternalId=GROUP)


def test_workflows(sdk):
    workflow = sdk.call("CreateWorkflow", Steps=STEPS, Description="first of all")["WorkflowId"]
    assert sdk.call("DescribeWorkflow", WorkflowId=workflow)["Workflow"]["Steps"] == STEPS
    assert workflow in [one["WorkflowId"] for one in sdk.call("ListWorkflows")["Workflows"]]
    assert sdk.call("ListExecutions", WorkflowId=workflow)["Executions"] == []
    with refused("ResourceNotFoundException", "Unknown execution"):  # Workflows are not run: there is never one.
        sdk.call("DescribeExecution", WorkflowId=workflow, ExecutionId=EXECUTION)
    with refused("ResourceNotFoundException", "Unknown execution"):
        sdk.call("SendWorkflowStepState", WorkflowId=workflow, ExecutionId=EXECUTION, Token="abc", Status="SUCCESS")
    sdk.call("DeleteWorkflow", WorkflowId=workflow)


def test_what_as2_needs(sdk, certificate):
    local = sdk.call("CreateProfile", As2Id="us", ProfileType="LOCAL")["ProfileId"]
    partner = sdk.call("CreateProfile", As2Id="them", ProfileType="PARTNER")["ProfileId"]
    until = (datetime.datetime.utcnow() + datetime.timedelta(days=20)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    own = sdk.call("ImportCertificate", Usage="SIGNING", Certificate=certificate[0], PrivateKey=certificate[1],
                   Description="ours")["CertificateId"]
    sdk.call("UpdateCertificate", CertificateId=own, InactiveDate={"date": until}, Description="mine")
    shown = sdk.call("DescribeCertificate", CertificateId=own)["Certificate"]
    assert (shown["Description"], shown["InactiveDate"]) == ("mine", until)
    assert own in [one["CertificateId"] for one in sdk.call("ListCertificates")["Certificates"]]
    sdk.call("UpdateProfile", ProfileId=local, CertificateIds=[own])
    assert sdk.call("DescribeProfile", ProfileId=local)["Profile"]["CertificateIds"] == [own]
    assert partner in [one["ProfileId"] for one in sdk.call("ListProfiles", ProfileType="PARTNER")["Profiles"]]

    server = sdk.call("CreateServer")["ServerId"]
    agreement = sdk.call("CreateAgreement", ServerId=server, LocalProfileId=local, PartnerProfileId=partner,
                         BaseDirectory="/bucket", AccessRole=ROLE)["AgreementId"]
    sdk.call("UpdateAgreement", ServerId=server, AgreementId=agreement, Status="INACTIVE")
    shown = sdk.call("DescribeAgreement", ServerId=server, AgreementId=agreement)["Agreement"]
    assert (shown["Status"], shown["PartnerProfileId"]) == ("INACTIVE", partner)
    assert [one["AgreementId"] for one in sdk.call("ListAgreements", ServerId=server)["Agreements"]] == [agreement]
    with refused("InvalidRequestException", "Profile is still in use by agreement " + agreement):
        sdk.call("DeleteProfile", ProfileId=partner)
    sdk.call("DeleteAgreement", ServerId=server, AgreementId=agreement)
    for profile in (local, partner):
        sdk.call("DeleteProfile", ProfileId=profile)
    sdk.call("DeleteCertificate", CertificateId=own)


def test_connectors(sdk):
    config = {"UserSecretId": "secret", "OrderedUserSecretVersionStages": ["AWSCURRENT", "AWSPREVIOUS"]}
    made = sdk.call("CreateConnector", Url="sftp://partner.example.com", AccessRole=ROLE,
                    SftpConfig=config)["ConnectorId"]
    shown = sdk.call("DescribeConnector", ConnectorId=made)["Connector"]["SftpConfig"]
    assert shown == {**config, "MaxConcurrentConnections": 1}
    sdk.call("UpdateConnector", ConnectorId=made, Url="sftp://other.example.com")
    assert sdk.call("DescribeConnector", ConnectorId=made)["Connector"]["Url"] == "sftp://other.example.com"
    assert made in [one["ConnectorId"] for one in sdk.call("ListConnectors")["Connectors"]]
    with unavailable("StartFileTransfer"):
        sdk.call("StartFileTransfer", ConnectorId=made, SendFilePaths=["/bucket/a"])
    with unavailable("StartDirectoryListing"):
        sdk.call("StartDirectoryListing", ConnectorId=made, RemoteDirectoryPath="/out", OutputDirectoryPath="/bucket")
    with unavailable("StartRemoteDelete"):
        sdk.call("StartRemoteDelete", ConnectorId=made, DeletePath="/a")
    with unavailable("StartRemoteMove"):
        sdk.call("StartRemoteMove", ConnectorId=made, SourcePath="/a", TargetPath="/b")
    with unavailable("TestConnection"):
        sdk.call("TestConnection", ConnectorId=made)
    with refused("ResourceNotFoundException", "Unknown transfer"):  # There is never one.
        sdk.call("ListFileTransferResults", ConnectorId=made, TransferId="t-1")
    sdk.call("DeleteConnector", ConnectorId=made)


def test_web_apps(sdk):
    made = sdk.call("CreateWebApp", IdentityProviderDetails=CENTER)["WebAppId"]
    sdk.call("UpdateWebApp", WebAppId=made, WebAppUnits={"Provisioned": 2})
    assert sdk.call("DescribeWebApp", WebAppId=made)["WebApp"]["WebAppUnits"] == {"Provisioned": 2}
    assert made in [one["WebAppId"] for one in sdk.call("ListWebApps")["WebApps"]]
    sdk.call("UpdateWebAppCustomization", WebAppId=made, Title="Files", LogoFile={"bytes": "bG9nbw=="})
    shown = sdk.call("DescribeWebAppCustomization", WebAppId=made)["WebAppCustomization"]
    assert (shown["Title"], shown["LogoFile"]) == ("Files", "bG9nbw==")
    sdk.call("DeleteWebAppCustomization", WebAppId=made)
    sdk.call("DeleteWebApp", WebAppId=made)


def test_security_policies(sdk):
    names = sdk.call("ListSecurityPolicies")["SecurityPolicyNames"]
    shown = sdk.call("DescribeSecurityPolicy", SecurityPolicyName=names[0])["SecurityPolicy"]
    assert shown["SecurityPolicyName"] == names[0] and shown["SshCiphers"]


def test_every_member_that_the_sdk_knows_is_in_the_model(sdk):
    shapes, structures = model()["shapes"], sdk.structures()
    assert "VpcLattice" in structures["ConnectorEgressConfig"] and "Tags" in structures["CreateServerRequest"]
    # What the model does not have is passed over without a word.
    assert [f"{name}.{member}" for name, members in structures.items() for member in members
            if member not in shapes.get(name, {}).get("members", {})] == []


def test_every_operation_of_the_sdk_is_called_above(operations):
    assert api_page.python_calls(pathlib.Path(__file__).read_text(), operations) == operations


INVALID, MISSING, EXISTS = "InvalidRequestException", "ResourceNotFoundException", "ResourceExistsException"
TOKEN = "InvalidNextTokenException"
APP = {"WebAppId": "webapp-00000000000000000"}
WORKFLOW = {"WorkflowId": "w-00000000000000000"}
CONNECTOR = {"ConnectorId": "c-00000000000000000"}
PROFILE = {"ProfileId": "p-00000000000000000"}
CERTIFICATE = {"CertificateId": "cert-00000000000000000"}
HOST_KEY = {**NOWHERE, "HostKeyId": "hostkey-00000000000000000"}
AGREEMENT = {**NOWHERE, "AgreementId": "a-00000000000000000"}
USER = {**NOWHERE, "UserName": "ann"}
ACCESS = {**NOWHERE, "ExternalId": GROUP}
ARN = {"Arn": "arn:aws:transfer:us-east-1:000000000000:server/s-00000000000000000"}
BAD_TOKEN = {"NextToken": "nonsense"}

# Operation → what is sent, and what it is refused with.
REFUSED = {
    "CreateAccess": ({**ACCESS, "Role": ROLE}, MISSING, "Unknown server"),
    "CreateAgreement": ({**NOWHERE, "LocalProfileId": "p-00000000000000000", "PartnerProfileId": "p-00000000000000001",
                         "AccessRole": ROLE, "BaseDirectory": "/bucket"}, MISSING, "Unknown"),
    "CreateConnector": ({"AccessRole": ROLE, "Url": "sftp://a.example.com"}, INVALID, "SftpConfig"),
    "CreateProfile": ({"As2Id": "us", "ProfileType": "LOCAL", "CertificateIds": ["cert-00000000000000000"]},
                      MISSING, "Unknown certificate"),
    "CreateServer": ({"EndpointDetails": {"VpcId": "vpc-0123456789abcdef0"}}, INVALID,
                     "EndpointDetails invalid for PUBLIC endpoints"),
    "CreateUser": ({**USER, "Role": ROLE}, MISSING, "Unknown server"),
    "CreateWebApp": ({"IdentityProviderDetails": {}}, INVALID, "IdentityCenterConfig"),
    "CreateWorkflow": ({"Steps": [{"Type": "TAG", "DeleteStepDetails": {"Name": "gone"}}]}, INVALID,
                       "DeleteStepDetails unsupported for step type: TAG"),
    "DeleteAccess": (ACCESS, MISSING, "Unknown server"),
    "DeleteAgreement": (AGREEMENT, MISSING, "Unknown"),
    "DeleteCertificate": (CERTIFICATE, MISSING, "Unknown certificate"),
    "DeleteConnector": (CONNECTOR, MISSING, "Unknown connector"),
    "DeleteHostKey": (HOST_KEY, MISSING, "Unknown server"),
    "DeleteProfile": (PROFILE, MISSING, "Unknown profile"),
    "DeleteServer": (NOWHERE, MISSING, "Unknown server"),
    "DeleteSshPublicKey": ({**USER, "SshPublicKeyId": "key-00000000000000000"}, MISSING, "Unknown server"),
    "DeleteUser": (USER, MISSING, "Unknown server"),
    "DeleteWebApp": (APP, MISSING, "Unknown web app"),
    "DeleteWebAppCustomization": (APP, MISSING, "Unknown web app"),
    "DeleteWorkflow": (WORKFLOW, MISSING, "Unknown workflow"),
    "DescribeAccess": (ACCESS, MISSING, "Unknown server"),
    "DescribeAgreement": (AGREEMENT, MISSING, "Unknown"),
    "DescribeCertificate": (CERTIFICATE, MISSING, "Unknown certificate"),
    "DescribeConnector": (CONNECTOR, MISSING, "Unknown connector"),
    "DescribeExecution": ({**WORKFLOW, "ExecutionId": EXECUTION}, MISSING, "Unknown workflow"),
    "DescribeHostKey": (HOST_KEY, MISSING, "Unknown server"),
    "DescribeProfile": (PROFILE, MISSING, "Unknown profile"),
    "DescribeSecurityPolicy": ({"SecurityPolicyName": "TransferSecurityPolicy-1999-01"}, MISSING,
                               "Unknown security policy"),
    "DescribeServer": (NOWHERE, MISSING, "Unknown server"),
    "DescribeUser": (USER, MISSING, "Unknown server"),
    "DescribeWebApp": (APP, MISSING, "Unknown web app"),
    "DescribeWebAppCustomization": (APP, MISSING, "Unknown web app"),
    "DescribeWorkflow": (WORKFLOW, MISSING, "Unknown workflow"),
    "ImportCertificate": ({"Usage": "SIGNING", "Certificate": "none"}, INVALID, "ertificate"),
    "ImportHostKey": ({**NOWHERE, "HostKeyBody": "none"}, MISSING, "Unknown server"),
    "ImportSshPublicKey": ({**USER, "SshPublicKeyBody": "ssh-rsa AAAA"}, MISSING, "Unknown server"),
    "ListAccesses": (NOWHERE, MISSING, "Unknown server"),
    "ListAgreements": (NOWHERE, MISSING, "Unknown server"),
    "ListCertificates": (BAD_TOKEN, TOKEN, ""),
    "ListConnectors": (BAD_TOKEN, TOKEN, ""),
    "ListExecutions": (WORKFLOW, MISSING, "Unknown workflow"),
    "ListFileTransferResults": ({**CONNECTOR, "TransferId": "t-1"}, MISSING, "Unknown connector"),
    "ListHostKeys": (NOWHERE, MISSING, "Unknown server"),
    "ListProfiles": (BAD_TOKEN, TOKEN, ""),
    "ListSecurityPolicies": (BAD_TOKEN, TOKEN, ""),
    "ListServers": (BAD_TOKEN, TOKEN, ""),
    "ListTagsForResource": (ARN, INVALID, "Unknown server"),
    "ListUsers": (NOWHERE, MISSING, "Unknown server"),
    "ListWebApps": (BAD_TOKEN, TOKEN, ""),
    "ListWorkflows": (BAD_TOKEN, TOKEN, ""),
    "SendWorkflowStepState": ({**WORKFLOW, "ExecutionId": EXECUTION, "Token": "abc", "Status": "SUCCESS"}, MISSING,
                              "Unknown workflow"),
    "StartDirectoryListing": ({**CONNECTOR, "RemoteDirectoryPath": "/out", "OutputDirectoryPath": "/bucket"}, MISSING,
                              "Unknown connector"),
    "StartFileTransfer": ({**CONNECTOR, "SendFilePaths": ["/bucket/a"]}, MISSING, "Unknown connector"),
    "StartRemoteDelete": ({**CONNECTOR, "DeletePath": "/a"}, MISSING, "Unknown connector"),
    "StartRemoteMove": ({**CONNECTOR, "SourcePath": "/a", "TargetPath": "/b"}, MISSING, "Unknown connector"),
    "StartServer": (NOWHERE, MISSING, "Unknown server"),
    "StopServer": (NOWHERE, MISSING, "Unknown server"),
    "TagResource": ({**ARN, "Tags": [{"Key": "a", "Value": "b"}]}, MISSING, "Unknown server"),
    "TestConnection": (CONNECTOR, MISSING, "Unknown connector"),
    "TestIdentityProvider": (USER, MISSING, "Unknown server"),
    "UntagResource": ({**ARN, "TagKeys": ["a"]}, MISSING, "Unknown server"),
    "UpdateAccess": (ACCESS, MISSING, "Unknown server"),
    "UpdateAgreement": (AGREEMENT, MISSING, "Unknown"),
    "UpdateCertificate": (CERTIFICATE, MISSING, "Unknown certificate"),
    "UpdateConnector": (CONNECTOR, MISSING, "Unknown connector"),
    "UpdateHostKey": ({**HOST_KEY, "Description": "new"}, MISSING, "Unknown server"),
    "UpdateProfile": (PROFILE, MISSING, "Unknown profile"),
    "UpdateServer": (NOWHERE, MISSING, "Unknown server"),
    "UpdateUser": (USER, MISSING, "Unknown server"),
    "UpdateWebApp": (APP, MISSING, "Unknown web app"),
    "UpdateWebAppCustomization": (APP, MISSING, "Unknown web app"),
}


@pytest.mark.parametrize("operation", REFUSED)
def test_bad_input_is_refused_with_the_sdks_own_class(sdk, operation):
    members, kind, text = REFUSED[operation]
    with refused(kind, text) as refusal:
        sdk.call(operation, **members)
    assert (refusal.error.name, refusal.error.status) == (kind, 400)
    if kind == MISSING:
        assert refusal.error.members["Resource"] and refusal.error.members["ResourceType"]


def test_every_operation_of_the_sdk_is_refused_above(operations):
    assert set(REFUSED) == operations


# One or the other is a member of every operation, or is missing.
BROKEN = {"Arn": "", "CertificateId": "c", "ConnectorId": "", "MaxResults": 0, "ProfileId": "p", "Protocols": ["SCP"],
          "SecurityPolicyName": "", "ServerId": "x", "Steps": STEPS * 9, "WebAppId": "w", "WorkflowId": "w"}


def test_broken_constraints_are_told_by_every_operation(sdk, operations):
    for operation in sorted(operations):
        with refused("TransferServiceException", "failed to satisfy constraint") as refusal:
            sdk.call(operation, **BROKEN)
        assert (refusal.error.name, refusal.error.status) == ("ValidationException", 400), operation


def test_what_is_there_already_is_an_exception_of_its_own(sdk):
    server = sdk.call("CreateServer")["ServerId"]
    sdk.call("CreateUser", ServerId=server, UserName="ann", Role=ROLE)
    with refused(EXISTS, "User already exists") as twice:
        sdk.call("CreateUser", ServerId=server, UserName="ann", Role=ROLE)
    assert (twice.error.members["Resource"], twice.error.members["ResourceType"]) == ("ann", "User")


def test_callers_without_rights_get_an_access_denied_exception(sallyport):
    iam, name = sallyport.client("iam"), sallyport.name("guest")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    with sdk_of(sallyport, key["AccessKeyId"], key["SecretAccessKey"]) as guest:
        with refused("AccessDeniedException", "transfer:ListServers"):
            guest.call("ListServers")


def test_callers_that_ask_too_often_get_a_throttling_exception(binary, tmp_path):
    with Sallyport(binary, tmp_path / "data", settings={"api.rate": 1, "api.burst": 1}) as slow, sdk_of(slow) as sdk:
        with refused("ThrottlingException") as throttled:
            for _ in range(40):
                sdk.call("ListServers")
    assert int(throttled.error.members["RetryAfterSeconds"]) >= 1


@pytest.fixture(scope="module")
def plenty(sdk, sallyport, certificate):
    """What each paginator goes through: its operation's members, and the list it fills. At least two of each."""
    server = sdk.call("CreateServer")["ServerId"]
    directory = sdk.call("CreateServer", IdentityProviderType="AWS_DIRECTORY_SERVICE",
                         IdentityProviderDetails={"DirectoryId": "d-0123456789"})["ServerId"]
    profiles = {kind: [sdk.call("CreateProfile", As2Id=f"id-{n}", ProfileType=kind)["ProfileId"] for n in range(2)]
                for kind in ("LOCAL", "PARTNER")}
    for n in range(2):
        sdk.call("CreateUser", ServerId=server, UserName=f"user-{n}", Role=ROLE)
        sdk.call("CreateAccess", ServerId=directory, ExternalId=f"S-1-{n}", Role=ROLE)
        sdk.call("CreateAgreement", ServerId=server, LocalProfileId=profiles["LOCAL"][n], BaseDirectory="/bucket",
                 PartnerProfileId=profiles["PARTNER"][n], AccessRole=ROLE)
        sdk.call("CreateConnector", Url="sftp://partner.example.com", AccessRole=ROLE, SftpConfig={"UserSecretId": "s"})
        sdk.call("ImportCertificate", Usage="SIGNING", Certificate=certificate[0])
        sdk.call("CreateWebApp", IdentityProviderDetails=CENTER)
        workflow = sdk.call("CreateWorkflow", Steps=STEPS)["WorkflowId"]
    arn = sdk.call("DescribeServer", ServerId=server)["Server"]["Arn"]
    sdk.call("TagResource", Arn=arn, Tags=[{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}])
    return {
        "ListAccesses": ({"ServerId": directory}, "Accesses"), "ListAgreements": ({"ServerId": server}, "Agreements"),
        "ListCertificates": ({}, "Certificates"), "ListConnectors": ({}, "Connectors"),
        "ListExecutions": ({"WorkflowId": workflow}, "Executions"), "ListProfiles": ({}, "Profiles"),
        "ListSecurityPolicies": ({}, "SecurityPolicyNames"), "ListServers": ({}, "Servers"),
        "ListTagsForResource": ({"Arn": arn}, "Tags"), "ListUsers": ({"ServerId": server}, "Users"),
        "ListWebApps": ({}, "WebApps"), "ListWorkflows": ({}, "Workflows"),
    }


def test_paginators_see_everything_once(sdk, plenty):
    # There is never a transfer whose results could be listed.
    with refused(MISSING, "Unknown connector"):
        sdk.paginate("paginateListFileTransferResults", **CONNECTOR, TransferId="t-1")
    known = {name.removeprefix("paginate") for name in sdk.exports() if name.startswith("paginate")}
    assert set(plenty) | {"ListFileTransferResults"} == known
    for operation, (members, field) in plenty.items():
        whole = sdk.call(operation, **members)[field]
        pages = sdk.paginate("paginate" + operation, page_size=1, **members)
        assert [one for page in pages for one in page[field]] == whole, operation
        if operation != "ListExecutions":
            assert len(whole) >= 2 and all(len(page[field]) == 1 for page in pages), operation


def test_a_waiter_of_a_server_that_is_not_there_gives_up(sdk):
    assert {name for name in sdk.exports() if name.startswith("waitUntil")} == {
        "waitUntilServerOnline", "waitUntilServerOffline"}
    with pytest.raises(NodeError, match="TIMEOUT.*Unknown server"):
        sdk.wait("waitUntilServerOnline", seconds=2, **NOWHERE)
