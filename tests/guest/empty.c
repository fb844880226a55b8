// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * empty.c - a BPF program that does nothing, at tcpaccept's first hook
 *
 * For the benchmark: it shows what any tool of this kind costs at least. It
 * prints "armed", and waits until it is killed.
 */
#include "bpf_raw.h"

#include <err.h>
#include <stdio.h>

/* The type of the kprobe PMU. */
static int pmu_type(void)
{
	FILE *file = fopen("/sys/bus/event_source/devices/kprobe/type", "re");
	int type = -1;

	if (!file || fscanf(file, "%d", &type) != 1)
		errx(1, "cannot read the type of the kprobe PMU");
	fclose(file);
	return type;
}

int main(void)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct raw_program program = {
		.type = BPF_PROG_TYPE_KPROBE,
		.name = "empty",
		.license = "Dual BSD/GPL",
		.insns = insns,
		.count = 2,
	};
	int fd, event, type, error;

	fd = raw_program_load(&program, NULL);
	if (fd < 0)
		errx(1, "cannot load: %s", strerror(-fd));
	type = pmu_type();
	event = raw_kprobe_open(type, -1, "security_sock_graft", 0, 0);
	if (event < 0)
		errx(1, "cannot probe: %s", strerror(-event));
	error = raw_event_attach(event, fd);
	if (error)
		errx(1, "cannot attach: %s", strerror(-error));
	if (write(STDOUT_FILENO, "armed\n", 6) != 6)
		return 1;
	pause();
	return 0;
}
