/* SPDX-License-Identifier: ISC */

/* guyline log: what was logged, by time, host, words and more; as it comes; counted over time. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "services/guyline/log_own.h"
#include "services/guyline/log_verify.h"

/* RFC 5424 table 2. */
static const char *const severities[] = {
	"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug", NULL};

static const struct gyl_ask_column columns[] = {
	{.title = "RECEIVED", .member = "recv"},
	{.title = "FROM", .member = "from"},
	{.title = "HOST", .member = "host"},
	{.title = "SEVERITY", .member = "sev", .word = severities},
	{.title = "APP", .member = "app"},
	{.title = "MESSAGE", .member = "msg"},
};

static void usage(FILE *out)
{
	fprintf(out,
		"usage: guyline log [COUNT]\n"
		"       guyline log [--since TIME] [--until TIME] [--host HOST] [--app APP] [--from ADDRESS|PREFIX]\n"
		"                   [--severity SEVERITY] [--facility FACILITY] [--grep REGEX [-i]] [-n COUNT] [-f|--follow]\n"
		"                   [--names] [--utc] [--json] [--histogram [STEP]]\n"
		"                   [--dir DIRECTORY] [--passphrase-file FILE] [WORD ...]\n"
		"       guyline log --verify [--dir DIRECTORY] [--passphrase-file FILE] [--json]\n"
		"\n"
		"Shows the messages in which all of this is so, oldest first; without any of it the last 20. Words are whole\n"
		"words, small and capital letters the same; an address is one word: 0011.2233.4455 finds 00:11:22:33:44:55.\n"
		"Words, hosts and apps may have * and ?. Times: 2026-11-21T13:00:00Z, \"2026-11-21 13:00\", 13:00, yesterday, 2h.\n"
		"Severities: err,warning or \"<=warning\". Exit status: 0 something was found, 1 nothing, 2 trouble.\n"
		"--verify: is the log as the collector left it? Exit status: 0 it is, 1 something is wrong, 2 trouble.\n");
}

/* ---- output ---- */

struct show {
	const struct gyl__log_ask *ask;
	struct gyl__log_names *names;
	bool colour;
	struct gyl__log_out *kept; /* newest first, while the newest are looked for */
	size_t kept_cnt, kept_cap;
	uint64_t left; /* records that are wanted still */
};

static void put_json(const struct show *sh, struct gyl_view line,
	const struct gyl_syslogd_fields *f, uint8_t *scratch, struct gyl_writer *w)
{
	const uint8_t *end = line.p + line.len;

	while (end > line.p && end[-1] != '}')
		end--;
	gyl_put_bytes(w, line.p, (size_t)(end - line.p) - 1);
	gyl__log_names_put(sh->names, f, true, w, scratch);
	gyl_put_bytes(w, "}\n", 2);
}

static void put_text(const struct show *sh, const struct gyl_syslogd_fields *f, uint8_t *scratch,
	struct gyl_writer *w)
{
	struct gyl_syslogd_style style = {.utc = sh->ask->utc, .colour = sh->colour};
	char names[GYL__LOG_NAMES_LEN];
	struct gyl_writer n;

	if (!style.utc)
		style.zone_s = gyl__log_zone_s(gyl_syslogd_time(f, GYL_SYSLOGD_RECV));
	gyl_writer_init(&n, names, sizeof names);
	if (sh->names != NULL)
		gyl__log_names_put(sh->names, f, false, &n, scratch);
	gyl_syslogd_print_record(w, f, &style, gyl_writer_view(&n), scratch);
}

/* Octets that an octet of a line becomes at most: \xhh. */
#define ESCAPED_MAX 4

static void put(void *arg, struct gyl_view line, const struct gyl_syslogd_fields *f,
	uint8_t *scratch, struct gyl__log_out *out)
{
	const struct show *sh = arg;
	size_t room = ESCAPED_MAX * line.len + GYL__LOG_NAMES_LEN + 200;
	uint8_t *p = gyl__log_room(out, room);
	struct gyl_writer w;

	if (p == NULL)
		return;
	gyl_writer_init(&w, p, room);
	if (!sh->ask->json) {
		put_text(sh, f, scratch, &w);
	} else if (sh->names != NULL) {
		put_json(sh, line, f, scratch, &w);
	} else {
		gyl_put_view(&w, line);
		gyl_put_u8(&w, '\n');
	}
	out->len += w.len;
}

static bool print(const uint8_t *p, size_t len)
{
	return fwrite(p, 1, len, stdout) == len;
}

static bool take(void *arg, const struct gyl__log_out *out)
{
	const struct show *sh = arg;

	return print(out->p, out->len) && (!sh->ask->follow || fflush(stdout) == 0);
}

/* The octets of the last lines, cnt of them at most. */
static size_t last_lines(const struct gyl__log_out *out, uint64_t cnt)
{
	size_t from = out->len;

	while (from != 0 && cnt-- != 0) {
		const uint8_t *lf = memrchr(out->p, '\n', from - 1);

		from = lf == NULL ? 0 : (size_t)(lf - out->p) + 1;
	}
	return out->len - from;
}

/* Of the newest frames: kept until there are enough. */
static bool keep(void *arg, const struct gyl__log_out *out)
{
	struct show *sh = arg;
	size_t len = last_lines(out, sh->left);
	struct gyl__log_out copy = {.p = malloc(len + 1), .len = len};

	if (sh->kept_cnt == sh->kept_cap) {
		size_t cap = 2 * sh->kept_cap + 16;
		struct gyl__log_out *p = realloc(sh->kept, cap * sizeof *p);

		if (p != NULL) {
			sh->kept = p;
			sh->kept_cap = cap;
		}
	}
	if (copy.p == NULL || sh->kept_cnt == sh->kept_cap) {
		free(copy.p);
		fprintf(stderr, "guyline: no memory for more messages\n");
		return false;
	}
	memcpy(copy.p, out->p + out->len - len, len);
	sh->kept[sh->kept_cnt++] = copy;
	sh->left -= out->cnt < sh->left ? out->cnt : sh->left;
	return sh->left != 0;
}

static void print_kept(struct show *sh)
{
	while (sh->kept_cnt != 0) {
		struct gyl__log_out *o = &sh->kept[--sh->kept_cnt];

		print(o->p, o->len);
		free(o->p);
	}
	free(sh->kept);
}

static void see(void *arg, const struct gyl_syslogd_fields *f)
{
	const struct show *sh = arg;

	if (sh->names != NULL)
		gyl__log_names_see(sh->names, f);
}

/* ---- the log ---- */

static bool take_dir(void *arg, const struct gyl_ask_row *row, FILE *out)
{
	char *dir = arg;
	const char *text = gyl_ask_text(row, "dir");

	(void)out;
	if (text != NULL)
		snprintf(dir, 4096, "%s", text);
	return true;
}

/* Where the daemon writes, after it has written what it had. */
static bool ask_where(const struct gyl_tool *t, char dir[4096])
{
	struct gyl_ask a = {.row = take_dir, .arg = dir};
	struct gyl_tool_request q;

	dir[0] = '\0';
	gyl_tool_begin(&q, "log.where");
	return gyl_tool_ask(t, "syslogd", &q, &a) == 0 && dir[0] != '\0';
}

static bool is_far(const struct gyl_tool *t)
{
	return t->at != NULL && strchr(t->at, '/') == NULL && strchr(t->at, ':') != NULL;
}

/* A daemon on another machine tells the last messages, but searches none. */
static int ask_far(const struct gyl_tool *t, const struct gyl__log_ask *ask)
{
	struct gyl_ask a = {.column = columns, .column_cnt = sizeof columns / sizeof columns[0]};
	struct gyl_tool_request q;
	char cnt[24];

	if (!ask->plain) {
		fprintf(stderr,
			"guyline: log: a search reads the files of the log, so it runs on the machine that has them (ssh HOST guyline log ...); --at %s answers \"log COUNT\" only\n",
			t->at);
		return GYL__LOG_ERROR;
	}
	snprintf(cnt, sizeof cnt, "%llu", (unsigned long long)ask->count);
	gyl_tool_begin(&q, "log");
	gyl_tool_member(&q, "arg", cnt);
	return gyl_tool_ask(t, "syslogd", &q, &a);
}

static int finish(const struct gyl__log_scan *s)
{
	bool written = fflush(stdout) == 0 && !ferror(stdout);

	if (!written && errno != EPIPE) {
		fprintf(stderr, "guyline: standard output cannot be written: %s\n",
			strerror(errno));
		return GYL__LOG_ERROR;
	}
	if (s->gave_up_cnt != 0)
		fprintf(stderr,
			"guyline: --grep: for %llu messages the expression takes too many steps; they are not shown\n",
			(unsigned long long)s->gave_up_cnt);
	if (s->bad || s->gave_up_cnt != 0)
		return GYL__LOG_ERROR;
	return s->found_cnt != 0 ? GYL__LOG_FOUND : GYL__LOG_NOTHING;
}

static int histogram(const struct gyl__log_ask *ask, const struct gyl_syslogd_reader *r)
{
	struct gyl__log_histogram *h = gyl__log_histogram_new(ask);
	struct gyl__log_scan s = {.ask = ask,
		.q = ask->q,
		.put = gyl__log_histogram_put,
		.take = gyl__log_histogram_take,
		.arg = h};

	if (h == NULL) {
		gyl__log_complain(&s, "the histogram", -ENOMEM);
		return GYL__LOG_ERROR;
	}
	gyl__log_scan(&s, r);
	if (!gyl__log_histogram_print(h, stdout))
		s.bad = true;
	gyl__log_histogram_free(h);
	return finish(&s);
}

static int show(struct show *sh, struct gyl_syslogd_reader *r)
{
	uint64_t last_seq = sh->ask->follow ? gyl__log_last_seq(r) : 0;
	struct gyl__log_scan s = {
		.ask = sh->ask, .q = sh->ask->q, .put = put, .take = take, .see = see, .arg = sh};

	if (sh->ask->count != UINT64_MAX) {
		s.newest_first = true;
		s.take = keep;
		sh->left = sh->ask->count;
	}
	gyl__log_scan(&s, r);
	print_kept(sh);
	if (sh->ask->follow && fflush(stdout) == 0) {
		s.take = take;
		gyl__log_follow(&s, r, last_seq);
	}
	if (s.found_cnt > sh->ask->count)
		s.found_cnt = sh->ask->count;
	return finish(&s);
}

static int search(const struct gyl_tool *t, const struct gyl__log_ask *ask, const char *dir)
{
	struct show sh = {.ask = ask};
	struct gyl_syslogd_reader r;
	int err = gyl_syslogd_reader_open(&r, dir), status;

	if (err != 0) {
		fprintf(stderr, "guyline: %s: %s%s\n", dir, strerror(-err),
			err == -EACCES ? "; be root or in the group guyline" : "");
		return GYL__LOG_ERROR;
	}
	if (!gyl_log_keys(dir, ask->passphrase_file, &r.keys)) {
		gyl_syslogd_reader_close(&r);
		return GYL__LOG_ERROR;
	}
	if (ask->names)
		sh.names = gyl__log_names_open(t, ask, &r);
	sh.colour = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL && !ask->json;
	status = ask->histogram ? histogram(ask, &r) : show(&sh, &r);
	gyl__log_names_close(sh.names);
	gyl_syslogd_keys_close(r.keys);
	gyl_syslogd_reader_close(&r);
	return status;
}

int gyl_log_main(struct gyl_tool *t, int argc, char **argv)
{
	struct gyl__log_args args;
	struct gyl__log_ask ask;
	char dir[4096];

	if (!gyl__log_args(t, argc, argv, &args, &ask))
		return GYL__LOG_ERROR;
	if (args.help) {
		usage(stdout);
		return 0;
	}
	if (ask.dir == NULL && is_far(t))
		return ask_far(t, &ask);
	if (ask.dir == NULL && !ask_where(t, dir)) {
		fprintf(stderr, "guyline: --dir DIRECTORY searches without a daemon\n");
		return GYL__LOG_ERROR;
	}
	if (args.verify)
		return gyl_log_verify(
			ask.dir != NULL ? ask.dir : dir, ask.passphrase_file, ask.json);
	return search(t, &ask, ask.dir != NULL ? ask.dir : dir);
}
