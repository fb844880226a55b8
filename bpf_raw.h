/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bpf_raw.h - bpf(2) and perf_event_open(2) with nothing in between
 *
 * Mechanism only: nothing here prints, exits, or keeps state between calls.
 * Every function returns a descriptor, a count or 0, or else -errno; results
 * go to the caller's memory; every descriptor is close-on-exec. Bytes that
 * come from the kernel or from a file are input: each length is checked
 * before it is used.
 *
 * A tracer calls, in this order:
 *
 *	raw_ring_open()			a perf ring for each CPU
 *	raw_map_create(), raw_map_set()	the rings as the program finds them
 *	raw_program_load()
 *	raw_kprobe_open(), raw_tracepoint_open(), raw_event_attach()
 *	raw_ring_snapshot(), raw_ring_next(), raw_ring_release()
 *
 * Sections: shared memory, system calls, maps, object, program, events, ring.
 */
#ifndef BPF_RAW_H
#define BPF_RAW_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/perf_event.h>

/* ------------------------------------------------------------------------
 * Shared memory: words of 64 bits that the kernel, or a program, writes while
 * we read, or the other way round. Machines of 32 bits access them in two
 * halves.
 */

/*
 * raw_shared_load - what it holds, and all that was written before that
 * (acquire)
 *
 * Of 32 bits, the halves may be of two values that followed each other.
 */
static inline uint64_t raw_shared_load(const uint64_t *word)
{
#if __SIZEOF_LONG__ == 8
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
#else
	const uint32_t *halves = (const uint32_t *)word;
	uint64_t value[2] = { __atomic_load_n(&halves[0], __ATOMIC_ACQUIRE),
			      __atomic_load_n(&halves[1], __ATOMIC_ACQUIRE) };
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return value[1] << 32 | value[0];
#else
	return value[0] << 32 | value[1];
#endif
#endif
}

/* raw_shared_store - after all that we read and wrote before (release) */
static inline void raw_shared_store(uint64_t *word, uint64_t value)
{
#if __SIZEOF_LONG__ == 8
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
#else
	uint32_t *halves = (uint32_t *)word;
	const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

	__atomic_store_n(&halves[big], (uint32_t)value, __ATOMIC_RELEASE);
	__atomic_store_n(&halves[!big], value >> 32, __ATOMIC_RELEASE);
#endif
}

/* ------------------------------------------------------------------------
 * System calls: bpf(2), perf_event_open(2)
 */

/*
 * raw_bpf - bpf(2)
 *
 * attr must be cleared as a whole: the kernel refuses stray bytes (E2BIG). A
 * tail that an older kernel does not know is accepted while it is zero
 * (bpf_check_uarg_tail_zero() in kernel/bpf/syscall.c, since 4.4).
 * BPF_PROG_LOAD gives EAGAIN when a signal is pending (kernel/bpf/verifier.c,
 * since 5.0): it is tried again a few times.
 *
 * Returns what the command returns, or -errno.
 */
static inline int raw_bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	int result, tries = 5;

	do
		result = syscall(SYS_bpf, command, attr, sizeof(*attr));
	while (result < 0 && errno == EAGAIN && --tries);
	return result < 0 ? -errno : result;
}

/*
 * raw_perf_open - perf_event_open(2) for one CPU and every task on it
 *
 * Returns a close-on-exec descriptor, or -errno: ENODEV for a CPU that is
 * offline, EINVAL for one past nr_cpu_ids (perf_event_alloc() and
 * perf_event_open() in kernel/events/core.c, 4.4 to 7.2).
 */
static inline int raw_perf_open(struct perf_event_attr *attr, int cpu)
{
	int fd;

	attr->size = sizeof(*attr);
	fd = syscall(SYS_perf_event_open, attr, -1, cpu, -1,
		     PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* raw_now_ns - CLOCK_MONOTONIC, as bpf_ktime_get_ns() has it; nanoseconds */
static inline uint64_t raw_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* ------------------------------------------------------------------------
 * Maps: bpf(2)
 */

/*
 * raw_map_create - BPF_MAP_CREATE of bpf(2)
 *
 * name: at most 15 of [A-Za-z0-9_], which bpftool(8) shows; NULL for none.
 * key_size (4 for arrays, whose keys are indexes) and value_size in bytes;
 * flags: BPF_F_*.
 *
 * Returns a descriptor (the kernel makes it close-on-exec), or -errno: EINVAL
 * for any name before 4.15.
 */
static inline int raw_map_create(const char *name, enum bpf_map_type type,
				 uint32_t key_size, uint32_t value_size,
				 uint32_t max_entries, uint32_t flags)
{
	union bpf_attr attr;

	/* No initialiser: compilers differ on clearing a union's tail. */
	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = key_size;
	attr.value_size = value_size;
	attr.max_entries = max_entries;
	attr.map_flags = flags;
	if (name)
		strncpy(attr.map_name, name, sizeof(attr.map_name) - 1);
	return raw_bpf(BPF_MAP_CREATE, &attr);
}

/*
 * raw_map_element - a command of bpf(2) on one element of a map; `value` is
 * where that, or for BPF_MAP_GET_NEXT_KEY the next key, is or goes to: one
 * member of union bpf_attr
 */
static inline int raw_map_element(enum bpf_cmd command, int map,
				  const void *key, const void *value)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = (uintptr_t)key;
	attr.value = (uintptr_t)value;
	return raw_bpf(command, &attr);
}

/*
 * raw_map_put - BPF_MAP_UPDATE_ELEM of bpf(2): value_size bytes at `value` for
 * key_size bytes at `key`
 *
 * For a BPF_MAP_TYPE_PERF_EVENT_ARRAY the value is a perf descriptor (int), for
 * a BPF_MAP_TYPE_CGROUP_ARRAY that of a directory of cgroup v2.
 *
 * Returns 0, or -errno.
 */
static inline int raw_map_put(int map, const void *key, const void *value)
{
	return raw_map_element(BPF_MAP_UPDATE_ELEM, map, key, value);
}

/* raw_map_delete - BPF_MAP_DELETE_ELEM of bpf(2); 0, or -errno */
static inline int raw_map_delete(int map, const void *key)
{
	return raw_map_element(BPF_MAP_DELETE_ELEM, map, key, NULL);
}

/* raw_map_set - raw_map_put() for an array's slot `key` */
static inline int raw_map_set(int map, uint32_t key, const void *value)
{
	return raw_map_put(map, &key, value);
}

/*
 * raw_map_get - BPF_MAP_LOOKUP_ELEM of bpf(2): value_size bytes to `value`
 *
 * Returns 0, or -errno.
 */
static inline int raw_map_get(int map, uint32_t key, void *value)
{
	return raw_map_element(BPF_MAP_LOOKUP_ELEM, map, &key, value);
}

/*
 * raw_map_next - BPF_MAP_GET_NEXT_KEY of bpf(2): the key after `key` to `next`,
 * or the first one if there is no such key; in a hash map in no order
 *
 * Returns 0, or -errno: ENOENT at the end.
 */
static inline int raw_map_next(int map, const void *key, void *next)
{
	return raw_map_element(BPF_MAP_GET_NEXT_KEY, map, key, next);
}

/*
 * raw_map_pinned - BPF_OBJ_GET of bpf(2): what is pinned at `path` in a bpffs
 *
 * Returns a descriptor (the kernel makes it close-on-exec), or -errno: EACCES
 * for a file that is none of BPF's (bpf_obj_do_get() in kernel/bpf/inode.c, 4.4
 * to 7.2), ENOENT and so on as open(2).
 */
static inline int raw_map_pinned(const char *path)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = (uintptr_t)path;
	return raw_bpf(BPF_OBJ_GET, &attr);
}

/*
 * raw_map_info - BPF_OBJ_GET_INFO_BY_FD of bpf(2), since 4.13
 *
 * Returns 0, or -errno: EINVAL before 4.13.
 */
static inline int raw_map_info(int map, struct bpf_map_info *info)
{
	union bpf_attr attr;

	memset(info, 0, sizeof(*info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = map;
	attr.info.info_len = sizeof(*info);
	attr.info.info = (uintptr_t)info;
	return raw_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

/* ------------------------------------------------------------------------
 * Program: bpf(2), BPF_PROG_LOAD
 */

struct raw_program {
	enum bpf_prog_type type;
	/* Shown by bpftool: up to 15 of [A-Za-z0-9_.]. */
	const char *name;
	const char *license;
	/* LINUX_VERSION_CODE; before 5.0 a kprobe's must be right. */
	uint32_t version;
	struct bpf_insn *insns;
	size_t count;
};

/*
 * raw_program_context - give the loads of the context their true offset
 *
 * Every 64-bit load at offset `mark` becomes a load of `word` bytes (4 or 8)
 * at offset `offset`.
 */
static inline void raw_program_context(struct raw_program *program, int mark,
				       int offset, size_t word)
{
	for (size_t i = 0; i < program->count; i++) {
		struct bpf_insn *insn = &program->insns[i];

		if (insn->code != (BPF_LDX | BPF_MEM | BPF_DW) ||
		    insn->off != mark)
			continue;
		insn->off = offset;
		if (word == 4)
			insn->code = BPF_LDX | BPF_MEM | BPF_W;
	}
}

/* raw_program_helper - call helper `to` wherever `from` was called */
static inline void raw_program_helper(struct raw_program *program,
				      enum bpf_func_id from,
				      enum bpf_func_id to)
{
	for (size_t i = 0; i < program->count; i++) {
		struct bpf_insn *insn = &program->insns[i];

		if (insn->code == (BPF_JMP | BPF_CALL) && !insn->src_reg &&
		    insn->imm == (int)from)
			insn->imm = to;
	}
}

/* raw_program_try - one BPF_PROG_LOAD; a log of `size` bytes if not 0 */
static inline int raw_program_try(const struct raw_program *program, bool named,
				  char *log, uint32_t size)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = program->type;
	attr.insns = (uintptr_t)program->insns;
	attr.insn_cnt = program->count;
	attr.license = (uintptr_t)program->license;
	attr.kern_version = program->version;
	if (size) {
		attr.log_level = 1;
		attr.log_buf = (uintptr_t)log;
		attr.log_size = size;
	}
	if (named)
		strncpy(attr.prog_name, program->name,
			sizeof(attr.prog_name) - 1);
	return raw_bpf(BPF_PROG_LOAD, &attr);
}

/* The verifier's words, NULL if there are none. */
struct raw_log {
	char *text;
	size_t size;
};

/* raw_log_free - give its memory back */
static inline void raw_log_free(struct raw_log *log)
{
	if (log->text)
		munmap(log->text, log->size);
	log->text = NULL;
}

/* raw_log_alloc - room for `size` bytes, instead of what there was */
static inline char *raw_log_alloc(struct raw_log *log, size_t size)
{
	raw_log_free(log);
	log->size = size;
	log->text = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (log->text == MAP_FAILED)
		log->text = NULL;
	return log->text;
}

/*
 * raw_program_load - BPF_PROG_LOAD of bpf(2)
 *
 * Loads without a log, and without the name where a kernel before 4.15 does
 * not know it. If that fails and log is not NULL, loads again with a verifier
 * log, doubled from 64 KiB while the kernel says ENOSPC, up to 16 MiB - 1
 * (UINT32_MAX >> 8, the limit before 5.18). The log is the caller's to free.
 *
 * Returns a descriptor, or -errno of the load without a log.
 */
static inline int raw_program_load(const struct raw_program *program,
				   struct raw_log *log)
{
	const uint32_t most = UINT32_MAX >> 8;
	uint32_t size = 64 << 10;
	int fd, again;

	fd = raw_program_try(program, true, NULL, 0);
	if (fd == -E2BIG || fd == -EINVAL)
		fd = raw_program_try(program, false, NULL, 0);
	while (fd < 0 && log && raw_log_alloc(log, size)) {
		again = raw_program_try(program, false, log->text, size);
		if (again >= 0)
			return again;
		if (again != -ENOSPC || size == most)
			break;
		size = size > most / 2 ? most : size * 2;
	}
	return fd;
}

/*
 * raw_program_info - BPF_OBJ_GET_INFO_BY_FD of bpf(2), since 4.13
 *
 * Members that the kernel does not know are 0. Returns 0, or -errno.
 */
static inline int raw_program_info(int program, struct bpf_prog_info *info)
{
	union bpf_attr attr;

	memset(info, 0, sizeof(*info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = program;
	attr.info.info_len = sizeof(*info);
	attr.info.info = (uintptr_t)info;
	return raw_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

/*
 * raw_program_run - BPF_PROG_TEST_RUN of bpf(2), since 4.12: run it once
 *
 * For programs of sockets, on an empty packet.
 *
 * Returns 0, or -errno.
 */
static inline int raw_program_run(int program)
{
	/* ETH_HLEN of linux/if_ether.h, the least that there must be. */
	static const unsigned char packet[14];
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = program;
	attr.test.data_in = (uintptr_t)packet;
	attr.test.data_size_in = sizeof(packet);
	attr.test.repeat = 1;
	return raw_bpf(BPF_PROG_TEST_RUN, &attr);
}

/*
 * raw_program_missed - runs that the kernel left out
 *
 * A program is not run while another one runs on that CPU, or while a task
 * that was preempted there is within bpf(2); recursion_misses of
 * BPF_OBJ_GET_INFO_BY_FD, since 5.12.
 *
 * Returns the number, 0 where the kernel does not count them.
 */
static inline uint64_t raw_program_missed(int program)
{
	struct bpf_prog_info info;

	return raw_program_info(program, &info) ? 0 : info.recursion_misses;
}

/* ------------------------------------------------------------------------
 * Events: perf_event_open(2); a program runs on every CPU once one event has
 * it, whichever CPU that event was opened for (trace_call_bpf() in
 * kernel/trace/bpf_trace.c looks at the probe, not at the CPU).
 */

/*
 * raw_kprobe_open - a kprobe, or a kretprobe, through the `kprobe` PMU
 *
 * Since 4.17 (perf_kprobe in kernel/events/core.c). type and retprobe_bit as
 * /sys/bus/event_source/devices/kprobe/ has them; retprobe_bit -1 for an entry
 * probe. offset: bytes after the symbol. The probe goes when the descriptor is
 * closed, whatever ends the process.
 *
 * Returns a descriptor, or -errno: ENOENT no such symbol, EADDRNOTAVAIL it is
 * not unique (since 6.6), EINVAL the place cannot be probed.
 */
static inline int raw_kprobe_open(int type, int retprobe_bit,
				  const char *symbol, int offset, int cpu)
{
	struct perf_event_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.type = type;
	if (retprobe_bit >= 0)
		attr.config = 1ULL << retprobe_bit;
	attr.config1 = (uintptr_t)symbol;
	attr.config2 = offset;
	return raw_perf_open(&attr, cpu);
}

/*
 * A tracepoint's own fields begin after 8 common bytes (struct trace_entry). Of
 * syscalls:sys_enter_* and sys_exit_* these are longs: the call's number, then
 * its arguments, or what it returned.
 */
#define RAW_TRACEPOINT_FIELDS 8

/*
 * raw_tracepoint_open - a tracepoint by the number in its tracefs file `id`
 *
 * Returns a descriptor, or -errno.
 */
static inline int raw_tracepoint_open(int id, int cpu)
{
	struct perf_event_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.type = PERF_TYPE_TRACEPOINT;
	attr.config = id;
	return raw_perf_open(&attr, cpu);
}

/*
 * raw_event_attach - run a program at every hit of a kprobe or tracepoint
 *
 * PERF_EVENT_IOC_SET_BPF and _ENABLE of perf_event_open(2), since 4.1.
 *
 * Returns 0, or -errno.
 */
static inline int raw_event_attach(int event, int program)
{
	if (ioctl(event, PERF_EVENT_IOC_SET_BPF, program) ||
	    ioctl(event, PERF_EVENT_IOC_ENABLE, 0))
		return -errno;
	return 0;
}

/* ------------------------------------------------------------------------
 * Ring: perf_event_open(2), "MMAP layout"
 *
 * One page of struct perf_event_mmap_page, then the data: 2^n pages that the
 * kernel fills in a circle. data_head and data_tail only grow; masked by the
 * size they are places in the circle. A 32-bit kernel counts modulo 2^32
 * (local_t of struct perf_buffer), so we do on 32 bits, whatever the kernel: it
 * looks at data_tail masked, too. A record is a struct perf_event_header
 * (8-aligned, so it never wraps) and a body, which may wrap:
 *
 *	PERF_RECORD_SAMPLE	u32 size, then size bytes: what the program
 *				gave to perf_event_output and 0-7 bytes more
 *	PERF_RECORD_LOST	u64 id, u64 lost: that many found the ring full
 */

struct raw_ring {
	/* An event through `fd` gathers in the ring; poll(2) this one. */
	int fd;
	/* An event through `wakeup_fd` goes to the same ring, and wakes the
	 * poll. */
	int wakeup_fd;
	/* Power of two, in bytes. */
	size_t size;
	struct perf_event_mmap_page *page;
	const unsigned char *data;
	/* Up to where we have read, and where the kernel had written to. */
	unsigned long tail;
	unsigned long head;
};

/* raw_ring_unmap - of what raw_ring_open() made all but its descriptors */
static inline void raw_ring_unmap(struct raw_ring *ring)
{
	if (ring->page)
		munmap(ring->page, getpagesize() + ring->size);
	ring->page = NULL;
}

/* raw_ring_close - unmap and close what raw_ring_open() made */
static inline void raw_ring_close(struct raw_ring *ring)
{
	raw_ring_unmap(ring);
	if (ring->wakeup_fd >= 0)
		close(ring->wakeup_fd);
	if (ring->fd >= 0)
		close(ring->fd);
	memset(ring, 0, sizeof(*ring));
	ring->fd = ring->wakeup_fd = -1;
}

/*
 * raw_ring_map - the ring of ring->fd as memory, `size` bytes of data
 *
 * Another process may map the same: with that, an event that was passed on
 * (unix(7), SCM_RIGHTS) is read where perf_event_open(2) is not allowed.
 *
 * Returns 0, or -errno: EPERM if size is over what RLIMIT_MEMLOCK and
 * perf_event_mlock_kb allow, EINVAL if it is mapped with another size.
 */
static inline int raw_ring_map(struct raw_ring *ring, size_t size)
{
	size_t page = getpagesize();
	void *memory;

	memory = mmap(NULL, page + size, PROT_READ | PROT_WRITE, MAP_SHARED,
		      ring->fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	ring->size = size;
	ring->page = memory;
	ring->data = (const unsigned char *)memory + page;
	return 0;
}

/*
 * raw_ring_open - the perf ring of one CPU, `size` bytes of data
 *
 * size: a power of two, at least a page. A wake-up costs an interrupt each
 * (irq_work in perf_output_wakeup()), so fd has none but one a full ring, and
 * wakeup_fd, whose output PERF_EVENT_IOC_SET_OUTPUT sends there too, one an
 * event.
 *
 * Returns 0, or -errno: ENODEV for a CPU that is offline, EINVAL for one past
 * the last, or as raw_ring_map() does.
 */
static inline int raw_ring_open(struct raw_ring *ring, int cpu, size_t size)
{
	struct perf_event_attr attr;
	int error;

	memset(ring, 0, sizeof(*ring));
	memset(&attr, 0, sizeof(attr));
	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = PERF_COUNT_SW_BPF_OUTPUT;
	attr.sample_type = PERF_SAMPLE_RAW;
	attr.sample_period = 1;
	attr.watermark = 1;
	attr.wakeup_watermark = UINT32_MAX;
	ring->fd = raw_perf_open(&attr, cpu);
	attr.watermark = 0;
	attr.wakeup_events = 1;
	ring->wakeup_fd = ring->fd < 0 ? ring->fd : raw_perf_open(&attr, cpu);
	error = ring->wakeup_fd < 0 ? ring->wakeup_fd :
				      raw_ring_map(ring, size);
	if (!error &&
	    ioctl(ring->wakeup_fd, PERF_EVENT_IOC_SET_OUTPUT, ring->fd))
		error = -errno;
	if (error)
		raw_ring_close(ring);
	return error;
}

/*
 * raw_ring_snapshot - what is there to be read now
 *
 * Acquire: the records up to head are seen whole once head is seen (pairs
 * with the write barrier in perf_output_put_handle(),
 * kernel/events/ring_buffer.c).
 *
 * Returns the number of unread bytes.
 */
static inline unsigned long raw_ring_snapshot(struct raw_ring *ring)
{
	ring->head = raw_shared_load((uint64_t *)&ring->page->data_head);
	return ring->head - ring->tail;
}

/*
 * raw_ring_release - give what was read back to the kernel
 *
 * Release: our reads are done before the kernel may write there again.
 */
static inline void raw_ring_release(struct raw_ring *ring)
{
	raw_shared_store((uint64_t *)&ring->page->data_tail, ring->tail);
}

/* raw_ring_copy - `length` bytes from place `from`, around the end if need be
 */
static inline void raw_ring_copy(const struct raw_ring *ring,
				 unsigned long from, void *to, size_t length)
{
	size_t start = from & (ring->size - 1);
	size_t first = ring->size - start;

	if (first > length)
		first = length;
	memcpy(to, ring->data + start, first);
	memcpy((unsigned char *)to + first, ring->data, length - first);
}

/*
 * raw_ring_next - the next sample before the snapshot
 *
 * Copies the first `size` bytes of the sample to `sample` (it is not 8-aligned
 * in the ring). LOST records met on the way are added to *lost; other kinds
 * are passed over.
 *
 * Returns 1 for a sample, 0 at the snapshot, -EBADMSG for a damaged record: a
 * sample shorter than size is passed over alone; after a length that cannot be
 * the rest up to the snapshot is given up.
 */
static inline int raw_ring_next(struct raw_ring *ring, void *sample,
				uint32_t size, uint64_t *lost)
{
	struct perf_event_header header;
	unsigned long from;
	uint64_t count;
	uint32_t length;

	/* The kernel never has more unread than the ring holds. */
	if (ring->head - ring->tail > ring->size) {
		ring->tail = ring->head;
		return -EBADMSG;
	}
	while (ring->tail != ring->head) {
		from = ring->tail;
		if (ring->head - from >= sizeof(header))
			raw_ring_copy(ring, from, &header, sizeof(header));
		else
			header.size = 0;
		if (header.size < sizeof(header) || header.size % 8 ||
		    header.size > ring->head - from) {
			ring->tail = ring->head;
			return -EBADMSG;
		}
		ring->tail += header.size;
		from += sizeof(header);
		header.size -= sizeof(header);
		if (header.type == PERF_RECORD_LOST) {
			if (header.size < 16)
				return -EBADMSG;
			raw_ring_copy(ring, from + 8, &count, sizeof(count));
			*lost += count;
		} else if (header.type == PERF_RECORD_SAMPLE) {
			if (header.size < sizeof(length))
				return -EBADMSG;
			raw_ring_copy(ring, from, &length, sizeof(length));
			if (length < size ||
			    length > header.size - sizeof(length))
				return -EBADMSG;
			raw_ring_copy(ring, from + sizeof(length), sample,
				      size);
			return 1;
		}
	}
	return 0;
}

#endif
