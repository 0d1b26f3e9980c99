"""A CephFS of the tests' own, mounted by ceph-fuse: a shared file system that others wrote, over the network, and one
whose servers can be stopped while it is in use. With SALLYPORT_TEST_DIRECTORY=cephfs every `FileSite` lies in it."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from . import ceph_conf
from .ceph_cluster import CephCluster


def chosen():
    mode = os.environ.get("SALLYPORT_TEST_DIRECTORY")
    assert mode in (None, "cephfs"), f"SALLYPORT_TEST_DIRECTORY={mode}: only cephfs is known"
    return mode is not None


def why_not():
    """Why it cannot be had here, or None."""
    if os.geteuid() != 0 or not os.path.exists("/dev/fuse"):
        return "mounting CephFS needs root and /dev/fuse"
    if not CephFs.installed():
        return "CephFS is not installed; ./dev install cephfs does so"
    return None


class CephFs(CephCluster):
    """Mounted twice, as by two machines, with folders for tests. pause() and resume() stop and continue the server of its metadata, upon which
    whoever looks at something new waits without end, or that of its content ("ceph-osd")."""

    PROGRAMS = (*CephCluster.PROGRAMS, "ceph-mds", "ceph-fuse")
    MOUNTS = ("mount", "second")
    FOLDERS = (*CephCluster.FOLDERS, "mds", *MOUNTS)
    MORE = (ceph_conf.FILE_SYSTEM,)

    def start(self):
        super().start()
        os.chmod(self.folder, 0o711)  # others go through to the mount
        self.run("ceph-authtool", "keyring", "--gen-key", "-n", "mds.a", "--cap", "mon", "allow *", "--cap", "osd", "allow *",
                 "--cap", "mds", "allow *")
        self.run("ceph", given="osd pool create fs.meta 4 4\nosd pool create fs.data 4 4\nfs new fs fs.meta fs.data\n")
        self._spawn("ceph-mds", "-i", "a")
        self._wait(lambda: "up:active" in self.run("ceph", "mds", "stat"))
        for mount in self.MOUNTS:
            self._spawn("ceph-fuse", "-n", "client.admin", self.path(mount), name=mount)
            self._wait(lambda mount=mount: os.path.ismount(self.path(mount)))
        return self

    def _wait(self, there):
        for _ in range(1200):
            self.check_alive()
            if there():
                return
            time.sleep(0.05)
        raise AssertionError("CephFS does not come up")

    def stop(self):
        if "ceph-mds" in self.processes:
            self.resume()
        for mount in self.MOUNTS:
            subprocess.run(["umount", "-l", self.path(mount)], capture_output=True)
        super().stop()

    def pause(self, server="ceph-mds"):
        os.kill(self.pid(server), signal.SIGSTOP)

    def resume(self, server="ceph-mds"):
        os.kill(self.pid(server), signal.SIGCONT)

    def lose_mount(self):
        """As if the first machine lost its power: what only it knew is gone, and the others go on without it."""
        pid = self.pid(self.MOUNTS[0])
        sessions = json.loads(self.run("ceph", "tell", "mds.0", "session", "ls"))
        lost, = (one["id"] for one in sessions if one["client_metadata"]["pid"] == str(pid))
        self.kill(self.MOUNTS[0])
        self.run("ceph", "tell", "mds.0", "client", "evict", f"id={lost}")

    def make_folder(self):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.path(self.MOUNTS[0])))
        folder.chmod(0o755)
        return folder

    def elsewhere(self, folder):
        """The same folder as another machine sees it."""
        return pathlib.Path(self.path(self.MOUNTS[1])) / folder.relative_to(self.path(self.MOUNTS[0]))


_shared = None


def shared():
    """The one of this test run, started at the first use."""
    global _shared
    if _shared is None:
        _shared = CephFs().start()
    return _shared
