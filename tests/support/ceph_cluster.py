"""A Ceph cluster of the tests' own: one monitor and one OSD that keeps objects in memory, on loopback ports in a temporary
folder. Nothing of the machine's is touched. What it serves is its subclasses' matter: `ceph_rgw`, `ceph_fs`."""

import atexit
import os
import shutil
import subprocess
import tempfile
import uuid

from . import ceph_conf
from .ports import free_port_range


class CephCluster:
    """`with ...() as cluster:` or start() and stop(). What is stored is gone with stop(). Start it from the main thread:
    the processes end with the thread that started them.

    `memory`: bytes that may be stored; `keep`: seconds for which what is deleted or overwritten still takes them."""

    PROGRAMS = ("ceph", "ceph-mon", "ceph-osd")
    FOLDERS = ("mon", "osd", "log", "run")
    MORE = ()  # sections of the configuration beside the cluster's own, of ceph_conf

    def __init__(self, memory=4 << 30, **values):
        assert self.installed(), "Ceph is not installed; ./dev install s3 does so"
        self.folder = tempfile.mkdtemp(prefix="sallyport-ceph-")
        for name in self.FOLDERS:
            os.mkdir(self.path(name))
        first, last = free_port_range(20)
        self.mon, self.first_port = first, first + 1  # four ports are the subclass's
        self.fsid = str(uuid.uuid4())
        self.values = {"folder": self.folder, "fsid": self.fsid, "mon": self.mon, "memory": memory,
                       "osd_first": first + 5, "osd_last": last, **values}
        self.processes = {}
        atexit.register(self.stop)

    @classmethod
    def installed(cls):
        return all(shutil.which(name) for name in cls.PROGRAMS)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        with open(self.path("ceph.conf"), "w") as out:
            out.write("".join((ceph_conf.CLUSTER, *self.MORE)).format(**self.values))
        self._start_monitor()
        self._start_osd()
        return self

    def stop(self):
        for name in reversed(list(self.processes)):
            self.kill(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def pid(self, name):
        return self.processes[name].pid

    def kill(self, name):
        process = self.processes.pop(name, None)
        if process:
            process.kill()
            process.wait()

    def output(self, name):
        with open(self.path(f"log/{name}.out")) as log:
            return log.read()[-2000:]

    def check_alive(self):
        ended = [name for name, process in self.processes.items() if process.poll() is not None]
        assert not ended, f"{ended} ended:\n" + "\n".join(self.output(name) for name in ended)

    def _environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CEPH_", "AWS_"))}
        return {**kept, "CEPH_CONF": self.path("ceph.conf"), "CEPH_ARGS": f"--conf {self.path('ceph.conf')}"}

    def run(self, *command, given=""):
        done = subprocess.run(command, input=given, text=True, capture_output=True, timeout=120,
                              env=self._environment(), cwd=self.folder)
        assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout[-1000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    def _spawn(self, *command, name=None):
        name = name or command[0]
        with open(self.path(f"log/{name}.out"), "ab") as log:
            self.processes[name] = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command, "-f"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self._environment(), cwd=self.folder, start_new_session=True)

    def _start_monitor(self):
        self.run("monmaptool", "--create", "--fsid", self.fsid, "--addv", "a",
                 f"[v2:127.0.0.1:{self.mon}/0]", "monmap")
        self.run("ceph-authtool", "--create-keyring", "keyring", "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        self.run("ceph-authtool", "keyring", "--gen-key", "-n", "client.admin", "--cap", "mon", "allow *",
                 "--cap", "osd", "allow *", "--cap", "mgr", "allow *", "--cap", "mds", "allow *")
        self.run("ceph-mon", "-i", "a", "--mkfs", "--monmap", "monmap", "--keyring", "keyring")
        self._spawn("ceph-mon", "-i", "a")

    def _start_osd(self):
        identity = str(uuid.uuid4())
        self.run("ceph", "osd", "new", identity, "0")
        self.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", identity)
        self._spawn("ceph-osd", "-i", "0")
