/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_SYSLOGD_RULES_H
#define GYL_TESTS_SYSLOGD_RULES_H

/* Rules and outputs of the collector as they stand in a flat block, made without the reader of
 * configurations: for unit tests on other machines, and for the fuzzer. */

#include <string.h>

#include "services/syslogd/conf.h"

enum {
	RULES_BLOCK_LEN = 65536
};

struct rules_block {
	union {
		struct gyl_flat head;
		uint64_t align[RULES_BLOCK_LEN / 8];
		uint8_t p[RULES_BLOCK_LEN];
	} u;
	uint32_t len;
	uint32_t rule_cnt, output_cnt;
	struct gyl_syslogd_rule_conf rule[GYL_SYSLOGD_RULE_MAX];
	struct gyl_syslogd_output_conf output[GYL_SYSLOGD_OUTPUT_MAX];
};

static inline void rules_begin(struct rules_block *b)
{
	memset(b, 0, sizeof *b);
	b->len = sizeof b->u.head;
}

/* Empty when the block is full. */
static inline struct gyl_ref rules_put(
	struct rules_block *b, const void *p, size_t len, uint32_t cnt)
{
	struct gyl_ref ref = {b->len, cnt};

	if (len + 8 > sizeof b->u.p - b->len)
		return (struct gyl_ref){0, 0};
	if (len != 0)
		memcpy(b->u.p + b->len, p, len);
	b->len += (uint32_t)(len + 8) / 8 * 8;
	return ref;
}

static inline struct gyl_ref rules_octets(struct rules_block *b, const void *p, size_t len)
{
	return rules_put(b, p, len, (uint32_t)len);
}

static inline struct gyl_ref rules_str(struct rules_block *b, const char *s)
{
	return rules_octets(b, s, strlen(s));
}

/* "a b c": a list of three strings. */
static inline struct gyl_ref rules_list(struct rules_block *b, const char *words)
{
	struct gyl_ref item[GYL_SYSLOGD_RULE_LIST_MAX];
	uint32_t cnt = 0;

	while (*words != '\0' && cnt < GYL_SYSLOGD_RULE_LIST_MAX) {
		size_t len = strcspn(words, " ");

		item[cnt++] = rules_octets(b, words, len);
		words += len + (words[len] == ' ');
	}
	return rules_put(b, item, cnt * sizeof item[0], cnt);
}

/* file: the template of a path, NULL for another kind. */
static inline void rules_output(
	struct rules_block *b, const char *name, const char *file, const char *text)
{
	struct gyl_syslogd_output_conf *o = &b->output[b->output_cnt++];

	o->name = rules_str(b, name);
	if (file != NULL)
		o->file = rules_str(b, file);
	o->text = rules_str(b, text);
}

static inline struct gyl_syslogd_rule_conf *rules_rule(
	struct rules_block *b, const char *name, const char *to)
{
	struct gyl_syslogd_rule_conf *r = &b->rule[b->rule_cnt++];

	r->name = rules_str(b, name);
	r->to = rules_list(b, to);
	r->store = true;
	return r;
}

/* Into a configuration, which then is of this block. */
static inline const struct gyl_flat *rules_end(struct rules_block *b, struct gyl_syslogd_conf *cf)
{
	cf->outputs = rules_put(b, b->output, b->output_cnt * sizeof b->output[0], b->output_cnt);
	cf->rules = rules_put(b, b->rule, b->rule_cnt * sizeof b->rule[0], b->rule_cnt);
	return &b->u.head;
}

#endif
