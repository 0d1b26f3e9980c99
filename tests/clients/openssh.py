"""OpenSSH's sftp, alone, through a shared connection and through Dropbear's dbclient; OpenSSH's scp."""

import os
import shutil
import subprocess
import tempfile

from support.sftp_client import BASE_OPTIONS

from .client import Answer
from .forms import Copier, Told


def options_of(place, **more):
    options = {**BASE_OPTIONS, "IdentityFile": place.key.path, **more}
    return ["-F", "none", *[part for name, value in options.items() for part in ("-o", f"{name}={value}")]]


class Sftp(Told):
    name, packages = "OpenSSH sftp", ("openssh-client",)
    interest = r"^(?!sftp>|Uploading|Fetching|Resuming|Warning|Connected)(.*)"
    refuses_strict = {"resume put": 'dest open "half": Operation unsupported'}
    refuses = {"wrong key": "ann@HOST: Permission denied (publickey). / Connection closed"}
    commands = {**Told.commands, "rename": "rename {} {}"}

    def command(self):
        return ["sftp", *options_of(self.place), "-b", "-", "-P", self.place.port,
                f"{self.place.user}@{self.place.address}"]

    def lines(self, *lines):
        return self.run(*self.command(), given="\n".join(lines) + "\n")

    def ls(self):
        answer, out = self.lines("ls -1")
        answer.names = [line for line in out.splitlines() if not line.startswith("sftp>")]
        return answer


class SharedSftp(Sftp):
    """Every call is a channel of one connection, which the first one opens."""

    name = "OpenSSH sftp, ControlMaster"

    def __init__(self, place, folder):
        super().__init__(place, folder)
        # Below /tmp: the path of a socket must be short.
        self.sockets = tempfile.mkdtemp(prefix="cm-")
        self.shared = {"ControlMaster": "auto", "ControlPath": f"{self.sockets}/s", "ControlPersist": "300"}

    def command(self):
        return ["sftp", *options_of(self.place, **self.shared), "-b", "-", "-P", self.place.port,
                f"{self.place.user}@{self.place.address}"]

    def lines(self, *lines):
        # A file and no pipe: the connection that stays keeps it open.
        with open(self.folder / "complaints", "w+") as complaints:
            done = subprocess.run([str(c) for c in self.command()], input="\n".join(lines) + "\n", text=True,
                                  stdout=subprocess.PIPE, stderr=complaints, timeout=300, cwd=self.folder,
                                  env=self.environment())
            complaints.seek(0)
            return Answer(done.returncode == 0, self.complaint(complaints.read())), done.stdout

    def is_shared(self):
        return os.path.exists(f"{self.sockets}/s")

    def close(self):
        if self.is_shared():
            self.run("ssh", *options_of(self.place, **self.shared), "-O", "exit", "-p", self.place.port,
                     f"{self.place.user}@{self.place.address}")
        shutil.rmtree(self.sockets)


class Dbclient(Sftp):
    """Dropbear's client carries what OpenSSH's sftp says."""

    name, packages = "Dropbear dbclient", ("dropbear-bin", "openssh-client")
    interest = r"exited: .*|^(?!sftp>|Uploading|Fetching|Resuming|Connected|dbclient|WARNING|/usr)(.*)"
    refuses = {"wrong key": "exited: No auth methods could be used. / Connection closed"}
    without = dict.fromkeys(("2024-01", "2025-03", "FIPS-2025-03"), "exited: No matching algo mac c->s / Connection closed")

    def command(self):
        wrapper = self.folder / "dbclient"
        if not wrapper.exists():
            wrapper.write_text(f'#!/bin/sh\nexec dbclient -y -y -i {self.place.key.dropbear} "$@"\n')
            wrapper.chmod(0o755)
        return ["sftp", "-S", wrapper, "-b", "-", "-P", self.place.port,
                f"{self.place.user}@{self.place.address}"]


class Scp(Copier):
    name, packages = "OpenSSH scp", ("openssh-client",)
    interest = r"^(?!Warning|Connected)(.*)"
    lacks = ("ls", "rename", "resume put", "resume get", "mkdir", "rmdir", "remove")
    refuses = {"wrong key": "ann@HOST: Permission denied (publickey). / scp: Connection closed"}

    def copy(self, source, target, *more):
        return self.run("scp", *more, *options_of(self.place), "-P", self.place.port, source, target)[0]

    def attempt(self):
        (self.folder / "attempt").touch()
        return self.put([(self.folder / "attempt", "attempt")])
