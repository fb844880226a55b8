#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# features-5.10.t - the cases of features.sh on the stock Debian kernel 5.10
exec tests/vm/vm-features.sh 5.10 RUNGS='graft csk-return syscall' LACKS='mptcp' BURST=20000 DEAD=100000
