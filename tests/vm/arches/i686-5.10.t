#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# i686-5.10.t - the cases of cases.sh on the stock Debian kernel i686-5.10
exec tests/vm/vm-arch.sh i686-5.10 i686-5.10 RUNGS='graft csk-return' ABSENT='inet-accept syscall' HAS='socketcall' LACKS='mptcp'
