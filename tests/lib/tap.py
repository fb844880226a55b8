# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""tap.py - cases as TAP, for tests in Python; tap.sh is the same for the shell"""
cases = failed = 0


def ok(good, name, *seen):
    """A case, and what was seen if it failed"""
    global cases, failed
    cases += 1
    failed += not good
    print("ok" if good else "not ok", cases, "-", name, flush=True)
    for line in () if good else "\n".join(map(str, seen)).splitlines():
        print("#", line, flush=True)


def finish():
    """The plan. Returns the exit status."""
    print(f"1..{cases}", flush=True)
    return int(failed > 0)
