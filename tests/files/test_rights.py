"""The rights of a user's role on a file system, what a client is told without them, and the log."""

import json
import shutil

import pytest

from support.sallyport import TRUST
from support.file_systems import FILE_SYSTEM, MISSING_SYSTEM, MOUNT, OTHER_SYSTEM, WRITE, rights


def test_without_the_right_to_mount_the_prompt_does_not_appear(site):
    user = site.user(actions=())
    done = user.client.interactive("pwd")
    assert "Permission denied" in done.stderr and "Need cwd" in done.stderr
    assert "sftp>" not in done.stdout
    assert user.wait_event(activity_type="ERROR", operation="REALPATH")["message"] == "Access denied"


def test_a_role_that_cannot_be_assumed_denies_all(site):
    user = site.user()
    iam = site.sallyport.client("iam")
    role = site.sallyport.name("role")
    arn = site.sallyport.role(rights(MOUNT, WRITE), name=role)
    site.sallyport.call("UpdateUser", ServerId=user.server, UserName=user.name, Role=arn)
    user.client.must("ls")
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=TRUST.replace("transfer.", "ec2."))
    done = user.client.interactive("pwd")
    assert "Permission denied" in done.stderr and "Need cwd" in done.stderr
    user.wait_event(activity_type="ERROR", operation="REALPATH", message="Unable to AssumeRole for user")


@pytest.mark.parametrize("attempt", ["put {x} x", "mkdir d", "rm f", "rename f g", "ln -s f l", "rmdir e",
                                     "chgrp 1 f", "put {x} f"])
def test_without_the_right_to_write_all_can_be_read_and_nothing_changed(site, tmp_path, attempt):
    user = site.user(actions=(MOUNT,))
    (user.home / "f").write_text("kept")
    (user.home / "e").mkdir()
    (tmp_path / "x").write_text("new")
    user.client.must("ls -l", f"get f {tmp_path}/y")
    assert (tmp_path / "y").read_text() == "kept"
    done = user.client.batch(attempt.format(x=tmp_path / "x"))
    assert not done.ok and "ermission denied" in done.stderr
    assert sorted(p.name for p in user.home.iterdir()) == ["e", "f"] and (user.home / "f").read_text() == "kept"


def test_a_file_that_is_open_for_reading_is_not_changed_without_the_right_to_write(site):
    user = site.user(actions=(MOUNT,))
    (user.home / "f").write_text("kept")
    shutil.chown(user.home / "f", user.home.stat().st_uid)
    with user.paramiko() as sftp, sftp.open("f", "r") as file:
        with pytest.raises(PermissionError):
            file.utime((1_000_000_000, 1_000_000_000))
    assert (user.home / "f").stat().st_mtime > 1_000_000_000


def test_rights_are_asked_for_each_file_system(site, tmp_path):
    user = site.user()
    site.sallyport.call("UpdateUser", ServerId=user.server, UserName=user.name,
                        Role=site.sallyport.role(rights(MOUNT, WRITE, system=FILE_SYSTEM)))
    user.client.must("ls")
    assert "Permission denied" in user.client.batch(f"cd /{OTHER_SYSTEM}").stderr
    assert user.client.must("ls -1 /").split()[-1] == f"/{FILE_SYSTEM}"


def test_policies_may_ask_for_a_mount_target_and_encryption(site):
    user = site.user()
    policy = rights(MOUNT)
    policy["Statement"][0]["Condition"] = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true",
                                                    "aws:SecureTransport": "true"}}
    site.sallyport.call("UpdateUser", ServerId=user.server, UserName=user.name, Role=site.sallyport.role(policy))
    user.client.must("ls")


def test_a_file_system_that_is_not_configured_is_missing(site):
    user = site.user(HomeDirectory=f"/{MISSING_SYSTEM}/home")
    done = user.client.interactive("ls", f"mkdir /{MISSING_SYSTEM}/d")
    assert "Failure" in done.stderr
    event = user.wait_event(activity_type="ERROR", operation="MKDIR")
    assert event["message"] == "The specified file system does not exist"
    assert "request-id" not in event


def test_nothing_is_renamed_to_another_file_system(site):
    user = site.user()
    (user.home / "a").write_text("x")
    site.other.chmod(0o777)
    assert not user.client.batch(f"rename a /{OTHER_SYSTEM}/a").ok
    assert (user.home / "a").exists() and not (site.other / "a").exists()


def test_a_session_policy_is_refused_by_the_api(site):
    user = site.user()
    status, _, body = site.sallyport.post("UpdateUser", (
        '{"ServerId": "%s", "UserName": "%s", "Policy": "{}"}' % (user.server, user.name)).encode())
    assert status == 400 and b"Policy is supported for Domain: S3 only" in body


def test_every_act_has_its_line(site, tmp_path):
    user = site.user()
    path = f"/{FILE_SYSTEM}/home/{user.name}"
    (tmp_path / "x").write_text("12345")
    user.client.must(f"put -p {tmp_path}/x x", f"get x {tmp_path}/y", "mkdir d", "rename x y", "ln -s y l", "rm l",
                     "rm y", "rmdir d")
    user.wait_event(activity_type="DISCONNECTED")
    lines = [(e["activity-type"], {k: v for k, v in e.items() if k not in ("activity-type", "resource-arn", "session-id")})
             for e in user.events()]
    assert [kind for kind, _ in lines][1:-1] == ["OPEN", "SETSTAT", "CLOSE", "OPEN", "CLOSE", "MKDIR", "RENAME",
                                                "CREATE_SYMLINK", "DELETE", "DELETE", "RMDIR"]
    assert lines[1][1] == {"path": f"{path}/x", "mode": "CREATE|TRUNCATE|WRITE"}
    assert lines[3][1] == {"path": f"{path}/x", "bytes-in": "5"}
    assert lines[4][1] == {"path": f"{path}/x", "mode": "READ"}
    assert lines[5][1] == {"path": f"{path}/x", "bytes-out": "5"}
    assert lines[7][1] == {"path": f"{path}/x", "new-path": f"{path}/y"}
    assert lines[8][1] == {"link-path": f"{path}/l", "target-path": "y"}


def test_a_file_of_a_lost_connection_keeps_what_came(site, tmp_path):
    user = site.user()
    (tmp_path / "x").write_bytes(b"x" * 30_000_000)
    upload = user.client.start(f"put {tmp_path}/x x", options={"Compression": "no"})
    user.wait_event(activity_type="OPEN")
    upload.kill()
    upload.wait()
    ended = user.wait_event(activity_type="DISCONNECTED")
    assert ended
    kinds = [e["activity-type"] for e in user.events()]
    if "CLOSE" not in kinds:
        line = user.wait_event(activity_type="PARTIAL_CLOSE")
        assert int(line["bytes-in"]) == (user.home / "x").stat().st_size


@pytest.mark.parametrize("profile", [None, {"Uid": 4294967295, "Gid": 1}])
def test_a_user_without_a_usable_posix_profile_is_not_let_in(site, profile):
    user = site.user()
    members = {"ServerId": user.server, "UserName": user.name + "x", "SshPublicKeyBody": site.key.public_text,
               "Role": site.role(MOUNT), "HomeDirectory": f"/{FILE_SYSTEM}"}
    if profile is None:
        status, _, body = site.sallyport.post("CreateUser", json.dumps(members).encode())
        assert status == 400 and b"PosixProfile required" in body
        return
    site.sallyport.call("CreateUser", **members, PosixProfile=profile)
    other = type(user)(site, user.server, user.name + "x", user.home)
    assert "Permission denied" in other.client.batch("ls").stderr
    assert "cannot be served: the user has no POSIX profile" in site.sallyport.stderr()
