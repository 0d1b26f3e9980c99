"""s3rver: a small S3 in JavaScript (npm), which others use as a stand-in for Amazon's. It lists keys as they are though
it is asked to encode them, knows no STS, and takes copies of names with one of ";/?:@&=+$,#" for those of others."""

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request

from .node_sdk import FOLDER
from .ports import free_port
from .s3_tools import Access


class S3rver:
    """`with S3rver(folder) as store:`; what is stored lies in the folder."""

    def __init__(self, folder):
        self.folder, self.port, self.process = str(folder), free_port(), None
        self.access = Access(f"http://127.0.0.1:{self.port}", "S3RVER", "S3RVER")

    def __enter__(self):
        program = FOLDER / "node_modules/s3rver/bin/s3rver.js"
        assert program.exists(), "s3rver is not there; install it with ./dev install test"
        # The tokens of its pages are made with DES.
        environment = {**os.environ, "NODE_OPTIONS": "--openssl-legacy-provider --no-warnings"}
        self.process = subprocess.Popen(
            [shutil.which("node"), program, "-d", self.folder, "-a", "127.0.0.1",
             "-p", str(self.port), "--no-vhost-buckets", "--silent"], env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(1200):
            try:
                urllib.request.urlopen(self.access.url, timeout=10).close()
                return self
            except urllib.error.HTTPError:
                return self
            except OSError:
                assert self.process.poll() is None, f"s3rver ended with {self.process.returncode}"
                time.sleep(0.05)
        raise AssertionError("s3rver does not answer")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
