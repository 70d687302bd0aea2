/* SPDX-License-Identifier: ISC */

/*
 * Secondaries of a server to which anything happens: UPDATEs, leases that come and go, new files, a
 * full store, a store that lags, and kill -9, which takes back what the store did not have yet.
 * Whatever a secondary is told, at any moment: a serial never goes back, always means the same
 * records, and what has changed since the serial that it has makes of its copy what a whole
 * transfer is.
 */

#include "tests/unit/dns/rig.h"

#include <gyl/time.h>

#include "services/dns/bundle.h"
#include "services/dns/core_own.h"

enum {
	SPACE = 3 << 20,
	LIVES = 2,  /* zones that change come first */
	BLOCKS = 4, /* of the loader: three are in use at most */
	ZONES = 4,
	LINES = 128,
	LINE = 128,
	KEPT = 1024,
	SERIALS = 16384
};

#include "tests/unit/dns/lines.h"

static uint64_t course;

static unsigned below(unsigned n)
{
	uint64_t z = course += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ z >> 31) % n);
}

/* ---- the zones and their configuration ---- */

static const char *const apex[ZONES] = {
	"z.test.", "0.10.in-addr.arpa.", "lab.", "1.10.in-addr.arpa."};

/* Lines that a version of a file may have. */
static const char *const choice[ZONES][6] = {
	{"h1 A 192.0.2.11\n", "h2 CNAME ns\n", "sub NS ns.sub\nns.sub A 192.0.2.12\n",
		"* A 192.0.2.13\n", "h3.sub TXT below\n", "d.e.h4 A 192.0.2.14\n"},
	{"1.0 PTR h1.z.test.\n", "0 NS ns.z.test.\n", "* PTR wild.z.test.\n", "2.0 TXT two\n",
		"5.5.0 TXT below\n", ""},
	{"h1 A 192.0.2.21\n", "h2 TXT two\n", "sub NS ns\n", "* A 192.0.2.22\n", "", ""},
	{"1.0 PTR h1.lab.\n", "", "", "", "", ""},
};

struct grants {
	struct block block;
	struct gyl_dns_conf_zone zone[LIVES];
	struct gyl_dns_conf_grant grant;
	uint8_t name[LIVES][GYL_DNS_NAME_MAX + 1], key[4];
};

/* A secondary of a zone. */
struct follower {
	bool has;
	uint32_t serial;
	struct line_set set;
};

struct kept {
	uint8_t key[200], val[2048];
	size_t key_len, val_len;
	bool remove;
	uint64_t seq;
};

struct meaning {
	uint32_t serial;
	uint64_t print;
};

struct scene {
	struct outbox b;
	struct gyl_dns *d;
	void *mem, *bundle[BLOCKS];
	struct grants cf;
	struct gyl_dns_tsig_keys keys;
	uint32_t file_serial[ZONES];
	unsigned lines[ZONES]; /* of choice, a bit each */
	bool nested;           /* sub.z.test. is a zone of its own */
	bool leases;           /* there are some, now and then */
	struct gyl_view data;
	struct kept kept[KEPT], due[KEPT]; /* what is durable, what will be */
	size_t kept_cnt, due_cnt;
	uint64_t seq;
	struct follower follower[ZONES];
	struct meaning meaning[ZONES][SERIALS];
	size_t meaning_cnt[ZONES];
	struct {
		unsigned name, domain;
		bool there;
	} lease[8];
	unsigned ixfr_cnt, axfr_cnt;
	unsigned epoch; /* of files and starts */
};

static struct gyl_ref at(size_t off, uint32_t cnt)
{
	return (struct gyl_ref){(uint32_t)off, cnt};
}

static void make_conf(struct grants *c)
{
	make_block(&c->block, "", 60 * GYL_NS_PER_S);
	memcpy(c->key, "\001k", 3);
	c->block.conf.zones = at(offsetof(struct grants, zone), LIVES);
	c->block.conf.zone_space = SPACE;
	c->grant.key = at(offsetof(struct grants, key), 3);
	for (unsigned i = 0; i < LIVES; i++) {
		size_t off = offsetof(struct grants, name) + i * sizeof c->name[0];

		c->zone[i].name = at(off, (uint32_t)name_of(apex[i], c->name[i]));
		c->zone[i].update = at(offsetof(struct grants, grant), 1);
	}
}

static void file_text(const struct scene *s, unsigned zone, char text[600])
{
	size_t len = (size_t)snprintf(text, 600,
		"$TTL 60\n@ SOA ns.z.test. root %u 2 3 4 5\n@ NS ns.z.test.\n%s",
		s->file_serial[zone], zone == 0 ? "ns A 192.0.2.1\n" : "");

	for (unsigned i = 0; i < 6; i++)
		if (s->lines[zone] >> i & 1)
			len += (size_t)snprintf(text + len, 600 - len, "%s", choice[zone][i]);
}

static void put_part(uint8_t *to, size_t *len, struct gyl_dns_part_entry *e, enum gyl_dns_part kind,
	struct gyl_view part)
{
	*e = (struct gyl_dns_part_entry){kind, (uint32_t)*len, (uint32_t)part.len, 0};
	memcpy(to + *len, part.p, part.len);
	*len += (part.len + 7) & ~(size_t)7;
}

static uint8_t *free_block(struct scene *s)
{
	unsigned i = 0;

	while (s->d != NULL && s->bundle[i] != NULL && gyl_dns_uses(s->d, s->bundle[i]))
		assert_in_range(++i, 1, BLOCKS - 1);
	free(s->bundle[i]);
	s->bundle[i] = aligned_alloc(8, 1 << 17);
	assert_non_null(s->bundle[i]);
	return s->bundle[i];
}

/* What the loader makes of the files as they are now. */
static void load(struct scene *s)
{
	char text[ZONES + 1][600];
	struct zone_text fixed[3] = {{apex[2], text[2]}, {apex[3], text[3]},
		{"sub.z.test.", "@ 60 SOA ns root 1 2 3 4 5\n@ 60 NS ns\n"}};
	struct gyl_dns_part_entry e[LIVES + 2];
	struct gyl_dns_bundle_end end = {LIVES + 2, GYL_DNS_BUNDLE_MAGIC};
	uint8_t part[100], *to;
	struct gyl_writer w;
	size_t len = 0;

	s->epoch++;
	to = free_block(s);
	memset(to, 0, 1 << 17);
	for (unsigned i = 0; i < ZONES; i++)
		file_text(s, i, text[i]);
	for (unsigned i = 0; i < LIVES + 1; i++) {
		struct zone_text one = {apex[i], text[i]};
		struct gyl_view image = i < LIVES ? image_of(&one, 1, NULL, 0)
						  : image_of(fixed, 2 + s->nested, NULL, 0);

		put_part(
			to, &len, &e[i], i < LIVES ? GYL_DNS_PART_ZONE : GYL_DNS_PART_IMAGE, image);
		gyl_build_unmap(image);
	}
	gyl_writer_init(&w, part, sizeof part);
	gyl_dns_tsig_put_key(&w, (const uint8_t *)"\001k", GYL_DNS_TSIG_SHA256,
		gyl_view_str("something secret"));
	put_part(to, &len, &e[LIVES + 1], GYL_DNS_PART_KEYS, gyl_writer_view(&w));
	memcpy(to + len, e, sizeof e);
	memcpy(to + len + sizeof e, &end, sizeof end);
	s->data = gyl_view(to, len + sizeof e + sizeof end);
	assert_true(gyl_dns_tsig_load(&s->keys, gyl_writer_view(&w), 0));
}

static void begin_core(struct scene *s)
{
	struct gyl_dns_init init = {.flat = &s->cf.block.flat,
		.cf = &s->cf.block.conf,
		.seed = {1, 2},
		.data = s->data};
	struct gyl_view image;

	assert_true(gyl_dns_bundle_find(s->data, GYL_DNS_PART_IMAGE, 0, &image));
	init.image = gyl_dns_image_open(image);
	assert_non_null(init.image);
	s->epoch++;
	free(s->mem);
	s->mem = aligned_alloc(16, (gyl_dns_need(init.cf) + 15) & ~(size_t)15);
	assert_non_null(s->mem);
	s->d = gyl_dns_init(s->mem, &init);
	/* files come in many turns, and what they change is much */
	s->d->load.at_once = below(4) == 0 ? 1 << 17 : 0;
	s->d->load.reload.slice = 1 + below(4);
	s->d->load.reload.most = below(6);
}

/* ---- the store ---- */

static bool lies_at(const struct kept *k, const struct kept *top)
{
	return k->key_len >= top->key_len && memcmp(k->key, top->key, top->key_len) == 0 &&
	       (k->key_len == top->key_len || k->key[top->key_len] == '/');
}

static void keep(struct scene *s, const struct kept *r)
{
	for (size_t i = s->kept_cnt; i-- != 0;)
		if (lies_at(&s->kept[i], r))
			s->kept[i] = s->kept[--s->kept_cnt];
	if (r->remove)
		return;
	assert_in_range(s->kept_cnt, 0, KEPT - 1);
	s->kept[s->kept_cnt++] = *r;
}

/* All that was stored is durable, up to a moment. */
static void flush(struct scene *s, uint64_t seq)
{
	size_t done = 0;

	while (done < s->due_cnt && s->due[done].seq <= seq)
		keep(s, &s->due[done++]);
	s->due_cnt -= done;
	memmove(s->due, s->due + done, s->due_cnt * sizeof s->due[0]);
	s->b.out.durable = seq;
}

static void gather(struct scene *s)
{
	for (unsigned i = 0; i < s->b.record_cnt; i++) {
		const struct outbox_record *r = &s->b.record[i];
		struct kept *k = &s->due[s->due_cnt++];

		assert_in_range(s->due_cnt, 1, KEPT - 1);
		k->seq = r->seq;
		k->remove = r->remove;
		k->key_len = r->key_len;
		k->val_len = r->val_len;
		memcpy(k->key, r->key, r->key_len);
		memcpy(k->val, r->val, r->val_len);
	}
	s->b.record_cnt = 0;
}

/* ---- what secondaries get ---- */

static bool begin_walk(struct scene *s, unsigned zone, struct gyl_dns_walk *w)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	size_t len = name_of(apex[zone], name);

	assert_true(gyl_dns_walk_begin(&s->d->data, &s->d->policy, name, len, w));
	return gyl_dns_walk_stands(w);
}

/* So many records; false: there are no more, or (*ret_gone) they cannot be told any more. */
static bool walk_on(struct gyl_dns_walk *w, struct line_set *set, unsigned cnt, bool *ret_gone)
{
	struct gyl_dns_walked rr;
	enum gyl_dns_next got;
	char line[LINE];

	for (*ret_gone = false; cnt != 0; cnt--) {
		got = gyl_dns_walk_next(w, &rr);
		*ret_gone = got == GYL_DNS_GONE;
		if (got != GYL_DNS_NEXT)
			return false;
		line_of(line, rr.name, rr.type, rr.ttl, rr.rdata);
		add_line(set, line);
	}
	return true;
}

/* The changes since the secondary's serial, up to the one that is told. */
static bool catch_up(struct scene *s, struct follower *f, const struct gyl_dns_walk *w)
{
	const struct gyl_dns_ledger *l = &s->d->ledger;
	struct gyl_dns_changes cur;
	struct gyl_dns_change ch;
	char line[LINE];

	if (w->book == NULL || !gyl_dns_changes_begin(l, w->book, f->serial, &cur))
		return false;
	while (cur.from != w->serial) {
		enum gyl_dns_next got = gyl_dns_changes_next(l, w->book, &cur, &ch);

		assert_int_not_equal(got, GYL_DNS_GONE);
		if (got == GYL_DNS_END || ch.from == w->serial)
			return true;
		line_of(line, ch.name, ch.type, ch.ttl, ch.rdata);
		if (ch.added)
			add_line(&f->set, line);
		else
			remove_line(&f->set, line);
	}
	return true;
}

/* A serial means the same for ever. */
static void check_meaning(struct scene *s, unsigned zone, uint32_t serial, struct line_set *set)
{
	uint64_t print = 0xcbf29ce484222325u;
	size_t i = 0;

	sort_lines(set);
	for (size_t k = 0; k < set->cnt; k++)
		for (const char *p = set->line[k]; *p != '\0'; p++)
			print = (print ^ (uint8_t)*p) * 0x100000001b3u;
	while (i < s->meaning_cnt[zone] && s->meaning[zone][i].serial != serial)
		i++;
	if (i == s->meaning_cnt[zone]) {
		assert_in_range(i, 0, SERIALS - 1);
		s->meaning[zone][s->meaning_cnt[zone]++] = (struct meaning){serial, print};
	}
	if (s->meaning[zone][i].print != print)
		fail_msg("%s: serial %u came again with other records", apex[zone], serial);
}

static void follow(struct scene *s, unsigned zone)
{
	static struct line_set all;
	struct follower *f = &s->follower[zone];
	struct gyl_dns_walk w;
	bool gone;

	if (!begin_walk(s, zone, &w))
		return;
	all.cnt = 0;
	assert_false(walk_on(&w, &all, UINT32_MAX, &gone));
	assert_false(gone);
	check_meaning(s, zone, w.serial, &all);
	if (f->has && gyl_dns_serial_after(f->serial, w.serial))
		fail_msg("%s: from serial %u back to %u", apex[zone], f->serial, w.serial);
	if (f->has && f->serial != w.serial && catch_up(s, f, &w)) {
		same_lines(&all, &f->set, apex[zone]);
		s->ixfr_cnt++;
	} else if (!f->has || f->serial != w.serial) {
		s->axfr_cnt++;
	}
	f->set = all;
	f->has = true;
	f->serial = w.serial;
}

/* ---- what happens ---- */

static const struct gyl_peer peer = {.ip = 0x7f000001, .port = 5353};

static void put_change(struct gyl_writer *w, const char *name, uint16_t type, uint16_t rrclass,
	struct gyl_view rdata)
{
	uint8_t owner[GYL_DNS_NAME_MAX];
	size_t len = name_of(name, owner);

	gyl_put_bytes(w, owner, len);
	gyl_put_u16(w, type);
	gyl_put_u16(w, rrclass);
	gyl_put_u32(w, rrclass == GYL_DNS_CLASS_IN ? 60 : 0);
	gyl_put_u16(w, (uint16_t)rdata.len);
	gyl_put_view(w, rdata);
}

/* A change that may hide names of leases or uncover them. */
static void put_some_change(struct gyl_writer *w, unsigned zone)
{
	static const char *const names[LIVES][9] = {
		{"h1.z.test.", "h2.z.test.", "h3.z.test.", "sub.z.test.", "h1.sub.z.test.",
			"h2.sub.z.test.", "*.z.test.", "x.h1.z.test.", "z.test."},
		{"1.0.0.10.in-addr.arpa.", "2.0.0.10.in-addr.arpa.", "3.0.0.10.in-addr.arpa.",
			"0.0.10.in-addr.arpa.", "1.1.0.10.in-addr.arpa.", "*.0.10.in-addr.arpa.",
			"x.1.0.0.10.in-addr.arpa.", "1.0.10.in-addr.arpa.", "0.10.in-addr.arpa."}};
	static const uint16_t types[] = {GYL_DNS_TYPE_A, GYL_DNS_TYPE_A, GYL_DNS_TYPE_TXT,
		GYL_DNS_TYPE_CNAME, GYL_DNS_TYPE_NS, GYL_DNS_TYPE_DNAME, GYL_DNS_TYPE_PTR};
	static const uint8_t text[] = "\003new", addr[] = {10, 0, 0, 1};
	uint16_t type = types[below(7)];
	const char *name = names[zone][below(9)];
	struct gyl_view rdata = gyl_view((const uint8_t *)"\002ns\001z\004test", 11);

	if (type == GYL_DNS_TYPE_A)
		rdata = gyl_view(addr, 4);
	else if (type == GYL_DNS_TYPE_TXT)
		rdata = gyl_view(text, 4);
	switch (below(4)) {
	case 0:
		put_change(w, name, GYL_DNS_TYPE_ANY, GYL_DNS_CLASS_ANY, gyl_view(NULL, 0));
		return;
	case 1:
		put_change(w, name, type, GYL_DNS_CLASS_NONE, rdata);
		return;
	default:
		put_change(w, name, type, GYL_DNS_CLASS_IN, rdata);
		return;
	}
}

static void happens_update(struct scene *s)
{
	static uint8_t buf[1200];
	unsigned zone = below(LIVES), cnt = 1 + below(3);
	uint8_t name[GYL_DNS_NAME_MAX];
	struct gyl_dns_sign sign;
	struct gyl_dns_writer d;
	struct gyl_writer w;
	size_t len = 0;

	name_of(apex[zone], name);
	gyl_dns_begin(&d, buf, sizeof buf, 77, gyl_dns_opcode_bits(GYL_DNS_OP_UPDATE), 0);
	gyl_dns_put_question(&d, name, GYL_DNS_TYPE_SOA, GYL_DNS_CLASS_IN);
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	gyl_writer_init(&w, buf, sizeof buf);
	w.len = len;
	for (unsigned i = 0; i < cnt; i++)
		put_some_change(&w, zone);
	gyl_set_u16(buf + 8, (uint16_t)cnt);
	gyl_dns_tsig_request(&sign, &s->keys.key[0], s->b.now.wall_ns, &w);
	s->b.store_full = below(16) == 0;
	outbox_dgram(&s->b, &gyl_dns_core, s->d, GYL_DNS_UDP, &peer, buf, w.len);
	s->b.store_full = false;
	assert_int_equal(s->b.out.send_cnt, 1);
}

static void tell(struct scene *s, const struct gyl_event *e)
{
	struct gyl_in in = {.kind = GYL_IN_EVENT, .event = e};

	assert_int_equal(outbox_input(&s->b, &gyl_dns_core, s->d, &in, 1), 1);
}

static void tell_lease(struct scene *s, unsigned i)
{
	static const char *const domains[] = {"z.test", "sub.z.test", "lab", "elsewhere"};
	uint8_t mac[6] = {2, 0, 0, 0, 0, (uint8_t)s->lease[i].name};
	char name[8];
	struct gyl_event e;

	(void)snprintf(name, sizeof name, "h%u", s->lease[i].name);
	gyl_event_init(&e, GYL_EV_DHCPD_LEASE);
	gyl_event_ip(&e, "ip", 0x0a000001 + (i & 3) + (i >= 4 ? 1u << 16 : 0));
	gyl_event_mac(&e, "mac", mac);
	gyl_event_str(&e, "name", gyl_view_str(name));
	gyl_event_str(&e, "domain", gyl_view_str(domains[s->lease[i].domain]));
	gyl_event_str(&e, "state", gyl_view_str(s->lease[i].there ? "leased" : "released"));
	gyl_event_u64(&e, "expiry", s->b.now.wall_ns + 36000 * GYL_NS_PER_S);
	tell(s, &e);
}

static void happens_lease(struct scene *s)
{
	unsigned i = below(8);

	s->lease[i].there = !s->lease[i].there || below(2) == 0;
	s->lease[i].name = 1 + below(3);
	s->lease[i].domain = below(4);
	tell_lease(s, i);
}

/* A later file, or one with the serial of before: of zones that change, which move theirs. */
static void new_files(struct scene *s)
{
	for (unsigned i = 0; i < ZONES; i++) {
		if (below(2) == 0)
			continue;
		s->lines[i] = below(64) & (below(2) == 0 ? 0x33u : 0x3fu);
		/* data below a cut, or beside a name that is an alias, is no zone */
		if (i == 0 && s->lines[i] & 4)
			s->lines[i] &= ~16u;
		if (i == 1 && s->lines[i] & 2)
			s->lines[i] &= ~(1u | 8u | 16u);
		if (i >= LIVES || below(3) == 0) {
			uint32_t later = s->follower[i].serial + 1 + below(3);

			s->file_serial[i] =
				later > s->file_serial[i] ? later : s->file_serial[i] + 1;
		}
	}
	if (below(4) == 0)
		s->nested = !s->nested;
	load(s);
}

static void happens_reload(struct scene *s)
{
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str("dns")};

	new_files(s);
	in.data = s->data;
	assert_int_equal(outbox_input(&s->b, &gyl_dns_core, s->d, &in, 1), 1);
}

static void restore(struct scene *s)
{
	for (size_t i = 0; i < s->kept_cnt; i++) {
		const struct kept *k = &s->kept[i];
		struct gyl_in in = {.kind = GYL_IN_RECORD,
			.key = gyl_view(k->key, k->key_len),
			.data = gyl_view(k->val, k->val_len)};

		assert_int_equal(outbox_input(&s->b, &gyl_dns_core, s->d, &in, 1), 1);
	}
}

static void tell_edge(struct scene *s, enum gyl_event_kind kind)
{
	struct gyl_event e;

	gyl_event_init(&e, kind);
	gyl_event_str(&e, "source", gyl_view_str("dhcpd"));
	tell(s, &e);
}

/* kill -9, and a start; maybe there are new files meanwhile. What dhcpd knows it tells again. */
static void happens_crash(struct scene *s)
{
	s->due_cnt = 0;
	if (below(3) == 0)
		new_files(s);
	begin_core(s);
	restore(s);
	outbox_tick(&s->b, &gyl_dns_core, s->d);
	gather(s);
	tell_edge(s, GYL_EV_BASE_BEGIN);
	for (unsigned i = 0; i < 8; i++)
		if (s->lease[i].there)
			tell_lease(s, i);
	tell_edge(s, GYL_EV_BASE_END);
}

static void happens_time(struct scene *s)
{
	outbox_advance(&s->b, &gyl_dns_core, s->d, (1 + below(15)) * 100 * GYL_NS_PER_MS);
}

static void something_happens(struct scene *s)
{
	bool loads = gyl__dns_load_busy(s->d);

	switch (below(20)) {
	default:
		happens_update(s);
		break;
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
		if (s->leases)
			happens_lease(s);
		break;
	case 5:
	case 6:
	case 7:
		happens_time(s);
		break;
	case 8:
		happens_reload(s);
		break;
	case 9:
		if (below(2) == 0)
			happens_crash(s);
		break;
	}
	outbox_tick(&s->b, &gyl_dns_core, s->d);
	s->epoch += loads;
	gather(s);
	if (below(3) != 0)
		flush(s, s->b.seq - (below(3) == 0 && s->b.seq > s->b.out.durable));
}

/* A transfer that takes its time: it tells its serial, or it is gone. */
static void slow_transfer(struct scene *s, unsigned zone)
{
	static struct line_set set;
	struct gyl_dns_walk w;
	bool gone;

	if (!begin_walk(s, zone, &w))
		return;
	set.cnt = 0;
	while (walk_on(&w, &set, below(4), &gone)) {
		unsigned epoch = s->epoch;

		something_happens(s);
		/* then the core breaks transfers off itself */
		if (s->epoch != epoch)
			return;
	}
	if (!gone)
		check_meaning(s, zone, w.serial, &set);
}

static void play(uint64_t seed, unsigned steps)
{
	struct scene *s = calloc(1, sizeof *s);

	assert_non_null(s);
	course = seed;
	outbox_open(&s->b);
	s->b.out.durable = 0;
	make_conf(&s->cf);
	s->leases = seed % 2 == 0;
	for (unsigned i = 0; i < ZONES; i++)
		s->file_serial[i] = 10;
	load(s);
	begin_core(s);
	outbox_tick(&s->b, &gyl_dns_core, s->d);
	for (unsigned n = 0; n < steps; n++) {
		something_happens(s);
		for (unsigned i = 0; i < ZONES; i++)
			if (below(3) == 0)
				follow(s, i);
		if (below(8) == 0)
			slow_transfer(s, below(ZONES));
	}
	/* it was no test of whole transfers only */
	assert_in_range(s->ixfr_cnt, s->axfr_cnt / 4, UINT32_MAX);
	outbox_close(&s->b);
	free(s->mem);
	for (unsigned i = 0; i < BLOCKS; i++)
		free(s->bundle[i]);
	free(s);
}

static void whatever_happens_secondaries_follow(void **state)
{
	const char *seed = getenv("GYL_SEED");

	(void)state;
	if (seed != NULL)
		play(strtoull(seed, NULL, 0), 1500);
	for (uint64_t i = 0; seed == NULL && i < 6; i++)
		play(i, 1500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_happens_secondaries_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
