#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# vm.sh KERNEL CPUS COMMAND - run a shell command on a stock kernel in QEMU
#
# Boots to an initramfs of busybox, ./tcpaccept, build/lab and tests/; nothing
# of it is mounted but /proc, /sys and /dev. Prints what the command prints.
# VM_QEMU and VM_APPEND add to QEMU's and to the kernel's command line;
# VM_MEMORY is as QEMU's -m wants it, VM_TIMEOUT in seconds. One host thread runs
# all CPUs in turn: with a thread for each, QEMU at times runs an instruction that
# another CPU has just replaced (kernel/jump_label.c does so), and the kernel dies
# of an int3.
set -eu

image=$("$(dirname "$0")/kernel.sh" "$1")
cpus=$2
command=$3
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

chmod 755 "$root"
mkdir -p "$root/bin" "$root/sbin" "$root/dev" "$root/proc" "$root/sys" \
	"$root/tmp" "$root/tests" "$root/etc"
echo root:x:0:0::/:/bin/sh >"$root/etc/passwd"
echo nobody:x:65534:65534::/:/bin/sh >>"$root/etc/passwd"
cp /bin/busybox "$root/bin/busybox"
cp tcpaccept build/lab build/empty build/old "$root/bin/"
cp tests/*.sh "$root/tests/"
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
machine=
trap '[ -z "$machine" ] || kill $machine 2>/dev/null; rm -rf "$root" "$root.cpio"' EXIT

# Up to init it takes 3 to 10 s; on a busy machine, a few times that.
# shellcheck disable=SC2086 # VM_QEMU is a list of options
boot() {
	timeout "${VM_TIMEOUT:-600}" qemu-system-x86_64 -nodefaults \
		-no-user-config -display none -serial stdio -no-reboot \
		${VM_QEMU:--accel tcg,thread=single} -smp "$cpus" -cpu max \
		-m "${VM_MEMORY:-512M}" -kernel "$image" \
		-initrd "$root.cpio" -append \
		"console=ttyS0 oops=panic panic=-1 quiet mitigations=off \
		tsc=reliable nokaslr ${VM_APPEND:-}" \
		</dev/null >"$root/raw" &
	machine=$!
	seconds=90
	until grep -q '^vm.sh: init' "$root/raw" || ! kill -0 $machine 2>/dev/null; do
		seconds=$((seconds - 1))
		[ $seconds -gt 0 ] || kill $machine
		sleep 1
	done
	wait $machine || true
	machine=
	tr -d '\r' <"$root/raw" >"$root/serial"
}

# The emulated CPU at times faults in an iret of the kernel's own while that
# boots, or hangs without a word; before init, nothing of ours has run, and it
# may try again.
for try in 1 2 3; do
	boot
	! grep -q '^vm.sh: init$' "$root/serial" || break
	echo "# vm.sh: boot $try of $1 died before init:" \
		"$(grep -m 1 -E 'Oops|BUG|panic' "$root/serial")"
done
sed '/^vm.sh: /d; /reboot: Power down$/d' "$root/serial"
grep -q '^vm.sh: status 0$' "$root/serial"
