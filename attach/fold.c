// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fold.c - dead code elimination in BPF bytecode
 *
 * A walk over the instructions finds out which registers hold a known number at
 * each of them, whatever path leads there. A jump back may reduce what is known
 * at its target; then there is another walk. The last walk changes the
 * instructions, and what is left of them is then moved together.
 *
 * Sections: states, walk, instructions, result.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#include "attach/fold.h"

#define REGISTERS 11

/* What is known about the registers before an instruction. */
struct state {
	/* Some path leads there. */
	bool live;
	/* A bit for each register of which `value` is known. */
	uint16_t known;
	uint64_t value[REGISTERS];
};

/* The most targets of jumps; the program `full` has some 150. */
#define PLACES 255

/* As no jump back makes a loop, two or three walks are enough. */
#define WALKS_MAX 64

struct walk {
	struct bpf_insn *insns;
	size_t count;
	/* The state before the next instruction. */
	struct state now;
	/* For each instruction: 0, or 1 + its index in `places`. */
	uint8_t place_of[FOLD_MAX];
	/* The states at the targets of jumps. */
	struct state places[PLACES];
	int place_count;
	/* A jump back has reduced what is known at its target. */
	bool again;
	/* The last walk, which changes the instructions. */
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
 * Another path leads there, too: only what both know stays known. Returns
 * whether the state at `to` has changed.
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

/* Note a jump from `at` to `target`. Returns false if there is no room. */
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

/* Compute in 64 bits. Returns false if the operation is not supported. */
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

/* The second operand, of which BPF_K is sign-extended; false if unknown. */
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

/* Whether a jump is taken: 1 or 0, or -1 if that is not known. */
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

/* Marks an instruction to be removed; no instruction has this code. */
#define GONE 0xff

/* Follow a jump, a call or an exit. Returns false if that is not possible. */
static bool step_jump(struct walk *walk, size_t at)
{
	struct bpf_insn *insn = &walk->insns[at];
	const int operation = BPF_OP(insn->code);
	const size_t target = at + 1 + insn->off;
	int taken = 1;

	if (operation == BPF_CALL) {
		/* A call changes r0, its result, and r1 to r5. */
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

/* A ld_imm64, which has two slots. */
static bool is_long(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

/* Follow an instruction; memory is not followed. Returns false on failure. */
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
		/* A map's address is not known. */
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

/* Walk over the whole program. Returns false if it is not understood. */
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
	/* The last instruction must not continue past the end. */
	return !walk->now.live;
}

/* ------------------------------------------------------------------------
 * Result
 */

/* How many instructions are left from `from` up to, but without, `to`. */
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

/* Adjust the offsets of jumps to what is left between. */
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

/* Remove jumps to the next instruction that is left. */
static void drop_jumps(struct bpf_insn *insns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (insns[i].code == (BPF_JMP | BPF_JA) && insns[i].off >= 0 &&
		    !left_between(insns, i + 1, i + 1 + insns[i].off))
			insns[i].code = GONE;
}

/* Returns false if the program is not understood; it is then unchanged. */
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

	/* Unmapped after use: it would be a large part of our memory. */
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
