/* SPDX-License-Identifier: ISC */
#include "services/syslogd/sealer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* It waits for nothing: the daemon's own generator was seeded by the same source long ago. */
static int draw(uint8_t *p, size_t len)
{
	return getrandom(p, len, 0) == (ssize_t)len ? 0 : -EIO;
}

/* ---- the head ---- */

static int write_all(int fd, const uint8_t *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? -ENOSPC : -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Root makes it for whom the directory belongs to, who writes the next one. */
static int own(int dir_fd, int fd)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	return fstat(dir_fd, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) == 0 ? 0 : -errno;
}

/* Another one takes its place, or it stays as it is. */
static int replace(int dir_fd, const char *name, const uint8_t *p, size_t len)
{
	char tmp[40];
	int fd, err;

	snprintf(tmp, sizeof tmp, "%s.tmp", name);
	fd = openat(dir_fd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return -errno;
	err = own(dir_fd, fd);
	if (err == 0)
		err = write_all(fd, p, len);
	if (err == 0 && fdatasync(fd) != 0)
		err = -errno;
	close(fd);
	if (err == 0 && renameat(dir_fd, tmp, dir_fd, name) != 0)
		err = -errno;
	if (err == 0 && fsync(dir_fd) != 0)
		err = -errno;
	return err;
}

static int write_head(const struct gyl_syslogd_sealer *s, const struct gyl_syslogd_seal_head *h)
{
	uint8_t text[GYL_SYSLOGD_HEAD_LEN], random[GYL_SYSLOGD_SEAL_SMALL_RANDOM_LEN];
	uint8_t buf[GYL_SEAL_HEADER_LEN + GYL_SYSLOGD_HEAD_LEN + GYL_SEAL_OVERHEAD +
		    GYL_SEAL_LAST_LEN];
	size_t len;
	int err = draw(random, sizeof random);

	if (err != 0)
		return err;
	gyl_syslogd_seal_head_encode(h, text);
	if (gyl_syslogd_seal_small(s->key, gyl_syslogd_keys_cpu(s->keys), random,
		    gyl_view(text, sizeof text), buf, &len) != GYL_SEAL_OK)
		return -EINVAL;
	return replace(s->dir_fd, GYL_SYSLOGD_HEAD_NAME, buf, len);
}

/* ---- the start ---- */

/* The newest segment as it was found. */
struct found {
	int err;
	const struct gyl_seal_key *key; /* when err is 0 */
	uint64_t seq;
	struct gyl_syslogd_link link; /* not proven unless err is 0 */
	struct gyl_syslogd_link before;
};

/* Its name in the chain can be told without its key. */
static void link_unopened(struct gyl_syslogd_sealed *in, uint32_t cpu, struct found *f)
{
	uint8_t last[GYL_SYSLOGD_SEAL_LAST_LEN];

	if (in->len > sizeof last &&
		gyl_syslogd_sealed_raw(in, in->len - sizeof last, sizeof last, last) == 0)
		gyl_syslogd_link_of(cpu, gyl_view(last, sizeof last), &f->link);
}

static void look_at(const struct gyl_syslogd_sealer *s, const struct gyl_syslogd_newest *newest,
	struct found *f)
{
	struct gyl_syslogd_manifest m;
	struct gyl_syslogd_sealed in;
	uint64_t off;
	int fd;

	memset(f, 0, sizeof *f);
	f->err = GYL_SYSLOGD_SEALED_E_IO;
	f->seq = newest->seq;
	fd = newest->name == NULL
		     ? -1
		     : openat(s->dir_fd, newest->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	f->err = gyl_syslogd_sealed_open(&in, fd, s->keys);
	if (f->err == GYL_SEAL_E_KEY)
		link_unopened(&in, gyl_syslogd_keys_cpu(s->keys), f);
	if (f->err == 0)
		f->err = gyl_syslogd_sealed_last(&in, &m, &f->link, &off);
	if (f->err == 0)
		f->before = m.before;
	f->key = in.key;
	gyl_syslogd_sealed_close(&in);
	close(fd);
}

static bool same(const struct gyl_syslogd_link *a, const struct gyl_syslogd_link *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

/* The head is there: does the newest segment fit it? One that it does not know yet is taken over:
 * a crash was in between. */
static bool fits(struct gyl_syslogd_sealer *s, const struct found *f)
{
	struct gyl_syslogd_seal_head *h = &s->head;
	bool follows = same(&f->before, &h->link);

	if (f->err == GYL_SYSLOGD_SEALED_E_IO)
		return h->gone_seq >= h->last_seq;
	if (f->err != 0)
		return f->err == GYL_SEAL_E_KEY && f->seq <= h->last_seq;
	if (f->seq <= h->last_seq)
		return same(&f->link, &h->link);
	h->last_seq = f->seq;
	h->link = f->link;
	return follows;
}

/* Where the chain goes on. "" or what is wrong. */
static const char *resume(
	struct gyl_syslogd_sealer *s, int head_err, const struct found *f, bool is_new)
{
	static const struct gyl_syslogd_link none;

	if (head_err == 0)
		return fits(s, f) ? ""
				  : "the newest sealed segment is missing or not as it was left: "
				    "see guyline log --verify";
	s->head = (struct gyl_syslogd_seal_head){
		.gone_seq = is_new ? 0 : UINT64_MAX, .last_seq = f->seq, .link = f->link};
	if (f->err == GYL_SEAL_E_KEY || head_err == GYL_SEAL_E_KEY)
		return "older segments are sealed with another passphrase and open only with that "
		       "one";
	if (head_err == GYL_SYSLOGD_SEALED_E_IO &&
		(f->err == GYL_SYSLOGD_SEALED_E_IO || (f->err == 0 && same(&f->before, &none))))
		return ""; /* nothing was sealed here, or one, and a crash came before its head */
	return GYL_SYSLOGD_HEAD_NAME " is missing or altered: see guyline log --verify";
}

/* That of the newest file when it cost enough, else a new one. */
static int make_key(struct gyl_syslogd_sealer *s, const struct gyl_seal_key *old, char err[200])
{
	uint8_t salt[GYL_SEAL_KEY_SALT_LEN];

	s->key = old;
	if (old != NULL && gyl_syslogd_keys_our_cost(&old->cost))
		return 0;
	if (draw(salt, sizeof salt) == 0 && gyl_syslogd_keys_make(s->keys, salt, &s->key))
		return 0;
	snprintf(err, 200, "no key can be made of the passphrase: that takes 32 MiB");
	return -1;
}

int gyl_syslogd_sealer_open(struct gyl_syslogd_sealer *s, int dir_fd, struct gyl_syslogd_keys *keys,
	const struct gyl_syslogd_newest *newest, char ret_note[200], char err[200])
{
	const struct gyl_seal_key *head_key = NULL;
	struct gyl_syslogd_seal_head old;
	struct found f;
	int head_err;

	memset(s, 0, sizeof *s);
	s->dir_fd = dir_fd;
	s->keys = keys;
	head_err = gyl_syslogd_seal_head_read(dir_fd, keys, &s->head, &head_key);
	if (head_err == GYL_SYSLOGD_SEALED_E_IO && errno != ENOENT) {
		snprintf(err, 200, "%s: %s", GYL_SYSLOGD_HEAD_NAME, strerror(errno));
		return -1;
	}
	old = s->head;
	look_at(s, newest, &f);
	snprintf(ret_note, 200, "%s", resume(s, head_err, &f, newest->is_new));
	if (make_key(s, f.err == 0 ? f.key : head_key, err) != 0)
		return -1;
	if (head_err == 0 && memcmp(&old, &s->head, sizeof old) == 0)
		return 0;
	head_err = write_head(s, &s->head);
	if (head_err != 0)
		snprintf(err, 200, "%s: %s", GYL_SYSLOGD_HEAD_NAME, strerror(-head_err));
	return head_err == 0 ? 0 : -1;
}

/* ---- segments ---- */

int gyl_syslogd_sealer_begin(
	const struct gyl_syslogd_sealer *s, struct gyl_syslogd_sealing *g, uint8_t *header)
{
	uint8_t random[GYL_SYSLOGD_SEAL_RANDOM_LEN];
	int err = draw(random, sizeof random);

	if (err != 0)
		return err;
	return gyl_syslogd_sealing_begin(
		       g, s->key, gyl_syslogd_keys_cpu(s->keys), random, header) == GYL_SEAL_OK
		       ? 0
		       : -EINVAL;
}

int gyl_syslogd_sealer_index(
	const struct gyl_syslogd_sealer *s, struct gyl_syslogd_sealing_index *x, uint8_t *header)
{
	uint8_t random[GYL_SYSLOGD_SEAL_SMALL_RANDOM_LEN];
	int err = draw(random, sizeof random);

	if (err != 0)
		return err;
	return gyl_syslogd_sealing_index_begin(
		       x, s->key, gyl_syslogd_keys_cpu(s->keys), random, header) == GYL_SEAL_OK
		       ? 0
		       : -EINVAL;
}

void gyl_syslogd_sealer_end(const struct gyl_syslogd_sealer *s, struct gyl_syslogd_sealing *g,
	struct gyl_syslogd_manifest *m, uint8_t *buf, struct gyl_syslogd_link *ret_link)
{
	m->before = s->head.link;
	gyl_syslogd_sealing_end(g, m, buf, ret_link);
}

/* What it has to be is known, whatever becomes of the file. */
static int bring_up_to_date(struct gyl_syslogd_sealer *s)
{
	int err = write_head(s, &s->head);

	s->unwritten = err != 0;
	return err;
}

int gyl_syslogd_sealer_sealed(struct gyl_syslogd_sealer *s, const struct gyl_syslogd_manifest *m,
	const struct gyl_syslogd_link *link)
{
	s->head.last_seq = m->last_seq;
	s->head.link = *link;
	return bring_up_to_date(s);
}

int gyl_syslogd_sealer_gone(struct gyl_syslogd_sealer *s, uint64_t seq)
{
	bool is_news = s->head.gone_seq == UINT64_MAX || seq > s->head.gone_seq;

	if (is_news)
		s->head.gone_seq = seq;
	return is_news || s->unwritten ? bring_up_to_date(s) : 0;
}
