#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# table.sh print | write | check - the conditions and kernels of conditions-*.t,
# as they last ended, as the table of the README
#
# print: to stdout. write: into README.md. check: whether README.md has it; kernel
# versions aside, as these move on.
set -eu

kernels='5.10 6.1 full 6.12 rt 7 exp'

print() {
	for kernel in $kernels; do
		[ -s "build/conditions/$kernel" ] || {
			echo "table.sh: make test has not run on $kernel" >&2
			exit 1
		}
	done
	# shellcheck disable=SC2086 # a list
	(cd build/conditions && exec awk '
	FNR == 1 { version[++files] = substr($0, 3) }
	/^(not )?ok / {
		result = $1 == "ok" ? "ok" : "FAILS"
		sub(/^(not )?ok [0-9]+ - /, "")
		gsub(/_/, "\\_")
		if (!($0 in seen)) { seen[$0]; names[++count] = $0 }
		results[$0, files] = result
	}
	END {
		printf "| condition: what holds |"
		for (f = 1; f <= files; f++) printf " %s |", version[f]
		printf "\n| --- |"
		for (f = 1; f <= files; f++) printf " --- |"
		print ""
		for (n = 1; n <= count; n++) {
			printf "| %s |", names[n]
			for (f = 1; f <= files; f++)
				printf " %s |", (names[n], f) in results ? \
					results[names[n], f] : "-"
			print ""
		}
	}' $kernels)
}

# README.md's lines between the marks, or with a file's in their place.
between() { sed -n '/^<!-- conditions -->$/,/^<!-- end -->$/p' README.md | sed '1d;$d'; }

case ${1-} in
print) print ;;
write)
	print >build/table
	awk '
	/^<!-- end -->$/ { skip = 0 }
	!skip { print }
	/^<!-- conditions -->$/ {
		skip = 1
		while ((getline line <"build/table") > 0) print line
	}' README.md >build/README.new
	cat build/README.new >README.md
	;;
check)
	print | sed 1d >build/table
	between | sed 1d | cmp - build/table
	;;
*) echo "usage: table.sh print | write | check" >&2; exit 2 ;;
esac
