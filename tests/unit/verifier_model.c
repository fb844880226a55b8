// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * verifier_model.c - whether verifiers of old kernels take a program
 *
 * Three passes, as those verifiers make: over each instruction by itself; over
 * the graph of jumps; and along each path, with what registers and stack hold,
 * until a state is met that an earlier one covers. Comments name the functions
 * of kernel/bpf/verifier.c that have the rule; where they name no release, all
 * of old_kernels[] are meant.
 *
 * Of a number only its value is followed, not its bounds. Two numbers that are
 * not known have the same bounds if they came about in the same way: a hash of
 * that is in `mark`.
 *
 * Sections: kernels, helpers, states, instructions, graph, pruning, arithmetic,
 * memory, calls, jumps, walk.
 */
#include <errno.h>
#include <stdlib.h>

#include "verifier_model.h"

/* ------------------------------------------------------------------------
 * Kernels
 */

/*
 * How many instructions: do_check() of 4.4.155, later
 * BPF_COMPLEXITY_LIMIT_INSNS. Moves: check_alu_op(). Dead calls:
 * fixup_bpf_calls(); 4.4.155, 4.9.154 and 4.14.67 have sanitize_dead_code().
 */
const struct old_kernel old_kernels[OLD_KERNELS] = {
	{ "4.4.155", RULES_4_4, 32768, false, false },
	{ "4.9.154", RULES_4_9, 98304, false, false },
	{ "4.12.4", RULES_4_12, 98304, true, true },
	{ "4.14.0", RULES_4_14, 131072, true, true },
	{ "4.14.67", RULES_4_14, 131072, false, false },
};

/* BPF_MAXINSNS; BPF_COMPLEXITY_LIMIT_STACK, and push_stack() of 4.4.155. */
#define INSNS_MAX 4096
#define PENDING_MAX 1024

#define REGISTERS 11
#define FRAME_REGISTER 10
#define STACK 512
#define SLOT 8
#define SLOTS (STACK / SLOT)

/* struct pt_regs of x86-64; PERF_MAX_TRACE_SIZE. */
#define KPROBE_CONTEXT 168
#define TRACEPOINT_CONTEXT 2048

/* BPF_MAX_VAR_OFF of 4.14. */
#define OFFSET_MAX (1 << 29)

/* ------------------------------------------------------------------------
 * Helpers
 */

enum argument {
	ANYTHING,
	THE_MAP,
	/* On the stack, of the map's sizes. */
	KEY,
	ELEMENT,
	/* Bytes that are read, or written; the next argument says how many. */
	BYTES,
	ROOM,
	SIZE,
	THE_CONTEXT,
};

struct helper {
	int number;
	enum rules since;
	int count;
	enum argument arguments[5];
};

/*
 * tracing_func_proto(), kprobe_prog_func_proto(), tp_prog_func_proto() of
 * kernel/trace/bpf_trace.c, and the prototypes there and in
 * kernel/bpf/helpers.c: those that accept.bpf.c calls. None of these kernels
 * has get_current_cgroup_id() and get_ns_current_pid_tgid().
 */
static const struct helper helpers[] = {
	{ BPF_FUNC_map_lookup_elem, RULES_4_4, 2, { THE_MAP, KEY } },
	{ BPF_FUNC_map_update_elem,
	  RULES_4_4,
	  4,
	  { THE_MAP, KEY, ELEMENT, ANYTHING } },
	{ BPF_FUNC_map_delete_elem, RULES_4_4, 2, { THE_MAP, KEY } },
	{ BPF_FUNC_probe_read, RULES_4_4, 3, { ROOM, SIZE, ANYTHING } },
	{ BPF_FUNC_ktime_get_ns, RULES_4_4, 0, { 0 } },
	{ BPF_FUNC_get_smp_processor_id, RULES_4_4, 0, { 0 } },
	{ BPF_FUNC_get_current_pid_tgid, RULES_4_4, 0, { 0 } },
	{ BPF_FUNC_get_current_uid_gid, RULES_4_4, 0, { 0 } },
	{ BPF_FUNC_get_current_comm, RULES_4_4, 2, { ROOM, SIZE } },
	{ BPF_FUNC_perf_event_output,
	  RULES_4_4,
	  5,
	  { THE_CONTEXT, THE_MAP, ANYTHING, BYTES, SIZE } },
	{ BPF_FUNC_get_current_task, RULES_4_9, 0, { 0 } },
	{ BPF_FUNC_current_task_under_cgroup,
	  RULES_4_9,
	  2,
	  { THE_MAP, ANYTHING } },
};

static const struct helper *helper_of(const struct old_kernel *kernel,
				      int number)
{
	for (size_t i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++)
		if (helpers[i].number == number &&
		    helpers[i].since <= kernel->rules)
			return &helpers[i];
	return NULL;
}

bool verifier_has_helper(const struct old_kernel *kernel, int helper)
{
	return helper_of(kernel, helper);
}

/* ------------------------------------------------------------------------
 * States
 */

enum kind {
	NOTHING,
	NUMBER,
	CONTEXT,
	MAP,
	/* A pointer into a map's value; the same, or NULL. */
	VALUE,
	VALUE_OR_NULL,
	FRAME,
};

struct reg {
	uint8_t kind;
	/*
	 * The number is `value`. Of a pointer into a map's value: so are the
	 * bounds that 4.9 and 4.12 keep for what was added to it.
	 */
	bool known;
	/* Something was added to the pointer. */
	bool moved;
	/* 1 + the map's place in `maps`; or 0. */
	uint8_t map;
	/*
	 * Of a number that is not known: 0, or how it came about. Of what a
	 * lookup found: which lookup.
	 */
	uint32_t mark;
	/* Of a pointer: how far from its base. */
	int64_t value;
};

struct state {
	struct reg regs[REGISTERS];
	/* Bits: bytes that hold data; that hold part of a register. */
	uint8_t data[SLOTS];
	uint8_t spill[SLOTS];
	struct reg spilled[SLOTS];
};

/* A state that was met before an instruction, and the next one there. */
struct met {
	struct state state;
	uint32_t next;
};

struct pending {
	struct state state;
	size_t at;
};

struct place {
	/* The second half of a ld_imm64. */
	bool second;
	/* States are compared here. */
	bool prunes;
	/* A path came here. */
	bool seen;
	/* What it loads from or stores to: the kind of the first time. */
	uint8_t base;
	/* 1 + the place in `met`, or 0. */
	uint32_t first;
};

struct walk {
	const struct old_kernel *kernel;
	enum bpf_prog_type type;
	const struct bpf_insn *insns;
	size_t count;
	const struct old_map *maps;
	size_t map_count;
	size_t at;
	struct state now;
	bool ended;
	uint32_t lookups;
	/* A pointer to a map's value that was moved has been used. */
	bool bounds_matter;
	struct verdict verdict;
	struct place places[INSNS_MAX];
	struct pending *pending;
	size_t pending_count, pending_room;
	struct met *met;
	size_t met_count, met_room;
};

/* Room for one more item of that size. */
static void *grow(void *items, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return items;
	*room = 2 * count + 16;
	items = realloc(items, *room * size);
	if (!items)
		abort();
	return items;
}

static bool reason_set(struct walk *walk, int error, const char *why)
{
	walk->verdict.error = error;
	walk->verdict.at = walk->at;
	walk->verdict.why = why;
	return false;
}

static struct reg number(int64_t value)
{
	return (struct reg){ .kind = NUMBER, .known = true, .value = value };
}

static struct reg unknown(uint32_t mark)
{
	return (struct reg){ .kind = NUMBER, .mark = mark };
}

static uint32_t mix(uint64_t first, uint64_t second)
{
	const uint64_t whole = (first + 1) * 0x9e3779b97f4a7c15 ^
			       (second + 1) * 0xc2b2ae3d27d4eb4f;

	return (uint32_t)(whole >> 31) | 1;
}

static uint32_t mark_of(const struct reg *reg)
{
	return reg->known ? mix(1, reg->value) : reg->mark;
}

static bool same_reg(const struct reg *one, const struct reg *other)
{
	return one->kind == other->kind && one->known == other->known &&
	       one->moved == other->moved && one->map == other->map &&
	       one->mark == other->mark && one->value == other->value;
}

/* ------------------------------------------------------------------------
 * Instructions, each by itself: check_alu_op(), check_cond_jmp_op(), do_check()
 * and replace_map_fd_with_map_ptr(); these look so only at what is reached
 */

static bool is_long(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

static bool uses_source(const struct bpf_insn *insn)
{
	return BPF_SRC(insn->code) == BPF_X;
}

static int size_of(const struct bpf_insn *insn)
{
	switch (BPF_SIZE(insn->code)) {
	case BPF_B:
		return 1;
	case BPF_H:
		return 2;
	case BPF_W:
		return 4;
	default:
		return 8;
	}
}

static bool is_shift(int operation)
{
	return operation == BPF_LSH || operation == BPF_RSH ||
	       operation == BPF_ARSH;
}

static bool is_alu_well_formed(const struct bpf_insn *insn)
{
	const int operation = BPF_OP(insn->code);
	const bool is_64 = BPF_CLASS(insn->code) == BPF_ALU64;

	if (insn->off || operation > BPF_END)
		return false;
	if (operation == BPF_NEG)
		return !uses_source(insn) && !insn->src_reg && !insn->imm;
	if (operation == BPF_END)
		return !insn->src_reg && !is_64 &&
		       (insn->imm == 16 || insn->imm == 32 || insn->imm == 64);
	if (operation == BPF_ARSH && !is_64)
		return false;
	if (uses_source(insn))
		return !insn->imm;
	if (insn->src_reg)
		return false;
	if (operation == BPF_DIV || operation == BPF_MOD)
		return insn->imm;
	return !is_shift(operation) ||
	       (insn->imm >= 0 && insn->imm < (is_64 ? 64 : 32));
}

static bool is_jump_well_formed(const struct old_kernel *kernel,
				const struct bpf_insn *insn)
{
	const int operation = BPF_OP(insn->code);

	/* Also calls of the program's own functions, since 4.16. */
	if (operation == BPF_CALL)
		return !uses_source(insn) && !insn->off && !insn->src_reg &&
		       !insn->dst_reg;
	if (operation == BPF_JA || operation == BPF_EXIT)
		return !uses_source(insn) && !insn->imm && !insn->src_reg &&
		       !insn->dst_reg;
	/* 4.14: check_cond_jmp_op() knows JLT to JSLE. */
	if (operation > (kernel->rules < RULES_4_14 ? BPF_EXIT : BPF_JSLE))
		return false;
	return uses_source(insn) ? !insn->imm : !insn->src_reg;
}

static bool is_well_formed(const struct walk *walk, size_t at)
{
	const struct bpf_insn *insn = &walk->insns[at];
	const int mode = BPF_MODE(insn->code);

	if (insn->dst_reg >= REGISTERS || insn->src_reg >= REGISTERS)
		return false;
	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		return is_alu_well_formed(insn);
	case BPF_JMP:
		return is_jump_well_formed(walk->kernel, insn);
	case BPF_LD:
		/* check_ld_abs(): not for tracing. */
		return is_long(insn) && !insn->off &&
		       insn->src_reg <= BPF_PSEUDO_MAP_FD &&
		       at + 1 < walk->count && !insn[1].code &&
		       !insn[1].dst_reg && !insn[1].src_reg && !insn[1].off;
	case BPF_LDX:
		return mode == BPF_MEM && !insn->imm;
	case BPF_ST:
		return mode == BPF_MEM && !insn->src_reg;
	case BPF_STX:
		/* check_xadd() */
		return !insn->imm && (mode == BPF_MEM ||
				      (mode == BPF_XADD && size_of(insn) >= 4));
	default:
		return false;
	}
}

static bool check_insns(struct walk *walk)
{
	for (size_t *at = &walk->at; *at < walk->count; ++*at) {
		if (!is_well_formed(walk, *at))
			return reason_set(
				walk, -EINVAL,
				"an instruction that it does not know");
		if (is_long(&walk->insns[*at]))
			walk->places[++*at].second = true;
	}
	return true;
}

/* ------------------------------------------------------------------------
 * Graph: check_cfg(), push_insn()
 */

/* Where it goes on, the branch that is taken last; returns how many. */
static int successors(const struct walk *walk, size_t at, size_t next[2])
{
	const struct bpf_insn *insn = &walk->insns[at];
	const int operation = BPF_OP(insn->code);

	next[0] = at + 1;
	if (BPF_CLASS(insn->code) != BPF_JMP || operation == BPF_CALL)
		return 1;
	if (operation == BPF_EXIT)
		return 0;
	next[operation != BPF_JA] = at + 1 + insn->off;
	return operation == BPF_JA ? 1 : 2;
}

/* From the first instruction on, depth first. */
static bool visit(struct walk *walk)
{
	enum { UNSEEN, OPEN, DONE };
	uint8_t colours[INSNS_MAX] = { OPEN }, used[INSNS_MAX] = { 0 };
	uint16_t stack[INSNS_MAX] = { 0 };
	size_t depth = 1, next[2];

	while (depth) {
		walk->at = stack[depth - 1];
		if (used[walk->at] == successors(walk, walk->at, next)) {
			colours[walk->at] = DONE;
			depth--;
			continue;
		}
		next[0] = next[used[walk->at]++];
		if (next[0] >= walk->count)
			return reason_set(walk, -EINVAL, "a jump out of range");
		if (colours[next[0]] == OPEN)
			return reason_set(walk, -EINVAL, "a loop");
		if (colours[next[0]] == UNSEEN) {
			colours[next[0]] = OPEN;
			stack[depth++] = next[0];
		}
	}
	for (walk->at = 0; walk->at < walk->count; walk->at++)
		if (colours[walk->at] != DONE)
			return reason_set(
				walk, -EINVAL,
				"an instruction that cannot be reached");
	return true;
}

static void mark_places(struct walk *walk)
{
	const bool more = walk->kernel->rules >= RULES_4_9;
	size_t next[2];

	for (size_t i = 0; i < walk->count; i++) {
		const bool is_jump = BPF_CLASS(walk->insns[i].code) == BPF_JMP;
		const int operation = BPF_OP(walk->insns[i].code);

		if (successors(walk, i, next) == 2) {
			walk->places[next[1]].prunes = true;
			walk->places[i].prunes |= more;
		} else if (is_jump && i + 1 < walk->count) {
			walk->places[i + 1].prunes |=
				operation == BPF_JA ||
				(operation == BPF_CALL && more);
		}
	}
}

/* ------------------------------------------------------------------------
 * Pruning: is_state_visited(), states_equal(). regsafe() of 4.14 is less
 * strict: it leaves out registers that are not read any more, and does not ask
 * which lookup a pointer is from.
 */

/* Whether all that was right with the first is right with the second. */
static bool covers_reg(const struct walk *walk, const struct reg *met,
		       const struct reg *now)
{
	const enum rules rules = walk->kernel->rules;
	const bool both_found = met->kind == VALUE_OR_NULL &&
				now->kind == VALUE_OR_NULL &&
				met->map == now->map;
	const bool any = met->kind == NUMBER && !met->known;

	if (met->kind == NOTHING || same_reg(met, now))
		return true;
	if (now->kind == NOTHING)
		return false;
	switch (rules) {
	case RULES_4_4:
		return any;
	case RULES_4_9:
	case RULES_4_12:
		return both_found || (any && !walk->bounds_matter);
	default:
		return any && !met->mark && now->kind == NUMBER;
	}
}

static bool covers_stack(const struct walk *walk, const struct state *met,
			 const struct state *now)
{
	const bool loose = walk->kernel->rules >= RULES_4_14;

	for (int i = 0; i < SLOTS; i++) {
		if (met->data[i] & ~now->data[i] ||
		    met->spill[i] & ~now->spill[i])
			return false;
		if (loose && met->spill[i] & 1 &&
		    !covers_reg(walk, &met->spilled[i], &now->spilled[i]))
			return false;
		if (!loose && (met->spill[i] | met->data[i]) & 1 &&
		    !same_reg(&met->spilled[i], &now->spilled[i]))
			return false;
	}
	return true;
}

static bool covers(const struct walk *walk, const struct state *met,
		   const struct state *now)
{
	for (int i = 0; i < REGISTERS; i++)
		if (!covers_reg(walk, &met->regs[i], &now->regs[i]))
			return false;
	return covers_stack(walk, met, now);
}

/* Whether what follows is known to be right; if not, the state is kept. */
static bool was_met(struct walk *walk)
{
	struct place *place = &walk->places[walk->at];
	struct met *met;

	if (!place->prunes)
		return false;
	for (uint32_t i = place->first; i; i = walk->met[i - 1].next)
		if (covers(walk, &walk->met[i - 1].state, &walk->now))
			return true;
	walk->met = grow(walk->met, walk->met_count, &walk->met_room,
			 sizeof(*walk->met));
	met = &walk->met[walk->met_count++];
	met->state = walk->now;
	met->next = place->first;
	place->first = walk->met_count;
	return false;
}

/* ------------------------------------------------------------------------
 * Arithmetic: check_alu_op()
 */

/* check_reg_arg() */
static bool is_readable(struct walk *walk, int reg)
{
	return walk->now.regs[reg].kind != NOTHING ||
	       reason_set(walk, -EACCES, "a register that was not set is read");
}

static bool is_writable(struct walk *walk, int reg)
{
	return reg != FRAME_REGISTER ||
	       reason_set(walk, -EACCES, "the frame pointer is set");
}

/*
 * 4.4.155: a 32-bit move of a negative number is not followed. 4.12.4 and
 * 4.14.0 extend its sign, the others do not.
 */
static struct reg moved(const struct old_kernel *kernel,
			const struct bpf_insn *insn, const struct reg *operand)
{
	if (BPF_CLASS(insn->code) == BPF_ALU64)
		return *operand;
	if (uses_source(insn))
		return unknown(mix(BPF_MOV, 4));
	if (kernel->rules == RULES_4_4 && insn->imm < 0)
		return unknown(0);
	if (kernel->move_extends_sign)
		return number(insn->imm);
	return number((uint32_t)insn->imm);
}

/* Of two known numbers, by 64 bits; false if it is none of these. */
static bool compute(int operation, uint64_t *value, uint64_t operand)
{
	switch (operation) {
	case BPF_ADD:
		*value += operand;
		return true;
	case BPF_SUB:
		*value -= operand;
		return true;
	case BPF_MUL:
		*value *= operand;
		return true;
	case BPF_OR:
		*value |= operand;
		return true;
	case BPF_AND:
		*value &= operand;
		return true;
	case BPF_LSH:
		*value <<= operand & 63;
		return operand < 64;
	case BPF_RSH:
		*value >>= operand & 63;
		return operand < 64;
	default:
		return false;
	}
}

/*
 * 4.4.155 follows nothing, 4.9.154 evaluate_reg_imm_alu() additions alone, the
 * same function of 4.12.4 those of compute(), adjust_scalar_min_max_vals() of
 * 4.14 these by 32 bits too.
 */
static struct reg computed(const struct old_kernel *kernel,
			   const struct bpf_insn *insn, const struct reg *reg,
			   const struct reg *operand)
{
	const bool is_64 = BPF_CLASS(insn->code) == BPF_ALU64;
	const int operation = BPF_OP(insn->code);
	const bool is_sum = operation == BPF_ADD || operation == BPF_SUB;
	uint64_t value = reg->value;

	if (kernel->rules == RULES_4_4)
		return unknown(0);
	if (reg->known && operand->known &&
	    (is_64 || kernel->rules >= RULES_4_14) &&
	    (operation == BPF_ADD || kernel->rules >= RULES_4_12) &&
	    compute(operation, &value, operand->value))
		return number(is_64 ? value : (uint32_t)value);
	/* Of a sum with any number nothing is known. */
	if (is_64 && is_sum && (!mark_of(reg) || !mark_of(operand)))
		return unknown(0);
	return unknown(mix(mix(mark_of(reg), mark_of(operand)), insn->code));
}

/*
 * 4.4.155: one constant to a copy of the frame pointer. 4.9.154 and 4.12.4:
 * more of them, and to a map's value (PTR_TO_MAP_VALUE_ADJ), where bounds are
 * kept beside it that a negative one makes unknown (adjust_reg_min_max_vals()).
 */
static bool add_before_4_14(struct walk *walk, const struct bpf_insn *insn,
			    struct reg *reg, const struct reg *operand)
{
	const bool is_add = insn->code == (BPF_ALU64 | BPF_ADD | BPF_K);
	const bool is_any_add = BPF_CLASS(insn->code) == BPF_ALU64 &&
				BPF_OP(insn->code) == BPF_ADD;
	const enum rules rules = walk->kernel->rules;

	if (reg->kind == FRAME &&
	    (reg->moved ? rules > RULES_4_4 && is_any_add &&
				  operand->kind == NUMBER && operand->known :
			  is_add)) {
		reg->value += operand->value;
		/* check_alu_op() of 4.9.154 */
		if (rules == RULES_4_9 && reg->moved &&
		    (reg->value > 0 || reg->value < -STACK))
			return reason_set(walk, -EACCES,
					  "a pointer off the stack");
		reg->moved = true;
		return true;
	}
	if (reg->kind == VALUE && rules > RULES_4_4 && is_any_add) {
		reg->known = reg->known && is_add && operand->value >= 0;
		reg->value += operand->value;
		reg->moved = true;
		return true;
	}
	*reg = unknown(0);
	return true;
}

/*
 * 4.14: adjust_ptr_min_max_vals(), check_reg_sane_offset(). A number within
 * bounds could be added to a map's value there; here it must be known.
 */
static bool add_since_4_14(struct walk *walk, const struct bpf_insn *insn,
			   struct reg *reg, const struct reg *operand)
{
	const bool is_add = BPF_OP(insn->code) == BPF_ADD;
	const struct reg pointer = reg->kind == NUMBER ? *operand : *reg;
	const struct reg by = reg->kind == NUMBER ? *reg : *operand;

	if (BPF_CLASS(insn->code) != BPF_ALU64 || by.kind != NUMBER ||
	    pointer.kind == MAP || pointer.kind == VALUE_OR_NULL ||
	    (!is_add && (BPF_OP(insn->code) != BPF_SUB || reg->kind == NUMBER ||
			 reg->kind == FRAME))) {
		*reg = unknown(0);
		return true;
	}
	if (!by.known || by.value >= OFFSET_MAX || by.value <= -OFFSET_MAX)
		return reason_set(walk, -EINVAL,
				  "any number added to a pointer");
	*reg = pointer;
	reg->value += is_add ? by.value : -by.value;
	reg->moved = true;
	if (reg->value >= OFFSET_MAX || reg->value <= -OFFSET_MAX)
		return reason_set(walk, -EINVAL, "a pointer far off its base");
	return true;
}

static bool step_alu(struct walk *walk, const struct bpf_insn *insn)
{
	struct reg *reg = &walk->now.regs[insn->dst_reg];
	const int operation = BPF_OP(insn->code);
	struct reg operand = number(insn->imm);

	if (uses_source(insn) && operation != BPF_END) {
		if (!is_readable(walk, insn->src_reg))
			return false;
		operand = walk->now.regs[insn->src_reg];
	}
	if (operation != BPF_MOV && !is_readable(walk, insn->dst_reg))
		return false;
	if (!is_writable(walk, insn->dst_reg))
		return false;
	if (operation == BPF_MOV)
		*reg = moved(walk->kernel, insn, &operand);
	else if (operation == BPF_NEG || operation == BPF_END)
		*reg = unknown(0);
	else if (reg->kind == NUMBER && operand.kind == NUMBER)
		*reg = computed(walk->kernel, insn, reg, &operand);
	else if (walk->kernel->rules >= RULES_4_14)
		return add_since_4_14(walk, insn, reg, &operand);
	else
		return add_before_4_14(walk, insn, reg, &operand);
	return true;
}

/* ------------------------------------------------------------------------
 * Memory: check_mem_access()
 */

/* is_spillable_regtype(); that of 4.9.154 knows no PTR_TO_MAP_VALUE_ADJ. */
static bool is_spillable(const struct old_kernel *kernel, const struct reg *reg)
{
	return reg->kind > NUMBER && !(kernel->rules == RULES_4_9 &&
				       reg->kind == VALUE && reg->moved);
}

static uint8_t bits(int64_t place, int size)
{
	return ((1 << size) - 1) << place % SLOT;
}

/* check_stack_write(); from: NULL for what is no register. */
static bool write_stack(struct walk *walk, int64_t place, int size,
			const struct reg *from)
{
	const int64_t slot = place / SLOT;

	if (from && is_spillable(walk->kernel, from)) {
		if (size != SLOT)
			return reason_set(walk, -EACCES,
					  "part of a pointer kept");
		walk->now.spilled[slot] = *from;
		walk->now.spill[slot] = 0xff;
		walk->now.data[slot] = 0;
		return true;
	}
	walk->now.spilled[slot] = (struct reg){ 0 };
	walk->now.spill[slot] &= ~bits(place, size);
	walk->now.data[slot] |= bits(place, size);
	return true;
}

/* check_stack_read(); to: NULL for no register. */
static bool read_stack(struct walk *walk, int64_t place, int size,
		       struct reg *to)
{
	const int64_t slot = place / SLOT;
	const uint8_t wanted = bits(place, size);

	if (walk->now.spill[slot] & wanted & -wanted) {
		if (size != SLOT || walk->now.spill[slot] != wanted)
			return reason_set(walk, -EACCES,
					  "part of a kept pointer");
		if (to)
			*to = walk->now.spilled[slot];
		/* do_check() of 4.9.154 resets the bounds. */
		if (to && walk->kernel->rules == RULES_4_9)
			to->known = false;
		return true;
	}
	if ((walk->now.data[slot] & wanted) != wanted)
		return reason_set(walk, -EACCES, "stack that was not written");
	if (to)
		*to = unknown(size < SLOT ? size : 0);
	return true;
}

/* check_map_access() and, of 4.12.4, check_map_access_adj() */
static bool is_in_value(struct walk *walk, const struct reg *base,
			int64_t offset, int64_t size)
{
	const int64_t most = walk->maps[base->map - 1].value_size;

	if (base->moved && walk->kernel->rules < RULES_4_14) {
		walk->bounds_matter = true;
		if (!base->known)
			return reason_set(walk, -EACCES,
					  "a map's value, anywhere");
	}
	if (offset < 0 || size <= 0 || offset + size > most)
		return reason_set(walk, -EACCES, "beyond a map's value");
	return true;
}

/*
 * kprobe_prog_is_valid_access() and tp_prog_is_valid_access() of
 * kernel/trace/bpf_trace.c; 4.14: nothing may have been added.
 */
static bool is_in_context(struct walk *walk, const struct reg *base,
			  int64_t offset, int size, bool is_write)
{
	const bool is_tracepoint = walk->type == BPF_PROG_TYPE_TRACEPOINT;

	if (is_write)
		return reason_set(walk, -EACCES, "the context is written to");
	if (base->value || offset < (is_tracepoint ? 8 : 0) ||
	    offset + size >
		    (is_tracepoint ? TRACEPOINT_CONTEXT : KPROBE_CONTEXT))
		return reason_set(walk, -EACCES, "beyond the context");
	return true;
}

/* `other` is what is written, or where to what is read goes; or NULL. */
static bool use_memory(struct walk *walk, int reg, const struct bpf_insn *insn,
		       bool is_write, struct reg *other)
{
	const struct reg base = walk->now.regs[reg];
	const int64_t offset = base.value + insn->off;
	const int size = size_of(insn);

	/* 4.14 is as strict only on some machines, but of the stack. */
	if (offset % size)
		return reason_set(walk, -EACCES, "not aligned");
	switch (base.kind) {
	case FRAME:
		if (offset >= 0 || offset < -STACK)
			return reason_set(walk, -EACCES, "off the stack");
		return is_write ?
			       write_stack(walk, STACK + offset, size, other) :
			       read_stack(walk, STACK + offset, size, other);
	case VALUE:
		if (!is_in_value(walk, &base, offset, size))
			return false;
		break;
	case CONTEXT:
		if (!is_in_context(walk, &base, offset, size, is_write))
			return false;
		break;
	default:
		return reason_set(walk, -EACCES, "what is used is no pointer");
	}
	if (!is_write && other)
		*other = unknown(size < SLOT ? size : 0);
	return true;
}

/* do_check(): not the context now and something else then. */
static bool is_same_base(struct walk *walk, int reg)
{
	uint8_t *base = &walk->places[walk->at].base;
	const uint8_t kind = walk->now.regs[reg].kind;

	if (*base && *base != kind && (*base == CONTEXT || kind == CONTEXT))
		return reason_set(walk, -EINVAL,
				  "the context and something else");
	*base = kind;
	return true;
}

static bool step_load(struct walk *walk, const struct bpf_insn *insn)
{
	return is_readable(walk, insn->src_reg) &&
	       is_writable(walk, insn->dst_reg) &&
	       is_same_base(walk, insn->src_reg) &&
	       use_memory(walk, insn->src_reg, insn, false,
			  &walk->now.regs[insn->dst_reg]);
}

static bool step_store(struct walk *walk, const struct bpf_insn *insn)
{
	const bool is_copy = BPF_CLASS(insn->code) == BPF_STX;
	struct reg from = walk->now.regs[insn->src_reg];

	if ((is_copy && !is_readable(walk, insn->src_reg)) ||
	    !is_readable(walk, insn->dst_reg))
		return false;
	if (is_copy && BPF_MODE(insn->code) == BPF_XADD)
		return use_memory(walk, insn->dst_reg, insn, false, NULL) &&
		       use_memory(walk, insn->dst_reg, insn, true, NULL);
	return is_same_base(walk, insn->dst_reg) &&
	       use_memory(walk, insn->dst_reg, insn, true,
			  is_copy ? &from : NULL);
}

/* check_ld_imm(): until 4.9 a number there is not followed. */
static bool step_long(struct walk *walk, const struct bpf_insn *insn)
{
	const uint64_t value =
		(uint64_t)(uint32_t)insn[1].imm << 32 | (uint32_t)insn->imm;
	struct reg *reg = &walk->now.regs[insn->dst_reg];

	if (!is_writable(walk, insn->dst_reg))
		return false;
	if (!insn->src_reg) {
		*reg = walk->kernel->rules >= RULES_4_12 ? number(value) :
							   unknown(0);
		return true;
	}
	for (size_t i = 0; i < walk->map_count; i++)
		if (walk->maps[i].fd == insn->imm) {
			*reg = (struct reg){ .kind = MAP, .map = i + 1 };
			return true;
		}
	return reason_set(walk, -EBADF, "no such map");
}

/* ------------------------------------------------------------------------
 * Calls: check_call(), check_func_arg()
 */

/* check_stack_boundary() */
static bool is_on_stack(struct walk *walk, const struct reg *reg, int64_t size,
			bool is_written)
{
	const bool is_moved = reg->kind == FRAME && reg->moved;
	int64_t place = STACK + reg->value;

	if (!is_moved || place < 0 || size <= 0 || place + size > STACK)
		return reason_set(walk, -EACCES, "a helper takes stack alone");
	for (; is_written && size; place++, size--)
		if (!(walk->now.data[place / SLOT] & bits(place, 1)))
			return reason_set(walk, -EACCES,
					  "stack for a helper, not written");
	return true;
}

/*
 * ARG_CONST_STACK_SIZE, since 4.12 ARG_CONST_SIZE. The size must be known; 4.12
 * and 4.14 would take one within bounds. These take a map's value as well:
 * check_helper_mem_access().
 */
static bool is_room(struct walk *walk, int reg, enum argument what)
{
	const struct reg *base = &walk->now.regs[reg - 1];
	const struct reg *size = &walk->now.regs[reg];
	/* 4.9: ARG_PTR_TO_RAW_STACK, later ARG_PTR_TO_UNINIT_MEM */
	const bool is_out = what == ROOM && walk->kernel->rules >= RULES_4_9;

	if (size->kind != NUMBER || !size->known || size->value > INT32_MAX)
		return reason_set(walk, -EACCES, "a size that is not known");
	if (base->kind == VALUE && walk->kernel->rules >= RULES_4_12)
		return is_in_value(walk, base, base->value, size->value);
	if (!is_on_stack(walk, base, size->value, !is_out))
		return false;
	for (int64_t i = 0; is_out && i < size->value; i++)
		write_stack(walk, STACK + base->value + i, 1, NULL);
	return true;
}

static bool is_argument(struct walk *walk, const struct helper *helper,
			int index, const struct old_map *map)
{
	const struct reg *reg = &walk->now.regs[1 + index];

	if (!is_readable(walk, 1 + index))
		return false;
	switch (helper->arguments[index]) {
	case THE_MAP:
		return map || reason_set(walk, -EACCES, "a helper takes a map");
	case KEY:
		return is_on_stack(walk, reg, map->key_size, true);
	case ELEMENT:
		return is_on_stack(walk, reg, map->value_size, true);
	case THE_CONTEXT:
		return reg->kind == CONTEXT ||
		       reason_set(walk, -EACCES, "a helper takes the context");
	case SIZE:
		return is_room(walk, 1 + index, helper->arguments[index - 1]);
	default:
		return true;
	}
}

/* check_map_func_compatibility() */
static bool is_of_map(int helper, const struct old_map *map)
{
	return (map->type == BPF_MAP_TYPE_PERF_EVENT_ARRAY) ==
		       (helper == BPF_FUNC_perf_event_output) &&
	       (map->type == BPF_MAP_TYPE_CGROUP_ARRAY) ==
		       (helper == BPF_FUNC_current_task_under_cgroup);
}

/* The map among its arguments, or NULL. */
static const struct old_map *map_of(const struct walk *walk,
				    const struct helper *helper)
{
	for (int i = 0; i < helper->count; i++)
		if (helper->arguments[i] == THE_MAP &&
		    walk->now.regs[1 + i].kind == MAP)
			return &walk->maps[walk->now.regs[1 + i].map - 1];
	return NULL;
}

static bool step_call(struct walk *walk, const struct bpf_insn *insn)
{
	const struct helper *helper = helper_of(walk->kernel, insn->imm);
	const enum rules rules = walk->kernel->rules;
	struct reg *regs = walk->now.regs, before = regs[0];
	const struct old_map *map;

	if (!helper)
		return reason_set(walk, -EINVAL,
				  "a helper that it does not have");
	map = map_of(walk, helper);
	for (int i = 0; i < helper->count; i++)
		if (!is_argument(walk, helper, i, map))
			return false;
	for (int i = 0; i < 6; i++)
		regs[i] = (struct reg){ 0 };
	/* 4.4.155 leaves half of a map's address, 4.9.154 bounds. */
	regs[0] = unknown(rules == RULES_4_9 ? mark_of(&before) : 0);
	if (rules == RULES_4_4)
		regs[0].map = before.map;
	if (insn->imm == BPF_FUNC_map_lookup_elem)
		regs[0] = (struct reg){
			.kind = VALUE_OR_NULL,
			.known = true,
			.map = 1 + (map - walk->maps),
			.mark = rules == RULES_4_4 ? 0 : ++walk->lookups,
		};
	if (map && !is_of_map(insn->imm, map))
		return reason_set(walk, -EINVAL, "a helper for other maps");
	return true;
}

/* ------------------------------------------------------------------------
 * Jumps: check_cond_jmp_op()
 */

static bool is_equality(const struct bpf_insn *insn)
{
	return BPF_OP(insn->code) == BPF_JEQ || BPF_OP(insn->code) == BPF_JNE;
}

/* 4.4.155 keeps half of a map's address in the number. */
static void learn_number(struct reg *reg, int64_t value)
{
	*reg = (struct reg){
		.kind = NUMBER, .known = true, .map = reg->map, .value = value
	};
}

/* mark_map_reg() */
static void resolve_reg(enum rules rules, struct reg *reg, uint32_t found,
			bool is_null)
{
	if (reg->kind != VALUE_OR_NULL || reg->mark != found)
		return;
	reg->kind = VALUE;
	reg->mark = 0;
	if (is_null)
		*reg = rules >= RULES_4_14 ? number(0) :
					     unknown(mix(BPF_JEQ, 0));
}

/*
 * What a lookup found is NULL, or is not. 4.4.155: of that register alone.
 * 4.9.154 and 4.12.4, mark_map_regs(): of all that have it; NULL becomes any
 * number. 4.14: it becomes 0.
 */
static void resolve(const struct walk *walk, struct state *state, int reg,
		    bool is_null)
{
	const enum rules rules = walk->kernel->rules;
	const uint32_t found = state->regs[reg].mark;

	if (rules == RULES_4_4 && is_null)
		learn_number(&state->regs[reg], 0);
	else if (rules == RULES_4_4)
		state->regs[reg].kind = VALUE;
	if (rules == RULES_4_4)
		return;
	for (int i = 0; i < REGISTERS; i++)
		resolve_reg(rules, &state->regs[i], found, is_null);
	for (int i = 0; i < SLOTS; i++)
		resolve_reg(rules, &state->spilled[i], found, is_null);
}

/* One side of a comparison; `how` tells these apart. */
static void learn_bounds(const struct walk *walk, struct reg *reg, uint32_t how)
{
	const enum rules rules = walk->kernel->rules;

	if (reg->kind == NUMBER && !reg->known && rules > RULES_4_4)
		reg->mark = mix(reg->mark, how);
	/* reg_set_min_max() */
	if (reg->kind == VALUE && (rules == RULES_4_9 || rules == RULES_4_12))
		reg->known = false;
}

/*
 * What a comparison tells where it is so, and where it is not. A number that is
 * equal to one that is known: 4.4.155 follows it, if that is in the
 * instruction; 4.9.154 and 4.12.4 as bounds alone; 4.14 does, too.
 */
static void learn(const struct walk *walk, const struct bpf_insn *insn,
		  struct state *so, struct state *not_so)
{
	const enum rules rules = walk->kernel->rules;
	const struct reg source =
		uses_source(insn) ? so->regs[insn->src_reg] : number(insn->imm);
	struct reg *to = &so->regs[insn->dst_reg];
	const uint32_t how = mix(insn->code, mark_of(&source));

	if (is_equality(insn)) {
		if (!uses_source(insn) && rules == RULES_4_4)
			learn_number(to, insn->imm);
		else if (rules >= RULES_4_14 && to->kind == NUMBER &&
			 source.kind == NUMBER && source.known)
			*to = number(source.value);
		else
			learn_bounds(walk, to, how);
	} else if (BPF_OP(insn->code) != BPF_JSET) {
		learn_bounds(walk, to, how);
		learn_bounds(walk, &not_so->regs[insn->dst_reg], how + 1);
	}
	if (!uses_source(insn))
		return;
	/* reg_set_min_max_inv(); 4.14: reg_combine_min_max() */
	to = &so->regs[insn->src_reg];
	learn_bounds(walk, to, mix(how, mark_of(&so->regs[insn->dst_reg])));
	if (!is_equality(insn))
		learn_bounds(walk, &not_so->regs[insn->src_reg], how + 2);
}

static bool is_null_test(const struct walk *walk, const struct bpf_insn *insn)
{
	return is_equality(insn) && !uses_source(insn) && !insn->imm &&
	       walk->now.regs[insn->dst_reg].kind == VALUE_OR_NULL;
}

/* Only that of a known number and the same one is decided. */
static bool is_decided(const struct walk *walk, const struct bpf_insn *insn)
{
	const struct reg *reg = &walk->now.regs[insn->dst_reg];

	return is_equality(insn) && !uses_source(insn) && reg->kind == NUMBER &&
	       reg->known && reg->value == insn->imm;
}

static bool step_branch(struct walk *walk, const struct bpf_insn *insn)
{
	const bool is_not = BPF_OP(insn->code) == BPF_JNE;
	struct pending *taken;
	struct state *so, *not_so;

	if ((uses_source(insn) && !is_readable(walk, insn->src_reg)) ||
	    !is_readable(walk, insn->dst_reg))
		return false;
	if (is_decided(walk, insn)) {
		walk->at += 1 + (is_not ? 0 : insn->off);
		return true;
	}
	/* push_stack() */
	if (walk->pending_count == PENDING_MAX)
		return reason_set(walk, -EFAULT, "too many branches wait");
	walk->pending = grow(walk->pending, walk->pending_count,
			     &walk->pending_room, sizeof(*walk->pending));
	taken = &walk->pending[walk->pending_count++];
	taken->state = walk->now;
	taken->at = walk->at + 1 + insn->off;
	so = is_not ? &walk->now : &taken->state;
	not_so = is_not ? &taken->state : &walk->now;
	if (is_null_test(walk, insn)) {
		resolve(walk, so, insn->dst_reg, true);
		resolve(walk, not_so, insn->dst_reg, false);
	} else {
		learn(walk, insn, so, not_so);
	}
	walk->at++;
	return true;
}

static bool step_jump(struct walk *walk, const struct bpf_insn *insn)
{
	switch (BPF_OP(insn->code)) {
	case BPF_CALL:
		return step_call(walk, insn) && ++walk->at;
	case BPF_EXIT:
		walk->ended = true;
		return is_readable(walk, 0);
	case BPF_JA:
		walk->at += 1 + insn->off;
		return true;
	default:
		return step_branch(walk, insn);
	}
}

/* ------------------------------------------------------------------------
 * Walk: do_check(), bpf_check()
 */

static bool step(struct walk *walk)
{
	const struct bpf_insn *insn = &walk->insns[walk->at];

	/* A jump into a ld_imm64: check_ld_imm() */
	if (walk->places[walk->at].second)
		return reason_set(walk, -EINVAL, "half an instruction");
	switch (BPF_CLASS(insn->code)) {
	case BPF_JMP:
		return step_jump(walk, insn);
	case BPF_LD:
		if (!step_long(walk, insn))
			return false;
		walk->at++;
		break;
	case BPF_LDX:
		if (!step_load(walk, insn))
			return false;
		break;
	case BPF_ST:
	case BPF_STX:
		if (!step_store(walk, insn))
			return false;
		break;
	default:
		if (!step_alu(walk, insn))
			return false;
	}
	walk->at++;
	return true;
}

/* Every path. */
static bool walk_all(struct walk *walk)
{
	walk->at = 0;
	walk->now.regs[1] = (struct reg){ .kind = CONTEXT };
	walk->now.regs[FRAME_REGISTER] = (struct reg){ .kind = FRAME };
	for (;;) {
		if (++walk->verdict.processed > walk->kernel->processed_most)
			return reason_set(walk, -E2BIG,
					  "too many instructions");
		walk->ended = was_met(walk);
		if (!walk->ended) {
			walk->places[walk->at].seen = true;
			if (!step(walk))
				return false;
		}
		if (walk->ended && !walk->pending_count)
			return true;
		if (walk->ended) {
			walk->now = walk->pending[--walk->pending_count].state;
			walk->at = walk->pending[walk->pending_count].at;
		}
	}
}

/*
 * fixup_bpf_calls() of 4.12 to 4.14.8 goes over calls that no path came by,
 * too. With the JIT on it asks the map of a lookup for what to put in its
 * place, and such a one has none; and it asks any helper for its function, also
 * one that the kernel does not have.
 */
static bool check_dead_calls(struct walk *walk)
{
	for (walk->at = 0; walk->at < walk->count; walk->at++) {
		const struct bpf_insn *insn = &walk->insns[walk->at];

		if (walk->places[walk->at].seen ||
		    insn->code != (BPF_JMP | BPF_CALL))
			continue;
		if (insn->imm == BPF_FUNC_map_lookup_elem)
			return reason_set(walk, -EFAULT,
					  "it panics: a lookup in dead code");
		if (!helper_of(walk->kernel, insn->imm))
			return reason_set(
				walk, -EFAULT,
				"it panics: no such helper in dead code");
	}
	return true;
}

static void check_all(struct walk *walk)
{
	/* Since 4.7 there are programs for tracepoints. */
	if (walk->type != BPF_PROG_TYPE_KPROBE &&
	    (walk->type != BPF_PROG_TYPE_TRACEPOINT ||
	     walk->kernel->rules < RULES_4_9)) {
		reason_set(walk, -EINVAL, "a type of program that it lacks");
		return;
	}
	if (!walk->count || walk->count > INSNS_MAX) {
		reason_set(walk, -E2BIG, "none or too many instructions");
		return;
	}
	if (!check_insns(walk) || !visit(walk))
		return;
	mark_places(walk);
	if (walk_all(walk) && walk->kernel->keeps_dead_calls)
		check_dead_calls(walk);
}

struct verdict verify(const struct old_kernel *kernel, enum bpf_prog_type type,
		      const struct bpf_insn *insns, size_t count,
		      const struct old_map *maps, size_t map_count)
{
	/* One at a time: its room is kept for the next. */
	static struct walk walk;

	walk = (struct walk){
		.kernel = kernel,
		.type = type,
		.insns = insns,
		.count = count,
		.maps = maps,
		.map_count = map_count,
		.pending = walk.pending,
		.pending_room = walk.pending_room,
		.met = walk.met,
		.met_room = walk.met_room,
	};
	check_all(&walk);
	return walk.verdict;
}
