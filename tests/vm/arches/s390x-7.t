#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# s390x-7.t - the cases of cases.sh on the stock Debian kernel s390x-7
exec tests/vm/vm-arch.sh s390x-7 s390x-7 RUNGS='graft inet-accept csk-return syscall' HAS='socketcall'
