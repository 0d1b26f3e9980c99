"""X.509 certificates made by OpenSSL's command line."""

import subprocess


def self_signed(folder):
    """(certificate, private key) as PEM texts, of RSA and good for a month."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "cert",
                    "-days", "30", "-subj", "/CN=us"], cwd=folder, check=True, capture_output=True, timeout=60)
    return (folder / "cert").read_text(), (folder / "key").read_text()
