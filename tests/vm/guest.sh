#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# guest.sh SUITE... - what run.sh has a guest do: each suite's TAP, below a line
# "# suite SUITE"
#
# SUITE: cases, features, faults, or a set of conditions.sh; those of lockdown raise
# it in this running kernel, which no later one can take back. In the environment:
# what the suites want, and SKIP, how many cases of the first one are over.
export SKIP GUEST=yes TOOL=/bin/tcpaccept LAB=/bin/lab

# Each takes its mounts away: others have none of these, or unmount /sys.
features() {
	mkdir /cgroup && mount -t cgroup2 none /cgroup &&
		mount -t bpf none /sys/fs/bpf || return
	CGROUP=/cgroup BPFFS=/sys/fs/bpf sh tests/cases/features.sh
	umount /cgroup /sys/fs/bpf
	rmdir /cgroup
}
lockdown() {
	mount -t securityfs none /sys/kernel/security &&
		echo "$1" >/sys/kernel/security/lockdown || return
	umount /sys/kernel/security
	sh tests/cases/conditions.sh "$1"
}

uname -r
for suite; do
	echo "# suite $suite"
	case $suite in
	cases) sh tests/cases/cases.sh ;;
	features) features ;;
	faults)
		RUNGS='' ERRNOS=24 FAIL=/bin/fail sh tests/cases/faults.sh
		umount /sys/kernel/tracing
		;;
	integrity | confidentiality) lockdown "$suite" ;;
	*) sh tests/cases/conditions.sh "$suite" ;;
	esac
	SKIP=0
done
