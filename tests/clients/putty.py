"""PuTTY's psftp and pscp."""

from .client import Client
from .forms import Copier, Told


def names_of(listing):
    """Of an `ls -l`."""
    return [line.split(None, 8)[8] for line in listing.splitlines() if line[:1] in "-d" and len(line.split()) > 8]


class Putty(Client):
    packages = ("putty-tools",)
    interest = r"^(?!Remote working|Using username|Listing directory|(local|remote):|re(put|get): restarting|[-d]rw)(.*)"
    refuses = {"wrong key": "Server refused our key / FATAL ERROR: No supported authentication methods available "
                            "(server sent: publickey)"}

    def options(self):
        keys = [part for one in self.place.fingerprints for part in ("-hostkey", one)]
        return ["-batch", "-P", self.place.port, "-i", self.place.key.putty, *keys]


class Psftp(Putty, Told):
    name = "psftp"

    @staticmethod
    def quoted(name):
        return '"' + str(name).replace('"', '""') + '"'

    def lines(self, *lines):
        script = self.folder / "script"
        script.write_text("\n".join(lines) + "\n")
        return self.run("psftp", *self.options(), "-b", script, f"{self.place.user}@{self.place.address}")

    def ls(self):
        answer, out = self.lines("ls")
        answer.names = names_of(out)
        return answer


class Pscp(Putty, Copier):
    name = "pscp"
    lacks = ("rename", "resume put", "resume get", "mkdir", "rmdir", "remove")

    def copy(self, source, target):
        return self.run("pscp", "-sftp", "-q", *self.options(), source, target)[0]

    def ls(self):
        answer, out = self.run("pscp", "-sftp", *self.options(), "-ls", self.at_host(""))
        answer.names = names_of(out)
        return answer

    def put_by_scp(self, local, name):
        return self.run("pscp", "-scp", "-q", *self.options(), local, self.at_host(name))[0]
