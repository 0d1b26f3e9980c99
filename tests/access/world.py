"""What one case stands on: a bucket, a role and a user of its own, at a server that cases share."""

import itertools
import json
import os

from support.sallyport import TRUST
from support.sftp_client import SftpClient
from support.sshkeys import new_key

# A person's terminal shows what ssh says at this level.
TERMINAL = {"LogLevel": "INFO"}
NO_TRUST = TRUST.replace("transfer.amazonaws.com", "lambda.amazonaws.com")
_numbers = itertools.count(1)


def policy(*statements):
    """A policy of 2012-10-17 from ("Allow" | "Deny", actions, resources[, condition])."""
    out = []
    for effect, actions, resources, *condition in statements:
        one = {"Effect": effect, "Action": actions, "Resource": resources}
        out.append({**one, "Condition": condition[0]} if condition else one)
    return {"Version": "2012-10-17", "Statement": out}


class World:
    """BUCKET, OTHER (a bucket that is not the user's), NOBUCKET, USER and FOLDER (of the client) may stand in policies,
    mappings and commands. The user is shown as "ann", whatever name keeps cases apart."""

    def __init__(self, sallyport, server, folder):
        self.sallyport, self.shared_server, self.server, self.folder = sallyport, server, server, folder
        number = next(_numbers)
        self.user_name, self.role_name = f"ann-{number}-{os.urandom(3).hex()}", sallyport.name("role")
        self.bucket, self.other = sallyport.bucket(), sallyport.bucket()
        self.no_bucket = sallyport.name("nobucket")
        self.key = new_key(folder)
        self.login_name, self.login_key, self.options, self.arguments = None, self.key, {}, []
        (folder / "file").write_text("hello\n")

    # Setting up.

    def fill(self, value):
        """The real names in the place of the placeholders."""
        if not isinstance(value, str):
            return json.loads(self.fill(json.dumps(value)))
        for word, real in (("NOBUCKET", self.no_bucket), ("BUCKET", self.bucket), ("OTHER", self.other),
                           ("FOLDER", str(self.folder)), ("SERVER", self.server), ("USER", self.user_name)):
            value = value.replace(word, real)
        return value

    def put(self, *keys, bucket=None):
        for key in keys:
            self.sallyport.client("s3").put_object(Bucket=bucket or self.bucket, Key=key,
                                                   Body=b"" if key.endswith("/") else b"hello\n")

    def user(self, rights=None, trust=TRUST, home="/BUCKET/ann", mappings=None, session_policy=None, folder=True):
        """A user, his role with these rights (None: no policy at all), and the home folder's marker."""
        role = self.sallyport.role(None if rights is None else self.fill(rights), name=self.role_name, trust=trust)
        members = {"HomeDirectoryType": "LOGICAL", "HomeDirectoryMappings": self.fill(mappings)} if mappings else \
            {"HomeDirectory": self.fill(home)}
        if session_policy is not None:
            members["Policy"] = json.dumps(session_policy)
        if folder:
            self.put("ann/")
        self.sallyport.call("CreateUser", ServerId=self.server, UserName=self.user_name, Role=role,
                            SshPublicKeyBody=self.key.public_text, **members)

    def own_server(self, **members):
        """A server for this case alone, logging in both formats. Before user()."""
        self.server = self.sallyport.server(**{**self.sallyport.both_formats(), **members})

    # Changing things while a session lives.

    def set_rights(self, rights):
        iam = self.sallyport.client("iam")
        if rights is None:
            iam.delete_role_policy(RoleName=self.role_name, PolicyName="rights")
        else:
            iam.put_role_policy(RoleName=self.role_name, PolicyName="rights",
                                PolicyDocument=json.dumps(self.fill(rights)))

    def set_trust(self, trust):
        self.sallyport.client("iam").update_assume_role_policy(RoleName=self.role_name, PolicyDocument=trust)

    def delete_role(self):
        self.set_rights(None)
        self.sallyport.client("iam").delete_role(RoleName=self.role_name)

    # Looking.

    def client(self):
        return SftpClient(*self.sallyport.endpoint(self.server), self.login_name or self.user_name, self.login_key,
                          {**TERMINAL, **self.options})

    def events(self, server=None):
        """(stream, event) of the server so far; a group without lines is not there."""
        try:
            return self.sallyport.events(server or self.server)
        except Exception as error:
            if "ResourceNotFound" not in str(error):
                raise
            return []

    def texts(self):
        """(stream, line) of the text log so far."""
        try:
            return self.sallyport.lines(f"/aws/transfer/{self.server}")
        except Exception as error:
            if "ResourceNotFound" not in str(error):
                raise
            return []

    def settle(self):
        """Returns when the log holds a line that was caused now: nothing older is still on its way."""
        name = self.sallyport.name("probe")
        SftpClient(*self.sallyport.endpoint(self.shared_server), name, self.key).interactive("bye")
        self.sallyport.wait_events(self.shared_server, lambda e: any(x.get("user") == name for _, x in e))
