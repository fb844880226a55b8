// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * object.c - raw_object_program() of bpf_raw.h, unpack() of unpack.c and
 * program_load() of program.c over any bytes
 *
 * The first byte tells which of them, the second how much room there is, or
 * what the kernel says to the program; the rest is what is read.
 */
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

static long fake_syscall(long number, ...);

/* The limits of this process are to stay. */
#define prlimit(...) (-1)
#define syscall fake_syscall
#include "bpf_raw.h"
#undef syscall
#undef prlimit

#include "attach/unpack.c"

/* What program.c is to unpack instead of what it carries. */
static const unsigned char *given;
static size_t given_size;

static size_t unpack_given(unsigned char *to, size_t size, const void *from,
			   size_t length)
{
	(void)from;
	(void)length;
	return unpack(to, size, given, given_size);
}
#define unpack unpack_given
#include "attach/program.c"
#undef unpack

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *const sections[] = { "kprobe", "more", "queued", "" };

/* All that accept.bpf.c asks for, but for members of the kernel's structures.
 */
static const char *const numbers[] = {
	"FILTER_PID",	"SK_PROTOCOL_BITS", "PROT_1",	       "PROT_2",
	"PROT_3",	"PROT_4",	    "PROT_5",	       "PROT_6",
	"PIDNS_DEVICE", "PIDNS_INODE",	    "CAPTURE_COMM_1",  "CAPTURE_COMM_2",
	"ASKED",	"BY_SYSCALL",	    "SK_BACKLOG_BITS", "SOCKETCALL",
	"CPU_BY_MAP",
};
static const char *const maps[] = {
	"captures",  "rings",	"states",     "spill",	   "chosen",
	"networks",  "cgroups", "cgroup_map", "mntns_map", "queue",
	"acceptors", "calls",	"here",
};

/* ------------------------------------------------------------------------
 * The kernel: it reads all that it is handed
 */

static struct {
	/* Said to all loads but the last. */
	int error;
	/* So many loads fail. */
	int failing;
	int loads;
} kernel;

/* Volatile: or the compiler leaves the reading out. */
static volatile uint64_t sum;

static long fake_load(const union bpf_attr *attr)
{
	const unsigned char *insns =
		(const unsigned char *)(uintptr_t)attr->insns;
	char *log = (char *)(uintptr_t)attr->log_buf;

	must(attr->insn_cnt <= INSNS_MAX);
	for (size_t i = 0; i < attr->insn_cnt * sizeof(struct bpf_insn); i++)
		sum += insns[i];
	if (attr->log_size) {
		must(attr->log_size <= UINT32_MAX >> 8);
		log[0] = 'x';
		log[attr->log_size - 1] = '\0';
	}
	if (kernel.loads++ >= kernel.failing)
		return 3;
	errno = kernel.error;
	return -1;
}

static long fake_syscall(long number, ...)
{
	const union bpf_attr *attr;
	va_list list;
	int command;

	must(number == SYS_bpf);
	va_start(list, number);
	command = va_arg(list, int);
	attr = va_arg(list, const union bpf_attr *);
	va_end(list);
	must(command == BPF_PROG_LOAD);
	return fake_load(attr);
}

/* ------------------------------------------------------------------------
 * Ours
 */

static void add_symbols(struct symbols *symbols)
{
	static const struct layout layout;

	symbols_add_layout(symbols, &layout);
	for (size_t i = 0; i < LENGTH(numbers); i++)
		symbols_add(symbols, numbers[i], 0x8000000180000002 + i);
	for (size_t i = 0; i < LENGTH(maps); i++)
		symbols_add_map(symbols, maps[i], 40 + i);
}

static bool is_error(int result)
{
	return result == -EBADMSG || result == -ENOENT ||
	       result == -EOPNOTSUPP || result == -E2BIG;
}

/* The ELF file as it is, for a program of `most` instructions. */
static void read_object(const unsigned char *bytes, size_t size, size_t most)
{
	struct symbols symbols = { 0 };
	struct bpf_insn *insns;
	int result;

#ifdef PLANT_A_BUG
	/* For fuzz.t: 256 bytes behind the file are taken for its own. */
	size += 256;
#endif
	add_symbols(&symbols);
	insns = malloc(most * sizeof(*insns));
	if (!insns && most)
		abort();
	for (size_t i = 0; i < LENGTH(sections); i++) {
		result = raw_object_program(bytes, size, sections[i],
					    symbols.all, symbols.count, insns,
					    most);
		must(is_error(result) || (result >= 0 && result <= (int)most));
		for (int j = 0; j < result * (int)sizeof(*insns); j++)
			sum += ((const unsigned char *)insns)[j];
	}
	free(insns);
}

/* Room for `most` bytes, and for all. */
static void read_packed(const unsigned char *bytes, size_t size, size_t most)
{
	/* No byte gives more. */
	const size_t all = size * PACK_MAX;
	unsigned char *small = malloc(most + 1), *large = malloc(all + 1);
	size_t length, whole;

	if (!small || !large)
		abort();
	small[most] = large[all] = 0x5a;
	length = unpack(small, most, bytes, size);
	whole = unpack(large, all, bytes, size);
	must(length <= most && whole <= all);
	must(small[most] == 0x5a && large[all] == 0x5a);
	must(length == (whole <= most ? whole : 0));
	must(!memcmp(small, large, length));
	free(small);
	free(large);
}

/* What tcpaccept does with what it carries. */
static void load_packed(const unsigned char *bytes, size_t size, int answer)
{
	static const int errors[] = { EPERM, EINVAL, E2BIG, EACCES };
	struct symbols symbols = { 0 };
	struct raw_log log = { 0 };
	int result;

	add_symbols(&symbols);
	symbols.pidns_helper = answer & 1;
	given = bytes;
	given_size = size;
	kernel.loads = 0;
	kernel.error = errors[answer >> 3 & 3];
	kernel.failing = answer >> 5;
	result = program_load(BPF_PROG_TYPE_KPROBE, "kprobe", &symbols,
			      RAW_ARG2, &log);
	must(result == 3 || is_error(result) || result == -kernel.error);
	raw_log_free(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *copy;
	uint8_t room;

	if (size < 2)
		return 0;
	room = data[1];
	/* Of just that size: the sanitizer sees one byte more. */
	copy = fuzz_copy(data + 2, size - 2);
	switch (data[0] % 3) {
	case 0:
		read_object(copy, size - 2, room < 255 ? room : INSNS_MAX);
		break;
	case 1:
		read_packed(copy, size - 2, 16 * room);
		break;
	case 2:
		load_packed(copy, size - 2, room);
		break;
	}
	free(copy);
	return 0;
}
