#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# sign.sh KEY FILE COMMENT - FILE.sig by a secret key of signify, or FILE.minisig
# by one of minisign; which of them KEY is, its first line says
set -eu

[ $# -eq 3 ] || { echo "usage: sign.sh KEY FILE COMMENT" >&2; exit 2; }
case $(head -n 1 "$1") in
*signify*) exec signify-openbsd -S -s "$1" -m "$2" -x "$2.sig" ;;
*minisign*) exec minisign -S -s "$1" -m "$2" -x "$2.minisig" -c "$3" -t "$3" ;;
esac
echo "sign.sh: $1 is no secret key of signify or minisign" >&2
exit 1
