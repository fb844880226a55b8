#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# conditions-7.t - what a machine may lack, on the stock Debian kernel 7
exec tests/vm/vm-conditions.sh 7 'graft inet-accept csk-return syscall'
