"""The AWS SDK for JavaScript (v3) as a client: runs tests/npm/call.mjs with Node.js."""

import base64
import json
import pathlib
import shutil
import subprocess

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "npm"


class NodeError(AssertionError):
    """What the SDK threw: `name`, `status` (None when no answer came), `classes` of the client that it is an instance
    of, and the `members` that the service told beside the message."""

    def __init__(self, error):
        super().__init__(f"{error['name']} {error.get('status')}: {error['message']}")
        self.name, self.status, self.message = error["name"], error.get("status"), error["message"]
        self.classes, self.members = error["classes"], error["members"]


class NodeSession:
    """A process that carries out one call after another; `with NodeSdk(…).session() as session:`."""

    def __init__(self, request):
        self.process = subprocess.Popen([shutil.which("node"), "--no-warnings", "call.mjs"], cwd=FOLDER, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env={"PATH": "/usr/bin:/bin", "AWS_EC2_METADATA_DISABLED": "true"})
        self._write(request)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(60)

    def _write(self, one):
        self.process.stdin.write(json.dumps(one) + "\n")
        self.process.stdin.flush()

    def tell(self, call):
        """Carries out what call.mjs knows as a call. Returns its output or raises a NodeError."""
        self._write(call)
        line = self.process.stdout.readline()
        assert line, "node ended; what it said is on the standard error"
        outcome = json.loads(line)
        if "error" in outcome:
            raise NodeError(outcome["error"])
        return outcome["output"]

    def call(self, command, /, **members):
        return self.tell({"command": command, "input": members})

    def exports(self):
        """All names of the client's package."""
        return self.tell({"exports": True})["names"]

    def structures(self):
        """The members of every structure that the client's package knows, by its name."""
        return self.tell({"structures": True})["members"]

    def paginate(self, paginator, /, page_size=None, **members):
        """The pages that one of the SDK's paginators goes through."""
        return self.tell({"paginate": paginator, "input": members, "page_size": page_size})["pages"]

    def wait(self, waiter, /, seconds=60, **members):
        """Returns the state in which one of the SDK's waiters ended."""
        times = {"maxWaitTime": seconds, "minDelay": 1, "maxDelay": 2}
        return self.tell({"wait": waiter, "input": members, "times": times})["state"]


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

    def session(self):
        return NodeSession(self.request)

    def run(self, calls):
        """Carries out calls in one process, in order; returns for each its output, or a NodeError (not raised)."""
        outcomes = []
        with self.session() as session:
            for call in calls:
                try:
                    outcomes.append(session.tell(call))
                except NodeError as error:
                    outcomes.append(error)
        return outcomes

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
