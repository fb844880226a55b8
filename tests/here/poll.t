#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""poll.t - the rung poll, which looks at /proc/net/tcp, on this machine's kernel"""

import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

# The repository stays as it is.
sys.dont_write_bytecode = True
sys.path.insert(0, "tests/lib")
from tap import finish, ok

if os.geteuid() != 0:
    print("1..0 # SKIP needs root")
    sys.exit(0)

signal.signal(signal.SIGINT, signal.default_int_handler)
TOOL = os.path.abspath("tcpaccept")
LAB = os.path.abspath("build/lab")


def text_of(file):
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode()


class Run:
    """A tcpaccept that polls; `before`: a command that runs it"""

    def __init__(self, *options, before=(), tool=TOOL, **more):
        self.out = tempfile.TemporaryFile()
        self.err = tempfile.TemporaryFile()
        self.tool = subprocess.Popen(
            [*before, tool, "--probe", "poll", *options],
            stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.err, **more)

    def armed(self):
        """-v says so, also where there is no header"""
        self.until(lambda: self.text() or "calls but" in text_of(self.err))
        return self

    def until(self, what):
        end = time.monotonic() + 30
        while not what() and self.tool.poll() is None and \
                time.monotonic() < end:
            time.sleep(0.005)
        return what()

    def text(self):
        return text_of(self.out)

    def rows(self, port):
        return [line.split() for line in self.text().splitlines()
                if line.split()[-1] == str(port)]

    def end(self, how=signal.SIGINT):
        if how:
            self.tool.send_signal(how)
        self.status = self.tool.wait(30)
        self.said = text_of(self.err)
        return self

    def told(self):
        """opened, waited, accepted, waiting, unseen"""
        line = re.search(r"connections here: (.*)", self.said)
        return [int(n) for n in re.findall(r"\d+", line[1])] if line else []


def listener(address="127.0.0.1"):
    server = socket.create_server((address, 0), backlog=64)
    return server, server.getsockname()[1]


def pair(server):
    client = socket.create_connection(server.getsockname()[:2])
    return client, server.accept()[0]


server, port = listener()
other, other_port = listener()

# What was there is not shown; what waited is, once it is accepted.
held = [pair(server)]
waiting = socket.create_connection(("127.0.0.1", port))
run = Run().armed()
held.append((waiting, server.accept()[0]))
ok(run.until(lambda: len(run.rows(port)) == 1),
   "of two from before the start, the one that waited shows", run.text())
held.append(pair(server))
ok(run.until(lambda: len(run.rows(port)) == 2), "and one from after it",
   run.text())
ok(run.rows(port)[1][:2] == [str(os.getpid()), "poll.t"] or
   run.rows(port)[1][:2] == [str(os.getpid()), "python3"],
   "with its process", run.rows(port))
# Closed here first: seen in TIME_WAIT, when no descriptor leads to it; on a busy
# machine a look may come just before that, but not each time.
for _ in range(3):
    client, accepted = pair(server)
    accepted.close()
    client.close()
ok(run.until(lambda: len(run.rows(port)) == 5) and
   ["-", "-"] in [row[:2] for row in run.rows(port)[2:]],
   "what this end closed before the look shows, without a process",
   run.text())
# Closed there first: nothing stays, and few of them meet a look.
for _ in range(20):
    client, accepted = pair(server)
    client.close()
    accepted.close()
run.end()
told = run.told()
shown = len(run.rows(port))
nobody = [line.split()[0] for line in run.text().splitlines()[1:]].count("-")
ok(run.status == 0 and len(told) == 5 and
   told[0] + told[1] == sum(told[2:]) and shown < 25 and
   told[4] >= 25 - shown and
   told[2] == len(run.text().splitlines()) - 1 and
   f"process is not known: {nobody}\n" in run.said,
   "what it did not see is counted, and the books balance", told, shown, nobody,
   run.said)
for client, accepted in held:
    client.close()
    accepted.close()
held = []

# Strict, and a short time.
run = Run("--strict", "-d", "0.4").armed()
client, accepted = pair(server)
client.close()
accepted.close()
run.end(None)
ok(run.status == 3, "--strict: 3 if any was not seen", run.said)
run = Run("-n", "1").armed()
held.append(pair(server))
run.end(None)
ok(run.status == 0 and len(run.rows(port)) == 1, "-n 1: one row", run.text())

# Filters, and two at a time.
mine, theirs = str(os.getpid()), "1"
few = [Run("-P", str(port)), Run("-p", mine), Run("-p", theirs),
       Run("-c", "nobody"), Run("-R", "127.0.0.0/8"), Run("-R", "10.0.0.0/8"),
       Run("-6"), Run("-u", "0"), Run("-u", "!0"), Run("-p", "!" + mine)]
for run in few:
    run.armed()
held += [pair(server), pair(other)]
all_of = (1, 1), (1, 1), (0, 0), (0, 0), (1, 1), (0, 0), (0, 0), (1, 1), \
    (0, 0), (0, 0)
few[0].until(lambda: few[0].rows(port))
few[1].until(lambda: few[1].rows(other_port))
few[4].until(lambda: few[4].rows(other_port))
few[7].until(lambda: few[7].rows(other_port))
shown = [(len(run.end().rows(port)), len(run.rows(other_port)))
         for run in few]
ok(shown[0] == (1, 0), "-P", shown)
ok(shown[1:] == list(all_of[1:]), "-p, -c, -R, -6, -u, each at a time",
   shown)

# Other forms.
run = Run("-j", "-v", "-P", str(port), "-o", "+BL,WAIT,EXE").armed()
held.append(pair(server))
run.until(run.text)
run.end()
row = json.loads(run.text())
ok(row["pid"] == os.getpid() and row["tid"] is None and row["uid"] == 0 and
   row["netns"] == os.stat("/proc/self/ns/net").st_ino and
   row["exe"] == os.readlink("/proc/self/exe") and row["cgroup"] is None and
   row["backlog"] is None and row["wait_us"] is None,
   "-j: what is not known is null", row)
ok("cannot show accept queues (BL, WAIT, DROPS)" in run.said,
   "and it says which columns of -o it cannot show", run.said)
run = Run("-C", "-P", str(port)).armed()
held += [pair(server) for _ in range(5)]
time_of_look = Run("-n", "1").armed()
held.append(pair(server))
time_of_look.end(None)
run.end()
ok(re.search(rf"^{mine} .* {port} +6 ", run.text(), re.M), "-C counts",
   run.text())

# One process accepts, and another one has it: the one that has it is shown.
run = Run("-P", str(port)).armed()
client = socket.create_connection(("127.0.0.1", port))
go_read, go_write = os.pipe()
child = os.fork()
if not child:
    os.close(go_write)
    accepted = server.accept()[0]
    os.read(go_read, 1)
    os._exit(0)
os.close(go_read)
run.until(lambda: run.rows(port))
ok([row[0] for row in run.rows(port)] == [str(child)],
   "the process that accepted, not its parent, is shown", run.text())
os.close(go_write)
os.waitpid(child, 0)
client.close()
# The keeper can look at processes, and no more.
with open(f"/proc/{run.tool.pid}/task/{run.tool.pid}/children") as file:
    keeper = file.read().split()[0]
with open(f"/proc/{keeper}/status") as file:
    status = file.read()
ok(re.search(r"^CapEff:\t0+80004$", status, re.M) and
   re.search(r"^Seccomp:\t2$", status, re.M),
   "its second process has two capabilities, and a filter of calls", status)
run.end()

# Looks that fail: what is there is not taken for new afterwards.
run = Run("-P", str(port), "--pace", "10").armed()
with open(f"/proc/{run.tool.pid}/task/{run.tool.pid}/children") as file:
    keeper = int(file.read().split()[0])
limits = resource.prlimit(keeper, resource.RLIMIT_NOFILE, (0, 4096))


def has_failed():
    run.tool.send_signal(signal.SIGUSR1)
    return re.search(r"so far: [1-9][0-9]+ looks at /proc/net/tcp failed",
                     text_of(run.err))


ok(run.until(has_failed), "looks that fail are told", text_of(run.err))
resource.prlimit(keeper, resource.RLIMIT_NOFILE, (4096, 4096))
held.append(pair(server))
run.until(lambda: run.rows(port))
run.end()
ok(len(run.rows(port)) == 1, "and nothing that was there is shown after them",
   run.text())

# Quiet, it does not look; what listened before that may not listen now.
run = Run("--pace", "5").armed()
with open(f"/proc/{run.tool.pid}/task/{run.tool.pid}/children") as file:
    keeper = int(file.read().split()[0])


def wakes():
    with open(f"/proc/{keeper}/status") as file:
        return int(re.search(r"\nvoluntary.*?(\d+)", file.read())[1])


was, was_port = listener()
client, accepted = pair(was)
run.until(lambda: run.rows(was_port))
for one in client, accepted, was:
    one.close()
before = wakes()
run.until(lambda: wakes() > before + 20)
client = socket.socket()
client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
client.bind(("127.0.0.1", was_port))
client.connect(("127.0.0.1", port))
held.append((client, server.accept()[0]))
run.until(lambda: run.rows(port))
run.end()
ok(len(run.rows(was_port)) == 1 and len(run.rows(port)) == 1,
   "a client at the port of a listener that has gone shows no row",
   run.text())

# One that is there for a while, also a quiet one, and accepts once.
run = Run("--pace", "20").armed()
with open(f"/proc/{run.tool.pid}/task/{run.tool.pid}/children") as file:
    keeper = int(file.read().split()[0])
before = wakes()
run.until(lambda: wakes() > before + 20)
once, once_port = listener()
before = wakes()
run.until(lambda: wakes() > before + 20)
held.append(pair(once))
once.close()
run.until(lambda: run.rows(once_port))
run.end()
ok(len(run.rows(once_port)) == 1,
   "what stays open, of a listener that accepts once, shows", run.said)

# The last look has what came after the one before, whose rows are shown by then.
run = Run("--pace", "1000").armed()
for _ in range(15):
    held.append(pair(server))
    time.sleep(0.1)
run.end()
ok(len(run.rows(port)) == 15, "what is accepted just before the end shows",
   len(run.rows(port)), run.said)

# Closed here, and so of no user and no process that filters could ask for.
few = [Run("--strict", "-q", "-P", str(port), *words)
       for words in (["-u", "0"], ["-u", "!0"], ["-p", mine],
                       ["-R", "10.0.0.0/8"])]
for run in few:
    run.armed()
client, accepted = pair(server)
accepted.close()
client.close()
few[1].until(lambda: few[1].rows(port))
for run in few:
    run.end()
ok(few[0].status == few[2].status == 3 and
   [len(run.rows(port)) for run in few] == [0, 1, 0, 0] and
   ["left out, as their process is not known: 1\n" in run.said
    for run in few] == [True, False, True, False],
   "accepts that -u and -p leave out, as they are of nobody now, are told",
   [(run.status, run.said) for run in few])

# Where nothing else works.
DENIED = [LAB, "deny", "bpf", LAB, "deny", "perf_event_open"]
run = Run(before=DENIED).armed()
held.append(pair(server))
ok(run.until(lambda: run.rows(port)), "without bpf(2) and perf_event_open(2)",
   text_of(run.err))
run.end()
alone = subprocess.run([*DENIED, TOOL], capture_output=True, text=True)
ok(alone.returncode == 1 and alone.stderr.count("\n") == 1 and
   "--probe poll" in alone.stderr, "there, without it, one line offers it",
   alone.stderr)
check = subprocess.run([*DENIED, TOOL, "--check"], capture_output=True,
                       text=True)
words = " ".join(check.stdout.split())
ok(check.returncode == 1 and "does not work --probe poll" in words and
   "poll yes" in words and words.endswith("shows connections that last 0.1 s"),
   "and so does --check", words)
check = subprocess.run([*DENIED, TOOL, "--check", "--probe", "poll"],
                       capture_output=True, text=True)
ok(check.returncode == 0 and "works, by poll" in check.stdout,
   "--check --probe poll: it works", check.stdout)

# Not root: its own processes, and the connections of others.
with tempfile.TemporaryDirectory() as place:
    os.chmod(place, 0o755)
    shutil.copy(TOOL, place)
    run = Run(tool=place + "/tcpaccept", user=65534, group=65534,
              extra_groups=[]).armed()
    held.append(pair(server))
    shutil.copy(LAB, place)
    own = subprocess.Popen(
        [place + "/lab", "each", "block", "4"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, env={"LAB_HOLD": "yes"},
        user=65534, group=65534, extra_groups=[])
    own_port = own.stdout.readline().split()[-1]
    run.until(lambda: run.rows(port) and run.rows(own_port))
    ok([row[0] for row in run.rows(port)] == ["-"] and
       [row[0] for row in run.rows(own_port)] == [str(own.pid)],
       "as nobody: root's accepts without a process, its own with it",
       run.text())
    own.communicate("")
    run.end()
    ok("note: PID and COMM are - for other users' processes" in run.said,
       "and it says so", run.said)

    bare = subprocess.run(
        ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec '
         'setpriv --reuid 65534 --clear-groups "$0" --probe poll -d 1',
         place + "/tcpaccept"], capture_output=True, text=True)
    ok(bare.returncode == 1 and "/proc, which must be mounted" in bare.stderr
       and bare.stderr.count("\n") == 1,
       "without /proc, as nobody: what to do", bare.stderr)

# Wrong usage.
for words in ["--netns", "1"], ["--cgroup", "/"], ["--container", "0"], \
        ["--cgroupmap", "/x"], ["--mntnsmap", "/x"], ["--pace", "1001"]:
    run = Run(*words).end(None)
    ok(run.status == 2 and run.said.count("\n") == 1,
       f"{words[0]} {words[1]} is refused", run.said)
wrong = subprocess.run([TOOL, "--probe", "pol"], capture_output=True,
                       text=True)
ok(wrong.returncode == 2 and "ftrace or poll" in wrong.stderr,
   "--probe names it, and not by its beginning", wrong.stderr)

# The pace.
run = Run("--pace", "1", "-P", str(port)).armed()
held.append(pair(server))
ok(run.until(lambda: run.rows(port)), "--pace 1", run.text())
run.end()
sys.exit(finish())
