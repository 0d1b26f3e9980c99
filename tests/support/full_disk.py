"""Disks that fill up and empty again, for a data folder to lie on."""

import errno
import os
import pathlib
import subprocess

SOURCE = pathlib.Path(__file__).with_suffix(".c")


class PreloadedDisk:
    """Full by what the C library says; works wherever there is a C compiler."""

    def __init__(self, folder):
        self.folder, self.flag = folder / "disk", folder / "is-full"
        library = folder / "full_disk.so"
        self.folder.mkdir()
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, SOURCE, "-ldl"], check=True)
        self.environment = {"LD_PRELOAD": str(library), "FULL_DISK_FOLDER": str(self.folder),
                            "FULL_DISK_FLAG": str(self.flag)}

    def fill(self):
        self.flag.touch()

    def make_room(self):
        self.flag.unlink()

    def close(self):
        pass


class MountedDisk:
    """A small tmpfs that is really full. OSError where mounting is not permitted."""

    def __init__(self, folder):
        self.folder, self.environment = folder / "disk", {}
        self.folder.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", self.folder],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise OSError(errno.EPERM, done.stderr)

    def fill(self):
        """Whoever frees a page meanwhile loses it."""
        descriptor = os.open(self.folder / "filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            while True:
                os.write(descriptor, b"f" * 4096)
        except OSError as error:
            assert error.errno == errno.ENOSPC
        finally:
            os.close(descriptor)

    def make_room(self):
        (self.folder / "filler").unlink()

    def close(self):
        subprocess.run(["umount", "--lazy", self.folder], check=True)
