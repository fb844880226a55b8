#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# vm-features.sh KERNEL VARIABLE=VALUE... - features.sh on a stock kernel, as TAP
kernel=$1
shift
environment=
for setting in "$@"; do
	environment="$environment ${setting%%=*}='${setting#*=}'"
done
tests/vm.sh "$kernel" 2 "uname -r
	mkdir /cgroup && mount -t cgroup2 none /cgroup
	mount -t bpf none /sys/fs/bpf
	$environment GUEST=yes CGROUP=/cgroup BPFFS=/sys/fs/bpf \
		TOOL=/bin/tcpaccept LAB=/bin/lab sh tests/features.sh" |
	sed '/^\(ok\|not ok\|1\.\.\|#\|json \|Bail out\)/!s/^/# /' |
	tests/judge.py
