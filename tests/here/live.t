#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# live.t - the cases of cases.sh on this machine's own kernel, by every rung it
# has; at least one it must have. That none is missing can be told only of
# kernels that are known: vm-*.t. Not root: in no way to trace, so no test.
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }

. tests/lib/lib.sh
RUNGS='' ABSENT=''
for rung in ${RUNG:-graft inet-accept csk-return syscall cgroup ftrace}; do
	if arms build/live.log --probe "$rung"; then
		RUNGS="$RUNGS $rung"
	else
		ABSENT="$ABSENT $rung"
	fi
done
[ -n "$RUNGS" ] || { echo "Bail out! no rung works here"; exit 1; }
RUNGS=${RUNGS# } ABSENT=${ABSENT# }
export RUNGS ABSENT
LACKS=''
build/lab one mptcp 4 >/dev/null 2>&1 || LACKS=mptcp
export LACKS
TOOL=$PWD/tcpaccept LAB=$PWD/build/lab exec tests/cases/cases.sh
