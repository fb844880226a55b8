#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# faults.t - system calls that fail, on this machine's own kernel
#
# FAULTS=all: by more errors than ENOMEM: EPERM, EINTR, EMFILE.
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
ERRNOS=12
[ "$FAULTS" != all ] || ERRNOS='1 4 12 24'
export ERRNOS
RUNGS='' TOOL=$PWD/tcpaccept LAB=$PWD/build/lab FAIL=$PWD/build/fail \
	exec tests/faults.sh
