/* SPDX-License-Identifier: ISC */

/*
 * UPDATE messages, one after the other, on a zone that changes. Whatever they are: the apex keeps
 * its SOA and a server; what is refused changes nothing; what is done moves the serial, and the
 * store has it: a zone that is read back is the same; no octet of the memory is lost; answers are
 * sound. What has changed since any step makes of a copy what the whole zone is (RFC 1995), names
 * of leases included, which come and go in between.
 *
 * Input: of each message two octets of length and its octets; the lowest bit of its identifier says
 * that the store is full, the upper octet which lease comes or goes before it.
 */

#include <stdlib.h>

#include <gyl/dns_rdata.h>

#include "services/dns/leased.h"
#include "services/dns/live_own.h"
#include "services/dns/update.h"
#include "services/dns/walk.h"
#include "services/dns/zone_store.h"
#include "tests/fuzz/dns_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	SPACE = 3 << 20,
	KEPT = 2048,
	RECORDS = 16384,
	LEASES = 16
};

static const char zone[] = "$TTL 60\n@ SOA a b 1 0 0 0 30\n@ NS ns\n@ MX 1 ns\nns A 192.0.2.1\n"
			   "* CNAME ns\nx.y TXT q\nd DNAME z.\nsub NS ns.sub\nns.sub A 192.0.2.2\n";

/* A configuration in which the key "k." may change all of "z.". */
struct conf {
	struct gyl_flat flat;
	struct gyl_dns_conf cf;
	struct gyl_dns_conf_zone zone;
	struct gyl_dns_conf_grant grant;
	uint8_t name[4], key[4];
};

static void make_conf(struct conf *c)
{
	memset(c, 0, sizeof *c);
	memcpy(c->name, "\001z", 3);
	memcpy(c->key, "\001k", 3);
	c->cf.zones = (struct gyl_ref){offsetof(struct conf, zone), 1};
	c->zone.name = (struct gyl_ref){offsetof(struct conf, name), 3};
	c->zone.update = (struct gyl_ref){offsetof(struct conf, grant), 1};
	c->grant.key = (struct gyl_ref){offsetof(struct conf, key), 3};
}

/* What the store has. */
struct kept {
	uint8_t key[GYL_STORE_KEY_MAX], val[GYL_STORE_VALUE_MAX];
	size_t key_len, val_len;
};

/* A copy of the zone: records as numbers. */
struct copy {
	uint64_t rr[RECORDS];
	size_t cnt;
	uint32_t serial;
};

struct world {
	struct gyl_dns_lives all;
	struct gyl_dns_ledger ledger;
	struct gyl_dns_live *z;
	struct gyl_dns_data data;
	struct kept *kept;
	size_t kept_cnt;
};

static void open_world(struct world *w, void *mem, const struct gyl_dns_image *im)
{
	memset(w, 0, sizeof *w);
	gyl_dns_lives_init(&w->all, mem, SPACE);
	gyl_dns_ledger_init(&w->ledger, w->all.log_mem, w->all.log_cap);
	w->z = gyl_dns_live_add(&w->all, im);
	REQUIRE(w->z != NULL);
}

/* The key is that one, or lies below it. */
static bool is_at(const struct kept *k, struct gyl_view key)
{
	return k->key_len >= key.len && memcmp(k->key, key.p, key.len) == 0 &&
	       (k->key_len == key.len || k->key[key.len] == '/');
}

static void store(struct world *w, const struct gyl_record *r)
{
	struct kept *k;

	for (size_t i = w->kept_cnt; i-- != 0;)
		if (is_at(&w->kept[i], r->key))
			w->kept[i] = w->kept[--w->kept_cnt];
	if (r->remove)
		return;
	REQUIRE(w->kept_cnt < KEPT && r->key.len <= GYL_STORE_KEY_MAX &&
		r->val.len <= GYL_STORE_VALUE_MAX);
	k = &w->kept[w->kept_cnt++];
	memcpy(k->key, r->key.p, r->key.len);
	memcpy(k->val, r->val.p, r->val.len);
	k->key_len = r->key.len;
	k->val_len = r->val.len;
}

static void apex_is_one(const struct world *w)
{
	const struct gyl_dns_node *n = gyl_dns_live_node(w->z, w->z->apex, w->z->apex_len);
	const struct gyl_dns_rrset *soa;

	REQUIRE(n != NULL && gyl_dns_node_rrset(n, GYL_DNS_TYPE_NS) != NULL);
	soa = gyl_dns_node_rrset(n, GYL_DNS_TYPE_SOA);
	REQUIRE(soa != NULL && soa->cnt == 1);
}

static void memory_is_whole(const struct world *w)
{
	const struct gyl_dns_heap *h = &w->all.heap;
	uint32_t nodes = 0, other = 0, free_len = 0;

	for (uint32_t at = 0; at < h->end;) {
		const struct gyl_dns_block *b = (const void *)(h->base + at);

		REQUIRE(b->len >= sizeof *b && b->len <= h->end - at);
		nodes += b->kind == GYL__DNS_BLOCK_NODE;
		other += b->kind > GYL__DNS_BLOCK_NODE;
		free_len += b->kind == 0 ? b->len : 0;
		at += b->len;
	}
	REQUIRE(nodes == w->z->order_cnt && other == 3 && free_len == h->free_len);
}

static void same_zones(const struct world *a, const struct world *b)
{
	static struct gyl_dns_content x, y;
	const struct gyl_dns_node *m = gyl_dns_live_after(a->z, NULL);
	const struct gyl_dns_node *n = gyl_dns_live_after(b->z, NULL);

	for (; m != NULL;
		m = gyl_dns_live_after(a->z, m->name), n = gyl_dns_live_after(b->z, n->name)) {
		REQUIRE(n != NULL && gyl_dns_name_eq(m->name, n->name));
		REQUIRE(gyl_dns_content_read(&x, m) && gyl_dns_content_read(&y, n));
		REQUIRE(gyl_dns_content_same(&x, &y));
	}
	REQUIRE(n == NULL);
}

/* A start anew: the file, and then what the store has, in the other order. */
static void read_back(const struct world *w, const struct gyl_dns_image *im)
{
	static _Alignas(16) uint8_t mem[SPACE];
	static struct world again;

	open_world(&again, mem, im);
	for (size_t i = w->kept_cnt; i-- != 0;)
		REQUIRE(gyl__dns_zone_replay(
			&again.all, gyl_view(w->kept[i].val, w->kept[i].val_len)));
	same_zones(w, &again);
}

static void update(struct world *w, const struct conf *cf, struct gyl_view msg)
{
	static struct gyl_dns_update u;
	static struct gyl__dns_batch batch;
	uint32_t serial = gyl_dns_live_serial(w->z), names = w->z->order_cnt;
	uint16_t rcode;

	u.data = &w->data;
	u.all = &w->all;
	u.ledger = &w->ledger;
	u.flat = &cf->flat;
	u.conf = &cf->cf;
	u.key = cf->key;
	rcode = gyl_dns_update(&u, msg);
	if (rcode == GYL_DNS_NOERROR && gyl_dns_edit_any(&u.edit)) {
		REQUIRE(gyl_dns_serial_after(gyl_dns_live_serial(w->z), serial));
		if ((msg.p[1] & 1) == 0 && gyl__dns_batch_make(&batch, &u.edit)) {
			for (size_t i = 0; i < batch.cnt; i++)
				store(w, &batch.rec[i]);
			REQUIRE(batch.len <= GYL_STORE_BATCH_LEN);
			gyl_dns_edit_end(&u.edit);
			names = w->z->order_cnt;
			serial = gyl_dns_live_serial(w->z);
		} else {
			gyl_dns_edit_undo(&u.edit);
		}
	}
	REQUIRE(gyl_dns_live_serial(w->z) == serial && w->z->order_cnt == names);
	apex_is_one(w);
}

/* --- leases --- */

static void lease(struct world *w, uint8_t which)
{
	static const char *const domain[4] = {"\001z", "\003sub\001z", "\001d\001z", "\001y\001z"};
	struct gyl_dns_overlay *ov = w->data.overlay;
	struct gyl_dns_lease l = {.ip = 0x0a000000u + which % LEASES, .expiry_ns = UINT64_MAX}, old;
	struct gyl_dns_lease *there = gyl_dns_overlay_ip(ov, l.ip);
	uint8_t name[GYL_DNS_NAME_MAX], label[2] = {1, (uint8_t)('v' + (which >> 2 & 3))};
	size_t len;
	int number;

	if (there != NULL) {
		for (int ptr = 0; ptr < 2; ptr++)
			(void)gyl_dns_leased_note(&w->ledger, there, ptr != 0, false);
		gyl_dns_overlay_remove(ov, there);
		return;
	}
	memset(name, 0, sizeof name);
	memcpy(name, domain[which & 3], strlen(domain[which & 3]));
	number = gyl_dns_overlay_domain(ov, name);
	REQUIRE(number >= 0 && !gyl_failed(gyl_dns_name_concat(label, 2, name, l.name, &len)));
	l.domain = (uint8_t)number;
	l.name_len = (uint8_t)len;
	l.mac[0] = which;
	if (gyl_dns_overlay_set(ov, &l, &old) != GYL_DNS_LEASE_NEW)
		return;
	for (int ptr = 0; ptr < 2; ptr++)
		(void)gyl_dns_leased_note(&w->ledger, gyl_dns_overlay_ip(ov, l.ip), ptr != 0, true);
}

/* What came and went is a step of its own, unless an UPDATE has taken it along. */
static void step(struct world *w)
{
	static struct gyl_dns_edit e;
	static struct gyl__dns_batch batch;
	const struct gyl_dns_book *b = gyl_dns_book_find(&w->ledger, w->z->apex, w->z->apex_len);

	if (b == NULL || !b->open)
		return;
	REQUIRE(gyl_dns_edit_begin(&e, &w->all, &w->ledger, w->z, false));
	if (!gyl_dns_edit_serial(&e, gyl_dns_serial_next(b->serial)) ||
		!gyl__dns_batch_make(&batch, &e)) {
		gyl_dns_edit_undo(&e);
		return;
	}
	for (size_t i = 0; i < batch.cnt; i++)
		store(w, &batch.rec[i]);
	gyl_dns_edit_end(&e);
}

/* --- copies --- */

static uint64_t number_of(const uint8_t *name, uint16_t type, uint32_t ttl, struct gyl_view rdata)
{
	struct gyl_dns_rr rr = gyl_dns_rr_alone(type, GYL_DNS_CLASS_IN, rdata);
	uint64_t h = 0xcbf29ce484222325u ^ type ^ (uint64_t)ttl << 16;
	static uint8_t buf[65536];
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_dns_rdata_canonical(&w, rdata, &rr);
	for (size_t i = 0; i < gyl_dns_name_len(name); i++)
		h = (h ^ name[i]) * 0x100000001b3u;
	for (size_t i = 0; i < w.len; i++)
		h = (h ^ buf[i]) * 0x100000001b3u;
	return h;
}

static size_t find_rr(const struct copy *c, uint64_t rr)
{
	size_t i = 0;

	while (i < c->cnt && c->rr[i] != rr)
		i++;
	return i;
}

static void put_rr(struct copy *c, uint64_t rr)
{
	REQUIRE(find_rr(c, rr) == c->cnt && c->cnt < RECORDS);
	c->rr[c->cnt++] = rr;
}

static void take_all(struct world *w, struct copy *c)
{
	static const struct gyl_dns_policy policy = {.lease_ttl_s = 60, .udp_size = 1232};
	static struct gyl_dns_walk walk;
	struct gyl_dns_walked rr;

	c->cnt = 0;
	REQUIRE(gyl_dns_walk_begin(&w->data, &policy, w->z->apex, w->z->apex_len, &walk));
	while (gyl_dns_walk_next(&walk, &rr) == GYL_DNS_NEXT)
		put_rr(c, number_of(rr.name, rr.type, rr.ttl, rr.rdata));
	c->serial = walk.serial;
}

/* The changes since its serial; false: they are not known any more. */
static bool catch_up(const struct world *w, struct copy *c)
{
	const struct gyl_dns_book *b = gyl_dns_book_find(
		(struct gyl_dns_ledger *)(uintptr_t)&w->ledger, w->z->apex, w->z->apex_len);
	struct gyl_dns_changes cur;
	struct gyl_dns_change ch;

	if (b == NULL || !gyl_dns_changes_begin(&w->ledger, b, c->serial, &cur))
		return false;
	while (gyl_dns_changes_next(&w->ledger, b, &cur, &ch) == GYL_DNS_NEXT) {
		uint64_t rr = number_of(ch.name, ch.type, ch.ttl, ch.rdata);
		size_t at = find_rr(c, rr);

		if (ch.added) {
			put_rr(c, rr);
			continue;
		}
		REQUIRE(at != c->cnt);
		c->rr[at] = c->rr[--c->cnt];
	}
	return true;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void follow(struct world *w, struct copy *had)
{
	static struct copy all;

	step(w);
	take_all(w, &all);
	if (had->serial != all.serial ? catch_up(w, had) : had->cnt != 0) {
		qsort(had->rr, had->cnt, sizeof had->rr[0], by_number);
		qsort(all.rr, all.cnt, sizeof all.rr[0], by_number);
		REQUIRE(had->cnt == all.cnt &&
			memcmp(had->rr, all.rr, all.cnt * sizeof all.rr[0]) == 0);
	}
	*had = all;
}

static void ask(struct world *w, struct gyl_view msg)
{
	static uint8_t out[65536];
	static const struct gyl_dns_policy policy = {.lease_ttl_s = 60, .udp_size = 1232};
	static const struct gyl_dns_from from = {.ip = 0x0a000001};
	struct gyl_now now = {1000, 1000};
	struct gyl_dns_verdict v;
	struct gyl_dns_msg m;
	size_t len = gyl_dns_answer(&w->data, &policy, now, &from, msg, out, 1472, &v);

	if (len != 0)
		REQUIRE(gyl_dns_decode(gyl_view(out, len), &m).err == GYL_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(16) uint8_t mem[SPACE];
	static const struct gyl_dns_image *im;
	static _Alignas(16) uint8_t lease_mem[LEASES * 1024];
	static const uint64_t seed[2] = {1, 2};
	static struct gyl_dns_overlay ov;
	static struct kept kept[KEPT];
	static struct copy copy;
	static struct world w;
	static struct conf cf;
	struct gyl_view rest = gyl_view(data, size);

	if (im == NULL) {
		im = gyl_dns_image_open(zone_image(gyl_view_str(zone)));
		make_conf(&cf);
		REQUIRE(im != NULL);
	}
	open_world(&w, mem, im);
	w.kept = kept;
	REQUIRE(gyl_dns_overlay_need(LEASES) <= sizeof lease_mem);
	gyl_dns_overlay_init(&ov, lease_mem, LEASES, seed);
	w.data.overlay = &ov;
	w.data.lives = &w.all;
	w.data.ledger = &w.ledger;
	w.ledger.data = &w.data;
	w.ledger.lease_ttl_s = 60;
	take_all(&w, &copy);
	while (rest.len > 2 + GYL_DNS_HEADER_LEN) {
		struct gyl_view msg = gyl_view_sub(rest, 2, gyl_get_u16(rest.p));

		if (msg.len < GYL_DNS_HEADER_LEN)
			break;
		lease(&w, msg.p[0]);
		update(&w, &cf, msg);
		ask(&w, msg);
		follow(&w, &copy);
		rest = gyl_view_sub(rest, 2 + msg.len, rest.len);
	}
	memory_is_whole(&w);
	read_back(&w, im);
	return 0;
}
