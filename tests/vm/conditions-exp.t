#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# conditions-exp.t - what a machine may lack, on the stock Debian kernel exp
exec tests/vm/vm-conditions.sh exp 'graft inet-accept csk-return syscall'
