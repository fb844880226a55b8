#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# barriers.t - the memory order that bpf_raw.h asks for is in the instructions
#
# QEMU on x86 keeps accesses in an order that these processors need not keep: a
# barrier that is missing shows in no other test. x86 and s390x are not here, as
# they need no instruction for it; armv5 has a call of the kernel's barrier; mips has
# what mipsel has.
#
# The whole program is made as the Makefile makes it, but with line numbers, which
# tell what instructions come from the bodies of raw_shared_load() and
# raw_shared_store() and of their halves, which are before them, wherever these went
# inline; all access to shared memory, the rings' too, is by these. They may move a function's first instructions, nothing
# else: what is shipped must have as many barriers in each function.
skip() { echo "1..0 # SKIP $*"; exit 0; }

ARCHES="aarch64 armv7 mips64el mipsel ppc64le riscv64"
tools/deps.sh --say build arches 2>/dev/null ||
	skip "needs what make all-arches needs: tools/deps.sh build arches"
. tests/lib/lib.sh
# shellcheck disable=SC2086 # a list
sysroots $ARCHES
[ -n "$had" ] || { tell_left_out; skip "no packages of any of these to be had"; }

export LC_ALL=C
. tests/lib/tap.sh

# WHERE FILE VARIABLE=VALUE...: of $arch, with its symbols
made() {
	where=$dir/$arch/$1 file=$2
	shift 2
	make ARCH="$arch" B="$where" STRIP= "$@" "$where/$file" \
		>"$dir/make.log" 2>&1 && return
	cat "$dir/make.log"
	return 1
}

# The lines of bpf_raw.h from one function to another one, first and last.
lines() {
	awk -v head="$1(" -v last="$2(" '
		index($0, head) && /^static/ { first = NR }
		index($0, last) && /^static/ { at_last = 1 }
		at_last && /^}/ { print first, NR; exit }' bpf_raw.h
}

# Of $arch, as regular expressions: loads, stores, what must come after a load
# and what before a store, ahead of any other access. aarch64 has loads and
# stores that are ordered themselves.
patterns() {
	case $arch in
	aarch64) loads='^ld' stores='^st' after='^ldap?r ' before='^stlr ' ;;
	armv7)
		loads='^v?ld|^pop' stores='^v?st|^push'
		after='^dmb(..)? ish$' before=$after
		;;
	mips*)
		loads='^l[bhwd]' stores='^s([bhwd][lr]?|[wd]c1) '
		after='^sync$' before=$after
		;;
	ppc64le)
		loads='^l[bhwdf][a-z]* ' stores='^st'
		after='^(isync|lwsync|sync)$' before='^(lwsync|sync)$'
		;;
	riscv64)
		loads='^f?l[bhwd]u? ' stores='^f?s[bhwd] '
		after='^fence rw?, rw$' before='^fence rw, r?w$'
		;;
	esac
}

# [-l] OBJECT: functions' names as `<name>:`, with -l lines of the sources, and
# instructions, with nothing but one blank after the name and each comma.
listing() {
	llvm-objdump -d --no-show-raw-insn "$@" | sed -n '
		/^[0-9a-f]* <.*>:$/s/.* //p
		/^; .*:[0-9]*$/p
		/^ *[0-9a-f]*:/{
			s/^ *[0-9a-f]*:[[:blank:]]*//
			s/ <.*//
			s/[[:blank:]]\{1,\}/ /g
			s/ $//
			p
		}'
}

# OBJECT: how many loads and stores of these functions are in order, and how
# many accesses of theirs are not
accesses() {
	patterns
	# 64-bit processors have no halves.
	half=half
	[ "$words" -eq 2 ] || half=shared
	# shellcheck disable=SC2046 # numbers
	set -- "$1" $(lines raw_${half}_load raw_shared_load) \
		$(lines raw_${half}_store raw_shared_store)
	listing -l "$1" |
		awk -v loads="$loads" -v stores="$stores" -v after="$after" \
			-v before="$before" -v first_load="$2" -v last_load="$3" \
			-v first_store="$4" -v last_store="$5" '
		function wrong(instruction) {
			print name, instruction >"/dev/stderr"
			bad++
		}
		# Those of ARM may have one; so may the barrier, the same or none.
		function condition(instruction) {
			sub(/[. ].*/, "", instruction)
			if (match(instruction, /(eq|ne|[ch]s|cc|l[oset]|mi|pl|v[sc]|hi|g[et])$/))
				return substr(instruction, RSTART)
			return ""
		}
		function orders(barrier, instruction) {
			barrier = condition(barrier)
			return barrier == "" || barrier == condition(instruction)
		}
		# Another access: the barrier of the load did not come.
		function settle() {
			if (open)
				wrong(open)
			open = fence = ""
		}
		/^; / {
			line = $0
			sub(/.*:/, "", line)
			line += 0
			ours = $0 ~ /bpf_raw\.h:/
			in_load = ours && line >= first_load && line <= last_load
			in_store = ours && line >= first_store && line <= last_store
		}
		/^</ { settle(); name = $0; in_load = in_store = 0 }
		# The stack is not shared, and a value may be kept there.
		/[[(](\$?sp|1)[]),]/ { next }
		# One instruction is both.
		$0 ~ after && $0 ~ loads { good_loads += in_load; next }
		$0 ~ before && $0 ~ stores { good_stores += in_store; next }
		$0 ~ after || $0 ~ before {
			if ($0 ~ after && open && orders($0, open)) {
				good_loads++
				open = ""
			}
			# In a delay slot its store has the line of the jump.
			if ($0 ~ before && in_store)
				fence = $0
			next
		}
		$0 ~ loads { settle(); open = in_load ? $0 : "" }
		$0 ~ stores {
			fenced = fence != "" && orders(fence, $0)
			settle()
			good_stores += fenced
			if (in_store && !fenced)
				wrong($0)
		}
		END { settle(); print good_loads + 0, good_stores + 0, bad + 0 }'
}

# OBJECT LOADS STORES: that many in order, or more, none that is not
in_order() {
	accesses "$1" >"$dir/found"
	read -r got_loads got_stores wrong <"$dir/found"
	[ "$got_loads" -ge "$2" ] && [ "$got_stores" -ge "$3" ] &&
		[ "$wrong" -eq 0 ] && return
	echo "in order: $got_loads loads, $got_stores stores; not: $wrong"
	return 1
}
# To be asked of code that was made without order: the judge can find fault.
none_in_order() {
	accesses "$1" >"$dir/found"
	read -r got_loads got_stores wrong <"$dir/found"
	echo "in order: $got_loads loads, $got_stores stores; not: $wrong"
	[ "$got_loads" -eq 0 ] && [ "$got_stores" -eq 0 ] && [ "$wrong" -gt 0 ]
}

# FILE: the functions that order accesses, and by what instructions.
ordering() {
	listing "$1" |
		awk -v after="$after" -v before="$before" '
		/^<(\$|\.L|unknown)/ { next }
		/^</ { name = $0; sub(/[.0-9]*>:/, "", name) }
		$0 ~ after || $0 ~ before { print name, $1 }'
}
same_ordering() {
	patterns
	ordering "$dir/$arch/plain/tcpaccept" >"$dir/plain"
	[ -s "$dir/plain" ] &&
		ordering "$dir/$arch/debug/tcpaccept" | diff "$dir/plain" -
}

numbers=-gline-tables-only
alone="-Oz -fno-lto -I. $numbers"
for arch in $had; do
	case $arch in
	*64*) words=1 ;;
	*) words=2 ;;
	esac
	check "$arch: compiles" made debug tests/build/barriers.o \
		CFLAGS="$alone"
	check "$arch: loads are acquires, stores releases" \
		in_order "$dir/$arch/debug/tests/build/barriers.o" \
		$((2 * words)) $((2 * words))
	check "$arch: links" made debug tcpaccept WARN=$numbers
	check "$arch: also in the whole program" \
		in_order "$dir/$arch/debug/tcpaccept" $((2 * words)) $((2 * words))
	check "$arch: links as shipped" made plain tcpaccept
	check "$arch: the same in each function as shipped" same_ordering
	check "$arch: compiles without order" made relaxed tests/build/barriers.o \
		CFLAGS="$alone -D__ATOMIC_ACQUIRE=0 -D__ATOMIC_RELEASE=0"
	check "$arch: and would be found out" \
		none_in_order "$dir/$arch/relaxed/tests/build/barriers.o"
done

finish
