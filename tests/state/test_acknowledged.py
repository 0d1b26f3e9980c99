"""What was answered stays, whenever the program is killed, on either database."""

import itertools
import threading

import botocore.exceptions
import pytest

from support import postgres
from support.sallyport import Sallyport


@pytest.fixture(params=["sqlite", "postgresql"])
def node(request, binary, tmp_path):
    of = {"SALLYPORT_STATE_DATABASE": ""}
    if request.param == "postgresql":
        of["SALLYPORT_STATE_DATABASE"] = postgres.shared().make_schema()
    made = Sallyport(binary, tmp_path / "data", server_environment=of)
    made.start()
    yield made
    made.kill()


@pytest.mark.heavy
def test_killed_again_and_again_it_loses_nothing_it_acknowledged(node):
    answered, numbers, enough = [], itertools.count(), threading.Condition()

    def write(client):
        while True:
            name = f"u{next(numbers)}"
            try:
                client.create_user(UserName=name)
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                return  # killed in the middle: it may be there, or not
            with enough:
                answered.append(name)
                enough.notify()

    for _ in range(4):
        writers = [threading.Thread(target=write, args=(node.client("iam"),)) for _ in range(4)]
        for writer in writers:
            writer.start()
        with enough:
            before = len(answered)
            assert enough.wait_for(lambda: len(answered) >= before + 20, timeout=60)
        node.kill()
        for writer in writers:
            writer.join()
        node.start()
        there = {u["UserName"] for page in node.client("iam").get_paginator("list_users").paginate()
                 for u in page["Users"]}
        assert set(answered) <= there
