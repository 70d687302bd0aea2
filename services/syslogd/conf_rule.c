/* SPDX-License-Identifier: ISC */

/* Items of "rules": which keys there are, and what their words may be. */

#include <stdio.h>
#include <stdlib.h>

#include <gyl/time.h>

#include "services/syslogd/conf_own.h"
#include "services/syslogd/regex.h"
#include "services/syslogd/rule.h"

#define OFF(member)      .off = offsetof(struct gyl_syslogd_rule_conf, member)
#define RATE_OFF(member) .off = offsetof(struct gyl_syslogd_rate_conf, member)

static const struct gyl_conf_word facility_words[] = {{"kern", 0}, {"user", 1}, {"mail", 2},
	{"daemon", 3}, {"auth", 4}, {"syslog", 5}, {"lpr", 6}, {"news", 7}, {"uucp", 8},
	{"cron", 9}, {"authpriv", 10}, {"ftp", 11}, {"ntp", 12}, {"security", 13}, {"console", 14},
	{"solaris-cron", 15}, {"local0", 16}, {"local1", 17}, {"local2", 18}, {"local3", 19},
	{"local4", 20}, {"local5", 21}, {"local6", 22}, {"local7", 23}, {NULL, 0}};

static const struct gyl_conf_key rate_keys[] = {
	{.name = "burst",
		.type = GYL_CONF_U32,
		.flags = GYL_CONF_REQUIRED,
		RATE_OFF(burst),
		.help = "so many messages of a sender pass"},
	{.name = "interval",
		.type = GYL_CONF_DURATION,
		RATE_OFF(interval_ns),
		.def = "10s",
		.min = GYL_NS_PER_S,
		.max = 24 * GYL_NS_PER_HOUR,
		.help = "in so long a time; what is held back is counted, and told at its end"},
};

static const struct gyl_conf_table rate_table = {
	rate_keys, sizeof rate_keys / sizeof rate_keys[0], sizeof(struct gyl_syslogd_rate_conf)};

#define PATTERNS(key, text)                                                                        \
	{                                                                                          \
		.name = #key, .type = GYL_CONF_STRING, .flags = GYL_CONF_LIST, OFF(key), .min = 1, \
		.max = 255, .help = text                                                           \
	}

static const struct gyl_conf_key keys[] = {
	{.name = "name",
		.type = GYL_CONF_STRING,
		OFF(name),
		.min = 1,
		.max = GYL_SYSLOGD_OUTPUT_NAME_MAX,
		.help = "what it is called in messages and counters; if not given, its number"},
	{.name = "facility",
		.type = GYL_CONF_ENUM,
		.flags = GYL_CONF_LIST,
		OFF(facility),
		.word = facility_words,
		.help = "of these facilities; if not given, of all"},
	PATTERNS(
		severity, "of these severities: \"err\", or \"<=err\" with what is more important"),
	PATTERNS(host, "of these hosts, with * and ?"),
	PATTERNS(app, "of these applications, with * and ?"),
	PATTERNS(msgid,
		"with these message ids, with * and ?: events of the services have their names"),
	PATTERNS(from, "from these addresses and networks, \"unix\" or \"guyline\""),
	{.name = "message",
		.type = GYL_CONF_STRING,
		OFF(message),
		.min = 1,
		.max = GYL_REGEX_PATTERN_MAX,
		.help = "whose text this regular expression matches (PCRE2)"},
	PATTERNS(to, "outputs that get the message"),
	{.name = "store",
		.type = GYL_CONF_BOOL,
		OFF(store),
		.def = "true",
		.help = "false: it is not kept in the log"},
	{.name = "stop",
		.type = GYL_CONF_BOOL,
		OFF(stop),
		.help = "the rules behind this one do not see it"},
	{.name = "rate",
		.type = GYL_CONF_OBJECT,
		OFF(rate),
		.has_off = offsetof(struct gyl_syslogd_rule_conf, has_rate),
		.table = &rate_table,
		.help = "no more than so many of one sender"},
	{.name = "fold",
		.type = GYL_CONF_DURATION,
		OFF(fold_ns),
		.max = 24 * GYL_NS_PER_HOUR,
		.help = "equal messages of one sender in so long a time become one, with their "
			"count"},
};

const struct gyl_conf_table gyl__syslogd_rule_table = {
	keys, sizeof keys / sizeof keys[0], sizeof(struct gyl_syslogd_rule_conf)};

/* An item of a list of strings is wrong: what was expected, or NULL. */
typedef const char *wrong_fn(
	const struct gyl_flat *f, const struct gyl_syslogd_conf *cf, struct gyl_view item);

static const char *wrong_severity(
	const struct gyl_flat *f, const struct gyl_syslogd_conf *cf, struct gyl_view item)
{
	uint8_t mask;

	(void)f;
	(void)cf;
	return gyl_failed(gyl_syslogd_severity_parse(item, &mask))
		       ? "expected one of emerg, alert, crit, err, warning, notice, info and "
			 "debug, \"<=\" in front of it or not"
		       : NULL;
}

static const char *wrong_from(
	const struct gyl_flat *f, const struct gyl_syslogd_conf *cf, struct gyl_view item)
{
	struct gyl_syslogd_from from;

	(void)f;
	(void)cf;
	return gyl_failed(gyl_syslogd_from_parse(item, &from))
		       ? "expected an address, a network such as \"10.0.1.0/24\", \"unix\" or "
			 "\"guyline\""
		       : NULL;
}

static const char *wrong_to(
	const struct gyl_flat *f, const struct gyl_syslogd_conf *cf, struct gyl_view item)
{
	const struct gyl_syslogd_output_conf *o = gyl_flat_at(f, cf->outputs);

	for (uint32_t i = 0; i < cf->outputs.cnt; i++)
		if (gyl_view_eq(gyl_flat_view(f, o[i].name), item))
			return NULL;
	return "expected the name of one of the outputs";
}

static const char *wrong_never(
	const struct gyl_flat *f, const struct gyl_syslogd_conf *cf, struct gyl_view item)
{
	(void)f;
	(void)cf;
	(void)item;
	return NULL;
}

static void check_list(const struct gyl_flat *f, const struct gyl_syslogd_conf *cf, uint32_t rule,
	const struct gyl_conf_key *k, wrong_fn *wrong, struct gyl_conf_check *ck)
{
	const struct gyl_syslogd_rule_conf *r = gyl_flat_at(f, cf->rules);
	const struct gyl_ref *list = (const void *)((const uint8_t *)&r[rule] + k->off);
	const struct gyl_ref *item = gyl_flat_at(f, *list);
	char path[80];

	for (uint32_t i = 0; i < list->cnt; i++) {
		struct gyl_view v = gyl_flat_view(f, item[i]);
		const char *want = wrong(f, cf, v);

		snprintf(path, sizeof path, "rules.%u.%s.%u", (unsigned)rule, k->name, (unsigned)i);
		if (want != NULL)
			gyl_conf_fail(
				ck, path, "%s, got \"%.*s\"", want, (int)v.len, (const char *)v.p);
	}
	snprintf(path, sizeof path, "rules.%u.%s", (unsigned)rule, k->name);
	if (list->cnt > GYL_SYSLOGD_RULE_LIST_MAX)
		gyl_conf_fail(ck, path, "expected at most %d", GYL_SYSLOGD_RULE_LIST_MAX);
}

static wrong_fn *wrong_of(const char *key)
{
	static const struct {
		const char *key;
		wrong_fn *wrong;
	} lists[] = {{"severity", wrong_severity}, {"from", wrong_from}, {"to", wrong_to},
		{"host", wrong_never}, {"app", wrong_never}, {"msgid", wrong_never}};

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		if (strcmp(lists[i].key, key) == 0)
			return lists[i].wrong;
	return NULL;
}

static void check_regex(const struct gyl_flat *f, const struct gyl_syslogd_rule_conf *r,
	uint32_t rule, struct gyl_conf_check *ck)
{
	char err[120], path[40];
	struct gyl_regex *re;
	size_t off;

	if (r->message.cnt == 0)
		return;
	re = gyl_regex_open(gyl_flat_view(f, r->message), false, err, &off);
	snprintf(path, sizeof path, "rules.%u.message", (unsigned)rule);
	if (re == NULL)
		gyl_conf_fail(ck, path, "no regular expression: %s, at character %u of it", err,
			(unsigned)off + 1);
	gyl_regex_close(re);
}

static void check_rule(const struct gyl_flat *f, const struct gyl_syslogd_conf *cf, uint32_t rule,
	struct gyl_conf_check *ck)
{
	const struct gyl_syslogd_rule_conf *r = gyl_flat_at(f, cf->rules);
	char path[40];

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		wrong_fn *wrong = wrong_of(keys[i].name);

		if (wrong != NULL)
			check_list(f, cf, rule, &keys[i], wrong, ck);
	}
	snprintf(path, sizeof path, "rules.%u.name", (unsigned)rule);
	if (r[rule].name.cnt != 0 && !gyl__syslogd_name_ok(gyl_flat_view(f, r[rule].name)))
		gyl_conf_fail(ck, path, "expected letters, digits, '-' and '_'");
	check_regex(f, &r[rule], rule, ck);
}

/* Do all patterns have a place? */
static void check_places(
	const struct gyl_flat *f, const struct gyl_syslogd_conf *cf, struct gyl_conf_check *ck)
{
	struct gyl_syslogd_rules *r = calloc(1, sizeof *r);

	if (r != NULL && !gyl_syslogd_rules_load(r, cf, f))
		gyl_conf_fail(ck, "rules",
			"expected at most %d patterns, %d networks and %d octets of them, all "
			"together",
			GYL_SYSLOGD_STRING_MAX, GYL_SYSLOGD_FROM_MAX, GYL_SYSLOGD_RULE_TEXT_LEN);
	free(r);
}

void gyl__syslogd_check_rules(
	const struct gyl_flat *f, const struct gyl_syslogd_conf *cf, struct gyl_conf_check *ck)
{
	if (cf->rules.cnt > GYL_SYSLOGD_RULE_MAX)
		gyl_conf_fail(ck, "rules", "expected at most %d", GYL_SYSLOGD_RULE_MAX);
	for (uint32_t i = 0; i < cf->rules.cnt; i++)
		check_rule(f, cf, i, ck);
	if (cf->rules.cnt <= GYL_SYSLOGD_RULE_MAX && cf->outputs.cnt <= GYL_SYSLOGD_OUTPUT_MAX)
		check_places(f, cf, ck);
}
