#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# bench.sh [REF] - what tcpaccept costs, each figure beside one from the same run; it
# goes into doc/costs.md, one sentence into README.md, and all to stdout
#
# With REF, a commit: a table of what it cost there and what it costs now, to stdout
# alone. The guests' clocks count instructions: the load of this machine does not matter.
set -eu
. tests/lib/lib.sh

kernels='6.1 exp'
results=build/bench
mkdir -p $results

die() { echo "bench.sh: $*" >&2; exit 1; }
# WHO FOLDER: build/bench/WHO has the results of the tcpaccept in FOLDER, a line each,
# KERNEL|... as bench-vm.sh has them, and host|row|OURS|PLAINLY.
measure() {
	: >"$results/$1.new"
	for kernel in $kernels; do
		log=$results/$1-$kernel.log
		echo "bench.sh: $1 on $kernel" >&2
		VM_TOOL=$2/tcpaccept VM_QEMU='-icount shift=0,sleep=off' VM_TIMEOUT=1200 \
			tests/vm/vm.sh "$kernel" 1 'sh tests/bench/bench-vm.sh 2>&1' \
			</dev/null >"$log" || true
		awk -F '|' '$1 == "rows" && $2 != $3 { exit 1 }
			$1 == "end" { whole = 1 }
			END { exit !whole }' "$log" || die "failed: see $log"
		sed -n "s/^[a-z]*|/$kernel|&/p" "$log" >>"$results/$1.new"
	done
	echo "host|row|$(per_row "$2" ours)|$(per_row "$2" printf)" >>"$results/$1.new"
	mv "$results/$1.new" "$results/$1"
}
# FOLDER HOW ROWS, by callgrind.
instructions() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null \
		"$1/build/bench-rows" "$2" "$3" 2>&1 >/dev/null |
		sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
# Of 10,000 rows less those of none.
per_row() {
	echo $((($(instructions "$1" "$2" 10000) - $(instructions "$1" "$2" 0)) / 10000))
}

# The tables: of results on stdin, markdown. VERSIONS of the kernels, in a row.
versions() { sed -n 's/^[^|]*|kernel|//p' $results/now | tr '\n' ' '; }
# FIRST COLUMN...: the head of a table, of which each kernel has all COLUMNs.
head_of() {
	line="| $1 |" rule='| --- |'
	shift
	for version in $(versions); do
		for column; do
			line="$line $version${column:+: $column} |" rule="$rule ---: |"
		done
	done
	printf '%s\n%s\n' "$line" "$rule"
}
# As the tables name it.
# shellcheck disable=SC2016 # awk's, and backticks of markdown
SHOW='function show(command) {
	if (command == "nothing") return "no tracer"
	if (command == "empty") return "an empty program on the same hook"
	return "`" command "`"
}'
starts() {
	head_of 'million instructions' ''
	awk -F '|' -v kernels="$kernels" "$SHOW"'
	$2 == "start" { value[$1, $3] = $4 / 1000; if (!seen[$3]++) name[++n] = $3 }
	END {
		count = split(kernels, kernel, " ")
		for (i = 1; i <= n; i++) {
			printf "| %s |", show(name[i])
			for (k = 1; k <= count; k++)
				if ((kernel[k], name[i]) in value)
					printf " %.1f |", value[kernel[k], name[i]]
				else
					printf " - |"
			print ""
		}
	}' $results/now
}
accepts() {
	head_of instructions 'accept()' connection
	awk -F '|' -v kernels="$kernels" "$SHOW"'
	$2 == "cost" { accept[$1, $3] = $4; all[$1, $3] = $5; if (!seen[$3]++) name[++n] = $3 }
	END {
		count = split(kernels, kernel, " ")
		for (i = 1; i <= n; i++) {
			printf "| %s |", show(name[i])
			for (k = 1; k <= count; k++) {
				none_accept = accept[kernel[k], "nothing"]
				none = all[kernel[k], "nothing"]
				if (!((kernel[k], name[i]) in all))
					printf " - | - |"
				else if (i == 1)
					printf " %d | %d |", none_accept, none
				else
					printf " %+d | %+d (%.1f %%) |", \
						accept[kernel[k], name[i]] - none_accept, \
						all[kernel[k], name[i]] - none, \
						(all[kernel[k], name[i]] / none - 1) * 100
			}
			print ""
		}
	}' $results/now
}
memory() {
	echo '| KiB | both, armed | after the accepts | peak | of the keeper | maps, programs |'
	echo '| --- | ---: | ---: | ---: | ---: | ---: |'
	awk -F '|' "$SHOW"'$1 == "exp" && $2 == "memory" {
		printf "| %s | %d | %d | %d | %d | %d |\n", show($3), $4, $5, $6, $7, $8
	}' $results/now
}
machine() {
	# shellcheck disable=SC2046 # two words
	set -- $(build/lab armed 41 ./tcpaccept 2>/dev/null) $(build/lab armed 41 busybox echo)
	if [ $# -ne 4 ] || ! arms $results/armed; then
		die 'tcpaccept does not trace on this machine'
	fi
	rung=$(sed -n 's/^tcpaccept: tracing by .*(\(.*\))$/\1/p' $results/armed)
	echo "| kernel $(uname -r | cut -d - -f 1), $(nproc) CPUs, rung $rung | tcpaccept | for comparison |"
	echo '| --- | ---: | --- |'
	awk -v ours="$1" -v its="$3" 'BEGIN { printf \
		"| from exec to armed, median of 41 | %.1f ms | busybox echo %.1f ms |\n",
		ours / 1000, its / 1000 }'
	echo "| peak RSS then | $2 KiB | busybox echo $4 KiB |"
	awk -F '|' '$2 == "row" {
		printf "| instructions per row, ring to write(2) | %d | printf(3) %d |\n", $3, $4
	}' $results/now
}
measured() { echo "The figures are of commit $(sources_commit), measured on $(date +%F)."; }
sentence() {
	awk -F '|' '$1 == "6.1" && $2 == "cost" { accept[$3] = $4; all[$3] = $5 }
	END {
		printf "On Debian%ss Linux 6.1 an accept() has %d instructions without a tracer; " \
			"an empty program on the same hook adds %d, tcpaccept with its rows %d: " \
			"%.1f %% of a connection ([doc/costs.md](doc/costs.md)).\n", "\047", \
			accept["nothing"], accept["empty"] - accept["nothing"], \
			accept["tcpaccept"] - accept["nothing"], \
			(all["tcpaccept"] / all["nothing"] - 1) * 100
	}' $results/now
}

# REF: measured like this one; its build is kept.
compare() {
	base=$(git rev-parse --verify --short "$1^{commit}")
	folder=build/base/$base
	mkdir -p "$folder"
	git archive "$base" | tar -C "$folder" -x
	make --no-print-directory -C "$folder" all build/bench-rows >&2
	measure "$base" "$folder"
	echo "| | $base | now | |"
	echo '| --- | ---: | ---: | ---: |'
	awk -F '|' '
	function line(what, was, is) {
		printf "| %s | %d | %d | %s |\n", what, was, is, \
			was == is ? "=" : sprintf("%+.1f %%", (is / (was ? was : 1) - 1) * 100)
	}
	FNR == NR { for (f = 4; f <= NF; f++) was[$1, $2, $3, f] = $f; next }
	$2 == "row" { line("host: instructions per row", was[$1, $2, $3, 4], $4); next }
	BEGIN {
		unit["start", 4] = "start, thousands"
		unit["cost", 4] = "accept()"
		unit["cost", 5] = "connection"
		unit["memory", 4] = "KiB, armed"
		unit["memory", 5] = "KiB, after the accepts"
		unit["memory", 8] = "KiB, maps"
	}
	{
		for (f = 4; f <= NF; f++)
			if (($2, f) in unit && ($1, $2, $3, f) in was)
				line($1 ": " $3 ": " unit[$2, f], was[$1, $2, $3, f], $f)
	}' "$results/$base" $results/now
	wc -c "$folder/tcpaccept" tcpaccept | awk 'NR < 3 { size[NR] = $1 }
		END { printf "| bytes | %d | %d | |\n", size[1], size[2] }'
}

measure now .
if [ $# -gt 0 ]; then
	compare "$1"
	exit
fi
for table in measured starts accepts memory machine; do
	$table >$results/$table
	replace doc/costs.md $table <$results/$table
	cat $results/$table
	echo
done
sentence | replace README.md cost
