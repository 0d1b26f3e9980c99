"""Servers of several policies, and at each a user of its own for every client."""

import pathlib
import subprocess

from support.sallyport import full_rights
from support.sshkeys import make_key

from .client import Key, Place

EXTENDED = [{"Key": "sallyport:compatibility", "Value": "extended"}]


def make_formats(folder, name):
    """A key pair as OpenSSH, PuTTY and Dropbear keep it."""
    pair = make_key(folder, name=name)
    # make_key() names its user in OpenSSH's format alone; curl wants both halves as files.
    putty, dropbear = pair.path.with_suffix(".ppk"), pair.path.with_suffix(".dropbear")
    for command in (["puttygen", pair.path, "-O", "private", "-o", putty],
                    ["dropbearconvert", "openssh", "dropbear", pair.path, dropbear]):
        subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=60,
                       env={"HOME": str(folder), "PATH": "/usr/bin:/bin"})
    return pair, Key(pair.path, pair.public_path, putty, dropbear)


def fingerprints_of(address, port):
    """SHA256:… of every host key of a server."""
    scan = subprocess.run(["ssh-keyscan", "-T", "60", "-p", str(port), address], capture_output=True, text=True,
                          timeout=300)
    listed = subprocess.run(["ssh-keygen", "-lf", "-"], input=scan.stdout, capture_output=True, text=True, check=True)
    return [line.split()[1] for line in listed.stdout.splitlines()]


class World:
    """One bucket and one role for all; places are apart by their prefix."""

    def __init__(self, sallyport, folder):
        self.sallyport, self.folder = sallyport, pathlib.Path(folder)
        self.pair, self.key = make_formats(self.folder / "keys", "right")
        _, self.wrong_key = make_formats(self.folder / "keys", "wrong")
        self.bucket = sallyport.bucket()
        self.role = sallyport.role(full_rights(self.bucket))
        self.s3 = sallyport.client("s3")
        self.servers = {}

    def add_server(self, policy, strict=True):
        """Servers are known by their policy's name and whether they are strict."""
        tags = {} if strict else {"Tags": EXTENDED}
        server = self.sallyport.server(SecurityPolicyName=f"TransferSecurityPolicy-{policy}", **tags)
        address, port = self.sallyport.endpoint(server)
        fingerprints = fingerprints_of(address, port)
        self.servers[policy, strict] = (server, address, port, fingerprints)

    def place(self, policy, user, strict=True):
        server, address, port, fingerprints = self.servers[policy, strict]
        home = f"{self.bucket}/{server}/{user}"
        self.s3.put_object(Bucket=self.bucket, Key=f"{server}/{user}/")
        self.sallyport.call("CreateUser", ServerId=server, UserName=user, Role=self.role, HomeDirectory=f"/{home}",
                            SshPublicKeyBody=self.pair.public_text)
        return Place(address, port, user, f"/{home}", self.key, self.wrong_key, fingerprints)

    # What lies in a place, seen past SFTP.

    def prefix(self, place):
        return place.home.split("/", 2)[2] + "/"

    def objects(self, place):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix(place))
        keys = [one["Key"] for page in pages for one in page.get("Contents", [])]
        return {key[len(self.prefix(place)):] for key in keys} - {""}

    def content(self, place, name):
        return self.s3.get_object(Bucket=self.bucket, Key=self.prefix(place) + name)["Body"].read()

    def store(self, place, name, content):
        self.s3.put_object(Bucket=self.bucket, Key=self.prefix(place) + name, Body=content)

    def take(self, place, name):
        self.s3.delete_object(Bucket=self.bucket, Key=self.prefix(place) + name)
