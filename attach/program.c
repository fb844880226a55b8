// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * program.c - loading the programs of accept.bpf.c
 */
#include <sys/resource.h>

#include "base/fs.h"
#include "base/rights.h"
#include "base/text.h"
#include "kernel/version.h"
#include "attach/fold.h"
#include "attach/program.h"
#include "attach/token.h"
#include "attach/unpack.h"

static const unsigned char packed[] = {
#include "bytecode.inc"
};

/* By enum program: the name, and where its instructions are in the bytecode. */
static const struct {
	char name[BPF_OBJ_NAME_LEN];
	uint16_t first;
	uint16_t count;
} programs[PROGRAM_COUNT] = {
#include "programs.inc"
};

_Static_assert(BYTECODE_LARGEST <= FOLD_MAX,
	       "fold() takes programs up to this length");

#ifdef DEBUG
void (*program_watch)(const char *name, const struct symbols *symbols,
		      int whole, int folded);
#endif

void symbols_set(struct symbols *symbols, enum symbol symbol, uint64_t value)
{
	symbols->all[symbol].value = value;
	symbols->all[symbol].is_set = true;
}

void symbols_set_map(struct symbols *symbols, enum symbol symbol, int map)
{
	symbols_set(symbols, symbol, map);
	symbols->all[symbol].is_map = true;
}

/* Whether a struct sock begins as struct accept_sock_head says. */
static bool has_head(const struct layout *layout)
{
#define AT(member) offsetof(struct accept_sock_head, member)
	return layout->offsets[SKC_ADDRPAIR] == AT(addresses) &&
	       layout->offsets[SKC_PORTPAIR] == AT(ports) &&
	       layout->offsets[SKC_FAMILY] == AT(family);
}

void symbols_set_layout(struct symbols *symbols, const struct layout *layout)
{
#define MEMBER_SYMBOL(id, structure, name, needed) [id] = SYM_##id,
	static const unsigned char members[] = { LAYOUT_READ(MEMBER_SYMBOL) };

	for (size_t i = 0; i < sizeof(members); i++)
		symbols_set(symbols, members[i], layout->offsets[i]);
	symbols_set(symbols, SYM_SKC_HEAD, has_head(layout));
	symbols_set(symbols, SYM_SKC_V6_PAIR,
		    layout->offsets[SKC_V6_RCV_SADDR] ==
			    layout->offsets[SKC_V6_DADDR] + 16);
	symbols_set(symbols, SYM_POINTER_SIZE, machine_word());
}

/* Before 5.11 maps and programs count as locked memory. */
static int load_unlimited(const struct raw_program *program,
			  struct raw_log *log)
{
	int fd = raw_program_load(program, log);

	if (fd != -EPERM)
		return fd;
	limit_raise(RLIMIT_MEMLOCK);
	fd = raw_program_load(program, log);
	if (fd == -EPERM && token_open())
		fd = raw_program_load(program, log);
	return fd;
}

/* Put this machine's offsets into loads from the context. */
static void fill_context(struct raw_program *program, enum bpf_prog_type type,
			 enum machine_reg sock)
{
	const bool raw = type == BPF_PROG_TYPE_RAW_TRACEPOINT;
	const int fields = RAW_TRACEPOINT_FIELDS;
	const size_t word = machine_word();
	const struct {
		int mark;
		int offset;
		size_t size;
	} words[] = {
		{ ACCEPT_CTX_SOCK, machine_reg_offset(sock), word },
		{ ACCEPT_CTX_SYSCALL, fields + word, word },
		{ ACCEPT_CTX_NUMBER, fields, sizeof(int) },
		{ ACCEPT_CTX_ARG1, raw ? 0 : machine_reg_offset(MACHINE_ARG1),
		  raw ? sizeof(uint64_t) : word },
		{ ACCEPT_CTX_CHILD, machine_reg_offset(sock), word },
		{ ACCEPT_CTX_STATE_NEW, 2 * sizeof(uint64_t),
		  sizeof(uint64_t) },
	};

	for (size_t i = 0; i < countof(words); i++)
		raw_program_context(program, words[i].mark, words[i].offset,
				    words[i].size);
}

/* Put in the symbols' values. Returns 0, or -ENOENT if one is not set. */
static int fill_symbols(struct bpf_insn *insns, size_t count,
			const struct symbols *symbols)
{
	for (size_t i = 0; i < count; i++) {
		struct bpf_insn *insn = &insns[i];

		if (insn->code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		/* It has two slots. */
		i++;
		if (insn->src_reg != SYMBOL_MARK)
			continue;
		if (!symbols->all[insn->imm].is_set)
			return -ENOENT;
		insn->src_reg =
			symbols->all[insn->imm].is_map ? BPF_PSEUDO_MAP_FD : 0;
		insn[1].imm = symbols->all[insn->imm].value >> 32;
		insn[0].imm = symbols->all[insn->imm].value;
	}
	return 0;
}

/*
 * All bytecode, unpacked; it is unmapped after use, as it would be a large part
 * of our memory.
 */
struct scratch {
	struct bpf_insn all[BYTECODE_INSNS];
};

/*
 * Make a program's instructions ready for the kernel. Returns how many there
 * are, or -errno.
 */
static int prepare(struct scratch *scratch, enum bpf_prog_type type,
		   enum program id, const struct symbols *symbols,
		   enum machine_reg sock, struct bpf_insn **insns)
{
	struct raw_program program = {
		.insns = scratch->all + programs[id].first,
		.count = programs[id].count,
	};
	int error, count;

	if (unpack((unsigned char *)scratch->all, sizeof(scratch->all), packed,
		   sizeof(packed)) != sizeof(scratch->all))
		return -EBADMSG;
	*insns = program.insns;
	error = fill_symbols(*insns, program.count, symbols);
	if (error)
		return error;
	fill_context(&program, type, sock);
	/* This also removes calls of helpers that the kernel may lack. */
	count = fold(*insns, program.count);
#ifdef DEBUG
	if (program_watch)
		program_watch(programs[id].name, symbols, program.count, count);
#endif
	return count ? count : -EBADMSG;
}

/* A descriptor, or -errno with the verifier's log. */
static int load(enum bpf_prog_type type, enum program id,
		const struct symbols *symbols, struct bpf_insn *insns,
		size_t count, struct raw_log *log)
{
	char name[BPF_OBJ_NAME_LEN] = "accept_";
	struct raw_program program = {
		.type = type,
		.hook = symbols->hook,
		.name = name,
		.license = "Dual BSD/GPL",
		.version = kernel_version(),
		.insns = insns,
		.count = count,
	};
	int fd;

	strncpy(name + strlen(name), programs[id].name,
		sizeof(name) - 1 - strlen(name));
	fd = load_unlimited(&program, NULL);
	if (fd >= 0 || (symbols->pidns_helper && fd == -EINVAL))
		return fd;
	/*
	 * Kernels before 5.5 have one helper for all addresses; on machines
	 * where user addresses look like the kernel's, later ones lack it.
	 */
	if (fd == -EINVAL && !program_may_call(BPF_FUNC_probe_read_kernel))
		raw_program_helper(&program, BPF_FUNC_probe_read_kernel,
				   BPF_FUNC_probe_read);
	return load_unlimited(&program, log);
}

int program_load(enum bpf_prog_type type, enum program program,
		 const struct symbols *symbols, enum machine_reg sock,
		 struct raw_log *log)
{
	struct scratch *scratch;
	struct bpf_insn *insns;
	int fd, count;

	scratch = mmap(NULL, sizeof(*scratch), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (scratch == MAP_FAILED)
		return -errno;
	count = prepare(scratch, type, program, symbols, sock, &insns);
	fd = count < 0 ? count :
			 load(type, program, symbols, insns, count, log);
	munmap(scratch, sizeof(*scratch));
	return fd;
}

bool program_helpers_work(void)
{
/* The JIT of x86 inlines none (arch/x86/net/bpf_jit_comp.c, to 7.2). */
#if defined(__x86_64__) || defined(__i386__)
	return true;
#else
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct raw_program program = {
		.type = BPF_PROG_TYPE_KPROBE,
		.name = "accept_empty",
		.license = "Dual BSD/GPL",
		.version = kernel_version(),
		.insns = insns,
		.count = countof(insns),
	};
	struct bpf_prog_info info = { 0 };
	char jit[4], other[4];
	int fd;

	if (program.version < version_parse("6.10"))
		return true;
	fd = load_unlimited(&program, NULL);
	if (fd < 0)
		return true;
	raw_program_info(fd, &info);
	close(fd);
	if (info.jited_prog_len)
		return true;
	/*
	 * Without a JIT there is no bpf_jit_enable. Both files exist in the
	 * initial network namespace only.
	 */
	fs_read(FS_PROC, "sys/net/core/bpf_jit_enable", jit, sizeof(jit));
	fs_read(FS_PROC, "sys/net/core/dev_weight", other, sizeof(other));
	return other[0] && !jit[0];
#endif
}

/*
 * Load a program that calls it, with a pointer to 8 bytes of stack as the first
 * and third argument, and 8 as the second and fourth.
 */
bool program_may_call(enum bpf_func_id helper)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X,
		  .dst_reg = 3,
		  .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K,
		  .dst_reg = 3,
		  .imm = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X,
		  .dst_reg = 1,
		  .src_reg = 3 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 4, .imm = 8 },
		{ .code = BPF_JMP | BPF_CALL, .imm = helper },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct raw_program program = {
		.type = BPF_PROG_TYPE_KPROBE,
		.name = "accept_helper",
		.license = "Dual BSD/GPL",
		.version = kernel_version(),
		.insns = insns,
		.count = countof(insns),
	};
	int fd = load_unlimited(&program, NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}
