// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fold.c - fold() of fold.c: branches that constants decide, by hand; any
 * programs, which must do what they did before; and those that tcpaccept
 * carries, for many a command line
 */
#include "attach/program.c"
#include "tap.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define MOV(reg, number)                                               \
	{                                                              \
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (reg), \
		.imm = (number)                                        \
	}
#define COPY(to, from)                                                \
	{                                                             \
		.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (to), \
		.src_reg = (from)                                     \
	}
#define AND(reg, number)                                               \
	{                                                              \
		.code = BPF_ALU64 | BPF_AND | BPF_K, .dst_reg = (reg), \
		.imm = (number)                                        \
	}
#define IF(reg, operation, number, skip)                                 \
	{                                                                \
		.code = BPF_JMP | (operation) | BPF_K, .dst_reg = (reg), \
		.imm = (number), .off = (skip)                           \
	}
#define GOTO(skip)                                      \
	{                                               \
		.code = BPF_JMP | BPF_JA, .off = (skip) \
	}
#define CALL(helper)                                        \
	{                                                   \
		.code = BPF_JMP | BPF_CALL, .imm = (helper) \
	}
#define LOAD(reg, from)                                               \
	{                                                             \
		.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = (reg), \
		.src_reg = (from)                                     \
	}
#define LONG(reg, number)                    \
	{ .code = BPF_LD | BPF_IMM | BPF_DW, \
	  .dst_reg = (reg),                  \
	  .imm = (number) },                 \
	{                                    \
		0                            \
	}
#define MAP(reg)                             \
	{ .code = BPF_LD | BPF_IMM | BPF_DW, \
	  .dst_reg = (reg),                  \
	  .src_reg = BPF_PSEUDO_MAP_FD,      \
	  .imm = 5 },                        \
	{                                    \
		0                            \
	}
#define EXIT                               \
	{                                  \
		.code = BPF_JMP | BPF_EXIT \
	}

/* Whether the one becomes the other. */
static bool becomes(const struct bpf_insn *from, size_t count,
		    const struct bpf_insn *to, size_t want)
{
	struct bpf_insn insns[64];
	size_t left;

	memcpy(insns, from, count * sizeof(*from));
	left = fold(insns, count);
	if (left != want)
		printf("# %zu instructions, not %zu\n", left, want);
	return left == want && !memcmp(insns, to, want * sizeof(*to));
}
#define BECOMES(from, to) becomes(from, LENGTH(from), to, LENGTH(to))

static void test_branches(void)
{
	const struct bpf_insn dead_call[] = { LONG(1, 0), IF(1, BPF_JEQ, 0, 3),
					      MAP(1),	  CALL(1),
					      MOV(0, 0),  EXIT };
	const struct bpf_insn no_call[] = { LONG(1, 0), MOV(0, 0), EXIT };
	const struct bpf_insn needed_call[] = {
		LONG(1, 7), IF(1, BPF_JEQ, 0, 3), MAP(1), CALL(1), MOV(0, 0),
		EXIT
	};
	const struct bpf_insn with_call[] = { LONG(1, 7), MAP(1), CALL(1),
					      MOV(0, 0), EXIT };
	/* A bit of a constant that is asked for in another block. */
	const struct bpf_insn across[] = {
		LONG(6, 0x20), LOAD(2, 1),   IF(2, BPF_JNE, 3, 1), MOV(3, 1),
		COPY(4, 6),    AND(4, 0x40), IF(4, BPF_JEQ, 0, 1), CALL(8),
		MOV(0, 0),     EXIT
	};
	const struct bpf_insn across_now[] = {
		LONG(6, 0x20), LOAD(2, 1), IF(2, BPF_JNE, 3, 1),
		MOV(3, 1),     COPY(4, 6), AND(4, 0x40),
		MOV(0, 0),     EXIT
	};
	/* The other way it has another value. */
	const struct bpf_insn either[] = { MOV(6, 1),
					   LOAD(2, 1),
					   IF(2, BPF_JNE, 3, 1),
					   MOV(6, 0),
					   IF(6, BPF_JEQ, 0, 1),
					   CALL(8),
					   MOV(0, 0),
					   EXIT };
	/* An end that is before what jumps to it. */
	const struct bpf_insn back[] = { MOV(6, 1), GOTO(3),
					 CALL(8),   MOV(0, 0),
					 EXIT,	    IF(6, BPF_JEQ, 1, -3),
					 CALL(9),   GOTO(-5) };
	const struct bpf_insn back_now[] = { MOV(6, 1), GOTO(2), MOV(0, 0),
					     EXIT, GOTO(-3) };
	/* A call leaves nothing of what held its arguments. */
	const struct bpf_insn called[] = { MOV(3, 1), CALL(8),
					   IF(3, BPF_JEQ, 1, 1), MOV(0, 0),
					   EXIT };
	const struct bpf_insn away[] = { MOV(0, 0), IF(0, BPF_JEQ, 0, 5),
					 EXIT };
	const struct bpf_insn open_end[] = { MOV(0, 0), MOV(1, 1) };
	const struct bpf_insn no_register[] = { MOV(11, 0), MOV(0, 0), EXIT };
	/* All before it ends: the half alone is at fault. */
	const struct bpf_insn half[] = { MOV(0, 0), GOTO(1), EXIT, GOTO(-2),
					 LONG(1, 0) };
	struct bpf_insn insns[8];

	ok(BECOMES(dead_call, no_call),
	   "a call that a constant forbids is gone");
	ok(BECOMES(needed_call, with_call),
	   "one that it wants stays, without if");
	ok(BECOMES(across, across_now), "a constant is known in other blocks");
	ok(BECOMES(either, either),
	   "what differs by the way there is not known");
	ok(BECOMES(back, back_now), "a jump back is followed");
	ok(BECOMES(called, called),
	   "a call forgets the registers of arguments");
	memcpy(insns, away, sizeof(away));
	ok(!fold(insns, LENGTH(away)), "a jump past the end is refused");
	memcpy(insns, open_end, sizeof(open_end));
	ok(!fold(insns, LENGTH(open_end)), "so is a program that does not end");
	memcpy(insns, no_register, sizeof(no_register));
	ok(!fold(insns, LENGTH(no_register)), "so is a register 11");
	memcpy(insns, half, sizeof(half));
	ok(!fold(insns, LENGTH(half) - 1), "so is half a ld_imm64 at the end");
}

/* What a program of these instructions returns; registers begin as given. */
static uint64_t run(const struct bpf_insn *insns, const uint64_t *begin)
{
	uint64_t regs[11];

	memcpy(regs, begin, sizeof(regs));
	for (const struct bpf_insn *insn = insns;; insn++) {
		uint64_t *to = &regs[insn->dst_reg];
		uint64_t operand = BPF_SRC(insn->code) == BPF_X ?
					   regs[insn->src_reg] :
					   (uint64_t)(int64_t)insn->imm;
		bool jump = false;

		if (insn->code == (BPF_LD | BPF_IMM | BPF_DW)) {
			*to = (uint64_t)(uint32_t)insn[1].imm << 32 |
			      (uint32_t)insn->imm;
			insn++;
			continue;
		}
		if (BPF_CLASS(insn->code) == BPF_ALU64) {
			switch (BPF_OP(insn->code)) {
			case BPF_MOV:
				*to = operand;
				break;
			case BPF_ADD:
				*to += operand;
				break;
			case BPF_AND:
				*to &= operand;
				break;
			case BPF_LSH:
				*to <<= operand & 63;
				break;
			default:
				*to ^= operand;
			}
			continue;
		}
		switch (BPF_OP(insn->code)) {
		case BPF_EXIT:
			return regs[0];
		case BPF_CALL:
			/* The same each time, and arguments are gone. */
			regs[0] = regs[1] * 31 + insn->imm;
			for (int i = 1; i < 6; i++)
				regs[i] = begin[i] + i;
			continue;
		case BPF_JA:
			jump = true;
			break;
		case BPF_JEQ:
			jump = *to == operand;
			break;
		case BPF_JNE:
			jump = *to != operand;
			break;
		default:
			jump = *to > operand;
		}
		if (jump)
			insn += insn->off;
	}
}

/* Few numbers and registers, so that many branches are decided. */
static size_t make_any(struct bpf_insn *insns, uint64_t *seed)
{
	static const uint8_t alu[] = { BPF_MOV, BPF_MOV, BPF_ADD,
				       BPF_AND, BPF_LSH, BPF_XOR };
	static const uint8_t jumps[] = { BPF_JEQ, BPF_JNE, BPF_JGT, BPF_JA };
	const size_t count = 40;

	for (size_t i = 0; i < count; i++) {
		struct bpf_insn *insn = &insns[i];
		uint64_t any = tap_random(seed);

		*insn = (struct bpf_insn){
			.dst_reg = any % 8,
			.src_reg = any / 8 % 8,
			.imm = any / 64 % 3,
		};
		switch (any / 1024 % 5) {
		case 0:
		case 1:
			insn->code = BPF_ALU64 | alu[any / 8192 % 6] |
				     (any / 65536 % 2 ? BPF_X : BPF_K);
			break;
		case 2:
		case 3:
			insn->code = BPF_JMP | jumps[any / 8192 % 4] |
				     (any / 65536 % 2 ? BPF_X : BPF_K);
			insn->off = any / 131072 % (count - i);
			if (BPF_OP(insn->code) == BPF_JA)
				insn->code = BPF_JMP | BPF_JA;
			break;
		default:
			insn->code = BPF_JMP | BPF_CALL;
		}
	}
	insns[count] = (struct bpf_insn)EXIT;
	return count + 1;
}

static void test_any(void)
{
	struct bpf_insn before[64], after[64];
	uint64_t seed = 1, begin[11];
	size_t count, left, shorter = 0, wrong = 0;

	for (int i = 0; i < 20000; i++) {
		count = make_any(before, &seed);
		memcpy(after, before, sizeof(before));
		left = fold(after, count);
		shorter += left && left < count;
		wrong += !left;
		for (int times = 0; left && times < 8; times++) {
			for (int reg = 0; reg < 11; reg++)
				begin[reg] = tap_random(&seed) % 4;
			wrong += run(before, begin) != run(after, begin);
		}
	}
	ok(!wrong && shorter > 10000,
	   "20,000 programs do what they did, %zu of them shorter", shorter);
}

/* The program as the loader hands it to the kernel; each bit of others is the
 * value of a symbol, but of SYM_WANTED and of maps.
 */
static size_t carried(struct bpf_insn *insns, enum program id, uint32_t asked,
		      uint64_t others)
{
	static const enum symbol maps[] = {
		SYM_RINGS,	 SYM_STATES,   SYM_SPILL,     SYM_CAPTURES,
		SYM_CHOSEN,	 SYM_NETWORKS, SYM_CGROUPS,   SYM_CGROUP_MAP,
		SYM_MNTNS_MAP,	 SYM_QUEUE,    SYM_ACCEPTORS, SYM_CALLS,
		SYM_CPU_NUMBERS, SYM_PORTS,
	};
	static struct bpf_insn all[BYTECODE_INSNS];
	const size_t count = programs[id].count;
	struct symbols symbols = { 0 };
	struct layout layout = { 0 };

	for (int i = 0; i < SYMBOL_COUNT; i++)
		symbols_set(&symbols, i, others >> (i % 64) & 1);
	symbols_set_layout(&symbols, &layout);
	symbols_set(&symbols, SYM_WANTED, asked);
	for (size_t i = 0; i < LENGTH(maps); i++)
		symbols_set_map(&symbols, maps[i], 5);
	unpack((unsigned char *)all, sizeof(all), packed, sizeof(packed));
	memcpy(insns, all + programs[id].first, count * sizeof(*insns));
	return fill_symbols(insns, count, &symbols) ? 0 : fold(insns, count);
}

static bool calls(const struct bpf_insn *insns, size_t count, int helper)
{
	for (size_t i = 0; i < count; i++)
		if (insns[i].code == (BPF_JMP | BPF_CALL) &&
		    insns[i].imm == helper)
			return true;
	return false;
}

static void test_carried(void)
{
	static struct bpf_insn insns[FOLD_MAX], again[FOLD_MAX];
	uint64_t seed = 7;
	size_t count, most = 0, wrong = 0;

	for (int i = 0; i < PROGRAM_COUNT; i++)
		ok(carried(insns, i, 0, 0), "%s is understood",
		   programs[i].name);
	/* Each bit, and any. */
	for (int i = 0; i < 300; i++) {
		const uint64_t any = tap_random(&seed);
		const uint32_t asked = i < 18 ? 1U << i : any & 0x3ffff;

		count = carried(insns, PROGRAM_FULL, asked, any);
		memcpy(again, insns, sizeof(insns));
		wrong += !count || fold(again, count) != count;
		wrong +=
			calls(insns, count, BPF_FUNC_get_ns_current_pid_tgid) !=
			(any >> (SYM_PIDNS_INODE % 64) & 1);
		wrong += calls(insns, count,
			       BPF_FUNC_current_task_under_cgroup) !=
			 !!(asked & ACCEPT_FILTER_CGROUP);
		most = count > most ? count : most;
	}
	ok(!wrong,
	   "full, 300 times: nothing is left to fold, and no helper that "
	   "is not asked for; %zu instructions at most",
	   most);
}

int main(void)
{
	test_branches();
	test_any();
	test_carried();
	return done();
}
