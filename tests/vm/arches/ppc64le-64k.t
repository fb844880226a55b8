#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ppc64le-64k.t - the cases of cases.sh on the stock Debian kernel ppc64le-64k
exec tests/vm/vm-arch.sh ppc64le-64k ppc64le-64k RUNGS='graft inet-accept csk-return syscall' HAS='socketcall'
