// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * clock.c - the clock of bpf_ktime_get_ns()
 */
#include <sys/stat.h>

#include "bpf_newer.h"
#include "base/fs.h"
#include "base/text.h"
#include "attach/clock.h"
#include "attach/map.h"

/* PROC_TIME_INIT_INO of include/linux/proc_ns.h, 5.6 to 7.2. */
#define INITIAL_TIMENS 0xEFFFFFFA

/* How far our CLOCK_MONOTONIC is ahead; negative if it is behind. */
static int64_t ahead_ns;

uint64_t clock_ns(void)
{
	return raw_now_ns() - ahead_ns;
}

/* Load a program that stores the time in slot 0: a descriptor, or -errno. */
static int load_clock(int map)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = 10, .off = -4 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X,
		  .dst_reg = 2,
		  .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K,
		  .dst_reg = 2,
		  .imm = -4 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = 1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = map },
		{ 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 0, .off = 4 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X,
		  .dst_reg = 6,
		  .src_reg = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ktime_get_ns },
		{ .code = BPF_STX | BPF_MEM | BPF_DW,
		  .dst_reg = 6,
		  .src_reg = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	const struct raw_program program = {
		.type = BPF_PROG_TYPE_SOCKET_FILTER,
		.name = "accept_clock",
		.license = "Dual BSD/GPL",
		.insns = insns,
		.count = countof(insns),
	};

	return raw_program_load(&program, NULL);
}

/*
 * Set ahead_ns to the smallest difference of a few runs. Returns 0, or -errno.
 */
static int measure_ahead(int program, int map)
{
	int64_t ahead, least = INT64_MAX;
	uint64_t theirs;
	int error;

	for (int i = 0; i < 5; i++) {
		error = raw_program_run(program);
		/* Read ours second: clock_ns() must not be ahead of theirs. */
		ahead = raw_now_ns();
		if (!error)
			error = raw_map_get(map, 0, &theirs);
		if (error)
			return error;
		ahead -= theirs;
		if (ahead < least)
			least = ahead;
	}
	ahead_ns = least;
	return 0;
}

int clock_find(struct reason *reason)
{
	struct stat info;
	int proc = fs_open(FS_PROC), map, program, error;

	error = proc < 0 || fstatat(proc, "self/ns/time", &info, 0);
	if (proc >= 0)
		close(proc);
	/* No time namespaces, or the initial one. */
	if (proc >= 0 && (error || info.st_ino == INITIAL_TIMENS))
		return 0;
	map = map_create("accept_clock", BPF_MAP_TYPE_ARRAY, sizeof(uint32_t),
			 sizeof(uint64_t), 1, 0, reason);
	if (map < 0)
		return map;
	program = load_clock(map);
	error = program < 0 ? program : measure_ahead(program, map);
	if (program >= 0)
		close(program);
	close(map);
	/* Without /proc, do not insist: there may be no time namespaces. */
	if (!error || proc < 0)
		return 0;
	return reason_set(reason, STEP_LOAD, error,
			  "cannot measure the clock of this time namespace");
}

/* "monotonic      -86400         0": seconds and nanoseconds. */
void clock_read(void)
{
	static const char name[] = "monotonic";
	char text[128];
	const char *at;
	int64_t sign;

	fs_read(FS_PROC, "self/timens_offsets", text, sizeof(text));
	at = text_find(text, name);
	if (!at)
		return;
	at += strlen(name);
	at += strspn(at, " ");
	sign = *at == '-' ? -1 : 1;
	at += *at == '-';
	ahead_ns = sign * (int64_t)text_number(&at) * 1000000000;
	ahead_ns += text_number(&at);
}
