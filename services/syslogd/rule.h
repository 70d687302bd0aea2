/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_RULE_H
#define GYL_SERVICES_SYSLOGD_RULE_H

/*
 * Rules: which messages are stored, and which outputs get them.
 *
 * Every message goes through the rules in their order. A rule that has something of its facility,
 * severity, host, application, message id, sender and text to say and does not fit is passed over.
 * One that fits adds its outputs; with `store` false the message is no record; with `stop` no later
 * rule sees it. An output gets a message once, however many rules name it.
 *
 * A message over the rate of a rule that fits, or equal to one a short time ago, is held back:
 * neither this rule's outputs nor later ones get it, and it is no record. How many these are is
 * counted, and becomes a record of its own (rate.h, fold.h). What the services say is never held
 * back, so the notice about one cannot be.
 *
 * Regular expressions are somebody else's (regex.h): the core asks whether one matches. Pure.
 */

#include "services/syslogd/conf.h"
#include "services/syslogd/fold.h"
#include "services/syslogd/rate.h"
#include "services/syslogd/rule_parse.h"
#include "services/syslogd/template.h"

/* Strings or networks of a rule: a part of the table of all. */
struct gyl_syslogd_list {
	uint16_t first, cnt;
};

enum {
	GYL_SYSLOGD_STRING_MAX = 1024, /* patterns of all rules */
	GYL_SYSLOGD_FROM_MAX = 512     /* networks of all rules */
};

struct gyl_syslogd_rule_stat {
	uint64_t match_cnt; /* messages that it fits */
	uint64_t held_cnt;  /* of them, held back by its rate */
	uint64_t fold_cnt;  /* of them, folded */
	uint64_t limit_cnt; /* messages that its expression took too long for: it does not fit */
};

struct gyl_syslogd_rule {
	char name[GYL_SYSLOGD_OUTPUT_NAME_MAX + 1]; /* its number, when it has none */
	uint32_t facilities;                        /* a bit each */
	uint8_t severities;                         /* a bit each */
	struct gyl_syslogd_list host, app, msgid;   /* strings */
	struct gyl_syslogd_list from;               /* networks */
	bool message;                               /* has an expression */
	bool store, stop, has_rate;
	uint32_t to; /* outputs, a bit each */
	uint32_t burst;
	uint64_t rate_ns, fold_ns;
	struct gyl_syslogd_rule_stat stat;
};

struct gyl_syslogd_output {
	char name[GYL_SYSLOGD_OUTPUT_NAME_MAX + 1];
	bool has_path;
	struct gyl_syslogd_template path, text;
	uint64_t long_cnt; /* messages that no buffer is large enough for */
};

/* What the core asks of the service around it; NULL: no rule has an expression. */
struct gyl_syslogd_helper {
	void *arg;
	/* There is another configuration: make the expressions and sinks for it. */
	void (*changed)(void *arg, const struct gyl_flat *f, const struct gyl_syslogd_conf *cf);
	/* Does the expression of a rule match? 1, 0, or -1: it took too long. */
	int (*match)(void *arg, unsigned rule, struct gyl_view text);
	/* The buffer for outputs is full: empty it. */
	void (*drain)(void *arg);
};

struct gyl_syslogd_rules {
	const struct gyl_syslogd_helper *helper;
	unsigned cnt, output_cnt;
	struct gyl_syslogd_rule rule[GYL_SYSLOGD_RULE_MAX];
	struct gyl_syslogd_output output[GYL_SYSLOGD_OUTPUT_MAX];
	uint16_t string_cnt, from_cnt;
	uint32_t text_len;
	struct {
		uint32_t off, len; /* in text */
	} string[GYL_SYSLOGD_STRING_MAX];
	struct gyl_syslogd_from from[GYL_SYSLOGD_FROM_MAX];
	char text[GYL_SYSLOGD_RULE_TEXT_LEN];
	struct gyl_syslogd_rates rates;
	struct gyl_syslogd_folds folds;
};

/* key: of the hashes, random. */
void gyl_syslogd_rules_init(struct gyl_syslogd_rules *r, const uint64_t key[2]);

/*
 * Take rules and outputs from a configuration; what a rule of the same name counted goes on. False:
 * there are more patterns than places (GYL_SYSLOGD_STRING_MAX and the like), and the rules without
 * a place are left out. The check of the configuration asks this, too.
 */
bool gyl_syslogd_rules_load(
	struct gyl_syslogd_rules *r, const struct gyl_syslogd_conf *cf, const struct gyl_flat *f);

/* A message, and who sent it. */
struct gyl_syslogd_about {
	const struct gyl_syslog *m;
	struct gyl_view host; /* stands for one that is not given */
	uint8_t kind;         /* enum gyl_syslogd_from_kind */
	uint32_t ip, uid;
};

/* What becomes of it. */
struct gyl_syslogd_verdict {
	uint32_t to; /* outputs, a bit each */
	bool store;
	/* Of a message that may be followed by equal ones, which is to be kept (fold.h). end_ns 0:
	 * it is not. */
	uint64_t fold_end_ns, fold_hash;
	uint32_t fold_to; /* outputs that get the number of the equal ones */
	uint8_t fold_rule;
};

/* Cost: O(rules), each of its conditions until one does not fit; regular expressions come last. */
void gyl_syslogd_rules_decide(struct gyl_syslogd_rules *r, const struct gyl_syslogd_about *a,
	uint64_t mono_ns, struct gyl_syslogd_verdict *ret_v);

#endif
