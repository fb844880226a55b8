#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# servers.t - servers as people run them, on this machine's kernel: each shows
# with the process ID, name and port it has
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }

. tests/lib/lib.sh
dir=$(mktemp -d)
chmod 755 "$dir"
pids=
trap 'kill $pids 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT

free_port() {
	python3 -c 'import socket; s = socket.socket()
s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

number=0 failed=0
# NAME COMM IP PORT PID: a row that shows them, within a minute.
shows() {
	number=$((number + 1))
	want=$(printf '%-6d %-12.12s %-2d' "$5" "$2" "$3")
	if await grep -q "^$want .* $4 *\$" "$dir/rows"; then
		echo "ok $number - $1"
	else
		failed=$((failed + 1))
		echo "not ok $number - $1"
		echo "# wanted: $want ... $4"
		sed 's/^/# rows: /' "$dir/rows"
	fi
}
get() { busybox wget -q -O /dev/null "http://$1/"; }

./tcpaccept >"$dir/rows" 2>"$dir/err" & tracer=$!
pids=$tracer
await [ -s "$dir/rows" ]
echo served >"$dir/index.html"

port=$(free_port)
busybox httpd -f -p "127.0.0.1:$port" -h "$dir" & server=$!
pids="$pids $server"
await listens "$port"
get "127.0.0.1:$port"
shows "busybox httpd over IPv4" busybox 4 "$port" $server

port=$(free_port)
busybox nc -l -p "$port" ::1 >/dev/null & server=$!
await listens "$port"
echo hello | busybox nc ::1 "$port"
shows "busybox nc over IPv6" busybox 6 "$port" $server

port=$(free_port)
python3 -m http.server --bind 127.0.0.1 --directory "$dir" "$port" \
	>/dev/null 2>&1 & server=$!
pids="$pids $server"
await listens "$port"
get "127.0.0.1:$port"
shows "Python's http.server" python3 4 "$port" $server

port=$(free_port)
cat >"$dir/nginx.conf" <<END
pid $dir/nginx.pid;
error_log stderr crit;
worker_processes 1;
events { }
http {
	access_log off;
	server { listen [::]:$port ipv6only=off; root $dir; }
}
END
nginx -c "$dir/nginx.conf" -g 'daemon off;' & server=$!
pids="$pids $server"
worker=
worker() { worker=$(cat /proc/$server/task/$server/children) && [ -n "$worker" ]; }
await listens "$port" && await worker
get "127.0.0.1:$port"
# shellcheck disable=SC2086 # one worker
shows "nginx's worker, v4-mapped" nginx 4 "$port" $worker

kill $tracer
wait $tracer
number=$((number + 1))
if ! grep -v ' note: ' "$dir/err"; then
	echo "ok $number - nothing is lost"
else
	failed=$((failed + 1))
	echo "not ok $number - nothing is lost"
fi
echo "1..$number"
[ $failed -eq 0 ]
