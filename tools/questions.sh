#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# questions.sh - answer the questions of doc/questions.md on real servers, and print it:
# tools/questions.sh >doc/questions.md
#
# Needs root, ./tcpaccept, and nginx, python3, openssh-server, curl and jq of Debian.
# All runs in namespaces of its own: the servers listen on no address of the machine,
# and nothing is left behind.
set -eu
export LC_ALL=C TZ=UTC PYTHONDONTWRITEBYTECODE=1

if [ "${1-}" != inside ]; then
	exec unshare --net --mount --pid --fork --kill-child --mount-proc \
		bash "$0" inside
fi

. tests/lib/lib.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
PATH=$PWD:$PATH:/usr/sbin
ip link set lo up

# ---- The servers ----

nginx_start() {
	mkdir -p "$dir/nginx"
	cat >"$dir/nginx.conf" <<-END
	worker_processes 3;
	pid $dir/nginx/$1.pid;
	error_log /dev/null;
	events { }
	http {
		access_log off;
		client_body_temp_path $dir/nginx;
		proxy_temp_path $dir/nginx;
		fastcgi_temp_path $dir/nginx;
		uwsgi_temp_path $dir/nginx;
		scgi_temp_path $dir/nginx;
		server { listen 80; location / { return 200 "hello\n"; } }
	}
	END
	nginx -c "$dir/nginx.conf"
	await listens 80
}

# PORT BACKLOG SECONDS: answers one after another, each in so many seconds.
cat >"$dir/slow.py" <<'END'
import socket, sys, time
port, backlog, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
server = socket.create_server(("", port), backlog=backlog)
while seconds:
    client, _ = server.accept()
    time.sleep(seconds)
    client.close()
while True:
    time.sleep(3600)
END
slow_start() {
	python3 "$dir/slow.py" "$@" &
	slow=$!
	await listens "$1"
}

sshd_start() {
	mkdir -p /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f "$dir/key"
	/usr/sbin/sshd -f /dev/null -h "$dir/key" -o PidFile=none
	await listens 22
}

# ---- The clients: they return at once ----

# FROM TIMES [PORT]
visits() {
	for _ in $(seq "$2"); do
		curl -s -o /dev/null --interface "$1" "http://127.0.0.1:${3-80}/" || :
	done
}
# COUNT PORT: connections at the same time, which stay for a while
crowd() {
	python3 - "$@" <<-'END' &
	import socket, sys, time
	clients = []
	for _ in range(int(sys.argv[1])):
	    client = socket.socket()
	    client.setblocking(False)
	    client.connect_ex(("127.0.0.1", int(sys.argv[2])))
	    clients.append(client)
	time.sleep(2)
	END
	crowd=$!
}
listener() { tcpaccept --listeners -j | jq "select(.lport == $1).$2"; }
# All of the crowd has come, and has been accepted.
drained() { ! kill -0 "$crowd" 2>/dev/null && [ "$(listener "$1" backlog)" = 0 ]; }
# Some were dropped.
full() { [ "$(listener "$1" drops)" -gt 0 ]; }
login() { ssh -o BatchMode=yes -o StrictHostKeyChecking=no 127.0.0.1 true 2>/dev/null || :; }

# ---- What is printed ----

# COMMAND TRAFFIC...: the command, run by a shell while there is that traffic. With
# stop set it is ended then, as Ctrl-C would.
show() {
	printf '\n    # %s\n' "${1//$'\n'/$'\n    # '}"
	sh -c "$1" >"$dir/out" 2>"$dir/err" &
	shell=$!
	shift
	await traces
	"$@"
	[ -z "${stop-}" ] || kill "$tracer"
	stop=
	wait $shell || :
	cat "$dir/err" "$dir/out" | grep -v '^tcpaccept: note:' | fold -s -w 88 | expand | sed 's/^/    /; s/ *$//'
}
# It has confined itself: the header is out, or comes at once.
traces() {
	tracer=$(pgrep -x tcpaccept | head -n 1)
	[ -n "$tracer" ] && grep -q '^Seccomp:.*2' "/proc/$tracer/status"
}
# The same for a command that ends by itself.
snapshot() {
	printf '\n    # %s\n' "$1"
	sh -c "$1" 2>&1 | expand | sed 's/^/    /; s/ *$//'
}
text() { printf '\n'; cat; }

cat <<END
# Questions

One question, one command, and what it printed. \`tools/questions.sh\` has run these on nginx
$(nginx -v 2>&1 | sed 's,.*/,,'), python3 $(python3 -V | cut -d ' ' -f 2) and OpenSSH \
$(ssh -V 2>&1 | sed 's/^OpenSSH_\([^ ,]*\).*/\1/'), under Linux $(uname -r); it runs them again
for you. The clients are on the same machine, so that their addresses begin with 127.
END

nginx_start main
sshd_start

text <<'END'
## Who connects now?
END
who() { visits 127.0.0.9 1; login; visits 127.0.0.7 1; }
show 'tcpaccept -T -n 3' who
text <<'END'
Three connections: two clients of nginx, and one of sshd. PID and COMM are the process that
accepted, RADDR is the client, and LPORT the port that it asked for.

## Which client hammers nginx?
END
hammer() { visits 127.0.0.66 40; visits 127.0.0.7 3; visits 127.0.0.8 2; visits 127.0.0.9 1; }
stop=yes
show 'tcpaccept -P 80 -C -n 3 -o RADDR' hammer
text <<'END'
Of four clients the three busiest are shown: 127.0.0.66 made 40 of the 46 connections. Ctrl-C
ended it; `-C 3` shows this every three seconds until then.

## Is the server too slow?
END
slow_start 8000 64 0.05
busy() { crowd 20 8000; await drained 8000; }
stop=yes
show 'tcpaccept -P 8000 -C -o COMM,WAIT,BL' busy
kill $slow
text <<'END'
WAIT is the time that a connection spent in the accept queue before the server took it: the
server's own delay, not the network's. Here it answers one client after another, each in 50 ms,
so that the last of 20 waited for the 19 before it, and BL-MAX of the queue's limit were
waiting behind the first. A server that keeps up has waits far below a millisecond.

## Why is the accept queue full?
END
slow_start 8090 4 0
stuck() { crowd 8 8090; await full 8090; }
stop=yes
show 'tcpaccept -P 8090' stuck
text <<'END'
No row: nobody accepts. But connections were dropped, as a queue was full. Whose?
END
snapshot 'tcpaccept --listeners'
text <<'END'
Port 8090 has five connections in a queue for four (the kernel lets one more in), it has
dropped others, and no thread is in accept(): the process hangs. A process that uses epoll, as
nginx does, has no thread in accept() either, but an empty queue.
END
kill $slow
slow_start 8090 4 0.1
recovers() { crowd 9 8090; }
show 'tcpaccept -P 8090 -n 5 -o PID,COMM,LPORT,BL,DROPS' recovers
kill $slow
text <<'END'
Where the server does accept, the columns BL and DROPS say the same of each connection's
listener.

## What does that container accept?

Its process says which container it is: `docker inspect -f '{{.State.Pid}}' NAME`, or `podman
inspect` with the same words. Here nginx runs in a network namespace of its own.
END
nginx -c "$dir/nginx.conf" -s stop
await sh -c '! pgrep -x nginx >/dev/null'
unshare --net sh -c "ip link set lo up; nginx -c $dir/nginx.conf; exec sleep 60" &
container=$!
await pgrep -x nginx >/dev/null
inside() {
	nsenter -t $container -n curl -s -o /dev/null http://127.0.0.1/
	login
	nsenter -t $container -n curl -s -o /dev/null http://127.0.0.1/
}
show "tcpaccept --netns $container -n 2" inside
text <<'END'
Two connections within the namespace; the login from outside of it, which came between them,
is not shown. PIDs are those of the machine.
END
nginx -c "$dir/nginx.conf" -s stop
kill $container
await sh -c '! pgrep -x nginx >/dev/null'

text <<'END'
## Wait for the next SSH login, in an `if`
END
show 'if tcpaccept -P 22 -n 1 -d 30 -j | grep -q raddr; then
    echo "somebody is at the door"
else
    echo "nobody came in 30 seconds"
fi' login
text <<'END'
`-n 1` ends it at the first connection, `-d 30` after 30 seconds. `-j` has no header, so that
any output is a connection.

## JSON into jq
END
nginx_start main
show "tcpaccept -P 80 -n 3 -j -o +WAIT |
    jq -r '[.raddr, .comm, .wait_us] | @tsv'" visits 127.0.0.5 3
text <<'END'
One object a line; `-o +WAIT` adds the key wait_us to those that are always there.

## Are the workers in balance?
END
stop=yes
show 'tcpaccept -P 80 -C -o PID,COMM' visits 127.0.0.5 60
text <<'END'
One row for each nginx worker. If one of them gets nearly all, `listen 80 reuseport` gives each
a queue of its own.
END
nginx -c "$dir/nginx.conf" -s stop
