#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# riscv64-7.t - the cases of cases.sh on the stock Debian kernel riscv64-7
exec tests/vm/vm-arch.sh riscv64-7 riscv64-7 RUNGS='graft inet-accept csk-return' ABSENT='syscall'
