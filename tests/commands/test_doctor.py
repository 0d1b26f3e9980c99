"""`sallyport doctor` on healthy and broken installations: its words, its exit codes, its next steps."""

import http.server
import json
import os
import socket
import subprocess
import threading

import pytest

from support.ports import free_port
from support.sallyport import TRUST
from support.sshkeys import new_key

from .conftest import Site, commands_of, policy, statement, type_in
from .test_explain_access import iam_user


@pytest.fixture
def own(fresh_sallyport):
    """A Sallyport of the test's own: what others do would be found too."""
    return fresh_sallyport.start()


def doctor(sallyport, *more, env=None):
    return subprocess.run([sallyport.binary, "doctor", "--api", sallyport.api_url, *more],
                          env=env or sallyport.environment(), capture_output=True, text=True, timeout=120)


def findings(sallyport, level="problem"):
    told = json.loads(doctor(sallyport, "--json").stdout)
    return [one for one in told["Findings"] if one["Level"] == level]


def levels(text):
    return [(line.split()[0], line.split()[1]) for line in text.splitlines()
            if line.startswith(("ok ", "warning ", "problem "))]


def test_empty_and_healthy_installations_have_no_problem(own, tmp_path):
    assert doctor(own).returncode == 0
    Site(own, tmp_path)
    done = doctor(own)
    assert done.returncode == 0 and not done.stderr
    assert {level for level, _ in levels(done.stdout)} == {"ok"}, done.stdout
    assert {area for _, area in levels(done.stdout)} >= {"api", "clock", "ports", "data", "files", "certificates",
                                                         "servers", "users", "roles", "buckets", "log"}
    assert done.stdout.rstrip().endswith("0 problems, 0 warnings")


def test_missing_trust_is_found_and_put_right_by_typing(own, tmp_path):
    site = Site(own, tmp_path)
    site.give_role(policy(statement("s3:*")), trust=TRUST.replace("transfer", "ec2"))
    done = doctor(own)
    assert done.returncode == 1
    assert "does not let transfer.amazonaws.com do sts:AssumeRole" in done.stdout
    [command] = commands_of(done.stdout)
    type_in(own, command)
    assert doctor(own).returncode == 0


def test_role_without_policy_is_a_warning(own, tmp_path):
    Site(own, tmp_path).give_role(None)
    done = doctor(own)
    assert done.returncode == 0
    assert "has no policy: it allows nothing by itself" in done.stdout and "1 warning" in done.stdout


def test_deleted_role_is_found(own, tmp_path):
    name = Site(own, tmp_path).give_role(None)
    own.client("iam").delete_role(RoleName=name)
    [problem] = findings(own)
    assert problem["Area"] == "roles" and f"iam create-role --role-name {name}" in problem["Next"]


def test_missing_bucket_is_found_and_made_by_typing(own, tmp_path):
    site = Site(own, tmp_path)
    site.update(HomeDirectory="/no-such-bucket/ann")
    done = doctor(own)
    assert done.returncode == 1
    assert "home leads to the bucket no-such-bucket, which is not there" in done.stdout
    for command in commands_of(done.stdout):
        type_in(own, command)
    [warning] = findings(own, "warning")
    assert not findings(own) and "where nothing is yet" in warning["Text"]
    for command in commands_of(doctor(own).stdout):
        type_in(own, command)
    assert not findings(own, "warning")


def test_mapping_to_nowhere_and_a_narrow_session_policy_are_found(own, tmp_path):
    site = Site(own, tmp_path)
    site.update(HomeDirectoryType="LOGICAL", Policy='{"Statement":[{"Effect":"Perhaps"}]}',
                HomeDirectoryMappings=[{"Entry": "/in", "Target": f"/{site.bucket}/missing"}])
    done = doctor(own)
    assert done.returncode == 1
    assert f"mapping /in leads to /{site.bucket}/missing, where nothing is yet" in done.stdout
    assert "has a session policy that cannot be read" in done.stdout


def test_stopped_server_is_a_warning_and_is_started_by_typing(own, tmp_path):
    site = Site(own, tmp_path)
    own.client("transfer").stop_server(ServerId=site.server)
    own.wait_state(site.server, "OFFLINE")
    done = doctor(own)
    assert done.returncode == 0 and "is OFFLINE: nobody can log in" in done.stdout
    [command] = commands_of(done.stdout)
    type_in(own, command)
    own.wait_state(site.server, "ONLINE")
    assert not findings(own, "warning")


def test_taken_port_is_found(own, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = own.server(wait=False, Tags=[{"Key": "sallyport:sftp-port", "Value": str(port)}])
        own.wait_state(server, "START_FAILED")
        done = doctor(own)
    assert done.returncode == 1
    assert "is START_FAILED" in done.stdout and str(port) in done.stdout
    assert f"transfer start-server --server-id {server}" in done.stdout


def test_open_credentials_file_is_found(own):
    path = os.path.join(own.data_dir, "master.key")
    os.chmod(path, 0o644)
    done = doctor(own)
    assert done.returncode == 1
    assert "can be read or written by others of this machine (mode 0644)" in done.stdout
    assert f"chmod go= {path}" in done.stdout


def test_many_findings_of_a_kind_are_counted(own):
    server = own.server()
    role, bucket = own.role(policy(statement("s3:*"))), own.bucket()
    own.client("s3").put_object(Bucket=bucket, Key="home/")
    for i in range(12):
        own.client("transfer").create_user(ServerId=server, UserName=f"user{i:02}", Role=role,
                                           HomeDirectory=f"/{bucket}/home")
    done = doctor(own)
    assert done.returncode == 0
    assert done.stdout.count("has no SSH public key") == 3 and "and 9 more of this kind" in done.stdout
    assert len(findings(own, "warning")) == 12


def test_server_that_is_not_running_is_the_first_finding(fresh_sallyport):
    done = doctor(fresh_sallyport)
    assert done.returncode == 1
    first, second = done.stdout.splitlines()[:2]
    assert first.startswith("problem") and "does not answer" in first
    assert f"next: sallyport serve --data-dir DATA_DIR --api {fresh_sallyport.api}" in second


def test_wrong_credentials_are_a_problem_with_the_next_step(own):
    done = doctor(own, env={**own.environment(), "AWS_ACCESS_KEY_ID": "AKIAWRONGWRONGWRONG"})
    assert done.returncode == 1
    assert "these are not this installation's credentials" in done.stdout


def test_no_credentials_are_a_problem_with_the_next_step(own, tmp_path):
    env = {k: v for k, v in own.environment().items() if not k.startswith("AWS_")}
    done = doctor(own, env={**env, "HOME": str(tmp_path)})
    assert done.returncode == 1
    assert "no credentials" in done.stdout and "export AWS_SHARED_CREDENTIALS_FILE" in done.stdout


def test_clock_that_is_off_is_named(own, tmp_path):
    """An API of another time: a stand-in that answers health checks with an old date."""
    class Old(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response_only(200 if self.path.endswith("health") else 403)
            self.send_header("Date", "Fri, 02 Jan 2026 03:04:05 GMT")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", free_port()), Old) as old:
        thread = threading.Thread(target=old.serve_forever)
        thread.start()
        try:
            done = subprocess.run([own.binary, "doctor", "--api", f"http://127.0.0.1:{old.server_port}"],
                                  env=own.environment(), capture_output=True, text=True, timeout=60)
        finally:
            old.shutdown()
            thread.join()
    assert done.returncode == 1
    assert "signed requests are refused beyond 900 s" in done.stdout


def doctor_at(own, answers):
    """What it says of an API that is a stand-in: `answers` has the status and the body of each path."""
    class Api(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answers[self.path]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api) as api:
        thread = threading.Thread(target=api.serve_forever)
        thread.start()
        try:
            return subprocess.run([own.binary, "doctor", "--api", f"http://127.0.0.1:{api.server_port}"],
                                  env=own.environment(), capture_output=True, text=True, timeout=60)
        finally:
            api.shutdown()
            thread.join()


def test_an_api_that_fails_is_not_a_matter_of_credentials(own):
    failure = json.dumps({"__type": "ServiceUnavailableException", "message": "later"})
    done = doctor_at(own, {"/_sallyport/health": (200, "ok"), "/_sallyport/doctor": (503, failure)})
    assert done.returncode == 1 and "ServiceUnavailableException" in done.stdout
    assert "next: sallyport doctor" in done.stdout and "AWS_SHARED_CREDENTIALS_FILE" not in done.stdout


def test_a_port_that_closes_at_once_is_a_warning_as_an_allow_list_does_so(own):
    with socket.create_server(("127.0.0.1", 0)) as closing:
        def close_one():
            closing.accept()[0].close()

        thread = threading.Thread(target=close_one)
        thread.start()
        told = {"Findings": [], "More": [], "Problems": 0, "Warnings": 0, "Endpoints": [
            {"ServerId": "s-0123456789abcdef0", "Address": "127.0.0.1", "Port": closing.getsockname()[1]}]}
        done = doctor_at(own, {"/_sallyport/health": (200, "ok"), "/_sallyport/doctor": (200, json.dumps(told))})
        thread.join()
    assert done.returncode == 0, done.stdout
    assert "closed without a word; an allow list?" in done.stdout


def test_who_may_not_ask_is_told_which_right_is_missing(own, tmp_path):
    Site(own, tmp_path)
    done = doctor(own, env=iam_user(own, policy(statement("transfer:*"))))
    assert done.returncode == 1 and "sallyport:Doctor" in done.stdout
    administrator = doctor(own, env=iam_user(own, policy(statement("*"))))
    assert administrator.returncode == 0, administrator.stdout


def test_wrong_usage_is_refused(own):
    done = doctor(own, "--fix")
    assert done.returncode == 2 and done.stdout == ""


def test_help_shows_examples_and_exit_codes(own):
    done = doctor(own, "--help")
    assert done.returncode == 0
    for word in ("Examples:", "Exit code: 0 no problem", "sallyport:Doctor"):
        assert word in done.stdout
