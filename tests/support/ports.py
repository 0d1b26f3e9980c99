"""Free loopback ports, taken from below the kernel's ephemeral range so that no outgoing connection takes
one between the look and the use."""

import random
import socket
import time

FIRST, LAST = 12000, 32000
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
