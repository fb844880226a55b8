#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# mipsel-6.1.t - the cases of cases.sh on the stock Debian kernel mipsel-6.1
exec tests/vm/vm-arch.sh mipsel-6.1 mipsel-6.1 RUNGS='graft inet-accept csk-return' ABSENT='syscall' HAS='socketcall'
