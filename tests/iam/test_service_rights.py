"""Rights on IAM, Transfer Family and the logs; PassRole."""

import json

import pytest

from support.iam_callers import allow, deny, document, make_user
from support.refusals import refused
from support.s3_tools import AwsCli
from support.sallyport import TRUST

ACCOUNT = "000000000000"
READER = allow(["transfer:List*", "transfer:Describe*"])


@pytest.fixture(scope="module")
def server(sallyport):
    return sallyport.server()


@pytest.fixture(scope="module")
def server_arn(server):
    return f"arn:aws:transfer:us-east-1:{ACCOUNT}:server/{server}"


def test_a_user_without_policies_may_nothing_on_transfer(user, server, server_arn):
    transfer = user().client("transfer")
    for call, action in ((transfer.list_servers, "transfer:ListServers"), (transfer.create_server, "transfer:CreateServer"),
                         (lambda: transfer.describe_server(ServerId=server), "transfer:DescribeServer"),
                         (lambda: transfer.stop_server(ServerId=server), "transfer:StopServer"),
                         (lambda: transfer.delete_server(ServerId=server), "transfer:DeleteServer"),
                         (lambda: transfer.list_tags_for_resource(Arn=server_arn), "transfer:ListTagsForResource")):
        with refused("AccessDeniedException", f"is not authorized to perform: {action}", 400):
            call()


def test_the_sentence_names_caller_action_resource_and_reason(user, server, server_arn):
    one = user()
    with refused("AccessDeniedException") as error:
        one.client("transfer").describe_server(ServerId=server)
    assert error.response["Error"]["Message"] == (
        f"User: {one.arn} is not authorized to perform: transfer:DescribeServer on resource: {server_arn} "
        "because no identity-based policy allows the transfer:DescribeServer action")
    with refused("AccessDeniedException", "with an explicit deny in an identity-based policy"):
        user(allow("*"), deny("transfer:*")).client("transfer").describe_server(ServerId=server)


def test_a_reader_reads_and_changes_nothing(user, server, sallyport):
    transfer = user(READER).client("transfer")
    assert server in [s["ServerId"] for s in transfer.list_servers()["Servers"]]
    assert transfer.describe_server(ServerId=server)["Server"]["State"] == "ONLINE"
    for call in (transfer.create_server, lambda: transfer.stop_server(ServerId=server),
                 lambda: transfer.update_server(ServerId=server, PreAuthenticationLoginBanner="x"),
                 lambda: transfer.tag_resource(Arn=transfer.describe_server(ServerId=server)["Server"]["Arn"],
                                               Tags=[{"Key": "a", "Value": "b"}])):
        with refused("AccessDeniedException"):
            call()
    assert sallyport.state(server) == "ONLINE"


def test_rights_can_name_one_server(user, server, server_arn, sallyport):
    other = sallyport.server(wait=False)
    transfer = user(allow("transfer:*", server_arn)).client("transfer")
    assert transfer.describe_server(ServerId=server)["Server"]["ServerId"] == server
    with refused("AccessDeniedException", other):
        transfer.describe_server(ServerId=other)
    with refused("AccessDeniedException", "transfer:ListServers"):
        transfer.list_servers()


def test_what_is_not_there_is_not_told_to_who_may_not_ask(user, server):
    with refused("AccessDeniedException"):
        user().client("transfer").describe_server(ServerId="s-00000000000000000")
    with refused("ResourceNotFoundException"):
        user(READER).client("transfer").describe_server(ServerId="s-00000000000000000")


def test_giving_a_role_to_a_user_needs_the_right_to_pass_it(iam, user, server, role, bucket):
    passed, other = role(TRUST, allow("s3:*")), role(TRUST)
    managing = allow(["transfer:CreateUser", "transfer:UpdateUser", "transfer:DescribeUser"])

    def create(person, name, arn=passed):
        return person.client("transfer").create_user(ServerId=server, UserName=name, Role=arn, HomeDirectory=f"/{bucket}")

    nobody = user(managing)
    with refused("AccessDeniedException", f"User: {nobody.arn} is not authorized to perform: iam:PassRole on resource: {passed}"):
        create(nobody, "no-pass")
    one = user(managing, allow("iam:PassRole", passed))
    create(one, "passed")
    with refused("AccessDeniedException", "iam:PassRole"):
        create(one, "other-role", other)
    with refused("AccessDeniedException", "iam:PassRole"):
        one.client("transfer").update_user(ServerId=server, UserName="passed", Role=other)
    one.client("transfer").update_user(ServerId=server, UserName="passed", HomeDirectory=f"/{bucket}/a")
    to_transfer = user(managing, allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "transfer.amazonaws.com"}}))
    create(to_transfer, "to-transfer")
    elsewhere = user(managing, allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}))
    with refused("AccessDeniedException", "iam:PassRole"):
        create(elsewhere, "elsewhere")
    with refused("ResourceNotFoundException"):
        one.client("transfer").describe_user(ServerId=server, UserName="other-role")


def test_a_logging_role_has_to_be_passed_too(user, role, server):
    arn = role(TRUST)
    with refused("AccessDeniedException", "iam:PassRole"):
        user(allow("transfer:*")).client("transfer").create_server(LoggingRole=arn)
    with refused("AccessDeniedException", "iam:PassRole"):
        user(allow("transfer:*")).client("transfer").update_server(ServerId=server, LoggingRole=arn)


def test_nobody_gives_himself_rights(user, iam, bucket):
    one = user(allow(["s3:*", "transfer:*"]))
    own = one.client("iam")
    for call, action in (
            (lambda: own.put_user_policy(UserName=one.name, PolicyName="p", PolicyDocument=document(allow("*"))), "PutUserPolicy"),
            (lambda: own.attach_user_policy(UserName=one.name, PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess"), "AttachUserPolicy"),
            (lambda: own.create_access_key(UserName=one.name), "CreateAccessKey"),
            (lambda: own.create_access_key(), "CreateAccessKey"),
            (lambda: own.create_user(UserName="another"), "CreateUser"),
            (lambda: own.create_role(RoleName="mine", AssumeRolePolicyDocument=TRUST), "CreateRole"),
            (lambda: own.create_policy(PolicyName="mine", PolicyDocument=document(allow("*"))), "CreatePolicy"),
            (lambda: own.list_users(), "ListUsers"), (lambda: own.list_roles(), "ListRoles"),
            (lambda: own.get_user(), "GetUser")):
        with refused("AccessDenied", f"User: {one.arn} is not authorized to perform: iam:{action} on resource: ", 403):
            call()
    assert len(iam.list_access_keys(UserName=one.name)["AccessKeyMetadata"]) == 1
    with refused("NoSuchEntity"):
        iam.get_user(UserName="another")


def test_rights_on_iam_end_at_a_path(sallyport, iam, user):
    manager = user(allow(["iam:CreateUser", "iam:GetUser", "iam:DeleteUser"], f"arn:aws:iam::{ACCOUNT}:user/team/*"))
    name = sallyport.name("member")
    manager.client("iam").create_user(UserName=name, Path="/team/")
    assert manager.client("iam").get_user(UserName=name)["User"]["Path"] == "/team/"
    with refused("AccessDenied", status=403):
        manager.client("iam").create_user(UserName=sallyport.name("elsewhere"))
    with refused("AccessDenied", status=403):
        manager.client("iam").delete_user(UserName=manager.name)
    manager.client("iam").delete_user(UserName=name)


def test_logs_are_read_by_who_may(user, server, tmp_path):
    group = f"/aws/transfer/{server}"
    with refused("AccessDeniedException", "is not authorized to perform: logs:DescribeLogGroups"):
        user().client("logs").describe_log_groups()
    with refused("AccessDeniedException", "is not authorized to perform: logs:FilterLogEvents"):
        user().client("logs").filter_log_events(logGroupName="/aws/cloudtrail")
    reader = user(allow(["logs:FilterLogEvents", "logs:DescribeLogGroups"]))
    assert reader.client("logs").filter_log_events(logGroupName="/aws/cloudtrail")["events"]
    own = user(allow("logs:FilterLogEvents", f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group}:*"))
    with refused("AccessDeniedException"):
        own.client("logs").filter_log_events(logGroupName="/aws/cloudtrail")


def test_the_command_line_prints_the_reason(sallyport, iam, server, tmp_path):
    one = make_user(sallyport, iam, READER)
    aws = AwsCli(one.access, tmp_path)
    assert json.loads(aws.run("transfer", "describe-server", "--server-id", server))["Server"]["ServerId"] == server
    denied = aws.run("transfer", "delete-server", "--server-id", server, check=False)
    assert denied.returncode == 254
    assert "An error occurred (AccessDeniedException) when calling the DeleteServer operation" in denied.stderr
    assert f"User: {one.arn} is not authorized to perform: transfer:DeleteServer" in denied.stderr


def test_root_needs_no_policy(sallyport, root, role, server):
    arn = role(TRUST)
    root.client("transfer").update_server(ServerId=server, LoggingRole=arn)
    root.client("transfer").update_server(ServerId=server, LoggingRole="")
