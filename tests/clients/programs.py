"""lftp, curl, rclone and sshfs."""

import os
import pathlib
import shutil
import subprocess
import urllib.parse

from .client import Answer, Client
from .forms import Copier, Told
from .openssh import options_of


class Lftp(Told):
    name, packages = "lftp", ("lftp",)
    interest = r"[A-Z][a-z]+ (failed|error): .*"
    refuses_strict = {"resume put":
                      "Access failed: AWS Transfer does not support random access writes to S3 objects (half)"}
    refuses = {"wrong key": "Fatal error: max-retries exceeded (ann@HOST: Permission denied (publickey).)"}
    commands = {**Told.commands, "put": "put {} -o {}", "get": "get {} -o {}", "resume put": "put -c {} -o {}",
                "resume get": "get -c {} -o {}"}

    def lines(self, *lines):
        connect = " ".join(map(str, ["ssh", "-a", "-x", *options_of(self.place)]))
        head = ["set cmd:fail-exit yes", f"set sftp:connect-program {self.quoted(connect)}", "set net:max-retries 1",
                "set net:timeout 60", "set cmd:interactive no", "set xfer:log no",
                f"open -u {self.place.user}, sftp://{self.place.address}:{self.place.port}"]
        script = self.folder / "script"
        script.write_text("\n".join([*head, *lines]) + "\n")
        return self.run("lftp", "--norc", "-f", script)

    def ls(self):
        answer, out = self.lines("cls -1")
        answer.names = [name.rstrip("/") for name in out.splitlines()]
        return answer


class Curl(Client):
    name, packages = "curl", ("curl", "libssh2-1")
    interest = r"curl: .*"
    refuses_strict = {"resume put": "curl: (79) Upload failed: Operation not supported by SFTP server (8/-31)"}
    refuses = {"wrong key": "curl: (67) Authentication failure"}
    without = dict.fromkeys(("2024-01", "2025-03", "FIPS-2025-03"), "curl: (2) Failure establishing ssh session: -5, "
                            "Unable to exchange encryption keys")

    def url(self, name=""):
        return f"sftp://{self.place.address}:{self.place.port}" + urllib.parse.quote(self.remote(name))

    def curl(self, *arguments):
        return self.run("curl", "-sS", "-k", "--key", self.place.key.path, "--pubkey", self.place.key.public,
                        "-u", f"{self.place.user}:", *arguments)

    def quote(self, *words):
        # A command goes before a transfer; listing the home directory is one.
        return self.curl("-l", "-Q", " ".join(words), self.url())[0]

    def path(self, name):
        return Told.quoted(self.remote(name))

    def put(self, pairs):
        return self.curl(*(part for a, b in pairs for part in ("-T", a, self.url(b))))[0]

    def get(self, pairs):
        return self.curl(*(part for a, b in pairs for part in ("-o", b, self.url(a))))[0]

    def ls(self):
        answer, out = self.curl("-l", self.url())
        answer.names = out.splitlines()
        return answer

    def rename(self, old, new):
        return self.quote("rename", self.path(old), self.path(new))

    def resume_put(self, local, name):
        return self.curl("-C", "-", "-T", local, self.url(name))[0]

    def resume_get(self, name, local):
        return self.curl("-C", "-", "-o", local, self.url(name))[0]

    def mkdir(self, name):
        return self.quote("mkdir", self.path(name))

    def rmdir(self, name):
        return self.quote("rmdir", self.path(name))

    def remove(self, name):
        return self.quote("rm", self.path(name))


class Rclone(Copier):
    name, packages = "rclone", ("rclone",)
    interest = r"(?<=: ).*"
    lacks = ("resume put", "resume get")
    refuses = {"wrong key": "NewFs: couldn't connect SSH: ssh: handshake failed: ssh: unable to authenticate, "
                            "attempted methods [none publickey], no supported methods remain"}

    def rclone(self, *arguments, **settings):
        env = {"RCLONE_CONFIG": "/nonexistent/rclone.conf", "RCLONE_CONFIG_REMOTE_TYPE": "sftp",
               "RCLONE_CONFIG_REMOTE_HOST": self.place.address, "RCLONE_CONFIG_REMOTE_PORT": str(self.place.port),
               "RCLONE_CONFIG_REMOTE_USER": self.place.user, "RCLONE_CONFIG_REMOTE_KEY_FILE": str(self.place.key.path),
               # An object's time cannot be set.
               "RCLONE_SFTP_SET_MODTIME": "false", "RCLONE_RETRIES": "1", "RCLONE_LOW_LEVEL_RETRIES": "1", **settings}
        return self.run("rclone", *arguments, env=env)

    def at_host(self, name):
        return f"remote:{name}"

    def copy(self, source, target, command="copyto"):
        return self.rclone(command, source, target)[0]

    def ls(self):
        answer, out = self.rclone("lsf", "remote:")
        answer.names = [name.rstrip("/") for name in out.splitlines()]
        return answer

    def rename(self, old, new):
        return self.copy(self.at_host(old), self.at_host(new), "moveto")

    def mkdir(self, name):
        return self.rclone("mkdir", self.at_host(name))[0]

    def rmdir(self, name):
        return self.rclone("rmdir", self.at_host(name))[0]

    def remove(self, name):
        return self.rclone("deletefile", self.at_host(name))[0]


class Sshfs(Client):
    """A mounted home directory; what its user does with files."""

    name, packages = "sshfs", ("sshfs",)
    interest = r"^(?!Warning|Connected)(.*)"
    # It asks for a file's attributes while it makes it; an object is there once it is closed.
    refuses_strict = {"put": "No such file or directory", "resume put": "Operation not supported"}
    refuses = {"wrong key": "read: Connection reset by peer"}
    # close() is over once all is written; the kernel lets go of the file afterwards.
    closes_late = True

    @classmethod
    def can_run(cls):
        return os.access("/dev/fuse", os.R_OK | os.W_OK) and shutil.which("fusermount3") is not None

    def __init__(self, place, folder):
        super().__init__(place, folder)
        self.mount = self.folder / "mount"
        self.mounted = None

    def mounting(self):
        self.mount.mkdir(exist_ok=True)
        return self.run("sshfs", f"{self.place.user}@{self.place.address}:", self.mount, "-p", self.place.port,
                        *options_of(self.place), "-o", "dir_cache=no")[0]

    def within(self, act):
        if self.mounted is None:
            self.mounted = self.mounting()
        if not self.mounted.ok:
            return self.mounted
        try:
            return Answer(True, names=act())
        except OSError as error:
            return Answer(False, error.strerror)

    def put(self, pairs):
        return self.within(lambda: [shutil.copyfile(a, self.mount / b) for a, b in pairs])

    def get(self, pairs):
        return self.within(lambda: [shutil.copyfile(self.mount / a, b) for a, b in pairs])

    def ls(self):
        return self.within(lambda: [path.name for path in self.mount.iterdir()])

    def rename(self, old, new):
        return self.within(lambda: (self.mount / old).rename(self.mount / new))

    def resume_put(self, local, name):
        def act():
            with open(self.mount / name, "ab") as target:
                target.write(pathlib.Path(local).read_bytes()[target.tell():])
        return self.within(act)

    def resume_get(self, name, local):
        def act():
            with open(local, "ab") as target, open(self.mount / name, "rb") as source:
                source.seek(target.tell())
                shutil.copyfileobj(source, target)
        return self.within(act)

    def mkdir(self, name):
        return self.within(lambda: (self.mount / name).mkdir())

    def rmdir(self, name):
        return self.within(lambda: (self.mount / name).rmdir())

    def remove(self, name):
        return self.within(lambda: (self.mount / name).unlink())

    def close(self):
        if self.mounted and self.mounted.ok:
            subprocess.run(["fusermount3", "-u", str(self.mount)], check=True, timeout=60)
