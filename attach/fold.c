// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fold.c - bytecode without what constants make dead
 *
 * A walk over the instructions notes at each which registers hold a known
 * number, whichever way one comes there. Compilers put a block that many end in
 * anywhere: after a jump back to one that knew more, there is another walk. The
 * last one changes the instructions, and then what is left is moved together.
 *
 * Sections: states, walk, instructions, the rest.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#include "attach/fold.h"

#define REGISTERS 11

/* What is known of the registers before an instruction. */
struct state {
	/* One comes there. */
	bool live;
	/* Bits: the register holds that number. */
	uint16_t known;
	uint64_t value[REGISTERS];
};

/* Where jumps lead to; `full` has some 150 of these. */
#define PLACES 255

/* Jumps back lead to an end, or on to one: two or three walks do. */
#define WALKS_MAX 64

struct walk {
	struct bpf_insn *insns;
	size_t count;
	/* Before the next instruction. */
	struct state now;
	/* Of each instruction, 1 + the number of its place, or 0. */
	uint8_t place_of[FOLD_MAX];
	struct state places[PLACES];
	int place_count;
	/* A place before this one knows less by now. */
	bool again;
	/* Change the instructions. */
	bool last;
};

/* ------------------------------------------------------------------------
 * States
 */

static void forget(struct state *state, int reg)
{
	state->known &= ~(1U << reg);
}

static void learn(struct state *state, int reg, uint64_t value)
{
	state->known |= 1U << reg;
	state->value[reg] = value;
}

static bool is_known(const struct state *state, int reg)
{
	return state->known >> reg & 1;
}

/*
 * One comes there from another place, too: what both know is known. True if
 * that is less than before.
 */
static bool merge(struct state *to, const struct state *from)
{
	const uint16_t before = to->known;

	if (!from->live)
		return false;
	if (!to->live) {
		*to = *from;
		return true;
	}
	for (int reg = 0; reg < REGISTERS; reg++)
		if (!is_known(from, reg) || to->value[reg] != from->value[reg])
			forget(to, reg);
	return to->known != before;
}

/* ------------------------------------------------------------------------
 * Walk
 */

/* A jump from `at` leads there. False if there is no more room. */
static bool jump(struct walk *walk, size_t at, size_t target)
{
	int place = walk->place_of[target];

	if (!place) {
		if (walk->place_count == PLACES)
			return false;
		place = walk->place_of[target] = ++walk->place_count;
	}
	if (merge(&walk->places[place - 1], &walk->now) && target <= at)
		walk->again = true;
	return true;
}

/* ------------------------------------------------------------------------
 * Instructions
 */

/* Of two known numbers, by 64 bits; false if that is not followed. */
static bool compute(int operation, uint64_t *value, uint64_t operand)
{
	switch (operation) {
	case BPF_MOV:
		*value = operand;
		return true;
	case BPF_ADD:
		*value += operand;
		return true;
	case BPF_SUB:
		*value -= operand;
		return true;
	case BPF_AND:
		*value &= operand;
		return true;
	case BPF_OR:
		*value |= operand;
		return true;
	case BPF_XOR:
		*value ^= operand;
		return true;
	case BPF_MUL:
		*value *= operand;
		return true;
	case BPF_LSH:
		*value <<= operand & 63;
		return true;
	case BPF_RSH:
		*value >>= operand & 63;
		return true;
	default:
		return false;
	}
}

/* BPF_K is extended by its sign. */
static bool operand_of(const struct state *state, const struct bpf_insn *insn,
		       uint64_t *operand)
{
	*operand = (int64_t)insn->imm;
	if (BPF_SRC(insn->code) == BPF_K)
		return true;
	*operand = state->value[insn->src_reg];
	return is_known(state, insn->src_reg);
}

static void step_alu(struct state *state, const struct bpf_insn *insn)
{
	const int operation = BPF_OP(insn->code), reg = insn->dst_reg;
	uint64_t value = state->value[reg], operand;

	if (BPF_CLASS(insn->code) == BPF_ALU64 &&
	    operand_of(state, insn, &operand) &&
	    (operation == BPF_MOV || is_known(state, reg)) &&
	    compute(operation, &value, operand))
		learn(state, reg, value);
	else
		forget(state, reg);
}

/* Whether a jump is taken: 1 or 0; -1 if that is not known. */
static int outcome(const struct state *state, const struct bpf_insn *insn)
{
	const uint64_t value = state->value[insn->dst_reg];
	uint64_t operand;

	if (!is_known(state, insn->dst_reg) ||
	    !operand_of(state, insn, &operand))
		return -1;
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return value == operand;
	case BPF_JNE:
		return value != operand;
	case BPF_JGT:
		return value > operand;
	case BPF_JGE:
		return value >= operand;
	case BPF_JSET:
		return (value & operand) != 0;
	case BPF_JSGT:
		return (int64_t)value > (int64_t)operand;
	case BPF_JSGE:
		return (int64_t)value >= (int64_t)operand;
	default:
		return -1;
	}
}

/* No instruction has this code: to be left out. */
#define GONE 0xff

/* A jump, or the end; false if it is none that is known. */
static bool step_jump(struct walk *walk, size_t at)
{
	struct bpf_insn *insn = &walk->insns[at];
	const int operation = BPF_OP(insn->code);
	const size_t target = at + 1 + insn->off;
	int taken = 1;

	if (operation == BPF_CALL) {
		/* Its result, and what held its arguments. */
		walk->now.known &= ~0x3fU;
		return true;
	}
	if (operation == BPF_EXIT) {
		walk->now.live = false;
		return true;
	}
	if (target >= walk->count)
		return false;
	if (operation != BPF_JA)
		taken = outcome(&walk->now, insn);
	if (taken && !jump(walk, at, target))
		return false;
	if (taken == 1)
		walk->now.live = false;
	if (taken == 1 && walk->last)
		*insn = (struct bpf_insn){ .code = BPF_JMP | BPF_JA,
					   .off = insn->off };
	if (!taken && walk->last)
		insn->code = GONE;
	return true;
}

/* Two instructions long: a ld_imm64. */
static bool is_long(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

/* Where a value is loaded from, or stored to, is not followed. */
static bool step(struct walk *walk, size_t at)
{
	const struct bpf_insn *insn = &walk->insns[at];

	if (insn->dst_reg >= REGISTERS || insn->src_reg >= REGISTERS)
		return false;
	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		step_alu(&walk->now, insn);
		return true;
	case BPF_JMP:
		return step_jump(walk, at);
	case BPF_LD:
		forget(&walk->now, insn->dst_reg);
		/* Of a map's address nothing is known. */
		if (is_long(insn) && !insn->src_reg)
			learn(&walk->now, insn->dst_reg,
			      (uint64_t)(uint32_t)insn[1].imm << 32 |
				      (uint32_t)insn->imm);
		return true;
	case BPF_LDX:
		forget(&walk->now, insn->dst_reg);
		return true;
	case BPF_ST:
	case BPF_STX:
		return true;
	default:
		return false;
	}
}

/* Once over all of it. False if it is not understood. */
static bool walk_once(struct walk *walk)
{
	struct bpf_insn *insns = walk->insns;
	bool twice;

	walk->again = false;
	walk->now = (struct state){ .live = true };
	for (size_t i = 0; i < walk->count; i += 1 + twice) {
		twice = is_long(&insns[i]);
		if (twice && i + 1 == walk->count)
			return false;
		if (walk->place_of[i]) {
			merge(&walk->places[walk->place_of[i] - 1], &walk->now);
			walk->now = walk->places[walk->place_of[i] - 1];
		}
		if (walk->now.live) {
			if (!step(walk, i))
				return false;
		} else if (walk->last) {
			insns[i].code = GONE;
			if (twice)
				insns[i + 1].code = GONE;
		}
	}
	/* The last one must not go on. */
	return !walk->now.live;
}

/* ------------------------------------------------------------------------
 * The rest
 */

/* What is left of those from `from` up to `to`, without the latter. */
static int left_between(const struct bpf_insn *insns, size_t from, size_t to)
{
	int left = 0;

	for (; from < to; from++)
		left += insns[from].code != GONE;
	return left;
}

static bool is_jump(const struct bpf_insn *insn)
{
	return BPF_CLASS(insn->code) == BPF_JMP &&
	       BPF_OP(insn->code) != BPF_CALL && BPF_OP(insn->code) != BPF_EXIT;
}

static void shorten_jumps(struct bpf_insn *insns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const size_t target = i + 1 + insns[i].off;

		/* The second half of a ld_imm64 has the code 0. */
		if (insns[i].code == GONE || !is_jump(&insns[i]))
			continue;
		insns[i].off = target > i ? left_between(insns, i + 1, target) :
					    -left_between(insns, target, i + 1);
	}
}

/* Jumps to the next one; what is between is gone. */
static void drop_jumps(struct bpf_insn *insns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (insns[i].code == (BPF_JMP | BPF_JA) && insns[i].off >= 0 &&
		    !left_between(insns, i + 1, i + 1 + insns[i].off))
			insns[i].code = GONE;
}

/* False if it is not understood; then nothing is changed. */
static bool walk_all(struct walk *walk)
{
	int walks = 0;

	if (walk->count > FOLD_MAX)
		return false;
	do
		if (!walk_once(walk) || ++walks == WALKS_MAX)
			return false;
	while (walk->again);
	walk->last = true;
	return walk_once(walk);
}

size_t fold(struct bpf_insn *insns, size_t count)
{
	struct walk *walk;
	bool known;
	size_t left = 0;

	/* Pages that are given back: of all that it has, it would be much. */
	walk = mmap(NULL, sizeof(*walk), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (walk == MAP_FAILED)
		return 0;
	walk->insns = insns;
	walk->count = count;
	known = walk_all(walk);
	munmap(walk, sizeof(*walk));
	if (!known)
		return 0;
	drop_jumps(insns, count);
	shorten_jumps(insns, count);
	for (size_t i = 0; i < count; i++)
		if (insns[i].code != GONE)
			insns[left++] = insns[i];
	return left;
}
