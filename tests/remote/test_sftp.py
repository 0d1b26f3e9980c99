"""SFTP over a store that others wrote, with its own STS and IAM: what clients see, and what the store then holds."""

import hashlib
import os
import threading

import paramiko
import pytest

from support.ceph_rgw import KMS_KEY, allow, compact, policy
from support.s3_faults import FaultProxy, Step

from .site import Site

LARGE = 40 << 20


@pytest.fixture(autouse=True)
def no_harm(request):
    yield
    if "site" in request.fixturenames:
        request.getfixturevalue("site").proxy.clear()


def file_of(folder, size, name="file"):
    path = folder / name
    path.write_bytes(os.urandom(size))
    return path


@pytest.mark.parametrize("kind", ("bucket", "via", "keys", "tls"))
def test_files_of_every_size_come_back_as_they_went(site, tmp_path, kind):
    client = site.user(kind)
    for size in (0, 1, 262144, 262145, 5 << 20, (8 << 20) - 1, 8 << 20, (8 << 20) + 1, LARGE + 3):
        sent, back = file_of(tmp_path, size), tmp_path / "back"
        client.must(f"put {sent} f{size}", f"get f{size} {back}")
        assert back.read_bytes() == sent.read_bytes()
        assert client.read(f"f{size}") == sent.read_bytes()
    assert client.uploads() == []


def test_what_is_stored_tells_who_stored_it(site, tmp_path):
    client = site.user()
    client.must(f"put {file_of(tmp_path, 10)} small", f"put {file_of(tmp_path, LARGE)} large")
    for key in ("small", "large"):
        head = site.rgw.access.client().head_object(Bucket=client.bucket, Key=key)
        assert head["Metadata"] == {"user-agent": "AWSTransfer", "user-agent-id": f"ann@{client.server}"}


def test_folders_names_and_renames_work_as_over_embedded_buckets(site, tmp_path):
    client = site.user()
    file = file_of(tmp_path, 1000)
    client.must("mkdir d", f'put {file} "d/ä b+%"', 'rename "d/ä b+%" d/plain', "mkdir d/e", "rmdir d/e")
    assert client.keys() == ["d/", "d/plain"]
    client.refused("rmdir d")
    assert client.keys() == ["d/", "d/plain"]
    client.must("rm d/plain", "rmdir d")
    assert client.keys() == []


def test_a_rename_between_stores_carries_the_file(site, tmp_path):
    client, other = site.user("via"), site.rgw.make_bucket("bucket")
    role = site.role(policy(allow("s3:*", ["arn:aws:s3:::*"])))
    site.sallyport.call("UpdateUser", ServerId=client.server, UserName="ann", Role=role)
    file = file_of(tmp_path, LARGE)
    client.must(f"put {file} a", f"rename a /{other}/b")
    assert client.keys() == []
    assert site.rgw.access.client().get_object(Bucket=other, Key="b")["Body"].read() == file.read_bytes()


def test_three_thousand_files_are_listed(site):
    server = site.sallyport.server(S3StorageOptions={"DirectoryListingOptimization": "ENABLED"})
    client = site.user(server=server)
    s3 = site.rgw.access.client()
    for number in range(1500):
        s3.put_object(Bucket=client.bucket, Key=f"l/{number:05d}", Body=b"")
        s3.put_object(Bucket=client.bucket, Key=f"l/{number:05d}-d/x", Body=b"")
    listed = client.must("ls -1 l").split()
    assert [name for name in listed if name.startswith("l/")] == sorted(
        [f"l/{number:05d}" for number in range(1500)] + [f"l/{number:05d}-d" for number in range(1500)])


# ---- What the store decides.

def test_the_store_decides_what_a_role_may(site, tmp_path):
    client = site.user()
    only = policy(allow(["s3:PutObject", "s3:ListBucket"], [f"arn:aws:s3:::{client.bucket}", f"arn:aws:s3:::{client.bucket}/*"]))
    client.must(f"put {file_of(tmp_path, 10)} a")
    role = site.role(only)
    site.sallyport.call("UpdateUser", ServerId=client.server, UserName="ann", Role=role)
    client.must(f"put {file_of(tmp_path, 10)} b")
    assert "Permission denied" in client.refused(f"get a {tmp_path}/x")
    error = client.error(operation="OPEN")
    assert error["message"] == "Access denied" and error["request-id"].startswith("tx")


def test_a_session_policy_narrows_the_role_at_the_store(site, tmp_path):
    narrow = policy(allow("s3:*", ["arn:aws:s3:::${transfer:HomeBucket}/in/*"]))
    client = site.user(Policy=compact(narrow))
    client.must(f"put {file_of(tmp_path, 10)} in/a")
    assert "Permission denied" in client.refused(f"put {file_of(tmp_path, 10)} out")
    assert client.keys() == ["in/a"]


def test_a_role_that_is_not_there_or_does_not_trust_us_is_refused_as_the_guide_shows(site):
    nobody = site.rgw.make_role(["nobody"], policy(allow("s3:*", ["*"]))).rsplit("/", 1)[1]
    for name in ("no-such-role", nobody):
        client = site.user()
        site.sallyport.call("UpdateUser", ServerId=client.server, UserName="ann",
                            Role=f"arn:aws:iam::000000000000:role/{name}")
        assert "Permission denied" in client.listed("ls")
        assert "Permission denied" in client.refused("mkdir d")
        error = client.error(operation="MKDIR")
        assert error["message"] == "Unable to AssumeRole for user" and "request-id" not in error


def test_rights_taken_away_count_at_once(site, tmp_path):
    client = site.user()
    name = client.role.rsplit("/", 1)[1]
    client.must("mkdir a")
    site.rgw.access.client("iam").delete_role_policy(RoleName=name, PolicyName="rights")
    assert "Permission denied" in client.refused("mkdir b")


def test_a_missing_bucket_reads_as_the_guide_shows(site):
    client = site.user(HomeDirectory="/via-missing")
    role = site.role(policy(allow("s3:*", ["*"])))
    site.sallyport.call("UpdateUser", ServerId=client.server, UserName="ann", Role=role)
    assert "Failure" in client.listed("ls")
    client.error(message="Error performing readdir")


def test_a_key_of_kms_encrypts_what_is_stored(site, tmp_path):
    client = site.user("locked")
    for size in (100, LARGE):
        file, back = file_of(tmp_path, size), tmp_path / "back"
        client.must(f"put {file} f", f"get f {back}")
        assert back.read_bytes() == file.read_bytes()
        head = site.rgw.access.client().head_object(Bucket=client.bucket, Key="f")
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", KMS_KEY)


@pytest.mark.parametrize("size", (100, LARGE))
def test_a_key_that_kms_refuses_shows_at_close(site, tmp_path, size):
    client = site.user("lost")
    said = client.refused(f"put {file_of(tmp_path, size)} f")
    assert "Permission denied" in said
    error = client.error(operation="CLOSE")
    assert error["message"] == "Access denied"
    if size == 100:
        assert "close" in said and error["bytes-in"] == "100"
    assert client.keys() == [] and client.uploads() == []


def test_in_a_versioned_bucket_uploads_make_versions_and_removals_markers(site, tmp_path):
    client, s3 = site.user(), site.rgw.access.client()
    s3.put_bucket_versioning(Bucket=client.bucket, VersioningConfiguration={"Status": "Enabled"})
    old, new = file_of(tmp_path, LARGE, "old"), file_of(tmp_path, 1000, "new")
    client.must(f"put {old} f", f"put {new} f", f"get f {tmp_path}/back")
    assert (tmp_path / "back").read_bytes() == new.read_bytes()
    client.must("rm f")
    versions = s3.list_object_versions(Bucket=client.bucket)
    assert [one["Size"] for one in versions["Versions"]] == [1000, LARGE]
    assert [one["IsLatest"] for one in versions["DeleteMarkers"]] == [True]


def test_what_object_lock_keeps_outlives_all_that_clients_do(site, tmp_path):
    bucket, s3 = site.rgw.make_bucket("via", ObjectLockEnabledForBucket=True), site.rgw.access.client()
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}})
    client = site.user(bucket=bucket)
    old, new = file_of(tmp_path, LARGE, "old"), file_of(tmp_path, 1000, "new")
    client.must(f"put {old} f", f"put {new} f", "rename f g", "rm g")
    assert client.keys() == [] and client.uploads() == []
    kept = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert sorted((one["Key"], one["Size"]) for one in kept) == [("f", 1000), ("f", LARGE), ("g", 1000)]
    for one in kept:
        with pytest.raises(s3.exceptions.ClientError) as refused:
            s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
        assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_another_regions_bucket_is_a_failure_with_its_ids(site):
    client = site.user()
    site.proxy.on("GET", path=f"/{client.bucket}").wrong_region("eu-west-1")
    assert "Failure" in client.listed("ls")
    client.error(message="Error performing readdir")


# ---- Faults on the way.

FAULTS = {
    "refused": lambda rule: rule.slow_down(),
    "cut before": lambda rule: rule.cut(Step.HEAD),
    "cut within": lambda rule: rule.cut(Step.BODY, after=1),
    "cut after": lambda rule: rule.cut(Step.ANSWER),
    "500": lambda rule: rule.answer(500, "InternalError", "We encountered an internal error."),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", ("put", "part", "begin", "complete"))
def test_an_upload_survives_a_passing_fault(site, tmp_path, kind, fault):
    client = site.user()
    size = 1000 if kind == "put" else LARGE
    query = {"put": "^$", "part": "partNumber=2", "begin": "uploads", "complete": "^uploadId"}[kind]
    if fault == "cut within" and kind == "begin":
        pytest.skip("it has no body")
    method = "PUT" if kind in ("put", "part") else "POST"
    rule = FAULTS[fault](site.proxy.on(method, path=f"/{client.bucket}/f$", query=query, nth=1))
    file = file_of(tmp_path, size)
    done = client.sftp().batch(f"put {file} f")
    assert rule.fired == 1
    # What may have been carried out is not begun twice; the client is told, and nothing is left.
    if not done.ok:
        assert kind == "begin" and fault == "cut after", done.stderr
        assert client.keys() == []
    else:
        assert client.read("f") == file.read_bytes()
        if not (kind == "begin" and fault == "cut after"):
            assert client.uploads() == []


@pytest.mark.parametrize("after", (0, 1, 700_000, 3 << 20))
def test_a_download_survives_a_cut(site, tmp_path, after):
    client = site.user()
    file, back = file_of(tmp_path, LARGE), tmp_path / "back"
    client.must(f"put {file} f")
    rules = [site.proxy.on("GET", path=f"/{client.bucket}/f$", nth=nth).cut(Step.ANSWER_BODY, after=after)
             for nth in (1, 3)]
    client.must(f"get f {back}")
    assert back.read_bytes() == file.read_bytes()
    assert sum(rule.fired for rule in rules) >= 1


def test_a_store_that_goes_on_refusing_is_told_and_leaves_nothing(site, tmp_path):
    client = site.user()
    site.proxy.on("PUT", path=f"/{client.bucket}/f", query="partNumber=3").answer(500, "InternalError", "no")
    said = client.refused(f"put {file_of(tmp_path, LARGE)} f")
    assert "close remote" in said and "Failure" in said
    client.error(operation="CLOSE")
    assert client.keys() == []
    assert client.uploads() == []


def test_an_upload_that_was_changed_on_the_way_is_not_stored(site, tmp_path, rgw):
    """Over plain HTTP the content's hash is signed: what the way has changed, the store refuses."""
    client = site.user()
    file = file_of(tmp_path, 1000)
    client.must(f"put {file} f")
    sent = [one for one in site.proxy.seen("PUT", path=f"/{client.bucket}/f$")][0]
    assert sent.headers["x-amz-content-sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_file_that_is_replaced_while_it_is_read_is_not_mixed(site, tmp_path):
    client = site.user()
    old = file_of(tmp_path, LARGE, "old")
    client.must(f"put {old} f")
    rule = site.proxy.on("GET", path=f"/{client.bucket}/f$", nth=3).stall(Step.HEAD)
    running = client.sftp().start(f"get f {tmp_path}/back")
    rule.wait()
    site.rgw.access.client().put_object(Bucket=client.bucket, Key="f", Body=b"new" * (LARGE // 3))
    rule.release()
    out, err = running.communicate(timeout=120)
    assert running.returncode != 0, out
    back = (tmp_path / "back").read_bytes() if (tmp_path / "back").exists() else b""
    assert old.read_bytes().startswith(back)


def test_a_stalled_store_does_not_disturb_others(site, tmp_path):
    slow, well = site.user("via"), site.user("bucket")
    rule = site.proxy.on("PUT", path=f"/{slow.bucket}").stall(Step.HEAD)
    running = slow.sftp().start(f"put {file_of(tmp_path, 1000)} f")
    rule.wait()
    file = file_of(tmp_path, LARGE, "well")
    well.must(f"put {file} g")
    assert well.read("g") == file.read_bytes()
    rule.release()
    running.communicate(timeout=120)
    assert running.returncode == 0


def test_an_interrupted_upload_keeps_what_came(site, tmp_path):
    client = site.user()
    file = file_of(tmp_path, 20 << 20)
    rule = site.proxy.on("PUT", path=f"/{client.bucket}/f$", query="partNumber=2").stall(Step.HEAD)
    running = client.sftp().start(f"put {file} f")
    rule.wait()
    running.kill()
    running.wait()
    rule.release()
    site.sallyport.wait_events(client.server, lambda events: any(e["activity-type"] == "PARTIAL_CLOSE" for _, e in events))
    kept = client.read("f")
    assert kept and file.read_bytes().startswith(kept)
    assert client.uploads() == []


def test_what_a_killed_process_had_begun_is_aborted_at_the_next_start(binary, rgw, tmp_path):
    with FaultProxy(rgw.url) as proxy:
        site = Site.start(binary, tmp_path, rgw, proxy)
        client = site.user()
        rule = proxy.on("PUT", path=f"/{client.bucket}/f", query="partNumber=2").stall(Step.HEAD)
        running = client.sftp().start(f"put {file_of(tmp_path, LARGE)} f")
        rule.wait()
        assert len(client.uploads()) == 1
        site.sallyport.kill()
        running.kill()
        running.wait()
        proxy.clear()
        site.sallyport.start()
        for _ in range(600):
            if not client.uploads():
                break
            threading.Event().wait(0.05)
        assert client.uploads() == [] and client.keys() == []
        site.sallyport.stop()


def test_what_the_store_would_not_abort_is_aborted_when_it_answers_again(site, tmp_path):
    """Without a restart, and what is under way meanwhile goes on."""
    client = site.user()
    live = site.proxy.on("PUT", path=f"/{client.bucket}/live", query="partNumber=2").stall(Step.HEAD)
    file = file_of(tmp_path, LARGE)
    running = client.sftp().start(f"put {file} live")
    live.wait()
    failed = site.proxy.on("PUT", path=f"/{client.bucket}/f$", query="partNumber=3").answer(403, "AccessDenied")
    kept = site.proxy.on("DELETE", path=f"/{client.bucket}/f$").slow_down()
    client.refused(f"put {file} f")
    assert failed.fired and kept.fired and {one["Key"] for one in client.uploads()} == {"f", "live"}
    begun = client.uploads()
    site.proxy.clear()
    client.must("ls")
    for _ in range(1200):
        if len(client.uploads()) == 1:
            break
        threading.Event().wait(0.05)
    assert client.uploads() == [one for one in begun if one["Key"] == "live"]
    live.release()
    running.communicate(timeout=120)
    assert running.returncode == 0 and client.read("live") == file.read_bytes()
    assert client.keys() == ["live"]
    assert "uploads without an end: 1 aborted" in site.sallyport.stderr()


def refused_rename(client, old, new):
    """The server's own words; OpenSSH's client does not show them."""
    transport = paramiko.Transport(client.site.sallyport.endpoint(client.server))
    try:
        transport.connect(username="ann", pkey=paramiko.Ed25519Key.from_private_key_file(str(client.site.key.path)))
        with pytest.raises(IOError) as refused:
            paramiko.SFTPClient.from_transport(transport).rename(old, new)
        return str(refused.value)
    finally:
        transport.close()


def test_a_directory_that_is_renamed_in_part_is_told_so(site, tmp_path):
    server = site.sallyport.server(Tags=[{"Key": "sallyport:compatibility", "Value": "extended"}])
    client = site.user(server=server)
    client.must("mkdir d", *(f"put {file_of(tmp_path, 10)} d/{name}" for name in "abc"))
    rule = site.proxy.on("PUT", path=f"/{client.bucket}/e/b$").answer(403, "AccessDenied")
    assert "some of the directory was renamed" in refused_rename(client, "d", "e")
    assert rule.fired and client.keys() == ["d/b", "d/c", "e/", "e/a"]
    assert client.error(operation="RENAME")["message"] == "Access denied"
    site.proxy.clear()
    site.proxy.on("PUT", path=f"/{client.bucket}/f/$").answer(403, "AccessDenied")
    assert "renamed" not in refused_rename(client, "e", "f")
    assert client.keys() == ["d/b", "d/c", "e/", "e/a"]
