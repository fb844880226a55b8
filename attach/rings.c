// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rings.c - a perf ring and a state for each CPU, in maps
 *
 * Sections: rings, keeper, maps.
 */
#include <linux/netlink.h>
#include <sys/socket.h>

#include "attach/map.h"
#include "attach/rings.h"

/* Data of one perf ring in bytes, or one page where that is more. */
#define RING_SIZE (256 << 10)

/* The most that any configuration of 4.4 to 7.2 has (NR_CPUS). */
#define CPU_MOST 8192

/* ------------------------------------------------------------------------
 * Rings
 */

/*
 * What the kernel tells udev, for "online@/devices/system/cpu/cpu1":
 * netlink(7), NETLINK_KOBJECT_UEVENT. Without it, we look once a second.
 */
static int uevents_open(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		/* From the kernel, as against from udevd. */
		.nl_groups = 1,
	};
	int fd;

	fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    NETLINK_KOBJECT_UEVENT);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* In bytes. */
size_t ring_size(const struct tracer *tracer)
{
	size_t page = getpagesize();

	if (tracer->request.ring_pages)
		return tracer->request.ring_pages * page;
	return page > RING_SIZE ? page : RING_SIZE;
}

/*
 * A ring for each CPU that is online. CPU numbers have holes (ENODEV); the
 * kernel says where they end (EINVAL), so no file need be read for that.
 */
int cpus_open(struct tracer *tracer, struct reason *reason)
{
	int error, i;

	/* On a 32-bit machine with large pages. */
	if (tracer->request.ring_pages > SIZE_MAX / 2 / getpagesize())
		return refuse(reason, STEP_RING, -ENOMEM,
			      "cannot open perf rings of %u pages",
			      tracer->request.ring_pages);
	/* First: none that comes meanwhile is to be missed. */
	tracer->uevents = uevents_open();
	raw_limit_raise(RLIMIT_NOFILE);
	/* What rings lock beyond kernel.perf_event_mlock_kb. */
	raw_limit_raise(RLIMIT_MEMLOCK);
	/* Pages that are not used cost nothing. */
	tracer->cpus = mmap(NULL, CPU_MOST * sizeof(*tracer->cpus),
			    PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (tracer->cpus == MAP_FAILED)
		return refuse(reason, STEP_RING, -errno,
			      "cannot keep the perf rings");
	tracer->first_cpu = -1;
	for (i = 0; i < CPU_MOST; i++) {
		error = raw_ring_open(&tracer->cpus[i].ring, i,
				      ring_size(tracer));
		if (error == -EINVAL && tracer->first_cpu >= 0)
			break;
		if (error && error != -ENODEV)
			return refuse(reason, STEP_RING, error,
				      "cannot open the perf ring of CPU %d", i);
		if (!error && tracer->first_cpu < 0)
			tracer->first_cpu = i;
	}
	tracer->cpu_count = i;
	return 0;
}

static int ring_publish(const struct tracer *tracer, int number,
			struct reason *reason)
{
	const struct raw_ring *ring = &tracer->cpus[number].ring;
	int error;

	if (ring->fd < 0)
		return 0;
	error = raw_map_set(tracer->rings, ACCEPT_RING(number, 0), &ring->fd);
	if (!error)
		error = raw_map_set(tracer->rings, ACCEPT_RING(number, 1),
				    &ring->bell);
	if (error)
		return refuse(reason, STEP_MAP, error,
			      "cannot set the perf ring of CPU %d", number);
	return 0;
}

int cpus_publish(const struct tracer *tracer, struct reason *reason)
{
	int error = 0;

	for (int i = 0; i < tracer->cpu_count && !error; i++)
		error = ring_publish(tracer, i, reason);
	return error;
}

/* ------------------------------------------------------------------------
 * Keeper
 */

/*
 * The keeper's: descriptors of what the map has. It does not close them until
 * the map has others, as 4.4 releases an event that nobody else holds where it
 * must not sleep (fd_array_map_update_elem() in kernel/bpf/arraymap.c, called
 * with rcu_read_lock() held).
 */
static void ring_retire(struct cpu *cpu)
{
	cpu->old = cpu->ring;
	memset(&cpu->ring, 0, sizeof(cpu->ring));
	cpu->ring.fd = cpu->ring.bell = -1;
}

void cpu_rings_keep(struct tracer *tracer)
{
	for (int i = 0; i < tracer->cpu_count; i++) {
		struct cpu *cpu = &tracer->cpus[i];

		/* fork(2) does not copy memory of perf events. */
		cpu->ring.page = NULL;
		ring_retire(cpu);
	}
}

int cpu_ring_open(struct tracer *tracer, uint64_t number)
{
	struct raw_ring *ring;
	int error;

	if (number >= (uint64_t)tracer->cpu_count)
		return -EINVAL;
	ring = &tracer->cpus[number].ring;
	/* One that nobody could map. */
	raw_ring_close(ring);
	error = raw_ring_open(ring, number, ring_size(tracer));
	return error ? error : ring->fd;
}

int cpu_ring_publish(struct tracer *tracer, uint64_t number)
{
	struct reason reason;
	struct cpu *cpu;
	int error;

	if (number >= (uint64_t)tracer->cpu_count)
		return -EINVAL;
	cpu = &tracer->cpus[number];
	error = ring_publish(tracer, number, &reason);
	/* Who reads it has mapped it. */
	raw_ring_unmap(&cpu->ring);
	/* The map may have the old one yet. */
	if (error)
		return error;
	raw_ring_close(&cpu->old);
	ring_retire(cpu);
	return 0;
}

/* ------------------------------------------------------------------------
 * Maps
 */

/*
 * "0-3,8-11" and a newline, of sysfs, into the numbers of the CPUs that there
 * may be. A text that was cut, as the kernel does at the end of a page, counts
 * up to the last number that is whole.
 */
static void parse_possible(const char *text, uint64_t *numbers)
{
	uint32_t first, last, count = 0;

	while (*text >= '0' && *text <= '9') {
		first = last = raw_number(&text);
		if (*text == '-') {
			text++;
			last = raw_number(&text);
		}
		if (!*text)
			return;
		for (; first <= last && count < CPU_MOST; first++)
			numbers[count++] = first;
		text += *text == ',';
	}
}

int cpus_map(const struct tracer *tracer, struct reason *reason)
{
	/* bpf(2) takes as many of a per-CPU map as there may be CPUs. */
	static uint64_t numbers[CPU_MOST];
	/* A page, and a NUL. */
	static char text[4096 + 1];
	const uint32_t zero = 0;
	int map, error;

	for (uint32_t i = 0; i < CPU_MOST; i++)
		numbers[i] = i;
	if (tracer->sysfs >= 0 &&
	    raw_file_read(tracer->sysfs, "devices/system/cpu/possible", text,
			  sizeof(text)) > 0)
		parse_possible(text, numbers);
	map = map_create("accept_cpus", BPF_MAP_TYPE_PERCPU_ARRAY, sizeof(zero),
			 sizeof(numbers[0]), 1, 0, reason);
	error = map < 0 ? map : raw_map_put(map, &zero, numbers);
	if (map < 0 || !error)
		return map;
	close(map);
	return refuse(reason, STEP_MAP, error,
		      "cannot tell programs their CPU");
}

/* The map as memory, or NULL. */
static void *map_memory(int map, size_t size)
{
	void *memory =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* ------------------------------------------------------------------------
 * Setup: all that the rungs share
 */

int maps_create(struct tracer *tracer, struct reason *reason)
{
	static const struct accept_state asleep = { .wake = 1 };
	const int slots = tracer->cpu_count * ACCEPT_SPILL;
	int error = 0;

	tracer->states = map_create("accept_states", BPF_MAP_TYPE_ARRAY,
				    sizeof(uint32_t), sizeof(asleep),
				    tracer->cpu_count, BPF_F_MMAPABLE, reason);
	if (tracer->states < 0)
		return tracer->states;
	tracer->spill = map_create(
		"accept_spill", BPF_MAP_TYPE_ARRAY, sizeof(uint32_t),
		sizeof(struct accept_event), slots, BPF_F_MMAPABLE, reason);
	if (tracer->spill < 0)
		return tracer->spill;
	tracer->rings = map_create(
		"accept_rings", BPF_MAP_TYPE_PERF_EVENT_ARRAY, sizeof(uint32_t),
		sizeof(int), ACCEPT_RING(tracer->cpu_count, 0), 0, reason);
	if (tracer->rings < 0)
		return tracer->rings;
	for (int i = 0; i < tracer->cpu_count && !error; i++)
		error = raw_map_set(tracer->states, i, &asleep);
	if (error)
		return refuse(reason, STEP_MAP, error,
			      "cannot set a slot of a BPF map");
	error = cpus_publish(tracer, reason);
	tracer->mapped =
		map_memory(tracer->states, tracer->cpu_count * sizeof(asleep));
	tracer->spilled =
		map_memory(tracer->spill, slots * sizeof(struct accept_event));
	/* Both, or neither. */
	if (!tracer->spilled)
		tracer->mapped = NULL;
	return error;
}

uint64_t tracer_sum(const struct tracer *tracer, size_t counter)
{
	struct accept_state state;
	uint64_t sum = 0;

	for (int i = 0; i < tracer->cpu_count; i++) {
		if (tracer->mapped)
			state = tracer->mapped[i];
		else if (raw_map_get(tracer->states, i, &state))
			continue;
		sum += *(uint64_t *)((char *)&state + counter);
	}
	return sum;
}

void tracer_mark_proving(const struct tracer *tracer, bool proving)
{
	struct accept_state state;

	for (int i = 0; i < tracer->cpu_count; i++) {
		if (tracer->mapped) {
			raw_shared_store(&tracer->mapped[i].proving, proving);
		} else if (!raw_map_get(tracer->states, i, &state)) {
			/* Nothing but test counts may change meanwhile. */
			state.proving = proving;
			raw_map_set(tracer->states, i, &state);
		}
	}
}

void tracer_wake(const struct tracer *tracer, bool wake)
{
	for (int i = 0; tracer->mapped && i < tracer->cpu_count; i++)
		raw_shared_store(&tracer->mapped[i].wake, wake);
}
