"""The AWS SDK for JavaScript (v3) as a client: runs tests/npm/call.mjs with Node.js."""

import base64
import json
import pathlib
import shutil
import subprocess

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "npm"


class NodeError(AssertionError):
    """What the SDK threw: `name`, `status` (None when no answer came)."""

    def __init__(self, error):
        super().__init__(f"{error['name']} {error.get('status')}: {error['message']}")
        self.name, self.status, self.message = error["name"], error.get("status"), error["message"]


class NodeSdk:
    """One access key's client of one service. Inputs and outputs are the SDK's own, as JSON."""

    def __init__(self, api_url, access_key, secret_key, token=None, service="s3", path_style=True, **options):
        credentials = {"accessKeyId": access_key, "secretAccessKey": secret_key}
        if token:
            credentials["sessionToken"] = token
        self.request = {"service": service, "host_header_style": not path_style,
                        "options": {"endpoint": api_url, "region": "us-east-1", "credentials": credentials, **options}}
        if service == "s3":
            self.request["options"]["forcePathStyle"] = path_style

    def run(self, calls, timeout=120):
        """Carries out calls in one process, in order; returns for each its output, or a NodeError (not raised)."""
        done = subprocess.run([shutil.which("node"), "--no-warnings", "call.mjs"], cwd=FOLDER, text=True,
                              input=json.dumps({**self.request, "calls": calls}), capture_output=True, timeout=timeout,
                              env={"PATH": "/usr/bin:/bin", "AWS_EC2_METADATA_DISABLED": "true"})
        assert done.returncode == 0, done.stderr
        return [o["output"] if "output" in o else NodeError(o["error"]) for o in json.loads(done.stdout)]

    def call(self, command, body=None, save=None, **members):
        """One call that has to succeed; its output. A Body that was not saved to a file is bytes."""
        given = {"command": command, "input": members}
        if body is not None:
            given["body"] = {"base64": base64.b64encode(body).decode()}
        if save is not None:
            given["save"] = str(save)
        (output,) = self.run([given])
        if isinstance(output, NodeError):
            raise output
        if "Body" in output:
            output["Body"] = base64.b64decode(output["Body"])
        return output
