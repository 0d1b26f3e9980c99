"""What the API tests share: short ways to an error's code and text, and to the AWS command line."""

import json
import os
import shutil
import subprocess

import pytest
from botocore.exceptions import ClientError

# The system's own first: another one in front of it may be of version 1, which lacks `logs tail`.
AWS = shutil.which("aws", path="/usr/bin:" + os.environ.get("PATH", ""))
ROLE = "arn:aws:iam::000000000000:role/transfer"


class refused:
    """`with refused("InvalidRequestException", "text"):` expects that error, with that text in its message."""

    def __init__(self, code, text=""):
        self.code, self.text = code, text

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if not isinstance(error, ClientError):
            if kind is None:
                pytest.fail(f"{self.code} was expected")
            return False
        self.response = error.response
        assert error.response["Error"]["Code"] == self.code, error
        assert self.text in error.response["Error"]["Message"], error
        return True


def aws(sallyport, *arguments, check=True):
    """Runs the AWS command line against the API; JSON output is parsed, other output is text."""
    done = subprocess.run([AWS, "--endpoint-url", sallyport.api_url, *arguments], env=sallyport.environment(),
                          capture_output=True, text=True, timeout=120)
    if check:
        assert done.returncode == 0, done.stderr
    try:
        return json.loads(done.stdout)
    except ValueError:
        return done.stdout if check else done.stdout + done.stderr
