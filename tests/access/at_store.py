"""What the same cases look like over a Ceph gateway (SALLYPORT_TEST_STORE): nobody can ask it whether an upload will be
taken, so what it refuses shows when the file is closed, as the guide has it for keys of KMS."""

import dataclasses
import re

from support import elsewhere

from .case import done

OTHERWISE = {"bucket-policy-deny": "a policy of Ceph's bucket is about Ceph's principals"}
OTHERWISE_WHERE_IT_DECIDES = {
    "session-policy-logical": "Ceph's STS refuses a session policy with a variable that it does not know",
    "home-without-bucket-put": "Ceph tells everybody which buckets there are",
    "escape-files": "Ceph tells everybody which buckets there are",
}


def why_otherwise(case):
    """Why the case cannot look the same, or None."""
    if elsewhere.mode() is None:
        return None
    more = OTHERWISE_WHERE_IT_DECIDES if elsewhere.mode() == "ceph-sts" else {}
    return {**OTHERWISE, **more}.get(case.id)


def expected(case):
    """The case as it is there."""
    if elsewhere.mode() is None:
        return case
    refusals = "Permission denied|Failure" if elsewhere.mode() == "ceph-sts" else "Failure"
    words = [re.sub(f'^dest open ".*": ({refusals})$', r"close remote: \1", word) for word in case.words]
    if words == case.words:
        return case
    lines = []
    for line in case.lines:
        refused = line["activity-type"] == "ERROR" and line.get("operation") == "OPEN" and "request-id" in line
        lines += at_close(line) if refused else [line]
    # What was refused before the store was asked stays as it is.
    return case if lines == case.lines else dataclasses.replace(case, words=words, lines=lines)


def at_close(line):
    return [done("OPEN", line["path"], mode="CREATE|TRUNCATE|WRITE"), {**line, "operation": "CLOSE", "bytes-in": "6"}]
