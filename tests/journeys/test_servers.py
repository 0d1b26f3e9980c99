"""Servers come up, go down, fail and recover, and are found again after a restart."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.exceptions import ClientError

from support.ports import free_port
from support.sallyport import Sallyport

from .conftest import Site


def connects(address, port):
    try:
        with socket.create_connection((address, port), timeout=2) as connection:
            return connection.recv(8).startswith(b"SSH-2.0-")
    except OSError:
        return False


def test_stop_and_start_pass_through_their_states(sallyport):
    server = sallyport.server(wait=False)
    transfer = sallyport.client("transfer")
    assert sallyport.state(server) in ("STARTING", "ONLINE")
    transfer.get_waiter("server_online").wait(ServerId=server, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    address, port = sallyport.endpoint(server)
    assert connects(address, port)
    transfer.stop_server(ServerId=server)
    transfer.get_waiter("server_offline").wait(ServerId=server, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    assert not connects(address, port)
    transfer.start_server(ServerId=server)
    sallyport.wait_state(server, "ONLINE")
    assert sallyport.endpoint(server) == (address, port) and connects(address, port)
    transfer.delete_server(ServerId=server)
    with pytest.raises(transfer.exceptions.ResourceNotFoundException):
        transfer.describe_server(ServerId=server)
    for _ in range(100):
        if not connects(address, port):
            break
        time.sleep(0.05)
    assert not connects(address, port)


def test_port_of_the_tag_is_used_and_a_taken_one_fails_and_recovers(sallyport):
    port = free_port()
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", port))
        squatter.listen()
        server = sallyport.server(wait=False, Tags=[{"Key": "sallyport:sftp-port", "Value": str(port)}])
        sallyport.wait_state(server, "START_FAILED")
        listing = sallyport.cli("endpoints").stdout
        assert "START_FAILED" in listing and "in use" in listing
    sallyport.client("transfer").start_server(ServerId=server)
    sallyport.wait_state(server, "ONLINE")
    assert sallyport.endpoint(server) == ("127.0.0.1", port)


def test_a_server_that_could_not_start_is_tried_again_when_the_program_starts(fresh_sallyport):
    fresh_sallyport.start()
    port = free_port()
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", port))
        squatter.listen()
        server = fresh_sallyport.server(wait=False, Tags=[{"Key": "sallyport:sftp-port", "Value": str(port)}])
        fresh_sallyport.wait_state(server, "START_FAILED")
        fresh_sallyport.stop()
        fresh_sallyport.start()
        fresh_sallyport.wait_state(server, "START_FAILED")
        assert "in use" in fresh_sallyport.cli("endpoints").stdout
        fresh_sallyport.stop()
    fresh_sallyport.start()
    fresh_sallyport.wait_state(server, "ONLINE")
    assert fresh_sallyport.endpoint(server) == ("127.0.0.1", port)


def test_an_api_port_that_is_taken_is_told_with_the_next_step(sallyport, tmp_path):
    done = subprocess.run([sallyport.binary, "serve", "--data-dir", tmp_path / "data", "--api", sallyport.api],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"{sallyport.api} is in use by another program; --api gives the API another address" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be refused in spite of being root")
def test_root_over_the_folder_of_another_is_told_whose_it_is(fresh_sallyport):
    fresh_sallyport.start()
    fresh_sallyport.stop()
    for folder, folders, files in os.walk(fresh_sallyport.data_dir):
        for name in (".", *folders, *files):
            os.chown(os.path.join(folder, name), 12345, 12345)
    done = subprocess.run(fresh_sallyport.command(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "belongs to the user with uid 12345: run as that user" in done.stderr


def test_what_is_not_served_yet_says_so(sallyport):
    server = sallyport.server(wait=False, Domain="EFS")
    sallyport.wait_state(server, "START_FAILED")
    assert "no file system is configured" in sallyport.cli("endpoints").stdout


def test_update_counts_from_the_next_login(sallyport, tmp_path):
    site = Site(sallyport, tmp_path)
    sallyport.client("transfer").update_server(ServerId=site.server, PreAuthenticationLoginBanner="mind the gap")
    for _ in range(100):
        done = site.client(options={"LogLevel": "INFO"}).interactive("pwd")
        if "mind the gap" in done.stderr:
            break
        time.sleep(0.05)
    assert "mind the gap" in done.stderr


def test_restart_finds_everything_again(fresh_sallyport, tmp_path):
    fresh_sallyport.start()
    sites = [Site(fresh_sallyport, tmp_path) for _ in range(3)]
    stopped = fresh_sallyport.server()
    fresh_sallyport.client("transfer").stop_server(ServerId=stopped)
    fresh_sallyport.wait_state(stopped, "OFFLINE")
    for site in sites:
        site.client().must("put /etc/hostname a")
    transfer = fresh_sallyport.client("transfer")
    before = [transfer.describe_server(ServerId=s.server)["Server"] for s in sites]
    fresh_sallyport.stop()
    fresh_sallyport.start()
    for site, described in zip(sites, before):
        fresh_sallyport.wait_state(site.server, "ONLINE")
        assert fresh_sallyport.endpoint(site.server) == (site.address, site.port)
        assert transfer.describe_server(ServerId=site.server)["Server"] == described
        site.client().must(f"get a {tmp_path}/back")
    assert fresh_sallyport.state(stopped) == "OFFLINE"


def test_second_process_on_the_same_folder_is_refused(sallyport, binary):
    done = subprocess.run([str(binary), "serve", "--data-dir", sallyport.data_dir, "--api", f"127.0.0.1:{free_port()}"],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "another sallyport" in done.stderr


@pytest.mark.parametrize("arguments, words", [
    (["--api", "0.0.0.0:4566"], "loopback"),
    (["--api", "nonsense"], "ADDRESS:PORT"),
    (["--sftp-ports", "99999"], "ports"),
    (["--set", "sftp.idle_timeout=never"], "whole number"),
    (["--set", "no.such=1"], "no such setting"),
    (["--credentials", "justakey"], "KEY:SECRET"),
    (["--config", "/nonexistent.toml"], "/nonexistent.toml"),
    (["--nonsense"], "--nonsense"),
])
def test_wrong_arguments_are_named(binary, tmp_path, arguments, words):
    done = subprocess.run([str(binary), "serve", "--data-dir", str(tmp_path / "d"), *arguments], capture_output=True,
                          text=True, timeout=30)
    assert done.returncode in (1, 2) and words in done.stderr, done.stderr


def test_generated_credentials_work_and_are_private(binary, tmp_path):

    instance = Sallyport(binary, tmp_path / "d")
    command = [a for a in instance.command()]
    at = command.index("--credentials")
    del command[at:at + 2]
    instance.command = lambda: command
    with instance:
        path = tmp_path / "d" / "credentials"
        assert path.stat().st_mode & 0o777 == 0o600
        session = boto3.Session()
        lines = dict(line.split(" = ") for line in path.read_text().splitlines()[1:])
        client = session.client("transfer", endpoint_url=instance.api_url, region_name="us-east-1",
                                aws_access_key_id=lines["aws_access_key_id"],
                                aws_secret_access_key=lines["aws_secret_access_key"])
        assert client.list_servers()["Servers"] == []
        wrong = session.client("transfer", endpoint_url=instance.api_url, region_name="us-east-1",
                               aws_access_key_id=lines["aws_access_key_id"], aws_secret_access_key="x" * 40)
        with pytest.raises(ClientError):
            wrong.list_servers()


def test_print_config_shows_every_setting_and_hides_secrets(binary):
    done = subprocess.run([str(binary), "serve", "--credentials", "AKIAX:hush-hush", "--print-config"],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and "hush-hush" not in done.stdout
    for word in ("data_dir", "idle_timeout = 1800", "Unit: seconds", "Source: command line", "Source: default"):
        assert word in done.stdout


def test_health_and_metrics_are_open_and_the_rest_is_not(sallyport):
    with urllib.request.urlopen(sallyport.api_url + "/_sallyport/health") as answer:
        assert answer.status == 200
    with urllib.request.urlopen(sallyport.api_url + "/_sallyport/metrics") as answer:
        assert b"# TYPE" in answer.read()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(sallyport.api_url + "/_sallyport/endpoints")
    assert refused.value.code in (400, 403)


def test_logs_tail_prints_one_event_a_line(sallyport, tmp_path):
    site = Site(sallyport, tmp_path)
    site.client().interactive("bye")
    site.events(lambda e: len(e) >= 2)
    lines = sallyport.cli("logs", "tail", "--server", site.server).stdout.splitlines()
    assert [json.loads(line)["activity-type"] for line in lines] == ["CONNECTED", "DISCONNECTED"]


def test_shared_log_destination_gets_the_lines(sallyport, tmp_path):
    site = Site(sallyport, tmp_path)
    arn = "arn:aws:logs:us-east-1:000000000000:log-group:/shared/group:*"
    sallyport.call("UpdateServer", ServerId=site.server, StructuredLogDestinations=[arn])
    time.sleep(0.5)
    site.client().interactive("bye")
    for _ in range(100):
        lines = sallyport.cli("logs", "tail", "--server", site.server).stdout.splitlines()
        if len(lines) == 2:
            break
        time.sleep(0.05)
    assert len(lines) == 2
    logs = sallyport.client("logs")
    assert len(logs.filter_log_events(logGroupName="/shared/group")["events"]) == 2


def test_a_start_without_the_master_key_is_refused_and_nothing_is_lost(fresh_sallyport):
    fresh_sallyport.start()
    server = fresh_sallyport.server()
    fresh_sallyport.stop()
    key = f"{fresh_sallyport.data_dir}/master.key"
    with open(key) as file:
        good = file.read()
    with open(key, "w") as file:
        file.write("0" * 64 + "\n")
    with pytest.raises(AssertionError, match="(?s)serve ended with 2:.*another master key.*SALLYPORT_MASTER_KEY"):
        fresh_sallyport.start()
    with open(key, "w") as file:
        file.write(good)
    fresh_sallyport.start()
    fresh_sallyport.wait_state(server, "ONLINE")
