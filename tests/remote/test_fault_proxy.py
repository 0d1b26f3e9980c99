"""The fault proxy passes everything unless told otherwise, and does what it is told where it is told."""

import dataclasses
import http.client
import os
import threading

import pytest

from support.s3_faults import Step
from support.s3_requests import Request, quoted, read_answer, signed_chunks
from support.sockets import end_sending

pytestmark = pytest.mark.heavy  # no Sallyport takes part: once is enough
DATA = os.urandom(300_000)
GONE = (http.client.HTTPException, ConnectionError)


@pytest.fixture
def access(rgw, proxy):
    return dataclasses.replace(rgw.access, url=proxy.url)


@pytest.fixture
def path(rgw, rgw_bucket):
    """Of an object with DATA in it."""
    assert Request(rgw.access, "PUT", f"/{rgw_bucket}/k", body=DATA).send().status == 200
    return f"/{rgw_bucket}/k"


def get(access, path):
    return Request(access, "GET", path).send()


def stored(rgw, path):
    """What the store has, asked without the proxy; None when it has nothing."""
    answer = get(rgw.access, path)
    return answer.body if answer.status == 200 else None


def lost(request):
    """Whether the connection ends before the answer is whole."""
    with pytest.raises(GONE):
        request.send()
    return True


def test_requests_and_answers_pass_as_they_are(rgw, proxy, access, path):
    assert get(access, path).body == DATA
    assert Request(access, "PUT", path + "2", body=DATA[:1000]).send().status == 200
    assert stored(rgw, path + "2") == DATA[:1000]
    assert signed_chunks(access, path + "3", [DATA[:70000], DATA[70000:]]).send().status == 200
    assert stored(rgw, path + "3") == DATA
    assert Request(access, "HEAD", path).send().headers["Content-Length"] == str(len(DATA))
    assert Request(access, "DELETE", path + "2").send().status == 204
    missing = get(access, path + "2")
    assert (missing.status, missing.code) == (404, "NoSuchKey")
    got, put, *_ = proxy.exchanges
    assert (got.status, got.received, got.complete, got.rule) == (200, len(DATA), True, None)
    assert (put.method, put.path, put.sent, put.store_status) == ("PUT", path + "2", 1000, 200)
    assert len(proxy.seen("PUT")) == 2 and len(proxy.seen(path="/k$")) == 2


def test_a_client_of_boto3_lists_and_uploads_through_it(proxy, access, rgw_bucket):
    s3 = access.client()
    upload = s3.create_multipart_upload(Bucket=rgw_bucket, Key="a b/ü")["UploadId"]
    etag = s3.upload_part(Bucket=rgw_bucket, Key="a b/ü", UploadId=upload, PartNumber=1, Body=DATA)["ETag"]
    s3.complete_multipart_upload(Bucket=rgw_bucket, Key="a b/ü", UploadId=upload,
                                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=rgw_bucket)["Contents"]] == ["a b/ü"]  # comes in chunks
    assert len(proxy.seen("PUT", path="/a b/ü$", query="partNumber=1(&|$)")) == 1
    assert len(proxy.seen("POST", query="^uploads")) == 1
    assert proxy.connections == 1


def test_a_connection_is_kept(proxy, access, path):
    request = Request(access, "GET", path)
    with request.connect() as connection:
        for _ in range(5):
            connection.sendall(request.head())
            assert read_answer(connection, "GET").body == DATA
    assert (proxy.connections, len(proxy.exchanges)) == (1, 5)


def test_a_client_that_waits_for_100_continue_gets_it(rgw, access, path):
    request = Request(access, "PUT", path, headers={"Expect": "100-continue"}, body=DATA[:500])
    with request.connect() as connection:
        connection.sendall(request.head())
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(request.body)
        assert read_answer(connection, "PUT").status == 200
    assert stored(rgw, path) == DATA[:500]


def test_a_body_in_chunks_passes_in_chunks(proxy, access, path):
    request = Request(access, "PUT", path, payload="UNSIGNED-PAYLOAD", headers={"Transfer-Encoding": "chunked"})
    request.headers["Content-Length"] = None
    request.body = b"5;x=y\r\nhello\r\n0\r\n\r\n"
    assert request.send().code == "MissingContentLength"  # what this store says to it
    assert proxy.seen("PUT")[0].headers["transfer-encoding"] == "chunked"


def test_nothing_reaches_the_store_of_what_is_cut_at_the_head(rgw, proxy, access, path):
    rule = proxy.on("PUT", path=path).cut(Step.HEAD)
    assert lost(Request(access, "PUT", path, body=b"new"))
    assert rule.fired == 1 and proxy.exchanges[0].store_status is None
    assert stored(rgw, path) == DATA


@pytest.mark.parametrize("after", [0, 1000, 200_000])
@pytest.mark.parametrize("reset", [False, True])
def test_a_body_is_cut_where_told(rgw, proxy, access, path, after, reset):
    rule = proxy.on("PUT").cut(Step.BODY, after=after, reset=reset)
    assert lost(Request(access, "PUT", path, body=DATA[::-1]))
    assert (rule.fired, proxy.exchanges[0].sent, proxy.exchanges[0].complete) == (1, after, False)
    assert stored(rgw, path) == DATA  # no partial object


def test_a_body_that_is_shorter_than_the_cut_passes(rgw, proxy, access, path):
    rule = proxy.on("PUT").cut(Step.BODY, after=4)
    assert Request(access, "PUT", path, body=b"new").send().status == 200
    assert (rule.matched, rule.fired) == (1, 0)
    assert stored(rgw, path) == b"new"


def test_a_dropped_answer_is_of_work_that_is_done(rgw, proxy, access, path):
    rule = proxy.on("PUT").cut(Step.ANSWER)
    assert lost(Request(access, "PUT", path, body=b"new"))
    exchange = proxy.exchanges[0]
    assert (rule.fired, exchange.store_status, exchange.status) == (1, 200, None)
    assert stored(rgw, path) == b"new"


@pytest.mark.parametrize("after", [0, 1, 250_000])
def test_an_answer_is_cut_where_told(proxy, access, path, after):
    proxy.on("GET").cut(Step.ANSWER_BODY, after=after)
    with pytest.raises(http.client.IncompleteRead) as caught:
        get(access, path)
    assert caught.value.partial == DATA[:after]
    assert proxy.exchanges[0].received == after


def test_an_answer_in_chunks_is_cut_in_its_payload(proxy, access, rgw_bucket, path):
    proxy.on("GET", query="list-type").cut(Step.ANSWER_BODY, after=20)
    with pytest.raises(http.client.IncompleteRead):
        Request(access, "GET", f"/{rgw_bucket}", query=[("list-type", "2")]).send()
    assert proxy.exchanges[0].received == 20


@pytest.mark.parametrize("at", [0, 70_000, len(DATA) - 1])
def test_one_byte_of_an_answer_is_another(proxy, access, path, at):
    rule = proxy.on("GET").corrupt(at=at)
    body = get(access, path).body
    assert [i for i in range(len(DATA)) if body[i] != DATA[i]] == [at] and len(body) == len(DATA)
    assert rule.fired == 1


def test_answers_of_its_own_keep_the_connection_and_the_store_unasked(rgw, proxy, access, path):
    proxy.on("PUT", nth=1).slow_down()
    proxy.on("PUT", nth=2).answer(500, "InternalError", "We encountered an internal error.")
    proxy.on("PUT", nth=3).redirect(rgw.url + path)
    proxy.on("PUT", nth=4).wrong_region("eu-west-3")
    request, answers = Request(access, "PUT", path, body=b"new"), []
    with request.connect() as connection:
        for _ in range(4):
            connection.sendall(request.head() + request.body)
            answers.append(read_answer(connection, "PUT"))
        assert stored(rgw, path) == DATA
        connection.sendall(request.head() + request.body)
        assert read_answer(connection, "PUT").status == 200
    assert [(one.status, one.code) for one in answers] == [
        (503, "SlowDown"), (500, "InternalError"), (307, "TemporaryRedirect"), (301, "PermanentRedirect")]
    assert answers[2].headers["Location"] == rgw.url + path
    assert answers[3].headers["x-amz-bucket-region"] == "eu-west-3"
    assert all(one.headers["x-amz-request-id"] and one.headers["x-amz-id-2"] for one in answers)
    assert [one.store_status for one in proxy.exchanges] == [None] * 4 + [200] and proxy.connections == 1
    assert stored(rgw, path) == b"new"


def test_an_answer_to_a_head_request_has_no_body(proxy, access, path):
    proxy.on("HEAD", nth=1).slow_down()
    request = Request(access, "HEAD", path)
    with request.connect() as connection:
        for status in (503, 200):
            connection.sendall(request.head())
            assert read_answer(connection, "HEAD").status == status


def test_an_early_answer_ends_the_connection(proxy, access, path):
    proxy.on("PUT").answer(503, "SlowDown", read_body=False)
    request = Request(access, "PUT", path, body=DATA)
    with request.connect() as connection:
        connection.sendall(request.head())  # nothing of the body
        answer = read_answer(connection, "PUT")
        assert (answer.status, answer.headers["Connection"]) == (503, "close")
        assert connection.recv(1) == b""


@pytest.mark.parametrize("step, after", [(Step.HEAD, 0), (Step.BODY, 1000), (Step.ANSWER, 0)])
def test_a_stalled_upload_goes_on_when_released(rgw, proxy, access, path, step, after):
    rule, answers = proxy.on("PUT").stall(step, after=after), []
    upload = threading.Thread(target=lambda: answers.append(Request(access, "PUT", path, body=b"new" * 1000).send()))
    upload.start()
    rule.wait()
    assert not answers and stored(rgw, path) == (b"new" * 1000 if step == Step.ANSWER else DATA)
    assert get(access, path).status == 200  # others pass meanwhile
    rule.release()
    upload.join()
    assert answers[0].status == 200 and stored(rgw, path) == b"new" * 1000


def test_a_stalled_download_never_ends_by_itself(proxy, access, path):
    rule, request = proxy.on("GET").stall(Step.ANSWER_BODY, after=1000), Request(access, "GET", path)
    with request.connect() as connection:
        connection.sendall(request.head())
        rule.wait()
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.read(1000) == DATA[:1000]
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            answer.read(1)


def test_a_delayed_request_is_answered_all_the_same(proxy, access, path):
    rule = proxy.on("GET").delay(0.05)
    assert get(access, path).body == DATA and rule.fired == 1


def test_a_rule_is_for_its_method_path_query_and_turn(proxy, access, rgw_bucket, path):
    part = proxy.on("PUT", path="/k$", query="partNumber=2(&|$)", nth=2).slow_down()
    proxy.on("POST", path="other").cut(Step.HEAD)
    upload = access.client().create_multipart_upload(Bucket=rgw_bucket, Key="k")["UploadId"]

    def put(number):
        query = [("partNumber", number), ("uploadId", upload)]
        return Request(access, "PUT", path, query=query, body=b"1").send().status

    assert [put(number) for number in ("1", "2", "20", "2", "2")] == [200, 200, 200, 503, 200]
    assert (part.matched, part.fired) == (3, 1)
    assert len(proxy.seen(query=quoted(upload))) == 5
    part = proxy.on("GET").slow_down()
    assert get(access, path).status == 503
    proxy.clear()
    assert get(access, path).status == 200 and part.fired == 1


def test_a_client_that_goes_leaves_nothing_at_the_store(rgw, proxy, access, path):
    request = Request(access, "PUT", path, body=DATA[::-1])
    with request.connect() as connection:
        connection.sendall(request.head() + request.body[:1000])
        end_sending(connection)
        with pytest.raises(GONE):
            read_answer(connection, "PUT")
    assert stored(rgw, path) == DATA and not proxy.exchanges[0].complete


def test_a_store_that_is_gone_ends_the_connection(rgw, proxy, access, path):
    request = Request(access, "GET", path)
    with request.connect() as connection:
        connection.sendall(request.head())
        assert read_answer(connection, "GET").status == 200
        rgw.kill_gateway()
        try:
            assert connection.recv(1) == b""
            assert lost(request)
        finally:
            rgw.start_gateway()
    assert get(access, path).body == DATA
