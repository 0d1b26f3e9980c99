"""A Ceph RADOS Gateway of the tests' own: a cluster in memory, one gateway with S3, STS and IAM over http and https.

An object store that others wrote and that enforces roles and session policies itself. Its release 16 does not decode
"+" in the forms of STS and IAM: what goes into them holds no spaces (`compact`)."""

import base64
import json
import os
import re
import time
import urllib.error
import urllib.request

from . import ceph_conf
from .ceph_cluster import CephCluster
from .s3_tools import Access

DOMAIN = "s3.localhost"  # buckets are names below it, in the Host header and in the certificate
KMS_KEY = "test-key"  # the one that aws:kms may name
POOLS = (".rgw.root", *(f"default.rgw.{name}" for name in (
    "log", "control", "meta", "buckets.index", "buckets.data", "buckets.non-ec")))
CAPABILITIES = "roles=*;users=*;buckets=*;metadata=*"


def compact(document):
    """A policy without a space, as these STS and IAM forms need it."""
    return json.dumps(document, separators=(",", ":"))


def allow(actions, resources, **more):
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(*principals):
    return policy({"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": ["sts:AssumeRole"]})


class CephRgw(CephCluster):
    """What is stored is gone with stop(); kill_gateway() and start_gateway() keep it.

    `access` is the administrator's, over http; `over_tls(access)` is the same over https."""

    PROGRAMS = (*CephCluster.PROGRAMS, "radosgw", "radosgw-admin")
    FOLDERS = (*CephCluster.FOLDERS, "rgw")
    MORE = (ceph_conf.GATEWAY,)

    def __init__(self, memory=4 << 30, keep=30):
        super().__init__(memory, keep=keep, domain=DOMAIN, kms_key=KMS_KEY, sts_key=os.urandom(8).hex(),
                         kms_secret=base64.b64encode(os.urandom(32)).decode())
        self.http, self.https = self.first_port, self.first_port + 1
        self.values |= {"http": self.http, "https": self.https}
        self.url, self.tls_url = f"http://127.0.0.1:{self.http}", f"https://127.0.0.1:{self.https}"
        self.ca = self.path("ca.crt")
        self.access = Access(self.url, "AKIAADMINADMINADMIN0", os.urandom(20).hex())
        self._names = 0

    # Starting and stopping.

    def start(self):
        self._make_certificates()
        super().start()
        self.run("ceph-authtool", "keyring", "--gen-key", "-n", "client.rgw", "--cap", "mon", "allow *",
                 "--cap", "osd", "allow *")
        # Made here and at once: the gateway would make each at its first use, one after another.
        self.run("ceph", given="".join(f"osd pool create {pool} 4 4\n" for pool in POOLS))
        self._start_gateway_process()
        self._make_user("admin", self.access, CAPABILITIES)
        self._wait_gateway()
        return self

    def kill_gateway(self):
        """As if its machine had stopped. What it watched in the OSD is taken from it, else its successor's writes would
        wait half a minute for a dead listener."""
        self.kill("radosgw")
        watchers = self.run("rados", "-p", "default.rgw.control", "listwatchers", "notify.0")
        for address in re.findall(r"watcher=(\S+)", watchers):
            self.run("ceph", "osd", "blocklist", "add", address, "60")

    def start_gateway(self):
        self._start_gateway_process()
        self._wait_gateway()

    def _make_certificates(self):
        """A CA and a certificate by it for 127.0.0.1, localhost and the buckets' names."""
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30")
        names = f"subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:{DOMAIN},DNS:*.{DOMAIN}"
        self.run("openssl", "req", "-x509", *key, "-subj", "/CN=CA of a test", "-keyout", "ca.key", "-out", "ca.crt")
        self.run("openssl", "req", *key, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
        self.run("openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                  "-CAcreateserial", "-days", "30", "-extfile", "/dev/stdin", "-out", "server.crt", given=names)

    def _start_gateway_process(self):
        self._spawn("radosgw", "-n", "client.rgw")

    def _wait_gateway(self):
        for _ in range(3000):
            if self._answers():
                return
            self.check_alive()
            time.sleep(0.02)
        raise AssertionError("the gateway does not answer:\n" + self.output("radosgw"))

    def _answers(self):
        try:
            with urllib.request.urlopen(self.url, timeout=10) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    # Users, roles, sessions.

    def _make_user(self, name, access, capabilities=""):
        self.run("radosgw-admin", "user", "create", f"--uid={name}", f"--display-name={name}",
                  f"--access-key={access.access_key}", f"--secret={access.secret_key}",
                  *([f"--caps={capabilities}"] if capabilities else []))

    def unique(self, word):
        """A name that nobody else uses in this store."""
        self._names += 1
        return f"{word}-{self._names}"

    def make_user(self, name=None):
        """(name, Access). A user's ARN in policies is arn:aws:iam:::user/NAME."""
        name = name or self.unique("user")
        access = Access(self.url, f"AKIA{os.urandom(8).hex().upper()}", os.urandom(20).hex())
        self._make_user(name, access)
        return name, access

    def make_role(self, trusted, rights=None, name=None):
        """`trusted`: names of users who may assume it; `rights`: a policy. Returns the role's ARN."""
        name = name or self.unique("role")
        iam = self.access.client("iam")
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=compact(
            trust(*(f"arn:aws:iam:::user/{user}" for user in trusted))))
        if rights:
            iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=compact(rights))
        return made["Role"]["Arn"]

    def assume(self, access, role, session="session", session_policy=None, seconds=900):
        """An Access of a session of the role; `session_policy` narrows it."""
        more = {"Policy": compact(session_policy)} if session_policy else {}
        made = access.client("sts").assume_role(RoleArn=role, RoleSessionName=session, DurationSeconds=seconds, **more)
        keys = made["Credentials"]
        return Access(access.url, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], ca=access.ca)

    def make_bucket(self, word="bucket", **members):
        name = self.unique(word)
        self.access.client().create_bucket(Bucket=name, **members)
        return name

    def over_tls(self, access=None):
        access = access or self.access
        return Access(self.tls_url, access.access_key, access.secret_key, access.token, access.region, self.ca)


_shared = None


def shared(**options):
    """The one of this test run, started at the first use, which may give it options."""
    global _shared
    if _shared is None:
        _shared = CephRgw(**options).start()
    return _shared


def stop_shared():
    global _shared
    if _shared is not None:
        _shared.stop()
    _shared = None
