"""Counts signed API calls a second: DescribeServer over kept-alive connections, with wrk on the same machine.

Every request is signed (Signature Version 4) before it begins, each for another server or time, and verified,
authorised, looked up and written to the audit log as ever. With --peer URL the same requests go to another
endpoint as well, signed with the keys "test" and "test": an emulator of the same API, say. It is given servers of
its own first.
"""

import argparse
import datetime
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials

from measure import cpu_seconds
from peers import ROOT, machine

from support.sallyport import ACCESS_KEY, SECRET_KEY, Sallyport

REGION = "us-east-1"


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench api", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=16, help="kept alive (default 16)")
    parser.add_argument("--seconds", type=int, default=5, help="of a round (default 5)")
    parser.add_argument("--rounds", type=int, default=3, help="counted rounds, after one that warms up (default 3)")
    parser.add_argument("--servers", type=int, default=20, help="servers described in turn (default 20)")
    parser.add_argument("--peer", help="URL of another endpoint to ask the same")
    return parser.parse_args()


class Endpoint:
    def __init__(self, name, url, access_key, secret_key, pid=None):
        self.name, self.url, self.pid = name, url, pid
        self.credentials = botocore.credentials.Credentials(access_key, secret_key)
        self.transfer = boto3.client("transfer", endpoint_url=url, region_name=REGION, aws_access_key_id=access_key,
                                     aws_secret_access_key=secret_key)

    def make_servers(self, count):
        return [self.transfer.create_server()["ServerId"] for _ in range(count)]

    def signed(self, server):
        """The bytes of one request."""
        body = json.dumps({"ServerId": server})
        request = botocore.awsrequest.AWSRequest("POST", self.url + "/", data=body, headers={
            "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "TransferService.DescribeServer"})
        botocore.auth.SigV4Auth(self.credentials, "transfer", REGION).add_auth(request)
        prepared = request.prepare()
        lines = [f"{name}: {value}" for name, value in prepared.headers.items()]
        host = urllib.parse.urlsplit(self.url).netloc
        return "\r\n".join(["POST / HTTP/1.1", f"Host: {host}", *lines, "", body])

    def script(self, servers, folder):
        """A Lua script for wrk that sends the requests in turn and counts what is no 200."""
        requests = [self.signed(server) for server in servers]
        path = folder / "requests.lua"
        path.write_text("local requests = {\n" + "".join(f"{json.dumps(one)},\n" for one in requests) + "}\n"
                        "local turn = 0\n"
                        "function request()\n  turn = turn % #requests + 1\n  return requests[turn]\nend\n")
        return path

    def run(self, script, connections, seconds):
        """(calls a second, CPU seconds of the server per 1,000 calls)"""
        before = cpu_seconds(self.pid) if self.pid else 0
        done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script, self.url], text=True,
                              capture_output=True, check=True)
        spent = cpu_seconds(self.pid) - before if self.pid else float("nan")
        failed = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", done.stdout)
        if failed:
            sys.exit(f"bench: {self.name} did not answer every call with 200:\n{done.stdout}")
        calls = int(re.search(r"(\d+) requests in", done.stdout).group(1))
        return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout).group(1)), 1000 * spent / calls


def measure(endpoint, arguments, folder):
    servers = endpoint.make_servers(arguments.servers)
    rounds = []
    for _ in range(arguments.rounds + 1):
        # Signed anew: a signature is good for some minutes only.
        script = endpoint.script(servers, folder)
        rounds.append(endpoint.run(script, arguments.connections, arguments.seconds))
    rates, spent = zip(*rounds[1:])
    print(f"| {endpoint.name} | {statistics.median(rates):,.0f} | {statistics.median(spent):.3f} | "
          f"{min(rates):,.0f} to {max(rates):,.0f} |", flush=True)


def main():
    arguments = parse_arguments()
    folder = pathlib.Path(tempfile.mkdtemp(dir=ROOT / "build", prefix="bench-api-"))
    sallyport = Sallyport(ROOT / "build/release/sallyport", folder / "data").start()
    try:
        print(f"{machine()}; {arguments.connections} connections, {datetime.date.today()}\n\n"
              "| endpoint | calls/s | CPU s/1000 calls | slowest to fastest round |\n|---|---|---|---|")
        own = Endpoint("Sallyport", sallyport.api_url, ACCESS_KEY, SECRET_KEY, sallyport.process.pid)
        measure(own, arguments, folder)
        if arguments.peer:
            measure(Endpoint(arguments.peer, arguments.peer, "test", "test"), arguments, folder)
    finally:
        sallyport.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
