"""The suite over buckets of a Ceph RADOS Gateway: SALLYPORT_TEST_STORE=ceph-sts, where the gateway's STS and IAM
decide, or ceph-static, where the embedded IAM does and the gateway sees one user's keys.

Tests go on making buckets and roles as ever; here they come to be where they are looked for."""

import functools
import json
import os

from . import ceph_rgw

MODES = ("ceph-sts", "ceph-static")

SECTION = """
[stores.ceph]
endpoint = "{url}"
region = "us-east-1"
credentials = "static"
access_key_id = "{access_key}"
secret_access_key = "{secret_key}"
sts = {sts}
"""


def mode():
    """None: the embedded buckets."""
    chosen = os.environ.get("SALLYPORT_TEST_STORE") or None
    assert chosen is None or chosen in MODES, f"SALLYPORT_TEST_STORE is one of {', '.join(MODES)}"
    return chosen


def transfer_may_assume(document):
    """Whether a trust policy lets the service in; its conditions are the embedded IAM's to weigh, here none may be."""
    statements = json.loads(document)["Statement"]
    return any(one["Effect"] == "Allow" and "Condition" not in one
               and "transfer.amazonaws.com" in str(one.get("Principal")) for one in statements)


class Elsewhere:
    """What one Sallyport of the tests needs of the shared gateway."""

    def __init__(self):
        self.rgw = ceph_rgw.shared()
        self.enforces = mode() == "ceph-sts"

    def configuration(self):
        access = self.rgw.access
        return SECTION.format(url=access.url, access_key=access.access_key, secret_key=access.secret_key,
                              sts=str(self.enforces).lower())

    def s3(self):
        return self.rgw.access.client()

    def iam(self, own):
        """`own`, the embedded IAM's client, whose changes of roles the gateway's follow."""
        return FollowedIam(own, self.rgw.access.client("iam")) if self.enforces else own


class FollowedIam:
    FOLLOWED = ("create_role", "delete_role", "put_role_policy", "delete_role_policy", "update_assume_role_policy")

    def __init__(self, own, theirs):
        self._own, self._theirs = own, theirs

    def __getattr__(self, name):
        call = getattr(self._own, name)
        return functools.partial(self._both, name, call) if name in self.FOLLOWED else call

    def _both(self, name, call, **members):
        answer = call(**members)
        members.pop("Tags", None)
        members.pop("Description", None)
        for document in ("AssumeRolePolicyDocument", "PolicyDocument"):
            if document in members:
                trusts = document.startswith("Assume") or name == "update_assume_role_policy"
                members[document] = self._translated(members[document], trusts)
        getattr(self._theirs, name)(**members)
        return answer

    @staticmethod
    def _translated(text, trusts):
        if trusts:
            user = "admin" if transfer_may_assume(text) else "nobody"
            return ceph_rgw.compact(ceph_rgw.trust(f"arn:aws:iam:::user/{user}"))
        return ceph_rgw.compact(json.loads(text))
