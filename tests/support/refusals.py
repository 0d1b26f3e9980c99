"""Expecting a service's refusal."""

import pytest
from botocore.exceptions import ClientError


class refused:
    """`with refused("InvalidRequestException", "text"):` expects that error, with that text in its message and, when
    given, that HTTP status. An answer without a body (HEAD, 304) has its status for a code."""

    def __init__(self, code, text="", status=None):
        self.code, self.text, self.status = code, text, status

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if not isinstance(error, ClientError):
            if kind is None:
                pytest.fail(f"{self.code} was expected")
            return False
        self.response = error.response
        assert error.response["Error"]["Code"] == self.code, error
        assert self.text in (error.response["Error"].get("Message") or ""), error
        if self.status is not None:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == self.status, error
        return True
