"""Every foreign client over a file system: as over an extended server's objects, all that they have commands for
works."""

import concurrent.futures
import os
import re
import shutil

import pytest

from clients.libraries import Asyncssh, NodeSftp, Paramiko
from clients.matrix import Trial, expected_of
from clients.openssh import Dbclient, Scp, SharedSftp, Sftp
from clients.programs import Curl, Lftp, Rclone, Sshfs
from clients.putty import Pscp, Psftp
from clients.client import Place
from clients.world import fingerprints_of, make_formats
from support.file_systems import FILE_SYSTEM

CLIENTS = [Sftp, SharedSftp, Scp, Lftp, Psftp, Pscp, Curl, Rclone, Paramiko, Asyncssh, NodeSftp, Dbclient, Sshfs]
POLICY = "2018-11"  # with which every client has algorithms in common


class FileWorld:
    """As clients.world.World, over the directories of users."""

    def __init__(self, site, folder):
        self.site = site
        self.pair, self.key = make_formats(folder / "keys", "right")
        _, self.wrong_key = make_formats(folder / "keys", "wrong")
        self.server = site.sallyport.server(Domain="EFS", SecurityPolicyName=f"TransferSecurityPolicy-{POLICY}")
        self.address, self.port = site.sallyport.endpoint(self.server)
        self.fingerprints = fingerprints_of(self.address, self.port)

    def place(self, user):
        uid = os.geteuid() or 1001
        self.site.home(user, uid, uid)
        home = f"/{FILE_SYSTEM}/home/{user}"
        self.site.sallyport.call("CreateUser", ServerId=self.server, UserName=user,
                                 Role=self.site.role("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"),
                                 HomeDirectory=home, SshPublicKeyBody=self.pair.public_text,
                                 PosixProfile={"Uid": uid, "Gid": uid})
        return Place(self.address, self.port, user, home, self.key, self.wrong_key, self.fingerprints)

    def path(self, place, name):
        return self.site.root / "home" / place.user / name

    def objects(self, place):
        return {one.name + ("/" if one.is_dir() else "") for one in self.path(place, "").iterdir()}

    def content(self, place, name):
        return self.path(place, name).read_bytes()

    def store(self, place, name, content):
        path = self.path(place, name.rstrip("/"))
        path.mkdir() if name.endswith("/") else path.write_bytes(content)
        if os.geteuid() == 0:
            shutil.chown(path, 1001, 1001)

    def take(self, place, name):
        self.path(place, name).unlink()


@pytest.fixture(scope="module")
def trials(request, site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("clients")
    world = FileWorld(site, folder)
    chosen = [item.callspec.params["client"] for item in request.session.items
              if getattr(item, "originalname", "") == "test_client" and item.module is request.module]

    def trial(client_class):
        client = client_class(world.place(re.sub(r"[^a-z0-9]+", "-", client_class.name.lower())),
                              folder / client_class.__name__)
        try:
            return Trial(client, world).run(expected_of(client_class, POLICY, False))
        finally:
            client.close()

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        yield {client: pool.submit(trial, client) for client in chosen if client.can_run()}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: re.sub(r"[^A-Za-z0-9]+", "-", client.name))
def test_client(client, trials):
    if not client.can_run():
        pytest.skip("what it needs is not available here")
    seen, wanted = trials[client].result(timeout=900), expected_of(client, POLICY, False)
    assert {operation: kind for operation, (kind, _) in seen.items()} == \
        {operation: kind for operation, (kind, _) in wanted.items()}, seen
