#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""books.t - in every way that a run can end, rows, what was filtered and what
is told as lost add up to the accepts that were made

books.t soak: a million of them instead; RSS, descriptors and CPU time."""

import fcntl
import os
import pty
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import time

# The repository stays as it is.
sys.dont_write_bytecode = True
sys.path.insert(0, "tests/lib")
import tap

if os.geteuid() != 0:
    print("1..0 # SKIP needs root")
    sys.exit(0)

# Nobody else's accepts count, nor their losses.
ONLY = ["-c", "lab-server-name"]
# Also where a shell's & above us has it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
table = []


def ok(good, name):
    tap.ok(good, name, table[-1] if table else "")


class Run:
    """A tcpaccept; all that it says in the end"""

    def __init__(self, *options, stdout=None, before=None, only=ONLY,
                 err=None):
        self.err = err or tempfile.TemporaryFile()
        self.out = stdout or tempfile.TemporaryFile()
        self.tool = subprocess.Popen(
            ["./tcpaccept", *only, *options], stdin=subprocess.DEVNULL,
            stdout=self.out, stderr=self.err, preexec_fn=before)

    def armed(self):
        while not os.fstat(self.out.fileno()).st_size:
            if self.tool.poll() is not None:
                break
            time.sleep(0.01)
        return self

    def end(self, how=signal.SIGINT):
        if how:
            self.tool.send_signal(how)
        self.status = self.tool.wait(30)
        self.err.seek(0)
        self.said = self.err.read().decode()
        return self

    def text(self):
        return text_of(self.out)

    def told(self, pattern):
        return sum(int(n) for n in re.findall(pattern, self.said, re.M))

    def lost(self):
        return (self.told(r"^tcpaccept: lost (\d+) accepts:") +
                self.told(r"^tcpaccept: rows not written: (\d+):"))

    def maybe(self):
        return self.told(r"^tcpaccept: up to (\d+) more accepts(?! so far)")


def burst(count, clients=4, servers=2):
    made = subprocess.run(["build/lab", "burst", str(count), str(clients),
                           str(servers)], stdout=subprocess.PIPE, check=True)
    return int(made.stdout)


def rows(text):
    return len(re.findall(rb"lab-server-n", text))


def text_of(file):
    """Without a seek, which would move its writer too"""
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)


def burst_at_once(run):
    """That it meets all of it before it can end by itself"""
    run.tool.send_signal(signal.SIGSTOP)
    made = burst(2000)
    run.tool.send_signal(signal.SIGCONT)
    return made


def whole(text):
    """Without a row that was cut"""
    return text[:text.rfind(b"\n")]


def balance(name, made, shown, run, filtered=0, status=0, more=True):
    lost = run.lost()
    table.append((name, made, shown, filtered, lost, run.maybe()))
    known = shown + filtered + lost
    ok(known <= made <= known + run.maybe() and run.status == status and more,
       f"{name}: it balances")


def signals():
    for name in "SIGINT", "SIGTERM", "SIGHUP":
        run = Run(before=lambda: signal.signal(signal.SIGHUP,
                                               signal.SIG_DFL)).armed()
        made = burst(3000)
        run.end(getattr(signal, name))
        balance(name, made, rows(run.text()), run)


def asked():
    """SIGUSR1: what it says meanwhile is what it has written"""
    run = Run("--ring", "1").armed()
    made = burst_at_once(run)
    reports = []
    end = time.monotonic() + 30
    while time.monotonic() < end and run.tool.poll() is None:
        run.tool.send_signal(signal.SIGUSR1)
        time.sleep(0.05)
        said = text_of(run.err)
        reports = [int(n) for n in
                   re.findall(rb"^tcpaccept: accepts so far: (\d+) in \d+ s$",
                              said, re.M)]
        if len(reports) > 1 and reports[-1] == rows(run.text()):
            break
    ok(len(reports) > 1 and 0 < reports[-1] == rows(run.text()) and
       b" accepts so far: the perf ring was full" in said,
       f"SIGUSR1: {reports[-1:]} accepts so far, and losses")
    made += burst(300)
    run.end()
    balance("SIGUSR1, then SIGINT", made, rows(run.text()), run)


def limits():
    run = Run("-d", "2").armed()
    made = burst(2000)
    run.end(None)
    balance("-d 2", made, rows(run.text()), run)
    run = Run("-n", "1000").armed()
    burst(3000)
    run.end(None)
    # Nobody knows of how many it ended; what was lost before, it tells.
    balance("-n 1000", 1000 + run.lost(), rows(run.text()), run)


def late_header():
    """-d counts from the header on, however late a reader lets it show"""
    read, write = os.pipe()
    fill(write)
    with os.fdopen(write, "wb") as stdout:
        run = Run("-d", "2", "-v", stdout=stdout)
    while b"capabilities" not in text_of(run.err):
        time.sleep(0.01)
    # It waits for stdout, longer than -d says.
    time.sleep(2.5)
    text = b""
    while b"\n" not in text:
        text = os.read(read, 65536)
    start = time.monotonic()
    run.end(None)
    took = time.monotonic() - start
    os.close(read)
    ok(took > 1.99 and run.status == 0, "-d 2: two seconds from the header on")


def counts():
    run = Run("-C", "-o", "COMM").armed()
    made = burst(3000)
    run.end()
    shown = sum(int(n) for n in
                re.findall(rb"^lab-server-n +(\d+)", run.text(), re.M))
    balance("-C", made, shown, run)


def filtered():
    run = Run("-c", "nobody", only=[]).armed()
    made = burst(3000)
    run.end()
    balance("a filter", made, rows(run.text()), run, filtered=made)


def overflow():
    run = Run("--ring", "1").armed()
    made = burst(20000)
    run.end()
    balance("--ring 1", made, rows(run.text()), run,
            more="--ring" in run.said and run.lost() > 0)


def full_disk():
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none",
                        place], check=True)
        try:
            with open(place + "/rows", "w+b") as file:
                run = Run(stdout=file).armed()
                made = burst_at_once(run)
                run.end(None)
                shown = rows(whole(run.text()))
        finally:
            subprocess.run(["umount", place], check=True)
    balance("a full disk", made, shown, run, status=1,
            more="No space left" in run.said)


def file_limit():
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
    run = Run(before=limit).armed()
    made = burst_at_once(run)
    run.end(None)
    balance("ulimit -f", made, rows(whole(run.text())), run, status=1,
            more="File too large" in run.said)


def fill(write):
    """A pipe takes nothing more"""
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, bytes(4096))
    except BlockingIOError:
        os.set_blocking(write, True)


def rows_after(run, least):
    """Until so many rows are there"""
    while (count := rows(run.text())) < least:
        time.sleep(0.001)
    return count


def deaf_stderr():
    """It has losses to tell, again and again, and nobody reads stderr"""
    read, write = os.pipe()
    fill(write)
    run = Run("--ring", "1", err=write).armed()
    made, waited = 0, []
    for _ in range(6):
        run.tool.send_signal(signal.SIGSTOP)
        made += burst(300)
        seen = rows(run.text())
        run.tool.send_signal(signal.SIGCONT)
        seen = rows_after(run, seen + 1)
        start = time.monotonic()
        made += burst(1, 1, 1)
        rows_after(run, seen + 1)
        waited.append(time.monotonic() - start)
    run.tool.send_signal(signal.SIGINT)
    # What it says at its end is behind what filled the pipe.
    run.said = ""
    while chunk := os.read(read, 65536):
        run.said += chunk.decode()
        if write is not None:
            os.close(write)
            write = None
    run.status = run.tool.wait(30)
    os.close(read)
    run.said = run.said.strip("\0")
    balance("a full stderr", made, rows(run.text()), run,
            more=run.lost() > 0 and min(waited) < 0.5)


def stopped():
    run = Run().armed()
    run.tool.send_signal(signal.SIGSTOP)
    made = burst(20000)
    run.tool.send_signal(signal.SIGCONT)
    run.end()
    balance("SIGSTOP for a while", made, rows(run.text()), run)


def pipe_header(read):
    text = b""
    while b"\n" not in text:
        text += os.read(read, 65536)
    return text


def stalled(name, reads):
    read, write = os.pipe()
    with os.fdopen(write, "wb") as stdout:
        run = Run(stdout=stdout)
    text = pipe_header(read)
    made = burst(20000)
    time.sleep(1)
    run.tool.send_signal(signal.SIGUSR1)
    answer = None
    end = time.monotonic() + 30
    while time.monotonic() < end and not answer:
        time.sleep(0.01)
        answer = re.search(rb"^tcpaccept: accepts so far: [1-9]",
                           text_of(run.err), re.M)
    ok(answer, f"{name}: SIGUSR1 is answered meanwhile")
    if reads:
        # All at once, as it comes.
        chunks = []
        thread = threading.Thread(
            target=lambda: [chunks.append(chunk) for chunk in
                            iter(lambda: os.read(read, 65536), b"")])
        thread.start()
        run.end()
        thread.join()
        text += b"".join(chunks)
    else:
        run.end()
        while chunk := os.read(read, 65536):
            text += chunk
    os.close(read)
    balance(name, made, rows(text), run, status=0 if reads else 1)


def asked_in_one_pipe():
    """SIGUSR1, where stdout and stderr are one pipe that nobody reads yet"""
    read, write = os.pipe()
    with os.fdopen(write, "wb") as both:
        run = Run(stdout=both, err=both)
    text = pipe_header(read)
    made = burst(5000)
    run.tool.send_signal(signal.SIGUSR1)
    time.sleep(1)
    os.set_blocking(read, False)
    end = time.monotonic() + 30
    answer = rb"^tcpaccept: accepts so far: \d+ in \d+ s\n"
    while time.monotonic() < end and not re.search(answer, text, re.M):
        try:
            text += os.read(read, 65536)
        except BlockingIOError:
            time.sleep(0.01)
    run.tool.send_signal(signal.SIGINT)
    os.set_blocking(read, True)
    while chunk := os.read(read, 65536):
        text += chunk
    run.tool.wait(30)
    os.close(read)
    ok(re.search(answer, text, re.M) and rows(text) + sum(
        int(n) for n in re.findall(rb"^tcpaccept: lost (\d+) accepts:", text,
                                   re.M)) == made,
       "SIGUSR1, stdout and stderr in one pipe: answered once it is read")


def blocks(pid, fd=1):
    with open(f"/proc/{pid}/fdinfo/{fd}") as file:
        flags = re.search(r"^flags:\s*([0-7]+)", file.read(), re.M)[1]
    return not int(flags, 8) & os.O_NONBLOCK


def shared(kind):
    """Three write to one pipe or socket, whose reader reads some and stops"""
    if kind == "pipe":
        ends = [os.fdopen(fd, mode, 0)
                for fd, mode in zip(os.pipe(), ("rb", "wb"))]
        # Room for one of them at a time, of all whom poll(2) tells of it.
        fcntl.fcntl(ends[0], fcntl.F_SETPIPE_SZ, 4096)
    else:
        ends = socket.socketpair()
    read = ends[0].fileno()
    with ends[1] as stdout:
        runs = [Run(stdout=stdout) for _ in range(3)]
        text = b""
        while text.count(b"LPORT") < len(runs):
            text += os.read(read, 65536)
        # When it is full between the poll and the write only luck would show.
        if kind == "pipe":
            ok(not any(blocks(run.tool.pid) for run in runs) and
               blocks(os.getpid(), stdout.fileno()),
               "their writes do not block, and those of others do")
    made = burst(10000)
    # Some of it: each has a ring full of rows at least, if only one CPU's.
    for _ in range(20):
        text += os.read(read, 4096)
    for run in runs:
        run.tool.send_signal(signal.SIGTERM)
    ended = True
    for run in runs:
        try:
            run.end(None)
        except subprocess.TimeoutExpired:
            ended = False
            run.tool.kill()
            run.end(None)
    while chunk := os.read(read, 65536):
        text += chunk
    ends[0].close()
    lost = sum(run.lost() for run in runs)
    maybe = sum(run.maybe() for run in runs)
    table.append((f"a {kind} of three", 3 * made, rows(text), 0, lost, maybe))
    ok(ended, f"three on one {kind} whose reader stops: SIGTERM ends them")
    ok(all(run.status == ("rows not written" in run.said) for run in runs),
       f"three on one {kind}: those that did not write all exit with 1")
    ok(rows(text) + lost <= 3 * made <= rows(text) + lost + maybe,
       f"three on one {kind}: it balances")


def slow():
    """It ends while stdout is full: what the reader takes in time shows"""
    read, write = os.pipe()
    with os.fdopen(write, "wb") as stdout:
        run = Run("--ring", "512", stdout=stdout)
    text = pipe_header(read)
    made = burst(8000)
    run.tool.send_signal(signal.SIGINT)
    chunk = text
    while chunk:
        time.sleep(0.05)
        chunk = os.read(read, 16384)
        text += chunk
    run.end(None)
    os.close(read)
    balance("a slow reader", made, rows(text), run, more=rows(text) == made)


def terminal():
    master, slave = pty.openpty()
    err = tempfile.TemporaryFile()
    run = Run.__new__(Run)
    run.err = err
    run.tool = subprocess.Popen(["./tcpaccept", *ONLY], stdout=slave,
                                stderr=err, start_new_session=True)
    text = pipe_header(master)
    termios.tcflow(slave, termios.TCOOFF)
    made = burst(2000)
    run.end()
    termios.tcflow(slave, termios.TCOON)
    while select.select([master], [], [], 0.5)[0]:
        text += os.read(master, 65536)
    balance("^S", made, rows(text), run, status=1)


def leaves():
    read, write = os.pipe()
    with os.fdopen(write, "wb") as stdout:
        run = Run(stdout=stdout)
    pipe_header(read)
    os.close(read)
    run.end(None)
    # Who has gone wants no rows, and is told of none.
    balance("EPIPE", 0, 0, run)


def memory(run):
    with open(f"/proc/{run.tool.pid}/smaps") as file:
        rss = sum(int(line.split()[1]) for line in file
                  if line.startswith("Rss:"))
    return rss, len(os.listdir(f"/proc/{run.tool.pid}/fd"))


def flood(name, count, pause):
    read, write = os.pipe()
    with os.fdopen(write, "wb") as stdout:
        run = Run("-t", stdout=stdout)
    seen, order, last, rest = 0, True, 0.0, b""
    pipe_header(read)
    burst(1000)
    before, made = None, [1000]
    thread = threading.Thread(
        target=lambda: made.append(burst(count - 1000, 8, 4)))
    while True:
        # Some may be lost.
        idle = not select.select([read], [], [], 0.5)[0]
        if not before and (seen >= 1000 or idle):
            before = memory(run)
            thread.start()
        elif idle and not thread.is_alive() and run.tool.poll() is None:
            after = memory(run)
            run.tool.send_signal(signal.SIGINT)
        if idle:
            continue
        chunk = os.read(read, 65536)
        if not chunk:
            break
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        seen += len(lines)
        for line in lines:
            at = float(line.split(None, 1)[0])
            order, last = order and at >= last, at
        time.sleep(pause)
    thread.join()
    os.close(read)
    run.end(None)
    print(f"# {name}: RSS {before[0]} KiB, then {after[0]}; descriptors "
          f"{before[1]}, then {after[1]}")
    balance(name, sum(made), seen, run,
            more=order and after[0] <= before[0] + 64 and
            after[1] == before[1])


if sys.argv[1:] == ["soak"]:
    flood("a million", 1000000, 0)
else:
    signals()
    asked()
    limits()
    late_header()
    counts()
    filtered()
    overflow()
    full_disk()
    file_limit()
    deaf_stderr()
    stopped()
    stalled("a reader that stalls for a second", True)
    stalled("a reader that stalls for good", False)
    asked_in_one_pipe()
    shared("pipe")
    shared("socket")
    slow()
    terminal()
    leaves()
    flood("a flood, read slowly", 100000, 0.005)

print("# %-34s %8s %8s %8s %8s %8s" %
      ("ending", "made", "rows", "filtered", "lost", "maybe"))
for line in table:
    print("# %-34s %8d %8d %8d %8d %8d" % line)
sys.exit(tap.finish())
