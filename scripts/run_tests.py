"""Runs every test suite, one after another, and ends with the count of all of them."""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

PYTHON = "/usr/bin/python3"


# A test that hangs is told with its stacks instead of taking the run with it.
LIMIT = "1800"


def ctest(tree, report, select):
    return ["ctest", "--test-dir", f"build/{tree}", "-j", str(os.cpu_count()), "--output-on-failure",
            "--no-tests=ignore", "--quiet", "--output-junit", report, *select]


def pytest(report, folders, marks, words):
    """Files run beside each other: a client mostly waits, so there is one more of them than there are processors."""
    command = [PYTHON, "-m", "pytest", *folders, "-q", "-m", marks, "--junitxml", report,
               "-n", str(os.cpu_count() + 1), "--dist", "loadfile", "--timeout", LIMIT]
    return command + (["-k", words] if words else [])


def suites(words, reports):
    """Yields (name, command, environment, report file)."""
    select = ["-R", words] if words else []
    report = os.path.join(reports, "unit-san.xml")
    yield ("unit tests, san", ctest("san", report, select), {"SALLYPORT_REQUIRE_POSTGRESQL": "1"}, report)
    if not words:
        # What a sanitizer hinders: the system call filter, and clients at full speed against the engine alone.
        report = os.path.join(reports, "unit-release.xml")
        yield ("unit tests, release", ctest("release", report, ["-R", "^process[.]|^ssh[.]engine_peers"]), {}, report)
    for tree, marks in (("release", "not wide"), ("san", "not wide and not heavy")):
        report = os.path.join(reports, f"clients-{tree}.xml")
        # tests/ssh is a test of each tree already (ssh.engine_peers).
        yield (f"clients and files, {tree}", pytest(report, ["tests", "--ignore", "tests/ssh"], marks, words),
               {"SALLYPORT_BIN": f"build/{tree}/sallyport"}, report)
    # The API once more, with the resources on the other database.
    report = os.path.join(reports, "postgresql.xml")
    yield ("API on PostgreSQL, release", pytest(report, ["tests/api", "tests/iam"], "not wide", words),
           {"SALLYPORT_BIN": "build/release/sallyport", "SALLYPORT_TEST_STATE": "postgresql"}, report)
    # The protocol and the guide's cases once more, with the buckets elsewhere.
    report = os.path.join(reports, "ceph.xml")
    yield ("SFTP over Ceph with STS, release", pytest(report, ["tests/sftp", "tests/access"], "not wide", words),
           {"SALLYPORT_BIN": "build/release/sallyport", "SALLYPORT_TEST_STORE": "ceph-sts"}, report)
    # Directories once more, on a file system of the network.
    report = os.path.join(reports, "cephfs.xml")
    yield ("directories over CephFS, release", pytest(report, ["tests/files"], "not wide", words),
           {"SALLYPORT_BIN": "build/release/sallyport", "SALLYPORT_TEST_DIRECTORY": "cephfs"}, report)


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
            begin = time.monotonic()
            code = subprocess.run(command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL).returncode
            p, f, s, names = count(report)
            if code not in (0, 5) and f == 0:
                f, names = 1, [f"{name}: the runner ended with {code}"]
            passed, failed, skipped = passed + p, failed + f, skipped + s
            print(f"{name}: {p} passed, {f} failed, {s} skipped in {time.monotonic() - begin:.0f} s", flush=True)
            for one in names:
                print(f"  FAILED {one}", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
