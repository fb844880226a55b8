#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# s390x-6.1.t - the cases of cases.sh on the stock Debian kernel s390x-6.1
exec tests/vm/vm-arch.sh s390x-6.1 s390x-6.1 RUNGS='graft inet-accept csk-return' ABSENT='syscall' HAS='socketcall'
