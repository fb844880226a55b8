#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# uapi.sh DIRECTORY COMPILER... - the kernel's headers, and nothing beside them
#
# DIRECTORY/linux, asm and asm-generic become links to those that the first of the
# compilers finds; a compiler may have options, as 'gcc -m32'.
set -eu

to=$1
shift
for compiler; do
	# Each file that <linux/bpf.h> needs, one a line.
	found=$(echo '#include <linux/bpf.h>' | $compiler -M -x c - 2>/dev/null |
		tr ' ' '\n' | sed -n \
		's,\(/linux\)/bpf\.h$,\1,p; s,\(/asm\|/asm-generic\)/types\.h$,\1,p')
	[ "$(printf '%s\n' "$found" | wc -l)" -eq 3 ] || continue
	rm -rf "$to" "$to.new"
	mkdir -p "$to.new"
	# shellcheck disable=SC2046,SC2086 # three paths
	ln -s $(realpath $found) "$to.new"
	mv "$to.new" "$to"
	exit
done
echo "uapi.sh: no <linux/bpf.h> is found by: $*" >&2
exit 1
