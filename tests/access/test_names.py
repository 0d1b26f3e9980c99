"""Names that OpenSSH's client cannot say: they lead nowhere, and leave no line."""

import paramiko
import pytest

from support.sallyport import full_rights

from .world import World

NAMES = {"nul": b"a\0b", "nul-after-good": b"/BUCKET/ann/a\0", "not-utf8": b"\xff\xfe",
         "overlong-slash": b"in\xc0\xafx", "too-long": b"x" * 1100, "many-dots": b"../" * 6000 + b"x"}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_name_is_refused_by_every_operation_without_a_line(name, sallyport, server, tmp_path):
    world = World(sallyport, server, tmp_path)
    world.put("ann/a")
    world.user(full_rights("BUCKET"))
    name = name.replace(b"BUCKET", world.bucket.encode())
    transport = paramiko.Transport(sallyport.endpoint(server))
    try:
        transport.connect(username=world.user_name, pkey=paramiko.Ed25519Key.from_private_key_file(str(world.key.path)))
        sftp = paramiko.SFTPClient.from_transport(transport)
        for operation in (sftp.stat, sftp.listdir, sftp.mkdir, sftp.rmdir, sftp.remove, sftp.open,
                          lambda n: sftp.open(n, "w"), lambda n: sftp.rename("a", n), lambda n: sftp.rename(n, "b")):
            with pytest.raises(OSError):
                operation(name)
    finally:
        transport.close()
    stream = f"{server}/{world.user_name}"
    events = sallyport.wait_events(server, lambda e: any(
        s == stream and x["activity-type"] == "DISCONNECTED" for s, x in e))
    assert [x["activity-type"] for s, x in events if s == stream] == ["CONNECTED", "DISCONNECTED"]
    keys = [o["Key"] for o in world.sallyport.client("s3").list_objects_v2(Bucket=world.bucket)["Contents"]]
    assert keys == ["ann/", "ann/a"]
