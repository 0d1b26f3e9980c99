"""A mount that answers nothing, and processes that do not go on: nobody else waits, and the program ends."""

import os
import signal
import subprocess
import time

import pytest

from .conftest import needs_root
from .test_faults import children, status_of, watcher_of
from support.file_systems import FILE_SYSTEM, OTHER_SYSTEM, FileSite
from support.hung_mount import HungMount


@pytest.fixture
def site(binary, tmp_path):
    """One of a test's own, as most of them end it."""
    site = FileSite(binary, tmp_path, settings={"shutdown.grace": 0})
    site.sallyport.start()
    yield site
    if site.sallyport.process is not None:
        site.sallyport.kill()


@pytest.fixture
def hung(site):
    """Where the second file system is."""
    with HungMount(site.other) as mount:
        if not mount.mounted:
            pytest.skip("mounting is not permitted here")
        yield mount


def end(site):
    """The exit code, and what the program said."""
    process, site.sallyport.process = site.sallyport.process, None
    process.send_signal(signal.SIGTERM)
    return process.wait(120), site.sallyport.stderr()


def wait_ended(pids):
    """Whoever inherits them need not have taken notice yet."""
    for _ in range(1200):
        if all(not os.path.exists(f"/proc/{pid}") or status_of(pid).get("State", "Z")[0] == "Z" for pid in pids):
            return
        time.sleep(0.05)
    raise AssertionError(f"not all of {pids} have ended")


@needs_root
def test_a_mount_that_hangs_holds_up_no_other_file_system_and_no_other_user(site, hung):
    user, stuck = site.user(), site.user()
    for name in "abcdef":  # more than threads.files
        stuck.client.start(f"ls /{OTHER_SYSTEM}/{name}")
    hung.wait_asked()
    user.client.must(f"ls /{FILE_SYSTEM}/home")


@needs_root
def test_the_end_does_not_wait_for_a_mount_that_hangs(site, hung):
    user = site.user()
    user.client.start(f"ls /{OTHER_SYSTEM}/a")
    hung.wait_asked()
    code, said = end(site)
    assert code == 1
    assert f"ending without waiting any longer for: sessions that do not end; {OTHER_SYSTEM} (requests: 1)" in said
    hung.release()
    site.sallyport.start()
    user.wait_event(activity_type="CONNECTED")
    user.client.must("ls")


@needs_root
def test_a_mount_that_hung_at_the_start_keeps_no_later_start_from_the_data_folder(binary, tmp_path):
    site = FileSite(binary, tmp_path, settings={"shutdown.grace": 0})
    with HungMount(site.other) as mount:
        if not mount.mounted:
            pytest.skip("mounting is not permitted here")
        site.sallyport.start(wait=False)
        mount.wait_asked()  # from now on no signal ends who asked
        try:
            site.sallyport.wait_ready()
            site.sallyport.kill()
            site.sallyport.start()
        finally:
            site.sallyport.kill()
    assert f"{site.other} of {OTHER_SYSTEM} does not answer, so it is not checked" in site.sallyport.stderr()


def test_the_end_does_not_wait_for_a_process_that_was_stopped_in_a_request(site):
    user = site.user()
    watcher = watcher_of(site)
    workers = children(watcher)
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    user.client.start("ls")
    user.wait_event(activity_type="CONNECTED")
    code, said = end(site)
    assert code == 1 and f"{FILE_SYSTEM} (requests: 1)" in said
    wait_ended([watcher, *workers])


def test_idle_processes_that_were_stopped_are_ended(site):
    site.user().client.must("ls")
    watcher = watcher_of(site)
    workers = children(watcher)
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    code, said = end(site)
    assert code == 0 and "without waiting" not in said
    wait_ended([watcher, *workers])


@needs_root
def test_the_doctors_look_at_a_mount_that_hangs_holds_nobody_up(site, hung):
    look = subprocess.Popen([site.sallyport.binary, "doctor", "--api", site.sallyport.api_url],
                            env=site.sallyport.environment(), stdout=subprocess.PIPE, text=True)
    hung.wait_asked()
    user = site.user()
    user.client.must("mkdir d", f"ls /{FILE_SYSTEM}")
    assert look.poll() is None
    hung.release()
    assert OTHER_SYSTEM in look.communicate(timeout=120)[0]
