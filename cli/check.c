// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * check.c - reports whether and how accepts can be traced on this machine
 *
 * Each line comes from a try, not from a version or a configuration.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "base/fs.h"
#include "base/rights.h"
#include "base/text.h"
#include "kernel/loopback.h"
#include "kernel/version.h"
#include "attach/clock.h"
#include "attach/ladder.h"
#include "attach/program.h"
#include "attach/rung.h"
#include "trace/reader.h"
#include "trace/sandbox.h"
#include "cli/check.h"
#include "cli/json.h"
#include "cli/put.h"

struct report {
	/* A descriptor that is readable once a signal came. */
	int signals;
	/* JSON in place of a table. */
	bool json;
	/* Columns of the terminal, or 80. */
	size_t width;
	/* The lines, or objects with a comma in front of each but the first. */
	char text[16 << 10];
	size_t length;
	/* The rung inet-accept works, and so needs no hooks for BL. */
	bool has_listener;
	/* The rung poll works, which is not taken by itself. */
	bool can_poll;
};

/* Where the details of a line begin. */
#define INDENT 19

static void report_text(struct report *report, const char *text, size_t length)
{
	const size_t room = sizeof(report->text) - report->length;

	if (length > room)
		length = room;
	memcpy(report->text + report->length, text, length);
	report->length += length;
}

/* Add a line, broken at blanks. Its other lines have that indent. */
static void report_line(struct report *report, const char *text, size_t indent)
{
	size_t column = indent, length;

	report_text(report, text, indent);
	for (text += indent; *text; text += length) {
		text += *text == ' ';
		length = strcspn(text, " ");
		if (column > indent && column + 1 + length > report->width) {
			report_text(report, "\n                   ",
				    1 + indent);
			column = indent;
		} else if (column > indent) {
			report_text(report, " ", 1);
			column++;
		}
		report_text(report, text, length);
		column += length;
	}
	report_text(report, "\n", 1);
}

static void add_object(struct report *report, const char *subject,
		       const char *state, const char *detail)
{
	char text[4096], *end = text;

	end = put_text(end, report->length ? ",{\"name\":\"" : "{\"name\":\"");
	end = put_text(put_text(end, subject), "\",\"ok\":");
	end = put_text(end, *state == 'y' ? "true" :
			    *state == 'n' ? "false" :
					    "null");
	end = json_string(put_text(end, ",\"detail\":"), detail, 500);
	*end++ = '}';
	report_text(report, text, end - text);
}

/* state: yes, no, - where that is no question, ? where it was not tried. */
static void line(struct report *report, const char *subject, const char *state,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

static void line(struct report *report, const char *subject, const char *state,
		 const char *format, ...)
{
	char text[512];
	size_t length;
	va_list list;

	length = text_format(text, sizeof(text), "%-13s %-4s ", subject, state);
	va_start(list, format);
	text_list(text + length, sizeof(text) - length, format, list);
	va_end(list);
	if (report->json)
		add_object(report, subject, state, text + INDENT);
	else
		report_line(report, text, INDENT);
}

static const char *yes_no(bool yes)
{
	return yes ? "yes" : "no";
}

/* ------------------------------------------------------------------------
 * What tracing depends on
 */

static void check_kernel(struct report *report)
{
	uint32_t version = kernel_version();
	struct utsname name;

	if (!uname(&name))
		line(report, "kernel", "-", "%s %s %s, version %u.%u.%u, %s",
		     name.sysname, name.release, name.machine, version >> 16,
		     version >> 8 & 255, version & 255, name.version);
}

static void check_capabilities(struct report *report)
{
	bool admin = has_capability(CAP_SYS_ADMIN);
	bool bpf = has_capability(CAP_BPF), perf = has_capability(CAP_PERFMON);

	bool inner = in_user_namespace();

	line(report, "capabilities", yes_no(!inner && (admin || (bpf && perf))),
	     "CAP_SYS_ADMIN %s, CAP_BPF %s, CAP_PERFMON %s%s", yes_no(admin),
	     yes_no(bpf), yes_no(perf),
	     inner ? ", but only within a user namespace" : "");
}

/* Read a setting's line into `text`; "?" if it cannot be read. */
static const char *setting(char *text, size_t size, enum fs fs,
			   const char *path)
{
	if (fs_read(fs, path, text, size) <= 0)
		return "?";
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static void check_settings(struct report *report)
{
	char paranoid[16], disabled[16], ftrace[16], lockdown[64];
	bool filtered = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) > 0, known;

	line(report, "settings", "-",
	     "perf_event_paranoid %s, unprivileged_bpf_disabled %s, "
	     "ftrace_enabled %s, seccomp filter %s",
	     setting(paranoid, sizeof(paranoid), FS_PROC,
		     "sys/kernel/perf_event_paranoid"),
	     setting(disabled, sizeof(disabled), FS_PROC,
		     "sys/kernel/unprivileged_bpf_disabled"),
	     setting(ftrace, sizeof(ftrace), FS_PROC,
		     "sys/kernel/ftrace_enabled"),
	     yes_no(filtered));
	known = fs_read(FS_SECURITY, "lockdown", lockdown, sizeof(lockdown)) >
		0;
	line(report, "lockdown", known ? "-" : "?", "%s",
	     known ? setting(lockdown, sizeof(lockdown), FS_SECURITY,
			     "lockdown") :
		     "this kernel has none, or it cannot be read");
}

static void check_mount(struct report *report, enum fs fs)
{
	const char *place = fs_mounted(fs);
	int fd = fs_open(fs);

	if (place)
		line(report, fs_type(fs), yes_no(fd >= 0), "mounted on %s",
		     place);
	else if (fd == -ENODEV)
		line(report, fs_type(fs), "no", "this kernel has none");
	else
		line(report, fs_type(fs), yes_no(fd >= 0),
		     "not mounted on %s, or read-only%s", fs_place(fs),
		     fd >= 0 ? ": tcpaccept can mount it" :
			       ", and tcpaccept cannot mount it");
	if (fd >= 0)
		close(fd);
}

static void check_rings(struct report *report)
{
	struct reason reason;
	struct raw_ring ring;
	int error = -ENODEV;

	for (int cpu = 0; cpu < 64 && error == -ENODEV; cpu++)
		error = raw_ring_open(&ring, cpu, getpagesize());
	if (error)
		reason_set(&reason, STEP_RING, error,
			   "cannot open a perf ring");
	else
		raw_ring_close(&ring);
	line(report, "perf-rings", yes_no(!error), "%s",
	     error ? reason_text(&reason) : "perf_event_open(2) works");
}

static void check_maps(struct report *report)
{
	void *memory = MAP_FAILED;
	struct reason reason;
	int fd;

	/* Locked memory matters before 5.11, also to check_helpers(). */
	fd = raw_map_create(NULL, BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	if (fd == -EPERM)
		limit_raise(RLIMIT_MEMLOCK);
	if (fd >= 0)
		close(fd);
	fd = raw_map_create(NULL, BPF_MAP_TYPE_ARRAY, 4, 8, 1, BPF_F_MMAPABLE);
	if (fd >= 0)
		memory = mmap(NULL, 8, PROT_READ, MAP_SHARED, fd, 0);
	else
		fd = raw_map_create(NULL, BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	if (fd < 0)
		reason_set(&reason, STEP_MAP, fd, "cannot create a BPF map");
	line(report, "maps", yes_no(fd >= 0), "%s",
	     fd < 0		  ? reason_text(&reason) :
	     memory != MAP_FAILED ? "bpf(2) works, and maps can be mmapped" :
				    "bpf(2) works; maps cannot be mmapped, "
				    "which needs Linux 5.5: rows come 1 ms "
				    "later");
	if (memory != MAP_FAILED)
		munmap(memory, 8);
	if (fd >= 0)
		close(fd);
}

static void check_helpers(struct report *report)
{
	bool newer = program_may_call(BPF_FUNC_probe_read_kernel);
	bool older = program_may_call(BPF_FUNC_probe_read);

	if (!program_may_call(BPF_FUNC_get_current_pid_tgid)) {
		line(report, "helpers", "no",
		     "no BPF program of a kprobe can be loaded, which needs "
		     "CONFIG_BPF_EVENTS and the capabilities above");
		return;
	}
	line(report, "helpers", yes_no(newer || older),
	     "probe_read_kernel %s, probe_read %s, get_ns_current_pid_tgid %s",
	     yes_no(newer), yes_no(older),
	     yes_no(program_may_call(BPF_FUNC_get_ns_current_pid_tgid)));
}

static void check_file(struct report *report, const char *subject, enum fs fs,
		       const char *path)
{
	int root = fs_open(fs), fd = root;

	if (root >= 0) {
		fd = openat(root, path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
		close(root);
	}
	line(report, subject,
	     fd == -EACCES || fd == -EPERM ? "?" : yes_no(fd >= 0), "%s/%s%s%s",
	     fs_place(fs), path, fd < 0 ? ": " : "",
	     fd < 0 ? strerror(-fd) : "");
	if (fd >= 0)
		close(fd);
}

/* ------------------------------------------------------------------------
 * Rungs
 */

/* Try each rung. Returns the one that tracing would use, or NULL. */
static const struct rung *check_rungs(struct report *report,
				      struct tracer *tracer)
{
	const struct rung *only = tracer->request.only, *used = NULL;
	struct reason reason;
	bool works;

	for (int i = 0; i < RUNG_COUNT; i++) {
		works = !tracer_try(tracer, rungs[i], &reason);
		if (works && !used &&
		    (only ? only == rungs[i] : !rungs[i]->only_named))
			used = rungs[i];
		if (rungs[i]->only_named)
			report->can_poll = works;
		line(report, rungs[i]->name, yes_no(works), "%s%s%s%s",
		     rungs[i]->description, works ? "" : ": ",
		     works ? "" : reason_text(&reason),
		     used == rungs[i]	  ? "; this one is used" :
		     rungs[i]->only_named ? "; only by --probe poll" :
					    "");
		if (works && rungs[i] == &rung_inet_accept)
			report->has_listener = tracer->probe.proven;
		if (works)
			probe_close(&tracer->probe);
	}
	return used;
}

static void check_layout(struct report *report, const struct tracer *tracer)
{
	const struct layout *layout = &tracer->kernel.layout;

	if (!layout->built_in)
		line(report, "layout", "yes", "from the kernel's BTF");
	else if (layout->prot_count)
		line(report, "layout", "yes",
		     "built in, confirmed by test connections: "
		     "addresses at %u and %u, ports at %u, protocol%s at %u",
		     layout->offsets[SKC_ADDRPAIR],
		     layout->offsets[SKC_V6_DADDR],
		     layout->offsets[SKC_PORTPAIR],
		     layout->protocol_bits ? "" : "'s struct proto",
		     layout->offsets[layout->protocol_bits ? SK_PROTOCOL :
							     SKC_PROT]);
	else
		line(report, "layout", "no", "built in, not confirmed");
}

/* What the columns BL and WAIT(ms) need. */
static void check_queue(struct report *report, struct tracer *tracer)
{
	const uint32_t members =
		MEMBER_BIT(SK_ACK_BACKLOG) | MEMBER_BIT(SK_MAX_ACK_BACKLOG);
	const bool has_members = !(~tracer->kernel.layout.found & members);
	const bool by_rung = has_members && report->has_listener;
	const char *backlog = has_members ? ", and BL" : "; BL needs BTF";
	struct reason reason;
	int error;

	error = queue_open(&tracer->queue, &tracer->kernel, &tracer->rings,
			   by_rung ? ACCEPT_FIELD_WAIT :
				     ACCEPT_FIELD_WAIT | ACCEPT_FIELD_BACKLOG,
			   tracer->request.verbose, &reason);
	if (by_rung)
		backlog = "; BL by inet-accept";
	line(report, "accept-queue", yes_no(!error), "%s%s",
	     error			  ? reason_text(&reason) :
	     tracer->queue.by_tracepoints ? "WAIT(ms) by tracepoints" :
					    "WAIT(ms) by kprobes",
	     error ? "" : backlog);
	queue_close(&tracer->queue);
}

static void check_pids(struct report *report, const struct tracer *tracer)
{
	/* The self-test could not trace by what had worked before. */
	if (!tracer->probe.rung) {
		line(report, "process-ids", "-", "not known: nothing traces");
		return;
	}
	line(report, "process-ids",
	     yes_no(!tracer->probe.host_pids && !tracer->kernel.pids_unknown),
	     "%s",
	     tracer->kernel.pids_unknown ?
		     "of the initial PID namespace, which may "
		     "not be ours: there is no /proc to tell" :
	     !tracer->kernel.pidns_inode ?
		     "of the initial PID namespace" :
	     tracer->probe.host_pids ?
		     "the host's, not those of our PID namespace" :
		     "of our PID namespace");
}

/* ------------------------------------------------------------------------
 * Self-test: the whole path
 */

/* The status, as of wait(2), of a child that confines itself; or -1. */
static int confined_status(void)
{
	struct pollfd polled = { .fd = STDOUT_FILENO };
	int status = 0;
	pid_t child = fork();

	if (!child) {
		int calls = sandbox_enter(-1);

		poll(&polled, 1, 0);
		_exit(write(STDOUT_FILENO, "", 0) || calls >= 0 ? 0 : -calls);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return child < 0 ? -1 : status;
}

/* Returns whether the child survives; it does if there are no filters. */
static bool check_sandbox(struct report *report)
{
	const int status = confined_status();
	const bool killed = status >= 0 && WIFSIGNALED(status);
	const char *what = "it works while confined to the system calls that "
			   "it makes";

	if (status < 0)
		what = "cannot start a second process";
	else if (killed && WTERMSIG(status) == SIGSYS)
		what = "confined to the system calls that it makes, it is "
		       "killed: this tcpaccept is built for other machines";
	else if (killed)
		what = "it is killed when it has confined itself";
	else if (WEXITSTATUS(status) == EINVAL)
		what = "it cannot confine itself: the kernel has no filters "
		       "for system calls (CONFIG_SECCOMP_FILTER)";
	else if (status)
		what = "it cannot confine itself; without --check it says why";
	line(report, "sandbox",
	     status < 0 || killed ? "no" :
	     status		  ? "-" :
				    "yes",
	     "%s", what);
	return status >= 0 && !killed;
}

/* The self-test is done within this time. */
#define SELF_NS 60000000000
/* How many accepts it makes at the most. */
#define SELF_TRIES 8

static void self_accepted(void *argument, struct test_connection *sample)
{
	(void)argument;
	sample->captured = true;
}

static bool is_ours(const struct accept_event *event,
		    const struct test_connection *sample)
{
	return event->rport_be == htons(sample->rport) &&
	       event->lport == sample->lport &&
	       !memcmp(event->raddr, sample->raddr, 4) &&
	       !memcmp(event->laddr, sample->laddr, 4);
}

/* Look for the event of our accept. Returns false if it has not come. */
static bool find_ours(struct reader *reader,
		      const struct test_connection *sample,
		      struct accept_event *event)
{
	const struct accept_event *next;
	bool found = false;

	reader_begin(reader);
	while (!found && (next = reader_next(reader))) {
		found = is_ours(next, sample);
		*event = *next;
	}
	reader_end(reader);
	return found;
}

/* Wait for it, at most a second. Returns false if it does not come. */
static bool await_ours(struct report *report, struct reader *reader,
		       const struct test_connection *sample,
		       struct accept_event *event)
{
	struct pollfd polled = { .fd = report->signals, .events = POLLIN };

	for (int i = 0; i < 100; i++)
		if (find_ours(reader, sample, event))
			return true;
		else if (poll(&polled, 1, 10))
			return false;
	return false;
}

/*
 * Make an accept and wait for its event, again where that does not come: others
 * may have filled the ring, and a CPU runs no program of a kprobe while a task
 * is preempted in bpf(2) there. Returns 1, 0 if it never came, or -errno of the
 * connection.
 */
static int see_ours(struct report *report, struct reader *reader,
		    struct loopback *loopback, struct accept_event *event)
{
	struct test_connection *sample = loopback->samples;
	int made;

	for (int i = 0; i < SELF_TRIES; i++) {
		*sample = (struct test_connection){ .family = AF_INET };
		made = loopback_run(loopback);
		if (made < 0)
			return i ? 0 : made;
		if (await_ours(report, reader, sample, event))
			return 1;
	}
	return 0;
}

/* Whether the whole path works; also true if it cannot be tried. */
static bool check_self(struct report *report, struct tracer *tracer,
		       const struct rung *rung)
{
	struct test_connection sample;
	struct loopback loopback = {
		.samples = &sample,
		.count = 1,
		.comm = "tcpaccept-check",
		.accepted = self_accepted,
	};
	struct accept_event event;
	struct reader reader;
	struct reason reason;
	const char *wrong = NULL;
	int made;

	if (tracer_try(tracer, rung, &reason)) {
		line(report, "self-test", "no", "%s", reason_text(&reason));
		return false;
	}
	reader_take(&reader, tracer, -1);
	made = see_ours(report, &reader, &loopback, &event);
	if (made < 0) {
		line(report, "self-test", "-",
		     "not possible: cannot make a test connection: %s",
		     strerror(-made));
		return true;
	}
	if (!made) {
		line(report, "self-test", "no",
		     "the event of the test accept did not arrive");
		return false;
	}
	if (!tracer->probe.host_pids && !tracer->kernel.pids_unknown &&
	    (event.pid != (uint32_t)loopback.pid || event.tid != event.pid))
		wrong = "process ID";
	if (strcmp(event.comm, loopback.comm))
		wrong = "name";
	/* It is in the future, or long ago. */
	if (event.ktime_ns > clock_ns() ||
	    clock_ns() - event.ktime_ns > SELF_NS)
		wrong = "time";
	if (wrong)
		line(report, "self-test", "no",
		     "the test accept is shown with a wrong %s", wrong);
	else
		line(report, "self-test", "yes",
		     "the test accept, 127.93.1.180:%u by process %d (%s), "
		     "is shown correctly",
		     sample.lport, loopback.pid, loopback.comm);
	return !wrong;
}

/* Rungs, the self-test, and what they found. The one that works, or NULL. */
static const struct rung *check_tracing(struct report *report,
					const struct request *request)
{
	static struct tracer tracer;
	const struct rung *used;
	struct reason reason;
	char memory[64];
	bool works;

	if (tracer_prepare(&tracer, request, &reason)) {
		line(report, "tracing", "no", "%s", reason_text(&reason));
		return NULL;
	}
	if (tracer.rings.first >= 0)
		line(report, "ring-memory", "-", "%s",
		     rings_memory(&tracer.rings, memory, sizeof(memory)));
	used = check_rungs(report, &tracer);
	if (!used) {
		line(report, "tracing", "no", "no rung works%s%s",
		     report->can_poll ? "; " : "",
		     report->can_poll ? rung_poll_offer : "");
		return NULL;
	}
	if (used->only_named) {
		works = check_sandbox(report);
		line(report, "tracing", yes_no(works), "by %s (%s)",
		     used->description, used->name);
		return works ? used : NULL;
	}
	works = check_self(report, &tracer, used);
	works = check_sandbox(report) && works;
	check_layout(report, &tracer);
	if (!used->without_perf)
		check_queue(report, &tracer);
	else
		line(report, "accept queue", "yes", "WAIT(ms) by %s; no BL",
		     used->description);
	check_pids(report, &tracer);
	line(report, "tracing", yes_no(works), "by %s (%s)", used->description,
	     used->name);
	probe_close(&tracer.probe);
	return works ? used : NULL;
}

/* Write all of the text. A full pipe must not block us for ever. */
static void write_all(const char *text, size_t length)
{
	struct pollfd polled = { .fd = STDOUT_FILENO, .events = POLLOUT };
	ssize_t wrote = 0;
	int error = 0;

	for (; length && !error; length -= wrote, text += wrote) {
		if (poll(&polled, 1, STALL_MS) <= 0)
			error = ETIMEDOUT;
		else if ((wrote = write(STDOUT_FILENO, text,
					length < 4096 ? length : 4096)) < 0)
			error = errno;
		wrote = error ? 0 : wrote;
	}
	/* EPIPE: the reader of stdout has what it wanted. */
	if (error && error != EPIPE)
		die(error, hint_for(STEP_WRITE, error),
		    "cannot write to stdout");
}

/* The verdict, what it misses, and how not to. used: or NULL, if none works. */
static void write_verdict(struct report *head, const char *version,
			  const struct rung *used, bool can_poll)
{
	char text[512];

	text_format(text, sizeof(text), "%s: %s%s", version,
		    used ? "works, by " : "does not work",
		    used ? used->name : "");
	report_line(head, text, 0);
	if (!used && can_poll)
		report_line(head, rung_poll_offer, 0);
	if (used && used->limits) {
		text_format(text, sizeof(text), "not shown: %s", used->limits);
		report_line(head, text, 0);
		text_format(text, sizeof(text),
			    "to see these, too: what %s lacks, below",
			    rungs[0]->name);
		report_line(head, text, 0);
	}
	write_all(head->text, head->length);
}

static void write_json(const struct report *report, const char *version,
		       const struct rung *used)
{
	char text[4096], *end = text;

	end = json_string(put_text(end, "{\"version\":"), version, 80);
	end = put_text(end, used ? ",\"ok\":true,\"rung\":\"" :
				   ",\"ok\":false,\"rung\":null");
	if (used)
		end = put_text(put_text(end, used->name), "\"");
	end = put_text(end, ",\"misses\":");
	end = used && used->limits ? json_string(end, used->limits, 400) :
				     put_text(end, "null");
	end = put_text(end, ",\"checks\":[");
	write_all(text, end - text);
	write_all(report->text, report->length);
	write_all("]}\n", 3);
}

bool check(const struct request *given, int signals, const char *version_line,
	   bool json)
{
	char version[80];
	static struct report report, head;
	struct request request = *given;
	struct winsize window;
	const struct rung *used;

	report.signals = signals;
	report.json = json;
	report.width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) ||
				       window.ws_col < 2 * INDENT ?
			       80 :
			       window.ws_col;
	head.width = report.width;
	text_format(version, sizeof(version), "%s", version_line);
	version[strcspn(version, "\n")] = '\0';
	request.check = true;
	check_kernel(&report);
	check_capabilities(&report);
	check_settings(&report);
	check_mount(&report, FS_PROC);
	check_mount(&report, FS_SYS);
	check_mount(&report, FS_TRACE);
	check_rings(&report);
	check_maps(&report);
	check_helpers(&report);
	check_file(&report, "kprobe-pmu", FS_SYS,
		   "bus/event_source/devices/kprobe/type");
	check_file(&report, "kprobe_events", FS_TRACE, "kprobe_events");
	check_file(&report, "tracepoints", FS_TRACE,
		   "events/syscalls/sys_exit_accept4/id");
	check_file(&report, "BTF", FS_SYS, "kernel/btf/vmlinux");
	used = check_tracing(&report, &request);
	if (json) {
		write_json(&report, version, used);
	} else {
		write_verdict(&head, version, used, report.can_poll);
		write_all(report.text, report.length);
	}
	return used;
}
