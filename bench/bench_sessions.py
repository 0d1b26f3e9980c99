"""Opens many SFTP sessions in one Sallyport and leaves them idle: memory and CPU a session, and how fast new logins and
requests of the others are answered meanwhile. The client is the bench's own (Ed25519 keys, curve25519, aes128-gcm).
"""

import argparse
import pathlib
import resource
import shutil

from measure import cpu_seconds, resident_bytes
from peers import ROOT, load_client, machine, start_all, tell

STEPS = 10


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench sessions", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=10000, help="how many (default 10000)")
    parser.add_argument("--dir", default=str(ROOT / "build" / "bench"), help="folder the server stores in")
    parser.add_argument("--server", default="sallyport", help="sallyport, openssh, proftpd or rclone (default sallyport)")
    return parser.parse_args()


def allow_files(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))  # root may
    elif soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def show(open_now, peer, empty, cpu_before, logins, fresh, asked):
    memory = resident_bytes(peer.pid)
    print(f"| {open_now} | {memory / 2**20:.0f} MiB | {(memory - empty) / open_now / 1024:.1f} KiB | "
          f"{(cpu_seconds(peer.pid) - cpu_before) / logins * 1000:.2f} ms | {fresh[1]:.1f} / {fresh[2]:.1f} / {fresh[3]:.1f} ms | "
          f"{asked[1]:.2f} / {asked[2]:.2f} / {asked[3]:.2f} ms |", flush=True)


def main():
    arguments = parse_arguments()
    allow_files(arguments.sessions + 1000)
    folder = pathlib.Path(arguments.dir)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    started = []
    try:
        started, (peer,) = start_all(folder, [arguments.server])
        client = load_client(peer)
        tell(client, "login 20")
        empty = resident_bytes(peer.pid)
        print(f"{machine()}\n\n{peer.name}, {empty / 2**20:.0f} MiB without a session; times are median / 99th percentile / "
              "longest\n\n| sessions open | memory | a session | CPU a set-up | new login | request in an open session |\n"
              "|---|---|---|---|---|---|", flush=True)
        open_now = 0
        for _ in range(STEPS):
            step = arguments.sessions // STEPS
            cpu_before = cpu_seconds(peer.pid)
            tell(client, f"open {step}")
            fresh = tell(client, "login 50")
            asked = tell(client, "ask 500")
            open_now += step
            show(open_now, peer, empty, cpu_before, step + 50, fresh, asked)
        client.stdin.close()
        client.wait()
    finally:
        for one in started:
            one.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
