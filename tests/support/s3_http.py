"""What the fault proxy knows of HTTP/1.1: heads, bodies as they lie on the wire, and error documents of S3."""

import asyncio
import http
import socket
import struct

PIECE = 1 << 16
UNTIL_END = None  # the length of an answer that ends with its connection
CHUNKED = -1


class Refused(Exception):
    """The exchange ends here: with an answer of the proxy's, or with nothing."""

    def __init__(self, reset=False, answer=None, read_body=False, pieces=None):
        super().__init__("refused")
        self.reset, self.answer, self.read_body, self.pieces = reset, answer, read_body, pieces

    @property
    def status(self):
        return self.answer[0]

    def answer_to(self, method):
        status, headers, body = self.answer
        headers = {**headers, "Content-Length": str(len(body))}
        if not self.read_body:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}", *(f"{k}: {v}" for k, v in headers.items())]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + (b"" if method == "HEAD" else body)


def error_answer(status, code, message, headers):
    """(status, headers, body) of an error document; without a code, of an answer that has none."""
    body, extra = b"", {"x-amz-request-id": "FAULT0000000001", "x-amz-id-2": "ZmF1bHQ="}
    if code:
        extra["Content-Type"] = "application/xml"
        body = (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message>'
                f"<RequestId>{extra['x-amz-request-id']}</RequestId><HostId>{extra['x-amz-id-2']}</HostId>"
                "</Error>").encode()
    return status, {**extra, **(headers or {})}, body


class Head:
    """The first line and the headers of a request or an answer."""

    def __init__(self, raw):
        self.raw = raw
        lines = raw.decode("latin-1").split("\r\n")
        self.first = lines[0].split(" ", 2)
        if len(self.first) < 2:
            raise ValueError("no HTTP")
        self.headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if colon:
                self.headers[name.strip().lower()] = value.strip()

    def length(self):
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return CHUNKED
        return int(self.headers.get("content-length", "0"))

    def answer_length(self, method):
        if method == "HEAD" or self.first[1] in ("204", "304"):
            return 0
        if not {"content-length", "transfer-encoding"} & self.headers.keys():
            return UNTIL_END
        return self.length()

    def with_length(self, length):
        """The same, of a body of so many bytes."""
        lines = self.raw.decode("latin-1").split("\r\n")
        kept = [line for line in lines[:-2] if not line.lower().startswith(("content-length:", "transfer-encoding:"))]
        return Head("\r\n".join([*kept, f"Content-Length: {length}", "", ""]).encode("latin-1"))

    def closes(self):
        return self.headers.get("connection", "").lower() == "close"


class Wire:
    """One connection's two directions."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def head(self):
        """The next head, or None when the other side has ended the connection in front of it."""
        try:
            return Head(await self.reader.readuntil(b"\r\n\r\n"))
        except asyncio.IncompleteReadError as error:
            if error.partial:
                raise
            return None

    async def next_head(self, store):
        """The next request; None when the client has ended, or the store has while nothing was asked."""
        asked = asyncio.ensure_future(self.head())
        ended = asyncio.ensure_future(store.reader.read(1))
        try:
            await asyncio.wait({asked, ended}, return_when=asyncio.FIRST_COMPLETED)
            return asked.result() if asked.done() else None
        finally:
            for task in (asked, ended):
                task.cancel()
            await asyncio.gather(asked, ended, return_exceptions=True)

    async def body(self, length):
        """Yields (bytes as they came, whether they are payload and not framing)."""
        if length == CHUNKED:
            async for piece in self._chunks():
                yield piece
            return
        while length is UNTIL_END or length > 0:
            data = await self.reader.read(PIECE if length is UNTIL_END else min(PIECE, length))
            if not data and length is UNTIL_END:
                return
            if not data:
                raise asyncio.IncompleteReadError(b"", length)
            if length is not UNTIL_END:
                length -= len(data)
            yield data, True

    async def _chunks(self):
        while True:
            line = await self.reader.readuntil(b"\r\n")
            yield line, False
            size = int(line.split(b";")[0], 16)
            if size == 0:
                break
            async for piece in self.body(size):
                yield piece
            yield await self.reader.readexactly(2), False
        while True:  # trailers and the empty line behind them
            line = await self.reader.readuntil(b"\r\n")
            yield line, False
            if line == b"\r\n":
                return

    def abort(self):
        self.writer.transport.abort()


async def close(wire, reset=False):
    """Ends a connection behind what was written to it, or by a RST."""
    if reset:
        wire.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wire.abort()
        return
    try:
        wire.writer.close()
        await wire.writer.wait_closed()
    except ConnectionError:
        pass
