#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# vm.sh KERNEL CPUS [COMMAND] - run a shell command on a stock kernel in QEMU
#
# Boots to an initramfs of busybox, ./tcpaccept, build/lab and tests/, or what
# make ARCH=... has built of these; nothing of it is mounted but /proc, /sys and
# /dev. Prints what the command prints, as it comes; its exit status is the
# command's. Without one: a shell on this terminal. By KVM, where it works. QEMU's own
# CPU is without ERMS and FSRM: with them the kernel copies and clears by bytes, which
# it emulates one by one. The kernel does not test its ciphers, which would be a sixth
# of a boot.
# A guest that is silent for VM_SILENT seconds hangs: what its CPUs and its tasks do is
# printed, as far as it still answers, and it ends.
# VM_TOOL is another tcpaccept, VM_CPIO an archive of more files; VM_QEMU and
# VM_APPEND add to QEMU's and to the kernel's command line; VM_MEMORY is as QEMU's -m
# wants it, VM_TIMEOUT in seconds; VM_BOOTS has a word for each boot before init that may
# fail, 1 2 3. On x86 one host thread runs all CPUs in turn: with a thread for each,
# QEMU at times runs an instruction that another CPU has just replaced
# (kernel/jump_label.c does so), and the kernel dies of an int3. On mips QEMU has
# nothing else.
set -eu

. tools/apt.sh
image=$(tests/vm/kernel.sh "$1")
case $1 in
*-*) arch=${1%-*} build=build/$arch tool=build/$arch/tcpaccept
	busybox=$(env -u MAKEFLAGS -u MFLAGS tests/vm/busybox.sh "$arch") ;;
*) build=build tool=tcpaccept busybox=/bin/busybox ;;
esac
kernel=$1 cpus=$2 command=${3-}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

chmod 755 "$root"
mkdir -p "$root/bin" "$root/sbin" "$root/dev" "$root/proc" "$root/sys" \
	"$root/tmp" "$root/tests" "$root/etc"
echo root:x:0:0::/:/bin/sh >"$root/etc/passwd"
echo nobody:x:65534:65534::/:/bin/sh >>"$root/etc/passwd"
cp "${VM_TOOL:-$tool}" "$root/bin/tcpaccept"
cp "$busybox" "$build/lab" "$build/empty" "$root/bin/"
[ ! -e "$build/old" ] || cp "$build/old" "$build/fail" "$root/bin/"
cp -r tests/cases tests/lib tests/here tests/bench tests/vm "$root/tests/"
# Its own input and output, as they are, if there is no command.
mkfifo "$root.keys"
exec 9<>"$root.keys"
reader=console
[ -n "$command" ] || {
	exec 9<&0
	reader='cat'
	command='echo "# exit ends it; tcpaccept and lab are in PATH"
	setsid cttyhack sh'
}
cat >"$root/init" <<END
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin HOME=/tmp
mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
mount -t proc proc /proc
mount -t sysfs sys /sys
ln -s /proc/self/fd /dev/fd
ip link set lo up
cd /
echo "vm.sh: init"
$command
echo "vm.sh: status \$?"
poweroff -f
END
chmod +x "$root/init"
(cd "$root" && find . | cpio --quiet -o -H newc) >"$root.cpio"
[ -z "${VM_CPIO-}" ] || cat "$VM_CPIO" >>"$root.cpio"
machine=
trap '[ -z "$machine" ] || kill $machine 2>/dev/null; rm -rf "$root" "$root".*' EXIT

# By the first part of the kernel's name: what QEMU is to be, and the console.
machine_of() {
	case $1 in
	aarch64-*) echo aarch64 ttyAMA0 512M -M virt -cpu cortex-a76 ;;
	armv5-*) echo arm ttyAMA0 512M -M raspi0 -icount shift=auto -dtb "${image%/*}/dtb" ;;
	armv7-*) echo arm ttyAMA0 512M -M virt -cpu cortex-a15 ;;
	i686-*) echo i386 ttyS0 512M -M pc -cpu max ;;
	mips-*) echo mips ttyS0 512M -M malta -cpu 24Kc ;;
	mips64el-*) echo mips64el ttyS0 512M -M malta -cpu 5KEc ;;
	mipsel-*) echo mipsel ttyS0 512M -M malta -cpu 24Kc ;;
	ppc64le-*) echo ppc64 hvc0 1G -M pseries -cpu power9 ;;
	riscv64-*) echo riscv64 ttyS0 512M -M virt -cpu rv64 ;;
	s390x-*) echo s390x ttyS0 512M -M s390-ccw-virtio -cpu max ;;
	*) echo x86_64 ttyS0 512M -cpu max,-erms,-fsrm ;;
	esac
}
# shellcheck disable=SC2046 # a list
set -- $(machine_of "$1")
qemu=qemu-system-$1 console=$2 memory=$3
shift 3
case $qemu in
*s390x) serial='-device sclpconsole,chardev=console' ;;
*) serial='-serial chardev:console' ;;
esac
threads=multi append=
case $kernel in
# One CPU; and QEMU has nothing at the addresses that this driver reads.
armv5-*) cpus=1 threads=single append=initcall_blacklist=bcm2835_power_driver_init ;;
mips*) cpus=1 threads=single ;;
esac
case $qemu in
*x86_64 | *i386) threads=single append='mitigations=off tsc=reliable' ;;
esac

# The console from init on, without what is vm.sh's. Files: $root.up, if it came to
# init; $root.early, what the kernel died of before; $root.status, of the command.
# After a panic some stay as they are.
console() {
	busybox awk -v machine="$machine" -v up="$root.up" \
		-v status="$root.status" -v early="$root.early" '
	{ sub(/\r+$/, "") }
	/^vm.sh: init$/ {
		begun = 1
		print "" >up
		print "" >"/dev/fd/8"
		close("/dev/fd/8")
		next
	}
	/Kernel panic/ { system("sleep 2; kill " machine " 2>/dev/null") }
	!begun {
		if (/Oops|BUG|panic/) { print >early; fflush(early) }
		next
	}
	/^vm.sh: status / { print $3 >status; close(status) }
	/^vm.sh: |reboot: Power down$/ { next }
	{ print; fflush() }'
}

# What costs TCG some 15 % of its time, and us nothing to do without: page tables of
# five levels, tags of address spaces, guards of user space at each copy from it.
LEAN='-cpu max,-erms,-fsrm,-la57,-pcid,-smap,-smep,-umip,-pku'
# Sets accel: KVM where guests come up by it, which is tried once in each boot of this
# machine, as a /dev/kvm that is there may still refuse; else TCG. The CPU of one that
# does not come up runs at full speed all the while.
choose_accel() {
	by_tcg="-accel tcg,thread=$threads"
	case $qemu in *x86_64) by_tcg="$by_tcg $LEAN" ;; esac
	accel=$by_tcg
	case $qemu in
	*-"$(uname -m)") [ -w /dev/kvm ] || return 0 ;;
	*) return 0 ;;
	esac
	by_kvm='-accel kvm -cpu host' tried=$cache/kvm-$(cat /proc/sys/kernel/random/boot_id)
	# In a shell of its own, as the lock has a descriptor that has another use here.
	(
		lock "$cache/kvm.lock"
		[ ! -e "$tried" ] || exit 0
		VM_QEMU=$by_kvm VM_TIMEOUT=20 VM_BOOTS=1 tests/vm/vm.sh "$kernel" 1 : \
			>"$root.kvm" 2>&1 || by_kvm=''
		rm -f "$cache"/kvm-*
		echo "$by_kvm" >"$tried"
	)
	accel=$(cat "$tried")
	[ -n "$accel" ] || accel=$by_tcg
}

# Sets size, to what the console has said so far.
log_size() { size=$(stat -c %s "$root.log"); }
# By QEMU's monitor and the kernel's sysrq: what runs, and where what sleeps does.
autopsy() {
	# It may have hung within a line.
	printf '\n# vm.sh: silent for %s s: it hangs\n' "$silent"
	for key in 9 w t l; do
		echo chardev-send-break console >&6
		sleep 0.5
		printf %s "$key" >&9
		# Until it has said all.
		said=-1
		while log_size && [ "$size" -ne "$said" ]; do
			said=$size
			sleep 2
		done
	done
	echo info registers -a >&6
	sleep 2
	tr -d '\r' <"$root.registers" | sed -n -E \
		's/^(CPU#.*|.*[ER]IP=.*|.* PC *=.*|PC=.*|pc .*)/# vm.sh: \1/p'
}
# While the guest $machine runs, from init on: so long without output is the end of it.
watch_silence() {
	silent=${VM_SILENT:-400} said=-1 since=0
	# sleep(1) may outlive this, and must not keep the output open.
	while sleep 5 >/dev/null 2>&1 && kill -0 $machine 2>/dev/null; do
		log_size
		[ -e "$root.up" ] && [ "$size" -eq "$said" ] || since=0
		said=$size since=$((since + 5))
		[ $since -gt "$silent" ] || continue
		autopsy
		kill $machine
		return
	done
}

# Up to init it takes 3 to 10 s, some machines 40; on a busy one, a few times that.
# shellcheck disable=SC2086 # lists of options
boot() {
	: >"$root.early"
	: >"$root.log"
	timeout "${VM_TIMEOUT:-600}" $qemu "$@" -nodefaults \
		-no-user-config -display none -no-reboot \
		-chardev stdio,id=console,logfile="$root.log" $serial \
		-chardev pipe,id=monitor,"path=$root.monitor,logfile=$root.registers" \
		-mon chardev=monitor \
		${VM_QEMU:-$accel} -smp "$cpus" \
		-m "${VM_MEMORY:-$memory}" -kernel "$image" \
		-initrd "$root.cpio" -append \
		"console=$console oops=panic panic=-1 quiet $append nokaslr \
		sysrq_always_enabled cryptomgr.notests=1 $grace \
		${VM_APPEND:-}" \
		<&9 >"$root.serial" 8>&- &
	machine=$!
	[ "$reader" = console ] || echo >&8
	{ timeout 180 sh -c 'read -r _' <&8 || kill $machine; } &
	boots=$!
	watch=
	[ "$reader" != console ] || { watch_silence & watch=$!; }
	"$reader" <"$root.serial"
	# Where it ended before init.
	echo >&8
	wait $machine || true
	machine=
	wait $boots || true
	[ -z "$watch" ] || { kill $watch; wait $watch; } 2>/dev/null || true
}

# The emulated CPU at times faults in an iret of the kernel's own while that
# boots, or hangs without a word; before init, nothing of ours has run, and it
# may try again.
# Who measures has things as they are; for tests the grace periods of RCU are short, but
# on PREEMPT_RT, which does not allow it.
grace=
[ -n "${VM_QEMU-}" ] || {
	choose_accel
	grace=rcupdate.rcu_expedited=1
}
mkfifo "$root.serial" "$root.begun" "$root.monitor.in" "$root.monitor.out"
exec 8<>"$root.begun" 6<>"$root.monitor.in"
for try in ${VM_BOOTS:-1 2 3}; do
	boot "$@"
	[ "$reader" = console ] || exit 0
	[ ! -e "$root.up" ] || break
	echo "# vm.sh: boot $try of $kernel died before init: $(head -n 1 "$root.early")"
done
[ "$(cat "$root.status" 2>/dev/null)" = 0 ]
