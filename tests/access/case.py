"""A case: what is wrong, what the user types, what the terminal and the log say."""

import dataclasses
import json
import os
import re
import threading
from typing import Callable

from support import elsewhere

VARYING = {"request-id": r"[0-9A-Z]{16}", "s3extended-request-id": r"[A-Za-z0-9+/]{75}="}
if elsewhere.mode():
    # What is refused before the store is asked has ids of our own.
    VARYING = {"request-id": r"tx[0-9a-f-]+-default|" + VARYING["request-id"],
               "s3extended-request-id": r"[0-9a-f]+-default-default|" + VARYING["s3extended-request-id"]}
EVERYWHERE = {"resource-arn", "session-id"}


@dataclasses.dataclass
class Step:
    """Something that happens while the session lives, between two commands."""
    says: str
    do: Callable


@dataclasses.dataclass
class Case:
    id: str
    cause: str
    make: Callable            # given a World
    commands: list            # lines for sftp, and Steps
    words: list               # of the terminal's standard error, less its greeting
    lines: list = dataclasses.field(default_factory=list)  # of the server's log, less CONNECTED and DISCONNECTED
    shows: list = None        # of the terminal's standard output; None: of no interest
    login: bool = True        # False: it does not come to a session
    words_of_interest: str = ""   # regular expression; other lines of a long complaint are left out
    command_line: str = ""    # what the table shows as typed, for cases that fail at login
    after: Callable = None    # given the World, when everything has been seen: more to check, or to put back


# Lines of the log, as cases expect them.

def listing(message):
    return {"activity-type": "ERROR", "message": message}


def denied(operation, path, message="Access denied"):
    return {"activity-type": "ERROR", "operation": operation, "path": path, "message": message,
            "request-id": "…", "s3extended-request-id": "…"}


def not_assumed(operation, path):
    return {"activity-type": "ERROR", "operation": operation, "path": path, "message": "Unable to AssumeRole for user"}


def unsupported(operation, path, message):
    return {"activity-type": "ERROR", "operation": operation, "path": path, "message": message}


def done(activity, path, **more):
    return {"activity-type": activity, "path": path, **{k.replace("_", "-"): v for k, v in more.items()}}


def auth_failure(message, user="ann"):
    return {"activity-type": "AUTH_FAILURE", "method": "publickey", "user": user, "source-ip": "192.0.2.1",
            "message": message}


# The same lines in the older text format.

TEXT_WORDS = {"method": "Method", "user": "User", "message": "Message", "kex": "Kex", "operation": "Operation",
              "path": "Path", "new-path": "NewPath", "mode": "Mode", "bytes-in": "BytesIn", "bytes-out": "BytesOut",
              "source-ip": "SourceIP"}
NOT_IN_TEXT = {"activity-type", "request-id", "s3extended-request-id"}
OTHER_MESSAGES = {("AUTH_FAILURE", "Authentication failure"): "The user is unrecognized"}


def as_text(line):
    """The text line that says what this JSON line says."""
    assert line.keys() <= TEXT_WORDS.keys() | NOT_IN_TEXT, line
    words = ["ERRORS"] if line["activity-type"] in ("AUTH_FAILURE", "KEX_FAILURE") else []
    words.append(line["activity-type"])
    for key, word in TEXT_WORDS.items():
        if key in line:
            value = OTHER_MESSAGES.get((line["activity-type"], line[key]), line[key])
            quoted = key == "message" or re.search(r'[\s"\\]', value)
            words.append(word + "=" + (json.dumps(value, ensure_ascii=False) if quoted else value))
    return " ".join(words)


# Running one.

@dataclasses.dataclass
class Seen:
    """With what varies replaced."""
    shows: list
    words: list
    lines: list
    texts: list


def run(case, world):
    case.make(world)
    outcome = typed(case, world)
    lines, texts = session_lines(case, world) if case.login else refusal_lines(case, world)
    if case.after:
        case.after(world)
    shows = [] if case.shows is None else stable_text(outcome.stdout, world).splitlines()
    return Seen([line.strip() for line in shows if not line.startswith("sftp>")],
                stable_words(outcome.stderr, case, world), lines, texts)


def typed(case, world):
    """Types the commands; a Step is done while sftp waits for it in a local command of its own."""
    commands, steps = [], []
    for number, command in enumerate(case.commands):
        if not isinstance(command, Step):
            commands.append(world.fill(command))
            continue
        reached, go_on = world.folder / f"reached-{number}", world.folder / f"go-on-{number}"
        os.mkfifo(reached)
        os.mkfifo(go_on)
        steps.append((reached, go_on, command.do))
        commands.append(f"!echo x >{reached}; cat {go_on} >/dev/null")
    failures = []

    def do_steps():
        for reached, go_on, do in steps:
            reached.read_text()
            try:
                do(world)
            except Exception as error:  # the client must not wait for ever
                failures.append(error)
            go_on.write_text("x")

    beside = threading.Thread(target=do_steps, daemon=True)
    beside.start()
    outcome = world.client().interactive(*commands, arguments=[world.fill(a) for a in world.arguments])
    beside.join(timeout=20)
    assert not failures, failures
    assert not beside.is_alive(), f"the session did not live to its last step: {outcome}"
    return outcome


def session_lines(case, world):
    stream = f"{world.server}/{world.user_name}"

    def own(events):
        return [e for s, e in events if s == stream]

    events = own(world.sallyport.wait_events(
        world.server, lambda e: any(x["activity-type"] == "DISCONNECTED" for x in own(e))))
    assert events[0]["activity-type"] == "CONNECTED" and events[-1]["activity-type"] == "DISCONNECTED"
    session = events[0]["session-id"]
    assert all(e["session-id"] == session for e in events)
    text_stream = f"{world.user_name}.{session}"
    texts = [t for s, t in world.sallyport.wait_lines(f"/aws/transfer/{world.server}",
                                                      lambda lines: (text_stream, "DISCONNECTED") in lines)
             if s == text_stream]
    assert texts[0].startswith(f"CONNECTED SourceIP=127.0.0.1 User={world.user_name} HomeDir=/")
    assert texts[-1] == "DISCONNECTED"
    return stable_lines(events[1:-1], world), stable_texts(texts[1:-1], world)


def refusal_lines(case, world):
    def own(events):
        if world.server != world.shared_server:
            return events
        return [(s, e) for s, e in events if e.get("user") == (world.login_name or world.user_name)
                or s == f"{world.server}/{world.user_name}"]

    # A line may come after the client has gone; what should not come is waited for by way of another line.
    if case.lines:
        world.sallyport.wait_events(world.server, own)
    world.settle()
    seen = own(world.events())
    assert {s for s, _ in seen} <= {"ERRORS"}, "a login that failed has lines in ERRORS only"
    assert not any("session-id" in e for _, e in seen)
    name = world.login_name or world.user_name
    texts = [(s, t) for s, t in world.texts()
             if world.server != world.shared_server or f" User={name} " in t or s.startswith(f"{name}.")]
    assert {s for s, _ in texts} <= {"ERRORS"}
    return stable_lines([e for _, e in seen], world), stable_texts([t for _, t in texts], world)


def stable_text(text, world):
    for real, word in ((world.no_bucket, "NOBUCKET"), (world.bucket, "BUCKET"), (world.other, "OTHER"),
                       (str(world.folder) + "/", ""), (world.server, "SERVER"),
                       (world.login_name or "no name", "nobody"), (world.user_name, "ann")):
        text = text.replace(real, word)
    text = re.sub(r"SHA256:[A-Za-z0-9+/]{43}", "SHA256:…", text)
    text = re.sub(r"\[127\.0\.0\.1\]:\d+", "[HOST]:PORT", text)
    text = re.sub(r"127\.0\.0\.1 port \d+", "HOST port PORT", text)
    text = re.sub(r"Their offer: .*", "Their offer: …", text)
    return text.replace("127.0.0.1", "HOST")


def stable_words(stderr, case, world):
    out = []
    for line in stable_text(stderr, world).splitlines():
        line = line.strip("@ ")
        if not line or line.startswith(("Connected to", "Warning: Permanently added")):
            continue
        if case.words_of_interest and not re.search(case.words_of_interest, line):
            continue
        # How often this comes depends on which of ssh and sftp ends first.
        if line.startswith("Connection closed") and "by" not in line:
            line = "Connection closed"
        # Other versions of OpenSSH and OpenSSL say it like this.
        line = re.sub(r"^(Load key .*): error in libcrypto$", r"\1: invalid format", line)
        line = re.sub(r'^remote readdir\("[^"]*"\):', "Couldn't read directory:", line)
        if line not in out:
            out.append(line)
    return out


def stable_texts(texts, world):
    """As stable_lines, of the text format."""
    out = []
    for text in texts:
        line = stable_text(text.replace(" SourceIP=127.0.0.1", " SourceIP=192.0.2.1"), world)
        if not out or out[-1] != line:
            out.append(line)
    return out


def stable_lines(events, world):
    """Neighbours that are alike (a client that asks twice) are one."""
    arn = f"arn:aws:transfer:us-east-1:000000000000:server/{world.server}"
    out = []
    for event in events:
        assert event["resource-arn"] == arn
        line = {k: v for k, v in event.items() if k not in EVERYWHERE}
        if elsewhere.mode() and "request-id" in line and "s3extended-request-id" not in line:
            line["s3extended-request-id"] = "0-default-default"  # Ceph names none where no body can be
        for name, pattern in VARYING.items():
            if name in line:
                assert re.fullmatch(pattern, line[name]), (name, line[name])
                line[name] = "…"
        if "source-ip" in line:
            assert line["source-ip"] == "127.0.0.1"
            line["source-ip"] = "192.0.2.1"
        line = {k: stable_text(v, world) for k, v in line.items()}
        if not out or out[-1] != line:
            out.append(line)
    return out
