"""Moves the same bytes to and from one S3 store, a Ceph RADOS Gateway, through Sallyport and through rclone serve sftp
in turn, with OpenSSH's client; and shows what the store gives a client that speaks S3 to it (curl, several requests at
once).

Sallyport assumes a role at the store's STS, as it does by default; rclone has a key. Reported per case: the rate as
the clients see it, CPU seconds of the whole server, both in relation to rclone's medians, and the servers' memory.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

for name in [name for name in os.environ if name.startswith("AWS_")]:  # rclone and boto3 would heed them
    del os.environ[name]
os.environ["SALLYPORT_TEST_STORE"] = "ceph-sts"

from measure import compare, head, peak_bytes, reset_peak
from peers import POLICY, ROOT, USER, Peer, Process, machine

from support import ceph_rgw
from support.ports import free_port, wait_listening
from support.sallyport import Sallyport
from support.sshkeys import new_key

PART = 64  # MiB of the raw client's parts and ranges


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench s3", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1024, help="MiB of the large file (default 1024)")
    parser.add_argument("--files", type=int, default=5000, help="number of files of 16 KiB (default 5000)")
    parser.add_argument("--keys", type=int, default=20000, help="keys that are listed (default 20000)")
    parser.add_argument("--rounds", type=int, default=3, help="counted rounds, after one that warms up (default 3)")
    parser.add_argument("--dir", default=str(ROOT / "build" / "bench"), help="folder of the servers' state")
    parser.add_argument("--only", default="", help="run only cases whose title holds this text")
    parser.add_argument("--servers", default="rclone,sallyport", help="of rclone, rclone-cache, sallyport, raw")
    return parser.parse_args()


def sallyport(folder, key, rgw, bucket):
    server = Sallyport(ROOT / "build/release/sallyport", folder / "sallyport").start()
    made = server.server(SecurityPolicyName=POLICY, S3StorageOptions={"DirectoryListingOptimization": "ENABLED"})
    server.user(made, key, bucket, name=USER, HomeDirectory=f"/{bucket}")
    _, port = server.endpoint(made)
    return server, Peer("Sallyport", server.process.pid, port, key)


def rclone(folder, key, rgw, bucket, name="rclone", more=()):
    home = folder / name.replace(" ", "-")
    home.mkdir()
    port = free_port()
    (home / "keys").write_text(key.public_text + "\n")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", home / "host"], check=True)
    access = rgw.access
    for member, value in (("TYPE", "s3"), ("PROVIDER", "Ceph"), ("ENDPOINT", access.url),
                          ("ACCESS_KEY_ID", access.access_key), ("SECRET_ACCESS_KEY", access.secret_key),
                          ("NO_CHECK_BUCKET", "true")):
        os.environ[f"RCLONE_CONFIG_CEPH_{member}"] = value
    server = Process(["rclone", "serve", "sftp", f"ceph:{bucket}", "--addr", f"127.0.0.1:{port}", "--key",
                      str(home / "host"), "--authorized-keys", str(home / "keys"), "--cache-dir", str(home / "cache"),
                      "--dir-cache-time", "1s", *more], home / "out")
    wait_listening(port)
    return server, Peer(name, server.process.pid, port, key)


class Raw:
    """curl with presigned URLs: no peer, but the bound of what one can be."""

    name = "the store itself, by curl"

    def __init__(self, rgw, bucket, source):
        self.s3, self.bucket, self.source = rgw.access.client(), bucket, source
        self.pid, self.idle_processes = rgw.pid("radosgw"), 1

    def stop(self):
        pass

    def _together(self, commands):
        running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                   for command in commands]
        for one in running:
            if one.wait() != 0:
                sys.exit("bench: curl failed")

    def _presigned(self, operation, **members):
        return self.s3.generate_presigned_url(operation, Params={"Bucket": self.bucket, "Key": "raw.bin", **members})

    def put(self, size):
        upload = self.s3.create_multipart_upload(Bucket=self.bucket, Key="raw.bin")["UploadId"]
        numbers = range(1, size // PART + 1)
        for first in range(1, len(numbers) + 1, 4):
            self._together([["curl", "-sf", "-T", str(self.source / "part.bin"), self._presigned(
                "upload_part", UploadId=upload, PartNumber=number)] for number in range(first, min(first + 4, len(numbers) + 1))])
        parts = self.s3.list_parts(Bucket=self.bucket, Key="raw.bin", UploadId=upload)["Parts"]
        self.s3.complete_multipart_upload(Bucket=self.bucket, Key="raw.bin", UploadId=upload, MultipartUpload={
            "Parts": [{"PartNumber": one["PartNumber"], "ETag": one["ETag"]} for one in parts]})

    def get(self, size):
        url = self._presigned("get_object")
        for first in range(0, size, 4 * PART):
            self._together([["curl", "-sf", "-o", "/dev/null", "-r", f"{at << 20}-{((at + PART) << 20) - 1}", url]
                            for at in range(first, min(first + 4 * PART, size), PART)])


def make_source(folder, arguments):
    home = pathlib.Path("/dev/shm" if shutil.disk_usage("/dev/shm").free > (arguments.size + 512) << 20 else folder)
    source = pathlib.Path(tempfile.mkdtemp(dir=home, prefix="sallyport-bench-"))
    block = os.urandom(1 << 20)
    for name, size in (("large.bin", arguments.size), ("quarter.bin", arguments.size // 4),
                       ("eighth.bin", arguments.size // 8), ("part.bin", PART)):
        with open(source / name, "wb") as out:
            for _ in range(size):
                out.write(block)
    (source / "small").mkdir()
    for number in range(arguments.files):
        (source / "small" / f"f{number:05d}").write_bytes(block[:16384])
    return source


def fill_listed(s3, bucket, count):
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: s3.put_object(Bucket=bucket, Key=f"listed/file-{number:06d}.csv", Body=b""),
                      range(count)))


def cases(arguments, source, s3, bucket):
    """(title, work, amount, unit, what to do before each run)."""
    size = arguments.size
    together = {4: source / "quarter.bin", 8: source / "eighth.bin"}

    def remove(*names):
        def act(_):
            for name in names:
                s3.delete_object(Bucket=bucket, Key=name)
        return act

    def remove_small(peer):
        for number in range(arguments.files):
            s3.delete_object(Bucket=bucket, Key=f"small/f{number:05d}")

    yield (f"put {size} MiB", lambda peer: peer.sftp([f"put {source / 'large.bin'} large.bin"]), size, "MiB",
           remove("large.bin"))
    yield f"get {size} MiB", lambda peer: peer.sftp(["get large.bin /dev/null"]), size, "MiB", lambda peer: None
    for count, part in together.items():
        names = [f"part{number}" for number in range(count)]
        yield (f"{count} clients put {size} MiB in all",
               lambda peer, n=names, p=part: peer.sftp_together([[f"put {p} {name}"] for name in n]), size, "MiB",
               remove(*names))
        yield (f"{count} clients get {size} MiB in all",
               lambda peer, n=names: peer.sftp_together([[f"get {name} /dev/null"] for name in n]), size, "MiB",
               lambda peer: None)
    yield (f"put {arguments.files} files of 16 KiB", lambda peer: peer.sftp([f"put -r {source / 'small'} ."]),
           arguments.files, "files", remove_small)
    yield (f"get {arguments.files} files of 16 KiB", lambda peer: peer.sftp([f"get -r small {source / 'back'}"]),
           arguments.files, "files", lambda peer: shutil.rmtree(source / "back", ignore_errors=True))
    # rclone remembers a folder for a second here: each listing is a cold one.
    yield (f"list {arguments.keys} keys", lambda peer: peer.sftp(["ls -1 listed"]), arguments.keys, "files",
           lambda peer: time.sleep(1.5))


def raw_cases(raw, arguments):
    for title, work in (("put", raw.put), ("get", raw.get)):
        compare(f"{title} {arguments.size} MiB", [raw], arguments.rounds, lambda _: work(arguments.size),
                arguments.size, "MiB", base="rclone")


def start_all(folder, wanted, rgw, bucket):
    key = new_key(folder, "ed25519")
    makers = {"sallyport": sallyport, "rclone": rclone,
              "rclone-cache": lambda *given: rclone(*given, "rclone with its write cache", ("--vfs-cache-mode", "writes"))}
    return [makers[name](folder, key, rgw, bucket) for name in wanted]


def main():
    arguments = parse_arguments()
    folder = pathlib.Path(arguments.dir)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    source = make_source(folder, arguments)
    started = []
    try:
        rgw = ceph_rgw.shared(memory=6 << 30, keep=1)
        bucket, s3 = rgw.make_bucket("bench"), rgw.access.client()
        s3.put_object(Bucket=bucket, Key="small/", Body=b"")
        wanted = arguments.servers.split(",")
        print(f"{machine()}\n\n{head('rclone')}", flush=True)
        if "raw" in wanted:
            raw_cases(Raw(rgw, bucket, source), arguments)
            wanted.remove("raw")
            s3.delete_object(Bucket=bucket, Key="raw.bin")
        started = start_all(folder, wanted, rgw, bucket)
        peers = [peer for _, peer in started]
        memory = []
        for title, work, amount, unit, clean in cases(arguments, source, s3, bucket):
            if arguments.only not in title:
                continue
            if title.startswith("list"):
                fill_listed(s3, bucket, arguments.keys)
            for peer in peers:
                reset_peak(peer.pid)
            compare(title, peers, arguments.rounds, work, amount, unit, clean, base="rclone")
            memory.append((title, [f"{peak_bytes(peer.pid) / (1 << 20):.0f} MiB" for peer in peers]))
        print("\n| peak memory | " + " | ".join(peer.name for peer in peers) + " |\n|---|" + "---|" * len(peers))
        for title, values in memory:
            print(f"| {title} | " + " | ".join(values) + " |")
    finally:
        for server, _ in started:
            server.stop()
        ceph_rgw.stop_shared()
        shutil.rmtree(source, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
