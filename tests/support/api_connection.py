"""Transfer Family calls made by hand over one kept-alive connection: fast, and wrong where a test wants them to be."""

import dataclasses
import hashlib
import http.client
import json

from .s3_requests import Signature, now
from .sallyport import ACCESS_KEY, SECRET_KEY


@dataclasses.dataclass
class Access:
    access_key: str = ACCESS_KEY
    secret_key: str = SECRET_KEY


@dataclasses.dataclass
class Answer:
    status: int
    body: dict

    @property
    def code(self):
        """The error's code, "" when there is none."""
        return self.body.get("__type", "")

    @property
    def text(self):
        return self.body.get("Message") or self.body.get("message") or ""


def signed_headers(host, operation, body, access=Access(), at=None, scope=("transfer", "us-east-1")):
    """Of a request that POSTs `body` to /. `at`: the time it is signed for."""
    signature = Signature(access, at or now(), *scope)
    headers = {"Host": host, "Content-Type": "application/x-amz-json-1.1", "X-Amz-Date": signature.time,
               "X-Amz-Target": f"TransferService.{operation}"}
    names, value = signature.of_request("POST", "/", [], headers, hashlib.sha256(body).hexdigest())
    headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={access.access_key}/{signature.scope}, "
                                f"SignedHeaders={names}, Signature={value}")
    return headers


class ApiConnection:
    """One thread's."""

    def __init__(self, sallyport):
        self.host = sallyport.api
        self.connection = http.client.HTTPConnection(self.host, timeout=120)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def call(self, operation, **members):
        body = json.dumps(members).encode()
        return self.send(signed_headers(self.host, operation, body), body)

    def send(self, headers, body):
        self.connection.request("POST", "/", body, headers)
        with self.connection.getresponse() as answer:
            return Answer(answer.status, json.loads(answer.read() or b"{}"))

    def must(self, operation, **members):
        answer = self.call(operation, **members)
        assert answer.status == 200, (operation, members, answer)
        return answer.body
