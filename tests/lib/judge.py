#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""judge.py - TAP of several scripts in, one TAP out: cases have new numbers, there
is one plan, at the end, and what is no TAP becomes a comment. "json" lines become
cases

    json case NAME
    json got LINE       what tcpaccept printed, byte for byte
    json want LINE      an object with the same keys in the same order and the
                        same values; "*" stands for any value

A line must be valid UTF-8 without a control character, C1 and DEL included, and
one JSON object. Without a plan in the input there is none in the output; one that
skips all stays.
"""
import json
import re
import sys


def pairs(items):
    return list(items)


def wrong(got, want):
    """What is wrong with a line, or None."""
    try:
        text = got.decode("utf-8")
        found = json.loads(text, object_pairs_hook=pairs)
    except ValueError as error:
        return str(error)
    if any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text):
        return "a control character"
    hoped = json.loads(want, object_pairs_hook=pairs)
    if [key for key, _ in found] != [key for key, _ in hoped]:
        return "other keys: " + " ".join(key for key, _ in found)
    for (key, value), (_, wish) in zip(found, hoped):
        # True is 1 to Python, and 1.0 is 1.
        if wish != "*" and (type(value), value) != (type(wish), wish):
            return f"{key} is {value!a}, not {wish!a}"
    return None


def say(line):
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def main():
    judged, count, planned, passed = [], 0, False, True
    for line in sys.stdin.buffer:
        line = line.rstrip(b"\r\n")
        case = re.match(rb"(not )?ok\b[ 0-9]*", line)
        if case:
            count += 1
            passed &= not case[1]
            say(b"%sok %d %s" % (case[1] or b"", count, line[case.end():]))
        elif line.startswith(b"json case "):
            judged.append((line[10:].decode(), [], []))
        elif line.startswith(b"json got "):
            judged[-1][1].append(line[9:])
        elif line.startswith(b"json want "):
            judged[-1][2].append(line[10:])
        elif line.startswith(b"1..0 # SKIP"):
            say(line)
            return
        elif line.startswith(b"1.."):
            planned = True
        elif line.startswith((b"#", b"Bail out!")):
            say(line)
        else:
            say(b"# " + line)
    if judged:
        say(b"# suite json")
    for name, got, want in judged:
        errors = [wrong(*both) for both in zip(got, want)]
        right = len(got) == len(want) > 0 and not any(errors)
        passed &= right
        count += 1
        say(f"{'ok' if right else 'not ok'} {count} - {name}: means what it "
            "should".encode())
        for line, error in zip(got, errors):
            if error:
                say(f"# {line!a}: {error}".encode())
    if planned:
        say(b"1..%d" % count)
    sys.exit(not (passed and planned))


main()
