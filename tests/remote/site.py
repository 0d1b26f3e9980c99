"""A Sallyport with several stores elsewhere: one Ceph gateway by its address ("bucket-…"), the same through a proxy that
harms what it is told to ("via-…"; "keys-…": without its STS), the same over TLS by buckets' host names ("tls-…"), and
with a key that it has ("locked-…") and one that it has not ("lost-…"). Other buckets are embedded."""

import dataclasses
import os

from support import ceph_rgw
from support.ceph_rgw import allow, policy
from support.s3_faults import FaultProxy
from support.sallyport import Sallyport
from support.sftp_client import SftpClient
from support.sshkeys import new_key

STORE = """
[stores.{name}]
buckets = ["{pattern}"]
endpoint = "{url}"
access_key_id = "{access.access_key}"
secret_access_key = "{access.secret_key}"
{more}
"""
FILE = os.urandom(1 << 20)


@dataclasses.dataclass
class Site:
    rgw: ceph_rgw.CephRgw
    proxy: FaultProxy
    sallyport: Sallyport
    key: object

    @classmethod
    def start(cls, binary, folder, rgw, proxy):
        config = folder / "stores.toml"
        config.write_text(
            STORE.format(name="direct", pattern="bucket-*", url=rgw.url, access=rgw.access, more="") +
            STORE.format(name="via", pattern="via-*", url=proxy.url, access=rgw.access, more="") +
            STORE.format(name="keys", pattern="keys-*", url=proxy.url, access=rgw.access, more="sts = false") +
            STORE.format(name="locked", pattern="locked-*", url=rgw.url, access=rgw.access,
                         more=f'encryption = "aws:kms"\nkms_key_id = "{ceph_rgw.KMS_KEY}"') +
            STORE.format(name="lost", pattern="lost-*", url=rgw.url, access=rgw.access,
                         more='encryption = "aws:kms"\nkms_key_id = "no-such-key"') +
            STORE.format(name="tls", pattern="tls-*", url=f"https://{ceph_rgw.DOMAIN}:{rgw.https}", access=rgw.access,
                         more=f'addressing = "virtual"\nca_file = "{rgw.ca}"'))
        running = Sallyport(binary, folder / "data", config=config, settings={"limits.servers": 1000})
        running.elsewhere = None  # its configuration is its own
        return cls(rgw, proxy, running.start(), new_key(folder))

    def user(self, kind="via", rights=None, server=None, bucket=None, **members):
        """A user with a bucket of that kind and a server of his own, unless given: a Client."""
        bucket = bucket or self.rgw.make_bucket(kind)
        rights = rights or policy(allow("s3:*", [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]))
        server = server or self.sallyport.server()
        role = self.role(rights, kind)
        self.sallyport.call("CreateUser", ServerId=server, UserName="ann", SshPublicKeyBody=self.key.public_text,
                            Role=role, **{"HomeDirectory": f"/{bucket}", **members})
        return Client(self, server, bucket, role)

    def role(self, rights, kind="via"):
        if kind == "keys":
            return self.sallyport.role(rights)
        name = self.rgw.make_role(["admin"], rights).rsplit("/", 1)[1]
        return f"arn:aws:iam::000000000000:role/{name}"


@dataclasses.dataclass
class Client:
    site: Site
    server: str
    bucket: str
    role: str

    def sftp(self):
        return SftpClient(*self.site.sallyport.endpoint(self.server), "ann", self.site.key)

    def must(self, *lines):
        return self.sftp().must(*lines)

    def refused(self, *lines):
        """What the client says of commands that fail."""
        done = self.sftp().batch(*lines)
        assert not done.ok, done.stdout
        return done.stderr

    def listed(self, line):
        """What the client says of a listing; `sftp` goes on after one that failed."""
        return self.sftp().batch(line).stderr

    def read(self, key):
        return self.site.rgw.access.client().get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def keys(self):
        page = self.site.rgw.access.client().list_objects_v2(Bucket=self.bucket)
        return [one["Key"] for one in page.get("Contents", [])]

    def uploads(self):
        return self.site.rgw.access.client().list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])

    def error(self, **members):
        """The ERROR line that has these members, as soon as it is there."""
        def matching(events):
            return [e for _, e in events if e["activity-type"] == "ERROR" and members.items() <= e.items()]

        return matching(self.site.sallyport.wait_events(self.server, matching))[0]
