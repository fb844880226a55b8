#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# aarch64-7.t - the cases of cases.sh on the stock Debian kernel aarch64-7
exec tests/vm/vm-arch.sh aarch64-7 aarch64-7 RUNGS='graft inet-accept csk-return syscall'
