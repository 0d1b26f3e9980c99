"""A PostgreSQL of the tests' own, on a Unix socket in a temporary folder; nothing of the machine's is touched."""

import atexit
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

USER = "sallyport"


def programs():
    """The folder of the newest server's programs."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    assert found, "PostgreSQL's server is not installed; ./dev install test does so"
    return os.path.dirname(found[-1])


class Postgres:
    """start(), crash() and start() again at will; gone at the end of the tests."""

    def __init__(self):
        # The server refuses to run as root.
        self.owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        self.folder = tempfile.mkdtemp(prefix="sallyport-pg-")
        if self.owner:
            os.chown(self.folder, self.owner.pw_uid, self.owner.pw_gid)
        os.chmod(self.folder, 0o755)
        self.data, self.process, self.schemas, self.of_folders = os.path.join(self.folder, "data"), None, 0, {}
        self._run("initdb", "-D", self.data, "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C.UTF-8",
                  "--no-sync").wait()
        atexit.register(self.wipe)

    def _run(self, program, *arguments):
        who = {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []} if self.owner else {}
        with open(os.path.join(self.folder, "log"), "ab") as log:
            return subprocess.Popen([os.path.join(programs(), program), *arguments], cwd="/", stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log, **who)

    def start(self):
        self.process = self._run("postgres", "-D", self.data, "-k", self.folder, "-c", "listen_addresses=", "-c",
                                 "fsync=off", "-c", "max_connections=300")
        while subprocess.run([os.path.join(programs(), "pg_isready"), "-q", "-h", self.folder]).returncode != 0:
            assert self.process.poll() is None, open(os.path.join(self.folder, "log")).read()[-2000:]
            time.sleep(0.02)
        return self

    def crash(self):
        """As if its machine had stopped: no checkpoint, every connection cut."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def make_schema(self):
        """A connection string for a schema that nobody else uses."""
        self.schemas += 1
        name = f"s{os.getpid()}_{self.schemas}"
        self.sql(f"CREATE SCHEMA {name}")
        return f"host={self.folder} user={USER} dbname=postgres options=-csearch_path={name}"

    def schema_of(self, data_dir):
        """The same for every installation in a folder, as an SQLite file there would be."""
        if data_dir not in self.of_folders:
            self.of_folders[data_dir] = self.make_schema()
        return self.of_folders[data_dir]

    def sql(self, text):
        return subprocess.run([os.path.join(programs(), "psql"), "-h", self.folder, "-U", USER, "-d", "postgres", "-AtXq",
                               "-v", "ON_ERROR_STOP=1", "-c", text], check=True, capture_output=True, text=True).stdout

    def wipe(self):
        if self.process and self.process.poll() is None:
            self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)


_shared = None


def shared():
    """The one of this test run, started at the first use."""
    global _shared
    if _shared is None:
        _shared = Postgres().start()
    return _shared
