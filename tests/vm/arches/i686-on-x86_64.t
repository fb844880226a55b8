#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# i686-on-x86_64.t - the cases of cases.sh on a 64-bit kernel, with a 32-bit tcpaccept
VM_TOOL=build/i686/tcpaccept exec tests/vm/vm-arch.sh i686-on-x86_64 6.1 RUNGS='graft inet-accept csk-return' ABSENT='syscall'
