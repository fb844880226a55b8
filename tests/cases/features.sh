#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# features.sh - filters, columns, queues, JSON, counts and ends, on the running
# kernel's own accepts, as TAP
#
# Runs under dash here and under busybox in a VM. In the environment: RUNGS, those
# to go through; LACKS, what the kernel does not have (mptcp, kprobes, cgroup, cgroup-filter,
# bpffs); CGROUP, where cgroup v2 is mounted; BPFFS, the same; DEAD, how many
# connections are to die; BURST, how many are to come at once; MANY, how many it
# can follow, if that is to be looked at; BRIEF, for no case that is of no kernel in
# particular; TOOL, LAB.
# JSON goes to stdout as "json ..." lines, for judge.py to judge.
# Functions are called through check(); `a && b || return` is meant so; facts are
# variables that eval sets.
# shellcheck disable=SC2317,SC2015,SC2154,SC2153,SC2094,SC2034

. tests/cases/facts.sh
. tests/cases/filters.sh
. tests/lib/harness.sh
batch=$dir/.batch tests=$OLDPWD/tests

# Some port that nobody else has and no client gets.
port=$((20000 + $$ % 5000 * 2))
while listens $port || listens $((port + 1)); do
	port=$((port + 2))
done
port2=$((port + 1))

# ---------------------------------------------------------------------------
# Columns

all_columns='PID TID COMM PCOMM UID IP RADDR RPORT LADDR LPORT NETNS CGROUP'
cgroup_columns='PID TID COMM UID IP RADDR RPORT LADDR LPORT CGROUP'
ftrace_columns='PID TID COMM UID IP RADDR RPORT LADDR LPORT NETNS'

# What differs between accepts, in columns that do not change by themselves.
many_accepts() {
	for family in 4 6 mapped; do
		facts block $family && "$@" || return 1
	done
	facts LAB_UID=65534 LAB_PORT=$port LAB_FROM=127.0.0.9 poll 4 && "$@" ||
		return 1
	facts LAB_NAME=6c61622d74 LAB_PCOMM=6c61622d70 block 6 || return 1
	comm_text=lab-t pcomm_text=lab-p
	"$@" || return 1
	facts LAB_UNSHARE=1 block 4 && "$@" || return 1
	[ "$rung" = syscall ] || { facts uring 4 && "$@"; }
}
# COLUMNS OPTIONS...: the table has these, byte for byte.
columns() {
	columns=$1
	shift
	start --probe "$rung" "$@" || return 1
	# shellcheck disable=SC2086 # a list
	line_of header $columns >header
	head -n 1 out | cmp - header || return 1
	many_accepts add_row && await_rows truth && stop &&
		right
}
# shellcheck disable=SC2086 # a list
add_row() { line_of row $columns >>truth; }
rows() { sed 1d out | grep -E '(^| )lab'; }

wide() {
	# shellcheck disable=SC2034 # width_of's
	address_width=39
	start --probe "$rung" -w -o +RPORT || { address_width=16; return 1; }
	busybox unshare -n sh -c "$own_network
		$LAB facts block 6" >facts && know <facts &&
		line_of header PID COMM IP RADDR LADDR LPORT RPORT >want &&
		line_of row PID COMM IP RADDR LADDR LPORT RPORT >>want &&
		facts block 4 &&
		line_of row PID COMM IP RADDR LADDR LPORT RPORT >>want &&
		await_rows 2 && stop
	held=$?
	address_width=16
	[ $held -eq 0 ] && sed -n '1p; / lab/p' out | cmp - want
}
# The row is longer; no address is cut.
narrow() {
	start --probe "$rung" || return 1
	busybox unshare -n sh -c "$own_network
		$LAB facts block 6" >facts && know <facts &&
		line_of row PID COMM IP RADDR LADDR LPORT >truth &&
		await_rows 1 && stop && same
}

in_cgroup() {
	path=$CGROUP/tcpaccept-$$
	odd=$(printf 'a b\033\303\251\377')
	mkdir "$path" "$path/$odd" || return 1
	start --probe "$rung" -o COMM,CGROUP &&
		sh -c 'echo 0 >"$0/cgroup.procs"; exec "$1" facts block 4' \
			"$path/$odd" "$LAB" >facts && know <facts &&
		[ "${cgroup##*/}" = "$odd" ] && cgroup=${cgroup%/*}/'a b????' &&
		line_of row COMM CGROUP >truth &&
		await_rows 1 && stop && same
	held=$?
	rmdir "$path/$odd" "$path"
	return $held
}

# ITS-CGROUPS SETUP...: a burst by so many cgroups, while the tool, as SETUP has it
# run, shows each as JSON; it asks for no path again and again, however little of
# it can be resolved.
cgroup_burst() {
	many=$1
	shift
	path=$CGROUP/tcpaccept-$$
	mkdir "$path" "$path/tool" "$path/servers" || return 1
	# The shell goes back to where it was.
	was=$(sed -n 's/^0:://p' /proc/self/cgroup)
	echo $$ >"$path/tool/cgroup.procs"
	"$@" "$TOOL" --probe "$rung" -v -c lab-server-name -j >out 2>err &
	tool=$!
	await armed_json
	echo $$ >"$CGROUP$was/cgroup.procs"
	began=$(uptime_ms)
	made=$("$LAB" cgroups "$path/servers" "$many" "$BURST")
	seconds=$((($(uptime_ms) - began) / 1000))
	asked=$(sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' \
		"/proc/$(keeper)/status")
	stop
	held=$?
	rmdir "$path/tool" "$path/servers" "$path"
	echo "made $made, rows $(wc -l <out), lost $(lost), skipped $(skipped)," \
		"unknown $(grep -c '"cgroup":null' out), asked $asked times in $seconds s"
	# Each question is a switch to tcpaccept-keep. What cannot be found is
	# asked for once a second. A busy machine may lose rows.
	[ $held -eq 0 ] && [ "$made" -eq "$BURST" ] &&
		[ "$asked" -lt $((many * (seconds + 3))) ] &&
		adds_up $(($(wc -l <out) + $(lost))) "$made"
}
cgroup_burst_known() {
	cgroup_burst 200 env && ! grep '"cgroup":null' out
}
cgroup_burst_outside() {
	cgroup_burst 200 "$LAB" cgroupns "$CGROUP" &&
		[ "$(grep -c '"cgroup":null' out)" -eq "$(wc -l <out)" ]
}
cgroup_burst_caps() {
	paranoid=$(cat /proc/sys/kernel/perf_event_paranoid)
	echo 2 >/proc/sys/kernel/perf_event_paranoid
	chmod 755 . && cp "$TOOL" tool
	TOOL=./tool cgroup_burst 200 "$LAB" caps
	held=$?
	echo "$paranoid" >/proc/sys/kernel/perf_event_paranoid
	return $held
}
# Its name only looks as if it were gone.
cgroup_deleted() {
	path=$CGROUP/tcpaccept-$$
	mkdir "$path" "$path/a (deleted)" || return 1
	start --probe "$rung" -o COMM,CGROUP &&
		sh -c 'echo 0 >"$0/cgroup.procs"; exec "$1" facts block 4' \
			"$path/a (deleted)" "$LAB" >facts && know <facts &&
		line_of row COMM CGROUP >truth && await_rows 1 && stop && same
	held=$?
	rmdir "$path/a (deleted)" "$path"
	return $held
}

# A service that is restarted has a new cgroup of the same path.
cgroup_anew() {
	path=$CGROUP/tcpaccept-$$
	mkdir "$path" || return 1
	start --probe "$rung" --cgroup "$path" && in_path || return 1
	for round in 1 2 3; do
		rmdir "$path" && mkdir "$path" &&
			await grows err $round 'was made anew' && in_path || return 1
	done
	rmdir "$path"
	await grep 'is gone' err && mkdir "$path" &&
		await grows err 4 'was made anew' && in_path || return 1
	"$LAB" one block 4 >/dev/null
	await_rows 5 && stop && same
	held=$?
	rmdir "$path"
	return $held
}
in_path() {
	sh -c 'echo 0 >"$0/cgroup.procs"; exec "$1" one block 4' "$path" "$LAB" \
		>>truth
}
# FILE COUNT WORDS: so many lines have them.
grows() { [ "$(grep -c "$3" "$1")" -ge "$2" ]; }
# As ip-netns(8) makes one, and makes it anew.
netns_anew() {
	blue=$dir/netns-of-mine
	netns_make && start --probe "$rung" --netns "$blue" && in_netns &&
		await_rows 1 || return 1
	netns_drop && netns_make && await grows err 1 'was made anew' &&
		in_netns && await_rows 2 || return 1
	netns_drop && await grep 'is gone' err && netns_make &&
		await grows err 2 'was made anew' && in_netns || return 1
	"$LAB" one block 4 >/dev/null
	await_rows 3 && stop && same
	held=$?
	netns_drop
	return $held
}
netns_make() {
	# One that lives on for a while, so that its number is not given again.
	: >"$blue" && busybox unshare -n sh -c "busybox ip link set lo up
		busybox mount --bind /proc/\$\$/ns/net $blue; sleep 20 &"
}
netns_drop() { umount "$blue" && rm "$blue"; }
in_netns() { busybox nsenter --net="$blue" "$LAB" one block 4 >>truth; }

# By its inode number, as NETNS and readlink(1) show it, and by ip-netns(8)'s name.
netns_names() {
	blue=/run/netns/tcpaccept-$$
	mkdir -p /run/netns && netns_make || return 1
	link=$(busybox nsenter --net="$blue" busybox readlink /proc/self/ns/net)
	inode=${link#net:?} held=0
	for word in "${blue##*/}" "$link" "${inode%?}"; do
		rm -f truth
		start --probe "$rung" --netns "$word" &&
			"$LAB" one block 4 >/dev/null && in_netns &&
			await_rows 1 && stop && same && ! grep 'is in network' err ||
			held=1
	done
	netns_drop
	# Nobody has this one.
	"$TOOL" --probe "$rung" --netns 'net:[4294967289]' -d 0.1 >out 2>err &&
		grep 'note: no process .* 4294967289 now' err || held=1
	return $held
}
# Mounted elsewhere, in a folder whose name has a blank.
cgroup_elsewhere() {
	# shellcheck disable=SC2016 # the inner shell's
	mkdir "$dir/of cgroups" && CGROUP=$CGROUP TOOL=$TOOL busybox unshare -m sh -c '
		busybox umount -l "$CGROUP"
		busybox mount -t cgroup2 none "$2" && mkdir "$2/$3" &&
			"$TOOL" --probe "$1" --cgroup "$3" -d 0.1
		status=$?
		rmdir "$2/$3"
		exit $status' sh "$rung" "$dir/of cgroups" "of-mine-$$.service"
}
# By what CGROUP shows, or the end of it, as a unit's name is.
cgroup_names() {
	top=$CGROUP/tcpaccept-$$
	path=$top/a/web-$$.service held=0
	mkdir -p "$path" "$top/b" || return 1
	for word in "${path#"$CGROUP"}" "${path##*/}" "a/web-$$.service"; do
		rm -f truth
		start --probe "$rung" --cgroup "$word" &&
			"$LAB" one block 4 >/dev/null && in_path &&
			await_rows 1 && stop && same || held=1
	done
	mkdir "$top/b/web-$$.service"
	refused 2 'any of 2 cgroups' --cgroup "web-$$.service" || held=1
	refused 2 "'eb-$$.service'" --cgroup "eb-$$.service" || held=1
	rmdir "$top"/*/web-$$.service "$top"/[ab] "$top"
	return $held
}

# As podman has them: a monitor beside it, and a cgroup within.
container() {
	top=$CGROUP/tcpaccept-$$ id=$(printf 'a%063d' $$) held=0
	path=$top/libpod-$id.scope/container
	mkdir -p "$path" "$top/libpod-conmon-$id.scope" || return 1
	start --probe "$rung" --container "${id%???}" -o IP,COMM,CONTAINER &&
		"$LAB" one block 4 >/dev/null && in_path && await_rows 1 && stop &&
		printf '4  %-12s %.12s\n' lab-server-n "$id" >want &&
		rows | cmp - want || held=1
	start --probe "$rung" -C -o CONTAINER && in_path && in_path && stop &&
		grep "^${id%"${id#????????????}"} 2  " out || held=1
	two=c$(printf '%062d' $$)
	mkdir "$top/docker-b${id#a}.scope" "$top/docker-${two}1.scope" \
		"$top/docker-${two}2.scope"
	refused 2 'invalid container ID' --container "d${id#????????}" || held=1
	refused 2 'may be any of 2 cgroups' --container "$two" || held=1
	rmdir "$path" "$top"/*.scope "$top"
	return $held
}

# Of more than 500 bytes the end.
in_deep_cgroup() {
	part=$(printf %0200d 0) deep=$CGROUP
	for name_ in "tcpaccept-$$" "1$part" "2$part" "3$part"; do
		deep=$deep/$name_
		mkdir "$deep" || return 1
	done
	start --probe "$rung" -o COMM,CGROUP &&
		sh -c 'echo 0 >"$0/cgroup.procs"; exec "$1" facts block 4' \
			"$deep" "$LAB" >facts && know <facts &&
		await_rows 1 && stop
	held=$?
	while [ "$deep" != "$CGROUP" ]; do
		rmdir "$deep"
		deep=${deep%/*}
	done
	[ $held -eq 0 ] && [ ${#cgroup} -gt 600 ] || return 1
	shown=$(rows | cut -c 14-)
	echo "${#shown} of ${#cgroup} bytes"
	case $cgroup in
	*"${shown#...}") [ "${shown%"${shown#...}"}" = ... ] ;;
	*) false ;;
	esac && [ ${#shown} -le 503 ] && [ ${#shown} -ge 490 ]
}

# What is asked for by name and cannot be had is told, without -v; nothing is of
# what JSON has by itself.
columns_told() {
	start --probe "$rung" --no-btf -o COMM,NETNS,PCOMM,BL && stop || return 1
	for column in NETNS PCOMM BL; do
		grep "^tcpaccept: note: cannot show .*($column).*BTF" err || return 1
	done
	"$TOOL" --probe "$rung" --no-btf -j -d 1 >out 2>err && ! grep cannot err
}
# -c then knows threads alone, and says so.
comm_without_btf() {
	start --probe "$rung" --no-btf -c lab-t -o COMM &&
		facts LAB_NAME=6c61622d74 block 4 && await_rows 1 && stop &&
		grep 'note: -c looks at the names of threads only' err
}

# Listener and child are in a sockmap, which changes their protocol's functions.
in_sockmap() {
	start --probe "$rung" "$@" && "$LAB" sockmap "$CGROUP" >truth &&
		await_rows 1 && stop && same
}

# Paths take a right that accepts do not.
hidden_cgroup() {
	paranoid=$(cat /proc/sys/kernel/perf_event_paranoid)
	echo 2 >/proc/sys/kernel/perf_event_paranoid
	chmod 755 . && cp "$TOOL" tool
	"$LAB" caps ./tool --probe graft -o COMM,CGROUP >out 2>err 3>&- &
	tool=$!
	armed
	echo "$paranoid" >/proc/sys/kernel/perf_event_paranoid
	"$LAB" one block 4 >/dev/null && await_rows 1 && stop &&
		[ "$(rows)" = 'lab-server-n -' ] &&
		grep -q 'the paths of cgroups .*: Operation not permitted' err
}

# What BTF tells is not known without; a thread that bears its process's name is.
without_btf() {
	start --probe "$rung" --no-btf -o COMM,NETNS,PCOMM,TID,CGROUP &&
		facts block 4 && netns=- &&
		line_of row COMM NETNS PCOMM TID CGROUP >truth &&
		facts LAB_PCOMM=6c61622d70 block 6 && netns=- pcomm_text=- &&
		line_of row COMM NETNS PCOMM TID CGROUP >>truth &&
		await_rows 2 && stop && right
}

# TIME is a second between the two, $1 and $2, of date(1)'s epoch.
second_between() {
	second=$1
	while [ "$second" -le "$2" ]; do
		[ "$(date -d "@$second" +%H:%M:%S)" != "$3" ] || return 0
		second=$((second + 1))
	done
	echo "$3 is not between $(date -d "@$1") and $(date -d "@$2")"
	return 1
}
# In this zone; with -T and -t both are in front, TIME first.
time_of_day() {
	if [ -n "$1" ]; then
		export TZ="$1"
	else
		unset TZ
	fi
	start --probe "$rung" -t -T || return 1
	before=$(date +%s)
	facts block 4 || return 1
	after=$(date +%s)
	await_rows 1 && stop || return 1
	time=$(rows | cut -c 1-8) seconds=$(rows | cut -c 10-14)
	echo "$seconds" | grep -Ex '[0-9]\.[0-9]{3}' &&
		line_of header TIME 'TIME(s)' PID COMM IP RADDR LADDR LPORT >want &&
		line_of row TIME 'TIME(s)' PID COMM IP RADDR LADDR LPORT >>want &&
		sed -n '1p; / lab/p' out | cmp - want &&
		second_between "$before" "$after" "$time"
	held=$?
	unset TZ
	return $held
}
# Its date and offset are those of date(1), and no column is padded.
time_iso() {
	export TZ=XYZ-5:30
	start --probe "$rung" --time=iso --tsv -c lab-server-name -n 1 || return 1
	before=$(date +%Y-%m-%dT%H:%M:%S.000+05:30)
	facts block 4 || return 1
	after=$(date +%Y-%m-%dT%H:%M:%S.999+05:30)
	ends || return 1
	unset TZ
	printf 'TIME\tPID\tCOMM\tIP\tRADDR\tLADDR\tLPORT\n' >want
	head -n 1 out | cmp - want || return 1
	sed 1d out | cut -f 1 >time_of
	printf '%s\n' "$before" "$(cat time_of)" "$after" | LC_ALL=C sort -c || return 1
	sed 1d out | cut -f 2- >columns_of
	printf '%s\tlab-server-n\t4\t%s\t%s\t%s\n' "$pid" "$raddr" "$laddr" \
		"$lport" | cmp - columns_of
}
# A zone that only /etc/localtime tells: a TZif file, 5:30 east, no changes.
local_zone() {
	[ ! -e /etc/localtime ] || return 1
	# 15 bytes and four counts of 0, 1 type, 4 characters; the type; XYZ.
	word='\0\0\0\0'
	half="$word$word$word\0\0\0$word$word$word$word\0\0\0\1\0\0\0\4"
	half="$half\0\0\115\130\0\0XYZ\0"
	# shellcheck disable=SC2059 # octal
	printf "TZif2${half}TZif2$half\nXYZ-5:30\n" >/etc/localtime
	[ "$(date -d @0 +%H:%M)" = 05:30 ] && time_of_day ''
	held=$?
	rm /etc/localtime
	return $held
}

# Bytes of a name in hex; how a row shows it; how it is in JSON, escaped here
# whether or not it need be.
names() {
	cat <<-'END'
	22275c0a1b5b33316d6c6162|"'\??[31mlab|\"'\\\n\u001b[31mlab
	fffe6c6162c328c3|??lab?(?|\ufffd\ufffdlab\ufffd(\ufffd
	c0afeda0806c6162|?????lab|\ufffd\ufffd\ufffd\ufffd\ufffdlab
	f49080806c6162|????lab|\ufffd\ufffd\ufffd\ufffdlab
	c29bc2857f096c6162|??????lab|\u009b\u0085\u007f\tlab
	c3a9e282acf09f98806c6162|?????????lab|\u00e9\u20ac\ud83d\ude00lab
	6161616161616161616161616161c3a9|aaaaaaaaaaaa|aaaaaaaaaaaaaa\ufffd
	3c2f7363726970743e267b7d|</script>&{}|</script>&{}
	206c616220| lab | lab 
	||
	END
}
rows_all() { sed 1d out; }
# Filtered by port: the names are not ones to filter by.
hostile_names() {
	start --probe "$rung" -P $port -o +PCOMM || return 1
	names >names
	while IFS='|' read -r hex table _; do
		for thread in '' LAB_PCOMM=6c61622d70; do
			facts LAB_PORT=$port "LAB_NAME=$hex" $thread block 4 || return 1
			comm_text=$table pcomm_text=${thread:+lab-p}
			pcomm_text=${pcomm_text:-$table}
			line_of row PID COMM IP RADDR LADDR LPORT PCOMM >>truth
		done
	done <names
	await lines out $(($(wc -l <truth) + 1)) && stop && rows_all | cmp - truth &&
		[ "$(tr -d '\n -~' <out | wc -c)" -eq 0 ]
}

# ---------------------------------------------------------------------------
# JSON

# The object without further keys; "*" stands for whatever.
json_of() {
	printf '{"ts":"*","pid":%d,"tid":%d,"comm":"%s","uid":%d,"ip":%d,' \
		"$pid" "$tid" "$comm_json" "$uid" "$ip"
	printf '"raddr":"%s","rport":%d,"laddr":"%s","lport":%d,"netns":%s,' \
		"$raddr" "$rport" "$laddr" "$lport" "$netns"
	printf '"cgroup":%s%s}\n' "$cgroup_json" "$1"
}
# What was printed, and what it should mean, for judge.py.
json_out() {
	{
		echo "json case $name"
		sed "s/^/json got /" out
		sed "s/^/json want /" truth
	} >>"$dir/.json"
	[ "$(wc -l <out)" -eq "$(wc -l <truth)" ]
}
# Nothing on stdout tells of it being armed; -v does on stderr.
start_json() {
	"$TOOL" --probe "$rung" -v -P $port -j "$@" >out 2>err &
	tool=$!
	await armed_json
}
armed_json() { grep -q 'tracing by' err || ! kill -0 "$tool"; }

json_rows() {
	start_json && [ ! -s out ] || return 1
	for family in 4 6 mapped; do
		facts LAB_PORT=$port block $family && add_json || return 1
	done
	facts LAB_PORT=$port LAB_UID=65534 block 4 && add_json || return 1
	facts LAB_PORT=$port LAB_UNSHARE=1 block 4 && add_json || return 1
	before=$(date -u +%Y-%m-%dT%H:%M:%S)
	facts LAB_PORT=$port LAB_NAME=6c61622d74 LAB_PCOMM=6c61622d70 block 4 ||
		return 1
	comm_text=lab-t add_json
	await lines out "$(wc -l <truth)" || return 1
	after=$(date -u +%Y-%m-%dT%H:%M:%S)
	stop && json_out || return 1
	ts=$(tail -n 1 out | sed 's/^{"ts":"\([^"]*\)",.*/\1/')
	echo "$before $ts $after"
	echo "$ts" | grep -Eqx '[-0-9]{10}T[0-9:]{8}\.[0-9]{6}Z' &&
		printf '%s\n' "$before" "${ts%.*}" "$after" | LC_ALL=C sort -c
}
# In a time namespace: rows as they happen, not at the end, and when it was. What
# follows the offset is for lab, too.
in_time_namespace() {
	offset=$1
	shift
	printf '#!/bin/sh\nexec %s timens %s %s %s "$@"\n' "$LAB" "$offset" \
		"${*:+$LAB $*}" "$TOOL" >deaf
	chmod +x deaf
	with_deaf start_json || return 1
	before=$(date -u +%Y-%m-%dT%H:%M:%S)
	LAB_PORT=$port "$LAB" one block 4 >/dev/null && await lines out 1 || return 1
	after=$(date -u +%Y-%m-%dT%H:%M:%S)
	stop || return 1
	ts=$(sed 's/^{"ts":"\([^"]*\)",.*/\1/' out)
	echo "$before $ts $after"
	printf '%s\n' "$before" "${ts%.*}" "$after" | LC_ALL=C sort -c
}
add_json() {
	comm_json=$comm_text
	cgroup_json=\"$cgroup\"
	# No cgroup v2 is mounted.
	[ -n "$cgroup" ] || cgroup_json='"*"'
	json_of "$1" >>truth
}
json_names() {
	start_json -o +PCOMM || return 1
	names >names
	while IFS='|' read -r hex _ json; do
		facts LAB_PORT=$port "LAB_NAME=$hex" block 4 || return 1
		comm_text=$json
		add_json ",\"pcomm\":\"$json\""
		facts LAB_PORT=$port "LAB_PCOMM=$hex" block 4 || return 1
		add_json ",\"pcomm\":\"$json\""
	done <names
	await lines out "$(wc -l <truth)" && stop && json_out || return 1
	# Valid UTF-8 is not escaped: e acute.
	LC_ALL=C grep -q "$(printf '"comm":"\303\251')" out
}
json_cgroup() {
	path=$CGROUP/tcpaccept-$$
	inside="$path/$(printf 'a"b\\c\033\303\251\377')"
	mkdir "$path" "$inside" || return 1
	start_json && LAB_PORT=$port sh -c 'echo 0 >"$0/cgroup.procs" &&
		exec "$1" facts block 4' "$inside" "$LAB" >facts &&
		know <facts && await lines out 1
	held=$?
	rmdir "$inside" "$path"
	[ $held -eq 0 ] && stop || return 1
	cgroup=${cgroup%/*}'/a\"b\\c\u001b\u00e9\ufffd'
	add_json && json_out
}
# A key for each further column, in their order.
json_more() {
	start_json -o +BL,PCOMM,WAIT,UID -t -T || return 1
	more=',"time":"*","seconds":"*","backlog":0,"backlog_max":8,'
	more=$more'"pcomm":"lab-server-name","wait_us":"*"'
	facts LAB_PORT=$port block 4 && add_json "$more" &&
		await lines out 1 && stop && json_out || return 1
	grep -E '"time":"[0-9:]{8}","seconds":0(\.0+)?,' out &&
		grep -E '"wait_us":[0-9]+}$' out
}

# ---------------------------------------------------------------------------
# Queues

tell() {
	for word in "$@"; do
		echo "$word" >&3
		told=$((told + 1))
		await lines ready $told || return 1
	done
}
backlog_begin() {
	mkfifo go
	"$LAB" backlog "$1" "$2" "${3:-8}" <go >facts 2>ready &
	lab=$!
	exec 3>go
	told=1
	await lines ready 1
}
backlog_end() {
	exec 3>&-
	wait "$lab"
}
# Of processes that are still there, also another user's: the second process keeps
# CAP_SYS_PTRACE for that.
executable() {
	exe=$(readlink -f "$LAB")
	start --probe "$rung" -o PID,COMM,EXE && backlog_begin block 4 &&
		tell 'connect 1' accept && await_rows 1 && backlog_end &&
		rm -f go && LAB_UID=65534 backlog_begin block 4 &&
		tell 'connect 1' accept && await_rows 2 && backlog_end && stop &&
		[ "$(rows | grep -c " lab-server-n $exe\$")" -eq 2 ]
}

# The rows' last column is WAIT(ms): "-" for the first $1, then within the bounds.
waits_right() {
	rows | awk '{ print $NF }' >waits
	while read -r line; do
		eval "$line"
		echo "$wait_least $wait_most"
	done <facts >bounds
	[ "$(wc -l <waits)" -eq "$(wc -l <bounds)" ] || return 1
	paste -d ' ' waits bounds >both
	cat both
	awk -v unknown="$1" '
		NR <= unknown { bad += $1 != "-"; next }
		$1 !~ /^[0-9]+\.[0-9][0-9][0-9]$/ { bad++; next }
		{ us = $1 * 1000; bad += us < $2 - 1 || us > $3 + 1 }
		END { exit bad != 0 }' both
}
queue_columns='PID COMM IP RADDR LADDR LPORT BL'
queue_truth() {
	while read -r line; do
		echo "$line" >line && know <line && eval "$line"
		# shellcheck disable=SC2086 # a list
		line_of row $queue_columns
	done <facts | sed 's/ *$//' >truth
}
# Two wait before the start, three more come after it.
queue() {
	backlog_begin "$1" "$2" && tell 'connect 2' || return 1
	start --probe "$rung" -o +BL,WAIT || return 1
	tell 'connect 3' 'sleep 300' accept accept accept accept \
		'connect 1' accept accept && backlog_end || return 1
	await_rows 6 && stop || return 1
	# shellcheck disable=SC2086 # a list
	line_of header $queue_columns 'WAIT(ms)' >header
	head -n 1 out | cmp - header || return 1
	queue_truth
	grep ' 4/8' truth || return 1
	rows | sed 's/ *[^ ]*$//' | cmp - truth && waits_right 2
}
# A listener that there was not before.
queue_after() {
	start --probe "$rung" -o +BL,WAIT || return 1
	backlog_begin block 4 && tell 'connect 2' 'sleep 100' accept accept &&
		backlog_end && await_rows 2 && stop || return 1
	queue_truth
	rows | sed 's/ *[^ ]*$//' | cmp - truth && waits_right 0
}
# Who waits for the connection gets it at once; $1: since before the start, BL of
# which is $2.
queue_empty() {
	mkfifo go
	[ "$1" = before ] || start --probe "$rung" -o PID,COMM,BL,WAIT || return 1
	"$LAB" blocked 2 <go >truth 2>ready &
	lab=$!
	exec 3>go
	await lines ready 1 || return 1
	[ -n "$tool" ] || start --probe "$rung" -o PID,COMM,BL,WAIT || return 1
	echo >&3
	await lines ready 2 && backlog_end && await_rows 2 && stop || return 1
	rows | awk -v bl="$2" '$3 != bl || $4 !~ /^[0-9]+\.[0-9][0-9][0-9]$/ ||
		$4 > 5000 { bad = 1 } END { exit bad || NR != 2 }'
}
# Reset by the client: it stays in the queue, and is accepted.
queue_reset() {
	start --probe "$rung" -o +BL,WAIT || return 1
	"$LAB" one reset 4 >truth && "$LAB" one reset 6 >>truth &&
		await_rows 2 && stop || return 1
	sed 's/ *$/ 0\/8/' truth >want
	rows | awk '
		{ print $1, $2, $3, $4, $5, $6, $7; bad += $NF !~ /^[0-9]+[.][0-9]+$/ }
		END { exit bad != 0 }' >shown && awk '{ $1 = $1; print }' want |
		cmp - shown && ! grep 'is not known' err
}
# $1: the functions that have kprobes then.
queue_kprobes() {
	probed=$1
	shift
	mount -t debugfs none /sys/kernel/debug || return 1
	start "$@" && sed 's/+.*//; s/.* //' /sys/kernel/debug/kprobes/list >probed
	held=$?
	umount /sys/kernel/debug
	stop && [ $held -eq 0 ] && [ "$(cat probed)" = "$probed" ]
}
# Where kprobes do not fire.
queue_tracepoints() {
	mount -t debugfs none /sys/kernel/debug || return 1
	enabled=/sys/kernel/debug/kprobes/enabled
	echo 0 >$enabled
	"$@"
	held=$?
	echo 1 >$enabled
	umount /sys/kernel/debug
	return $held
}
# BTF is for BL alone.
queue_no_btf() {
	start --probe "$rung" --no-btf -o +BL,WAIT || return 1
	backlog_begin block 4 && tell 'connect 1' 'sleep 50' accept && backlog_end &&
		await_rows 1 && stop || return 1
	waits_right 0 && rows | awk '$7 != "-" { exit 1 }'
}

# Nothing of ours can connect to itself, as in a unit that may not use the network.
queue_untried() {
	printf '#!/bin/sh\nexec %s deny inet %s "$@"\n' "$LAB" "$TOOL" >deaf
	chmod +x deaf
	with_deaf queue_after
	held=$?
	[ $held -eq 0 ] && ! grep 'is not known' err
}
with_deaf() {
	real=$TOOL TOOL=$PWD/deaf
	"$@"
	held=$?
	TOOL=$real
	return $held
}
# What comes by SYN cookies while it starts is no proof of what comes otherwise.
queue_cookies() {
	cookies=/proc/sys/net/ipv4/tcp_syncookies
	was=$(cat $cookies)
	echo 2 >$cookies
	(until [ -e armed ]; do "$LAB" burst 100 2 2; done) >/dev/null &
	others=$!
	start --probe "$rung" -P $port -o +BL,WAIT
	held=$?
	touch armed
	wait $others
	echo "$was" >$cookies
	[ $held -eq 0 ] && LAB_PORT=$port backlog_begin block 4 &&
		tell 'connect 2' 'sleep 50' accept accept && backlog_end &&
		await_rows 2 && stop && waits_right 0
}

# Of MPTCP its first subflow has the queue, which BTF alone tells.
queue_mptcp_no_btf() {
	start --probe "$rung" --no-btf -o COMM,WAIT &&
		"$LAB" one mptcp 4 >/dev/null && "$LAB" one block 4 >/dev/null &&
		await_rows 2 && stop || return 1
	rows | awk 'NR == 1 && $2 != "-" || NR == 2 && $2 == "-" { exit 1 }' &&
		grep 'of 1 rows is not known: .* MPTCP, which needs BTF' err
}

# $1 are followed: of more that wait, the oldest is forgotten, the newest is not.
# All come on one CPU: the kernel's LRU does not look at what another CPU noted last
# (its pending list, kernel/bpf/bpf_lru_list.c).
queue_many() {
	net=/proc/sys/net more=$(($1 + 1024))
	somaxconn=$(cat $net/core/somaxconn)
	ports=$(cat $net/ipv4/ip_local_port_range)
	echo $more >$net/core/somaxconn
	# connect(2) looks at each even one, to begin with.
	echo 10000 65001 >$net/ipv4/ip_local_port_range
	# shellcheck disable=SC3045 # both shells have it
	ulimit -n $((more + 64))
	start --probe "$rung" -o +BL,WAIT && backlog_begin block 4 $more &&
		taskset -p 1 "$lab" >affinity &&
		tell "connect $more" accept && backlog_end || return 1
	wait_=$(rows | awk '{ print $NF }')
	bl=$(rows | awk '{ print $(NF - 1) }')
	echo "$bl, $wait_"
	[ "$wait_" = - ] && [ "$bl" = $((more - 1))/$more ] || return 1
	mv facts facts.old
	rm go ready
	tail -n 1 out >out.old
	backlog_begin block 4 && tell 'connect 1' accept && backlog_end || return 1
	echo "$somaxconn" >$net/core/somaxconn
	echo "$ports" >$net/ipv4/ip_local_port_range
	await_rows 2 && stop && cat facts >>facts.old && mv facts.old facts &&
		waits_right 1
}

rss() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$tool/status"; }
memlock() {
	cat "/proc/$keeper/fdinfo/"* | awk '$1 == "memlock:" { sum += $2 }
		END { print sum + 0 }'
}
# $1 connections that nobody accepts leave nothing behind: of the map there are
# the two that wait all the while (and what other programs have), and nothing has
# grown.
dead_forgotten() {
	start --probe "$rung" -o +BL,WAIT || return 1
	backlog_begin block 4 && tell 'connect 2' && "$LAB" die 200 || return 1
	keeper=$(keeper) rss=$(rss) memlock=$(memlock) since=$(date +%s)
	"$LAB" die "$1" || return 1
	echo "$1 in $(($(date +%s) - since)) s; RSS $rss, $(rss) KiB;" \
		"maps $memlock, $(memlock) bytes" >&2
	keys=$("$LAB" keys "$keeper")
	echo "keys: $keys"
	[ "$keys" -ge 2 ] && [ "$keys" -le 20 ] && [ "$(rss)" -le $((rss + 64)) ] && [ "$(memlock)" -eq "$memlock" ] &&
		[ "$memlock" -gt 0 ] || return 1
	tell 'connect 1' 'sleep 50' accept accept accept && backlog_end &&
		await_rows 3 && stop || return 1
	queue_truth
	rows | sed 's/ *[^ ]*$//' | cmp - truth && waits_right 0 &&
		! grep -v ' note: ' err
}

# ---------------------------------------------------------------------------
# Ends and counts

gone() { ! kill -0 "$tool" 2>/dev/null; }
# It ends by itself, with 0.
ends() {
	await gone || return 1
	stopped=$tool tool=
	wait "$stopped"
}

rows_end() {
	start --probe "$rung" -c lab-server-name "$@" || return 1
	"$LAB" burst 500 4 2 >truth && ends || return 1
	wc -l <out
	[ "$(rows_all | wc -l)" -eq "$2" ] && [ "$(rows | wc -l)" -eq "$2" ]
}

# TZ gives a note on any kernel. -v says when it has begun, as there is no header.
bare_rows() {
	TZ=No/Such "$TOOL" --probe "$rung" -T -d 0.01 >out 2>err &&
		grep ' note: .*No/Such' err || return 1
	TZ=No/Such "$TOOL" --probe "$rung" -HTqv -c lab-server-name -n 2 \
		>out 2>err &
	tool=$!
	await armed_json
	"$LAB" burst 2 4 1 >truth && ends || return 1
	cat out
	[ "$(grep -c '^[0-9:]\{8\} .* lab-server-n' out)" -eq 2 ] &&
		[ "$(wc -l <out)" -eq 2 ] && ! grep ' note: ' err
}
# A list names the first one that is not there; of a range some may be missing.
absent_noted() {
	for pids in 4194303 "$$,4194303"; do
		"$TOOL" --probe "$rung" -p "$pids" -d 0.01 >out 2>err &&
			[ "$(grep -c 'note: .* no process 4194303 now' err)" -eq 1 ] ||
			return 1
	done
	for pids in $$ 4194300-4194303 '!4194303'; do
		"$TOOL" --probe "$rung" -p "$pids" -d 0.01 >out 2>err &&
			! grep 'no process' err || return 1
	done
}
# What it said of losses decides, as a kernel in use may skip some at any time.
strict_status() {
	status=$1
	! grep -E ' (lost|up to) [0-9]' err || status=3
}
strict_ends() {
	"$TOOL" --probe "$rung" --strict -c no-such-name -n 1 -d 0.1 >out 2>err
	[ $? -eq 3 ] || return 1
	"$TOOL" --probe "$rung" -c no-such-name -n 1 -d 0.1 >out 2>err || return 1
	"$TOOL" --probe "$rung" --strict -c no-such-name -d 0.1 >out 2>err
	held=$?
	strict_status 0
	[ "$held" -eq "$status" ] || return 1
	start --probe "$rung" --strict -c lab-server-name -n 1 || return 1
	"$LAB" one block 4 >truth
	ends
	held=$?
	strict_status 0
	[ "$held" -eq "$status" ]
}
# OPTIONS STATUS: of a ring of one page, which nobody reads meanwhile.
strict_loss() {
	# shellcheck disable=SC2086 # or none
	start --probe "$rung" --ring 1 $1 -c lab-server-name || return 1
	kill -STOP "$tool" && "$LAB" burst 500 4 1 >truth && kill -CONT "$tool" ||
		return 1
	stop
	held=$?
	echo "status $held, lost $(lost)"
	[ "$(lost)" -gt 0 ] && [ $held -eq "$2" ]
}

# From the header on, a second and not two.
duration_ends() {
	begun=$(uptime_ms)
	start --probe "$rung" -d 1 || return 1
	armed=$(uptime_ms)
	"$LAB" one block 4 >truth && ends || return 1
	ended=$(uptime_ms)
	echo "begun $begun, armed $armed, ended $ended"
	[ $((ended - begun)) -ge 990 ] && [ $((ended - armed)) -lt 2000 ] && same
}
# SECONDS: though nobody reads: more rows than a pipe holds. Sets came to whether they
# all came before its end, ms to how long it ran, and held to its exit status.
stalled() {
	rm -f pipe
	mkfifo pipe
	"$TOOL" --probe "$rung" -d "$1" -w -o +TID,PCOMM,UID,RPORT,NETNS,CGROUP \
		>pipe 2>err 3>&- &
	tool=$!
	exec 4<pipe
	read -r line <&4
	armed=$(uptime_ms)
	came=no
	"$LAB" burst 1000 4 2 >truth
	[ $(($(uptime_ms) - armed)) -ge $(($1 * 1000)) ] || came=yes
	ends
	held=$?
	ms=$(($(uptime_ms) - armed))
	exec 4<&-
	echo "-d $1: status $held, $ms ms, all came before: $came"
}
# A busy machine may need longer for them; then it is to run longer, too.
duration_ends_stalled() {
	for seconds in 2 4 8 16 32; do
		stalled $seconds
		[ "$came" = no ] || [ "$ms" -ge $((seconds * 1000 + 2000)) ] || break
	done
	[ "$held" -eq 1 ] && [ "$ms" -lt $((seconds * 1000 + 2000)) ] &&
		grep -q '^tcpaccept: rows not written: [1-9]' err
}

summary_header='PID    COMM         LPORT ACCEPTS  RATE/s'
# Once, at the end.
counts_once() {
	begun=$(uptime_ms)
	start --probe "$rung" -C || return 1
	armed=$(uptime_ms)
	facts block 4 && printf '%-6d %-12s %-5d %-8d\n' "$pid" \
		lab-server-n "$lport" 1 >ones && facts block 6 &&
		printf '%-6d %-12s %-5d %-8d\n' "$pid" lab-server-n "$lport" 1 >>ones
	backlog_begin block 4 && tell 'connect 2' accept 'connect 1' accept accept &&
		backlog_end && know <facts || return 1
	printf '%-6d %-12s %-5d %-8d\n' "$pid" lab-server-n "$lport" 3 >truth
	LC_ALL=C sort ones >>truth
	[ "$(wc -l <out)" -eq 1 ] || return 1
	killed=$(uptime_ms)
	stop || return 1
	ended=$(uptime_ms)
	[ "$(head -n 1 out)" = "$summary_header" ] || return 1
	rows | cut -c 1-34 | cmp - truth || return 1
	rate=$(rows | awk 'NR == 1 { print $NF }')
	echo "rate $rate, between $((killed - armed)) and $((ended - begun)) ms"
	rows | awk '$NF !~ /^[0-9]+\.[0-9]$/ { exit 1 }' && awk -v rate="$rate" \
		-v least=$((killed - armed - 20)) -v most=$((ended - begun + 20)) '
		BEGIN { exit !(rate >= 3000 / most - 0.051 &&
			rate <= 3000 / (least > 0 ? least : 1) + 0.051) }'
}
# Behind the header and the line about the interval.
counted() { sed 1,2d out; }
# The lines about intervals: the time, accepts, groups.
intervals() { grep -E '^[0-9]{2}:[0-9]{2}:[0-9]{2}  [0-9]+ accepts?, [0-9]+( or more)? groups?(, [0-9]+ shown)?$' out; }
heard() { [ "$(intervals | wc -l)" -ge "$1" ]; }
# Each second: sums add up; each interval is sorted, and a line begins it.
counts_each_second() {
	start --probe "$rung" "$@" || return 1
	armed=$(uptime_ms)
	"$LAB" burst 300 2 2 >truth && await heard 2 &&
		"$LAB" one block 6 >/dev/null && "$LAB" burst 200 2 2 >truth ||
		return 1
	killed=$(uptime_ms)
	stop || return 1
	shown=$(rows | awk '{ sum += $4 } END { print sum }')
	seconds=$(((killed - armed) / 1000))
	echo "counted $shown, lost $(lost); $seconds s, $(intervals | wc -l) intervals"
	adds_up $((shown + $(lost))) 501 || return 1
	# The rows behind each line add up to what it says, and are as many.
	awk 'NR == 1 { next }
		/^..:..:..  / { if (sum || left) exit 1; sum = $2; left = $4; last = 0; next }
		{ if (last && $4 > last) exit 1; last = $4; sum -= $4; left-- }
		END { exit sum || left }' out || return 1
	[ "$(grep -c PID out)" -eq 1 ] && heard $seconds && ! heard $((seconds + 3))
}
# 1,500 clients: ten are shown, the busiest first, and the sums.
counts_top() {
	start --probe "$rung" -P $port -C 2592000 -n 10 -o RADDR || return 1
	export LAB_PORT=$port
	"$LAB" sources 1500 >/dev/null &&
		LAB_FROM=127.9.9.9 "$LAB" sources 700 >/dev/null
	made=$?
	unset LAB_PORT
	[ $made -eq 0 ] && stop || return 1
	gone=$(lost)
	intervals | awk -v gone="$gone" '$2 + gone == 2200 && $4 == 1024 &&
		/ 1024 or more groups, 10 shown$/ { found = 1 } END { exit !found }' &&
		[ "$(wc -l <out)" -eq 12 ] &&
		sed -n 3p out | grep '^127\.9\.9\.9  *[67][0-9][0-9] '
}
# Two of them at once: rows with WAIT(ms) and BL, and what -C makes of the same. $@
# starts the latter.
counts_measured() {
	"$TOOL" --probe "$rung" -P $port -o WAIT,BL >each 2>/dev/null 3>&- &
	second=$!
	export LAB_PORT=$port
	"$LAB" begun each "$second" && "$@" -C -o WAIT,BL && backlog_begin block 4 &&
		tell 'connect 3' 'sleep 300' accept 'connect 2' 'sleep 100' accept accept \
			accept accept && backlog_end && await lines each 6 && stop
	made=$?
	unset LAB_PORT
	kill "$second" && wait "$second"
	[ $made -eq 0 ] || return 1
	sed 1d each | sort -n | tr / ' ' | awk '{ wait[NR] = $1; sum += $1 }
		$2 > most { most = $2 }
		END { printf "%d %d/%d %.3f %.3f %.3f\n", NR, most, $3, sum / NR,
			wait[NR - int(NR / 100)], wait[NR] }' >want
	cat each want out
}
# The columns of -C: ACCEPTS RATE/s BL-MAX AVG(ms) P99(ms) MAX(ms).
counts_waits() {
	counts_measured start --probe "$rung" -P $port || return 1
	[ "$(head -n 1 out)" = \
		'ACCEPTS  RATE/s   BL-MAX    AVG(ms)  P99(ms)  MAX(ms)' ] || return 1
	sed 1,2d out | awk '{ $2 = ""; print }' | cat want - | awk '
		function far(a, b) { return a - b > 20 || b - a > 20 }
		NR == 1 { split($0, want); next }
		{ exit $1 != 5 || $1 != want[1] || $2 != want[2] || far($3, want[3]) ||
			$4 < want[4] - 20 || $4 > want[4] * 17 / 16 + 20 ||
			far($5, want[5]) }'
}
counts_waits_json() {
	counts_measured start_json || return 1
	sed 's/[{},:" ][{},:" ]*/ /g' out | awk '
		NR == 1 { whole = / accepts 5 groups 1 more_groups false shown 1 lost 0 missed 0 dropped [0-9]+ $/ }
		NR == 2 { group = / accepts 5 error 0 rate [0-9.]+ backlog_peak 3 backlog_max 8 wait_avg_us [0-9]+ wait_p99_us [0-9]+ wait_max_us [0-9]+ $/ }
		END { exit NR != 2 || !whole || !group }'
}

# More groups than 1024, and then the busiest: it is first. ACCEPTS is no less than
# what was made, and no more than that and what -N says behind the rate.
counts_late() {
	start --probe "$rung" -c lab-server-name -C -o +RADDR || return 1
	"$LAB" sources 1100 >truth || return 1
	LAB_FROM=127.9.9.9 "$LAB" sources 3000 >truth || return 1
	stop || return 1
	line_of header PID COMM LPORT RADDR ACCEPTS RATE/s >header
	head -n 1 out | cmp - header || return 1
	counted >all
	sum=$(awk '{ sum += $5 } END { print sum }' all)
	gone=$(lost)
	echo "groups $(wc -l <all), sum $sum, lost $gone; $(head -n 1 all)"
	awk -v gone="$gone" 'NR == 1 && $4 == "127.9.9.9" && $7 ~ /^-[1-9][0-9]*$/ &&
		$5 >= 3000 - gone && $5 + $7 <= 3000 { found = 1 }
		END { exit !found }' all || return 1
	[ "$(wc -l <all)" -eq 1024 ] && adds_up $((sum + gone)) 4100 &&
		[ "$(grep -c '^tcpaccept: more than 1024 groups' err)" -eq 1 ]
}
# Names that show as the same 12 characters, whole as ps(1) has them.
counts_names() {
	start --probe "$rung" -C -P $port -o COMM,LPORT || return 1
	# php-fpm-poolA1, php-fpm-poolB2
	for last in 4131 4232 4232 4131 4232; do
		LAB_PORT=$port LAB_NAME=7068702d66706d2d706f6f6c$last \
			"$LAB" one block 4 >/dev/null || return 1
	done
	stop || return 1
	for count in 3 2; do
		printf 'php-fpm-pool %-5d %-8d\n' $port $count
	done >want
	counted | cut -c 1-27 | cmp - want
}
# 1024 exactly are none too many.
counts_1024() {
	start --probe "$rung" -c lab-server-name -C -o RADDR || return 1
	"$LAB" sources 1024 >truth && "$LAB" sources 600 >truth && stop || return 1
	[ "$(head -n 1 out)" = 'RADDR            ACCEPTS  RATE/s' ] || return 1
	counted >all
	awk 'NF != 3 { exit 1 }' all || return 1
	cut -c 1-25 all >shown
	for i in $(seq 0 1023); do
		address=$((i + 1))
		printf '%-16s %-8d\n' "127.1.$((address / 256)).$((address % 256))" \
			$((i < 600 ? 2 : 1))
	done >addresses
	LC_ALL=C sort -k 2,2nr -k 1,1 addresses >want
	cmp shown want
}
counts_end() {
	start --probe "$rung" -C --duration 1 || return 1
	"$LAB" one block 4 >/dev/null && ends || return 1
	rows | grep -E '^[0-9]+ +lab-server-n [0-9]+ +1 '
}
# The time of the interval's end.
counts_timed() {
	start --probe "$rung" -T -t -C 1 || return 1
	"$LAB" one block 4 >truth && await_rows 1 && stop || return 1
	head -n 1 out
	[ "$(head -n 1 out)" = "TIME     TIME(s)  $summary_header" ] &&
		rows | grep -E '^[0-9:]{8} [1-9][0-9]*\.[0-9]{3} +[0-9]+ +lab-server-n'
}
# Longer than poll(2) can wait at a time.
counts_monthly() {
	start --probe "$rung" -C 2592000 || return 1
	await grep -q '^7 .* 0x7fffffff ' "/proc/$tool/syscall"
}

# By the rung cgroup, whose programs may not look at another cgroup everywhere.
cgroup_refused() {
	"$TOOL" --probe cgroup --cgroup "$CGROUP" >out 2>err
	[ $? -eq 1 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] &&
		grep -e '--cgroup by cgroup hooks needs a later kernel' err
}

ftrace_refused() {
	for option in --netns=$$ --cgroup="$CGROUP"; do
		"$TOOL" --probe ftrace "$option" >out 2>err
		[ $? -eq 1 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] &&
			grep -e "${option%%=*}" err || return 1
	done
}
unknown_columns() {
	start --probe ftrace --no-btf -o COMM,PCOMM,UID,BL,WAIT,DROPS,NETNS,CGROUP &&
		"$LAB" one block 4 >truth && await_rows 1 && stop &&
		[ "$(rows | tr -s ' ')" = 'lab-server-n lab-server-n - - - - - -' ] || return 1
	start_json --no-btf -o UID && LAB_PORT=$port "$LAB" one block 4 &&
		await lines out 1 && stop && grep '"uid":null' out
}

default_table() {
	start || return 1
	facts block 4 && line_of header PID COMM IP RADDR LADDR LPORT >want &&
		line_of row PID COMM IP RADDR LADDR LPORT >>want &&
		await_rows 1 && stop && sed -n '1p; / lab/p' out | cmp - want
}

# ---------------------------------------------------------------------------

first=yes
for rung in $RUNGS; do
	# It sees an accept() at once if that asks for the address; no namespaces, no
	# queue, no name of the process.
	if [ "$rung" = cgroup ]; then
		export LAB_ADDRESS=yes
		some_filters
		check "$rung: -o, columns of all that it knows, byte for byte" \
			columns "$cgroup_columns" -o "$(echo "$cgroup_columns" | tr ' ' ,)"
		unset LAB_ADDRESS
		! lacks cgroup-filter ||
			check "$rung: --cgroup is refused by name" cgroup_refused
		continue
	fi
	# It has what the sock has, and the thread.
	if [ "$rung" = ftrace ]; then
		some_filters
		check "$rung: -o, columns of all that it knows, byte for byte" \
			columns "$ftrace_columns" -o "$(echo "$ftrace_columns" | tr ' ' ,)"
		check "$rung: others are - and null" unknown_columns
		check "$rung: --netns and --cgroup are refused by name" \
			ftrace_refused
		check "$rung: a time namespace, bpf(2) forbidden: the same" \
			in_time_namespace 5000 deny bpf
		continue
	fi
	if [ -n "$first" ]; then
		address_filters
		task_filters
		lacks cgroup || cgroup_filters
		check "$rung: -p in a PID namespace" pid_namespace
	else
		some_filters
	fi
	check "$rung: -o, columns of all kinds, byte for byte" columns \
		"$all_columns" -o "$(echo "$all_columns" | tr 'A ' 'a,')"
	check "$rung: JSON has twelve keys" json_rows
	for kind in block mptcp; do
		[ $kind = block ] || ! lacks mptcp || continue
		check "$rung: BL and WAIT, $kind, IPv4: two queued before the start" \
			queue $kind 4
	done
	first=
done

rung=${RUNGS%% *}
check "the default table is as ever" default_table
check "-o +COL: after the default" columns \
	'PID COMM IP RADDR LADDR LPORT TID RPORT' -o +TID,RPORT
check "-o: any order" columns 'LPORT COMM PID' --output=LPORT,comm,PID
check "-o: LPORT last is padded as in the default table" columns \
	'COMM LPORT' -o COMM,LPORT
check "-w: room for IPv6" wide
check "without -w long addresses are whole" narrow
lacks cgroup || check "CGROUP: a path, odd bytes as ?" in_cgroup
lacks cgroup || check "CGROUP: the end of more than 500 bytes" in_deep_cgroup
[ -z "$GUEST" ] || check "--no-btf: NETNS and a process's name are -" without_btf
[ -z "$GUEST" ] || check "--no-btf: columns of -o that it cannot show are told" \
	columns_told
[ -z "$GUEST" ] || check "--no-btf: -c knows threads only, and says so" \
	comm_without_btf
if [ -n "$GUEST" ] && ! lacks cgroup; then
	check "in a sockmap" in_sockmap
	check "in a sockmap, --no-btf" in_sockmap --no-btf
fi
lacks cgroup || check "--cgroup: made anew, it is followed" cgroup_anew
check "--netns: made anew, it is followed" netns_anew
check "--netns: by number and name" netns_names
lacks cgroup || check "--cgroup: where cgroups are mounted elsewhere" cgroup_elsewhere
check "EXE: what the process runs" executable
lacks cgroup || check "--container, CONTAINER, and -C by it" container
lacks cgroup || check "--cgroup: by CGROUP's path, and by a unit's name" cgroup_names
if ! lacks cgroup; then
	check "CGROUP: a name that ends in (deleted)" cgroup_deleted
	check "-j: 200 cgroups, a burst of $BURST: it asks for each once" \
		cgroup_burst_known
	check "-j: in a cgroup namespace, the same" cgroup_burst_outside
	[ -z "$GUEST" ] || check "-j: CAP_BPF and CAP_PERFMON, the same" \
		cgroup_burst_caps
fi
check "-T: UTC" time_of_day UTC0
check "-T: east by a half hour" time_of_day XYZ-5:30
check "--time=iso --tsv: date and offset, tabs" time_iso
[ -z "$GUEST" ] || check "-T: by /etc/localtime" local_zone
check "a time namespace that is behind: rows at once, ts right" \
	in_time_namespace "-$(awk '{ printf "%d", $1 / 2 }' /proc/uptime)"
check "a time namespace that is ahead: the same" in_time_namespace 5000
check "hostile names, in rows" hostile_names
check "hostile names, in JSON" json_names
lacks cgroup || check "a hostile cgroup, in JSON" json_cgroup
check "JSON: -t, -T and -o add keys" json_more
check "what is no netns or cgroup: exit 2" wrong_files
lacks bpffs || check "what is no hash map of IDs: exit 2" wrong_maps
[ -z "$GUEST" ] || check "what it may not look at: exit 1" forbidden
[ -z "$GUEST" ] || check "CGROUP: - without CAP_DAC_READ_SEARCH, and it says so" \
	hidden_cgroup
check "--netns and --mntnsmap without BTF: exit 1" needs_btf
check "BL and WAIT: IPv6" queue block 6
check "BL and WAIT: v4-mapped" queue block mapped
lacks mptcp || check "BL and WAIT: MPTCP, IPv6" queue mptcp 6
lacks mptcp || check "BL and WAIT: MPTCP, a plain client" queue mptcp-plain 4
check "BL and WAIT: a listener that was not there before" queue_after
check "BL and WAIT: an accept() that waits" queue_empty after 0/8
check "BL and WAIT: no connection of our own can be made" queue_untried
check "WAIT: others come by SYN cookies while it starts" queue_cookies
check "BL and WAIT: reset in the queue" queue_reset
if lacks kprobes; then
	check "WAIT: an accept() that waited before the start" queue_empty before -
else
	check "BL and WAIT: an accept() that waited before the start" \
		queue_empty before 0/8
	check "WAIT without BTF, BL -" queue_no_btf
	lacks mptcp || check "WAIT without BTF: - for MPTCP, with the reason" \
		queue_mptcp_no_btf
fi
case "$GUEST $RUNGS " in
yes*" inet-accept "*)
	check "BL and WAIT: one kprobe, of __inet_accept" \
		queue_kprobes __inet_accept -o +BL,WAIT
	rung=inet-accept
	check "BL by __inet_accept: an accept() that waited before the start" \
		queue_empty before 0/8
	check "BL by __inet_accept: reset in the queue" queue_reset
	rung=${RUNGS%% *}
	;;
esac
[ "$GUEST $rung" != "yes graft" ] ||
	check "WAIT: no further kprobe" queue_kprobes security_sock_graft -o +WAIT
if [ -n "$GUEST" ]; then
	rung=syscall
	check "kprobes switched off: BL and WAIT by tracepoints" \
		queue_tracepoints queue block 4
	check "kprobes switched off: IPv6" queue_tracepoints queue block 6
	lacks mptcp || check "kprobes switched off: MPTCP" \
		queue_tracepoints queue mptcp 4
	check "kprobes switched off: reset in the queue" \
		queue_tracepoints queue_reset
	rung=${RUNGS%% *}
fi
check "$DEAD connections that nobody accepts are forgotten" dead_forgotten "$DEAD"
[ -z "$MANY" ] || check "of more than $MANY that wait the oldest are forgotten" \
	queue_many "$MANY"
# Of no kernel in particular.
if [ -z "$BRIEF" ]; then
	check "-n 100: so many rows of a burst" rows_end -n 100
	check "--rows 1: one" rows_end --rows 1
	check "-H -q: rows only, no notes" bare_rows
	check "-p: a process that is not there is noted" absent_noted
	check "--strict: 3 if -n was not reached" strict_ends
	check "--strict: 3 if accepts were lost" strict_loss --strict 3
	check "without --strict that is no failure" strict_loss '' 0
	check "-d 1: a second from the header on" duration_ends
	check "-d 2: though nobody reads" duration_ends_stalled
	check "-C: once, at the end" counts_once
	check "-C 1: each second" counts_each_second -C 1
	check "--summary=1: each second" counts_each_second --summary=1
	check "-C -d 1: ends, and counts" counts_end
	check "-C 2592000: no wait without end" counts_monthly
	check "-C -n 10: of 1,500 clients ten, and the sums" counts_top
	check "-C -o WAIT,BL: as the rows have them" counts_waits
	check "-C -j: objects" counts_waits_json
	check "-C -T -t: the end of the interval" counts_timed
	check "-C -o +RADDR: of more than 1024 groups the busiest is first" counts_late
	check "-C: names that show as the same are not counted together" counts_names
	check "-C -o RADDR: 1024 groups, sorted by ACCEPTS, then by text" counts_1024
fi
[ ! -e "$dir/.json" ] || cat "$dir/.json"
finish
