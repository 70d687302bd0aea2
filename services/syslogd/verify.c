/* SPDX-License-Identifier: ISC */
#include "services/syslogd/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <gyl/cpu.h>
#include <gyl/sha256.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "services/syslogd/reader_own.h"
#include "services/syslogd/record.h"

/* Going through a directory, oldest segment first. */
struct check {
	struct gyl_syslogd_reader r;
	struct gyl_syslogd_scratch x;
	struct gyl_syslogd_keys *keys;
	uint32_t cpu;
	struct gyl_syslogd_seal_head head;
	int head_err;      /* 0: there is one, and it is right */
	int head_errno;    /* of GYL_SYSLOGD_SEALED_E_IO */
	uint64_t next_seq; /* of the next record, 0: nothing was before */
	struct gyl_syslogd_finding f;
	bool is_bad; /* this segment was told already */
	struct gyl_syslogd_verified *v;
	void (*tell)(void *arg, const struct gyl_syslogd_finding *f);
	void *arg;
};

/* c->f is ready. */
static void tell(struct check *c, const char *file)
{
	c->f.file = file;
	c->v->bad_cnt++;
	c->is_bad = true;
	c->tell(c->arg, &c->f);
}

static void __attribute__((format(printf, 5, 6)))
say(struct check *c, const char *file, uint64_t frame, uint64_t off, const char *fmt, ...)
{
	va_list ap;

	if (c->is_bad)
		return;
	c->f.frame = frame;
	c->f.off = off;
	va_start(ap, fmt);
	vsnprintf(c->f.text, sizeof c->f.text, fmt, ap);
	va_end(ap);
	tell(c, file);
}

/* ---- records ---- */

static void missing(struct check *c, const struct gyl_syslogd_seg *s, uint64_t frame, uint64_t seq)
{
	unsigned long long next = c->next_seq;

	if (seq < c->next_seq)
		say(c, s->name, frame, s->frame[frame].off,
			"record %llu stands where %llu should: it is there twice, or in a wrong "
			"place",
			(unsigned long long)seq, next);
	else
		say(c, s->name, frame, s->frame[frame].off, "records %llu to %llu are missing",
			next, (unsigned long long)seq - 1);
}

static void record(struct check *c, const struct gyl_syslogd_seg *s, uint64_t frame, uint64_t seq)
{
	uint64_t gone = c->head.gone_seq;

	if (c->next_seq == 0 && c->head_err == 0 && gone != UINT64_MAX && seq > gone + 1)
		say(c, s->name, frame, s->frame[frame].off,
			"records %llu to %llu are missing in front of it, and it was not the "
			"collector who removed them",
			(unsigned long long)gone + 1, (unsigned long long)seq - 1);
	else if (c->next_seq != 0 && seq != c->next_seq)
		missing(c, s, frame, seq);
	c->next_seq = seq + 1;
	if (c->v->first_seq == 0)
		c->v->first_seq = seq;
	c->v->last_seq = seq;
}

/* Lines that are no records of ours are counted, and no more. */
static void lines(
	struct check *c, const struct gyl_syslogd_seg *s, uint64_t frame, struct gyl_view text)
{
	while (text.len != 0) {
		const uint8_t *lf = memchr(text.p, '\n', text.len);
		size_t len = lf == NULL ? text.len : (size_t)(lf + 1 - text.p);
		uint64_t seq = gyl_syslogd_record_seq(gyl_view_sub(text, 0, len));

		if (seq != 0)
			record(c, s, frame, seq);
		c->v->line_cnt += lf != NULL;
		text = gyl_view_sub(text, len, text.len);
	}
}

/* What the index has the hash of: the packed octets, which gyl_syslogd_seg_text() left in the
 * scratch. */
static bool hash_fits(
	const struct check *c, const struct gyl_syslogd_seg *s, const struct gyl_syslogd_frame *f)
{
	uint8_t hash[GYL_SYSLOGD_HASH_LEN];
	struct gyl_sha256 h;

	if (f->hash == NULL || s->kind != GYL_SYSLOGD_SEG_ZST)
		return true;
	gyl_sha256_init(&h, c->cpu);
	gyl_sha256_update(&h, c->x.data, f->len);
	gyl_sha256_final(&h, hash);
	return memcmp(hash, f->hash, sizeof hash) == 0;
}

static void frames(struct check *c, const struct gyl_syslogd_seg *s)
{
	for (size_t i = 0; i < s->frame_cnt && !c->is_bad; i++) {
		const struct gyl_syslogd_frame *f = &s->frame[i];
		struct gyl_view text;
		int err = gyl_syslogd_seg_text(s, f, &c->x, &text);

		if (err == -EBADMSG || (err == 0 && !hash_fits(c, s, f)))
			say(c, s->name, i, f->off, "the frame is damaged");
		else if (err != 0)
			say(c, s->name, i, f->off, "%s", strerror(-err));
		else
			lines(c, s, i, text);
	}
}

/* ---- the head ---- */

static int read_head(struct check *c, int dir_fd, struct gyl_syslogd_seal_head *ret_h)
{
	return c->keys == NULL ? GYL_SEAL_E_KEY
			       : gyl_syslogd_seal_head_read(dir_fd, c->keys, ret_h, NULL);
}

/* What was removed up to now, by a collector that is at work. */
static void look_again(struct check *c)
{
	struct gyl_syslogd_seal_head h;

	if (c->head_err == 0 && read_head(c, c->r.dir_fd, &h) == 0)
		c->head.gone_seq = h.gone_seq;
}

/* ---- segments ---- */

static bool is_zero(const struct gyl_syslogd_link *l)
{
	static const struct gyl_syslogd_link zero;

	return memcmp(l, &zero, sizeof zero) == 0;
}

/* Does it follow the sealed segment that stands before it? */
static void follows(struct check *c, const char *name, const struct gyl_syslogd_manifest *m)
{
	bool is_oldest = c->v->sealed_seq == 0;

	if (is_oldest &&
		(is_zero(&m->before) || c->head_err != 0 || c->head.gone_seq != UINT64_MAX))
		return; /* what was before it may be gone; how much, its first record tells */
	if (is_oldest)
		say(c, name, UINT64_MAX, UINT64_MAX,
			"the segment that was sealed before it is missing");
	else if (memcmp(&m->before, &c->v->link, sizeof m->before) != 0)
		say(c, name, UINT64_MAX, UINT64_MAX,
			"the segment that was sealed before it is missing, or another one stands in "
			"its place");
}

/* Too old, and removed meanwhile: it says so in the head. */
static bool is_removed(struct check *c, const struct gyl_syslogd_closed *seg, const char *name)
{
	if (faccessat(c->r.dir_fd, name, F_OK, 0) == 0)
		return false;
	look_again(c);
	return c->head.gone_seq != UINT64_MAX && seg->seq <= c->head.gone_seq;
}

static void sealed(struct check *c, const struct gyl_syslogd_closed *seg, const char *name)
{
	struct gyl_syslogd_manifest m;
	struct gyl_syslogd_link link;

	if (is_removed(c, seg, name))
		return;
	c->v->sealed_cnt++;
	if (c->keys == NULL) {
		say(c, name, UINT64_MAX, UINT64_MAX, "it is sealed: its passphrase is needed");
		return;
	}
	if (gyl_syslogd_verify_sealed(c->r.dir_fd, seg, c->keys, &m, &link, &c->f))
		follows(c, name, &m);
	else
		tell(c, name);
	c->v->link = link;
	c->v->sealed_seq = seg->seq;
}

/* Its records; after something wrong the next segment is judged for itself. */
static void text(struct check *c, size_t i)
{
	struct gyl_syslogd_seg s;
	int err = gyl_syslogd_seg_open(&c->r, i, &s);

	if (err == -ENOENT)
		return; /* too old, and removed meanwhile */
	if (err != 0) {
		say(c, i < c->r.closed.cnt ? c->r.closed.at[i].base : "", UINT64_MAX, UINT64_MAX,
			"%s", strerror(-err));
		return;
	}
	c->v->plain_cnt += s.kind == GYL_SYSLOGD_SEG_PLAIN;
	frames(c, &s);
	if (s.note[0] != '\0')
		say(c, s.name, UINT64_MAX, UINT64_MAX, "%s", s.note);
	gyl_syslogd_seg_close(&s);
}

static void segment(struct check *c, size_t i)
{
	const struct gyl_syslogd_closed *seg = i < c->r.closed.cnt ? &c->r.closed.at[i] : NULL;
	char name[GYL_SYSLOGD_NAME_MAX];

	c->is_bad = false;
	c->v->seg_cnt++;
	if (seg != NULL && seg->has & GYL_SYSLOGD_SEAL) {
		gyl_syslogd_archive_file(seg->base, GYL_SYSLOGD_SEAL, name);
		sealed(c, seg, name);
	}
	if (!c->is_bad)
		text(c, i);
	if (seg != NULL && (c->is_bad || c->next_seq == 0))
		c->next_seq = seg->seq + 1;
	else if (seg != NULL && c->next_seq != seg->seq + 1)
		say(c, seg->base, UINT64_MAX, UINT64_MAX,
			"it ends with record %llu, not with the one that its name says",
			(unsigned long long)c->next_seq - 1);
}

/* ---- the newest ---- */

static void newest(struct check *c)
{
	const struct gyl_syslogd_verified *v = c->v;
	const struct gyl_syslogd_seal_head *h = &c->head;

	c->is_bad = false;
	if (c->keys == NULL || (v->sealed_cnt == 0 && c->head_errno == ENOENT))
		return;
	if (c->head_err != 0)
		say(c, GYL_SYSLOGD_HEAD_NAME, UINT64_MAX, UINT64_MAX,
			"%s: whether the newest sealed segments are there cannot be told",
			gyl_syslogd_sealed_why(c->head_err, c->head_errno));
	else if (v->sealed_seq < h->last_seq && h->gone_seq < h->last_seq)
		say(c, GYL_SYSLOGD_HEAD_NAME, UINT64_MAX, UINT64_MAX,
			"the newest sealed segment, which ends with record %llu, is missing",
			(unsigned long long)h->last_seq);
	else if (v->sealed_seq == h->last_seq && memcmp(&v->link, &h->link, sizeof h->link) != 0)
		say(c, GYL_SYSLOGD_HEAD_NAME, UINT64_MAX, UINT64_MAX,
			"the newest sealed segment is another one than was sealed");
}

/* ---- the directory ---- */

/* The head before the list: what it has was sealed by then. What it says of removed segments it
 * says before they go, so that is read after the list. */
static int open_dir(struct check *c, const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	c->head_err = read_head(c, fd, &c->head);
	c->head_errno = c->head_err == GYL_SYSLOGD_SEALED_E_IO ? errno : 0;
	err = gyl_syslogd_reader_open_at(&c->r, fd);
	close(fd);
	if (err == 0)
		look_again(c);
	return err;
}

int gyl_syslogd_verify(const char *dir, struct gyl_syslogd_keys *keys,
	void (*tell_fn)(void *arg, const struct gyl_syslogd_finding *f), void *arg,
	struct gyl_syslogd_verified *ret)
{
	struct check c = {.keys = keys, .v = ret, .tell = tell_fn, .arg = arg};
	int err;

	memset(ret, 0, sizeof *ret);
	err = open_dir(&c, dir);
	if (err != 0)
		return err;
	c.r.keys = keys;
	c.cpu = gyl_cpu_detect();
	for (size_t i = 0; i < c.r.cnt; i++)
		segment(&c, i);
	newest(&c);
	gyl_syslogd_scratch_free(&c.x);
	gyl_syslogd_reader_close(&c.r);
	return 0;
}
