#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# features.t - the cases of features.sh on this machine's own kernel, by every rung
# it has, with mounts of its own
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
if [ -z "$FEATURES_MOUNTS" ]; then
	FEATURES_MOUNTS=own exec unshare -m "$0"
fi

. tests/lib/lib.sh
RUNGS=''
for rung in ${RUNG:-graft inet-accept csk-return syscall}; do
	! arms build/features.log --probe "$rung" || RUNGS="$RUNGS $rung"
done
[ -n "$RUNGS" ] || { echo "Bail out! no rung works here"; exit 1; }
RUNGS=${RUNGS# }

LACKS=''
build/lab one mptcp 4 >/dev/null 2>&1 || LACKS=mptcp
# What BL and WAIT lack then.
[ "$RUNGS" != syscall ] || LACKS="$LACKS kprobes"
BPFFS=/sys/fs/bpf
mount -t bpf bpf $BPFFS 2>/dev/null || LACKS="$LACKS bpffs"
CGROUP=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
if [ -z "$CGROUP" ]; then
	CGROUP=/sys/fs/cgroup
	mount -t cgroup2 none $CGROUP 2>/dev/null || LACKS="$LACKS cgroup"
fi
LACKS=${LACKS# }
echo "# rungs: $RUNGS; this kernel lacks: ${LACKS:-nothing}"
export RUNGS LACKS BPFFS CGROUP
BURST=20000 DEAD=100000 TOOL=$PWD/tcpaccept LAB=$PWD/build/lab tests/cases/features.sh |
	tests/lib/judge.py
