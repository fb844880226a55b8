#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""listeners.t - a server that hangs: --listeners, DROPS, and the line about
connections that were dropped, in a network namespace of our own"""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time

# The repository stays as it is.
sys.dont_write_bytecode = True
sys.path.insert(0, "tests/lib")
from tap import finish, ok

if os.geteuid() != 0:
    print("1..0 # SKIP needs root")
    sys.exit(0)
if len(sys.argv) < 2:
    os.execvp("unshare", ["unshare", "-n", sys.executable, __file__, "inside"])

TOOL = "./tcpaccept"
with open("/proc/self/comm") as own:
    COMM = own.read().strip()


def await_true(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def overflows():
    with open("/proc/net/netstat") as file:
        names, values = [line.split() for line in file if line.startswith("TcpExt:")]
    return int(values[names.index("ListenOverflows")])


def listeners(*options):
    return subprocess.run([TOOL, "--listeners", *options], text=True,
                          stdout=subprocess.PIPE, check=True).stdout


def row_of(port):
    return next((line.split() for line in listeners().splitlines()[1:]
                 if line.split()[3] == str(port)), None)


def object_of(port, **options):
    return next((found for found in map(json.loads,
                                        listeners("-j").splitlines())
                 if found["lport"] == port), None)


subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
hung = socket.create_server(("127.0.0.1", 0), backlog=1)
port = hung.getsockname()[1]
other = socket.create_server(("::1", 0), family=socket.AF_INET6)

tool = subprocess.Popen([TOOL, "-C", "3600", "-j", "-v"], text=True,
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
told = ""
while "system calls" not in told and tool.poll() is None:
    told += tool.stderr.readline()
before = overflows()
clients = []
for _ in range(6):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(hung.getsockname())
    clients.append(client)
ok(await_true(lambda: overflows() > before), "its queue overflows")
row, found = row_of(port), object_of(port)
ok(row and row[:5] == [str(os.getpid()), COMM, "127.0.0.1", str(port),
                                  "2/1"] and row[6] == "0",
   "--listeners shows the process, the address, and a queue that is full", row)
ok(found and found["pid"] == os.getpid() and found["backlog"] == 2 and
   found["backlog_max"] == 1 and found["drops"] > 0 and
   found["accepting"] == 0, "so does -j, with the drops", found)
ok(object_of(other.getsockname()[1])["laddr"] == "::1", "and IPv6")

tool.terminate()
out, err = tool.communicate(timeout=60)
whole = json.loads(out.splitlines()[0])
said = re.search(r"(\d+) connection requests were dropped meanwhile: an accept "
                 r"queue was full \(ListenOverflows; ListenDrops: (\d+)\)", err)
ok(said and int(said[1]) > 0 and int(said[2]) >= int(said[1]) and
   whole["dropped"] == int(said[1]) and whole["accepts"] == 0,
   "at the end it says so, with -j in the interval, too", err, out)

# Who accepts now takes a connection of a listener that has dropped some.
tool = subprocess.Popen([TOOL, "-o", "PID,LPORT,DROPS,BL", "-n", "1"], text=True,
                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
header = tool.stdout.readline()
hung.accept()[0].close()
row = tool.communicate(timeout=60)[0].split()
ok(header.split() == ["PID", "LPORT", "DROPS", "BL"] and row[1] == str(port) and
   (row[2] == "-" or int(row[2]) > 0), "DROPS: the listener's", header, row)

for client in clients:
    client.close()
for _ in range(3):
    threading.Thread(target=other.accept, daemon=True).start()
ok(await_true(lambda: object_of(other.getsockname()[1])["accepting"] in (3, None)),
   "three threads are in accept()", object_of(other.getsockname()[1]))

os._exit(finish())
