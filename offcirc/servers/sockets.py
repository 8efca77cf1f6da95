"""Breaking a connection on which another thread waits, on every system."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress


def break_off(connection: socket.socket) -> None:
    """Wake whoever waits for an answer on a connection, which is then of no use any more.

    From whatever thread, and as often as one likes. Whoever owns the connection still closes it;
    that closes nothing twice.
    """
    with suppress(OSError):
        # As a plain socket: one of TLS would forget its encryption under its reader's hands.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    if sys.platform == "win32":
        # There only this wakes it, and elsewhere only the former does. Of the class of sockets
        # in C, which knows from then on that it has no handle; Python's own would wait for files
        # made of it, and TLS's would forget its encryption.
        with suppress(OSError):
            super(socket.socket, connection).close()
