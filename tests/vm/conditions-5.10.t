#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# conditions-5.10.t - what a machine may lack, on the stock Debian kernel 5.10
exec tests/vm/vm-conditions.sh 5.10 'graft csk-return syscall'
