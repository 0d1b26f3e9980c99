"""What every foreign client can do here, behind one interface, and where it does it."""

import dataclasses
import os
import pathlib
import re
import subprocess

# Columns of the matrix: what the page calls it → the method.
OPERATIONS = {"put": "put", "get": "get", "ls": "ls", "rename": "rename", "resume put": "resume_put",
              "resume get": "resume_get", "mkdir": "mkdir", "rmdir": "rmdir", "remove": "remove",
              "wrong key": "with_wrong_key"}


@dataclasses.dataclass
class Key:
    """One private key in the formats that clients read."""

    path: pathlib.Path
    public: pathlib.Path
    putty: pathlib.Path
    dropbear: pathlib.Path


@dataclasses.dataclass
class Place:
    """One user at one server."""

    address: str
    port: int
    user: str
    home: str                 # as the user sees it, e.g. /bucket/user
    key: Key
    wrong_key: Key
    fingerprints: list        # SHA256:… of every host key


@dataclasses.dataclass
class Answer:
    """What came of a call: `names` of a listing, `words` of a refusal."""

    ok: bool
    words: str = ""
    names: list = None


class Client:
    """`refuses`: operation → the words for what every server refuses, `refuses_strict` for what strict ones refuse besides;
    `without`: policy → the words where the two have no algorithm in common; `lacks`: what the client has no command for;
    `interest`: which lines of a complaint count; `packages`: Debian's; `closes_late`: a file is written and closed before
    the server has heard of it. put() and get() take pairs (from, to)."""

    name, packages, closes_late = None, (), False
    refuses, refuses_strict, without, lacks, interest = {}, {}, {}, (), ""

    @classmethod
    def version(cls):
        """Without what Debian adds to it."""
        seen = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *cls.packages], capture_output=True,
                              text=True).stdout
        versions = {name: re.sub(r"^\d+:|[-+~].*", "", version) for name, version in map(str.split, seen.splitlines())}
        own = [versions.get(cls.packages[0], "missing")]
        return ", ".join(own + [f"{name} {versions.get(name, 'of another name')}" for name in cls.packages[1:]])

    @classmethod
    def can_run(cls):
        """Whether the machine has what it needs besides its packages."""
        return True

    def __init__(self, place, folder):
        self.place, self.folder = place, pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def close(self):
        """Ends what outlives a call."""

    def remote(self, name):
        return f"{self.place.home}/{name}"

    def attempt(self):
        """The smallest thing that needs a login."""
        return self.ls()

    def with_wrong_key(self):
        other = type(self)(dataclasses.replace(self.place, key=self.place.wrong_key), self.folder / "wrong")
        try:
            return other.attempt()
        finally:
            other.close()

    def environment(self):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("SSH_", "RCLONE_", "LFTP_"))}
        return {**env, "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def run(self, *command, given="", timeout=300, env=None):
        """(Answer, standard output) of a program."""
        done = subprocess.run([str(c) for c in command], input=given, capture_output=True, text=True, errors="replace",
                              timeout=timeout, cwd=self.folder, env={**self.environment(), **(env or {})})
        return Answer(done.returncode == 0, self.complaint(done.stderr + "\n" + done.stdout)), done.stdout

    def complaint(self, text):
        """The lines that say why, without what differs from run to run."""
        for real, word in ((self.remote(""), ""), (self.place.home, "HOME"), (str(self.folder) + "/", ""),
                           (str(self.folder), ""), (f"{self.place.address}:{self.place.port}", "HOST:PORT"),
                           (f"port {self.place.port}", "port PORT"), (f"{self.place.user}@", "ann@"),
                           (self.place.address, "HOST")):
            text = text.replace(real, word)
        out = []
        for line in (line.strip() for line in text.splitlines()):
            found = re.search(self.interest, line)
            if line and found and found[0] not in out:
                out.append(found[0] if found[0] else line)
        return " / ".join(out)
