/* SPDX-License-Identifier: ISC */

/* The command line of `guyline log`. What is wrong with it names the option. */

#include <gyl/text.h>
#include <gyl/time.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "services/guyline/log_own.h"

enum {
	COUNT_MAX = 1000000, /* read_count() says so, too */
	COUNT_DEFAULT = 20,
	FOLLOW_DEFAULT = 10
};

uint64_t gyl__log_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * GYL_NS_PER_S + (uint64_t)t.tv_nsec;
}

int32_t gyl__log_zone_s(uint64_t wall_ns)
{
	time_t t = (time_t)(wall_ns / GYL_NS_PER_S);
	struct tm tm;

	return localtime_r(&t, &tm) == NULL ? 0 : (int32_t)tm.tm_gmtoff;
}

static bool refuse(const char *option, const char *why)
{
	fprintf(stderr, "guyline: %s: %s\n", option, why);
	return false;
}

static bool wrong(const char *option, const char *expected, const char *got)
{
	fprintf(stderr, "guyline: %s: expected %s, not \"%s\"\n", option, expected, got);
	return false;
}

/* ---- time ---- */

static uint64_t from_wall(const struct gyl_civil *c, bool utc)
{
	struct tm tm = {.tm_year = (int)c->year - 1900,
		.tm_mon = c->month - 1,
		.tm_mday = c->day,
		.tm_hour = c->hour,
		.tm_min = c->minute,
		.tm_sec = c->second,
		.tm_isdst = -1};
	time_t t = utc ? timegm(&tm) : mktime(&tm);

	return t < 0 ? 0 : (uint64_t)t * GYL_NS_PER_S;
}

static bool read_time(const char *option, const char *text, bool utc, uint64_t *ret_ns)
{
	uint64_t now_ns = gyl__log_now_ns();
	int64_t now_s = (int64_t)(now_ns / GYL_NS_PER_S);
	struct gyl_syslogd_when t;
	struct gyl_civil today;

	gyl_time_civil(now_s + (utc ? 0 : gyl__log_zone_s(now_ns)), &today);
	if (gyl_failed(gyl_syslogd_when(gyl_view_str(text), now_ns, &today, &t)))
		return wrong(option,
			"a time such as 2026-11-21T13:00:00Z, \"2026-11-21 13:00\", 13:00, \"yesterday 13:00\", or 2h for two hours ago",
			text);
	*ret_ns = t.local ? from_wall(&t.c, utc) : t.wall_ns;
	return true;
}

static bool read_times(const struct gyl__log_args *a, struct gyl_syslogd_query *q)
{
	if (a->since != NULL && !read_time("--since", a->since, a->utc, &q->since_ns))
		return false;
	if (a->until != NULL && !read_time("--until", a->until, a->utc, &q->until_ns))
		return false;
	if (a->since != NULL && q->since_ns >= q->until_ns)
		return wrong("--until", "a time after that of --since",
			a->until != NULL ? a->until : "now");
	if (a->since != NULL && q->since_ns > gyl__log_now_ns())
		return wrong("--since", "a time that has passed", a->since);
	return true;
}

/* ---- the others ---- */

static bool read_fields(const struct gyl__log_args *a, struct gyl_syslogd_query *q)
{
	if (a->severity != NULL &&
		gyl_failed(gyl_syslogd_severities(gyl_view_str(a->severity), &q->severities)))
		return wrong("--severity",
			"names such as err,warning, or \"<=warning\" for that and worse, of emerg, alert, crit, err, warning, notice, info, debug",
			a->severity);
	if (a->facility != NULL &&
		gyl_failed(gyl_syslogd_facilities(gyl_view_str(a->facility), &q->facilities)))
		return wrong("--facility", "names such as auth,local0 or numbers from 0 to 23",
			a->facility);
	if (a->from != NULL && gyl_failed(gyl_syslogd_senders(gyl_view_str(a->from))))
		return wrong(
			"--from", "addresses, prefixes such as 10.77.0.0/24, or patterns", a->from);
	if (a->host != NULL)
		q->host = gyl_view_str(a->host);
	if (a->app != NULL)
		q->app = gyl_view_str(a->app);
	if (a->from != NULL)
		q->from = gyl_view_str(a->from);
	return true;
}

static bool grep(void *arg, struct gyl_view message)
{
	struct gyl__log_thread *t = arg;
	int found = gyl_regex_match(t->regex, message);

	t->gave_up_cnt += found < 0;
	return found == 1;
}

static bool read_grep(const struct gyl__log_args *a, struct gyl__log_ask *ask)
{
	struct gyl_regex *r;
	char err[120];
	size_t off = 0;

	ask->grep = a->grep;
	ask->caseless = a->caseless;
	if (a->grep == NULL)
		return true;
	r = gyl_regex_open(gyl_view_str(a->grep), a->caseless, err, &off);
	if (r == NULL) {
		fprintf(stderr, "guyline: --grep: octet %zu of \"%s\": %s\n", off + 1, a->grep,
			err);
		return false;
	}
	gyl_regex_close(r);
	ask->q.grep = grep;
	return true;
}

static bool read_count(const char *option, const char *text, uint64_t *ret_cnt)
{
	if (gyl_failed(gyl_parse_u64(gyl_view_str(text), COUNT_MAX, ret_cnt)) || *ret_cnt == 0)
		return wrong(option, "how many messages, from 1 to 1000000", text);
	return true;
}

/* `behind` of them stood behind "--". */
static bool read_words(int cnt, int behind, char **word, struct gyl_syslogd_query *q)
{
	for (int i = 0; i < cnt; i++) {
		struct gyl_fault f;

		if (word[i][0] == '-' && i < cnt - behind)
			return refuse(word[i],
				"there is no such option (guyline log --help); a word that begins so goes behind \"--\"");
		f = gyl_syslogd_query_word(q, gyl_view_str(word[i]));
		if (f.err == GYL_E_COUNT)
			return wrong("WORD",
				"fewer words, and shorter ones (--grep takes whole sentences)",
				word[i]);
		if (gyl_failed(f))
			return wrong("WORD", "a letter or a digit in it (--grep finds all else)",
				word[i]);
	}
	return true;
}

static bool is_number(const char *s)
{
	return *s != '\0' && s[strspn(s, "0123456789")] == '\0';
}

static bool read_step(const struct gyl__log_args *a, struct gyl__log_ask *ask)
{
	ask->histogram = a->histogram;
	if (a->histogram && a->follow)
		return refuse("--histogram", "there is none of what is followed");
	if (a->histogram && a->count != NULL)
		return refuse("-n", "a histogram counts all; --since makes it shorter");
	if (a->step == NULL)
		return true;
	if (gyl_failed(gyl_time_parse(gyl_view_str(a->step), &ask->step_ns)) ||
		ask->step_ns < GYL_NS_PER_S || ask->step_ns == GYL_TIME_INFINITE ||
		ask->step_ns % GYL_NS_PER_S != 0)
		return wrong("--histogram", "how long a bar is, in whole seconds, such as 5m or 1h",
			a->step);
	return true;
}

/* All of what is searched for, but not all of the log. */
static uint64_t count_for(const struct gyl__log_args *a, int words)
{
	bool any = words != 0 || a->since != NULL || a->until != NULL || a->host != NULL ||
		   a->app != NULL || a->from != NULL || a->severity != NULL ||
		   a->facility != NULL || a->grep != NULL || a->histogram;

	if (a->follow)
		return a->since != NULL ? UINT64_MAX : FOLLOW_DEFAULT;
	return any ? UINT64_MAX : COUNT_DEFAULT;
}

static bool read_all(
	const struct gyl__log_args *a, int words, char **word, struct gyl__log_ask *ask)
{
	bool number = words == 1 && is_number(word[0]) && a->count == NULL;

	ask->follow = a->follow;
	ask->names = a->names;
	ask->utc = a->utc;
	ask->dir = a->dir;
	ask->passphrase_file = a->passphrase_file;
	ask->count = count_for(a, number ? 0 : words);
	ask->plain =
		ask->count == COUNT_DEFAULT && !a->names && !a->utc && !a->verify && a->dir == NULL;
	if (a->caseless && a->grep == NULL)
		return refuse("-i", "words are searched so anyway; it belongs to --grep");
	if (a->count != NULL && !read_count("-n", a->count, &ask->count))
		return false;
	if (number && !read_count("COUNT", word[0], &ask->count))
		return false;
	return read_times(a, &ask->q) && read_fields(a, &ask->q) && read_grep(a, ask) &&
	       read_step(a, ask) && read_words(number ? 0 : words, a->behind, word, &ask->q);
}

/* The value of --histogram may be left out: what follows belongs to it when it is a duration. */
static int take_histogram(int argc, char **argv, struct gyl__log_args *a)
{
	int cnt = 0;
	uint64_t ns;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			a->behind = argc - i - 1;
			while (i < argc)
				argv[cnt++] = argv[i++];
		} else if (strcmp(argv[i], "--histogram") == 0) {
			a->histogram = true;
			if (i + 1 < argc &&
				!gyl_failed(gyl_time_parse(gyl_view_str(argv[i + 1]), &ns)))
				a->step = argv[++i];
		} else if (strncmp(argv[i], "--histogram=", 12) == 0) {
			a->histogram = true;
			a->step = argv[i] + 12;
		} else {
			argv[cnt++] = argv[i];
		}
	}
	return cnt;
}

bool gyl__log_args(struct gyl_tool *t, int argc, char **argv, struct gyl__log_args *a,
	struct gyl__log_ask *ret_ask)
{
	const struct gyl_tool_option options[] = {{"--since", &a->since, NULL},
		{"--until", &a->until, NULL}, {"--host", &a->host, NULL}, {"--app", &a->app, NULL},
		{"--from", &a->from, NULL}, {"--severity", &a->severity, NULL},
		{"--facility", &a->facility, NULL}, {"--grep", &a->grep, NULL},
		{"--dir", &a->dir, NULL}, {"--passphrase-file", &a->passphrase_file, NULL},
		{"-n", &a->count, NULL}, {"-f", NULL, &a->follow}, {"--follow", NULL, &a->follow},
		{"-i", NULL, &a->caseless}, {"--names", NULL, &a->names}, {"--utc", NULL, &a->utc},
		{"--verify", NULL, &a->verify}, {"--help", NULL, &a->help}};
	int cnt;

	memset(a, 0, sizeof *a);
	memset(ret_ask, 0, sizeof *ret_ask);
	gyl_syslogd_query_init(&ret_ask->q);
	argc = take_histogram(argc, argv, a);
	cnt = gyl_tool_options(t, argc, argv, options, sizeof options / sizeof options[0]);
	if (cnt < 0)
		return false;
	ret_ask->json = t->json;
	if (a->help)
		return true;
	if (!read_all(a, cnt - 1, argv + 1, ret_ask))
		return false;
	gyl_syslogd_query_ready(&ret_ask->q);
	return true;
}
