"""PATH and LOGICAL homes, with the rules of the mappings."""

from support.sftp_client import SftpClient
from support.sshkeys import new_key


class LogicalSite:
    def __init__(self, sallyport, folder, mappings, **members):
        self.sallyport, self.key, self.server = sallyport, new_key(folder), sallyport.server()
        self.bucket = sallyport.bucket()
        mappings = [{k: v.replace("BUCKET", self.bucket) for k, v in m.items()} for m in mappings]
        sallyport.user(self.server, self.key, bucket=self.bucket, HomeDirectoryType="LOGICAL",
                       HomeDirectoryMappings=mappings, **members)
        self.s3 = sallyport.client("s3")

    def client(self):
        return SftpClient(*self.sallyport.endpoint(self.server), "ann", self.key)

    def put(self, *keys):
        for key in keys:
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=key.encode() if not key.endswith("/") else b"")


def names(listing):
    return [line for line in listing.splitlines() if not line.startswith("sftp>")]


def test_chroot_shows_the_target_as_root(sallyport, tmp_path):
    site = LogicalSite(sallyport, tmp_path, [{"Entry": "/", "Target": "/BUCKET/home/${transfer:UserName}"}])
    site.put("home/ann/", "home/ann/a", "home/bob/b")
    out = site.client().must("pwd", "ls -1", f"get a {tmp_path}/a", "cd ..", "pwd", "ls -1 /../..")
    assert names(out) == ["Remote working directory: /", "a", "Remote working directory: /", "/a"] or \
        names(out)[0] == "Remote working directory: /" and "b" not in names(out)
    assert (tmp_path / "a").read_text() == "home/ann/a"


def test_several_entries_make_virtual_read_only_levels(sallyport, tmp_path):
    site = LogicalSite(sallyport, tmp_path, [{"Entry": "/a/b", "Target": "/BUCKET/in"},
                                             {"Entry": "/c", "Target": "/BUCKET/out"},
                                             {"Entry": "/hidden", "Target": "/BUCKET/missing"}])
    site.put("in/", "in/x", "out/y")
    client = site.client()
    assert names(client.must("ls -1")) == ["a", "c"]
    assert names(client.must("ls -1 a", "ls -1 a/b", "ls -1 c")) == ["a/b", "a/b/x", "c/y"]
    done = client.interactive("put /etc/hostname /file")
    assert 'open "/file"' in done.stderr and "No such file or directory" in done.stderr
    client.must("put /etc/hostname /a/b/file")
    assert site.s3.head_object(Bucket=site.bucket, Key="in/file")


def test_file_entry_is_one_file(sallyport, tmp_path):
    site = LogicalSite(sallyport, tmp_path, [{"Entry": "/in", "Target": "/BUCKET/in", "Type": "DIRECTORY"},
                                             {"Entry": "/rates.csv", "Target": "/BUCKET/fx/rates.csv", "Type": "FILE"}])
    site.put("in/", "fx/rates.csv")
    out = site.client().must("ls -1", f"get rates.csv {tmp_path}/rates")
    assert names(out)[:2] == ["in", "rates.csv"]
    assert (tmp_path / "rates").read_text() == "fx/rates.csv"
