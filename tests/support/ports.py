"""Free loopback ports, taken from below the kernel's ephemeral range so that no outgoing connection takes
one between the look and the use. Processes that test beside each other take them from parts of their own: what one
has chosen and does not listen on yet looks free to the others."""

import os
import random
import socket
import time


def _part():
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    own = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    size = 20000 // workers
    return 12000 + own * size, 12000 + (own + 1) * size


FIRST, LAST = _part()
_random = random.SystemRandom()


def is_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port_range(count):
    """(first, last) of `count` neighbouring ports that nobody listens on."""
    for _ in range(1000):
        first = _random.randrange(FIRST, LAST - count)
        if all(is_free(port) for port in range(first, first + count)):
            return first, first + count - 1
    raise RuntimeError(f"no {count} free neighbouring ports")


def free_port():
    return free_port_range(1)[0]


def wait_listening(port, seconds=30):
    """Until somebody greets at the port."""
    for _ in range(seconds * 20):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
                if s.recv(1):
                    return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on port {port} after {seconds} s")
