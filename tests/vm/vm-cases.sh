#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# vm-cases.sh KERNEL VARIABLE=VALUE... - cases.sh on a stock kernel, as TAP
#
# Skipped where the kernel cannot be had. In the environment: CASES, another script of tests/; SETUP, commands of the
# guest's before it. Without a plan at the end of its output, as when the kernel
# dies, prove(1) counts it as failed.
. tests/lib/lib.sh
need_kernel "$1"
kernel=$1
shift
environment=
for setting in "$@"; do
	environment="$environment ${setting%%=*}='${setting#*=}'"
done
[ -z "${RUNG-}" ] || environment="$environment RUNGS='$RUNG'"
cases=${CASES:-cases.sh}
tests/vm/vm.sh "$kernel" 2 "uname -r; $SETUP
	$environment MATCH='${MATCH-}' AGAIN='-k $kernel ${cases%.sh}' \
		GUEST=yes TOOL=/bin/tcpaccept LAB=/bin/lab sh tests/cases/$cases" |
	sed '/^\(ok\|not ok\|1\.\.\|#\|json \|Bail out\)/!s/^/# /'
