#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# faults.t - system calls that fail, on this machine's own kernel
#
# FAULTS=all: by more errors than ENOMEM: EPERM, EINTR, EMFILE.
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
# In a mount namespace of its own, so that whatever is new there is ours; the one
# around it, the machine's to us, can be mounted in too. Shared among themselves:
# a mount that tcpaccept does not keep to itself gets here.
if [ -z "$OUTSIDE" ]; then
	# shellcheck disable=SC2016 # the inner shell's
	exec unshare -m sh -c 'mount --make-rshared / && exec 4</proc/self/ns/mnt &&
		OUTSIDE=/proc/self/fd/4 exec unshare -m "$0"' "$0"
fi
mount --make-rshared /
export OUTSIDE
ERRNOS=12
[ "$FAULTS" != all ] || ERRNOS='1 4 12 24'
export ERRNOS
RUNGS='' TOOL=$PWD/tcpaccept LAB=$PWD/build/lab FAIL=$PWD/build/fail \
	exec tests/cases/faults.sh
