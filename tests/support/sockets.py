"""Raw sockets to a server that may close first."""

import errno
import socket


def end_sending(connection):
    """Tells the other side that nothing more comes; it may have gone by then."""
    try:
        connection.shutdown(socket.SHUT_WR)
    except OSError as error:
        if error.errno != errno.ENOTCONN:
            raise
