#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# vm-5.10.t - the cases of cases.sh on the stock Debian kernel 5.10
exec tests/vm/vm-cases.sh 5.10 RUNGS='graft csk-return syscall' ABSENT='inet-accept' LACKS='mptcp'
