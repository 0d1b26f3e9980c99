"""What AWS's documents say of every request and answer of the Transfer API: headers, dates, the errors of any call.

"Requests": https://docs.aws.amazon.com/transfer/latest/APIReference/api-welcome.html, Making API requests.
"Common": https://docs.aws.amazon.com/transfer/latest/APIReference/CommonErrors.html, whose names are those of the Query
protocol; the JSON protocol's are in
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html, all with HTTP 400."""

import datetime
import email.utils
import json

import pytest
from botocore.auth import SigV4Auth
from botocore.credentials import Credentials

from support.iam_callers import make_user
from support.s3_requests import now
from support.sallyport import ACCESS_KEY, SECRET_KEY

OF_REQUESTS = {"Authorization", "Content-Type", "Host", "X-Amz-Date", "X-Amz-Target"}


def asked(sallyport, operation="ListServers", body='{"MaxResults":10}', **more):
    """A signed request as "Requests" shows it."""
    return sallyport.request(operation, body, **more)


class SignedAsOf(SigV4Auth):
    """Signs as of a given moment, and leaves a Date header as it is."""

    def __init__(self, moment):
        super().__init__(Credentials(ACCESS_KEY, SECRET_KEY), "transfer", "us-east-1")
        self.moment = moment

    def add_auth(self, request):
        request.context["timestamp"] = self.moment.strftime("%Y%m%dT%H%M%SZ")
        del request.headers["Authorization"]
        if "Date" not in request.headers:
            del request.headers["X-Amz-Date"]
            request.headers["X-Amz-Date"] = request.context["timestamp"]
        text = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(text, request))


def test_request_as_printed_is_answered(sallyport):
    request = asked(sallyport)
    assert {name.title() for name in request.headers} | {"Host"} == OF_REQUESTS
    status, headers, body = sallyport.send(request)
    assert (status, json.loads(body)) == (200, {"Servers": []})
    assert headers["Content-Type"] == "application/x-amz-json-1.1" and headers["x-amzn-RequestId"]


def test_each_answer_has_a_request_id_of_its_own(sallyport):
    seen = {sallyport.send(asked(sallyport))[1]["x-amzn-RequestId"] for _ in range(5)}
    assert len(seen) == 5


def test_header_names_are_of_any_case(sallyport):
    request = asked(sallyport)
    for name in ("X-Amz-Target", "X-Amz-Date", "Content-Type"):
        value = request.headers[name]
        del request.headers[name]
        request.headers[name.upper()] = value
    assert sallyport.send(request)[0] == 200


def test_date_may_be_in_the_date_header(sallyport):
    request, moment = asked(sallyport), now()
    del request.headers["X-Amz-Date"]
    request.headers["Date"] = email.utils.format_datetime(moment, usegmt=True)
    SignedAsOf(moment).add_auth(request)
    assert sallyport.send(request)[0] == 200


def test_date_may_be_as_botocore_writes_it(sallyport):
    request = asked(sallyport, Date="now")
    assert request.headers["Date"].endswith(" -0000") and "X-Amz-Date" not in request.headers
    assert sallyport.send(request)[0] == 200


def test_date_header_is_ignored_beside_x_amz_date(sallyport):
    request = asked(sallyport)
    request.headers["Date"] = "Mon, 01 Jan 2001 00:00:00 GMT"
    assert sallyport.send(request)[0] == 200


def test_members_may_be_none_where_all_are_optional(sallyport):
    status, _, body = sallyport.send(asked(sallyport, body="{}"))
    assert (status, json.loads(body)) == (200, {"Servers": []})


def unsigned(request):
    del request.headers["Authorization"]


def without_its_signature(request):
    request.headers.replace_header("Authorization", request.headers["Authorization"].split(", Signature=")[0])


def with_another_signature(request):
    request.headers.replace_header("Authorization", request.headers["Authorization"][:-64] + 64 * "0")


def an_hour(sign):
    def change(request):
        SignedAsOf(now() + sign * datetime.timedelta(hours=1)).add_auth(request)
    return change


# What "Common" says → what is sent and the JSON protocol's name of the error.
COMMON = {
    "IncompleteSignature": ({}, without_its_signature, "IncompleteSignatureException"),
    "InvalidAction": ({"operation": "ListRockets"}, None, "UnknownOperationException"),
    "InvalidClientTokenId": ({"access_key": "AKIANOBODYNOBODYNOBO"}, None, "UnrecognizedClientException"),
    "MissingAuthenticationToken": ({}, unsigned, "MissingAuthenticationTokenException"),
    "RequestExpired": ({}, an_hour(-1), "InvalidSignatureException"),
    "RequestExpired, in the future": ({}, an_hour(1), "InvalidSignatureException"),
    "SignatureDoesNotMatch": ({}, with_another_signature, "InvalidSignatureException"),
    "ValidationError": ({"body": '{"MaxResults":0}'}, None, "ValidationException"),
    "malformed JSON": ({"body": '{"MaxResults":10'}, None, "SerializationException"),
    "no JSON object": ({"body": "[10]"}, None, "SerializationException"),
}


@pytest.mark.parametrize("name", COMMON)
def test_common_error_is_as_documented(sallyport, name):
    request, change, code = COMMON[name]
    request = asked(sallyport, **request)
    if change:
        change(request)
    check_common(sallyport.send(request), code)


def check_common(answer, code):
    status, headers, body = answer
    ours = json.loads(body)
    assert (status, ours["__type"], headers["x-amzn-ErrorType"]) == (400, code, code)
    assert headers["Content-Type"] == "application/x-amz-json-1.1" and headers["x-amzn-RequestId"]
    assert set(ours) <= {"__type", "message", "Message"}, ours


def test_who_may_not_is_told_so_before_what_he_asks_is_looked_at(sallyport):
    access = make_user(sallyport, sallyport.client("iam")).access
    check_common(sallyport.post("DescribeServer", '{"ServerId":"nonsense"}', access_key=access.access_key,
                                secret_key=access.secret_key), "AccessDeniedException")


def test_all_that_is_wrong_is_said_at_once(sallyport):
    status, _, answer = sallyport.post("UpdateUser", json.dumps({"ServerId": "s-1", "UserName": "-"}))
    message = json.loads(answer)["message"]
    assert status == 400 and message.startswith("4 validation errors detected: "), message
    assert message.count("'serverId'") == message.count("'userName'") == 2


def test_moments_are_numbers(sallyport):
    """API_DescribeHostKey.html, Response Syntax: "DateImported": number."""
    server = sallyport.server(wait=False)
    listed = json.loads(sallyport.post("ListHostKeys", json.dumps({"ServerId": server}))[2])["HostKeys"]
    assert listed and all(isinstance(one["DateImported"], (int, float)) for one in listed)
