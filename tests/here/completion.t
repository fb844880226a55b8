#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""completion.t - nobody's process, file or user becomes a part of the command
line that a shell would run: TAB and Enter in a bash on a terminal"""

import ctypes
import fcntl
import os
import pty
import re
import select
import shlex
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time

# The repository stays as it is.
sys.dont_write_bytecode = True
sys.path.insert(0, "tests/lib")
from tap import finish, ok

if not shutil.which("bash"):
    print("1..0 # SKIP needs bash")
    sys.exit(0)

BASH = shutil.which("bash")
COMPLETION = os.path.abspath("packaging/tcpaccept.bash")
PR_SET_NAME = 15
# Each of them makes a file x, or takes the quote's end away, when a shell reads it
# in one quote or another. The first three letters tell it; a process's name has 15.
EVIL = ["zqa$(touch x)", "zqb`touch x`", 'zqc";>x;"', "zqd';>x;'",
        "zqe;>x;", "zqf|>x", "zqg >x", "zqh\n>x", "zqi&>x&", "zqj\\\";>x;\"",
        'zqk"$(>x)"', "zql'$(>x)'", "zqm$(>x)\\", "zqn\\", "zqo>x"]
# Names of files that may be offered, as readline quotes them: what does not act
# within quotes. compgen ends a name at its newline, and half a name is no harm.
BLUNT = ["zqe;>x;", "zqf|>x", "zqg >x", "zqh\n>x", "zqi&>x&", "zqn\\", "zqo>x"]
INNOCENT = "zqz-0.K+1"
QUOTES = {"": "no quote", '"': "double quotes", "'": "single quotes"}


class Shell:
    """An interactive bash, which is waited for"""

    def __init__(self, directory):
        self.directory = directory
        self.done = 0
        environment = {
            "PATH": directory + "/bin:" + os.environ["PATH"],
            "HOME": directory, "FILES": directory + "/files", "TERM": "dumb", "PS1": "", "PS2": "<more>",
            "INPUTRC": "/dev/null", "LC_ALL": "C",
            "PROMPT_COMMAND": 'printf "<done %d>" $((++done))'}
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.chdir(directory)
            os.execve(BASH, ["bash", "--norc", "--noprofile", "-i"],
                      environment)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 50, 400, 0, 0))
        self.next_prompt("bash")
        for line in ("PS1='' PS2='<more>' HISTFILE=",
                     "bind 'set bell-style none'",
                     "bind 'set show-all-if-ambiguous on'",
                     "bind 'set enable-bracketed-paste off'",
                     # What it has in its line, without it being run.
                     r"""bind -x '"\C-xq": printf "<line %s line>" """
                     """"$READLINE_LINE"'""",
                     # It only prints its arguments.
                     """tcpaccept() { printf '<arg %s>\\n' "$@"; }""",
                     ". " + COMPLETION):
            self.send(line + "\n")
            self.next_prompt(line)

    def send(self, text):
        os.write(self.fd, text.encode())

    def until(self, pattern, what):
        """What it shows up to that, at most a minute"""
        text, end = "", time.monotonic() + 60
        while not re.search(pattern, text, re.S):
            if time.monotonic() > end:
                raise TimeoutError(f"{what}: {text!r}")
            if select.select([self.fd], [], [], 1)[0]:
                text += os.read(self.fd, 65536).decode("latin-1")
        return text

    def next_prompt(self, what):
        self.done += 1
        return self.until(f"<done {self.done}>", what)

    def tab(self, typed):
        """The line that it makes of it, and what else it shows"""
        self.send(typed + "\t\x18q")
        text = self.until("<line .* line>", typed)
        return re.search("<line (.*) line>", text, re.S)[1], text

    def enter(self, line, quote):
        """Run it, the quote closed first, if readline left it open"""
        try:
            shlex.split(line)
            self.send("\n")
        except ValueError:
            self.send(quote + "\n")
        awaited = f"<done {self.done + 1}>"
        text = self.until(f"<more>|{awaited}", line)
        if awaited not in text:
            # Open still, as by a quote of the name's.
            self.send(quote + "\n")
            text += self.until(f"<more>|{awaited}", line)
        if awaited not in text:
            self.send("\x03")
            text += self.until(awaited, line)
        self.done += 1
        return text

    def drop(self):
        """The line is not run: ^U"""
        self.send("\x15\n")
        self.next_prompt("^U")

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def named(name):
    """A process of that name, which ends with us"""
    ready, told = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(ready)
        libc = ctypes.CDLL(None)
        libc.prctl(1, signal.SIGKILL)
        libc.prctl(PR_SET_NAME, name.encode())
        os.close(told)
        signal.pause()
    os.close(told)
    os.read(ready, 1)
    os.close(ready)
    return pid


def arguments(text):
    """Of the tcpaccept that was run"""
    return re.findall(r"<arg (.*?)>\n", text.replace("\r\n", "\n"), re.S)


def attempt(shell, before, quote, shown="", offers=()):
    """TAB after what each name begins with, and Enter. Names of `offers` may be
    offered, if they reach the program whole."""
    where = f"{before.strip()} in {QUOTES[quote]}"
    x = shell.directory + "/x"
    offered, ran = [], []
    for name in (*EVIL, INNOCENT):
        typed = f"tcpaccept {before}{quote}{shown}{name[:3]}"
        line, _ = shell.tab(typed)
        text = shell.enter(line, quote)
        if os.path.exists(x):
            os.unlink(x)
            ran.append(line)
        whole = os.path.expandvars(shown) + name.split("\n")[0]
        whole = ([before[:-1], whole] if before.endswith(" ")
                 else [before + whole])
        given = [argument.rstrip("/") for argument in arguments(text)]
        if name == INNOCENT:
            ok(given == whole, f"{where}: an innocent name is completed", line,
               repr(text))
        elif line != typed and (name not in offers or given != whole):
            offered.append(line)
    # All that begin so would be listed.
    _, text = shell.tab(f"tcpaccept {before}{quote}{shown}z")
    shell.drop()
    offered += (name for name in EVIL if name not in offers
                and re.search(rf"\b{name[:3]}", text))
    ok(not offered, f"{where}: others are not offered", *offered)
    ok(not ran, f"{where}: none is run", *ran)


def users(directory):
    """Users with odd numbers, as getent(1) tells them"""
    os.mkdir(directory + "/bin")
    with open(directory + "/bin/getent", "w") as file:
        file.write("#!/bin/sh\ncat <<'END'\n" + "".join(
            f"a:x:{number}:0::/:/bin/sh\n" for number in
            (*(n for n in EVIL if "\n" not in n), INNOCENT)) + "END\n")
    os.chmod(file.name, 0o755)


with tempfile.TemporaryDirectory() as directory:
    users(directory)
    os.mkdir(directory + "/files")
    for name in *EVIL, INNOCENT:
        os.mkdir(f"{directory}/files/{name}")
    os.environ["FILES"] = directory + "/files"
    processes = [named(name) for name in (*EVIL, INNOCENT)]
    shell = Shell(directory)
    try:
        for quote in QUOTES:
            for before in "-c ", "--comm=", "-tc", "-u ", "--uid=", "-tu":
                attempt(shell, before, quote)
            # These readline quotes.
            for before in "--cgroup ", "--netns ", "--mntnsmap=":
                attempt(shell, before, quote, directory + "/files/", BLUNT)
        # Where a word has a variable it quotes no others.
        attempt(shell, "--cgroup ", "", "$FILES/", BLUNT)
    finally:
        shell.close()
        for pid in processes:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

sys.exit(finish())
