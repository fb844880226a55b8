#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# features-exp.t - the cases of features.sh on the newest kernel that Debian has
exec tests/vm/vm-features.sh exp RUNGS='graft inet-accept csk-return syscall' LACKS='' BURST=20000 DEAD=20000
