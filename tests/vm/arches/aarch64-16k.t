#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# aarch64-16k.t - the cases of cases.sh on the stock Debian kernel aarch64-16k
exec tests/vm/vm-arch.sh aarch64-16k aarch64-16k RUNGS='graft inet-accept csk-return syscall'
