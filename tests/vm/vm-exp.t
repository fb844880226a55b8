#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# vm-exp.t - the cases of cases.sh on the newest kernel that Debian has
exec tests/vm/vm-cases.sh exp RUNGS='graft inet-accept csk-return syscall' ABSENT='' LACKS=''
