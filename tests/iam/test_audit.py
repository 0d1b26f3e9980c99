"""The audit log: an event a call, in CloudTrail's record shape, without secrets."""

import json
import re
import time

import pytest

from support.iam_callers import allow, assume, document, trusting
from support.refusals import refused
from support.s3_tools import AwsCli
from support.sallyport import SECRET_KEY
from support.sshkeys import make_key

GROUP = "/aws/cloudtrail"


def texts(access):
    """All audit events so far, as they are kept."""
    logs, out, token = access.client("logs"), [], {}
    while True:
        page = logs.filter_log_events(logGroupName=GROUP, **token)
        out += [one["message"] for one in page["events"]]
        if "nextToken" not in page:
            return out
        token = {"nextToken": page["nextToken"]}


def events(access, name, found=lambda event: True):
    """The events of that name that satisfy `found`, oldest first; waits for the first one."""
    for _ in range(100):
        out = [event for event in map(json.loads, texts(access)) if event["eventName"] == name and found(event)]
        if out:
            return out
        time.sleep(0.05)
    pytest.fail(f"there is no event {name}")


def test_an_event_has_the_shape_of_cloudtrail(root, sallyport):
    name = sallyport.name("seen")
    root.client("iam").create_user(UserName=name, Path="/seen/")
    (event,) = events(root, "CreateUser", lambda e: e["requestParameters"]["userName"] == name)
    assert re.fullmatch(r"1\.\d+", event["eventVersion"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event["eventTime"])
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", event["eventID"])
    assert (event["eventSource"], event["awsRegion"]) == ("iam.amazonaws.com", "us-east-1")
    assert event["sourceIPAddress"] == "127.0.0.1" and "Boto3" in event["userAgent"]
    assert event["requestParameters"] == {"userName": name, "path": "/seen/"}
    assert event["responseElements"]["user"]["userName"] == name
    assert (event["readOnly"], event["eventType"], event["recipientAccountId"]) == (False, "AwsApiCall", "000000000000")
    assert event["requestID"]
    who = event["userIdentity"]
    assert (who["type"], who["arn"], who["accountId"]) == ("Root", "arn:aws:iam::000000000000:root", "000000000000")
    assert who["accessKeyId"] == root.access_key
    assert "errorCode" not in event


def test_users_and_sessions_are_named(root, user, role):
    one = user(allow("iam:ListUsers"))
    one.client("iam").list_users()
    (event,) = events(root, "ListUsers", lambda e: e["userIdentity"].get("userName") == one.name)
    who = event["userIdentity"]
    assert (who["type"], who["arn"], who["accessKeyId"]) == ("IAMUser", one.arn, one.access.access_key)
    assert event["readOnly"] is True
    arn = role(trusting(one.arn), allow("transfer:ListServers"))
    session = assume(one, arn, "audited")
    session.client("transfer").list_servers()
    (event,) = events(root, "ListServers", lambda e: e["userIdentity"]["type"] == "AssumedRole"
                      and e["userIdentity"]["arn"].endswith("/audited"))
    who = event["userIdentity"]
    assert who["sessionContext"]["sessionIssuer"]["arn"] == arn
    assert (who["accessKeyId"], event["eventSource"]) == (session.access_key, "transfer.amazonaws.com")


def test_a_refusal_is_an_event_too(root, user):
    one = user()
    with refused("AccessDenied"):
        one.client("iam").delete_user(UserName="someone")
    (event,) = events(root, "DeleteUser", lambda e: e["userIdentity"].get("userName") == one.name)
    assert event["errorCode"] == "AccessDenied"
    assert f"User: {one.arn} is not authorized to perform: iam:DeleteUser" in event["errorMessage"]
    with refused("AccessDeniedException"):
        one.client("transfer").create_server()
    (event,) = events(root, "CreateServer", lambda e: e["userIdentity"].get("userName") == one.name)
    assert event["errorCode"] in ("AccessDenied", "AccessDeniedException")
    assert event.get("responseElements") is None


def test_a_failed_call_says_why(root):
    with refused("ResourceNotFoundException"):
        root.client("transfer").delete_server(ServerId="s-0123456789abcdef0")
    (event,) = events(root, "DeleteServer", lambda e: e["requestParameters"]["serverId"] == "s-0123456789abcdef0")
    assert event["errorCode"] == "ResourceNotFoundException" and event["errorMessage"]


def test_calls_of_every_service_are_there(root, sallyport, role):
    bucket, server = sallyport.bucket(), sallyport.server(wait=False)
    root.client("s3").put_bucket_policy(Bucket=bucket, Policy=document(
        {**allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*"), "Principal": "*"}))
    root.client("transfer").stop_server(ServerId=server)
    root.client("sts").get_caller_identity()
    assert events(root, "CreateBucket", lambda e: e["requestParameters"]["bucketName"] == bucket)[0][
        "eventSource"] == "s3.amazonaws.com"
    assert events(root, "PutBucketPolicy", lambda e: e["requestParameters"]["bucketName"] == bucket)
    assert events(root, "CreateServer", lambda e: (e["responseElements"] or {}).get("serverId") == server)
    assert events(root, "StopServer", lambda e: e["requestParameters"]["serverId"] == server)
    assert events(root, "GetCallerIdentity")[0]["eventSource"] == "sts.amazonaws.com"


def test_no_secret_is_in_the_log(root, sallyport, user, role, tmp_path):
    one = user(allow("*"))
    arn = role(trusting(one.arn), allow("s3:*"))
    session = assume(one, arn, "secretive")
    session.client("sts").get_caller_identity()
    host_key = make_key(tmp_path, "ed25519")
    private = host_key.path.read_text()
    server = root.client("transfer").create_server(HostKey=private)["ServerId"]
    (key_event,) = events(root, "CreateAccessKey", lambda e: e["requestParameters"]["userName"] == one.name)
    assert key_event["responseElements"]["accessKey"]["accessKeyId"] == one.access.access_key
    (role_event,) = events(root, "AssumeRole", lambda e: e["requestParameters"]["roleSessionName"] == "secretive")
    assert role_event["responseElements"]["credentials"]["accessKeyId"] == session.access_key
    (made,) = events(root, "CreateServer", lambda e: (e["responseElements"] or {}).get("serverId") == server)
    assert made["requestParameters"]["hostKey"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    everything = "\n".join(texts(root)) + sallyport.stderr()
    for secret in (one.access.secret_key, session.secret_key, session.token, SECRET_KEY, private.splitlines()[1],
                   "PRIVATE KEY"):
        assert secret not in everything


def test_the_command_line_reads_it(root, user, tmp_path):
    name = user().name
    events(root, "CreateUser", lambda e: e["requestParameters"]["userName"] == name)
    told = json.loads(AwsCli(root, tmp_path).run("logs", "filter-log-events", "--log-group-name", GROUP,
                                                 "--filter-pattern", f"CreateUser {name}"))
    assert [json.loads(e["message"])["requestParameters"]["userName"] for e in told["events"]] == [name]
    assert "CreateUser" in AwsCli(root, tmp_path).run("logs", "tail", GROUP, "--since", "1h")


def test_nobody_without_the_right_reads_it(user):
    with refused("AccessDeniedException", "logs:FilterLogEvents"):
        user(allow("s3:*")).client("logs").filter_log_events(logGroupName=GROUP)
