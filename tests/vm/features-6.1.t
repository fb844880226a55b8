#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# features-6.1.t - the cases of features.sh on the stock Debian kernel 6.1
exec tests/vm/vm-features.sh 6.1 RUNGS='graft inet-accept csk-return syscall' LACKS='' BURST=20000 DEAD=20000 MANY=16384
