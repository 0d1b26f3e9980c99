"""Runs every test suite, one after another, and ends with the count of all of them."""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

PYTHON = "/usr/bin/python3"


def suites(words, reports):
    """Yields (name, command, environment, report file)."""
    select = ["-R", words] if words else []
    for tree in ("release", "san"):
        report = os.path.join(reports, f"unit-{tree}.xml")
        yield (f"unit tests, {tree}",
               ["ctest", "--test-dir", f"build/{tree}", "-j", str(os.cpu_count()), "--output-on-failure",
                "--no-tests=ignore", "--quiet" if not words else "--progress", "--output-junit", report, *select],
               {"SALLYPORT_REQUIRE_POSTGRESQL": "1"}, report)
    for tree, marks in (("release", "not wide"), ("san", "not wide and not heavy")):
        report = os.path.join(reports, f"clients-{tree}.xml")
        # tests/ssh is a test of each tree already (ssh.engine_peers).
        command = [PYTHON, "-m", "pytest", "tests", "--ignore", "tests/ssh", "-q", "-m", marks, "--junitxml", report]
        if words:
            command += ["-k", words]
        yield (f"clients and files, {tree}", command, {"SALLYPORT_BIN": f"build/{tree}/sallyport"}, report)
    # The API once more, with the resources on the other database.
    report = os.path.join(reports, "postgresql.xml")
    command = [PYTHON, "-m", "pytest", "tests/api", "tests/iam", "-q", "-m", "not wide", "--junitxml", report]
    if words:
        command += ["-k", words]
    yield ("API on PostgreSQL, release", command,
           {"SALLYPORT_BIN": "build/release/sallyport", "SALLYPORT_TEST_STATE": "postgresql"}, report)


def count(report):
    """(passed, failed, skipped, names of failed) of a JUnit file; a missing file is one failure."""
    try:
        cases = list(ElementTree.parse(report).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return 0, 1, 0, ["the suite itself (no report was written)"]
    failed = [c for c in cases if c.find("failure") is not None or c.find("error") is not None
              or c.get("status") == "fail"]
    skipped = [c for c in cases if c.find("skipped") is not None]
    names = [f"{c.get('classname', '')} {c.get('name')}" for c in failed]
    return len(cases) - len(failed) - len(skipped), len(failed), len(skipped), names


def main(arguments):
    words = arguments[1] if len(arguments) == 2 and arguments[0] == "-k" else None
    if arguments and words is None:
        sys.exit("usage: ./dev test [-k WORDS]")
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as reports:
        for name, command, environment, report in suites(words, reports):
            print(f"== {name}", flush=True)
            code = subprocess.run(command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL).returncode
            p, f, s, names = count(report)
            if code not in (0, 5) and f == 0:
                f, names = 1, [f"{name}: the runner ended with {code}"]
            passed, failed, skipped = passed + p, failed + f, skipped + s
            print(f"{name}: {p} passed, {f} failed, {s} skipped", flush=True)
            for one in names:
                print(f"  FAILED {one}", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
