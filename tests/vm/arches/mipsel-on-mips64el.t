#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# mipsel-on-mips64el.t - the cases of cases.sh on a 64-bit kernel, with a 32-bit tcpaccept
VM_TOOL=build/mipsel/tcpaccept exec tests/vm/vm-arch.sh mipsel-on-mips64el mips64el-6.1 RUNGS='graft inet-accept csk-return' ABSENT='syscall'
