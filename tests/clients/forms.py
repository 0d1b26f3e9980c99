"""What clients of one form have in common: those that are told commands, and those that copy."""

from .client import Client


class Told(Client):
    """A client that carries out lines of its own language. `lines(*lines)` → (Answer, standard output)."""

    commands = {"put": "put {} {}", "get": "get {} {}", "rename": "mv {} {}", "resume put": "reput {} {}",
                "resume get": "reget {} {}", "mkdir": "mkdir {}", "rmdir": "rmdir {}", "remove": "rm {}"}

    @staticmethod
    def quoted(name):
        return '"' + str(name).replace("\\", "\\\\").replace('"', '\\"') + '"'

    def tell(self, operation, *calls):
        """One line for each call, which is a tuple of names."""
        return self.lines(*(self.commands[operation].format(*map(self.quoted, names)) for names in calls))[0]

    def put(self, pairs):
        return self.tell("put", *pairs)

    def get(self, pairs):
        return self.tell("get", *pairs)

    def rename(self, old, new):
        return self.tell("rename", (old, new))

    def resume_put(self, local, name):
        return self.tell("resume put", (local, name))

    def resume_get(self, name, local):
        return self.tell("resume get", (name, local))

    def mkdir(self, name):
        return self.tell("mkdir", (name,))

    def rmdir(self, name):
        return self.tell("rmdir", (name,))

    def remove(self, name):
        return self.tell("remove", (name,))


class Copier(Client):
    """A program that copies one file at a call. `copy(source, target, *more)` → Answer."""

    def at_host(self, name):
        return f"{self.place.user}@{self.place.address}:{name}"

    def each(self, pairs, *more):
        for source, target in pairs:
            answer = self.copy(source, target, *more)
            if not answer.ok:
                return answer
        return answer

    def put(self, pairs, *more):
        return self.each([(a, self.at_host(b)) for a, b in pairs], *more)

    def get(self, pairs, *more):
        return self.each([(self.at_host(a), b) for a, b in pairs], *more)
