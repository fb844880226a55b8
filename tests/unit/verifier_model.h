/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * verifier_model.h - whether verifiers of old kernels take a program
 *
 * A model, for tests, of kernel/bpf/verifier.c of some kernels before 4.15, as
 * far as programs for tracing go that root loads on a 64-bit machine. Where it
 * is not exact it refuses more, and processes more instructions, than they do.
 */
#ifndef VERIFIER_H
#define VERIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/bpf.h>

/* In their order. */
enum rules { RULES_4_4, RULES_4_9, RULES_4_12, RULES_4_14 };

struct old_kernel {
	/* The release whose source the rules are from. */
	const char *release;
	enum rules rules;
	/* So many instructions it processes at most, over all paths. */
	unsigned int processed_most;
	/* A 32-bit move of a number extends the number's sign. */
	bool move_extends_sign;
	/* Calls that no path reaches stay, and make it panic. */
	bool keeps_dead_calls;
};

/* From the oldest to the newest. */
#define OLD_KERNELS 5
extern const struct old_kernel old_kernels[OLD_KERNELS];

/* What a descriptor in a program stands for; sizes in bytes. */
struct old_map {
	int fd;
	enum bpf_map_type type;
	uint32_t key_size;
	uint32_t value_size;
};

struct verdict {
	/* 0 if it is taken, otherwise what bpf(2) fails with, or -errno. */
	int error;
	/* Instructions that were processed until then. */
	unsigned int processed;
	/* The instruction that is at fault, counted from 0. */
	size_t at;
	/* A sentence without its end; NULL if it is taken. */
	const char *why;
};

/*
 * verify - what a kernel says to BPF_PROG_LOAD of a program
 *
 * insns: as raw_program_load() gets them, in the byte order of this machine.
 * maps: all whose descriptors are in the program; at most 126.
 *
 * Not to be called by two threads at a time.
 *
 * error is -EFAULT for too many branches that wait, and also where the kernel
 * would not refuse the program but panic.
 */
struct verdict verify(const struct old_kernel *kernel, enum bpf_prog_type type,
		      const struct bpf_insn *insns, size_t count,
		      const struct old_map *maps, size_t map_count);

/*
 * Whether a kernel lets a program for tracing call that helper; one of those
 * that accept.bpf.c calls.
 */
bool verifier_has_helper(const struct old_kernel *kernel, int helper);

#endif
