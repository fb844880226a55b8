/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_keys.h - compares an object's keys with those that the manual promises
 */
#ifndef JSON_KEYS_H
#define JSON_KEYS_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The keys of a flat object, each after a blank: what is a string before a
 * colon. */
static void json_keys(char *to, const char *object)
{
	const char *end;

	while ((object = strchr(object, '"'))) {
		end = strchr(++object, '"');
		if (end[1] == ':')
			to += sprintf(to, " %.*s", (int)(end - object), object);
		object = end + 1;
	}
	*to = '\0';
}

/* Whether they are those in the line of tests/unit/json-keys that begins so. */
static bool has_promised_keys(const char *kind, const char *object)
{
	FILE *file = fopen("tests/unit/json-keys", "r");
	char line[512], keys[512] = "";
	bool same = false;

	json_keys(keys, object);
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, kind, strlen(kind)) &&
		    line[strlen(kind)] == ' ')
			same = !strcmp(line + strlen(kind), keys);
	}
	if (file)
		fclose(file);
	if (!same)
		printf("# %s%s\n", kind, keys);
	return same;
}

#endif
