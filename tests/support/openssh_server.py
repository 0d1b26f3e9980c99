"""A real OpenSSH sshd with internal-sftp on a loopback port, in a folder of its own; the measure for benches and
the peer for comparisons."""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time

from .ports import free_port
from .sshkeys import make_key

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"


class OpensshServer:
    """`with OpensshServer(folder, client_key) as s:`; users log in as `s.user` at 127.0.0.1:`s.port` and start in
    `s.root`. Only the listening process started here is stopped, by its own id; a
    session still open ends when its client does."""

    def __init__(self, folder, client_key, root=None, config=None):
        self.folder = pathlib.Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.root = pathlib.Path(root or self.folder / "root").resolve()
        self.root.mkdir(parents=True, exist_ok=True)
        self.client_key, self.config = client_key, dict(config or {})
        self.user, self.port, self.process = pwd.getpwuid(os.geteuid()).pw_name, None, None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self.process.pid

    def _write_config(self):
        for kind in ("rsa2048", "ecdsa256", "ed25519"):
            if not (self.folder / f"host_{kind}").exists():
                make_key(self.folder, kind, f"host_{kind}")
        keys = self.folder / "authorized_keys"
        keys.write_text(self.client_key.public_text + "\n")
        keys.chmod(0o600)
        settings = {
            "ListenAddress": f"127.0.0.1:{self.port}",
            "AuthorizedKeysFile": keys,
            "PidFile": "none",
            "StrictModes": "no",  # the folder may lie below a world-writable /tmp
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PermitRootLogin": "prohibit-password",
            "Subsystem": f"sftp internal-sftp -d {self.root}",
            "MaxStartups": "200",
            "MaxSessions": "200",
            "LogLevel": "ERROR",
            **self.config,
        }
        lines = [f"HostKey {self.folder / f'host_{kind}'}" for kind in ("rsa2048", "ecdsa256", "ed25519")]
        lines += [f"{name} {value}" for name, value in settings.items()]
        path = self.folder / "sshd_config"
        path.write_text("\n".join(lines) + "\n")
        return path

    def start(self):
        if os.geteuid() == 0:
            # What sshd wants to chroot its pre-authentication child into; the package makes it only at boot.
            pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self.port = free_port()
        config = self._write_config()
        with open(self.folder / "sshd.log", "ab") as log:
            self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(config)], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True)
        self._wait_listening()
        return self

    def _wait_listening(self, seconds=30):
        for _ in range(seconds * 20):
            if self.process.poll() is not None:
                raise AssertionError(f"sshd ended with {self.process.returncode}:\n{self.log()}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=10) as s:
                    # With the banner, the session's process has let go of the listening socket.
                    if s.recv(4) == b"SSH-":
                        return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"sshd does not listen after {seconds} s:\n{self.log()}")

    def stop(self):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.process = None

    def log(self):
        return (self.folder / "sshd.log").read_text(errors="replace")[-10000:]
