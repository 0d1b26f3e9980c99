"""The remote store of src/s3 against a Ceph gateway: the contract of every store, and each of its acts while a proxy cuts,
delays and refuses what goes between. The acts are the cases GatewayActs and the suites "Gateway" of s3_test."""

import concurrent.futures
import os
import signal
import subprocess

import pytest

from support.s3_faults import Step
from support.s3_tools import all_keys

MIB = 1 << 20
LARGE = 20 * MIB + 5  # three parts
DONE = "^uploadId="  # of a completion


@pytest.fixture
def run(rgw, rgw_bucket, binary, tmp_path):
    """run(case, expect, size): one case of s3_test, in a process of its own; it is killed at the rule `kill_at`."""
    tests = binary.parent / "s3_test"
    if not tests.exists():
        pytest.skip(f"{tests} is not there")

    def running(case, expect="ok", size=0, left=0, url=None, access=rgw.access, kill_at=None):
        environment = {
            **os.environ, "SALLYPORT_TEST_S3_ENDPOINT": url or rgw.url,
            "SALLYPORT_TEST_S3_ACCESS_KEY": access.access_key, "SALLYPORT_TEST_S3_SECRET_KEY": access.secret_key,
            "SALLYPORT_TEST_S3_BUCKET": rgw_bucket, "SALLYPORT_TEST_SIZE": str(size),
            "SALLYPORT_TEST_EXPECT": expect, "SALLYPORT_TEST_LEDGER": str(tmp_path), "SALLYPORT_TEST_LEFT": str(left)}
        process = subprocess.Popen([tests, f"--gtest_filter={case}", "--gtest_color=no"], env=environment, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if kill_at:
            kill_at.wait()
            process.kill()
        out, err = process.communicate(timeout=300)
        assert process.returncode == (-signal.SIGKILL if kill_at else 0), out[-6000:] + err[-3000:]
        return out

    return running


@pytest.fixture
def act(run, proxy, rgw, rgw_bucket):
    """act(case, expect, size): one of GatewayActs through the proxy; afterwards no upload is left at the store."""

    def acting(case, expect="ok", size=LARGE, left=0, uploads=0, kill_at=None):
        run(f"GatewayActs.{case}", expect, size, left, proxy.url, kill_at=kill_at)
        assert len(rgw.access.client().list_multipart_uploads(Bucket=rgw_bucket).get("Uploads", [])) == uploads

    return acting


def counted(size):
    """What GatewayActs writes and expects."""
    return b"".join(number.to_bytes(8, "little") for number in range(size // 8 + 1))[:size]


def stored(rgw, bucket, key="k"):
    s3 = rgw.access.client()
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read() if key in all_keys(s3, bucket) else None


@pytest.fixture
def put(rgw, rgw_bucket):
    def putting(body, key="k"):
        rgw.access.client().put_object(Bucket=rgw_bucket, Key=key, Body=body)
    return putting


@pytest.mark.heavy
def test_it_keeps_the_contract_of_every_store(rgw, run):
    _, access = rgw.make_user()
    out = run("*/Gateway", access=access)
    assert "2 test suites ran" in out and "[  PASSED  ] 2" in out


@pytest.mark.heavy
def test_objects_of_all_sizes_come_back(act):
    act("sizes_around_every_boundary")


def test_metadata_that_changes_during_an_upload_is_the_last(act):
    act("metadata_is_changed_before_and_after_the_first_part")


def test_parts_grow_beyond_the_memory(act, proxy, rgw, rgw_bucket):
    cut = proxy.on("PUT", query="^partNumber=3&", nth=1).cut(Step.BODY, after=9 * MIB)  # of one on the disk
    act("upload_in_parts_that_grow_beyond_the_memory", size=60 * MIB + 7)
    assert cut.fired == 1 and stored(rgw, rgw_bucket) == counted(60 * MIB + 7)
    sizes = {exchange.query.split("&")[0]: int(exchange.headers["content-length"])
             for exchange in proxy.seen("PUT", query="^partNumber=")}
    assert [sizes[f"partNumber={number}"] // MIB for number in range(1, 7)] == [5, 6, 14, 14, 15, 6]


def test_a_part_on_the_disk_that_is_lost_fails_its_upload_alone(act):
    act("upload_from_a_file_that_is_lost")


def test_buckets_are_made_in_the_stores_region(act):
    act("create_buckets_of_regions")


# Uploads.

PARTS = "^partNumber=2&"


@pytest.mark.parametrize("harm", [
    lambda p: p.on("POST", query="^uploads", nth=1).slow_down(),
    lambda p: p.on("POST", query="^uploads", nth=1).cut(Step.HEAD),
    lambda p: p.on("PUT", query=PARTS, nth=1).cut(Step.HEAD, reset=True),
    lambda p: p.on("PUT", query=PARTS, nth=1).cut(Step.BODY, after=3 * MIB),
    lambda p: p.on("PUT", query=PARTS, nth=1).cut(Step.ANSWER),
    lambda p: p.on("PUT", query=PARTS, nth=1).answer(500, "InternalError"),
    lambda p: p.on("PUT", query=PARTS, nth=1).answer(503, "SlowDown", read_body=False),
    lambda p: p.on("PUT", query=PARTS, nth=1).delay(0.3),
    lambda p: p.on("POST", query=DONE, nth=1).cut(Step.HEAD),
    lambda p: p.on("POST", query=DONE, nth=1).cut(Step.BODY, after=100),
    lambda p: p.on("POST", query=DONE, nth=1).cut(Step.ANSWER),
    lambda p: p.on("POST", query=DONE, nth=1).cut(Step.ANSWER_BODY, after=30),
    lambda p: p.on("POST", query=DONE, nth=1).answer(500, "InternalError"),
    lambda p: p.on("POST", query=DONE, nth=1).slow_down(),
], ids=["create-slow", "create-cut", "part-reset", "part-cut", "part-answer-lost", "part-500", "part-early-503",
        "part-delay", "done-cut", "done-body-cut", "done-answer-lost", "done-answer-cut", "done-500", "done-slow"])
def test_an_upload_survives_what_passes(act, proxy, rgw, rgw_bucket, put, harm):
    put(b"old")
    rule = harm(proxy)
    act("upload")
    assert rule.fired == 1
    assert stored(rgw, rgw_bucket) == counted(LARGE)


@pytest.mark.parametrize("harm, expect", [
    (lambda p: p.on("POST", query="^uploads").slow_down(), "unavailable"),
    (lambda p: p.on("POST", query="^uploads").answer(403, "AccessDenied"), "permission_denied"),
    (lambda p: p.on("PUT", query=PARTS).cut(Step.BODY, after=3 * MIB), "unavailable"),
    (lambda p: p.on("PUT", query=PARTS).answer(403, "AccessDenied"), "permission_denied"),
    (lambda p: p.on("PUT", query=PARTS).wrong_region("eu-west-3"), "unavailable"),
    (lambda p: p.on("POST", query=DONE).cut(Step.HEAD), "unavailable"),
    (lambda p: p.on("POST", query=DONE).answer(500, "InternalError"), "unavailable"),
    (lambda p: p.on("POST", query=DONE).answer(400, "InvalidPart"), "invalid_argument"),
], ids=["create-slow", "create-denied", "part-cut", "part-denied", "part-region", "done-cut", "done-500", "done-refused"])
def test_an_upload_that_fails_leaves_what_was_there(act, proxy, rgw, rgw_bucket, put, harm, expect):
    put(b"old")
    rule = harm(proxy)
    act("upload", expect)
    assert rule.fired
    assert stored(rgw, rgw_bucket) == b"old"


def test_an_upload_that_failed_cannot_be_committed(act, proxy, rgw, rgw_bucket):
    proxy.on("PUT", query=PARTS).answer(403, "AccessDenied")
    act("upload_that_is_committed_after_its_failure", "permission_denied")
    assert stored(rgw, rgw_bucket) is None


def test_a_completion_that_was_carried_out_is_a_success_whatever_is_answered(act, proxy, rgw, rgw_bucket):
    """Each answer is lost, and the store is never asked to do it twice without a look."""
    rule = proxy.on("POST", query=DONE).cut(Step.ANSWER)
    act("upload")
    assert rule.fired == 1 and stored(rgw, rgw_bucket) == counted(LARGE)


@pytest.mark.parametrize("harm", [
    lambda p: p.on("PUT", nth=1).slow_down(), lambda p: p.on("PUT", nth=1).answer(500, "InternalError"),
    lambda p: p.on("PUT", nth=1).cut(Step.BODY, after=1000), lambda p: p.on("PUT", nth=1).cut(Step.ANSWER)],
    ids=["slow", "500", "cut", "answer-lost"])
def test_a_small_upload_survives_what_passes(act, proxy, rgw, rgw_bucket, harm):
    rule = harm(proxy)
    act("upload", size=100_000)
    assert rule.fired == 1 and stored(rgw, rgw_bucket) == counted(100_000)


def test_a_small_upload_that_fails_leaves_what_was_there(act, proxy, rgw, rgw_bucket, put):
    put(b"old")
    proxy.on("PUT").cut(Step.BODY, after=50_000)
    act("upload", "unavailable", 100_000)
    assert stored(rgw, rgw_bucket) == b"old"


@pytest.mark.parametrize("size", [100_000, LARGE])
def test_a_new_object_takes_no_others_place(act, rgw, rgw_bucket, put, size):
    put(b"old")
    act("upload_of_a_new_object", "already_exists", size)
    assert stored(rgw, rgw_bucket) == b"old"
    rgw.access.client().delete_object(Bucket=rgw_bucket, Key="k")
    act("upload_of_a_new_object", "ok", size)
    assert stored(rgw, rgw_bucket) == counted(size)


@pytest.mark.parametrize("status, code, expect", [(403, "AccessDenied", "ok"), (503, "SlowDown", "unavailable")])
def test_a_new_object_is_made_unless_it_cannot_be_asked_whether_it_is_one(act, proxy, rgw, rgw_bucket, status, code, expect):
    """Who may write and not read is not told; a store that does not answer may hold what must stay."""
    rule = proxy.on("HEAD").answer(status, code)
    act("upload_of_a_new_object", expect)
    assert rule.fired and stored(rgw, rgw_bucket) == (counted(LARGE) if expect == "ok" else None)


def test_a_new_object_waits_for_a_store_without_time(act, proxy, rgw, rgw_bucket):
    proxy.on("PUT", nth=1).slow_down()
    act("upload_of_a_new_object", "ok", 1000)
    assert stored(rgw, rgw_bucket) == counted(1000)


@pytest.mark.parametrize("case", ["upload_that_is_abandoned", "upload_that_is_aborted"])
def test_an_upload_without_an_end_leaves_nothing(act, rgw, rgw_bucket, case):
    act(case)
    assert stored(rgw, rgw_bucket) is None


def test_what_a_kill_leaves_is_aborted_by_the_next_run(act, rgw_bucket):
    act("upload_that_is_killed", uploads=1)
    act("sweep")


def test_what_cannot_be_aborted_stays_in_the_ledger(act, proxy):
    rule = proxy.on("DELETE").slow_down()
    act("upload_that_is_aborted", left=1, uploads=1)
    assert rule.fired
    proxy.clear()
    act("sweep")


# Downloads.


@pytest.mark.parametrize("harm", [
    lambda p: p.on("GET", nth=1).slow_down(), lambda p: p.on("GET", nth=1).cut(Step.ANSWER),
    lambda p: p.on("GET", nth=1).cut(Step.ANSWER_BODY, after=200_001),
    lambda p: p.on("GET", nth=2).cut(Step.ANSWER_BODY, after=0, reset=True),
    lambda p: p.on("GET", nth=3).answer(500, "InternalError"),
    lambda p: p.on("GET", nth=4).cut(Step.ANSWER_BODY, after=2 * MIB + 1),
    lambda p: p.on("GET").cut(Step.ANSWER_BODY, after=700_000),  # each answer: it gets on all the same
    lambda p: p.on("GET").delay(0.02)],
    ids=["slow", "lost", "cut", "reset", "500", "cut-later", "all-cut", "delay"])
def test_a_download_survives_what_passes(act, proxy, put, harm):
    put(counted(LARGE))
    rule = harm(proxy)
    act("download")
    assert rule.fired


@pytest.mark.parametrize("harm, expect", [
    (lambda p: p.on("GET").slow_down(), "unavailable"), (lambda p: p.on("GET").cut(Step.HEAD), "unavailable"),
    (lambda p: p.on("GET").answer(403, "AccessDenied"), "permission_denied"),
    (lambda p: p.on("GET", nth=2).answer(403, "AccessDenied"), "permission_denied"),
    (lambda p: p.on("GET").answer(404, "NoSuchKey"), "not_found"),
    (lambda p: p.on("GET").cut(Step.ANSWER_BODY, after=0), "unavailable")],
    ids=["slow", "cut", "denied", "denied-later", "gone", "no-progress"])
def test_a_download_that_fails_says_why(act, proxy, put, harm, expect):
    put(counted(LARGE))
    rule = harm(proxy)
    act("download", expect)
    assert rule.fired


def test_an_abandoned_download_ends(act, put):
    put(counted(LARGE))
    act("download_that_is_abandoned")


def test_downloads_go_in_any_order(act, put):
    put(counted(LARGE))
    act("download_in_any_order")


def test_what_is_replaced_while_it_is_read_is_not_mixed(act, put):
    put(counted(LARGE))
    act("download_of_what_is_replaced", "conflict")


# The rest.


@pytest.mark.parametrize("harm", [
    lambda p: p.on("GET", query="list-type", nth=2).slow_down(),
    lambda p: p.on("GET", query="list-type", nth=2).cut(Step.ANSWER_BODY, after=300),
    lambda p: p.on("GET", query="list-type", nth=3).cut(Step.HEAD)], ids=["slow", "cut", "lost"])
def test_a_listing_survives_what_passes(act, proxy, put, harm):
    for number in range(10):
        put(b"1", f"k{number}")
    rule = harm(proxy)
    act("list", size=10)
    assert rule.fired == 1


@pytest.mark.parametrize("harm, expect", [
    (lambda p: p.on("GET", query="list-type").cut(Step.ANSWER_BODY, after=300), "unavailable"),
    (lambda p: p.on("GET", query="list-type", nth=2).answer(403, "AccessDenied"), "permission_denied"),
    (lambda p: p.on("GET", query="list-type").answer(200, ""), "corrupt")], ids=["cut", "denied", "empty"])
def test_a_listing_is_whole_or_an_error(act, proxy, put, harm, expect):
    for number in range(5):
        put(b"1", f"k{number}")
    harm(proxy)
    act("list", expect, 5)


@pytest.mark.parametrize("harm", [
    lambda p: p.on("PUT", nth=1).slow_down(), lambda p: p.on("PUT", nth=1).cut(Step.ANSWER),
    lambda p: p.on("PUT", nth=1).cut(Step.ANSWER_BODY, after=20),
    lambda p: p.on("PUT", nth=1).answer(200, "InternalError"), lambda p: p.on("HEAD", nth=1).cut(Step.HEAD)],
    ids=["slow", "lost", "cut", "late-error", "look-lost"])
@pytest.mark.parametrize("case", ["copy", "move"])
def test_a_copy_survives_what_passes(act, proxy, rgw, rgw_bucket, put, harm, case):
    put(b"content")
    rule = harm(proxy)
    act(case)
    assert rule.fired == 1
    assert stored(rgw, rgw_bucket, "to") == b"content"
    assert stored(rgw, rgw_bucket) == (b"content" if case == "copy" else None)


@pytest.mark.parametrize("harm, expect", [
    (lambda p: p.on("PUT").cut(Step.HEAD), "unavailable"), (lambda p: p.on("PUT").answer(200, "InternalError"), "unavailable"),
    (lambda p: p.on("PUT").answer(403, "AccessDenied"), "permission_denied"),
    (lambda p: p.on("HEAD").answer(403, "AccessDenied"), "permission_denied")], ids=["cut", "late-error", "denied", "unread"])
def test_a_move_that_fails_leaves_the_object(act, proxy, rgw, rgw_bucket, put, harm, expect):
    put(b"content")
    harm(proxy)
    act("move", expect)
    assert stored(rgw, rgw_bucket) == b"content" and stored(rgw, rgw_bucket, "to") is None


def test_a_move_whose_removal_fails_is_an_error_with_both_there(act, proxy, rgw, rgw_bucket, put):
    put(b"content")
    proxy.on("DELETE").answer(403, "AccessDenied")
    act("move", "permission_denied")
    assert stored(rgw, rgw_bucket) == stored(rgw, rgw_bucket, "to") == b"content"


def test_what_is_removed_while_it_is_moved_is_told(act, proxy, rgw, rgw_bucket, put):
    put(b"content")
    rule = proxy.on("PUT", path="/to$").stall(Step.ANSWER)

    def remove():
        rule.wait()
        rgw.access.client().delete_object(Bucket=rgw_bucket, Key="k")
        rule.release()

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        removed = pool.submit(remove)
        act("move", "conflict")
        removed.result()


def test_a_removal_whose_answer_is_lost_is_one(act, proxy, rgw, rgw_bucket, put):
    put(b"content")
    proxy.on("DELETE", nth=1).cut(Step.ANSWER)
    act("remove")
    assert stored(rgw, rgw_bucket) is None


# Copies in several parts, as those beyond 5 GiB are made.

COPIED = "copy-source-range"


def test_a_large_copy_is_made_at_once_where_the_store_can(act, proxy, rgw, rgw_bucket, put):
    put(counted(LARGE))
    act("copy_in_parts")
    assert stored(rgw, rgw_bucket, "to") == counted(LARGE)
    assert not proxy.seen("PUT", query=PARTS)


@pytest.fixture
def small_copies(proxy):
    """A store that copies little at once, as Amazon S3 says it; Ceph takes any size."""
    return proxy.on("PUT", path="/to$", query=r"^(?!.*partNumber)").answer(
        400, "InvalidRequest", "The specified copy source is larger than the maximum allowable size for a copy source")


@pytest.mark.usefixtures("small_copies")
def test_a_copy_in_parts_is_the_object(act, proxy, rgw, rgw_bucket):
    s3 = rgw.access.client()
    s3.put_object(Bucket=rgw_bucket, Key="k", Body=counted(LARGE), Metadata={"by": "ann"}, ContentType="text/plain")
    act("copy_in_parts")
    assert stored(rgw, rgw_bucket, "to") == counted(LARGE)
    ranges = [one.headers[f"x-amz-{COPIED}"] for one in proxy.seen("PUT", query="^partNumber=")]
    assert ranges == ["bytes=0-6291455", "bytes=6291456-12582911", "bytes=12582912-18874367", f"bytes=18874368-{LARGE - 1}"]


@pytest.mark.parametrize("harm", [
    lambda p: p.on("PUT", query=PARTS, nth=1).cut(Step.HEAD), lambda p: p.on("PUT", query=PARTS, nth=1).cut(Step.ANSWER),
    lambda p: p.on("PUT", query=PARTS, nth=1).answer(200, "InternalError"),
    lambda p: p.on("POST", query=DONE, nth=1).cut(Step.ANSWER)], ids=["cut", "lost", "late-error", "done-lost"])
@pytest.mark.usefixtures("small_copies")
def test_a_copy_in_parts_survives_what_passes(act, proxy, rgw, rgw_bucket, put, harm):
    put(counted(LARGE))
    rule = harm(proxy)
    act("copy_in_parts")
    assert rule.fired == 1 and stored(rgw, rgw_bucket, "to") == counted(LARGE)


@pytest.mark.parametrize("status, code, expect", [
    (403, "AccessDenied", "permission_denied"), (412, "PreconditionFailed", "conflict")])
@pytest.mark.usefixtures("small_copies")
def test_a_copy_in_parts_that_is_refused_leaves_nothing(act, proxy, rgw, rgw_bucket, put, status, code, expect):
    put(counted(LARGE))
    proxy.on("PUT", query=PARTS).answer(status, code)
    act("copy_in_parts", expect)
    assert stored(rgw, rgw_bucket, "to") is None


@pytest.mark.usefixtures("small_copies")
def test_a_source_that_is_replaced_between_parts_is_not_mixed(act, proxy, rgw, rgw_bucket, put):
    """This store ignores the condition that goes with each part."""
    put(counted(LARGE))
    rule = proxy.on("PUT", query=PARTS).stall(Step.HEAD)

    def replace():
        rule.wait()
        put(bytes(LARGE))
        rule.release()

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        replaced = pool.submit(replace)
        act("copy_in_parts", "conflict")
        replaced.result()
    assert stored(rgw, rgw_bucket, "to") is None
    assert proxy.seen("PUT", query=PARTS)[0].headers["x-amz-copy-source-if-match"]


@pytest.mark.usefixtures("small_copies")
def test_what_a_kill_between_copied_parts_leaves_is_aborted_by_the_next_run(act, proxy, rgw, rgw_bucket, put):
    put(counted(LARGE))
    rule = proxy.on("PUT", query=PARTS).stall(Step.HEAD)
    act("copy_in_parts", uploads=1, kill_at=rule)
    proxy.clear()
    act("sweep")
    assert stored(rgw, rgw_bucket, "to") is None


@pytest.mark.usefixtures("small_copies")
def test_what_cannot_be_aborted_of_a_copy_stays_in_the_ledger(act, proxy, put):
    put(counted(LARGE))
    proxy.on("PUT", query=PARTS).answer(403, "AccessDenied")
    proxy.on("DELETE").slow_down()
    act("copy_in_parts", "permission_denied", left=1, uploads=1)
    proxy.clear()
    act("sweep")
