// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * text.c - a small snprintf(3), strtoull(3) and strstr(3)
 */
#include <stdbool.h>
#include <string.h>

#include "base/text.h"

struct writer {
	char *to;
	size_t size;
	size_t length;
};

static void put(struct writer *writer, char byte)
{
	if (writer->length + 1 < writer->size)
		writer->to[writer->length++] = byte;
}

struct field {
	bool left;
	char pad;
	size_t width;
	/* How many l it has. */
	int longs;
};

static void put_field(struct writer *writer, const struct field *field,
		      const char *bytes, size_t length)
{
	size_t blanks = field->width > length ? field->width - length : 0;

	for (size_t i = 0; i < blanks && !field->left; i++)
		put(writer, field->pad);
	while (length--)
		put(writer, *bytes++);
	for (size_t i = 0; i < blanks && field->left; i++)
		put(writer, ' ');
}

static void format_number(struct writer *writer, const struct field *field,
			  unsigned long long number, unsigned int base,
			  bool minus)
{
	char digits[24];
	size_t at = sizeof(digits);

	do
		digits[--at] = "0123456789abcdef"[number % base];
	while (number /= base);
	if (minus)
		digits[--at] = '-';
	put_field(writer, field, digits + at, sizeof(digits) - at);
}

/* Read the flags, width and l after a %. Returns what follows them. */
static const char *parse_field(struct field *field, const char *at)
{
	*field = (struct field){ .pad = ' ' };
	for (; *at == '-' || *at == '0'; at++) {
		field->left = field->left || *at == '-';
		field->pad = *at == '0' ? '0' : field->pad;
	}
	for (; *at >= '0' && *at <= '9'; at++)
		field->width = field->width * 10 + *at - '0';
	for (; *at == 'l'; at++)
		field->longs++;
	return at;
}

size_t text_list(char *to, size_t size, const char *format, va_list given)
{
	struct writer writer = { to, size, 0 };
	struct field field;
	unsigned long long value;
	const char *string;
	long long number;
	va_list list;
	char byte;

	va_copy(list, given);
	for (; *format; format++) {
		if (*format != '%') {
			put(&writer, *format);
			continue;
		}
		format = parse_field(&field, format + 1);
		switch (*format) {
		case 's':
			string = va_arg(list, const char *);
			put_field(&writer, &field, string, strlen(string));
			break;
		case 'c':
			byte = va_arg(list, int);
			put_field(&writer, &field, &byte, 1);
			break;
		case 'd':
			number = field.longs == 2 ? va_arg(list, long long) :
				 field.longs	  ? va_arg(list, long) :
						    va_arg(list, int);
			value = number;
			format_number(&writer, &field,
				      number < 0 ? -value : value, 10,
				      number < 0);
			break;
		case 'u':
		case 'x':
			value = field.longs == 2 ?
					va_arg(list, unsigned long long) :
				field.longs ? va_arg(list, unsigned long) :
					      va_arg(list, unsigned int);
			format_number(&writer, &field, value,
				      *format == 'u' ? 10 : 16, false);
			break;
		default:
			put(&writer, *format);
		}
	}
	va_end(list);
	if (size)
		to[writer.length] = '\0';
	return writer.length;
}

size_t text_format(char *to, size_t size, const char *format, ...)
{
	va_list list;
	size_t length;

	va_start(list, format);
	length = text_list(to, size, format, list);
	va_end(list);
	return length;
}

uint64_t text_number(const char **at)
{
	uint64_t number = 0;

	while (**at == ' ')
		++*at;
	for (; **at >= '0' && **at <= '9'; ++*at) {
		unsigned int digit = **at - '0';

		number = number > (UINT64_MAX - digit) / 10 ?
				 UINT64_MAX :
				 number * 10 + digit;
	}
	return number;
}

const char *text_find(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (; *text; text++)
		if (!strncmp(text, word, length))
			return text;
	return NULL;
}
