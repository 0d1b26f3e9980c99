"""Lists one folder of many files in Sallyport and OpenSSH: files a second, CPU, and how much memory the server has
taken at its peak, which should not grow with the folder.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import time

from measure import cpu_seconds, peak_bytes, reset_peak
from peers import POLICY, ROOT, USER, Peer, machine, openssh

from support.sallyport import Sallyport
from support.sshkeys import new_key


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench listing", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", default="1000,10000,100000", help="sizes of the folder (default 1000,10000,100000)")
    parser.add_argument("--dir", default=str(ROOT / "build" / "bench"), help="folder the servers store in")
    return parser.parse_args()


def fill(folder, count):
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"file-{number:06d}.csv").touch()


def list_once(peer, path):
    """(seconds, how many files were seen)"""
    start = time.monotonic()
    done = subprocess.run(peer.command(), input=f"-ls -1f {path}\n", text=True, capture_output=True)
    return time.monotonic() - start, done.stdout.count("file-")


def wait_taken_in(peer, sizes):
    """The scan at start runs beside the service."""
    for size in sizes:
        for _ in range(600):
            if list_once(peer, f"d{size}")[1] == size:
                break
            time.sleep(0.2)
        else:
            sys.exit(f"bench: {peer.name} does not see {size} files")


def start_sallyport(folder, key, sizes):
    """Files that lie in a bucket's folder when the program starts are objects."""
    server = Sallyport(ROOT / "build/release/sallyport", folder / "sallyport", settings={"storage.sync": "off"}).start()
    made = server.server(SecurityPolicyName=POLICY)
    bucket = server.bucket()
    server.user(made, key, bucket, name=USER, HomeDirectory=f"/{bucket}")
    server.stop()
    for size in sizes:
        fill(pathlib.Path(server.data_dir) / "buckets" / bucket / f"d{size}", size)
    server.start()
    _, port = server.endpoint(made)
    return server, Peer("Sallyport", server.process.pid, port, key)


def main():
    arguments = parse_arguments()
    sizes = [int(size) for size in arguments.files.split(",")]
    folder = pathlib.Path(arguments.dir)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    key = new_key(folder, "ed25519")
    sshd, theirs = openssh(folder, key)
    started = [sshd]
    try:
        for size in sizes:
            fill(sshd.root / f"d{size}", size)
        server, ours = start_sallyport(folder, key, sizes)
        started.append(server)
        wait_taken_in(theirs, sizes)
        wait_taken_in(ours, sizes)
        print(f"{machine()}\n\n| files | server | listed | server CPU | peak memory |\n|---|---|---|---|---|", flush=True)
        for size in sizes:
            for peer in (theirs, ours):
                before = cpu_seconds(peer.pid)
                if peer is ours:
                    reset_peak(peer.pid)
                wall, _ = list_once(peer, f"d{size}")
                memory = f"{peak_bytes(peer.pid) / (1 << 20):.1f} MiB" if peer is ours else ""
                print(f"| {size} | {peer.name} | {size / wall:.0f} files/s | {cpu_seconds(peer.pid) - before:.2f} s | {memory} |", flush=True)
    finally:
        for one in started:
            one.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
