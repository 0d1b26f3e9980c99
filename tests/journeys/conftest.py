import pytest

from support.sftp_client import SftpClient
from support.sshkeys import new_key


class Site:
    """One server with one user, and a client for him."""

    def __init__(self, sallyport, folder, user="ann", **members):
        self.sallyport, self.folder, self.user_name = sallyport, folder, user
        self.key = new_key(folder)
        self.server = sallyport.server()
        self.bucket = sallyport.user(self.server, self.key, name=user, **members)
        self.address, self.port = sallyport.endpoint(self.server)

    def client(self, user=None, key=None, options=None):
        return SftpClient(self.address, self.port, user or self.user_name, key or self.key, options)

    def s3(self):
        return self.sallyport.client("s3")

    def body(self, key):
        return self.s3().get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def events(self, satisfied):
        return self.sallyport.wait_events(self.server, satisfied)


def activities(events):
    return [event["activity-type"] for _, event in events]


@pytest.fixture
def site(sallyport, tmp_path):
    return Site(sallyport, tmp_path)
