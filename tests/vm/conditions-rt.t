#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# conditions-rt.t - what a machine may lack, on the stock Debian kernel rt
exec tests/vm/vm-conditions.sh rt 'graft inet-accept csk-return syscall'
