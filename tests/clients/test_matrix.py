"""Every foreign client against several security policies, operation by operation; docs/compatibility.md shows the same."""

import concurrent.futures
import os
import re

import pytest

from . import page
from .libraries import Asyncssh, NodeSftp, Paramiko
from .matrix import NOTHING_IN_COMMON, WORKS, Trial, expected_of
from .openssh import Dbclient, Scp, SharedSftp, Sftp
from .programs import Curl, Lftp, Rclone, Sshfs
from .putty import Pscp, Psftp
from .world import World

CLIENTS = [Sftp, SharedSftp, Scp, Lftp, Psftp, Pscp, Curl, Rclone, Paramiko, Asyncssh, NodeSftp, Dbclient, Sshfs]
# With the first one every client has algorithms in common.
POLICIES = ["2018-11", "2022-03", "2024-01", "2025-03", "FIPS-2020-06", "FIPS-2025-03"]
# What an extended server accepts has nothing to do with its algorithms: old ones, which every client has, and new ones.
EXTENDED_POLICIES = ["2018-11", "2025-03"]

CASES = [(client, policy, strict) for client in CLIENTS
         for strict, policies in ((True, POLICIES), (False, EXTENDED_POLICIES)) for policy in policies]
# Clients wait for one another's ports, disks and keys more than they compute.
SIDE_BY_SIDE = 2 * (os.cpu_count() or 1)


def parameters():
    for client, policy, strict in CASES:
        name = re.sub(r"[^A-Za-z0-9]+", "-", f"{client.name}-{page.label(policy, strict)}")
        yield pytest.param((client, policy, strict), id=name,
                           marks=[] if policy == POLICIES[0] and strict else [pytest.mark.heavy])


def trial(case, world, folder):
    client_class, policy, strict = case
    client = client_class(world.place(policy, re.sub(r"[^a-z0-9]+", "-", client_class.name.lower()), strict), folder)
    try:
        return Trial(client, world).run(expected_of(*case))
    finally:
        client.close()


@pytest.fixture(scope="module")
def trials(request, sallyport, tmp_path_factory):
    """Starts the chosen cases side by side; case → the future of what came of it."""
    chosen = [item.callspec.params["case"] for item in request.session.items
              if getattr(item, "originalname", "") == "test_client" and item.module is request.module]
    folder = tmp_path_factory.mktemp("clients")
    world = World(sallyport, folder)
    for policy, strict in dict.fromkeys((policy, strict) for _, policy, strict in chosen):
        world.add_server(policy, strict)
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        yield {case: pool.submit(trial, case, world, folder / str(number))
               for number, case in enumerate(chosen) if case[0].can_run()}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("case", parameters())
def test_client(case, trials):
    client = case[0]
    if not client.can_run():
        pytest.skip("what it needs is not available here")
    seen, expected = trials[case].result(timeout=1500), expected_of(*case)
    if client.version() == page.written_versions().get(client.name) or page.WRITES:
        assert seen == expected
        return
    # Another version may say it in other words, and have algorithms that this one has not.
    kinds, wanted = ({operation: kind for operation, (kind, _) in cells.items()} for cells in (seen, expected))
    assert kinds == wanted or (set(kinds.values()) == {WORKS} and set(wanted.values()) == {NOTHING_IN_COMMON})


def test_page_shows_what_is_expected_here():
    versions = {client.name: client.version() for client in CLIENTS} if page.WRITES else page.written_versions()
    content = page.render(CASES, versions)
    if page.WRITES:
        page.write(content)
    assert page.written() == content, "docs/compatibility.md says otherwise; SALLYPORT_WRITE_DOCS=1 rewrites it"


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_expectations_are_about_what_the_matrix_tries(client):
    for refusals in (client.refuses, client.refuses_strict):
        assert set(refusals) <= set(page.OPERATIONS) - set(client.lacks)
    assert set(client.without) <= set(POLICIES[1:])
    assert set(client.lacks) < set(page.OPERATIONS)
