"""PuTTY's psftp and pscp."""

from .client import Client


def quoted(name):
    return '"' + str(name).replace('"', '""') + '"'


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


class Psftp(Putty):
    name = "psftp"

    def lines(self, *lines):
        script = self.folder / "script"
        script.write_text("\n".join(lines) + "\n")
        return self.run("psftp", *self.options(), "-b", script, f"{self.place.user}@{self.place.address}")

    def put(self, pairs):
        return self.lines(*(f"put {quoted(a)} {quoted(b)}" for a, b in pairs))[0]

    def get(self, pairs):
        return self.lines(*(f"get {quoted(a)} {quoted(b)}" for a, b in pairs))[0]

    def ls(self):
        answer, out = self.lines("ls")
        answer.names = names_of(out)
        return answer

    def rename(self, old, new):
        return self.lines(f"mv {quoted(old)} {quoted(new)}")[0]

    def resume_put(self, local, name):
        return self.lines(f"reput {quoted(local)} {quoted(name)}")[0]

    def resume_get(self, name, local):
        return self.lines(f"reget {quoted(name)} {quoted(local)}")[0]

    def mkdir(self, name):
        return self.lines(f"mkdir {quoted(name)}")[0]

    def rmdir(self, name):
        return self.lines(f"rmdir {quoted(name)}")[0]

    def remove(self, name):
        return self.lines(f"rm {quoted(name)}")[0]


class Pscp(Putty):
    name = "pscp"
    lacks = ("rename", "resume put", "resume get", "mkdir", "rmdir", "remove")

    def at_host(self, name):
        return f"{self.place.user}@{self.place.address}:{name}"

    def copies(self, pairs, *more):
        for source, target in pairs:
            answer, _ = self.run("pscp", "-sftp", "-q", *more, *self.options(), source, target)
            if not answer.ok:
                return answer
        return answer

    def put(self, pairs):
        return self.copies([(a, self.at_host(b)) for a, b in pairs])

    def get(self, pairs):
        return self.copies([(self.at_host(a), b) for a, b in pairs])

    def ls(self):
        answer, out = self.run("pscp", "-sftp", *self.options(), "-ls", self.at_host(""))
        answer.names = names_of(out)
        return answer

    def put_by_scp(self, local, name):
        return self.run("pscp", "-scp", "-q", *self.options(), local, self.at_host(name))[0]
