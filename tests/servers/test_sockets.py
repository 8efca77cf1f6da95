"""Whoever waits for an answer is woken when the connection is broken off, on every system."""

from __future__ import annotations

import socket
import threading

import pytest

from offcirc.servers.sockets import break_off

PATIENCE = 20
"""Seconds after which a reader that was not woken is given up."""


@pytest.mark.parametrize("timeout", [None, 60.0], ids=["for ever", "with a limit"])
def test_a_reader_that_waits_is_woken(timeout):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ours = socket.create_connection(listening.getsockname())
        theirs, _address = listening.accept()
    with ours, theirs:
        ours.settimeout(timeout)
        began, came = threading.Event(), []

        def read():
            began.set()
            try:
                came.append(ours.recv(10))
            except OSError as error:
                came.append(error)

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        assert began.wait(PATIENCE)
        reader.join(0.2)  # it is in recv() by then; before or in it, it must end
        break_off(ours)
        reader.join(PATIENCE)
        assert not reader.is_alive()
        assert came[0] == b"" or isinstance(came[0], OSError)
        break_off(ours)
    assert ours.fileno() == -1


def test_a_handle_that_came_after_it_is_left_alone():
    first, other = socket.socketpair()
    break_off(first)
    later = socket.socketpair()  # on Windows, very likely with the freed handle
    first.close()
    break_off(first)
    later[0].sendall(b"still here")
    assert later[1].recv(20) == b"still here"
    for each in (other, *later):
        each.close()
