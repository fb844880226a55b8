#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# conditions-full.t - what a machine may lack, on the stock Debian kernel full
exec tests/vm/vm-conditions.sh full 'graft inet-accept csk-return syscall'
