#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# vm-7.t - the cases of cases.sh on the stock Debian kernel 7
exec tests/vm/vm-cases.sh 7 RUNGS='graft inet-accept csk-return syscall' ABSENT='' LACKS=''
