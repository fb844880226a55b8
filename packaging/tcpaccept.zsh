#compdef tcpaccept
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpaccept.zsh - completion of tcpaccept's command line for zsh, which finds it
# as the file _tcpaccept in its fpath

_tcpaccept_columns() {
	local -a columns

	columns=(${${(f)"$(tcpaccept --list-columns 2>/dev/null)"}%% *})
	_values -s , column $columns
}

_arguments -s -S \
	\*{-p,--pid}'[accepted by these processes]:process ID:_sequence _pids' \
	\*{-P,--port}'[to these local ports]:port: ' \
	\*{-R,--raddr}'[from these addresses or networks]:network: ' \
	'(-6 --ipv6)'{-4,--ipv4}'[IPv4 only]' \
	'(-4 --ipv4)'{-6,--ipv6}'[IPv6 only]' \
	\*{-c,--comm}'[accepted by a thread or process of this name]:name: ' \
	\*{-u,--uid}'[accepted by these users]:user:_sequence _users' \
	'--netns[in this network namespace]:namespace:_files' \
	'(--container)--cgroup[in this cgroup v2]:cgroup:_files -W /sys/fs/cgroup -P /sys/fs/cgroup/ -/' \
	'(--cgroup)--container[in this container]:container ID: ' \
	'--cgroupmap[in a map of cgroup IDs]:pinned map:_files' \
	'--mntnsmap[in a map of mount namespaces]:pinned map:_files' \
	{-t,--timestamp}'[add TIME(s)]' \
	'-T[add TIME]' \
	'--time=-[add TIME]::form:(iso)' \
	\*{-o,--output}'[print these columns]:columns:_tcpaccept_columns' \
	'--list-columns[print the columns, and exit]' \
	{-H,--no-header}'[print rows only]' \
	{-w,--wide}'[make room for IPv6 addresses]' \
	'(-j --json)--tsv[print tabs between columns]' \
	'(--tsv)'{-j,--json}'[print JSON]' \
	{-n,--rows}'[stop after so many rows]:rows: ' \
	{-d,--duration}'[stop after this time]:time: ' \
	{-C-,--summary=-}'[print counts instead of rows]::time: ' \
	'--strict[exit with 3 if anything is missing]' \
	'--listeners[show who listens]' \
	'--check[test what works on this machine]' \
	{-q,--quiet}'[no notes]' \
	{-v,--verbose}'[explain how accepts are traced]' \
	'--probe[trace only by this rung]:rung:(graft inet-accept csk-return syscall cgroup ftrace poll)' \
	'--pace[how often to print rows]:milliseconds: ' \
	'--ring[buffer for each CPU]:pages: ' \
	"--no-btf[ignore the kernel's BTF]" \
	'-h[print the shortest help]' \
	'--help[print the help]' \
	{-V,--version}'[print the version]'
