"""Callers that ask too often."""

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from support.sallyport import ACCESS_KEY, SECRET_KEY, Sallyport

# Forty calls would have to take half a minute to be let through.
SETTINGS = {"api.rate": 1, "api.burst": 5}


@pytest.fixture
def slow(binary, tmp_path):
    with Sallyport(binary, tmp_path / "data", settings=SETTINGS) as instance:
        yield instance


def client_that_tries(instance, service, retries):
    return boto3.client(service, endpoint_url=instance.api_url, region_name="us-east-1", aws_access_key_id=ACCESS_KEY,
                        aws_secret_access_key=SECRET_KEY, config=Config(retries=retries))


def refusals(call, times=40):
    out = []
    for _ in range(times):
        try:
            call()
        except ClientError as error:
            out.append(error.response)
    return out


@pytest.mark.parametrize("service, call, code", [
    ("transfer", lambda client: client.list_servers(), "ThrottlingException"),
    ("logs", lambda client: client.describe_log_groups(), "ThrottlingException"),
    ("iam", lambda client: client.list_roles(), "Throttling"),
    ("sts", lambda client: client.get_caller_identity(), "Throttling"),
])
def test_who_calls_too_often_is_told_so_as_the_service_does(slow, service, call, code):
    client = client_that_tries(slow, service, {"total_max_attempts": 1})
    refused = refusals(lambda: call(client))
    assert refused
    for answer in refused:
        assert answer["Error"]["Code"] == code and answer["Error"]["Message"] == "Rate exceeded"
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
        if service == "transfer":
            assert answer["RetryAfterSeconds"] == "1"
    slow.client("s3").create_bucket(Bucket="still-served")


def test_an_sdk_that_waits_as_told_gets_through(slow):
    client = client_that_tries(slow, "transfer", {"max_attempts": 8, "mode": "standard"})
    assert all(client.list_servers()["Servers"] == [] for _ in range(8))


def test_without_a_setting_nobody_is_refused(sallyport):
    client = sallyport.client("sts")
    assert refusals(client.get_caller_identity, 300) == []
