"""Killed processes, cut connections and clean endings: old or new files only, and what came is kept."""

import hashlib
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

import pytest

from .conftest import Site, activities


def version(number, size):
    """Content that says which version it is, and whether it is whole."""
    head = f"{number:08d}".encode()
    body = random.Random(number).randbytes(size - len(head) - 32)
    return head + body + hashlib.sha256(head + body).digest()


def version_of(content):
    assert hashlib.sha256(content[:-32]).digest() == content[-32:], "half a file is visible"
    return int(content[:8])


def staged(data_dir):
    return [p for p in pathlib.Path(data_dir, "buckets").rglob(".sallyport/staging/*")]


@pytest.mark.heavy
def test_kill_in_the_middle_of_uploads_leaves_old_or_new_files_only(fresh_sallyport, tmp_path):
    fresh_sallyport.start()
    site = Site(fresh_sallyport, tmp_path)
    rng = random.Random(1)
    acknowledged = {}
    number = 0
    for _ in range(12):
        batch = []
        for name in ("a", "b", "dir/c"):
            number += 1
            path = tmp_path / f"v{number}"
            path.write_bytes(version(number, rng.choice([4096, 300_000, 6_000_000])))
            batch.append((name, number, path))
        commands = ["-mkdir dir"] + [f"put {path} {name}" for name, _, path in batch] * 3
        client = site.client().start(*commands)
        time.sleep(rng.uniform(0.05, 0.6))
        fresh_sallyport.kill()
        client.wait(timeout=60)
        fresh_sallyport.start()
        fresh_sallyport.wait_state(site.server, "ONLINE")
        for name, new, path in batch:
            try:
                seen = version_of(site.body("ann/" + name))
            except site.s3().exceptions.NoSuchKey:
                assert name not in acknowledged, f"{name} was acknowledged and is gone"
                continue
            assert seen in (new, acknowledged.get(name, new)), (name, seen, new, acknowledged)
            plain = pathlib.Path(fresh_sallyport.data_dir, "buckets", site.bucket, "ann", name).read_bytes()
            assert version_of(plain) == seen
        assert not staged(fresh_sallyport.data_dir)
        # An upload that the client saw succeed is there after the next kill.
        for name, new, path in batch:
            site.client().must("-mkdir dir", f"put {path} {name}")
            acknowledged[name] = new
        fresh_sallyport.kill()
        fresh_sallyport.start()
        fresh_sallyport.wait_state(site.server, "ONLINE")
        assert {name: version_of(site.body("ann/" + name)) for name in acknowledged} == acknowledged


def test_lost_connection_keeps_what_came(site, tmp_path):
    source = tmp_path / "big"
    source.write_bytes(os.urandom(64 << 20))
    client = site.client(options={"Compression": "no"}).start(f"put {source} big")
    site.events(lambda e: "OPEN" in activities(e))
    time.sleep(0.05)
    client.kill()
    client.wait()
    events = site.events(lambda e: "DISCONNECTED" in activities(e))
    ends = [e for _, e in events if e["activity-type"] in ("PARTIAL_CLOSE", "CLOSE")]
    assert [e["activity-type"] for e in ends] == ["PARTIAL_CLOSE"] or ends[0]["bytes-in"] == str(64 << 20)
    kept = site.body("ann/big")
    assert ends[0]["bytes-in"] == str(len(kept)) and source.read_bytes().startswith(kept)


def test_upload_is_visible_at_close_and_not_before(site, tmp_path):
    site.client().must("put /etc/hostname a")
    before = site.body("ann/a")
    source = tmp_path / "big"
    source.write_bytes(os.urandom(32 << 20))
    client = site.client(options={"RekeyLimit": "1M"}).start(f"put {source} a")
    site.events(lambda e: activities(e).count("OPEN") == 2)
    seen = {len(site.body("ann/a")) for _ in range(5)}
    client.wait(60)
    assert seen <= {len(before), 32 << 20}
    assert site.body("ann/a") == source.read_bytes()


def test_clean_ending_lets_a_live_transfer_finish(fresh_sallyport, tmp_path):
    fresh_sallyport.settings["shutdown.grace"] = "120"
    fresh_sallyport.start()
    site = Site(fresh_sallyport, tmp_path)
    source = tmp_path / "big"
    source.write_bytes(os.urandom(256 << 20))
    idle = subprocess.Popen(site.client().command("-q"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
    busy = site.client().start(f"put {source} big")
    site.events(lambda e: "OPEN" in activities(e))
    fresh_sallyport.process.send_signal(signal.SIGTERM)
    assert busy.wait(120) == 0
    assert fresh_sallyport.process.wait(60) == 0
    idle.communicate(timeout=20)
    fresh_sallyport.start()
    assert site.s3().head_object(Bucket=site.bucket, Key="ann/big")["ContentLength"] == 256 << 20


def test_grace_that_ran_out_keeps_what_came(fresh_sallyport, tmp_path):
    fresh_sallyport.settings["shutdown.grace"] = "0"
    fresh_sallyport.start()
    site = Site(fresh_sallyport, tmp_path)
    source = tmp_path / "endless"
    subprocess.run(["truncate", "-s", "20G", str(source)], check=True)
    client = site.client().start(f"put {source} endless")
    site.events(lambda e: "OPEN" in activities(e))
    fresh_sallyport.stop()
    assert client.wait(60) != 0
    fresh_sallyport.start()
    events = site.events(lambda e: "DISCONNECTED" in activities(e))
    partial = next(e for _, e in events if e["activity-type"] == "PARTIAL_CLOSE")
    size = site.s3().head_object(Bucket=site.bucket, Key="ann/endless")["ContentLength"]
    assert partial["bytes-in"] == str(size) and size < 20 << 30


def test_files_of_other_programs_are_taken_in(fresh_sallyport, tmp_path):
    fresh_sallyport.settings["storage.scan_interval"] = "1"
    fresh_sallyport.start()
    site = Site(fresh_sallyport, tmp_path)
    folder = pathlib.Path(fresh_sallyport.data_dir, "buckets", site.bucket, "ann")
    (folder / "dropped").mkdir(parents=True, exist_ok=True)
    (folder / "dropped" / "file.txt").write_text("from outside")
    os.symlink("/etc/passwd", folder / "link")
    for _ in range(200):
        keys = [o["Key"] for o in site.s3().list_objects_v2(Bucket=site.bucket).get("Contents", [])]
        if "ann/dropped/file.txt" in keys:
            break
        time.sleep(0.05)
    assert "ann/link" not in keys
    site.client().must(f"get dropped/file.txt {tmp_path}/back")
    assert (tmp_path / "back").read_text() == "from outside"


def hold(address, port, data):
    """A peer that sends some bytes and then neither reads nor writes."""
    connection = socket.create_connection((address, port), timeout=5)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sendall(data)
    return connection


def test_hostile_peers_end_and_others_do_not_notice(site, tmp_path):
    garbage = [b"", b"\x00" * 1000, b"GET / HTTP/1.1\r\n\r\n", b"SSH-1.5-old\r\n", b"SSH-2.0-x\r\n" + b"\xff" * 4096,
               b"SSH-2.0-x\r\n" + (35001).to_bytes(4, "big") + b"\x04" * 100,
               b"SSH-2.0-x\r\n" + (12).to_bytes(4, "big") + b"\x04\x50" + b"\x00" * 10, b"S" * 100_000, os.urandom(65536)]
    held = []
    for data in garbage:
        try:
            held.append(hold(site.address, site.port, data))
        except OSError:
            pass  # it was closed while we wrote
    source = tmp_path / "a"
    source.write_bytes(os.urandom(3 << 20))
    site.client().must(f"put {source} a", f"get a {tmp_path}/b")
    assert (tmp_path / "b").read_bytes() == source.read_bytes()
    for connection in held:
        connection.close()
    assert site.sallyport.process.poll() is None


def test_peer_that_stops_reading_does_not_hold_others_up(site, tmp_path):
    source = tmp_path / "big"
    source.write_bytes(os.urandom(48 << 20))
    site.client().must(f"put {source} big")
    stuck = site.client().start("get big /dev/null")
    site.events(lambda e: activities(e).count("OPEN") == 2)
    stuck.send_signal(signal.SIGSTOP)
    try:
        site.client().must(f"get big {tmp_path}/b")
        assert (tmp_path / "b").read_bytes() == source.read_bytes()
    finally:
        stuck.kill()
        stuck.wait()
