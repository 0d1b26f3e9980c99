"""The S3 clients that people use, each behind the same few verbs: whole folders up and down, one file, a listing,
moving and removing. A tool's own defaults apply (part sizes, checksums, how it lists) unless a test says otherwise."""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import urllib.parse

import boto3
from botocore.config import Config

from .node_sdk import NodeError, NodeSdk

AWS = shutil.which("aws", path="/usr/bin:" + os.environ.get("PATH", ""))


@dataclasses.dataclass
class Access:
    """An endpoint and a key for it."""

    url: str
    access_key: str
    secret_key: str
    token: str = None
    region: str = "us-east-1"
    ca: str = None  # the file of the CA that an https endpoint is to be judged by

    @property
    def host(self):
        return self.url.split("//")[1]

    def environment(self):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "RCLONE_", "S3CMD_"))}
        env.update(AWS_ACCESS_KEY_ID=self.access_key, AWS_SECRET_ACCESS_KEY=self.secret_key,
                   AWS_DEFAULT_REGION=self.region, AWS_EC2_METADATA_DISABLED="true", AWS_PAGER="",
                   AWS_CONFIG_FILE="/nonexistent", AWS_SHARED_CREDENTIALS_FILE="/nonexistent", LC_ALL="C.UTF-8")
        if self.token:
            env["AWS_SESSION_TOKEN"] = self.token
        return env

    def client(self, service="s3", **config):
        """A boto3 client that signs with version 4, never tries again and uses path style, unless told otherwise."""
        if service == "s3":
            config = {"signature_version": "s3v4", "s3": {"addressing_style": "path"}, **config}
        return boto3.client(service, endpoint_url=self.url, region_name=self.region,
                            aws_access_key_id=self.access_key, aws_secret_access_key=self.secret_key,
                            aws_session_token=self.token, verify=self.ca,
                            config=Config(**{"retries": {"max_attempts": 0}, "max_pool_connections": 32, **config}))

    def node(self, service="s3", **options):
        return NodeSdk(self.url, self.access_key, self.secret_key, self.token, service, **options)


class Tool:
    """Base of the command-line tools. `folder` is for their configuration."""

    def __init__(self, access, folder):
        self.access, self.folder = access, pathlib.Path(folder)
        self.env = access.environment()

    def command(self, *arguments):
        raise NotImplementedError

    def run(self, *arguments, check=True, text=True, given=None, timeout=120):
        """Returns what it printed (bytes unless `text`); with check=False the finished process. `given`: its input."""
        done = subprocess.run(self.command(*map(str, arguments)), env=self.env, capture_output=True, text=text,
                              timeout=timeout, input=given or ("" if text else b""), cwd=self.folder)
        if not check:
            return done
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


class AwsCli(Tool):
    name = "aws"

    def command(self, *arguments):
        return [AWS, "--endpoint-url", self.access.url, *arguments]

    def upload_folder(self, folder, bucket, prefix=""):
        self.run("s3", "cp", "--recursive", "--only-show-errors", folder, f"s3://{bucket}/{prefix}")

    def download_folder(self, bucket, prefix, folder):
        self.run("s3", "cp", "--recursive", "--only-show-errors", f"s3://{bucket}/{prefix}", folder)

    def mirror_up(self, folder, bucket, prefix=""):
        self.run("s3", "sync", "--delete", folder, f"s3://{bucket}/{prefix}")

    def mirror_down(self, bucket, prefix, folder):
        self.run("s3", "sync", "--delete", f"s3://{bucket}/{prefix}", folder)

    def move(self, bucket, old, new):
        self.run("s3", "mv", f"s3://{bucket}/{old}", f"s3://{bucket}/{new}")

    def remove_folder(self, bucket, prefix):
        self.run("s3", "rm", "--recursive", f"s3://{bucket}/{prefix}")


class Rclone(Tool):
    name = "rclone"

    def __init__(self, access, folder, provider="Other"):
        super().__init__(access, folder)
        self.env.update(RCLONE_CONFIG="/nonexistent/rclone.conf", RCLONE_CONFIG_REMOTE_TYPE="s3",
                        RCLONE_CONFIG_REMOTE_PROVIDER=provider, RCLONE_CONFIG_REMOTE_ENV_AUTH="true",
                        RCLONE_CONFIG_REMOTE_REGION="us-east-1", RCLONE_CONFIG_REMOTE_ENDPOINT=access.url,
                        RCLONE_CONFIG_REMOTE_FORCE_PATH_STYLE="true", RCLONE_RETRIES="1",
                        RCLONE_LOW_LEVEL_RETRIES="1")

    def command(self, *arguments):
        return ["rclone", *arguments]

    def upload_folder(self, folder, bucket, prefix=""):
        self.run("copy", folder, f"remote:{bucket}/{prefix}")

    def download_folder(self, bucket, prefix, folder):
        self.run("copy", f"remote:{bucket}/{prefix}", folder)

    def mirror_up(self, folder, bucket, prefix=""):
        self.run("sync", folder, f"remote:{bucket}/{prefix}")

    def mirror_down(self, bucket, prefix, folder):
        self.run("sync", f"remote:{bucket}/{prefix}", folder)

    def move(self, bucket, old, new):
        self.run("moveto", f"remote:{bucket}/{old}", f"remote:{bucket}/{new}")

    def remove_folder(self, bucket, prefix):
        self.run("delete", f"remote:{bucket}/{prefix}")


class S3cmd(Tool):
    name = "s3cmd"

    def __init__(self, access, folder):
        super().__init__(access, folder)
        self.config = self.folder / "s3cmd.conf"
        token = f"access_token = {access.token}\n" if access.token else ""
        self.config.write_text(f"[default]\naccess_key = {access.access_key}\nsecret_key = {access.secret_key}\n{token}"
                               f"host_base = {access.host}\nhost_bucket = {access.host}\nuse_https = False\n"
                               "bucket_location = us-east-1\nmax_retries = 1\n")

    def command(self, *arguments):
        return ["s3cmd", "--config", str(self.config), "--no-progress", *arguments]

    def upload_folder(self, folder, bucket, prefix=""):
        self.run("put", "--recursive", f"{folder}/", f"s3://{bucket}/{prefix}")

    def download_folder(self, bucket, prefix, folder):
        pathlib.Path(folder).mkdir(exist_ok=True)
        self.run("get", "--recursive", f"s3://{bucket}/{prefix}", f"{folder}/")

    def mirror_up(self, folder, bucket, prefix=""):
        self.run("sync", "--delete-removed", f"{folder}/", f"s3://{bucket}/{prefix}")

    def mirror_down(self, bucket, prefix, folder):
        pathlib.Path(folder).mkdir(exist_ok=True)
        self.run("sync", "--delete-removed", f"s3://{bucket}/{prefix}", f"{folder}/")

    def move(self, bucket, old, new):
        self.run("mv", f"s3://{bucket}/{old}", f"s3://{bucket}/{new}")

    def remove_folder(self, bucket, prefix):
        self.run("rm", "--recursive", f"s3://{bucket}/{prefix}")


class Boto:
    name = "boto3"

    def __init__(self, access, folder):
        self.s3 = access.client()

    def upload_folder(self, folder, bucket, prefix=""):
        for path in files_below(folder):
            self.s3.upload_file(str(pathlib.Path(folder) / path), bucket, prefix + path)

    def download_folder(self, bucket, prefix, folder):
        for key in all_keys(self.s3, bucket, prefix):
            target = pathlib.Path(folder) / key[len(prefix):]
            target.parent.mkdir(parents=True, exist_ok=True)
            self.s3.download_file(bucket, key, str(target))

    def move(self, bucket, old, new):
        self.s3.copy({"Bucket": bucket, "Key": old}, bucket, new)
        self.s3.delete_object(Bucket=bucket, Key=old)

    def remove_folder(self, bucket, prefix):
        keys = [{"Key": key} for key in all_keys(self.s3, bucket, prefix)]
        assert "Errors" not in self.s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})


class Node:
    """lib-storage's Upload, 5 MiB a part, for going up; GetObject for coming down."""

    name = "node"

    def __init__(self, access, folder):
        self.sdk = access.node()

    def run(self, calls):
        outcomes = self.sdk.run(calls)
        for one in outcomes:
            if isinstance(one, NodeError):
                raise one
        return outcomes

    def keys(self, bucket, prefix):
        (page,) = self.run([{"command": "ListObjectsV2", "input": {"Bucket": bucket, "Prefix": prefix}}])
        return [one["Key"] for one in page.get("Contents", [])]

    def upload_folder(self, folder, bucket, prefix=""):
        self.run([{"upload": {"queueSize": 4}, "input": {"Bucket": bucket, "Key": prefix + path},
                   "body": {"file": str(pathlib.Path(folder) / path)}} for path in files_below(folder)])

    def download_folder(self, bucket, prefix, folder):
        calls = []
        for key in self.keys(bucket, prefix):
            target = pathlib.Path(folder) / key[len(prefix):]
            target.parent.mkdir(parents=True, exist_ok=True)
            calls.append({"command": "GetObject", "input": {"Bucket": bucket, "Key": key}, "save": str(target)})
        self.run(calls)

    def move(self, bucket, old, new):
        self.run([{"command": "CopyObject", "input": {"Bucket": bucket, "Key": new,
                                                      "CopySource": urllib.parse.quote(f"{bucket}/{old}")}},
                  {"command": "DeleteObject", "input": {"Bucket": bucket, "Key": old}}])

    def remove_folder(self, bucket, prefix):
        self.run([{"command": "DeleteObjects", "input": {"Bucket": bucket, "Delete": {
            "Objects": [{"Key": key} for key in self.keys(bucket, prefix)]}}}])


TOOLS = {tool.name: tool for tool in (AwsCli, Boto, Rclone, S3cmd, Node)}


def files_below(folder):
    """Paths of all files below a folder, relative to it, in order."""
    folder = pathlib.Path(folder)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def content_below(folder):
    """{relative path: bytes} of all files below a folder."""
    return {path: (pathlib.Path(folder) / path).read_bytes() for path in files_below(folder)}


def all_keys(s3, bucket, prefix=""):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [one["Key"] for page in pages for one in page.get("Contents", [])]
