#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# conditions-6.1.t - what a machine may lack, on the stock Debian kernel 6.1
exec tests/vm/vm-conditions.sh 6.1 'graft inet-accept csk-return syscall'
