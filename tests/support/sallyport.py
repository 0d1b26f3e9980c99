"""Starts and stops a Sallyport by the process id it recorded, and makes resources through its API."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from . import elsewhere, postgres
from .ports import free_port, free_port_range

ACCESS_KEY = "AKIATESTTESTTESTTEST"
SECRET_KEY = "test-secret-key-of-the-root"

TRUST = json.dumps({"Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Principal": {"Service": "transfer.amazonaws.com"},
                                   "Action": "sts:AssumeRole"}]})


def full_rights(bucket):
    return {"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "s3:*",
                           "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}]}


class Sallyport:
    """`with Sallyport(binary, folder) as s:` or start()/stop()/kill() by hand; the folder outlives restarts."""

    def __init__(self, binary, data_dir, settings=None, config=None, server_environment=None):
        self.binary, self.data_dir = str(binary), str(data_dir)
        self.api = f"127.0.0.1:{free_port()}"
        self.api_url = f"http://{self.api}"
        first, last = free_port_range(100)
        self.sftp_ports = f"{first}-{last}"
        self.settings, self.config = dict(settings or {}), config
        self.server_environment = dict(server_environment or {})
        # The whole suite on the other database: SALLYPORT_TEST_STATE=postgresql.
        if os.environ.get("SALLYPORT_TEST_STATE") == "postgresql":
            self.server_environment.setdefault("SALLYPORT_STATE_DATABASE", postgres.shared().schema_of(self.data_dir))
        # Buckets of a store elsewhere: SALLYPORT_TEST_STORE, see elsewhere.py.
        self.elsewhere = elsewhere.Elsewhere() if elsewhere.mode() else None
        self.process = None
        self.log_path = self.data_dir.rstrip("/") + ".stderr"
        self.json_groups = {}  # of servers made with StructuredLogDestinations
        self._counter = 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def command(self):
        out = [self.binary, "serve", "--data-dir", self.data_dir, "--api", self.api,
               "--sftp-ports", self.sftp_ports, "--credentials", f"{ACCESS_KEY}:{SECRET_KEY}"]
        if config := self.write_config():
            out += ["--config", config]
        for name, value in self.settings.items():
            out += ["--set", f"{name}={value}"]
        return out

    def write_config(self):
        """The path of the configuration file, or None."""
        if self.elsewhere is None:
            return str(self.config) if self.config else None
        own = ""
        if self.config:
            with open(self.config) as given:
                own = given.read()
        path = self.data_dir.rstrip("/") + ".store.toml"
        with open(path, "w") as out:
            out.write(own + self.elsewhere.configuration())
        return path

    def start(self, wait=True):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**os.environ, **self.server_environment})
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=60):
        for _ in range(seconds * 20):
            if self.process.poll() is not None:
                raise AssertionError(f"serve ended with {self.process.returncode}:\n{self.stderr()}")
            try:
                with urllib.request.urlopen(self.api_url + "/_sallyport/health", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"serve is not ready after {seconds} s:\n{self.stderr()}")

    def stop(self, seconds=60):
        """Asks it to end and checks that it ended cleanly."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(seconds)
        self.process = None
        assert code == 0, f"serve ended with {code}:\n{self.stderr()}"

    def reload(self):
        """Makes it read its configuration file again, and waits until it has."""
        self.write_config()
        before = os.path.getsize(self.log_path)
        self.process.send_signal(signal.SIGHUP)
        for _ in range(1200):
            with open(self.log_path, errors="replace") as log:
                log.seek(before)
                if "configuration read again" in log.read():
                    return
            time.sleep(0.05)
        raise AssertionError("the configuration was not read again:\n" + self.stderr())

    def kill(self):
        """As a power cut for the process: SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stderr(self):
        with open(self.log_path, errors="replace") as log:
            return log.read()[-20000:]

    def client(self, service):
        """Of a service; with buckets elsewhere S3's is theirs, and changes of roles are made there as well."""
        if self.elsewhere and service == "s3":
            return self.elsewhere.s3()
        own = self.own_client(service)
        return self.elsewhere.iam(own) if self.elsewhere and service == "iam" else own

    def own_client(self, service):
        return boto3.client(service, endpoint_url=self.api_url, region_name="us-east-1",
                            aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY,
                            config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}))

    def request(self, operation, body, access_key=ACCESS_KEY, secret_key=SECRET_KEY, **headers):
        """A signed AWSRequest of a Transfer Family operation with these bytes."""
        request = AWSRequest("POST", self.api_url + "/", data=body, headers={
            "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"TransferService.{operation}", **headers})
        SigV4Auth(Credentials(access_key, secret_key), "transfer", "us-east-1").add_auth(request)
        return request

    def post(self, operation, body, **key):
        """Sends a request() of these bytes. Returns (HTTP status, headers, body), whatever they are."""
        return self.send(self.request(operation, body, **key))

    @staticmethod
    def send(request):
        """An AWSRequest as it is. Returns (HTTP status, headers, body)."""
        sent = urllib.request.Request(request.url, request.body, dict(request.headers), method="POST")
        try:
            with urllib.request.urlopen(sent) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def call(self, operation, **members):
        """A Transfer Family operation with members that Debian's boto3 does not know yet. Returns the answer."""
        status, _, body = self.post(operation, json.dumps(members))
        assert status == 200, f"{operation}: {status} {body.decode()}"
        return json.loads(body or b"{}")

    def environment(self):
        """What a command-line client needs."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        env.update(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY,
                   AWS_DEFAULT_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true", AWS_PAGER="")
        return env

    def cli(self, *arguments, check=True):
        """Runs one of our own commands against the API."""
        return subprocess.run([self.binary, *arguments, "--api", self.api_url], env=self.environment(),
                              capture_output=True, text=True, check=check, timeout=60)

    def name(self, prefix):
        self._counter += 1
        return f"{prefix}-{self._counter}-{os.urandom(3).hex()}"

    # Resources, each with its own name so that tests do not meet.

    def bucket(self, name=None):
        name = name or self.name("bucket")
        self.client("s3").create_bucket(Bucket=name)
        return name

    def role(self, policy, name=None, trust=TRUST):
        """A role with one inline policy (None: no policy). Returns its ARN."""
        iam, name = self.client("iam"), name or self.name("role")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        if policy is not None:
            iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=json.dumps(policy))
        return arn

    def both_formats(self):
        """Members of a server that logs as text (in its own group) and as JSON (in a group of its own)."""
        return {"LoggingRole": self.role(None),
                "StructuredLogDestinations": [
                    f"arn:aws:logs:us-east-1:000000000000:log-group:/tests/{self.name('json')}:*"]}

    def server(self, wait=True, **members):
        server_id = self.call("CreateServer", **members)["ServerId"]  # knows members that Debian's boto3 does not
        for destination in members.get("StructuredLogDestinations", []):
            self.json_groups[server_id] = destination.split(":log-group:")[1].removesuffix(":*")
        if wait:
            self.wait_state(server_id, "ONLINE")
        return server_id

    def state(self, server_id):
        return self.client("transfer").describe_server(ServerId=server_id)["Server"]["State"]

    def wait_state(self, server_id, state, seconds=60):
        for _ in range(seconds * 20):
            seen = self.state(server_id)
            if seen == state:
                return
            time.sleep(0.05)
        raise AssertionError(f"{server_id} is {seen}, not {state}:\n{self.stderr()}")

    def endpoint(self, server_id):
        """(address, port) of a server's SFTP."""
        for one in json.loads(self.cli("endpoints", "--json").stdout):
            if one["ServerId"] == server_id and one["Protocol"] == "SFTP":
                return one["Address"], one["Port"]
        raise AssertionError(f"{server_id} is not among the endpoints")

    def user(self, server_id, key, bucket=None, name="ann", **members):
        """A user with one key and, unless given, full rights on a bucket of his own. Returns the bucket."""
        bucket = bucket or self.bucket()
        members.setdefault("Role", None)
        if members["Role"] is None:
            members["Role"] = self.role(full_rights(bucket))
        if "HomeDirectoryType" not in members:
            members.setdefault("HomeDirectory", f"/{bucket}/{name}")
            self.client("s3").put_object(Bucket=bucket, Key=f"{name}/")
        self.call("CreateUser", ServerId=server_id, UserName=name, SshPublicKeyBody=key.public_text, **members)
        return bucket

    def lines(self, group, **more):
        """All lines of a log group so far, as a list of (stream, message)."""
        logs, out, token = self.client("logs"), [], {}
        while True:
            page = logs.filter_log_events(logGroupName=group, **more, **token)
            out += [(e["logStreamName"], e["message"]) for e in page["events"]]
            if "nextToken" not in page:
                return out
            token = {"nextToken": page["nextToken"]}

    def wait_lines(self, group, satisfied, seconds=60):
        """The lines as soon as `satisfied(lines)`; fails after `seconds`."""
        lines = []
        for _ in range(seconds * 20):
            try:
                lines = self.lines(group)
            except Exception as error:  # the group appears with the first line
                if "ResourceNotFound" not in str(error):
                    raise
            if satisfied(lines):
                return lines
            time.sleep(0.05)
        raise AssertionError(f"lines are {lines}")

    def events(self, server_id):
        """All JSON log events of a server so far, as a list of (stream, event)."""
        group = self.json_groups.get(server_id, f"/aws/transfer/{server_id}")
        return [(stream, json.loads(message)) for stream, message in self.lines(group)]

    def wait_events(self, server_id, satisfied, seconds=60):
        """The events as soon as `satisfied(events)`; fails after `seconds`."""
        events = []
        for _ in range(seconds * 20):
            try:
                events = self.events(server_id)
            except Exception as error:  # the group appears with the first line
                if "ResourceNotFound" not in str(error):
                    raise
            if satisfied(events):
                return events
            time.sleep(0.05)
        raise AssertionError(f"events are {events}")
