/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_LOG_OWN_H
#define GYL_SERVICES_GUYLINE_LOG_OWN_H

/* What the files of `guyline log` share. */

#include "services/guyline/tool.h"
#include "services/syslogd/query.h"
#include "services/syslogd/query_text.h"
#include "services/syslogd/reader.h"
#include "services/syslogd/regex.h"

enum {
	GYL__LOG_FOUND = 0, /* exit status, as grep has them */
	GYL__LOG_NOTHING = 1,
	GYL__LOG_ERROR = 2
};

/* ---- options (log_option.c) ---- */

struct gyl__log_args {
	const char *since, *until, *host, *app, *from, *severity, *facility, *grep, *dir, *count,
		*step, *passphrase_file;
	bool follow, caseless, names, utc, histogram, help, verify;
	int behind; /* words behind "--" */
};

/* What is asked for. */
struct gyl__log_ask {
	struct gyl_syslogd_query q;
	const char *grep, *dir, *passphrase_file; /* NULL: none */
	uint64_t count;                           /* newest so many; UINT64_MAX: all */
	uint64_t step_ns;                         /* 0: as it fits */
	bool follow, caseless, names, utc, histogram, json;
	bool plain; /* a count alone: what a daemon far away can answer */
};

/* Read the command line. False after saying on standard error what is wrong with which option. */
bool gyl__log_args(struct gyl_tool *t, int argc, char **argv, struct gyl__log_args *ret_a,
	struct gyl__log_ask *ret_ask);

/* Seconds east of UTC of this machine's zone at that time. */
int32_t gyl__log_zone_s(uint64_t wall_ns);
uint64_t gyl__log_now_ns(void);

/* ---- the search (log_scan.c) ---- */

/* What one frame gave. */
struct gyl__log_out {
	uint8_t *p;
	size_t len, cap;
	uint64_t cnt; /* records that fit */
	int err;      /* -errno: the frame could not be read, or there was no memory */
};

/* Room for more octets at out->p + out->len; NULL: no memory, which err tells. */
uint8_t *gyl__log_room(struct gyl__log_out *out, size_t more);

struct gyl__log_scan {
	const struct gyl__log_ask *ask;
	struct gyl_syslogd_query q; /* that of ask, or another one */
	/* Of a record that fits, on any thread: append it. */
	void (*put)(void *arg, struct gyl_view line, const struct gyl_syslogd_fields *f,
		uint8_t *scratch, struct gyl__log_out *out);
	/* Of a frame in which something was found, in their order. False: that is enough. */
	bool (*take)(void *arg, const struct gyl__log_out *out);
	/* Of every record that is followed, whether it fits or not, before put; NULL: of none. */
	void (*see)(void *arg, const struct gyl_syslogd_fields *f);
	void *arg;
	bool newest_first;
	uint64_t found_cnt, gave_up_cnt;
	bool bad; /* something could not be read, which was told */
};

/* Search what the reader lists, on all processors. */
void gyl__log_scan(struct gyl__log_scan *s, const struct gyl_syslogd_reader *r);

/* Search what comes, until interrupted or standard output is closed, from the record after
 * after_seq on. */
void gyl__log_follow(struct gyl__log_scan *s, struct gyl_syslogd_reader *r, uint64_t after_seq);

/* One thread's means, and what it does with a frame; the query's expression gets the thread. */
struct gyl__log_thread {
	struct gyl_syslogd_scratch x;
	uint8_t *scratch;
	struct gyl_regex *regex;
	uint64_t gave_up_cnt; /* messages that took the expression too long */
};
bool gyl__log_thread_open(const struct gyl__log_ask *ask, struct gyl__log_thread *ret_t);
void gyl__log_thread_close(struct gyl__log_thread *t);
void gyl__log_frame(const struct gyl__log_scan *s, struct gyl__log_thread *t,
	const struct gyl_syslogd_seg *seg, const struct gyl_syslogd_frame *f,
	struct gyl__log_out *out);
/* Say that a segment, or a frame of it, could not be read. */
void gyl__log_complain(struct gyl__log_scan *s, const char *name, int err);

/* The number of the last record that the reader's list has, 0: there is none. */
uint64_t gyl__log_last_seq(const struct gyl_syslogd_reader *r);

/* ---- names (log_names.c) ---- */

struct gyl__log_names;

/* Learn who had which address when, from the log and from the daemons. NULL: no memory. */
struct gyl__log_names *gyl__log_names_open(const struct gyl_tool *t, const struct gyl__log_ask *ask,
	const struct gyl_syslogd_reader *r);
void gyl__log_names_close(struct gyl__log_names *n);
/* Learn from a record, if it is of that kind: while following. */
void gyl__log_names_see(struct gyl__log_names *n, const struct gyl_syslogd_fields *f);
/*
 * Append who the addresses in a record were at its time, at most so many: as text
 * " {10.77.0.5 = laptop 02:00:5e:10:00:07}", or as a JSON object's member
 * ",\"names\":{\"10.77.0.5\":{\"name\":\"laptop\",\"mac\":...}}". Nothing when none is known.
 */
enum {
	GYL__LOG_NAMES_LEN = 4096
};
void gyl__log_names_put(struct gyl__log_names *n, const struct gyl_syslogd_fields *f, bool json,
	struct gyl_writer *w, uint8_t *scratch);

/* ---- histogram (log_histogram.c) ---- */

struct gyl__log_histogram;

struct gyl__log_histogram *gyl__log_histogram_new(const struct gyl__log_ask *ask);
void gyl__log_histogram_free(struct gyl__log_histogram *h);
/* put and take of a scan; arg is the histogram. */
void gyl__log_histogram_put(void *arg, struct gyl_view line, const struct gyl_syslogd_fields *f,
	uint8_t *scratch, struct gyl__log_out *out);
bool gyl__log_histogram_take(void *arg, const struct gyl__log_out *out);
/* False: it has too many bars for its step, which was told. */
bool gyl__log_histogram_print(struct gyl__log_histogram *h, FILE *out);

#endif
