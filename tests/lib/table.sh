#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# table.sh print | write | check WHICH - a table of doc/tested.md, from results of
# tests
#
# WHICH: conditions, of make test and make test-arches as they last ended, or arches, of
# make test-arches, without what is in the other one.
# print: to stdout. write: into doc/tested.md, and their sums into README.md. check:
# whether these have it; kernel versions aside, as these move on, and a kernel that
# tests left out.
set -eu

. tests/lib/lib.sh
kernels=''
for kernel_name in $(matrix_names '[^#| ]*'); do
	of_matrix "$kernel_name"
	case $runs in
	*conditions*) kernels="$kernels $kernel_name" ;;
	esac
done

print_conditions() {
	for kernel in $kernels; do
		[ -s "build/vm/$kernel" ] || {
			echo "table.sh: make test has not run on $kernel" >&2
			exit 1
		}
	done
	# shellcheck disable=SC2086 # a list
	(cd build/vm && exec awk '
	FNR == 1 { files++ }
	/^# [0-9]+\.[0-9]/ && !(files in version) { version[files] = $2 }
	/^# suite / { wanted = $3 !~ /^(cases|features|faults|json)$/ }
	/^(not )?ok / && wanted {
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

print_arches() {
	echo '| processor | kernel | ways to trace | bytes | peak RSS | cases |'
	echo '| --- | --- | --- | --- | --- | --- |'
	for name in $(matrix_names '[^#| ]*-[^ ]*'); do
		of_matrix "$name"
		awk -v name="$name" -v rungs="$ways" '
		/^# size / { size = $3 }
		/^# suite / { wanted = $3 ~ /^(cases|features|faults|json)$/ }
		/^# [0-9]+\.[0-9]/ && !kernel { kernel = $2 }
		/^# peak RSS/ { rss = $4 }
		/^# died in boot/ { died++ }
		/^ok / { good++; shown += wanted }
		/^not ok / { bad++ }
		/^1\.\./ { planned = substr($0, 4) }
		END {
			sub(/-[0-9].*/, "", name)
			result = good == planned && !bad ? shown " ok" : "FAILS"
			if (died)
				result = result ", the kernel died in " died \
					" of " died + 1 " boots"
			printf "| %s | %s | %s | %s | %s KiB | %s |\n", \
				name, kernel, rungs, size, rss, result
		}' "build/vm/$name"
	done
}

# One sentence of the README, of what doc/tested.md has.
sums() {
	{
		between doc/tested.md conditions
		between doc/tested.md arches
	} | awk -F ' *[|] *' '
	/^[|] condition/ { kernels = NF - 3 }
	/^[|] processor/ { arches = 1; next }
	/^[|] ---/ || /^[|] condition/ { next }
	arches { others++; split($7, part, " "); cases += part[1]; next }
	{
		conditions++
		for (f = 3; f < NF; f++)
			held += $f == "ok"
	}
	END {
		print "By [doc/tested.md](doc/tested.md), " conditions \
			" conditions held in " held " cases on " kernels \
			" kernels, and " cases " cases on " others \
			" kernels of other processors and options."
	}'
}

# Kernels without results go out of $kernels; $gone are their columns.
leave_out() {
	column=2 gone='' stay=''
	for kernel in $kernels; do
		column=$((column + 1))
		if [ -s "build/vm/$kernel" ]; then
			stay="$stay $kernel"
		else
			gone="$gone $column"
			echo "table.sh: left out: $kernel" >&2
		fi
	done
	# Where none has any, print_conditions says so.
	[ -z "$stay" ] || kernels=$stay
}
# A table on stdin without these columns, and without the rows that have something
# there alone. Sorted: what kernel has a row first does not matter.
without() {
	awk -F ' *[|] *' -v columns="$1" '
	BEGIN {
		count = split(columns, list, " ")
		for (n = 1; n <= count; n++)
			out[list[n]]
	}
	{
		line = "| " $2 " |"
		some = 0
		for (f = 3; f < NF; f++)
			if (!(f in out)) {
				line = line " " $f " |"
				some += $f != "-"
			}
		if (some)
			print line
	}' | sort
}

usage() { echo "usage: table.sh print | write | check WHICH" >&2; exit 2; }

which=${2-}
case $which in
conditions | arches) ;;
*) usage ;;
esac
case $1 in
print) "print_$which" ;;
write)
	"print_$which" | replace doc/tested.md "$which"
	sums | replace README.md sums
	;;
check)
	gone=''
	[ "$which" != conditions ] || leave_out
	"print_$which" >build/table.new
	sed 1d build/table.new | without '' >build/table
	between doc/tested.md "$which" | sed 1d | without "$gone" | diff - build/table
	sums >build/table
	between README.md sums | diff - build/table
	;;
*) usage ;;
esac
