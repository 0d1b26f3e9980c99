"""The commands of docs/troubleshooting.md do what they say, typed as they stand."""

import re
import shlex
import subprocess

import pytest

from api.helpers import AWS
from support import elsewhere
from support.sshkeys import new_key

from . import table
from .world import World, policy

COMMANDS = re.findall(r"^    (.+)$", table.PAGE.read_text(), re.M)
FILES = dict(re.findall(r"with `([a-z]+\.json)`:\n\n```json\n(.*?)\n```", table.PAGE.read_text(), re.S))
ALIAS = "alias aws4='aws --endpoint-url http://127.0.0.1:4566'"


@pytest.fixture(scope="module")
def shell(sallyport, server, tmp_path_factory):
    """Runs a command of the page where a user was refused, and a stranger turned away."""
    folder = tmp_path_factory.mktemp("page")
    world = World(sallyport, server, folder)
    world.user_name = "ann"
    world.user(policy(("Deny", "s3:*", "*")))
    world.client().interactive("ls", "mkdir d")
    sallyport.wait_events(server, lambda events: any(e["activity-type"] == "ERROR" for _, e in events))
    world.settle()
    host = "[{}]:{}".format(*sallyport.endpoint(server))
    (folder / "key.pub").write_text(new_key(folder).public_text)
    (folder / "known_hosts").write_text(f"{host} {world.key.public_text}\n")

    def filled(text):
        return world.fill(text.replace("ROLE", world.role_name).replace("[HOST]:PORT", host))

    for name, text in FILES.items():
        (folder / name).write_text(filled(text))
    typed = {"aws4": f"{AWS} --endpoint-url {sallyport.api_url}", "sallyport": shlex.quote(sallyport.binary),
             "ssh-keygen": f"ssh-keygen -f {folder}/known_hosts"}

    def run(command):
        program, rest = command.split(" ", 1)
        return subprocess.run(["bash", "-c", f"{typed[program]} {filled(rest)}"], cwd=folder, capture_output=True,
                              env={**sallyport.environment(), "AWS_ENDPOINT_URL": sallyport.api_url}, text=True,
                              timeout=60)

    return run


def test_page_has_commands_and_files():
    assert COMMANDS[0] == ALIAS and len(COMMANDS) > 15
    assert set(FILES) == {"trust.json", "rights.json"}


@pytest.mark.skipif(elsewhere.mode() is not None, reason="the page is about the embedded buckets and roles")
@pytest.mark.parametrize("command", COMMANDS[1:])
def test_command_works(shell, command):
    done = shell(command)
    # The user of this page is denied, and so says explain-access.
    assert done.returncode == (1 if "explain-access" in command else 0), done.stdout + done.stderr
    if "explain-access" in command:
        assert "Deny" in done.stdout or "deny" in done.stdout
    if "logs" in command:
        assert "ERROR" in done.stdout or "AUTH_FAILURE" in done.stdout
