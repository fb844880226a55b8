// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tcpaccept - shows the TCP connections that processes accept, as they do
 *
 *	accept(2), accept4(2), io_uring, kernel_accept()
 *	  -> a hook, one rung of the ladder			attach/rung_*.c
 *	  -> its program makes a struct accept_event		accept.bpf.c
 *	  -> the perf ring of the CPU it ran on			trace/perf.c
 *	  -> all sources merged by time				trace/reader.c
 *	  -> a row						cli/row.c
 *	  -> stdout						cli/output.c
 *
 * Sections: setup, loop, main.
 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>

#include "base/message.h"
#include "attach/clock.h"
#include "attach/ladder.h"
#include "attach/rung.h"
#include "attach/sockets.h"
#include "trace/hotplug.h"
#include "trace/keeper.h"
#include "trace/keeper_calls.h"
#include "trace/reader.h"
#include "trace/sandbox.h"
#include "cli/check.h"
#include "cli/counts.h"
#include "cli/dump.h"
#include "cli/listeners.h"
#include "cli/row.h"
#include "cli/options.h"
#include "cli/output.h"

/*
 * How often to look for CPUs that came online, if no uevents report them; and
 * how often to ask for losses, and to report them.
 */
#define LOOK_MS 1000

/*
 * BUSY: events come. Look at the rings every pace_ms; events do not wake us.
 * DROWSY: no events came. They wake us from now on; but look once more after
 *	pace_ms, for an event whose program did not know that yet.
 * ASLEEP: wait until an event or a signal wakes us.
 */
enum mood { BUSY, DROWSY, ASLEEP };

struct loop {
	struct reader reader;
	struct output output;
	/* Rows are counted instead of shown. */
	bool counting;
	struct counts counts;
	/* Slots for poll(2): POLL_SIGNALS and so on. */
	struct pollfd *polls;
	/* How many slots are in use. */
	int polled;
	enum mood mood;
	/* Of struct options: 0: never BUSY, but DROWSY for a millisecond. */
	uint32_t pace_ms;
	/* When the header was written. */
	uint64_t begun_ns;
	/* Accepts that were shown or counted. */
	uint64_t accepts;
	/* When the mood became DROWSY. CLOCK_MONOTONIC, as all times below. */
	uint64_t drowsy_ns;
	/* When scan_cpus() last looked for CPUs. */
	uint64_t looked_ns;
	/* The keeper has ended, and the tracing with it. */
	bool orphaned;
	/* The losses that were last reported, and when. */
	struct losses reported;
	uint64_t reported_ns;
	/* Events came since asked_ns. */
	bool unasked;
	/* When the keeper was last asked how many hits were skipped. */
	uint64_t asked_ns;
	/* There are losses to report. */
	bool unreported;
	/* Reasons for rows without WAIT(ms); say_waits_unknown(). */
	bool mptcp_unknown;
	/* At the end: something was lost or may be missing, or is not shown. */
	bool incomplete;
	/* How often to show counts; 0: only at the end. */
	uint64_t interval_ns;
	/* When to show them next. */
	uint64_t next_ns;
	/* The losses when they were last shown, and what was dropped. */
	struct losses counted;
	struct netstat dropped;
};

/* ------------------------------------------------------------------------
 * Setup
 */

/*
 * If stdin or stderr is closed, open "/" in its place, so that no later file
 * gets that number. "/" is there without /dev, and with O_PATH it can be
 * neither read nor written. Die if stdout is closed.
 */
static void stdio_check(void)
{
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
		if (fcntl(i, F_GETFD) >= 0)
			continue;
		if (i == STDOUT_FILENO)
			die(0, "give it a place to write to",
			    "stdout is closed");
		if (open("/", O_PATH) < 0)
			die(errno, NULL, "cannot open /");
	}
}

/*
 * Whether the caller ignores the signal, as nohup(1) and a shell's & do: a
 * signalfd would get it nevertheless.
 */
static bool is_ignored(int number)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) || action.sa_handler == SIG_IGN;
}

/*
 * A descriptor that is readable once a signal came that ends us; these signals,
 * and that of report_signal_open(), are blocked from here on.
 */
static int signals_open(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t set;
	int fd;

	sigemptyset(&set);
	/* An alarm(2) that our caller has set continues after exec(2). */
	sigaddset(&set, SIGALRM);
	for (int i = 0; i < 3; i++)
		if (!is_ignored(ends[i]))
			sigaddset(&set, ends[i]);
	if (!is_ignored(SIGUSR1))
		sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigdelset(&set, SIGUSR1);
	/* We handle EPIPE and EFBIG of write(2) instead. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		die(errno, hint_for(STEP_OTHER, errno),
		    "cannot open a signalfd");
	return fd;
}

/* A descriptor that is readable once SIGUSR1 came; -1 if it is ignored. */
static int report_signal_open(void)
{
	sigset_t set;
	int fd;

	if (is_ignored(SIGUSR1))
		return -1;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		die(errno, hint_for(STEP_OTHER, errno),
		    "cannot open a signalfd");
	return fd;
}

/*
 * Note if processes of -p are not there: it may be mistyped. In a range some
 * may be missing.
 */
static void say_no_processes(const struct options *options)
{
	const struct filters *filters = &options->filters;
	const struct accept_choice one = { ACCEPT_FILTER_PIDS,
					   { options->request.pid, 0 } };
	const struct accept_choice *choice = filters->chosen;
	uint32_t missing = 0;
	int count = filters->chosen_count;

	if (filters->pid_range || filters->wanted & ACCEPT_EXCEPT_PIDS)
		return;
	if (options->request.pid) {
		choice = &one;
		count = 1;
	}
	for (; count-- && !missing; choice++)
		if (choice->ask == ACCEPT_FILTER_PIDS &&
		    kill(choice->value[0], 0) && errno == ESRCH)
			missing = choice->value[0];
	if (missing)
		say("note: there is no process %u now; -p waits for one",
		    missing);
}

/* Open the time zone if a column, or -C, shows the local time. */
static void zone_find(struct zone *zone, const struct options *options)
{
	const char *tz = getenv("TZ"), *why = NULL;
	char name[64];

	if (view_has(&options->view, COLUMN_TIME) || options->counting)
		why = zone_open(zone, tz);
	if (why)
		say("note: cannot use the time zone '%s': %s; TIME is in UTC",
		    quoted(name, sizeof(name), tz ? tz : "/etc/localtime"),
		    why);
}

/* ------------------------------------------------------------------------
 * Loop
 */

/* Slots of loop->polls; sources begin at POLL_SOURCES. */
enum {
	POLL_SIGNALS,
	POLL_REPORT,
	POLL_STDOUT,
	POLL_KEEPER,
	POLL_UEVENTS,
	POLL_SOURCES
};

/*
 * Fill the slots of sources, and set loop->polled. Sources without a descriptor
 * get no slot: poll(2) allows at most RLIMIT_NOFILE slots, and CPUs may have
 * higher numbers.
 */
static void polls_sources(struct loop *loop)
{
	const struct source *source = loop->reader.sources;

	loop->polled = POLL_SOURCES;
	for (; source; source = source->after) {
		if (source->fd < 0)
			continue;
		loop->polls[loop->polled].fd = source->fd;
		loop->polls[loop->polled].events = POLLIN;
		loop->polled++;
	}
}

static void polls_open(struct loop *loop)
{
	const struct reader *reader = &loop->reader;
	int count = POLL_SOURCES;

	for (struct source *s = reader->sources; s; s = s->after)
		count++;
	loop->polls =
		mmap(NULL, count * sizeof(*loop->polls), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (loop->polls == MAP_FAILED)
		die(errno, hint_for(STEP_OTHER, errno),
		    "cannot keep %d descriptors", count);
	loop->polls[POLL_SIGNALS].fd = loop->output.signals;
	loop->polls[POLL_SIGNALS].events = POLLIN;
	loop->polls[POLL_REPORT].fd = report_signal_open();
	loop->polls[POLL_REPORT].events = POLLIN;
	/* No events: poll(2) reports only that the reader has gone. */
	loop->polls[POLL_STDOUT].fd = loop->output.pipe ? STDOUT_FILENO : -1;
	loop->polls[POLL_KEEPER].fd = reader->keeper;
	loop->polls[POLL_KEEPER].events = POLLIN;
	loop->polls[POLL_UEVENTS].fd = reader->uevents;
	loop->polls[POLL_UEVENTS].events = POLLIN;
	polls_sources(loop);
}

static void loop_open(struct loop *loop, const struct tracer *tracer,
		      const struct options *options, int signals)
{
	struct output *output = &loop->output;
	const uint32_t granted = tracer->granted;
	int error = 0;

	output_open(output, &options->view, signals);
	loop->counting = options->counting;
	if (options->counting) {
		loop->counts.most = options->rows;
		output->local = output->real = true;
	} else {
		output->rows_max = options->rows;
	}
	output->waits = granted & ACCEPT_FIELD_WAIT;
	if (granted & ACCEPT_FIELD_CGROUP)
		error = cgroups_open(&output->cgroups);
	if (error && (options->request.verbose ||
		      options->request.named & ACCEPT_FIELD_CGROUP))
		say("note: cannot show the paths of cgroups (CGROUP): %s",
		    strerror(-error));
	loop->interval_ns = options->interval_ns;
	loop->pace_ms = options->pace_ms;
	loop->mptcp_unknown =
		!(tracer->kernel.layout.found & MEMBER_BIT(MPTCP_FIRST));
}

/*
 * Whether to look for CPUs every LOOK_MS: there are no uevents, or no ring
 * could be opened for a CPU.
 */
static bool must_scan_cpus(const struct loop *loop)
{
	return loop->reader.cpus &&
	       (loop->reader.uevents < 0 || loop->reader.lacks_rings);
}

/* Look for CPUs that came online: loop_adopt() adopts them next time. */
static void scan_cpus(struct loop *loop)
{
	const uint64_t now = clock_ns();

	if (!must_scan_cpus(loop) ||
	    now - loop->looked_ns < LOOK_MS * 1000000ULL)
		return;
	loop->looked_ns = now;
	loop->reader.needs_rings = true;
}

/* How long to wait if nothing comes: milliseconds, or -1 for ever. */
static int loop_timeout(const struct loop *loop)
{
	const bool looks =
		must_scan_cpus(loop) || loop->unasked || loop->unreported;
	const uint64_t ends_ns = loop->output.ends_ns;
	const uint64_t counts_ns = loop->interval_ns ? loop->next_ns : 0;
	uint64_t next_ns = 0;
	int wait;

	/* It has no events but when it looks. */
	if (looker_due_ns(&loop->reader.looker))
		next_ns = looker_due_ns(&loop->reader.looker);
	else if (loop->mood != ASLEEP)
		return loop->pace_ms ? loop->pace_ms : 1;
	if (counts_ns && (!next_ns || counts_ns < next_ns))
		next_ns = counts_ns;
	if (ends_ns && (!next_ns || ends_ns < next_ns))
		next_ns = ends_ns;
	wait = wait_ms(next_ns);
	return looks && (wait < 0 || wait > LOOK_MS) ? LOOK_MS : wait;
}

/*
 * Wait as the mood says. Sets *timed_out if nothing came; returns false if it
 * is time to end.
 */
static bool loop_wait(struct loop *loop, bool *timed_out)
{
	/* BUSY: pause, without polling the sources. */
	const int count = loop->mood == BUSY ? POLL_SOURCES : loop->polled;
	int ready;

	if (loop->output.closed || loop->output.done)
		return false;
	ready = poll(loop->polls, count, loop_timeout(loop));
	if (ready < 0 && errno != EINTR)
		die(errno, NULL, "cannot wait for events");
	*timed_out = !ready;
	/* The ring of a CPU that has gone stays ready: do not poll it again. */
	for (int i = POLL_SOURCES; ready > 0 && i < count; i++)
		if (loop->polls[i].revents & ~POLLIN)
			loop->polls[i].fd = -1;
	if (loop->polls[POLL_UEVENTS].revents)
		cpus_hear(&loop->reader);
	/* The reader of stdout has left. */
	if (loop->polls[POLL_STDOUT].revents && !loop->output.error)
		loop->output.error = EPIPE;
	if (loop->polls[POLL_KEEPER].revents)
		loop->orphaned = !keeper_hear(loop->reader.keeper);
	return !loop->orphaned && !loop->polls[POLL_SIGNALS].revents &&
	       !loop->polls[POLL_STDOUT].revents &&
	       wait_ms(loop->output.ends_ns);
}

/* Print what may be shown now. Returns true if there were any events. */
static bool loop_drain(struct loop *loop)
{
	const bool any = reader_begin(&loop->reader);
	const struct accept_event *event;

	while (!loop->output.done && (event = reader_next(&loop->reader))) {
		loop->accepts++;
		if (loop->counting)
			counts_event(&loop->counts, &loop->output, event);
		else
			output_event(&loop->output, event);
	}
	reader_end(&loop->reader);
	output_flush(&loop->output);
	return any;
}

/* Read the events after the last row of -n, which are not lost. */
static void loop_skip_rest(struct loop *loop)
{
	reader_begin(&loop->reader);
	while (reader_next(&loop->reader))
		;
	reader_end(&loop->reader);
}

/* Adopt CPUs that came online. Returns true if there is more to do. */
static bool loop_adopt(struct loop *loop)
{
	if (!loop->reader.needs_rings || !cpus_adopt(&loop->reader))
		return false;
	polls_sources(loop);
	return true;
}

static void say_losses(const char *when, const struct losses *losses)
{
	if (losses->full)
		say("lost %llu accepts%s: the perf ring was full; a larger one "
		    "(--ring), a faster reader of stdout, or a filter helps",
		    (unsigned long long)losses->full, when);
	if (losses->other)
		say("lost %llu accepts%s: their CPU had come online just "
		    "before, and had no ring yet",
		    (unsigned long long)losses->other, when);
	if (losses->skipped)
		say("up to %llu more accepts%s, of any process, may be "
		    "missing: the kernel skips this program on a CPU where a "
		    "BPF program already runs",
		    (unsigned long long)losses->skipped, when);
	if (losses->vanished)
		say("up to %llu more accepts%s are not shown: another thread "
		    "closed their descriptor, or put another file there, as "
		    "they returned",
		    (unsigned long long)losses->vanished, when);
	if (losses->cgroup)
		say("up to %llu more accepts%s are not shown: the kernel could "
		    "not say whether their process is in the cgroup of "
		    "--cgroup",
		    (unsigned long long)losses->cgroup, when);
	if (losses->missed)
		say("up to %llu more accepts%s were missed: the kernel could "
		    "not follow so many calls at once",
		    (unsigned long long)losses->missed, when);
	if (losses->untapped)
		say("up to %llu more accepts%s, of any process, may be "
		    "missing: their CPU had come online just before",
		    (unsigned long long)losses->untapped, when);
}

static uint64_t may_be_missed(const struct losses *losses)
{
	return losses->skipped + losses->vanished + losses->cgroup +
	       losses->missed + losses->untapped + losses->unseen;
}

/* The losses that have changed since they were reported, and 0 for others. */
static struct losses losses_since(const struct losses *now,
				  const struct losses *reported)
{
	struct losses more = { 0 };

	if (now->full != reported->full)
		more.full = now->full;
	if (now->other != reported->other)
		more.other = now->other;
	if (now->skipped != reported->skipped)
		more.skipped = now->skipped;
	if (now->vanished != reported->vanished)
		more.vanished = now->vanished;
	if (now->cgroup != reported->cgroup)
		more.cgroup = now->cgroup;
	return more;
}

/*
 * Report losses as they happen, at most once a second. any: events came, which
 * is a reason to ask the keeper, and so to wake it.
 */
static void loop_report(struct loop *loop, bool any)
{
	const uint64_t now = clock_ns();
	struct losses losses, more;

	loop->unasked |= any;
	if (loop->unasked && now - loop->asked_ns >= LOOK_MS * 1000000ULL) {
		reader_ask(&loop->reader);
		loop->asked_ns = now;
		loop->unasked = false;
	}
	losses = reader_losses(&loop->reader);
	more = losses_since(&losses, &loop->reported);
	loop->unreported = more.full || more.other || more.skipped ||
			   more.vanished || more.cgroup;
	if (!loop->unreported || now - loop->reported_ns < LOOK_MS * 1000000ULL)
		return;
	say_losses(" so far", &more);
	loop->unreported = false;
	loop->reported = losses;
	loop->reported_ns = now;
}

/*
 * Report what was dropped since loop->dropped, and thus was never accepted.
 * Returns how many requests.
 */
static uint64_t say_drops(const struct loop *loop)
{
	const struct netstat now = loop->reader.counts.netstat;
	const uint64_t full = now.overflows - loop->dropped.overflows;
	const uint64_t all = now.drops - loop->dropped.drops;

	/* The keeper did not answer, or the counters have wrapped. */
	if (now.overflows <= loop->dropped.overflows)
		return 0;
	say("%llu connection requests were dropped meanwhile: an accept queue "
	    "was full (ListenOverflows; ListenDrops: %llu); tcpaccept "
	    "--listeners shows whose",
	    (unsigned long long)full, (unsigned long long)all);
	return full;
}

/* The same, from here on. */
static uint64_t report_drops(struct loop *loop)
{
	const uint64_t full = say_drops(loop);

	if (full)
		loop->dropped = loop->reader.counts.netstat;
	return full;
}

/* Show the counts of the time up to now_ns. */
static void show_counts(struct loop *loop, uint64_t now_ns)
{
	const struct losses now = reader_losses(&loop->reader);
	const struct losses *before = &loop->counted;
	const struct meanwhile meanwhile = {
		.lost = now.full + now.other - before->full - before->other,
		.missed = may_be_missed(&now) - may_be_missed(before),
		.dropped = report_drops(loop),
	};

	counts_show(&loop->counts, &loop->output, now_ns, &meanwhile);
	loop->counted = now;
}

/* Show the counts, if it is time. */
static void loop_count(struct loop *loop)
{
	const uint64_t now = clock_ns();

	if (!loop->interval_ns || now < loop->next_ns)
		return;
	reader_ask(&loop->reader);
	show_counts(loop, now);
	/* Not from `now` on: a late interval must not delay the next ones. */
	while (loop->next_ns <= now)
		loop->next_ns += loop->interval_ns;
}

static void loop_mood(struct loop *loop, enum mood mood)
{
	if ((loop->mood == BUSY) != (mood == BUSY))
		reader_wake(&loop->reader, mood != BUSY);
	if (mood == DROWSY)
		loop->drowsy_ns = clock_ns();
	loop->mood = mood;
}

/* Say why rows have no WAIT(ms), as far as we know. */
static void say_waits_unknown(const struct loop *loop, uint64_t queued)
{
	const unsigned long long rows = loop->output.waits_unknown;

	if (!queued)
		say("WAIT(ms) of %llu rows is not known: no connection was "
		    "seen to enter an accept queue",
		    rows);
	else
		say("WAIT(ms) of %llu rows is not known: they were queued "
		    "before the start%s, or together with more than %d others",
		    rows,
		    loop->mptcp_unknown ? ", or are of MPTCP, which needs BTF" :
					  "",
		    QUEUE_CONNECTIONS);
}

/* For the rung poll: what was, and what was seen of it. */
static void say_looks(const struct look *look, const char *when,
		      const struct losses *losses)
{
	if (look->opened == UINT64_MAX)
		say("connections that were not seen%s are not known, without "
		    "/proc/net/snmp; accepted: %llu",
		    when, (unsigned long long)look->accepted);
	else
		say("%sconnections here%s: %llu, and %llu that waited before; "
		    "accepted: %llu, waiting: %llu, not seen: at least %llu",
		    losses->unseen ? "" : "note: ", when,
		    (unsigned long long)look->opened,
		    (unsigned long long)look->waited,
		    (unsigned long long)look->accepted,
		    (unsigned long long)look->waiting,
		    (unsigned long long)losses->unseen);
	if (look->failed)
		say("lost an unknown number of accepts%s: %llu looks at "
		    "/proc/net/tcp failed",
		    when, (unsigned long long)look->failed);
	if (look->undecided)
		say("accepts that -p, -c or -u left out%s, as their process is "
		    "not known: %llu",
		    when, (unsigned long long)look->undecided);
	if (look->ownerless)
		say("note: accepts whose process is not known%s: %llu", when,
		    (unsigned long long)look->ownerless);
}

/* Say what is missing. when: " so far", or "" at the end. */
static void say_missing(const struct loop *loop, const char *when,
			const struct losses *losses)
{
	const uint64_t damaged = reader_damaged(&loop->reader);

	say_losses(when, losses);
	say_drops(loop);
	/* Of the keeper, which may not have answered at the end. */
	if (loop->reader.looker.look && !loop->incomplete)
		say_looks(loop->reader.looker.look, when, losses);
	if (loop->output.waits_unknown)
		say_waits_unknown(loop, losses->queued);
	if (losses->late)
		say("rows that came late, as accept() was given no address: "
		    "%llu",
		    (unsigned long long)losses->late);
	if (losses->untaken)
		say("connections that nobody was seen to accept: %llu; their "
		    "server passed no address and has them open, or they "
		    "ended in its queue",
		    (unsigned long long)losses->untaken);
	if (damaged)
		say("lost an unknown number of accepts: %llu damaged records "
		    "in the perf ring",
		    (unsigned long long)damaged);
}

/* Upon SIGUSR1: say how many accepts there were, and what is missing. */
static void report_now(void *reporter)
{
	struct loop *loop = reporter;
	struct signalfd_siginfo signals;
	struct losses losses;

	if (read(loop->polls[POLL_REPORT].fd, &signals, sizeof(signals)) < 0)
		return;
	reader_ask(&loop->reader);
	losses = reader_losses(&loop->reader);
	say("accepts so far: %llu in %llu s", (unsigned long long)loop->accepts,
	    (unsigned long long)(clock_ns() - loop->begun_ns) / 1000000000);
	say_missing(loop, " so far", &losses);
	/* That was all; loop_report() reports what is new. */
	loop->reported = losses;
}

static void loop_run(struct loop *loop)
{
	bool timed_out, any;

	loop->mood = ASLEEP;
	/* The rings do not wait; losses are reported again at the end. */
	messages_drop(true);
	loop->output.report = report_now;
	loop->output.reporter = loop;
	loop->output.report_signal = loop->polls[POLL_REPORT].fd;
	while (loop_wait(loop, &timed_out)) {
		any = loop_adopt(loop);
		scan_cpus(loop);
		any |= loop_drain(loop);
		if (any)
			loop_mood(loop, loop->pace_ms ? BUSY : DROWSY);
		else if (loop->mood == BUSY)
			loop_mood(loop, DROWSY);
		else if (timed_out && loop->reader.until_ns > loop->drowsy_ns)
			loop_mood(loop, ASLEEP);
		loop_count(loop);
		loop_report(loop, any);
		if (loop->polls[POLL_REPORT].revents)
			report_now(loop);
	}
	messages_drop(false);
}

/* Whether the rung poll cannot know what it has not seen. */
static bool misses_unknown(const struct look *look)
{
	return look &&
	       (look->failed || look->undecided || look->opened == UINT64_MAX);
}

/* Whether --strict has a reason for exit status 3. */
static bool is_incomplete(const struct loop *loop, const struct losses *losses)
{
	const struct output *output = &loop->output;

	/* EPIPE: the reader of stdout wanted no more rows. */
	return losses->full || losses->other || may_be_missed(losses) ||
	       losses->untaken || misses_unknown(loop->reader.looker.look) ||
	       reader_damaged(&loop->reader) ||
	       (output->rows_max && !output->done && output->error != EPIPE);
}

/* Stop tracing, print what is left, and say what is missing. */
static void loop_close(struct loop *loop)
{
	struct output *output = &loop->output;
	/* Before detaching, which is slow, and must not lower the rates. */
	const uint64_t now = clock_ns();
	struct losses losses;

	output->ending = true;
	loop->incomplete = reader_stop(&loop->reader) == -ETIMEDOUT;
	if (loop->incomplete)
		say("tcpaccept-keep does not answer; it may be stopped "
		    "(SIGSTOP): its hooks stay until it continues, and losses "
		    "that only it knows are not reported");
	loop_drain(loop);
	if (output->done)
		loop_skip_rest(loop);
	if (loop->counting)
		show_counts(loop, now);
	output_flush(output);
	losses = reader_losses(&loop->reader);
	say_missing(loop, "", &losses);
	loop->incomplete |= is_incomplete(loop, &losses);
	/* EPIPE: the reader of stdout has what it wanted. */
	if (output->unwritten && output->error != EPIPE)
		say("rows not written: %llu: %s",
		    (unsigned long long)output->unwritten,
		    output->error ? strerror(output->error) :
				    "the reader of stdout stalled");
}

/* ------------------------------------------------------------------------
 * Main
 */

static void say_confined(int calls, bool verbose)
{
	if (calls == -EINVAL)
		say("note: cannot confine tcpaccept: the kernel has no filters "
		    "for system calls (CONFIG_SECCOMP_FILTER)");
	else if (calls < 0)
		say("note: cannot confine tcpaccept: %s", strerror(-calls));
	else if (verbose)
		say("privileges dropped: no capabilities, and no system calls "
		    "but %d",
		    calls);
}

/*
 * From here on only the keeper is privileged and uses the tracer. This process
 * uses the reader, and closes every descriptor that the reader does not need.
 */
static void privileges_drop(struct loop *loop, struct tracer *tracer,
			    const struct request *request)
{
	struct output *output = &loop->output;
	int keeper;

	loop->dropped = netstat_read();
	keeper = keeper_start(tracer, &output->cgroups, output->signals);

	reader_take(&loop->reader, tracer, keeper);
	cpus_open(&loop->reader);
	polls_open(loop);
	close_all_but(loop->polls, loop->polled, STDERR_FILENO);
	say_confined(sandbox_enter(loop->polls[POLL_REPORT].fd),
		     request->verbose);
}

/* The exit status of --strict for what was lost, or may be missing. */
#define EXIT_INCOMPLETE 3

/* The exit status; dies if stdout failed, but for a reader that has left. */
static int output_status(const struct output *output)
{
	if (output->error && output->error != EPIPE)
		die(output->error, hint_for(STEP_WRITE, output->error),
		    "cannot write to stdout");
	/* The rows not written were reported; EPIPE: nobody wants them. */
	return output->unwritten && !output->error ? EXIT_FAILURE :
						     EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static struct options options;
	static struct tracer tracer;
	static struct loop loop;
	int signals, status;

	stdio_check();
	/* Our caller may have left descriptors open. */
	close_all_but(NULL, 0, STDERR_FILENO);
	options_parse(&options, argc, argv);
	if (options.quiet)
		messages_quiet();
	/* Before any probe is made: a signal must not leave it behind. */
	signals = signals_open();
	if (options.check)
		return check(&options.request, signals, version_line,
			     options.view.json) ?
			       EXIT_SUCCESS :
			       EXIT_FAILURE;
	if (options.listeners) {
		output_open(&loop.output, &options.view, signals);
		listeners_show(&loop.output);
		return output_status(&loop.output);
	}
	filters_find(&options.filters);
#ifdef DEBUG
	if (options.dump)
		return dump(&options.request) ? EXIT_SUCCESS : EXIT_FAILURE;
#endif
	zone_find(&loop.output.zone, &options);
	tracer_open(&tracer, &options.request);
	/* Else the IDs are not those that we see. */
	if (!tracer.probe.host_pids && !tracer.kernel.pids_unknown)
		say_no_processes(&options);
	loop_open(&loop, &tracer, &options, signals);
	privileges_drop(&loop, &tracer, &options.request);
	/* The header promises that no accept is missed from here on. */
	if (loop.counting)
		counts_header(&loop.counts, &loop.output);
	else
		output_header(&loop.output);
	loop.next_ns = loop.output.first_ns + loop.interval_ns;
	if (options.duration_ns)
		loop.output.ends_ns = clock_ns() + options.duration_ns;
	loop.begun_ns = clock_ns();
	loop_run(&loop);
	loop_close(&loop);
	if (loop.orphaned)
		die(0, "start it again",
		    "tracing has ended: the second process of tcpaccept is "
		    "gone");
	if (loop.reader.counts.dead)
		die(0, "switch them on and start it again",
		    "accepts are missing: kprobes or ftrace were switched off "
		    "some time before the end");
	status = output_status(&loop.output);
	return !status && options.strict && loop.incomplete ? EXIT_INCOMPLETE :
							      status;
}
