"""Client key pairs made by OpenSSH's ssh-keygen."""

import pathlib
import subprocess
import uuid

# name → what ssh-keygen is told
TYPES = {
    "rsa2048": ["-t", "rsa", "-b", "2048"],
    "rsa4096": ["-t", "rsa", "-b", "4096"],
    "ecdsa256": ["-t", "ecdsa", "-b", "256"],
    "ecdsa384": ["-t", "ecdsa", "-b", "384"],
    "ecdsa521": ["-t", "ecdsa", "-b", "521"],
    "ed25519": ["-t", "ed25519"],
}


class ClientKey:
    """A key pair on disk: `path` is the private file, `public_text` the line for ImportSshPublicKey."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.public_path = self.path.with_name(self.path.name + ".pub")
        self.public_text = self.public_path.read_text().strip()

    @property
    def fingerprint(self):
        """`SHA256:…` as ssh-keygen prints it, without padding."""
        out = subprocess.run(["ssh-keygen", "-lf", str(self.public_path)], capture_output=True, text=True, check=True)
        return out.stdout.split()[1]


def make_key(folder, kind="ed25519", name=None, comment="test"):
    """A new pair `folder/name` of one of TYPES, without passphrase. The folder is made if missing."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (name or f"id_{kind}")
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-C", comment, "-f", str(path), *TYPES[kind]],
                   stdin=subprocess.DEVNULL, check=True, timeout=60)
    return ClientKey(path)


def new_key(folder, kind="ed25519"):
    """A pair under a name that is not in use yet."""
    return make_key(folder, kind, f"id_{kind}_{uuid.uuid4().hex[:8]}")


def public_text_of(private_text, folder):
    """`<type> <base64>` of a private key's text, as ssh-keygen derives it."""
    path = pathlib.Path(folder) / "derive-me"
    path.touch(mode=0o600)
    path.write_text(private_text)
    try:
        out = subprocess.run(["ssh-keygen", "-yf", str(path)], stdin=subprocess.DEVNULL, capture_output=True,
                             text=True, check=True)
    finally:
        path.unlink()
    return " ".join(out.stdout.split()[:2])
