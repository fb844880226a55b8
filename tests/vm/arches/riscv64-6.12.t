#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# riscv64-6.12.t - the cases of cases.sh on the stock Debian kernel riscv64-6.12
exec tests/vm/vm-arch.sh riscv64-6.12 riscv64-6.12 RUNGS='graft inet-accept' ABSENT='csk-return syscall'
