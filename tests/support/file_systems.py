"""A server with Domain=EFS over a directory of the machine, with users of several POSIX identities."""

import contextlib
import os
import pathlib

import paramiko

from . import ceph_fs
from .sallyport import Sallyport
from .sftp_client import SftpClient
from .sshkeys import make_key

FILE_SYSTEM = "fs-0123456789abcdef0"
OTHER_SYSTEM = "fs-0fedcba9876543210"
MISSING_SYSTEM = "fs-00000000000000000"
MOUNT, WRITE, ROOT = (f"elasticfilesystem:Client{right}" for right in ("Mount", "Write", "RootAccess"))


def rights(*actions, system="*"):
    return {"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": list(actions),
                           "Resource": f"arn:aws:elasticfilesystem:us-east-1:000000000000:file-system/{system}"}]}


class FileSite:
    """A Sallyport with two file systems, `root` (FILE_SYSTEM) and `other`; users are made one by one."""

    def __init__(self, binary, folder, settings=None, key=None, base=None, made=False):
        """`base`: where the first file system lies, if not where both do: in `folder`, or in a CephFS that the
        environment asks for. `made`: it is there already."""
        self.folder = pathlib.Path(folder)
        both = ceph_fs.shared().make_folder() if ceph_fs.chosen() and not base else self.folder
        self.root, self.other = (base or both) / "root", both / "other"
        for directory in (self.root, self.other):
            directory.mkdir(exist_ok=made and directory == self.root)
            directory.chmod(0o755)
        config = self.folder / "sallyport.toml"
        config.write_text(f'[file_systems."{FILE_SYSTEM}"]\npath = "{self.root}"\n'
                          f'[file_systems."{OTHER_SYSTEM}"]\npath = "{self.other}"\n')
        self.key = key or make_key(self.folder / "keys", "ed25519", "user")
        self.sallyport = Sallyport(binary, self.folder / "data", settings, config)
        self.servers, self.roles = {}, {}

    def __enter__(self):
        self.sallyport.start()
        return self

    def __exit__(self, *_):
        self.sallyport.stop()

    def server(self, compatibility="strict"):
        if compatibility not in self.servers:
            self.servers[compatibility] = self.sallyport.server(
                Domain="EFS", Tags=[{"Key": "sallyport:compatibility", "Value": compatibility}])
        return self.servers[compatibility]

    def role(self, *actions):
        if actions not in self.roles:
            self.roles[actions] = self.sallyport.role(rights(*actions) if actions else None)
        return self.roles[actions]

    def home(self, name, uid, gid, mode=0o755, system=FILE_SYSTEM):
        """A directory home/NAME of the user's own in a file system; returns it."""
        home = (self.root if system == FILE_SYSTEM else self.other) / "home" / name
        home.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(home, uid, gid)
        home.chmod(mode)
        return home

    def user(self, name=None, uid=None, gid=None, groups=(), actions=(MOUNT, WRITE), compatibility="strict",
             system=FILE_SYSTEM, **members):
        """A user with a home of his own, unless members say where it is. Returns a `FileUser`."""
        server, name = self.server(compatibility), name or self.sallyport.name("user")
        uid = os.geteuid() if uid is None and os.geteuid() else (1001 if uid is None else uid)
        gid = os.getegid() if gid is None and os.geteuid() else (uid if gid is None else gid)
        home = self.home(name, uid, gid, system=system)
        if "HomeDirectoryType" not in members:
            members.setdefault("HomeDirectory", f"/{system}/home/{name}")
        self.sallyport.call("CreateUser", ServerId=server, UserName=name, Role=self.role(*actions),
                            SshPublicKeyBody=self.key.public_text,
                            PosixProfile={"Uid": uid, "Gid": gid, "SecondaryGids": list(groups)}, **members)
        return FileUser(self, server, name, home)


class FileUser:
    """Who he is, what he sees (`client`), and his home on the disk."""

    def __init__(self, site, server, name, home):
        self.site, self.server, self.name, self.home = site, server, name, home
        self.host, self.port = site.sallyport.endpoint(server)

    @property
    def client(self):
        return SftpClient(self.host, self.port, self.name, self.site.key)

    @contextlib.contextmanager
    def paramiko(self):
        """A paramiko client of his, for as long as the `with` lasts."""
        transport = paramiko.Transport((self.host, self.port))
        transport.connect(username=self.name, pkey=paramiko.Ed25519Key.from_private_key_file(str(self.site.key.path)))
        try:
            yield paramiko.SFTPClient.from_transport(transport)
        finally:
            transport.close()

    def events(self):
        return [event for stream, event in self.site.sallyport.events(self.server)
                if self.name in stream or event.get("user") == self.name]

    def wait_event(self, **members):
        """The first of his log events with these members, which keys say with "_" for "-"."""
        wanted = {key.replace("_", "-"): value for key, value in members.items()}

        def matching(events):
            return [event for stream, event in events if self.name in stream and wanted.items() <= event.items()]
        return matching(self.site.sallyport.wait_events(self.server, lambda events: bool(matching(events))))[0]
