#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ppc64le-7.t - the cases of cases.sh on the stock Debian kernel ppc64le-7
exec tests/vm/vm-arch.sh ppc64le-7 ppc64le-7 RUNGS='graft inet-accept csk-return syscall' HAS='socketcall'
