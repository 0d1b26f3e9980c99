"""S3 requests made by hand, for what no client would send: lying lengths, wrong checksums, forged signatures, old dates.

Signing is written from "Authenticating Requests (AWS Signature Version 4)" of the S3 API reference, apart from any SDK."""

import dataclasses
import datetime
import hashlib
import hmac
import http.client
import socket
import ssl
import urllib.parse
import xml.etree.ElementTree as ElementTree

from .sockets import end_sending

EMPTY = hashlib.sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"
CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
CHUNKS_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def code(self):
        """The error's code, "" when there is none."""
        try:
            return ElementTree.fromstring(self.body).findtext("Code", "")
        except ElementTree.ParseError:
            return ""


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def quoted(text):
    return urllib.parse.quote(text, safe="-_.~")


def _mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Signature:
    """The scope and key of one access key at one time; signs texts, one after another."""

    def __init__(self, access, at, service="s3", region="us-east-1"):
        self.time, self.day = at.strftime("%Y%m%dT%H%M%SZ"), at.strftime("%Y%m%d")
        self.scope = f"{self.day}/{region}/{service}/aws4_request"
        key = ("AWS4" + access.secret_key).encode()
        for part in (self.day, region, service, "aws4_request"):
            key = _mac(key, part)
        self.key = key

    def sign(self, first_line, *rest):
        return _mac(self.key, "\n".join((first_line, self.time, self.scope, *rest))).hex()

    def of_request(self, method, path, query, headers, payload):
        """`query`: list of pairs. Signs all headers given. Returns (names of the headers, signature)."""
        lines = sorted((name.lower(), " ".join(value.split())) for name, value in headers.items())
        names = ";".join(name for name, _ in lines)
        canonical = "\n".join((
            method, urllib.parse.quote(path, safe="/-_.~"),
            "&".join(sorted(f"{quoted(k)}={quoted(v)}" for k, v in query)),
            *(f"{name}:{value}" for name, value in lines), "", names, payload))
        return names, self.sign("AWS4-HMAC-SHA256", hashlib.sha256(canonical.encode()).hexdigest())


class Request:
    """One request: change what is to be wrong, then send() it or take its bytes.

    `path` and `query` (pairs) are not yet percent-encoded. `payload` is what is signed as x-amz-content-sha256; by default
    the body's digest. `sign=False`: unsigned."""

    def __init__(self, access, method, path, query=(), headers=None, body=b"", payload=None, at=None, sign=True,
                 host=None, service="s3"):
        self.access, self.method, self.path, self.query, self.body = access, method, path, list(query), body
        self.host = host or access.host
        self.headers = {"Host": self.host, **(headers or {})}
        self.signature = None
        if sign:
            self.signature = Signature(access, at or now(), service, access.region)
            payload = payload or hashlib.sha256(body).hexdigest()
            self.headers["x-amz-date"] = self.signature.time
            self.headers["x-amz-content-sha256"] = payload
            if access.token:
                self.headers["x-amz-security-token"] = access.token
            names, self.seed = self.signature.of_request(method, path, self.query, self.headers, payload)
            self.headers["Authorization"] = (
                f"AWS4-HMAC-SHA256 Credential={access.access_key}/{self.signature.scope}, "
                f"SignedHeaders={names}, Signature={self.seed}")
        self.headers.setdefault("Content-Length", str(len(body)))

    @property
    def target(self):
        query = "&".join(f"{quoted(k)}={quoted(v)}" if v else quoted(k) for k, v in self.query)
        return urllib.parse.quote(self.path, safe="/-_.~") + ("?" + query if query else "")

    def head(self):
        """The request line and headers as they go over the wire; a header whose value is None is left out."""
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in self.headers.items() if value is not None]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def connect(self):
        address, port = self.access.host.rsplit(":", 1)
        connection = socket.create_connection((address, int(port)), timeout=60)
        if self.access.url.startswith("https:"):
            return ssl.create_default_context(cafile=self.access.ca).wrap_socket(connection, server_hostname=address)
        return connection

    def send(self):
        with self.connect() as connection:
            try:
                connection.sendall(self.head() + self.body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it may have answered before it had everything
            return read_answer(connection, self.method)

    def send_half(self, body):
        """Sends the head and only `body` of it, then ends the sending side; returns the answer, or None."""
        with self.connect() as connection:
            try:
                connection.sendall(self.head() + body)
                end_sending(connection)
                return read_answer(connection, self.method)
            except (http.client.HTTPException, ConnectionError):
                return None


def read_answer(connection, method):
    answer = http.client.HTTPResponse(connection, method=method)
    answer.begin()
    return Answer(answer.status, answer.headers, answer.read())


def presigned(access, method, path, expires, at=None, query=(), headers=None):
    """The URL of a presigned request, and nothing but the host signed beside what is given."""
    signature = Signature(access, at or now())
    headers = {"host": access.host, **(headers or {})}
    names = ";".join(sorted(name.lower() for name in headers))
    pairs = [*query, ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
             ("X-Amz-Credential", f"{access.access_key}/{signature.scope}"), ("X-Amz-Date", signature.time),
             ("X-Amz-Expires", str(expires)), ("X-Amz-SignedHeaders", names)]
    if access.token:
        pairs.append(("X-Amz-Security-Token", access.token))
    _, mac = signature.of_request(method, path, pairs, headers, UNSIGNED)
    text = "&".join(f"{quoted(k)}={quoted(v)}" for k, v in [*pairs, ("X-Amz-Signature", mac)])
    return f"{access.url}{urllib.parse.quote(path, safe='/-_.~')}?{text}"


def signed_chunks(access, path, chunks, headers=None, trailer=None, damage=None, decoded=None):
    """A PUT in signed chunks ("Transferring Payload in Multiple Chunks"), with `trailer` (name, value) signed as well.
    `damage` = i: the signature of chunk i (of the last one, which is empty: len(chunks)) is wrong."""
    total = sum(map(len, chunks)) if decoded is None else decoded
    extra = {"Content-Encoding": "aws-chunked", "x-amz-decoded-content-length": str(total), **(headers or {})}
    if trailer:
        extra["x-amz-trailer"] = trailer[0]
    request = Request(access, "PUT", path, headers=extra, payload=CHUNKS_TRAILER if trailer else CHUNKS)
    before, body = request.seed, b""
    for i, chunk in enumerate([*chunks, b""]):
        before = request.signature.sign("AWS4-HMAC-SHA256-PAYLOAD", before, EMPTY, hashlib.sha256(chunk).hexdigest())
        shown = before if damage != i else ("0" if before[0] != "0" else "1") + before[1:]
        body += f"{len(chunk):x};chunk-signature={shown}\r\n".encode() + chunk
        if chunk or not trailer:
            body += b"\r\n"
    if trailer:
        line = f"{trailer[0]}:{trailer[1]}"
        mac = request.signature.sign("AWS4-HMAC-SHA256-TRAILER", before, hashlib.sha256((line + "\n").encode()).hexdigest())
        body += f"{line}\r\nx-amz-trailer-signature:{mac}\r\n\r\n".encode()
    request.body = body
    request.headers["Content-Length"] = str(len(body))
    return request


def unsigned_chunks(access, path, chunks, trailer, headers=None, decoded=None):
    """A PUT as the newest SDKs send a stream: unsigned chunks and a checksum (name, value) behind them."""
    total = sum(map(len, chunks)) if decoded is None else decoded
    body = b"".join(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in chunks)
    body += b"0\r\n" + (f"{trailer[0]}:{trailer[1]}\r\n".encode() if trailer[1] else b"") + b"\r\n"
    request = Request(access, "PUT", path, payload=UNSIGNED_TRAILER, headers={
        "Content-Encoding": "aws-chunked", "x-amz-decoded-content-length": str(total), "x-amz-trailer": trailer[0],
        "x-amz-sdk-checksum-algorithm": trailer[0].rsplit("-", 1)[1].upper(), **(headers or {})})
    request.body = body
    request.headers["Content-Length"] = str(len(body))
    return request
