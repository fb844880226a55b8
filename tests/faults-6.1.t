#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# faults-6.1.t - system calls that fail on the stock Debian kernel 6.1: kprobes by
# the PMU, and by tracefs
CASES=faults.sh exec tests/vm-cases.sh 6.1 RUNGS='graft csk-return' \
	ERRNOS='24' FAIL=/bin/fail
