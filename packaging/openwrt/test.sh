#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# test.sh PACKAGE VERSION - what OpenWrt's CI runs of the package that it installed

tcpaccept --version | grep -F "tcpaccept $2 "
