"""A proxy between a client and an S3 endpoint that does harm where it is told to and passes all else as it came.

    with FaultProxy(store.url) as proxy:
        rule = proxy.on("PUT", path="/bucket/key", query="partNumber=2", nth=1).cut(Step.BODY, after=1000)
        ... a client talks to proxy.url ...
        assert rule.fired == 1

Plain HTTP/1.1 with kept connections, bodies by Content-Length or in chunks, and 100-continue. One connection to the
store stands behind each of a client's and ends when that does. Bytes go through unchanged, the Host header too, so that
signatures hold. It runs on a thread of its own; rules may be added and read from any."""

import asyncio
import dataclasses
import re
import threading
import urllib.parse

from .s3_http import Refused, Wire, close, error_answer


class Step:
    """Where in an exchange something happens; `after` counts the bytes of the body of BODY and ANSWER_BODY."""

    HEAD = "head"  # the store has seen nothing
    BODY = "body"  # it has the head and `after` bytes of the request's body
    ANSWER = "answer"  # it has done its work and answered in full; the client has seen nothing
    ANSWER_BODY = "answer body"  # the client has the answer's head and `after` bytes of its body


@dataclasses.dataclass
class Exchange:
    """What went through for one request."""

    method: str
    path: str  # not percent-encoded
    query: str  # as sent
    headers: dict  # names in lower case
    sent: int = 0  # bytes of the request's body that reached the store
    store_status: int = None  # what the store answered, when it did
    status: int = None  # what the client was answered
    received: int = 0  # bytes of the answer's body that reached the client
    rule: "Rule" = None  # that did something to it
    complete: bool = False  # request and answer went through to their ends


class Rule:
    """Which requests, and what happens to them. Without a verb (cut, ...) nothing does; it still counts."""

    def __init__(self, method, path, query, nth, when=None):
        self._method, self._path, self._query, self._nth = method, re.compile(path), re.compile(query), nth
        self._when = when
        self.matched = 0  # requests of that kind
        self.fired = 0  # of those, to which it happened
        self.step = self.after = self._act = None
        self._reached, self._released = threading.Event(), None

    def matches(self, exchange):
        return ((self._method is None or self._method == exchange.method) and self._path.search(exchange.path) and
                self._query.search(exchange.query) is not None and (self._when is None or self._when(exchange)))

    @property
    def ends(self):
        """Whether it can happen behind a body's last byte."""
        return self._act[0] != "corrupt"

    def chosen(self):
        """Counts a match; whether it is the one asked for."""
        self.matched += 1
        return self._act is not None and self._nth in (None, self.matched)

    def _does(self, act, step, after=0):
        self.step, self.after, self._act = step, after, act
        return self

    def cut(self, step, after=0, reset=False):
        """Both connections end there; with `reset` the client's by a RST."""
        return self._does(("cut", reset), step, after)

    def stall(self, step, after=0):
        """Nothing more until release(); by itself for ever."""
        self._released = threading.Event()
        return self._does(("stall", self._released), step, after)

    def delay(self, seconds, step=Step.HEAD, after=0):
        return self._does(("delay", seconds), step, after)

    def answer(self, status, code="", message="", headers=None, read_body=True):
        """An answer that the store does not give, as an error document when there is a `code`. Without `read_body` it
        comes before the request's body has been read, and the connection ends with it."""
        return self._does(("answer", error_answer(status, code, message, headers), read_body), Step.HEAD)

    def slow_down(self):
        return self.answer(503, "SlowDown", "Please reduce your request rate.")

    def redirect(self, location):
        """307, as from a store that has moved the bucket for a while."""
        return self.answer(307, "TemporaryRedirect", "Please re-send this request to the specified temporary endpoint.",
                           {"Location": location})

    def wrong_region(self, region):
        """301, as for a bucket that lives elsewhere."""
        return self.answer(301, "PermanentRedirect", "The bucket you are attempting to access must be addressed using "
                           "the specified endpoint.", {"x-amz-bucket-region": region})

    def corrupt(self, at=0):
        """One bit of the answer's body is another."""
        return self._does(("corrupt",), Step.ANSWER_BODY, at)

    def rewrite(self, edit):
        """The answer's body is what `edit(body)` makes of it."""
        return self._does(("rewrite", edit), Step.ANSWER)

    def says(self, pieces):
        """Whatever a store could send in place of an answer: `pieces()` yields bytes, for ever if it likes, and seconds
        to wait between them. The connection ends behind the last."""
        return self._does(("says", pieces), Step.HEAD)

    def release(self):
        self._released.set()

    def wait(self, seconds=60):
        """Until it has fired once."""
        assert self._reached.wait(seconds), "the rule was never reached"

    async def act(self, data):
        """Returns `data`, the bytes from there on, as they are to go on."""
        self.fired += 1
        self._reached.set()
        if self._act[0] == "cut":
            raise Refused(reset=self._act[1])
        if self._act[0] == "answer":
            raise Refused(answer=self._act[1], read_body=self._act[2])
        if self._act[0] == "says":
            raise Refused(pieces=self._act[1])
        if self._act[0] == "delay":
            await asyncio.sleep(self._act[1])
        while self._act[0] == "stall" and not self._act[1].is_set():
            await asyncio.sleep(0.01)
        if self._act[0] == "corrupt":
            data = bytes((data[0] ^ 1,)) + data[1:]
        if self._act[0] == "rewrite":
            data = self._act[1](data)
        return data


class FaultProxy:
    """`with FaultProxy(url) as proxy:`; clients use proxy.url."""

    def __init__(self, upstream):
        parts = urllib.parse.urlsplit(upstream)
        assert parts.scheme == "http", "TLS ends elsewhere"
        self._upstream = parts.hostname, parts.port
        self._rules, self.exchanges, self.connections = [], [], 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._tasks = set()

    def __enter__(self):
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 18), self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def on(self, method=None, path="", query="", nth=None, when=None):
        """A rule for requests of this method whose path and query hold these regular expressions and of which
        `when(exchange)` is true; with `nth` only for the nth of them, from 1. Of several rules that match the first one
        acts; all count."""
        rule = Rule(method, path, query, nth, when)
        self._rules = [*self._rules, rule]
        return rule

    def clear(self):
        """Everything passes again; what has been counted stays."""
        self._rules = []

    def seen(self, method=None, path="", query=""):
        """The exchanges of that kind so far."""
        kind = Rule(method, path, query, None)
        return [exchange for exchange in list(self.exchanges) if kind.matches(exchange)]

    async def _end(self):
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        self.connections += 1
        task = asyncio.current_task()
        self._tasks.add(task)
        client, store = Wire(reader, writer), None
        try:
            store = Wire(*await asyncio.open_connection(*self._upstream, limit=1 << 18))
            while await self._exchange(client, store):
                pass
            await close(client)
        except Refused as refused:
            await close(client, refused.reset)
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            await close(client)  # one of them has gone, or does not speak HTTP
        except asyncio.CancelledError:
            client.abort()
        finally:
            self._tasks.discard(task)
            if store:
                store.abort()

    def _rule_for(self, exchange):
        chosen = None
        for rule in self._rules:
            if rule.matches(exchange) and rule.chosen() and chosen is None:
                chosen = rule
        return chosen

    async def _exchange(self, client, store):
        """One request and its answer; whether another may follow on the connection."""
        head = await client.next_head(store)
        if head is None:
            return False
        method, target = head.first[0], head.first[1]
        path, _, query = target.partition("?")
        exchange = Exchange(method, urllib.parse.unquote(path), query, head.headers)
        self.exchanges.append(exchange)
        rule = exchange.rule = self._rule_for(exchange)
        if rule and rule.step == Step.HEAD:
            try:
                await rule.act(b"")
            except Refused as refused:
                return await self._answer_alone(client, head, exchange, refused)
        store.writer.write(head.raw)
        sending = asyncio.ensure_future(self._send_body(client, store, head, exchange))
        answering = asyncio.ensure_future(self._pass_answer(client, store, head, exchange))
        try:
            await asyncio.wait({sending, answering}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done() and not isinstance(sending.exception(), ConnectionError):
                sending.result()  # of a store that takes no more there may still be an answer
            again = await answering
            await asyncio.sleep(0)
            if not sending.done():
                return False  # answered before it had the whole request
            exchange.complete = True
            return again and not head.closes()
        finally:
            for task in (sending, answering):
                task.cancel()
            await asyncio.gather(sending, answering, return_exceptions=True)

    async def _answer_alone(self, client, head, exchange, refused):
        if refused.pieces:
            await self._say(client, head, refused.pieces())
        if not refused.answer:
            raise refused
        swallow = refused.read_body and head.headers.get("expect", "").lower() != "100-continue"
        if swallow:
            async for _ in client.body(head.length()):
                pass
        exchange.status = refused.status
        client.writer.write(refused.answer_to(head.first[0]))
        await client.writer.drain()
        return swallow and not head.closes()

    @staticmethod
    async def _say(client, head, pieces):
        """As a store that has read the request."""
        async for _ in client.body(head.length()):
            pass
        for piece in pieces:
            if isinstance(piece, bytes):
                client.writer.write(piece)
                await client.writer.drain()
            else:
                await asyncio.sleep(piece)

    async def _send_body(self, client, store, head, exchange):
        def count(size):
            exchange.sent += size

        await self._transfer(client.body(head.length()), store, exchange.rule, Step.BODY, count)

    async def _pass_answer(self, client, store, head, exchange):
        while True:
            answer = await store.head()
            if answer is None:
                raise ConnectionError("the store ended the connection")
            status = int(answer.first[1])
            if status >= 200:
                break
            client.writer.write(answer.raw)
        exchange.store_status = status
        length = answer.answer_length(head.first[0])
        pieces = store.body(length)
        if exchange.rule and exchange.rule.step == Step.ANSWER:
            kept = [piece async for piece in pieces]
            body = b"".join(raw for raw, is_payload in kept if is_payload)
            changed = await exchange.rule.act(body)
            if changed != body:
                kept, answer = [(changed, True)], answer.with_length(len(changed))
            pieces = _again(kept)
        exchange.status = status
        client.writer.write(answer.raw)

        def count(size):
            exchange.received += size

        await self._transfer(pieces, client, exchange.rule, Step.ANSWER_BODY, count)
        return length is not None and not answer.closes()

    @staticmethod
    async def _transfer(pieces, to, rule, step, count):
        """Passes a body on; `rule` acts in it when `step` is where it does."""
        left = rule.after if rule and rule.step == step else None
        async for raw, is_payload in pieces:
            if is_payload and left is not None:
                if left < len(raw):
                    to.writer.write(raw[:left])
                    count(left)
                    await to.writer.drain()
                    raw, left = await rule.act(raw[left:]), None
                else:
                    left -= len(raw)
            to.writer.write(raw)
            await to.writer.drain()
            if is_payload:
                count(len(raw))
        if left == 0 and rule.ends:
            await rule.act(b"")


async def _again(pieces):
    for piece in pieces:
        yield piece
