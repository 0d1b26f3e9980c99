"""Resources beside servers and users as boto3 and the AWS command line drive them."""

import pytest

from support.sallyport import Sallyport

from .helpers import ROLE, aws, refused

GROUP = "S-1-1-12-1234567890-123456789-1234567890-1234"
NOT_THERE = "is not available in this version"


@pytest.fixture(scope="module")
def transfer(sallyport):
    return sallyport.client("transfer")


@pytest.fixture(scope="module")
def profiles(transfer):
    """Ours and a partner's."""
    return [transfer.create_profile(As2Id=kind.lower(), ProfileType=kind)["ProfileId"] for kind in ("LOCAL", "PARTNER")]


@pytest.fixture(scope="module")
def sftp_connector(sallyport):
    return sallyport.call("CreateConnector", Url="sftp://partner.example.com", AccessRole=ROLE,
                          SftpConfig={"UserSecretId": "secret"})["ConnectorId"]


def directory_server(transfer):
    return transfer.create_server(IdentityProviderType="AWS_DIRECTORY_SERVICE",
                                  IdentityProviderDetails={"DirectoryId": "d-0123456789"})["ServerId"]


def test_accesses_go_round(transfer):
    server = directory_server(transfer)
    mapping = [{"Entry": "/", "Target": "/bucket/${transfer:UserName}"}]
    transfer.create_access(ServerId=server, ExternalId=GROUP, Role=ROLE, HomeDirectory="/bucket")
    transfer.update_access(ServerId=server, ExternalId=GROUP, HomeDirectoryType="LOGICAL", HomeDirectoryMappings=mapping)
    assert transfer.describe_access(ServerId=server, ExternalId=GROUP)["Access"] == {
        "ExternalId": GROUP, "HomeDirectoryType": "LOGICAL", "HomeDirectoryMappings": mapping, "Role": ROLE}
    pages = transfer.get_paginator("list_accesses").paginate(ServerId=server, PaginationConfig={"PageSize": 1})
    assert [one["ExternalId"] for page in pages for one in page["Accesses"]] == [GROUP]
    with refused("InvalidRequestException", "Server has accesses"):
        transfer.delete_server(ServerId=server)
    transfer.delete_access(ServerId=server, ExternalId=GROUP)
    with refused("ResourceNotFoundException", "Unknown access"):
        transfer.describe_access(ServerId=server, ExternalId=GROUP)
    transfer.delete_server(ServerId=server)


def test_accesses_are_refused_where_the_server_manages_users(sallyport, transfer):
    with refused("InvalidRequestException", "Cannot list accesses on server with IdP type: SERVICE_MANAGED"):
        transfer.list_accesses(ServerId=sallyport.server())


def test_what_as2_needs_goes_round(sallyport, transfer, certificate, profiles):
    local, partner = profiles
    own = transfer.import_certificate(Usage="SIGNING", Certificate=certificate[0], PrivateKey=certificate[1])["CertificateId"]
    shown = transfer.describe_certificate(CertificateId=own)["Certificate"]
    assert (shown["Type"], shown["Status"]) == ("CERTIFICATE_WITH_PRIVATE_KEY", "ACTIVE")
    assert certificate[1] not in str(shown)
    transfer.update_certificate(CertificateId=own, Description="ours")
    transfer.update_profile(ProfileId=local, CertificateIds=[own])
    with refused("InvalidRequestException", "Certificate is still in use by profile " + local):
        transfer.delete_certificate(CertificateId=own)

    server = sallyport.server()
    agreement = transfer.create_agreement(ServerId=server, LocalProfileId=local, PartnerProfileId=partner,
                                          BaseDirectory="/bucket", AccessRole=ROLE)["AgreementId"]
    transfer.update_agreement(ServerId=server, AgreementId=agreement, Status="INACTIVE")
    assert transfer.describe_agreement(ServerId=server, AgreementId=agreement)["Agreement"]["Status"] == "INACTIVE"
    with refused("InvalidRequestException", "Profile is still in use by agreement " + agreement):
        transfer.delete_profile(ProfileId=partner)
    with refused("InvalidRequestException", "Server has agreements"):
        transfer.delete_server(ServerId=server)
    transfer.delete_agreement(ServerId=server, AgreementId=agreement)
    assert transfer.list_agreements(ServerId=server)["Agreements"] == []

    transfer.update_profile(ProfileId=local, CertificateIds=[])
    transfer.delete_certificate(CertificateId=own)
    assert own not in [one["CertificateId"] for one in transfer.list_certificates()["Certificates"]]
    assert [one["ProfileId"] for one in transfer.list_profiles(ProfileType="LOCAL")["Profiles"]] == [local]


def test_as2_connectors_go_round(transfer, profiles):
    config = {"LocalProfileId": profiles[0], "PartnerProfileId": profiles[1], "Compression": "ZLIB",
              "EncryptionAlgorithm": "AES256_CBC", "SigningAlgorithm": "SHA256", "MdnSigningAlgorithm": "DEFAULT",
              "MdnResponse": "SYNC"}
    made = transfer.create_connector(Url="https://partner.example.com", AccessRole=ROLE, As2Config=config)["ConnectorId"]
    transfer.update_connector(ConnectorId=made, Url="https://example.net")
    shown = transfer.describe_connector(ConnectorId=made)["Connector"]
    assert (shown["Url"], shown["As2Config"]) == ("https://example.net", config)
    assert made in [one["ConnectorId"] for one in transfer.list_connectors()["Connectors"]]
    with refused("ServiceUnavailableException", "StartFileTransfer " + NOT_THERE):
        transfer.start_file_transfer(ConnectorId=made, SendFilePaths=["/bucket/a"])
    transfer.delete_connector(ConnectorId=made)
    with refused("ResourceNotFoundException", "Unknown connector"):
        transfer.start_file_transfer(ConnectorId=made, SendFilePaths=["/bucket/a"])


def test_calls_without_a_data_plane_check_first_and_then_say_so(sallyport, transfer):
    server = directory_server(transfer)
    with refused("ServiceUnavailableException", "TestIdentityProvider " + NOT_THERE):
        transfer.test_identity_provider(ServerId=server, UserName="ann", UserPassword="secret")
    managed = sallyport.server()
    with refused("InvalidRequestException", managed + " not configured for external auth"):
        transfer.test_identity_provider(ServerId=managed, UserName="ann")
    steps = [{"Type": "DELETE", "DeleteStepDetails": {"Name": "gone"}}]
    workflow = transfer.create_workflow(Steps=steps)["WorkflowId"]
    execution = "11111111-2222-3333-4444-555555555555"
    with refused("ResourceNotFoundException", "Unknown execution"):
        transfer.send_workflow_step_state(WorkflowId=workflow, ExecutionId=execution, Token="abc", Status="SUCCESS")
    with refused("ResourceNotFoundException", "Unknown execution"):
        transfer.describe_execution(WorkflowId=workflow, ExecutionId=execution)


def test_a_server_in_a_vpc_gets_an_endpoint(transfer):
    details = {"VpcId": "vpc-0123456789abcdef0", "SubnetIds": ["subnet-1"]}
    server = transfer.create_server(EndpointType="VPC", EndpointDetails=details)["ServerId"]
    shown = transfer.describe_server(ServerId=server)["Server"]["EndpointDetails"]
    assert shown.pop("VpcEndpointId").startswith("vpce-")
    assert shown == details
    with refused("InvalidRequestException", "EndpointType VPC_ENDPOINT has not been available for new servers"):
        transfer.create_server(EndpointType="VPC_ENDPOINT", EndpointDetails={"VpcEndpointId": "vpce-0123456789abcdef0"})


def test_web_apps_go_round(sallyport):
    call = sallyport.call
    center = {"InstanceArn": "arn:aws:sso:::instance/ssoins-0123456789abcdef", "Role": ROLE}
    app = call("CreateWebApp", IdentityProviderDetails={"IdentityCenterConfig": center})["WebAppId"]
    call("UpdateWebApp", WebAppId=app, WebAppUnits={"Provisioned": 2})
    shown = call("DescribeWebApp", WebAppId=app)["WebApp"]
    assert shown["WebAppUnits"] == {"Provisioned": 2} and shown["WebAppEndpoint"].startswith(f"https://{app}.")
    call("UpdateWebAppCustomization", WebAppId=app, Title="Files", LogoFile="bG9nbw==")
    assert call("DescribeWebAppCustomization", WebAppId=app)["WebAppCustomization"]["LogoFile"] == "bG9nbw=="
    call("DeleteWebAppCustomization", WebAppId=app)
    with pytest.raises(AssertionError, match="Unknown web app customization"):
        call("DescribeWebAppCustomization", WebAppId=app)
    assert [one["WebAppId"] for one in call("ListWebApps")["WebApps"]] == [app]
    call("DeleteWebApp", WebAppId=app)
    with pytest.raises(AssertionError, match="Unknown web app"):
        call("DescribeWebApp", WebAppId=app)


def test_calls_that_boto3_does_not_know_say_what_is_not_there(sallyport, sftp_connector):
    with pytest.raises(AssertionError, match="400.*LocalDirectoryPath required with RetrieveFilePaths"):
        sallyport.call("StartFileTransfer", ConnectorId=sftp_connector, RetrieveFilePaths=["/a"])
    for operation, members in {"StartDirectoryListing": {"RemoteDirectoryPath": "/out", "OutputDirectoryPath": "/bucket"},
                               "StartRemoteDelete": {"DeletePath": "/a"},
                               "StartRemoteMove": {"SourcePath": "/a", "TargetPath": "/b"},
                               "TestConnection": {}}.items():
        with pytest.raises(AssertionError, match=f"500.*{operation} {NOT_THERE}: connectors do not reach partners"):
            sallyport.call(operation, ConnectorId=sftp_connector, **members)
    with pytest.raises(AssertionError, match="Unknown transfer"):
        sallyport.call("ListFileTransferResults", ConnectorId=sftp_connector, TransferId="t-1")


def test_endpoints_show_the_custom_host_name(sallyport, transfer):
    tags = [{"Key": "aws:transfer:customHostname", "Value": "files.example.com"},
            {"Key": "transfer:route53HostedZoneId", "Value": "/hostedzone/Z0EXAMPLE"}]
    server = transfer.create_server(Tags=tags)["ServerId"]
    assert transfer.describe_server(ServerId=server)["Server"]["Tags"] == tags
    sallyport.wait_state(server, "ONLINE")
    line = next(one for one in sallyport.cli("endpoints").stdout.splitlines() if server in one)
    assert "for files.example.com" in line


def test_quotas_are_settings(binary, tmp_path):
    with Sallyport(binary, tmp_path / "data", settings={"limits.workflows": 1}) as running:
        transfer = running.client("transfer")
        steps = [{"Type": "DELETE", "DeleteStepDetails": {"Name": "gone"}}]
        transfer.create_workflow(Steps=steps)
        with refused("InvalidRequestException", "Cannot exceed quota for WorkflowsPerAccount: 1"):
            transfer.create_workflow(Steps=steps)


def test_the_command_line_knows_them(sallyport, sftp_connector):
    assert aws(sallyport, "transfer", "describe-connector", "--connector-id", sftp_connector)["Connector"]["Url"]
    said = aws(sallyport, "transfer", "list-accesses", "--server-id", "s-00000000000000000", check=False)
    assert "ResourceNotFoundException" in said and "Unknown server" in said
