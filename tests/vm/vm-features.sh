#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# vm-features.sh KERNEL VARIABLE=VALUE... - features.sh on a stock kernel, as TAP
export CASES=features.sh SETUP='mkdir /cgroup && mount -t cgroup2 none /cgroup
	mount -t bpf none /sys/fs/bpf'
tests/vm/vm-cases.sh "$@" CGROUP=/cgroup BPFFS=/sys/fs/bpf | tests/lib/judge.py
