#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""judge.py - TAP of features.sh in, TAP out: its "json" lines become cases

    json case NAME
    json got LINE       what tcpaccept printed, byte for byte
    json want LINE      an object with the same keys in the same order and the
                        same values; "*" stands for any value

A line must be valid UTF-8 without a control character, C1 and DEL included, and
one JSON object. Without a plan in the input there is none in the output; one that
skips all stays.
"""
import json
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


def main():
    cases, plan, passed = [], None, True
    for line in sys.stdin.buffer:
        line = line.rstrip(b"\n")
        if line.startswith(b"json case "):
            cases.append((line[10:].decode(), [], []))
        elif line.startswith(b"json got "):
            cases[-1][1].append(line[9:])
        elif line.startswith(b"json want "):
            cases[-1][2].append(line[10:])
        elif line.startswith(b"1..0 # SKIP"):
            print(line.decode())
            return
        elif line.startswith(b"1.."):
            plan = int(line[3:])
        else:
            passed &= not line.startswith(b"not ok")
            sys.stdout.buffer.write(line + b"\n")
            sys.stdout.buffer.flush()
    if plan is None:
        sys.exit(1)
    for name, got, want in cases:
        errors = [wrong(*both) for both in zip(got, want)]
        right = len(got) == len(want) > 0 and not any(errors)
        passed &= right
        plan += 1
        print(f"{'ok' if right else 'not ok'} {plan} - {name}: means what it should")
        for line, error in zip(got, errors):
            if error:
                print(f"# {line!a}: {error}")
    print(f"1..{plan}")
    sys.exit(not passed)


main()
