/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <gyl/time.h>
#include <unistd.h>

#include "services/base/event.h"
#include "services/syslogd/pack_own.h"
#include "services/syslogd/verify.h"

/* ---- what is told ---- */

static void say_packed(const struct gyl_syslogd_pack *p)
{
	const struct gyl__pack_files *f = p->files;
	char name[GYL_SYSLOGD_NAME_MAX];
	struct gyl_event e;

	gyl_syslogd_archive_file(p->base, f->names->data, name);
	gyl_event_init(&e, GYL_EV_SYSLOGD_PACKED);
	gyl_event_str(&e, "file", gyl_view_str(name));
	gyl_event_u64(&e, "count", f->cnt);
	gyl_event_u64(&e, "octets", f->done_len);
	gyl_event_u64(&e, "packed", f->ix.data_len + f->idx_len + f->seal_len);
	p->cf.say(p->cf.arg, &e);
}

static void say_plain(const struct gyl_syslogd_pack *p)
{
	char name[GYL_SYSLOGD_NAME_MAX];
	struct gyl_event e;

	gyl_syslogd_archive_file(p->base, GYL_SYSLOGD_PLAIN, name);
	gyl_event_init(&e, GYL_EV_SYSLOGD_PLAIN);
	gyl_event_str(&e, "file", gyl_view_str(name));
	gyl_event_str(&e, "reason", gyl_view_str(strerror(-p->err)));
	gyl_event_u64(&e, "pause", GYL_SYSLOGD_PACK_PAUSE_NS);
	p->cf.say(p->cf.arg, &e);
}

/* ---- what is half done ---- */

static void remove_file(int dir_fd, const char *base, enum gyl_syslogd_file file)
{
	char name[GYL_SYSLOGD_NAME_MAX];

	gyl_syslogd_archive_file(base, file, name);
	unlinkat(dir_fd, name, 0); /* mostly it is not there */
}

static bool is_there(int dir_fd, const char *base, enum gyl_syslogd_file file)
{
	char name[GYL_SYSLOGD_NAME_MAX];

	gyl_syslogd_archive_file(base, file, name);
	return faccessat(dir_fd, name, F_OK, 0) == 0;
}

void gyl__pack_undo(int dir_fd, const char *base)
{
	remove_file(dir_fd, base, GYL_SYSLOGD_ZST_TMP);
	remove_file(dir_fd, base, GYL_SYSLOGD_IDX_TMP);
	if (!is_there(dir_fd, base, GYL_SYSLOGD_ZST))
		remove_file(dir_fd, base, GYL_SYSLOGD_IDX);
	remove_file(dir_fd, base, GYL_SYSLOGD_SEAL_TMP);
	remove_file(dir_fd, base, GYL_SYSLOGD_IDX_SEAL_TMP);
	if (!is_there(dir_fd, base, GYL_SYSLOGD_SEAL))
		remove_file(dir_fd, base, GYL_SYSLOGD_IDX_SEAL);
}

/* The plain file goes when the sealed one is right. Else neither does: one that somebody has
 * altered is no reason to seal what stands beside it. */
static void choose_sealed(const struct gyl_syslogd_pack *p, const struct gyl_syslogd_closed *c)
{
	struct gyl_syslogd_manifest m;
	struct gyl_syslogd_link link;
	struct gyl_syslogd_finding f;

	if (p->cf.sealer != NULL &&
		gyl_syslogd_verify_sealed(p->cf.dir_fd, c, p->cf.sealer->keys, &m, &link, &f))
		remove_file(p->cf.dir_fd, c->base, GYL_SYSLOGD_PLAIN);
}

/* Both files have their names. One that somebody else packed has no index of ours: ours is better.
 */
static void choose(const struct gyl_syslogd_pack *p, const struct gyl_syslogd_closed *c)
{
	struct gyl_syslogd_closed one = *c;
	struct gyl_syslogd_reader r = {
		.dir_fd = p->cf.dir_fd, .closed = {.at = &one, .cnt = 1}, .open_fd = -1};
	struct gyl_syslogd_seg s;
	bool is_whole;

	is_whole = gyl_syslogd_seg_open(&r, 0, &s) == 0 && s.note[0] == '\0';
	gyl_syslogd_seg_close(&s);
	if (is_whole) {
		remove_file(p->cf.dir_fd, c->base, GYL_SYSLOGD_PLAIN);
		return;
	}
	remove_file(p->cf.dir_fd, c->base, GYL_SYSLOGD_ZST);
	remove_file(p->cf.dir_fd, c->base, GYL_SYSLOGD_IDX);
}

int gyl_syslogd_pack_open(struct gyl_syslogd_pack *p, const struct gyl_syslogd_pack_conf *cf)
{
	struct gyl_syslogd_archive a;
	int err = gyl_syslogd_archive_list(cf->dir_fd, &a);

	memset(p, 0, sizeof *p);
	p->cf = *cf;
	p->look = true;
	for (size_t i = 0; err == 0 && i < a.cnt; i++) {
		unsigned has = a.at[i].has;

		if (!(has & GYL_SYSLOGD_ZST) || has & GYL_SYSLOGD_TMP)
			gyl__pack_undo(cf->dir_fd, a.at[i].base);
		if (!(has & GYL_SYSLOGD_PLAIN))
			continue;
		if (has & GYL_SYSLOGD_SEAL)
			choose_sealed(p, &a.at[i]);
		else if (has & GYL_SYSLOGD_ZST)
			choose(p, &a.at[i]);
	}
	gyl_syslogd_archive_free(&a);
	return err;
}

/* ---- which one ---- */

void gyl_syslogd_pack_look(struct gyl_syslogd_pack *p)
{
	p->look = true;
}

static bool is_plain(const struct gyl_syslogd_closed *c)
{
	return (c->has & GYL_SYSLOGD_DATA) == GYL_SYSLOGD_PLAIN && c->size != 0;
}

/* The oldest, but one that failed waits until the others had their try. */
static const struct gyl_syslogd_closed *choose_plain(
	const struct gyl_syslogd_archive *a, uint64_t tried_seq)
{
	const struct gyl_syslogd_closed *first = NULL;

	for (size_t i = 0; i < a->cnt; i++) {
		if (!is_plain(&a->at[i]))
			continue;
		if (a->at[i].seq > tried_seq)
			return &a->at[i];
		if (first == NULL)
			first = &a->at[i];
	}
	return first;
}

/* The oldest: the chain of sealed segments has their order, and ends with record after_seq. */
static const struct gyl_syslogd_closed *choose_next(
	const struct gyl_syslogd_archive *a, uint64_t after_seq)
{
	for (size_t i = 0; i < a->cnt; i++)
		if (is_plain(&a->at[i]) && a->at[i].seq > after_seq)
			return &a->at[i];
	return NULL;
}

static bool is_wanted(const struct gyl_syslogd_pack *p)
{
	return p->cf.limits->compress || p->cf.sealer != NULL;
}

static bool begin(struct gyl_syslogd_pack *p)
{
	const struct gyl_syslogd_closed *c;
	struct gyl_syslogd_archive a;

	if (!is_wanted(p) || gyl_syslogd_archive_list(p->cf.dir_fd, &a) != 0)
		return false;
	c = p->cf.sealer != NULL ? choose_next(&a, p->cf.sealer->head.last_seq)
				 : choose_plain(&a, p->tried_seq);
	if (c == NULL)
		p->look = false;
	else if (p->files == NULL)
		p->files = gyl__pack_files_new();
	if (c != NULL && p->files != NULL) {
		memcpy(p->base, c->base, sizeof p->base);
		p->tried_seq = c->seq;
		p->step = 0;
		p->files->dir_fd = p->cf.dir_fd;
		gyl__pack_begin(p->files, c, (int)p->cf.limits->compress_level, p->cf.sealer);
	}
	gyl_syslogd_archive_free(&a);
	return p->base[0] != '\0';
}

/* Nothing more to do: the memory is for somebody else. */
static void rest(struct gyl_syslogd_pack *p)
{
	gyl__pack_files_free(p->files);
	p->files = NULL;
}

/* ---- steps ---- */

static void end(struct gyl_syslogd_pack *p)
{
	gyl__pack_end(p->files);
	if (p->err != 0)
		gyl__pack_undo(p->cf.dir_fd, p->base);
	if (p->err == 0)
		say_packed(p);
	else if (p->err != p->told_err)
		say_plain(p);
	p->told_err = p->err;
	if (p->err == 0) {
		p->packed = true;
		p->tried_seq = 0;
	} else {
		p->next_ns = p->now_ns + GYL_SYSLOGD_PACK_PAUSE_NS;
	}
	p->base[0] = '\0';
}

static void step_work(void *arg)
{
	struct gyl_syslogd_pack *p = arg;

	p->err = gyl__pack_step(p->files, &p->step);
}

static void step_done(void *arg);

static void start_step(struct gyl_syslogd_pack *p)
{
	const struct gyl_host *h = p->cf.host;

	p->working = true;
	if (h != NULL && h->ops->job(h->h, step_work, step_done, p) == 0)
		return;
	step_work(p);
	p->working = false;
	if (p->err != 0 || gyl__pack_is_last(p->step))
		end(p);
}

static bool is_urgent(const struct gyl_syslogd_pack *p)
{
	return p->now_ns < p->hurry_ns;
}

/* The next step without a turn, which may be long in coming. */
static void step_done(void *arg)
{
	struct gyl_syslogd_pack *p = arg;

	p->working = false;
	if (p->stop)
		return;
	if (p->err != 0 || gyl__pack_is_last(p->step))
		end(p);
	if (p->base[0] == '\0' && p->err == 0 && p->look && !begin(p))
		rest(p);
	if (p->base[0] != '\0' && !is_urgent(p))
		start_step(p);
}

/* After a step that is under way the next one follows by itself, unless there is a hurry. */
static uint64_t due_ns(const struct gyl_syslogd_pack *p)
{
	if (p->base[0] == '\0' && !p->look)
		return UINT64_MAX;
	if (p->working && !is_urgent(p))
		return p->now_ns + GYL_SYSLOGD_PACK_PAUSE_NS;
	return p->working ? p->hurry_ns : p->next_ns;
}

uint64_t gyl_syslogd_pack_turn(struct gyl_syslogd_pack *p, struct gyl_now now)
{
	bool is_idle = p->base[0] == '\0';

	p->now_ns = now.mono_ns;
	if (is_idle && (!p->look || !is_wanted(p)))
		return UINT64_MAX;
	if (p->working || now.mono_ns < p->next_ns)
		return due_ns(p);
	p->next_ns = now.mono_ns + (is_urgent(p) ? GYL_SYSLOGD_PACK_PACE_NS : 0);
	if (!is_idle || begin(p)) {
		start_step(p);
	} else {
		rest(p);
		if (p->look) /* it could not be found out */
			p->next_ns = now.mono_ns + GYL_SYSLOGD_PACK_PAUSE_NS;
	}
	return due_ns(p);
}

void gyl_syslogd_pack_close(struct gyl_syslogd_pack *p)
{
	rest(p);
	if (p->base[0] != '\0')
		gyl__pack_undo(p->cf.dir_fd, p->base);
}
