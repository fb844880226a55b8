// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tasks.c - the machine's threads, as /proc shows them
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/fs.h"
#include "base/text.h"
#include "kernel/tasks.h"

/* Read the start of a thread's file. False if it cannot be read. */
static bool read_of(int tasks, const char *tid, const char *file, char *text,
		    size_t size)
{
	char path[NAME_MAX + 16];

	text_format(path, sizeof(path), "%s/%s", tid, file);
	return file_read(tasks, path, text, size) > 0;
}

/*
 * Whether the thread sleeps in inet_csk_accept(). Its stack shows that to root,
 * if the kernel has CONFIG_STACKTRACE; wchan does not in 5.10. Without both,
 * its system call may be an accept() of another protocol as well.
 */
static int waits_in_accept(int tasks, const char *tid)
{
	char text[512];
	const char *at = text;
	long number = -1;

	if (read_of(tasks, tid, "stack", text, sizeof(text)))
		return !!text_find(text, " inet_csk_");
	if (read_of(tasks, tid, "wchan", text, sizeof(text)) && text[0] != '0')
		return !strncmp(text, "inet_csk_", strlen("inet_csk_"));
	/* "running", or a number. */
	if (read_of(tasks, tid, "syscall", text, sizeof(text)) &&
	    text[0] >= '0' && text[0] <= '9')
		number = text_number(&at);
#ifdef SYS_accept
	if (number == SYS_accept)
		return 1;
#endif
	return number == SYS_accept4;
}

static bool is_wanted(const struct dirent *entry, bool numbered)
{
	const char *name = entry->d_name;

	if (numbered)
		return name[0] >= '0' && name[0] <= '9';
	return entry->d_type == DT_DIR && strcmp(name, ".") &&
	       strcmp(name, "..");
}

static int sum_entries(int root, const char *path, bool numbered,
		       int (*call)(int dir, const char *name))
{
	char buffer[2048] __attribute__((aligned(8)));
	int dir, sum = 0;
	ssize_t length;

	dir = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	while ((length = syscall(SYS_getdents64, dir, buffer, sizeof(buffer))) >
	       0) {
		for (ssize_t at = 0; at < length;) {
			const struct dirent *entry =
				(const struct dirent *)(buffer + at);

			if (is_wanted(entry, numbered))
				sum += call(dir, entry->d_name);
			at += entry->d_reclen;
		}
	}
	close(dir);
	return sum;
}

int sum_numbered(int root, const char *path,
		 int (*call)(int dir, const char *name))
{
	return sum_entries(root, path, true, call);
}

int sum_directories(int root, const char *path,
		    int (*call)(int dir, const char *name))
{
	return sum_entries(root, path, false, call);
}

static int threads_in_accept(int proc, const char *pid)
{
	char path[NAME_MAX + 8];
	int count;

	text_format(path, sizeof(path), "%s/task", pid);
	count = sum_numbered(proc, path, waits_in_accept);
	/* The process may have ended meanwhile. */
	return count < 0 ? 0 : count;
}

int tasks_in_accept(pid_t pid)
{
	char name[16];
	int proc, count;

	proc = fs_open(FS_PROC);
	if (proc < 0)
		return proc;
	text_format(name, sizeof(name), "%d", pid);
	if (pid)
		count = threads_in_accept(proc, name);
	else
		count = sum_numbered(proc, ".", threads_in_accept);
	close(proc);
	return count;
}
