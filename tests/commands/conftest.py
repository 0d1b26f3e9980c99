import json
import shlex
import subprocess

import pytest

from support.sshkeys import new_key


class Site:
    """A server with a user `ann`, and our commands about them."""

    def __init__(self, sallyport, folder, **members):
        self.sallyport, self.folder = sallyport, folder
        self.key = new_key(folder)
        self.server = sallyport.server()
        self.bucket = sallyport.user(self.server, self.key, **members)

    def explain(self, path, action=None, *more, user="ann", server=None):
        command = ["explain-access", "--user", user, "--server", server or self.server, "--path", path, *more]
        return self.sallyport.cli(*command, *(["--action", action] if action else []), check=False)

    def explain_json(self, path, action=None, *more):
        done = self.explain(path, action, "--json", *more)
        assert done.returncode in (0, 1), done.stderr
        return json.loads(done.stdout)

    def give_role(self, policy, **members):
        arn = self.sallyport.role(policy, **members)
        self.sallyport.client("transfer").update_user(ServerId=self.server, UserName="ann", Role=arn)
        return arn.rsplit("/", 1)[1]

    def update(self, **members):
        self.sallyport.client("transfer").update_user(ServerId=self.server, UserName="ann", **members)


@pytest.fixture
def site(sallyport, tmp_path):
    return Site(sallyport, tmp_path)


@pytest.fixture
def make_site(sallyport, tmp_path):
    def make(**members):
        return Site(sallyport, tmp_path, **members)
    return make


def statement(action, resource="*", effect="Allow", **more):
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def type_in(sallyport, command):
    """Runs a command that ours said to type: of the AWS CLI, against this Sallyport."""
    words = shlex.split(command)
    assert words[:3] == ["aws", "--endpoint-url", sallyport.api_url], command
    done = subprocess.run(words, env=sallyport.environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{command}\n{done.stderr}"


def commands_of(text):
    """The lines that are commands of the AWS CLI, without what leads to them."""
    return [line[line.index("aws --endpoint-url"):] for line in text.splitlines() if "aws --endpoint-url" in line]
