// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cpus.c - the CPUs' perf rings, and CPUs that come and go
 *
 * Sections: rings, hot-plug, spill.
 */
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include "attach/clock.h"
#include "trace/cpus.h"
#include "trace/keeper.h"
#include "attach/map.h"

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
static size_t ring_size(const struct tracer *tracer)
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

int cpus_publish(const struct tracer *tracer, struct reason *reason)
{
	int error = 0;

	for (int i = 0; i < tracer->cpu_count && !error; i++)
		error = ring_publish(tracer, i, reason);
	return error;
}

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

/* ------------------------------------------------------------------------
 * Hot-plug
 */

/* "online@/devices/system/cpu/cpu1": the number, or -1. */
static int uevent_cpu(const char *text)
{
	static const char start[] = "online@/devices/system/cpu/cpu";
	size_t length = strlen(start);

	if (strncmp(text, start, length))
		return -1;
	text += length;
	return *text >= '0' && *text <= '9' ? (int)raw_number(&text) : -1;
}

static void cpu_came(struct tracer *tracer, int number)
{
	if (number < 0 || number >= tracer->cpu_count)
		return;
	tracer->cpus[number].came = true;
	tracer->came = true;
}

/* poll(2) tells of an event whose CPU has gone: POLLHUP. */
static bool is_alive(const struct raw_ring *ring)
{
	struct pollfd polled = { .fd = ring->fd };

	return ring->fd >= 0 && !poll(&polled, 1, 0);
}

void cpus_hear(struct tracer *tracer)
{
	char text[256];
	ssize_t length;

	for (;;) {
		length = recv(tracer->uevents, text, sizeof(text) - 1, 0);
		if (length < 0 && errno != ENOBUFS)
			return;
		/* Some were dropped: of any CPU without a living ring. */
		for (int i = 0; length < 0 && i < tracer->cpu_count; i++)
			if (!is_alive(&tracer->cpus[i].ring))
				cpu_came(tracer, i);
		if (length < 0)
			continue;
		text[length] = '\0';
		cpu_came(tracer, uevent_cpu(text));
	}
}

/*
 * Whether the old ring is read to its end. Programs that ran as it was replaced
 * may still write to it: they take no 10 ms, and say so in the state.
 */
static bool is_done(const struct tracer *tracer, struct cpu *cpu)
{
	const int number = cpu - tracer->cpus;
	uint64_t in_flight = 0;

	if (clock_ns() - cpu->replaced_ns < 10000000)
		return false;
	/* First: what it wrote before it was done is seen then. */
	if (tracer->mapped)
		in_flight = raw_shared_load(&tracer->mapped[number].in_flight);
	return !in_flight && !raw_ring_snapshot(&cpu->old);
}

/* A ring that the keeper opens and we map. 0, or -errno. */
static int ring_take(const struct tracer *tracer, int number,
		     struct raw_ring *ring)
{
	struct keeper_answer answer;
	int error;

	memset(ring, 0, sizeof(*ring));
	error = keeper_ask(tracer->keeper, KEEPER_RING, number, &answer);
	ring->fd = answer.fd;
	ring->bell = -1;
	if (!error)
		error = raw_ring_map(ring, ring_size(tracer));
	if (error)
		raw_ring_close(ring);
	return error;
}

/* True if it did something, or has yet to. */
static bool cpu_adopt(struct tracer *tracer, struct cpu *cpu)
{
	int number = cpu - tracer->cpus;
	struct keeper_answer answer;
	struct raw_ring ring;
	int error;

	if (cpu->old.page && is_done(tracer, cpu))
		raw_ring_close(&cpu->old);
	if (cpu->old.page || !cpu->came)
		return cpu->old.page;
	error = ring_take(tracer, number, &ring);
	/* Descriptors or memory may be had later; ENODEV: it is gone again. */
	if (error && error != -ENODEV) {
		if (!cpu->told)
			say("cannot open the perf ring of CPU %d, which came "
			    "online: %s",
			    number, strerror(-error));
		cpu->told = true;
		return false;
	}
	cpu->came = cpu->told = false;
	if (error)
		return false;
	/* The kernel detaches the event of a CPU that goes, for good. */
	cpu->old = cpu->ring;
	cpu->ring = ring;
	cpu->replaced_ns = clock_ns();
	keeper_ask(tracer->keeper, KEEPER_PUBLISH, number, &answer);
	return true;
}

bool cpus_adopt(struct tracer *tracer)
{
	bool any = false;

	tracer->wanting = false;
	for (int i = 0; i < tracer->cpu_count; i++) {
		any |= cpu_adopt(tracer, &tracer->cpus[i]);
		tracer->wanting |= tracer->cpus[i].came;
	}
	tracer->came = any;
	return any;
}

/* ------------------------------------------------------------------------
 * Spill: events of a CPU that has no ring yet
 */

/* The slot of its next spilled event that was not taken. */
static uint32_t spill_slot(const struct tracer *tracer, int number)
{
	return number * ACCEPT_SPILL +
	       tracer->cpus[number].taken % ACCEPT_SPILL;
}

/* One CPU's oldest spilled event. False if there is none. */
static bool spilled_next(struct tracer *tracer, int number,
			 struct accept_event *event)
{
	const uint64_t taken = tracer->cpus[number].taken;
	uint32_t slot = spill_slot(tracer, number);
	struct keeper_answer answer;

	if (tracer->mapped) {
		if (raw_shared_load(&tracer->mapped[number].spilled) == taken)
			return false;
		*event = tracer->spilled[slot];
		return true;
	}
	if (keeper_ask(tracer->keeper, KEEPER_STATE, number, &answer) ||
	    answer.state.spilled == taken ||
	    keeper_ask(tracer->keeper, KEEPER_SPILLED, slot, &answer))
		return false;
	*event = answer.event;
	return true;
}

bool cpus_spilled(struct tracer *tracer, struct accept_event *event,
		  int *number)
{
	struct accept_event next;
	bool any = false;

	/* That would be a bpf(2) for each CPU each time. */
	if (!tracer->mapped && !tracer->came)
		return false;
	for (int i = 0; i < tracer->cpu_count; i++) {
		if (!spilled_next(tracer, i, &next) ||
		    (any && next.ktime_ns >= event->ktime_ns))
			continue;
		*event = next;
		*number = i;
		any = true;
		/* Whether or not we were told. */
		cpu_came(tracer, i);
	}
	return any;
}

void cpus_take(struct tracer *tracer, int number)
{
	uint32_t slot = spill_slot(tracer, number);
	struct keeper_answer answer;

	if (tracer->mapped)
		raw_shared_store(&tracer->spilled[slot].ktime_ns, 0);
	else
		keeper_ask(tracer->keeper, KEEPER_TAKE, slot, &answer);
	tracer->cpus[number].taken++;
}
