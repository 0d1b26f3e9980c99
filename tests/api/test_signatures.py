"""Signatures that are forged, expired, or sent once more than they were meant to be."""

import datetime
import json

import pytest

from support.api_connection import Access, ApiConnection, signed_headers
from support.s3_requests import now

from .helpers import ROLE

BODY = b"{}"


@pytest.fixture
def api(sallyport):
    with ApiConnection(sallyport) as connection:
        yield connection


def signed(api, operation="ListServers", body=BODY, **more):
    return signed_headers(api.host, operation, body, **more)


def minutes(count):
    return now() + datetime.timedelta(minutes=count)


def changed(header, old, new):
    def change(headers):
        assert old in headers[header]
        return {**headers, header: headers[header].replace(old, new, 1)}
    return change


def other_signature(headers):
    start, signature = headers["Authorization"].rsplit("=", 1)
    return {**headers, "Authorization": f"{start}={'0' if signature[0] != '0' else '1'}{signature[1:]}"}


FORGERIES = {
    "signature": (other_signature, BODY),
    "no signature": (lambda headers: {**headers, "Authorization": headers["Authorization"].rsplit("=", 1)[0] + "="}, BODY),
    "body": (dict, b'{"MaxResults":1}'),
    "operation": (changed("X-Amz-Target", "ListServers", "ListWorkflows"), BODY),
    "time": (lambda headers: {**headers, "X-Amz-Date": minutes(1).strftime("%Y%m%dT%H%M%SZ")}, BODY),
    "signed headers": (changed("Authorization", ";x-amz-target", ""), BODY),
    "region": (changed("Authorization", "us-east-1", "eu-west-1"), BODY),
    "host": (changed("Host", "127.0.0.1", "localhost"), BODY),
    "header that is not signed": (lambda headers: {**headers, "X-Amz-Security-Token": "a"}, BODY),
}


CODES = ("InvalidSignatureException", "IncompleteSignatureException", "UnrecognizedClientException")


@pytest.mark.parametrize("what", FORGERIES)
def test_altered_request_is_refused(api, what):
    change, body = FORGERIES[what]
    good = signed(api)
    assert api.send(good, BODY).status == 200
    answer = api.send(change(good), body)
    assert answer.status == 400 and answer.code in CODES, answer


@pytest.mark.parametrize("at, text", [(-16, "Signature expired"), (16, "Signature not yet current")])
def test_signature_of_another_time_is_refused(api, at, text):
    answer = api.send(signed(api, at=minutes(at)), BODY)
    assert (answer.status, answer.code) == (400, "InvalidSignatureException") and text in answer.text, answer


def test_replayed_request_changes_nothing_twice(api):
    server = api.must("CreateServer")["ServerId"]
    body = json.dumps({"ServerId": server, "UserName": "ann", "Role": ROLE}).encode()
    headers = signed(api, "CreateUser", body)
    assert api.send(headers, body).status == 200
    # As with AWS a signature is good for its quarter of an hour; what it asks for is judged anew.
    again = api.send(headers, body)
    assert (again.status, again.code) == (400, "ResourceExistsException")
    # And for nothing but what was signed.
    assert api.send(headers, body.replace(b"ann", b"eve")).code == "InvalidSignatureException"
    assert [one["UserName"] for one in api.must("ListUsers", ServerId=server)["Users"]] == ["ann"]


def test_replayed_request_of_a_key_that_was_taken_away_is_refused(sallyport, api):
    iam, name = sallyport.client("iam"), sallyport.name("ann")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "transfer:*", "Resource": "*"}]}))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    headers = signed(api, access=Access(key["AccessKeyId"], key["SecretAccessKey"]))
    assert api.send(headers, BODY).status == 200
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert api.send(headers, BODY).code == "UnrecognizedClientException"
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    assert api.send(headers, BODY).code == "UnrecognizedClientException"
