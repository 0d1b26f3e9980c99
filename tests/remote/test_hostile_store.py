"""A store that answers what no store should, to a client at work: the client is refused, others go on, and memory stays
bounded. What it says goes out through the proxy, in place of the gateway's answers."""

import itertools
import os
import socket
import threading
import urllib.parse

import pytest

# As long as many tests together; ./dev check runs them under TSan as well.
pytestmark = pytest.mark.heavy
MIB = 1 << 20
LARGE = 20 * MIB  # three parts


@pytest.fixture(scope="module")
def others(site, tmp_path_factory):
    """Somebody whose buckets are at a store that is well."""
    client = site.user("bucket")
    folder = tmp_path_factory.mktemp("others")
    (folder / "file").write_bytes(os.urandom(MIB))

    def go_on():
        client.must(f"put {folder}/file f", f"get f {folder}/back", "rm f")
        assert (folder / "back").read_bytes() == (folder / "file").read_bytes()

    return go_on


@pytest.fixture(scope="module")
def client(site):
    return site.user("keys")


@pytest.fixture(scope="module")
def role_client(site):
    """Whose role the store's STS gives."""
    return site.user("via")


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(os.urandom(LARGE))
    return path


@pytest.fixture(autouse=True)
def bounded(site, client, binary):
    """No test leaves more memory behind it than this, or takes it meanwhile. A sanitizer's own is not counted."""
    process = f"/proc/{site.sallyport.process.pid}"
    with open(f"{process}/clear_refs", "w") as clear:
        clear.write("5")  # the highest so far is now
    before = peak(process)
    yield
    site.proxy.clear()
    assert binary.parent.name != "release" or peak(process) - before < 192 * MIB


def peak(process):
    with open(f"{process}/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM:"))


def answer(body=b"", status="200 OK", fields=b"", length=None):
    length = b"%d" % (len(body) if length is None else length)
    return b"HTTP/1.1 " + status.encode() + b"\r\n" + fields + b"Content-Length: " + length + b"\r\n\r\n" + body


def once(*pieces):
    return lambda: iter(pieces)


def for_ever(begin, piece):
    return lambda: itertools.chain([begin], itertools.repeat(piece))


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LISTING = b'<ListBucketResult><IsTruncated>%s</IsTruncated><EncodingType>url</EncodingType>%s</ListBucketResult>'
ODD = {
    "nothing": once(),
    "no HTTP": once(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "zeros": for_ever(b"", bytes(65536)),
    "HTTP of tomorrow": once(b"HTTP/3.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
    "a status that is none": once(b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"),
    "another protocol": once(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    "headers without end": for_ever(b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n" * 1000),
    "a header without end": for_ever(b"HTTP/1.1 200 OK\r\nX-More: ", b"m" * 65536),
    "interim answers without end": for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "two lengths": once(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n123456"),
    "a length and chunks": once(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a length below nothing": once(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
    "a length beyond numbers": once(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"),
    "a folded header": once(b"HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 0\r\n\r\n"),
    "a redirection without an end": once(answer(status="307 Temporary Redirect", fields=b"Location: /\r\n")),
    "teapot": once(answer(b"I'm a teapot", "418 I'm a teapot")),
    "a page": once(answer(b"<html><body>Back soon</body></html>")),
    "a refusal without end": for_ever(answer(status="403 Forbidden", length=1 << 60), b"<" * 65536),
}
ODD_BODIES = {
    "a body without end": for_ever(answer(length=(1 << 63) - 1), b" " * 65536),
    "chunks without end": for_ever(CHUNKED, b"10000\r\n" + b" " * 65536 + b"\r\n"),
    "an extension without end": for_ever(CHUNKED + b"1;", b"x" * 65536),
    "chunks that are none": once(CHUNKED + b"zz\r\n\r\n"),
    "a trailer without end": for_ever(CHUNKED + b"0\r\n", b"X-A: b\r\n" * 100),
    "a body that is cut": once(answer(b"<ListBucketResult>", length=1000)),
    "no XML": once(answer(os.urandom(1000))),
    "another document": once(answer(b"<html><body>It works!</body></html>")),
    "entities": once(answer(b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 1000 + b'"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>')),
    "elements without end": once(answer(b"<a>" * 500_000)),
    "elements of nothing": once(answer(b"<a/>" * 2_000_000)),
}


@pytest.mark.parametrize("kind", [*ODD, *ODD_BODIES])
def test_a_listing_that_is_none_is_a_failure(site, client, others, kind):
    site.proxy.on("GET", path=f"^/{client.bucket}$").says({**ODD, **ODD_BODIES}[kind])
    said = client.listed("ls")
    assert "Failure" in said or "Permission denied" in said
    others()


def put(site, client, key, content):
    site.rgw.access.client().put_object(Bucket=client.bucket, Key=key, Body=content)


@pytest.mark.parametrize("kind", ODD)
def test_a_file_that_is_none_is_a_failure(site, client, others, tmp_path, kind):
    put(site, client, "f", b"was there")
    for method in ("GET", "PUT"):
        site.proxy.on(method, path="/f$").says(ODD[kind])
    (tmp_path / "small").write_bytes(b"small")
    for line in (f"get f {tmp_path}/back", f"put {tmp_path}/small f"):
        assert client.refused(line)
    assert not (tmp_path / "back").exists() or (tmp_path / "back").read_bytes() == b""
    assert client.read("f") == b"was there"
    others()


STEPS = {"begin": ("POST", "^uploads"), "part": ("PUT", "partNumber=2"), "complete": ("POST", "^uploadId")}
EMPTY = {name: once(answer(body)) for name, body in {
    "an empty success": b"", "a success without its document": b"<html><body>It works!</body></html>",
    "a success that is an error": b"<Error><Code>InternalError</Code><Message>no</Message></Error>"}.items()}


@pytest.mark.parametrize("kind", ["nothing", "no HTTP", "headers without end", "teapot", *EMPTY])
@pytest.mark.parametrize("step", STEPS)
def test_an_upload_that_is_not_confirmed_is_a_failure(site, client, others, large, step, kind):
    method, query = STEPS[step]
    site.proxy.on(method, path="/up$", query=query).says({**ODD, **EMPTY}[kind])
    assert client.refused(f"put {large} up")
    assert "up" not in client.keys() and client.uploads() == []
    others()


@pytest.mark.parametrize("kind", [*EMPTY, "nothing", "another document"])
def test_a_rename_that_is_not_confirmed_keeps_the_file(site, client, kind):
    put(site, client, "old", b"content")
    site.proxy.on("PUT", path="/new$").says({**ODD, **ODD_BODIES, **EMPTY}[kind])
    assert client.refused("rename old new")
    assert client.read("old") == b"content" and "new" not in client.keys()


@pytest.mark.parametrize("kind", [
    "ETag: \"\xff\xfe<&>'\"", 'ETag: "' + "e" * 60_000 + '"', "ETag: ", 'ETag: "a\tb"', "X-No-ETag: 1"])
def test_parts_with_tags_that_are_none_end_in_a_failure(site, client, others, large, kind):
    site.proxy.on("PUT", path="/up$", query="partNumber").says(once(answer(fields=kind.encode("latin-1") + b"\r\n")))
    assert client.refused(f"put {large} up")
    assert "up" not in client.keys() and client.uploads() == []
    others()


def of_range(told, body, status="206 Partial Content", **more):
    return once(answer(body, status, b'ETag: "e"\r\nContent-Range: bytes ' + told + b"\r\n", **more))


LIES = {
    "more than numbers hold": of_range(b"0-9/18446744073709551615", b"0123456789"),
    "more than there is": of_range(b"0-262143/99999999999", bytes(262144)),
    "another range": of_range(b"5-14/15", b"0123456789"),
    "no range": once(answer(b"0123456789", "206 Partial Content", b'ETag: "e"\r\n')),
    "no size": of_range(b"0-9/*", b"0123456789"),
    "less than told": of_range(b"0-99/100", b"0123456789"),
    "an answer that is cut": of_range(b"0-99/100", b"0123456789", length=100),
    "no content": once(answer(status="204 No Content")),
}


@pytest.mark.parametrize("kind", LIES)
def test_a_download_that_lies_about_its_size_is_a_failure(site, client, others, tmp_path, kind):
    put(site, client, "f", b"0123456789")
    site.proxy.on("GET", path="/f$").says(LIES[kind])
    done = client.sftp().batch(f"get f {tmp_path}/back")
    assert not done.ok
    others()


@pytest.mark.parametrize("status", ("301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Moved"))
def test_nobody_is_asked_whom_the_store_names(site, client, others, tmp_path, status):
    put(site, client, "f", b"content")
    (tmp_path / "small").write_bytes(b"small")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        there = b"Location: http://127.0.0.1:%d/latest/meta-data/\r\n" % listener.getsockname()[1]
        site.proxy.on(path=f"^/{client.bucket}").says(once(answer(status=status, fields=there)))
        for line in (f"get f {tmp_path}/back", f"put {tmp_path}/small f", "rename f g", "rm f"):
            assert client.refused(line)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert client.read("f") == b"content"
    others()


def session(token=b"token", expires=b"2099-01-01T00:00:00Z", action=b"AssumeRole"):
    return once(answer(b"<%sResponse><%sResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>secret"
                       b"</SecretAccessKey><SessionToken>%s</SessionToken><Expiration>%s</Expiration></Credentials>"
                       b"</%sResult></%sResponse>" % (action, action, token, expires, action, action)))


NO_SESSIONS = {
    "a token of two lines": session(token=b"a&#13;&#10;x-amz-acl: public-read"),
    "a token without end": session(token=b"t" * 65_536),
    "no token": session(token=b""),
    "a session that is over": session(expires=b"2001-01-01T00:00:00Z"),
    "a session without an end": session(expires=b"never"),
    "another session": session(action=b"GetFederationToken"),
}


@pytest.mark.parametrize("kind", [*ODD, *ODD_BODIES, *NO_SESSIONS])
def test_a_session_that_is_none_opens_nothing(site, role_client, others, kind):
    site.proxy.on("POST", path="^/$").says({**ODD, **ODD_BODIES, **NO_SESSIONS}[kind])
    before = len(site.proxy.seen(path=f"^/{role_client.bucket}"))
    assert role_client.refused("mkdir d")
    assert len(site.proxy.seen(path=f"^/{role_client.bucket}")) == before
    others()


def page_after(query):
    """A page of folders behind where the question begins, and more of them."""
    start = urllib.parse.parse_qs(query).get("start-after", [""])[0]
    number = int(start[:12] or 0)
    folders = b"".join(b"<CommonPrefixes><Prefix>%012d/</Prefix></CommonPrefixes>" % (number + one)
                       for one in range(1, 1001))
    return answer(LISTING % (b"true", folders))


def test_a_listing_without_end_ends_with_its_client(site, others):
    server = site.sallyport.server(S3StorageOptions={"DirectoryListingOptimization": "ENABLED"})
    client, asked, many = site.user("keys", server=server), [], threading.Event()

    def seen(exchange):
        asked.append(exchange.query)
        if len(asked) == 50:
            many.set()
        return True

    site.proxy.on("GET", path=f"^/{client.bucket}$", when=seen).says(lambda: iter([page_after(asked[-1])]))
    running = client.sftp().start("ls -f")
    assert many.wait(60) and running.poll() is None
    others()
    ended_with(site, client, running)


@pytest.mark.wide  # as long as a store is waited for
@pytest.mark.parametrize("piece", (b"HTTP/1.1 200 OK\r\nX-More: ", answer(length=1 << 20)))
def test_a_listing_that_comes_byte_by_byte_is_given_up(site, client, others, piece):
    rule = site.proxy.on("GET", path=f"^/{client.bucket}$").says(
        lambda: itertools.chain([piece], itertools.cycle([0.05, b" "])))
    running = client.sftp().start("ls")
    rule.wait()
    others()
    ended_with(site, client, running, 120)


def ended_with(site, client, running, seconds=60):
    """Nothing of a client's session goes on once it has left."""
    def ended():
        return sum(e["activity-type"] == "DISCONNECTED" for _, e in site.sallyport.events(client.server))

    before = ended()
    running.kill()
    running.wait()
    site.sallyport.wait_events(client.server, lambda _: ended() > before, seconds)
