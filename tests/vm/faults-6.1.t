#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# faults-6.1.t - system calls that fail on the stock Debian kernel 6.1: kprobes by
# the PMU
#
# FAULTS=all: and by tracefs, without BTF, and by more errors.
RUNGS='' ERRNOS=24
[ "$FAULTS" != all ] || RUNGS='graft csk-return' ERRNOS='1 4 12 24'
CASES=faults.sh VM_TIMEOUT=10000 exec tests/vm/vm-cases.sh 6.1 RUNGS="$RUNGS" \
	ERRNOS="$ERRNOS" FAIL=/bin/fail
