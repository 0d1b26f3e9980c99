"""paramiko gives a handshake 15 seconds, which a busy machine may need."""

import paramiko
import pytest


@pytest.fixture(autouse=True, scope="session")
def patient_paramiko():
    make = paramiko.Transport.__init__

    def patient(self, *arguments, **options):
        make(self, *arguments, **options)
        self.banner_timeout = self.handshake_timeout = self.auth_timeout = 60

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paramiko.Transport, "__init__", patient)
        yield
