/* SPDX-License-Identifier: ISC */
#include "services/syslogd/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	TIME_LEN = 16, /* 20261121T130000Z */
	ARRAY_MIN = 64
};

static const char prefix[] = "guyline-";

/* Longer endings stand before those that they end with. */
static const struct {
	const char *text;
	enum gyl_syslogd_file file;
} ending[] = {
	{".jsonl.zst.seal.tmp", GYL_SYSLOGD_SEAL_TMP},
	{".idx.seal.tmp", GYL_SYSLOGD_IDX_SEAL_TMP},
	{".jsonl.zst.seal", GYL_SYSLOGD_SEAL},
	{".idx.seal", GYL_SYSLOGD_IDX_SEAL},
	{".jsonl.zst.tmp", GYL_SYSLOGD_ZST_TMP},
	{".idx.tmp", GYL_SYSLOGD_IDX_TMP},
	{".jsonl.zst", GYL_SYSLOGD_ZST},
	{".idx", GYL_SYSLOGD_IDX},
	{".jsonl", GYL_SYSLOGD_PLAIN},
};

enum {
	ENDING_CNT = sizeof ending / sizeof ending[0]
};

void gyl_syslogd_archive_name(uint64_t wall_ns, uint64_t seq, char ret_base[GYL_SYSLOGD_NAME_MAX])
{
	struct gyl_civil c;

	gyl_time_civil((int64_t)(wall_ns / GYL_NS_PER_S), &c);
	snprintf(ret_base, GYL_SYSLOGD_NAME_MAX, "%s%04d%02u%02uT%02u%02u%02uZ-%llu", prefix,
		(int)c.year, c.month, c.day, c.hour, c.minute, c.second, (unsigned long long)seq);
}

void gyl_syslogd_archive_file(
	const char *base, enum gyl_syslogd_file file, char ret_name[GYL_SYSLOGD_NAME_MAX])
{
	size_t i = 0;

	while (i < ENDING_CNT - 1 && ending[i].file != file)
		i++;
	snprintf(ret_name, GYL_SYSLOGD_NAME_MAX, "%.*s%s", GYL_SYSLOGD_NAME_MAX - 20, base,
		ending[i].text);
}

/* ---- names ---- */

static bool take_number(struct gyl_view *v, size_t len, uint64_t *ret_n)
{
	struct gyl_view digits = gyl_view_sub(*v, 0, len);

	if (digits.len != len || gyl_failed(gyl_parse_u64(digits, UINT64_MAX, ret_n)))
		return false;
	*v = gyl_view_sub(*v, len, v->len);
	return true;
}

static bool take_char(struct gyl_view *v, char c)
{
	if (v->len == 0 || v->p[0] != (uint8_t)c)
		return false;
	*v = gyl_view_sub(*v, 1, v->len);
	return true;
}

/* 20261121T130000Z */
static bool take_time(struct gyl_view *v, uint64_t *ret_ns)
{
	static const size_t len[] = {4, 2, 2, 2, 2, 2};
	uint64_t n[6] = {0};
	struct gyl_civil c = {0};
	int64_t s;

	for (size_t i = 0; i < 6; i++)
		if ((i == 3 && !take_char(v, 'T')) || !take_number(v, len[i], &n[i]))
			return false;
	c.year = (int32_t)n[0];
	c.month = (uint8_t)n[1];
	c.day = (uint8_t)n[2];
	c.hour = (uint8_t)n[3];
	c.minute = (uint8_t)n[4];
	c.second = (uint8_t)n[5];
	if (!take_char(v, 'Z') || gyl_failed(gyl_time_unix(&c, &s)) || s < 0)
		return false;
	*ret_ns = gyl_time_from_s((uint64_t)s);
	return true;
}

static unsigned take_ending(struct gyl_view *name)
{
	for (size_t i = 0; i < ENDING_CNT; i++) {
		struct gyl_view end = gyl_view_str(ending[i].text);

		if (name->len < end.len ||
			memcmp(name->p + name->len - end.len, end.p, end.len) != 0)
			continue;
		name->len -= end.len;
		return ending[i].file;
	}
	return 0;
}

/* False when it is not the name of a closed segment's file. */
static bool parse_name(const char *name, struct gyl_syslogd_closed *ret_c)
{
	struct gyl_view v = gyl_view_str(name), base = v;
	size_t prefix_len = sizeof prefix - 1;

	memset(ret_c, 0, sizeof *ret_c);
	ret_c->has = v.len < GYL_SYSLOGD_NAME_MAX ? take_ending(&v) : 0;
	base.len = v.len;
	if (ret_c->has == 0 || v.len < prefix_len || memcmp(v.p, prefix, prefix_len) != 0)
		return false;
	v = gyl_view_sub(v, prefix_len, v.len);
	if (!take_time(&v, &ret_c->closed_ns) || !take_char(&v, '-') ||
		!take_number(&v, v.len, &ret_c->seq))
		return false;
	memcpy(ret_c->base, base.p, base.len);
	return true;
}

/* ---- the list ---- */

static int append(struct gyl_syslogd_archive *a, size_t *cap, const struct gyl_syslogd_closed *c)
{
	if (a->cnt == *cap) {
		size_t more = *cap == 0 ? ARRAY_MIN : 2 * *cap;
		struct gyl_syslogd_closed *p = realloc(a->at, more * sizeof *p);

		if (p == NULL)
			return -ENOMEM;
		a->at = p;
		*cap = more;
	}
	a->at[a->cnt++] = *c;
	return 0;
}

static int read_dir(DIR *d, struct gyl_syslogd_archive *a, size_t *cap)
{
	const struct dirent *e;
	int err = 0;

	rewinddir(d);
	while (err == 0 && (e = readdir(d)) != NULL) {
		struct gyl_syslogd_closed c;
		struct stat st;

		if (!parse_name(e->d_name, &c) ||
			fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		c.size = (uint64_t)st.st_size;
		err = append(a, cap, &c);
	}
	return err;
}

static int compare(const void *a, const void *b)
{
	const struct gyl_syslogd_closed *x = a, *y = b;

	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return strcmp(x->base, y->base);
}

/* Files become segments. */
static void merge(struct gyl_syslogd_archive *a)
{
	size_t cnt = 0;

	if (a->cnt != 0)
		qsort(a->at, a->cnt, sizeof *a->at, compare);
	for (size_t i = 0; i < a->cnt; i++) {
		const struct gyl_syslogd_closed *c = &a->at[i];
		struct gyl_syslogd_closed *last = cnt == 0 ? NULL : &a->at[cnt - 1];

		if (last == NULL || strcmp(last->base, c->base) != 0) {
			a->at[cnt++] = *c;
		} else if (!(last->has & c->has)) {
			last->has |= c->has;
			last->size += c->size;
		}
	}
	a->cnt = cnt;
	for (size_t i = 0; i < cnt; i++)
		a->size += a->at[i].size;
}

int gyl_syslogd_archive_list(int dir_fd, struct gyl_syslogd_archive *ret_a)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	size_t cap = 0;

	memset(ret_a, 0, sizeof *ret_a);
	if (d == NULL) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	/* A name that comes while another goes may be missed with both (readdir(3p)). The packed
	 * file is there before the plain one goes, so it is there when the directory is read again.
	 */
	err = read_dir(d, ret_a, &cap);
	if (err == 0)
		err = read_dir(d, ret_a, &cap);
	closedir(d);
	if (err != 0)
		gyl_syslogd_archive_free(ret_a);
	else
		merge(ret_a);
	return err;
}

void gyl_syslogd_archive_free(struct gyl_syslogd_archive *a)
{
	free(a->at);
	memset(a, 0, sizeof *a);
}

/* ---- retention ---- */

static int remove_segment(int dir_fd, const struct gyl_syslogd_closed *c)
{
	char name[GYL_SYSLOGD_NAME_MAX];

	for (size_t i = 0; i < ENDING_CNT; i++) {
		if (!(c->has & ending[i].file))
			continue;
		gyl_syslogd_archive_file(c->base, ending[i].file, name);
		if (unlinkat(dir_fd, name, 0) != 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

static bool is_kept(const struct gyl_syslogd_archive *a, size_t first, uint64_t size,
	const struct gyl_syslogd_keep *keep)
{
	return (keep->cnt == 0 || a->cnt - first <= keep->cnt) &&
	       (keep->size == 0 || size <= keep->size) && a->at[first].closed_ns >= keep->from_ns;
}

/* How many of the oldest go. */
static size_t count_old(
	const struct gyl_syslogd_archive *a, const struct gyl_syslogd_keep *keep, const char *busy)
{
	uint64_t size = a->size;
	size_t cnt = 0;

	while (cnt < a->cnt && !is_kept(a, cnt, size, keep) &&
		(busy == NULL || strcmp(a->at[cnt].base, busy) != 0))
		size -= a->at[cnt++].size;
	return cnt;
}

int gyl_syslogd_archive_prune(int dir_fd, const struct gyl_syslogd_keep *keep, const char *busy)
{
	struct gyl_syslogd_archive a;
	int err = gyl_syslogd_archive_list(dir_fd, &a);
	size_t cnt = err == 0 ? count_old(&a, keep, busy) : 0;

	int told = cnt != 0 && keep->gone != NULL ? keep->gone(keep->arg, a.at[cnt - 1].seq) : 0;

	for (size_t i = 0; err == 0 && i < cnt; i++)
		err = remove_segment(dir_fd, &a.at[i]);
	if (told != 0)
		(void)keep->gone(keep->arg, a.at[cnt - 1].seq);
	gyl_syslogd_archive_free(&a);
	return err;
}
