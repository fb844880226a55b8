#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# conditions-6.12.t - what a machine may lack, on the stock Debian kernel 6.12
exec tests/vm/vm-conditions.sh 6.12 'graft inet-accept csk-return syscall'
