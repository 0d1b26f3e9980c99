"""One client at one place: every operation, and what is there afterwards."""

import os
import time

from .client import OPERATIONS

WORKS, REFUSED, NOTHING_IN_COMMON, LACKS = "works", "refused", "no common algorithm", "–"

# Remote name → content.
BIG = "straße 文.bin"
FILES = {"empty": b"", "one byte": b"1", BIG: os.urandom(5 * 2**20 + 1), "it's \"quoted\".txt": b"quoted\n" * 99}
HALF = b"the first half, " * 4096
WHOLE = HALF + b"and the second" * 5000


class Trial:
    """Each method carries out one operation, checks what became of the objects, and returns the Answer."""

    def __init__(self, client, world):
        self.client, self.world, self.place, self.folder = client, world, client.place, client.folder

    def content(self, name):
        return self.world.content(self.place, name)

    def objects(self):
        return self.world.objects(self.place)

    def becomes(self, name, content, seconds=60):
        """Whether an object has this content; after clients that close late, whether it comes to have it."""
        for _ in range(seconds * 20 if self.client.closes_late else 1):
            if name in self.objects() and self.content(name) == content:
                return True
            time.sleep(0.05)
        return False

    def put(self):
        pairs = []
        for number, (name, content) in enumerate(FILES.items()):
            (self.folder / f"up-{number}").write_bytes(content)
            pairs.append((self.folder / f"up-{number}", name))
        answer = self.client.put(pairs)
        if answer.ok:
            for name, content in FILES.items():
                assert self.becomes(name, content), name
        for name, content in FILES.items():
            self.world.store(self.place, name, content)
        return answer

    def get(self):
        pairs = [(name, self.folder / f"down-{number}") for number, name in enumerate(FILES)]
        answer = self.client.get(pairs)
        if answer.ok:
            for name, local in pairs:
                assert local.read_bytes() == FILES[name], name
        return answer

    def ls(self):
        answer = self.client.ls()
        if answer.ok:
            assert sorted(answer.names) == sorted(FILES)
        return answer

    def rename(self):
        before = self.objects()
        answer = self.client.rename(BIG, "new name")
        if answer.ok:
            assert self.objects() == before - {BIG} | {"new name"}
            assert self.content("new name") == FILES[BIG]
        else:
            assert self.objects() == before
        return answer

    def resume_put(self):
        self.world.store(self.place, "half", HALF)
        (self.folder / "whole").write_bytes(WHOLE)
        answer = self.client.resume_put(self.folder / "whole", "half")
        assert self.becomes("half", WHOLE if answer.ok else HALF)
        return answer

    def resume_get(self):
        self.world.store(self.place, "whole", WHOLE)
        (self.folder / "half").write_bytes(HALF)
        answer = self.client.resume_get("whole", self.folder / "half")
        assert (self.folder / "half").read_bytes() == (WHOLE if answer.ok else HALF)
        return answer

    def mkdir(self):
        answer = self.client.mkdir("direc tory")
        assert ("direc tory/" in self.objects()) == answer.ok
        return answer

    def rmdir(self):
        self.world.store(self.place, "to go/", b"")
        answer = self.client.rmdir("to go")
        assert ("to go/" in self.objects()) != answer.ok
        return answer

    def remove(self):
        answer = self.client.remove("one byte")
        assert ("one byte" in self.objects()) != answer.ok
        return answer

    def with_wrong_key(self):
        return self.client.with_wrong_key()

    def run(self, expected):
        """Operation → (kind, words); where nothing is expected in common and nothing is, for all of them."""
        if expected["put"][0] == NOTHING_IN_COMMON:
            answer = self.client.attempt()
            return dict.fromkeys(expected, outcome(answer, NOTHING_IN_COMMON))
        return {operation: (LACKS, "") if kind == LACKS else outcome(getattr(self, OPERATIONS[operation])(), REFUSED)
                for operation, (kind, _) in expected.items()}


def outcome(answer, refusal):
    return (WORKS, "") if answer.ok else (refusal, answer.words)


def expected_of(client, policy, strict=True):
    """Operation → (kind, words)."""
    if policy in client.without:
        return dict.fromkeys(OPERATIONS, (NOTHING_IN_COMMON, client.without[policy]))
    refuses = {**client.refuses, **(client.refuses_strict if strict else {})}
    return {operation: (LACKS, "") if operation in client.lacks else
            (REFUSED, refuses[operation]) if operation in refuses else (WORKS, "") for operation in OPERATIONS}
