"""Starts Sallyport, makes a demo server through the public API if it is not there yet, and says what to type."""

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

BINARY = "build/release/sallyport"
TRUST = {"Version": "2012-10-17",
         "Statement": [{"Effect": "Allow", "Principal": {"Service": "transfer.amazonaws.com"},
                        "Action": "sts:AssumeRole"}]}
RIGHTS = {"Version": "2012-10-17",
          "Statement": [{"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": "arn:aws:s3:::demo"},
                        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                         "Resource": "arn:aws:s3:::demo/*"}]}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev run", description=__doc__,
                                     epilog="Everything else is handed to `sallyport serve`.")
    parser.add_argument("--data-dir", default="sallyport-data", help="folder of state, buckets and keys")
    parser.add_argument("--api", default="127.0.0.1:4566", help="address and port of the API")
    return parser.parse_known_args()


def wait_until_ready(process, api_url):
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"{api_url}/_sallyport/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    sys.exit(f"run: sallyport ended with {process.returncode}; its message is above")


class Demo:
    """The demo's resources, looked up or made."""

    def __init__(self, api_url, data_dir):
        os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.path.join(data_dir, "credentials")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
            os.environ.pop(name, None)
        settings = {"endpoint_url": api_url, "region_name": "us-east-1", "config": Config(retries={"max_attempts": 2})}
        self.s3, self.iam, self.transfer = (boto3.client(s, **settings) for s in ("s3", "iam", "transfer"))
        self.data_dir = data_dir

    def bucket(self):
        try:
            self.s3.head_bucket(Bucket="demo")
        except ClientError:
            self.s3.create_bucket(Bucket="demo")

    def role(self):
        try:
            return self.iam.get_role(RoleName="demo")["Role"]["Arn"]
        except self.iam.exceptions.NoSuchEntityException:
            arn = self.iam.create_role(RoleName="demo", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
            self.iam.put_role_policy(RoleName="demo", PolicyName="demo-bucket", PolicyDocument=json.dumps(RIGHTS))
            return arn

    def server(self):
        for page in self.transfer.get_paginator("list_servers").paginate():
            for server in page["Servers"]:
                tags = self.transfer.list_tags_for_resource(Arn=server["Arn"])["Tags"]
                if {"Key": "Name", "Value": "demo"} in tags:
                    return server["ServerId"]
        return self.transfer.create_server(Tags=[{"Key": "Name", "Value": "demo"}])["ServerId"]

    def state(self, server_id):
        return self.transfer.describe_server(ServerId=server_id)["Server"]["State"]

    def wait_online(self, server_id):
        if self.state(server_id) == "START_FAILED":  # what was in its way may be gone
            self.transfer.start_server(ServerId=server_id)
        for _ in range(300):
            if self.state(server_id) not in ("STARTING", "STOPPING"):
                return
            time.sleep(0.1)

    def key(self):
        path = os.path.join(self.data_dir, "demo_key")
        if not os.path.exists(path):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "demo", "-f", path], check=True)
        return path

    def user(self, server_id, role, key_path):
        try:
            self.transfer.describe_user(ServerId=server_id, UserName="demo")
        except self.transfer.exceptions.ResourceNotFoundException:
            with open(key_path + ".pub") as public:
                self.transfer.create_user(ServerId=server_id, UserName="demo", Role=role,
                                          HomeDirectory="/demo/inbox", SshPublicKeyBody=public.read().strip())
        try:
            self.s3.head_object(Bucket="demo", Key="inbox/")
        except ClientError:
            self.s3.put_object(Bucket="demo", Key="inbox/")


def endpoint(api, server_id):
    listing = subprocess.run([BINARY, "endpoints", "--json", "--api", api], capture_output=True, text=True, check=True)
    return next(e for e in json.loads(listing.stdout) if e["ServerId"] == server_id)


def say_what_to_type(api, data_dir, server_id, key_path):
    at = endpoint(api, server_id)
    q = shlex.quote
    if at["State"] != "ONLINE":
        print(f"""
run: the demo server is {at["State"]}. {at["Reason"]}
When that is mended:

  export AWS_SHARED_CREDENTIALS_FILE={q(os.path.join(data_dir, "credentials"))} AWS_DEFAULT_REGION=us-east-1
  aws --endpoint-url {api} transfer start-server --server-id {server_id}
""", file=sys.stderr, flush=True)
        return
    print(f"""
Sallyport serves. In another terminal, from this folder:

  export AWS_SHARED_CREDENTIALS_FILE={q(os.path.join(data_dir, "credentials"))} AWS_DEFAULT_REGION=us-east-1

  sftp -i {q(key_path)} -P {at["Port"]} -o UserKnownHostsFile={q(os.path.join(data_dir, "demo_known_hosts"))} -o StrictHostKeyChecking=accept-new demo@{at["Address"]}
      (then for instance: put README.md, ls -l, get README.md /tmp/, bye)

  aws --endpoint-url {api} transfer describe-server --server-id {server_id}
  aws --endpoint-url {api} transfer list-users --server-id {server_id}
  aws --endpoint-url {api} s3api list-objects-v2 --bucket demo

  {BINARY} logs tail --server {server_id} --follow --api {api}
  {BINARY} endpoints --api {api}

Files land in {os.path.join(data_dir, "buckets/demo/inbox/")}
Ctrl-C ends it; live transfers may finish first. A second ./dev run finds everything again.
""", flush=True)


def main():
    arguments, more = parse_arguments()
    api_url = arguments.api if "://" in arguments.api else f"http://{arguments.api}"
    data_dir = os.path.abspath(arguments.data_dir)
    process = subprocess.Popen([BINARY, "serve", "--data-dir", data_dir, "--api", arguments.api, *more])
    # The terminal's Ctrl-C reaches the child as well; this one only waits for its end.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    wait_until_ready(process, api_url)
    demo = Demo(api_url, data_dir)
    demo.bucket()
    role = demo.role()
    server_id = demo.server()
    key_path = demo.key()
    demo.user(server_id, role, key_path)
    demo.wait_online(server_id)
    say_what_to_type(api_url, data_dir, server_id, key_path)
    while True:
        try:
            sys.exit(process.wait())
        except InterruptedError:
            continue


if __name__ == "__main__":
    main()
