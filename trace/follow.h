/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * follow.h - follows the paths of --cgroup and --netns to what is new there
 *
 * A service that is restarted gets a new cgroup with the same path, and
 * ip-netns(8) can make a new network namespace with the same name. The keeper
 * looks the path up again and puts what it finds into the filters' maps.
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attach/filter.h"

struct followed {
	/* "--cgroup", "--container" or "--netns", for messages. */
	const char *option;
	const char *path;
	/* f_type of its file system (linux/magic.h). */
	long magic;
	/* The file that the maps know: st_dev and st_ino. */
	uint64_t device;
	uint64_t inode;
	/* Since when the file has been missing, or 0. CLOCK_MONOTONIC. */
	uint64_t gone_ns;
	/* The user was told that it is missing. */
	bool reported;
};

struct follow {
	/* Readable when one of the paths may have changed; or -1. */
	int inotify;
	struct followed all[2];
	int count;
};

/*
 * Watch the paths of the filters; call it before the keeper's sandbox. They may
 * have changed before that: call follow_look() next.
 */
void follow_open(struct follow *follow, const struct filters *filters);

/*
 * How long to wait for `inotify` at most before follow_look() is due:
 * milliseconds, or -1 for ever.
 */
int follow_timeout(const struct follow *follow);

/*
 * Look whether any path leads to something new, or is gone. Returns true with a
 * message for the user in `text`, which has `size` bytes: then call it again.
 */
bool follow_look(struct follow *follow, const struct filter_maps *maps,
		 char *text, size_t size);

#endif
