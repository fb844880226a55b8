#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""terminal.t - tcpaccept on a terminal: rows come at once, and one that is
stopped, or that nobody reads, cannot keep it from ending"""

import os
import pty
import select
import signal
import socket
import subprocess
import sys
import termios
import time

# The repository stays as it is.
sys.dont_write_bytecode = True
sys.path.insert(0, "tests/lib")
from tap import finish, ok

if os.geteuid() != 0:
    print("1..0 # SKIP needs root")
    sys.exit(0)

# Also where a shell's & above us has it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)


def accept(listener, count=1):
    for _ in range(count):
        client = socket.create_connection(listener.getsockname())
        listener.accept()[0].close()
        client.close()


def read_until(fd, word, seconds=20):
    """What the terminal shows, up to a word"""
    text = b""
    end = time.monotonic() + seconds
    while word not in text and time.monotonic() < end:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                text += os.read(fd, 65536)
            except OSError:  # the other end is closed
                break
    return text


def start(stderr, *options, lines=0):
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (lines, 80))
    tool = subprocess.Popen(["./tcpaccept", "-p", str(os.getpid()), *options],
                            stdout=slave, stderr=slave if stderr else
                            subprocess.DEVNULL, start_new_session=True)
    read_until(master, b"\r\n")
    return tool, master, slave


def ends(tool, status=0):
    """By SIGINT; 1 if there are rows that it could not write"""
    tool.send_signal(signal.SIGINT)
    try:
        return tool.wait(20) == status
    except subprocess.TimeoutExpired:
        tool.kill()
        return False


listener = socket.create_server(("127.0.0.1", 0))
port = str(listener.getsockname()[1]).encode()

tool, master, slave = start(False)
accept(listener)
ok(port in read_until(master, port + b"\r\n"), "a row shows at once")
ok(ends(tool), "SIGINT ends it")

for stderr in False, True:
    too = ", stderr on it too" if stderr else ""
    tool, master, slave = start(stderr)
    accept(listener, 600)
    ok(ends(tool, 1), "SIGINT ends it on a terminal that nobody reads" + too)
    tool, master, slave = start(stderr)
    termios.tcflow(slave, termios.TCOOFF)
    accept(listener, 20)
    ok(ends(tool, 1), "SIGINT ends it on a terminal that is stopped" + too)

# A screen of eight lines: the header, six rows, and the line of the cursor.
tool, master, slave = start(False, lines=8)
accept(listener, 13)
ends(tool)
os.close(slave)
text = [line[:3] for line in read_until(master, b"none").split(b"\r\n")]
ok(text == [b"PID" if line % 7 == 6 else text[0] for line in range(15)] + [b""],
   "the header again after each screen")

tool, master, slave = start(False, "-C", "-o", "RADDR", lines=8)
for last in range(1, 10):
    with socket.create_connection(listener.getsockname(), 5,
                                  (f"127.0.0.{last}", 0)):
        listener.accept()[0].close()
ends(tool)
os.close(slave)
text = read_until(master, b"none").split(b"\r\n")
ok(len(text) == 7 and text[0].endswith(b"  9 accepts, 9 groups, 5 shown"),
   "-C shows as many groups as a screen has room for")

sys.exit(finish())
