"""Libraries: paramiko, asyncssh and ssh2-sftp-client for Node.js."""

import asyncio
import json
import pathlib
import shutil

import asyncssh
import paramiko

from .client import Answer, Client

NPM = pathlib.Path(__file__).resolve().parent.parent / "npm"


class ByItsNames:
    """What libraries call as OpenSSH's sftp does. `within(act)` → the Answer of act(the library's own client)."""

    def rename(self, old, new):
        return self.within(lambda sftp: sftp.rename(old, new))

    def mkdir(self, name):
        return self.within(lambda sftp: sftp.mkdir(name))

    def rmdir(self, name):
        return self.within(lambda sftp: sftp.rmdir(name))

    def remove(self, name):
        return self.within(lambda sftp: sftp.remove(name))


class Paramiko(ByItsNames, Client):
    name, packages = "paramiko", ("python3-paramiko",)
    refuses_strict = {"resume put": "Cannot open file in mode: APPEND|CREATE|WRITE"}
    refuses = {"wrong key": "Authentication failed."}

    def connect(self):
        key = paramiko.Ed25519Key.from_private_key_file(str(self.place.key.path))
        transport = paramiko.Transport((self.place.address, self.place.port))
        transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = 60
        try:
            transport.connect(username=self.place.user, pkey=key)
        except BaseException:
            transport.close()
            raise
        return transport

    def within(self, act):
        try:
            transport = self.connect()
            try:
                return Answer(True, names=act(paramiko.SFTPClient.from_transport(transport)))
            finally:
                transport.close()
        except (OSError, paramiko.SSHException) as error:
            return Answer(False, self.complaint(str(error)))

    def put(self, pairs):
        return self.within(lambda sftp: [sftp.put(str(a), b) for a, b in pairs])

    def get(self, pairs):
        return self.within(lambda sftp: [sftp.get(a, str(b)) for a, b in pairs])

    def ls(self):
        return self.within(lambda sftp: sftp.listdir("."))

    def resume_put(self, local, name):
        def act(sftp):
            with open(local, "rb") as source, sftp.open(name, "ab") as target:
                source.seek(target.tell())
                shutil.copyfileobj(source, target)
        return self.within(act)

    def resume_get(self, name, local):
        def act(sftp):
            with open(local, "ab") as target, sftp.open(name, "rb") as source:
                source.seek(target.tell())
                shutil.copyfileobj(source, target)
        return self.within(act)


class Asyncssh(ByItsNames, Client):
    name, packages = "asyncssh", ("python3-asyncssh",)
    refuses_strict = {"resume put": "Cannot open file in mode: APPEND|CREATE|WRITE"}
    refuses = {"wrong key": "Permission denied"}

    def connect(self):
        return asyncssh.connect(self.place.address, self.place.port, username=self.place.user, known_hosts=None,
                                client_keys=[str(self.place.key.path)], config=None, agent_path=None)

    def within(self, act):
        async def session():
            async with self.connect() as connection, connection.start_sftp_client() as sftp:
                return await act(sftp)
        try:
            return Answer(True, names=asyncio.run(session()))
        except (OSError, asyncssh.Error) as error:
            return Answer(False, self.complaint(str(error)))

    def put(self, pairs):
        async def act(sftp):
            for a, b in pairs:
                await sftp.put(str(a), b)
        return self.within(act)

    def get(self, pairs):
        async def act(sftp):
            for a, b in pairs:
                await sftp.get(a, str(b))
        return self.within(act)

    def ls(self):
        async def act(sftp):
            return [name for name in await sftp.listdir(".") if name not in (".", "..")]
        return self.within(act)

    def resume_put(self, local, name):
        async def act(sftp):
            async with sftp.open(name, "ab") as target:
                await target.write(pathlib.Path(local).read_bytes()[await target.tell():])
        return self.within(act)

    def resume_get(self, name, local):
        async def act(sftp):
            begun = pathlib.Path(local).read_bytes()
            async with sftp.open(name, "rb") as source:
                pathlib.Path(local).write_bytes(begun + await source.read(offset=len(begun)))
        return self.within(act)


class NodeSftp(Client):
    """ssh2-sftp-client; tests/npm/sftp.mjs carries the calls out."""

    name = "ssh2-sftp-client"
    refuses_strict = {"resume put": "append: Cannot open file in mode: APPEND|CREATE|WRITE half"}
    refuses = {"wrong key": "getConnection: All configured authentication methods failed"}

    @classmethod
    def version(cls):
        return json.loads((NPM / "package.json").read_text())["dependencies"][cls.name]

    def call(self, *calls):
        given = {"config": {"host": self.place.address, "port": self.place.port, "username": self.place.user,
                            "readyTimeout": 60_000, "privateKey": pathlib.Path(self.place.key.path).read_text()},
                 "calls": [[str(part) if isinstance(part, pathlib.Path) else part for part in one] for one in calls]}
        answer, out = self.run("node", "--no-warnings", NPM / "sftp.mjs", given=json.dumps(given))
        assert answer.ok, answer.words
        said = json.loads(out)
        return Answer(said["ok"], self.complaint(said.get("message", "")), said.get("result"))

    def put(self, pairs):
        return self.call(*(["put", a, b] for a, b in pairs))

    def get(self, pairs):
        return self.call(*(["get", a, b] for a, b in pairs))

    def fast_put(self, local, name, **options):
        return self.call(["fastPut", local, name, options])

    def ls(self):
        answer = self.call(["list", "."])
        answer.names = [one["name"] for one in answer.names or []]
        return answer

    def rename(self, old, new):
        return self.call(["rename", old, new])

    def resume_put(self, local, name):
        return self.call(["resumePut", local, name])

    def resume_get(self, name, local):
        return self.call(["resumeGet", name, local])

    def mkdir(self, name):
        return self.call(["mkdir", name])

    def rmdir(self, name):
        return self.call(["rmdir", name])

    def remove(self, name):
        return self.call(["delete", name])
