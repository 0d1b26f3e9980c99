"""Reads what an SSH server offers: its first KEXINIT (RFC 4253 section 7.1), as name-lists."""

import socket
import struct

FIELDS = ["kex", "host_keys", "ciphers_in", "ciphers_out", "macs_in", "macs_out", "compressions_in",
          "compressions_out"]


def _exactly(connection, size):
    out = b""
    while len(out) < size:
        piece = connection.recv(size - len(out))
        if not piece:
            raise ConnectionError("the server closed the connection before its KEXINIT was whole")
        out += piece
    return out


def offered(address, port):
    """{"ident": …, "kex": […], …}"""
    with socket.create_connection((address, port), timeout=20) as connection:
        connection.sendall(b"SSH-2.0-KexinitReader\r\n")
        ident = b""
        while not ident.endswith(b"\n"):
            ident += _exactly(connection, 1)
        length, = struct.unpack(">I", _exactly(connection, 4))
        packet = _exactly(connection, length)
    payload = packet[1:length - packet[0]]
    assert payload[0] == 20
    out, at = {"ident": ident.decode().strip()}, 17
    for field in FIELDS:
        size, = struct.unpack_from(">I", payload, at)
        names = payload[at + 4:at + 4 + size].decode()
        out[field] = names.split(",") if names else []
        at += 4 + size
    return out
