#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# readme.t - each command of the README and of doc/recipes.md works: those of
# tcpaccept here, for a second; a release, other machines, containers and their
# engines are stand-ins
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
command -v jq cpio >/dev/null || { echo "1..0 # SKIP needs jq and cpio"; exit 0; }
. tests/lib/lib.sh
. tests/lib/tap.sh
arms "$dir/armed" || { echo "1..0 # SKIP cannot trace here"; exit 0; }

top=$PWD
version=$(sed -n 's/^VERSION *= *//p' Makefile)
trap 'rmdir "$dir"/cgroup/*/* "$dir"/cgroup/* 2>/dev/null
	umount "$dir/cgroup" 2>/dev/null; rm -rf "$dir"' EXIT

# FILE: its commands, a block a line, the lines of a block divided by \1. In a block
# that has lines "# COMMAND", the others are what these print.
blocks() {
	awk '
	function over() {
		if (some)
			print some
		some = ""
		shown = 0
	}
	!/^    / { over(); next }
	{ line = substr($0, 5) }
	line ~ /^# / {
		if (!shown)
			some = ""
		shown = 1
		some = some (some ? "\1" : "") substr(line, 3)
		next
	}
	!shown { some = some (some ? "\1" : "") line }
	END { over() }' "$1"
}
# NAME: a command, its text on stdin.
stand_in() { cat >"$dir/bin/$1" && chmod +x "$dir/bin/$1"; }
mkdir "$dir/bin" "$dir/release" "$dir/root"
# For a second, whatever else it was told.
stand_in tcpaccept <<END
#!/bin/sh
case \$* in
*--check* | *--listeners*) exec $top/tcpaccept "\$@" ;;
esac
exec $top/tcpaccept "\$@" -d 1
END
stand_in wget <<END
#!/bin/sh
exec cp "\$@" .
END
stand_in ssh <<END
#!/bin/sh
[ "\$1" = box ] || [ "\$1" = router ] || exit 1
shift
exec sh -c "\$*"
END
stand_in scp <<END
#!/bin/sh
[ "\$1" = -O ] && exec cp "\$2" "\${3#router:}"
END
# Its image is loaded where it can be read; a container has this shell's caller.
stand_in podman <<END
#!/bin/sh
case \$1 in
load) tar -xOf "\$3" ./index.json | jq -e .manifests ;;
inspect) echo \$PPID ;;
*) exit 1 ;;
esac
END
# With the capabilities of the DaemonSet, but for the column CGROUP.
stand_in docker <<END
#!/bin/sh
set -- "\$*"
case \$1 in
"run --rm -it --pid=host --cap-drop=ALL --cap-add=BPF --cap-add=PERFMON \
--cap-add=SYS_ADMIN tcpaccept:$version") ;;
*) exit 1 ;;
esac
exec setpriv --bounding-set -all,+bpf,+perfmon,+sys_admin $top/tcpaccept -d 1
END
stand_in kubectl <<END
#!/bin/sh
case \$* in
"debug node/NODE -it --profile=sysadmin --image=REGISTRY/tcpaccept:$version \
-- /tcpaccept") exec $top/tcpaccept -d 1 ;;
esac
exit 1
END
# That there is such a target.
stand_in make <<END
#!/bin/sh
unset MAKEFLAGS MAKELEVEL MFLAGS
exec $(command -v make) -n -C $top "\$@"
END
stand_in tcpaccept-textfile <<END
#!/bin/sh
exec $top/packaging/prometheus/tcpaccept-textfile "\$@"
END

released() {
	for arch in $(uname -m) mipsel x86_64; do
		cp tcpaccept "$dir/release/tcpaccept-$version-$arch"
	done
	cp LICENSE "$dir/release"
	tools/image.sh "$dir/release" "$version" 2026-01-01 "$(uname -m)" \
		>"$dir/release/tcpaccept-$version-oci.tar" &&
		(cd "$dir/release" && sha256sum -- * >SHA256SUMS) &&
		cp -r "$dir/release" "$dir/copy"
}
has_cgroup() {
	mkdir -p "$dir/cgroup" && mount -t cgroup2 none "$dir/cgroup" &&
		mkdir -p "$dir/cgroup/system.slice/ssh.service"
}
# A block, with the folders of this test in it.
runs() (
	printf '%s\n' "$1" | tr '\1' '\n' | sed "s,/tmp/,$dir/root/,g; s, -d [0-9]*,,
		s,/sys/fs/cgroup/,$dir/cgroup/,; s,BYTECODE=bytecode,BYTECODE=build/bytecode,
		s,/var/lib/prometheus/node-exporter,$dir,; s,/ta\>,/ta -d 1,3" >"$dir/block"
	cat "$dir/block"
	cd "$dir/copy" && RELEASE=$dir/release PATH=$dir/bin:$PATH \
		sh -eu "$dir/block" </dev/null >"$dir/out" || exit
	cat "$dir/out"
	# The status of this one is that of rm.
	case $1 in ssh*) grep '^PID ' "$dir/out" ;; esac
)
# What recipes ask Prometheus, and configurations, are no commands.
each_runs() {
	blocks "$1" | grep -v -e '^rate(' -e '^\[' >"$dir/blocks"
	[ "$(wc -l <"$dir/blocks")" -ge 5 ] || return
	while read -r block <&3; do
		check "$1: $(printf %s "$block" | tr '\1' ';' | cut -c 1-100)" \
			runs "$block"
	done 3<"$dir/blocks"
}

# What -C -j prints, as two intervals; the second has one port more.
intervals() {
	cat <<-'END'
	{"ts":"2026-11-29T09:48:40.5Z","seconds":1.0,"accepts":2,"groups":1,"shown":1,"lost":5,"missed":1}
	{"ts":"2026-11-29T09:48:40.5Z","lport":80,"accepts":2,"backlog_peak":3,"backlog_max":9,"wait_avg_us":500000,"wait_p99_us":600000,"wait_max_us":700000}
	{"ts":"2026-11-29T09:48:41.5Z","seconds":1.0,"accepts":4,"groups":2,"shown":2,"lost":1,"missed":0}
	{"ts":"2026-11-29T09:48:41.5Z","lport":80,"accepts":3,"backlog_peak":0,"backlog_max":9,"wait_avg_us":1000000,"wait_p99_us":2000000,"wait_max_us":2000000}
	{"ts":"2026-11-29T09:48:41.5Z","lport":22,"accepts":1,"backlog_peak":null,"backlog_max":null,"wait_avg_us":null,"wait_p99_us":null,"wait_max_us":null}
	END
}
counted() {
	intervals | packaging/prometheus/tcpaccept-textfile "$dir/counters" || return
	cat >"$dir/expected" <<-'END'
	tcpaccept_accepts_total{port="22"} 1
	tcpaccept_accepts_total{port="80"} 5
	tcpaccept_lost_total 6
	tcpaccept_missed_total 1
	tcpaccept_queue_limit{port="80"} 9
	tcpaccept_queue_peak{port="80"} 0
	tcpaccept_wait_longest_seconds{port="80"} 2
	tcpaccept_wait_p99_seconds{port="80"} 2
	tcpaccept_wait_seconds_count{port="80"} 5
	tcpaccept_wait_seconds_sum{port="80"} 4
	END
	grep -v '^#' "$dir/counters" | sort | diff "$dir/expected" -
}
# FILE: an SVG whose commands tcpaccept knows.
is_picture() {
	python3 -c 'import sys, xml.etree.ElementTree as x
for line in x.parse(sys.argv[1]).getroot().itertext():
    print(line)' "$1" >"$dir/lines" || return
	grep '^# tcpaccept ' "$dir/lines" | sed 's/^# //' >"$dir/block"
	[ "$(wc -l <"$dir/block")" -eq 3 ] || return
	sed -i 's/ -d [0-9]*//' "$dir/block"
	PATH=$dir/bin:$PATH sh -eu "$dir/block" >/dev/null &&
		grep -q '^PID  *COMM  *IP' "$dir/lines"
}

check "a release" released
check "a cgroup" has_cgroup
each_runs README.md
check "what is appended to an initramfs is the program" \
	sh -c "cpio -t <'$dir/copy/initramfs.img' | grep -x tcpaccept"
each_runs doc/recipes.md
check "counters for Prometheus add up" counted
check "the picture is of this program" is_picture doc/demo.svg
finish
