#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# mips64el-6.1.t - the cases of cases.sh on the stock Debian kernel mips64el-6.1
# By graft alone: with another function probed, the kernel dies at times (README).
exec tests/vm-arch.sh mips64el-6.1 mips64el-6.1 RUNGS='graft' ABSENT='syscall'
