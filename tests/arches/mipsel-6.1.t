#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# mipsel-6.1.t - the cases of cases.sh on the stock Debian kernel mipsel-6.1
# By graft alone: with another function probed, the kernel dies at times (README).
exec tests/vm-arch.sh mipsel-6.1 mipsel-6.1 RUNGS='graft' ABSENT='syscall' HAS='socketcall'
