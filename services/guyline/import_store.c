/* SPDX-License-Identifier: ISC */

/*
 * Leases into the store of a daemon that does not run. The store is opened as the daemon does it,
 * so that what is in it already stays, and a daemon that runs after all is noticed by its lock.
 */

#include <errno.h>
#include <gyl/sha256.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "libnet/host/loop.h"
#include "services/base/store.h"
#include "services/dhcpd/name.h"
#include "services/guyline/import_lease.h"
#include "services/guyline/import_own.h"

enum {
	/* Room for whatever a daemon keeps, and as many leases again. */
	KEY_CNT = 1 << 20,
	DATA_LEN = 128 << 20
};

struct target {
	const char *dir;
	struct gyl_loop *loop;
	struct gyl_store *store;
	void *mem;
	int dev[2];
	bool lost;
};

static int fail(int status, const char *what, const char *why)
{
	fprintf(stderr, "guyline: %s: %s\n", what, why);
	return status;
}

static struct gyl_now now(void)
{
	struct timespec mono, wall;

	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_REALTIME, &wall);
	return (struct gyl_now){(uint64_t)mono.tv_sec * GYL_NS_PER_S + (uint64_t)mono.tv_nsec,
		(uint64_t)wall.tv_sec * GYL_NS_PER_S + (uint64_t)wall.tv_nsec};
}

/* ---- opening ---- */

static int open_extent(struct target *t, unsigned no, uint64_t unit_cnt)
{
	char path[4096];
	struct stat dir;
	int dev;

	snprintf(path, sizeof path, "%s/journal.%c", t->dir, no == 0 ? 'a' : 'b');
	dev = gyl_loop_blk_open(t->loop, path, unit_cnt);
	if (dev == -EBUSY)
		return fail(EX_TEMPFAIL, path, "a daemon uses this directory; stop it first");
	if (dev < 0)
		return fail(EX_CANTCREAT, path, strerror(-dev));
	/* The daemon may run as somebody else than who imports. */
	if (stat(t->dir, &dir) == 0 && geteuid() == 0 && chown(path, dir.st_uid, dir.st_gid) != 0)
		return fail(EX_CANTCREAT, path, strerror(errno));
	t->dev[no] = dev;
	return 0;
}

/* As long as the daemon makes it, or as the longer one of those that are there. */
static uint64_t units(const struct target *t)
{
	uint64_t cnt = gyl_store_unit_cnt(GYL_STORE_DAEMON_KEYS, GYL_STORE_DAEMON_OCTETS);

	for (unsigned no = 0; no < 2; no++) {
		char path[4096];
		struct stat st;

		snprintf(path, sizeof path, "%s/journal.%c", t->dir, no == 0 ? 'a' : 'b');
		if (stat(path, &st) == 0 && (uint64_t)st.st_size / GYL_UNIT_LEN > cnt)
			cnt = (uint64_t)st.st_size / GYL_UNIT_LEN;
	}
	return cnt;
}

static int replay(struct target *t)
{
	struct gyl_store_replayed info;
	struct gyl_store_read rd;

	while (gyl_store_replay_next(t->store, &rd))
		gyl_store_replay_done(t->store,
			-gyl_loop_blk_read(t->loop, t->dev[rd.dev], rd.unit, rd.buf, rd.cnt));
	gyl_store_replayed(t->store, &info);
	return info.refused_cnt == 0
		       ? 0
		       : fail(EX_DATAERR, t->dir, "its journal holds records that make no sense");
}

static int open_target(struct target *t)
{
	struct gyl_store_conf cf = {.key_cnt = KEY_CNT, .data_len = DATA_LEN};
	int status;

	if (mkdir(t->dir, 0750) != 0 && errno != EEXIST)
		return fail(EX_CANTCREAT, t->dir, strerror(errno));
	if (getrandom(cf.hash_key, sizeof cf.hash_key, 0) != (ssize_t)sizeof cf.hash_key)
		return fail(EX_OSERR, "random numbers", strerror(errno));
	t->loop = gyl_loop_open();
	if (t->loop == NULL)
		return fail(EX_OSERR, "event loop", strerror(errno));
	cf.unit_cnt = units(t);
	status = open_extent(t, 0, cf.unit_cnt);
	if (status == 0)
		status = open_extent(t, 1, cf.unit_cnt);
	if (status != 0)
		return status;
	t->mem = calloc(1, gyl_store_need(&cf) + 16);
	t->store = t->mem == NULL ? NULL : gyl_store_init(t->mem, &cf);
	return t->store == NULL ? fail(EX_OSERR, "no memory", "for the store") : replay(t);
}

/* ---- writing ---- */

static int write_unit(struct target *t, const struct gyl_store_write *w)
{
	static const struct timespec pause = {.tv_nsec = 100000};
	uint64_t token;
	int err = -gyl_loop_blk_write(t->loop, t->dev[w->dev], w->unit, w->buf, w->cnt, w->token);

	while (err == 0 && !gyl_loop_blk_done(t->loop, &token, &err))
		nanosleep(&pause, NULL);
	return err;
}

/* Until all is on the disk, or the disk fails. */
static bool drain(struct target *t)
{
	static const struct timespec pause = {.tv_nsec = 200000};
	struct gyl_store_write w;
	uint64_t lost;

	while (gyl_store_busy(t->store) && !t->lost) {
		if (!gyl_store_write_next(t->store, now().mono_ns, &w)) {
			nanosleep(&pause, NULL);
			continue;
		}
		t->lost = gyl_store_written(t->store, w.token, write_unit(t, &w), &lost);
	}
	return !t->lost;
}

static int put(struct target *t, struct gyl_view key, struct gyl_view val)
{
	uint64_t seq;
	enum gyl_store_err err = gyl_store_set(t->store, now().wall_ns, key, val, &seq);

	if (err == GYL_STORE_BUSY && drain(t))
		err = gyl_store_set(t->store, now().wall_ns, key, val, &seq);
	if (t->lost)
		return fail(EX_IOERR, t->dir, "its journal cannot be written");
	return err == GYL_STORE_OK ? 0 : fail(EX_CANTCREAT, t->dir, gyl_store_err_text(err));
}

/* ---- records ---- */

/* As services/dhcpd/client.c keys a client: an identifier that only repeats the MAC is the MAC. */
static void fill_key(struct gyl_dhcpd_key *k, const struct gyl_lease *l)
{
	bool says_mac = l->has_mac && l->id.len == 7 && l->id.p[0] == 1 &&
			memcmp(l->id.p + 1, l->mac, 6) == 0;
	struct gyl_sha256 sum;

	k->has_mac = l->has_mac;
	memcpy(k->mac, l->mac, 6);
	if (l->id.len == 0 || says_mac) {
		k->form = l->has_mac ? GYL_DHCPD_BY_HW : GYL_DHCPD_NOBODY;
		k->len = l->has_mac ? 7 : 0;
		k->octet[0] = 1;
		memcpy(k->octet + 1, l->mac, 6);
	} else if (l->id.len <= GYL_DHCPD_ID_MAX) {
		k->form = GYL_DHCPD_BY_ID;
		k->len = (uint8_t)l->id.len;
		memcpy(k->octet, l->id.p, l->id.len);
	} else {
		k->form = GYL_DHCPD_BY_DIGEST;
		k->len = GYL_DHCPD_ID_MAX;
		gyl_sha256_init(&sum, 0);
		gyl_sha256_update(&sum, l->id.p, l->id.len);
		gyl_sha256_final(&sum, k->octet);
	}
}

static uint64_t granted_s(const struct gyl_lease *l)
{
	if (l->end_s == UINT64_MAX)
		return UINT32_MAX;
	return l->start_s != 0 && l->end_s > l->start_s && l->end_s - l->start_s < UINT32_MAX
		       ? l->end_s - l->start_s
		       : 0;
}

static int put_lease(struct target *t, const struct gyl_lease *l)
{
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX], val[GYL_DHCPD_VAL_LEN_MAX];
	char name[GYL_DHCPD_NAME_MAX];
	struct gyl_dhcpd_record r = {.giaddr = l->giaddr, .granted_s = granted_s(l)};
	struct gyl_writer w;

	r.state = l->declined   ? GYL_DHCPD_DECLINED
		  : l->released ? GYL_DHCPD_FREE
				: GYL_DHCPD_LEASED;
	r.until_ns = l->end_s == UINT64_MAX ? GYL_TIME_INFINITE : gyl_time_from_s(l->end_s);
	fill_key(&r.key, l);
	r.relay_len = l->option82.len;
	if (r.relay_len != 0)
		memcpy(r.relay, l->option82.p, r.relay_len);
	r.name = gyl_view(name, gyl__dhcpd_name_clean(l->name, name));
	gyl_writer_init(&w, val, sizeof val);
	gyl__dhcpd_record_print(&w, &r);
	return put(t, gyl__dhcpd_record_key(key, l->ip), gyl_writer_view(&w));
}

static int put_all(struct target *t, struct gyl_leases *l)
{
	int status = 0;

	gyl_leases_sort(l);
	for (size_t n = 0; n < l->cnt && status == 0; n++)
		status = put_lease(t, l->sorted[n]);
	if (status == 0) {
		gyl_store_close(t->store, now().wall_ns);
		if (!drain(t))
			status = fail(EX_IOERR, t->dir, "its journal cannot be written");
	}
	return status;
}

int gyl_leases_store(struct gyl_leases *l, const char *dir)
{
	struct target t = {.dir = dir};
	int status = open_target(&t);

	if (status == 0)
		status = put_all(&t, l);
	if (t.loop != NULL)
		gyl_loop_close(t.loop);
	free(t.mem);
	return status;
}
