"""Runs OpenSSH's `sftp` (and `ssh`, `scp`) against a loopback server and captures what the terminal shows."""

import dataclasses
import subprocess

# No host's own settings, agent or known keys may reach a test.
BASE_OPTIONS = {
    "IdentitiesOnly": "yes",
    "IdentityAgent": "none",
    "PasswordAuthentication": "no",
    "KbdInteractiveAuthentication": "no",
    "StrictHostKeyChecking": "no",
    "UserKnownHostsFile": "/dev/null",
    "GlobalKnownHostsFile": "/dev/null",
    "LogLevel": "ERROR",
    "ConnectTimeout": "60",
}


@dataclasses.dataclass
class Outcome:
    returncode: int
    stdout: str
    stderr: str

    @property
    def ok(self):
        return self.returncode == 0


class SftpClient:
    """One user at one server. `key` is a path, a ClientKey or None (no key is offered);
    `options` are ssh options that go before and win over the defaults, e.g. {"Ciphers": "aes128-gcm@openssh.com"}."""

    def __init__(self, host, port, user, key=None, options=None, timeout=120):
        self.host, self.port, self.user = host, port, user
        self.key = getattr(key, "path", key)
        self.options = {**(options or {})}
        self.timeout = timeout

    def _arguments(self, options):
        merged = {**BASE_OPTIONS, **self.options, **(options or {})}
        out = ["-F", "none"]
        for name, value in merged.items():
            out += ["-o", f"{name}={value}"]
        # "none" also keeps the default identities away.
        out += ["-o", f"IdentityFile={self.key}" if self.key else "IdentityFile=none"]
        return out

    def _run(self, command, text=None, timeout=None, cwd=None):
        done = subprocess.run(command, input=text or "", capture_output=True, text=True, errors="replace",
                              timeout=timeout or self.timeout, cwd=cwd)
        return Outcome(done.returncode, done.stdout, done.stderr)

    def command(self, *arguments, options=None):
        """The command line of `sftp`; for callers that start it themselves."""
        return ["sftp", *self._arguments(options), "-P", str(self.port), *arguments, f"{self.user}@{self.host}"]

    def batch(self, *lines, options=None, arguments=(), timeout=None, cwd=None):
        """`sftp -b -`: ends at the first line that fails (unless it begins with `-`)."""
        return self._run(self.command("-b", "-", *arguments, options=options), "\n".join(lines) + "\n", timeout, cwd)

    def must(self, *lines, timeout=900, **more):
        """batch() that has to succeed; returns what it printed."""
        done = self.batch(*lines, timeout=timeout, **more)
        assert done.ok, f"sftp ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, *lines, options=None):
        """A batch in the background; the caller waits for the process or kills it."""
        process = subprocess.Popen(self.command("-q", "-b", "-", options=options), stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
        process.stdin.write("\n".join(lines) + "\n")
        process.stdin.close()
        process.stdin = None
        return process

    def interactive(self, *lines, options=None, arguments=(), timeout=None, cwd=None):
        """The same lines typed without -b: goes on after failures, as a person would see it."""
        return self._run(self.command(*arguments, options=options), "\n".join(lines) + "\n", timeout, cwd)

    def put(self, local, remote, **more):
        return self.batch(f'put "{local}" "{remote}"', **more)

    def get(self, remote, local, **more):
        return self.batch(f'get "{remote}" "{local}"', **more)

    def ssh(self, *command, options=None, timeout=None):
        """`ssh user@host command`, without a terminal."""
        return self._run(["ssh", "-T", *self._arguments(options), "-p", str(self.port), f"{self.user}@{self.host}",
                          *command], None, timeout)
