"""What the API tests share: short ways to refusals and to the AWS command line."""

import json
import os
import shutil
import subprocess

from support.refusals import refused  # noqa: F401

# The system's own first: another one in front of it may be of version 1, which lacks `logs tail`.
AWS = shutil.which("aws", path="/usr/bin:" + os.environ.get("PATH", ""))
ROLE = "arn:aws:iam::000000000000:role/transfer"


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
