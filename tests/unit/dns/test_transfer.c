/* SPDX-License-Identifier: ISC */

/*
 * Zones to others: all of what a secondary gets, put together again, is the zone; what has changed,
 * applied to what it had, too. Then streams of the core that carry them.
 */

#include "tests/unit/dns/rig.h"

#include "services/dns/core_own.h"
#include "services/dns/transfer.h"

enum {
	RR_MAX = 20000,
	SPACE = 4 << 20
};

/* A record as a number. */
struct secondary {
	uint64_t rr[RR_MAX];
	uint32_t rr_cnt, soa_cnt, message_cnt, serial;
	bool removing;
};

static uint64_t fnv(uint64_t h, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	return h;
}

static uint64_t number_of(struct gyl_view raw, const struct gyl_dns_rr *rr)
{
	static uint8_t buf[70000];
	uint8_t name[GYL_DNS_NAME_MAX], head[6];
	uint64_t h = 0xcbf29ce484222325u;
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_dns_rdata_expand(&w, raw, rr);
	gyl_set_u16(head, rr->type);
	gyl_set_u32(head + 2, rr->ttl);
	h = fnv(h, name, gyl_dns_name_get(raw, rr->name_off, name));
	return fnv(fnv(h, head, sizeof head), w.p, w.len);
}

static uint32_t find_rr(const struct secondary *s, uint64_t rr)
{
	uint32_t i = 0;

	while (i < s->rr_cnt && s->rr[i] != rr)
		i++;
	return i;
}

/* RFC 5936 2.2: all is between two equal SOAs. RFC 1995 4: a SOA begins what goes, the next what
 * comes. */
static void take_rr(
	struct secondary *s, struct gyl_view raw, const struct gyl_dns_rr *rr, bool ixfr)
{
	uint64_t number = number_of(raw, rr);
	uint32_t at = find_rr(s, number);

	if (rr->type == GYL_DNS_TYPE_SOA) {
		struct gyl_dns_soa soa;

		assert_true(gyl_dns_rdata_soa(raw, rr, &soa));
		s->serial = soa.serial;
		s->removing = s->soa_cnt++ % 2 != 0;
	} else if (ixfr && s->removing) {
		assert_in_range(at, 0, s->rr_cnt - 1);
		s->rr[at] = s->rr[--s->rr_cnt];
	} else {
		assert_int_equal(at, s->rr_cnt); /* never twice */
		assert_in_range(s->rr_cnt, 0, RR_MAX - 1);
		s->rr[s->rr_cnt++] = number;
	}
}

static void take_message(struct secondary *s, struct gyl_view msg, bool ixfr)
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;
	struct gyl_dns_msg m;

	assert_int_equal(gyl_dns_decode(msg, &m).err, GYL_OK);
	assert_int_equal(m.header.id, 4711);
	/* RFC 5936 2.2.1: AA is set, TC is not */
	assert_int_equal(m.header.flags, GYL_DNS_QR | GYL_DNS_AA | GYL_DNS_RD);
	assert_int_equal(m.header.cnt[GYL_DNS_QUESTION], s->message_cnt == 0);
	assert_int_equal(m.header.cnt[GYL_DNS_AUTHORITY], 0);
	gyl_dns_rr_init(&cur, &m, GYL_DNS_ANSWER);
	while (gyl_dns_rr_next(&cur, &rr) && rr.section == GYL_DNS_ANSWER)
		take_rr(s, m.raw, &rr, ixfr);
	s->message_cnt++;
}

static void secondary_begin(struct secondary *s)
{
	s->soa_cnt = s->message_cnt = 0;
	s->removing = false;
}

/* serial: of the SOA that the client has, of an IXFR. */
static size_t transfer_query(struct world *w, const char *zone, const char *type, uint32_t serial)
{
	uint8_t soa[22] = {0}, name[GYL_DNS_NAME_MAX];
	size_t len = make_query(w, zone, type), name_len;

	if (strcmp(type, "IXFR") != 0)
		return len;
	/* RFC 1995 3: the SOA stands in the authority section, the OPT behind it */
	assert_int_equal(w->udp_size, 0);
	name_len = name_of(zone, name);
	gyl_set_u16(w->query + 8, 1);
	memcpy(w->query + len, name, name_len);
	len += name_len;
	gyl_set_u16(w->query + len, GYL_DNS_TYPE_SOA);
	gyl_set_u16(w->query + len + 2, GYL_DNS_CLASS_IN);
	gyl_set_u32(w->query + len + 4, 0);
	gyl_set_u16(w->query + len + 8, sizeof soa);
	gyl_set_u32(soa + 2, serial);
	memcpy(w->query + len + 10, soa, sizeof soa);
	return len + 10 + sizeof soa;
}

static bool begin(struct gyl_dns_transfer *t, struct world *w, const char *zone, const char *type,
	uint32_t serial)
{
	struct gyl_view msg = gyl_view(w->query, transfer_query(w, zone, type, serial));
	struct gyl_dns_query q;

	assert_int_equal(gyl_dns_decode_query(msg, &q).err, GYL_OK);
	return gyl_dns_transfer_begin(t, &w->data, &w->policy, msg, &q, NULL);
}

/* All messages of a transfer. */
static void run(struct gyl_dns_transfer *t, struct secondary *s)
{
	static uint8_t buf[GYL_DNS_MSG_MAX];
	enum gyl_dns_next got = GYL_DNS_NEXT;

	secondary_begin(s);
	while (got == GYL_DNS_NEXT) {
		size_t len = 0;

		/* a stream need not have room for the longest there is */
		got = gyl_dns_transfer_next(t, 0, buf, 2 * GYL_DNS_TRANSFER_MSG, &len);
		if (got == GYL_DNS_NEXT && len == 0)
			got = gyl_dns_transfer_next(t, 0, buf, sizeof buf, &len);
		assert_int_not_equal(got, GYL_DNS_GONE);
		assert_int_not_equal(len, 0);
		take_message(s, gyl_view(buf, len), t->kind == GYL_DNS_TRANSFER_CHANGES);
	}
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void same(struct secondary *a, struct secondary *b)
{
	assert_int_equal(a->rr_cnt, b->rr_cnt);
	assert_int_equal(a->serial, b->serial);
	qsort(a->rr, a->rr_cnt, sizeof a->rr[0], by_number);
	qsort(b->rr, b->rr_cnt, sizeof b->rr[0], by_number);
	assert_memory_equal(a->rr, b->rr, a->rr_cnt * sizeof a->rr[0]);
}

/* Lines of a zone: head, then so many names, an address each. */
static size_t many(char *text, size_t cap, const char *first, const char *line, unsigned cnt)
{
	size_t len = (size_t)snprintf(text, cap, "%s", first);

	for (unsigned i = 1; i <= cnt && len < cap; i++)
		len += (size_t)snprintf(text + len, cap - len, "%s%u %s\n", line, i,
			line[0] == 'm' ? "MX 5 Mail.one." : "A 10.0.0.1");
	assert_in_range(len, 0, cap - 1);
	return len;
}

static const char head[] = "$TTL 300\n@ SOA Ns.One. root 7 60 60 600 60\n@ NS Ns.One.\n";

static void rfc5936_2_2_all_of_the_zone_between_two_soas(void **state)
{
	static char text[200000];
	size_t len;
	struct zone_text zone = {"one.", text};
	struct gyl_dns_transfer t;
	struct secondary *s = calloc(1, sizeof *s);
	struct world *w;

	(void)state;
	len = many(text, sizeof text, head, "m", 200);
	many(text + len, sizeof text - len,
		"* TXT wild\nsub NS ns.sub\nns.sub A 10.0.0.2\nbelow.deep.down AAAA ::1\n"
		"$ORIGIN dept.one.\n",
		"Host", 3000);
	w = world_open(&zone, 1);
	assert_true(begin(&t, w, "ONE.", "AXFR", 0));
	assert_int_equal(t.kind, GYL_DNS_TRANSFER_FULL);
	run(&t, s);
	/* without the SOAs; glue and the names below the wildcard are records like any other */
	assert_int_equal(s->rr_cnt, 1 + 3000 + 200 + 4);
	assert_int_equal(s->soa_cnt, 2);
	assert_int_equal(s->serial, 7);
	assert_in_range(s->message_cnt, 2, 10);
	assert_int_equal(t.rr_cnt, s->rr_cnt + 2);
	assert_false(begin(&t, w, "host1.dept.one.", "AXFR", 0));
	assert_false(begin(&t, w, "two.", "AXFR", 0));
	world_close(w);
	free(s);
}

/* A record that does not fit behind what is in a message is the first of the next. */
static void long_records_are_told_once(void **state)
{
	char *text = malloc(300000);
	struct zone_text zone = {"one.", text};
	struct gyl_dns_transfer t;
	struct secondary *s = calloc(1, sizeof *s);
	struct world *w;
	size_t len;

	(void)state;
	assert_non_null(text);
	len = many(text, 300000, head, "a", 200);
	for (int n = 0; n < 2; n++) {
		len += (size_t)sprintf(text + len, "b%d TXT", n);
		for (int i = 0; i < 245; i++)
			len += (size_t)sprintf(text + len, " \"%0250d\"", i);
		len += (size_t)sprintf(text + len, "\n");
	}
	sprintf(text + len, "c A 10.0.0.2\n");
	w = world_open(&zone, 1);
	assert_true(begin(&t, w, "one.", "AXFR", 0));
	run(&t, s);
	assert_int_equal(s->rr_cnt, 1 + 200 + 2 + 1);
	assert_int_equal(s->soa_cnt, 2);
	world_close(w);
	free(text);
	free(s);
}

/* ---- a zone that changes ---- */

struct live {
	struct world *w;
	void *mem;
	struct gyl_view image;
	struct gyl_dns_lives all;
	struct gyl_dns_ledger ledger;
	struct gyl_dns_live *z;
	struct gyl_dns_edit edit;
};

static struct live *live_open(void)
{
	const struct zone_text none = {"other.", head};
	static char text[200000];
	struct zone_text zone = {"one.", text};
	struct live *l = calloc(1, sizeof *l);

	assert_non_null(l);
	many(text, sizeof text, head, "h", 2000);
	l->mem = aligned_alloc(16, SPACE);
	assert_non_null(l->mem);
	gyl_dns_lives_init(&l->all, l->mem, SPACE);
	gyl_dns_ledger_init(&l->ledger, l->all.log_mem, l->all.log_cap);
	l->image = image_of(&zone, 1, NULL, 0);
	l->z = gyl_dns_live_add(&l->all, gyl_dns_image_open(l->image));
	assert_non_null(l->z);
	l->w = world_open(&none, 1);
	l->w->data.lives = &l->all;
	l->w->data.ledger = &l->ledger;
	return l;
}

static void live_close(struct live *l)
{
	world_close(l->w);
	gyl_build_unmap(l->image);
	free(l->mem);
	free(l);
}

/* A step of the serial: one name gets the address, or goes. */
static void change(struct live *l, const char *text, uint32_t ip)
{
	uint8_t name[GYL_DNS_NAME_MAX], rdata[4];
	struct gyl_dns_content *c;

	assert_true(gyl_dns_edit_begin(&l->edit, &l->all, &l->ledger, l->z, false));
	name_of(text, name);
	c = gyl_dns_edit_open(&l->edit, name);
	while (c->cnt != 0)
		gyl_dns_content_remove(c, 0);
	if (ip != 0) {
		struct gyl_dns_rec r = {GYL_DNS_TYPE_A, 300, gyl_view(rdata, 4)};

		gyl_set_u32(rdata, ip);
		assert_true(gyl_dns_content_add(c, &r));
	}
	assert_true(gyl_dns_edit_put(&l->edit, name));
	assert_true(gyl_dns_edit_serial(&l->edit, gyl_dns_serial_next(gyl_dns_live_serial(l->z))));
	gyl_dns_edit_end(&l->edit);
}

static void rfc1995_4_changes_make_the_new_zone_of_the_old(void **state)
{
	struct live *l = live_open();
	struct secondary *had = calloc(1, sizeof *had), *has = calloc(1, sizeof *has);
	struct gyl_dns_transfer t;

	(void)state;
	change(l, "first.one.", 1);
	assert_true(begin(&t, l->w, "one.", "AXFR", 0));
	run(&t, had);
	assert_int_equal(had->serial, 8);
	change(l, "h7.one.", 0);
	change(l, "new.one.", 2);
	change(l, "h8.one.", 3);
	change(l, "new.one.", 4);
	assert_true(begin(&t, l->w, "one.", "IXFR", 8));
	assert_int_equal(t.kind, GYL_DNS_TRANSFER_CHANGES);
	run(&t, had);
	assert_int_equal(had->soa_cnt, 2 + 2 * 4);
	assert_int_equal(had->message_cnt, 1);
	assert_true(begin(&t, l->w, "one.", "AXFR", 0));
	run(&t, has);
	same(had, has);
	/* RFC 1995 2: who is up to date, or ahead, gets the SOA; RFC 1995 4: who is of a time that
	 * nobody remembers gets all */
	assert_true(begin(&t, l->w, "one.", "IXFR", 12));
	assert_int_equal(t.kind, GYL_DNS_TRANSFER_SOA);
	run(&t, has);
	assert_int_equal(has->soa_cnt, 1);
	assert_true(begin(&t, l->w, "one.", "IXFR", 13));
	assert_int_equal(t.kind, GYL_DNS_TRANSFER_SOA);
	assert_true(begin(&t, l->w, "one.", "IXFR", 3));
	assert_int_equal(t.kind, GYL_DNS_TRANSFER_FULL);
	live_close(l);
	free(had);
	free(has);
}

/* RFC 5936 2.2, 3.1: one serial, whatever happens between two messages. */
static void what_is_told_is_the_zone_at_one_serial(void **state)
{
	static uint8_t buf[GYL_DNS_MSG_MAX];
	struct live *l = live_open();
	struct secondary *had = calloc(1, sizeof *had), *has = calloc(1, sizeof *has);
	struct gyl_dns_transfer t;
	size_t len = 0;

	(void)state;
	change(l, "h1999.one.", 9);
	assert_true(begin(&t, l->w, "one.", "AXFR", 0));
	run(&t, had);
	for (int ixfr = 0; ixfr < 2; ixfr++) {
		enum gyl_dns_next got = GYL_DNS_NEXT;

		assert_true(begin(&t, l->w, "one.", ixfr ? "IXFR" : "AXFR", 1));
		memset(has, 0, sizeof *has);
		for (unsigned n = 0; got == GYL_DNS_NEXT; n++) {
			char name[32];

			got = gyl_dns_transfer_next(&t, 0, buf, sizeof buf, &len);
			assert_int_not_equal(got, GYL_DNS_GONE);
			take_message(has, gyl_view(buf, len), false);
			snprintf(name, sizeof name, "h%u.one.", 1990 + n);
			change(l, name, n % 2 ? 77 + n : 0);
		}
		assert_in_range(has->message_cnt, 2, 100);
		same(had, has);
		assert_true(begin(&t, l->w, "one.", "AXFR", 0));
		memset(had, 0, sizeof *had);
		run(&t, had);
	}
	/* the changes begun before go on to the serial of the first SOA, and no further */
	len = t.walk.serial;
	change(l, "a.one.", 1);
	assert_true(begin(&t, l->w, "one.", "IXFR", (uint32_t)len));
	assert_int_equal(t.kind, GYL_DNS_TRANSFER_CHANGES);
	change(l, "b.one.", 1);
	run(&t, had);
	assert_int_equal(had->serial, t.walk.serial);
	assert_int_equal(had->soa_cnt, 4);
	live_close(l);
	free(had);
	free(has);
}

/* More changes than are remembered: the transfer ends without its SOA. */
static void what_cannot_be_told_to_its_end_is_gone(void **state)
{
	static uint8_t buf[GYL_DNS_MSG_MAX];
	struct live *l = live_open();
	struct gyl_dns_transfer t;
	size_t len;

	(void)state;
	change(l, "a.one.", 1);
	assert_true(begin(&t, l->w, "one.", "AXFR", 0));
	assert_int_equal(gyl_dns_transfer_next(&t, 0, buf, sizeof buf, &len), GYL_DNS_NEXT);
	for (uint32_t i = 0; i < 20000; i++)
		change(l, "a.one.", i + 2);
	assert_int_equal(gyl_dns_transfer_next(&t, 0, buf, sizeof buf, &len), GYL_DNS_GONE);
	live_close(l);
}

/* RFC 1995 2: by UDP what does not fit is one SOA. */
static void rfc1995_2_datagrams(void **state)
{
	static uint8_t buf[GYL_DNS_MSG_MAX];
	struct live *l = live_open();
	struct secondary *s = calloc(1, sizeof *s);
	struct gyl_dns_transfer t;
	size_t len = 0;

	(void)state;
	change(l, "a.one.", 1);
	change(l, "b.one.", 1);
	assert_true(begin(&t, l->w, "one.", "IXFR", 8));
	assert_int_equal(gyl_dns_transfer_next(&t, 0, buf, 512, &len), GYL_DNS_END);
	take_message(s, gyl_view(buf, len), true);
	assert_int_equal(s->rr_cnt, 1);
	for (uint32_t i = 0; i < 40; i++)
		change(l, "c.one.", 1 + i);
	assert_true(begin(&t, l->w, "one.", "IXFR", 8));
	assert_int_equal(gyl_dns_transfer_next(&t, 0, buf, 512, &len), GYL_DNS_NEXT);
	gyl_dns_transfer_soa(&t, NULL);
	assert_int_equal(gyl_dns_transfer_next(&t, 0, buf, 512, &len), GYL_DNS_END);
	secondary_begin(s);
	take_message(s, gyl_view(buf, len), true);
	assert_int_equal(s->soa_cnt, 1);
	assert_int_equal(s->serial, 49);
	live_close(l);
	free(s);
}

/* RFC 8945 5.3.1: each message covers the one before. */
static void rfc8945_5_3_1_all_messages_are_signed(void **state)
{
	static uint8_t buf[GYL_DNS_MSG_MAX];
	static struct gyl_dns_tsig_keys keys;
	struct live *l = live_open();
	uint8_t part[256];
	struct gyl_writer w;
	struct gyl_dns_transfer t;
	struct gyl_dns_sign client, server;
	struct gyl_dns_query q;
	enum gyl_dns_next got = GYL_DNS_NEXT;
	unsigned cnt = 0;

	(void)state;
	gyl_writer_init(&w, part, sizeof part);
	gyl_dns_tsig_put_key(&w, (const uint8_t *)"\003key", GYL_DNS_TSIG_SHA256,
		gyl_view_str("a secret of some length"));
	assert_true(gyl_dns_tsig_load(&keys, gyl_writer_view(&w), 0));
	gyl_writer_init(&w, l->w->query, sizeof l->w->query);
	w.len = transfer_query(l->w, "one.", "AXFR", 0);
	gyl_dns_tsig_request(&client, &keys.key[0], 0, &w);
	assert_int_equal(gyl_dns_decode_query(gyl_writer_view(&w), &q).err, GYL_OK);
	assert_int_equal(gyl_dns_tsig_verify(&keys, 0, gyl_writer_view(&w), q.tsig_off, &server),
		GYL_DNS_NOERROR);
	assert_true(gyl_dns_transfer_begin(
		&t, &l->w->data, &l->w->policy, gyl_writer_view(&w), &q, &server));
	for (; got == GYL_DNS_NEXT; cnt++) {
		struct gyl_dns_msg m;
		size_t len = 0;

		got = gyl_dns_transfer_next(&t, 0, buf, sizeof buf, &len);
		assert_int_equal(gyl_dns_decode(gyl_view(buf, len), &m).err, GYL_OK);
		assert_int_not_equal(m.tsig_off, 0);
		assert_true(gyl_dns_tsig_check(&client, 0, gyl_view(buf, len), m.tsig_off));
	}
	assert_in_range(cnt, 2, 100);
	live_close(l);
}

/* ---- who may, and streams ---- */

/* A configuration with one zone that may be had from one network. */
struct shared {
	struct block block;
	struct gyl_dns_conf_zone zone;
	struct gyl_ref entry[1];
	uint8_t name[256];
	char text[32];
};

static uint32_t off_in(const struct shared *s, const void *p)
{
	return (uint32_t)((const uint8_t *)p - (const uint8_t *)s);
}

static void share(struct rig *r, struct shared *s, const char *with)
{
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str("conf")};
	struct gyl_dns_conf *cf = &s->block.conf;

	memset(s, 0, sizeof *s);
	make_block(&s->block, "lab.", 60 * GYL_NS_PER_S);
	s->block.flat.len = sizeof *s;
	snprintf(s->text, sizeof s->text, "%s", with);
	s->entry[0] = (struct gyl_ref){off_in(s, s->text), (uint32_t)strlen(with)};
	s->zone.name = (struct gyl_ref){off_in(s, s->name), (uint32_t)name_of("lab.", s->name)};
	s->zone.transfer = (struct gyl_ref){off_in(s, s->entry), with[0] != '\0'};
	cf->zones = (struct gyl_ref){off_in(s, &s->zone), 1};
	s->block.flat.checksum = gyl_flat_checksum(&s->block.flat);
	in.data = gyl_view(s, sizeof *s);
	outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1);
}

static struct gyl_in stream_in(uint8_t kind, uint32_t room)
{
	return (struct gyl_in){.kind = kind,
		.flow = 0x80000001,
		.role = GYL_DNS_TCP,
		.room = room,
		.peer = {.ip = 0x0a4d0009}};
}

static size_t framed(struct rig *r, uint8_t *p, const char *zone, const char *type)
{
	size_t len = transfer_query(r->w, zone, type, 0);

	gyl_set_u16(p, (uint16_t)len);
	memcpy(p + 2, r->w->query, len);
	return len + 2;
}

/* The rcode of the first message that was sent. */
static unsigned first_rcode(const struct rig *r)
{
	return r->b.send[0].p[5] & 15u;
}

static void only_who_may_gets_a_zone(void **state)
{
	static const struct {
		const char *with, *zone, *type;
		unsigned rcode;
	} rows[] = {
		{"", "lab.", "AXFR", GYL_DNS_REFUSED},
		{"10.77.0.0/24", "lab.", "AXFR", GYL_DNS_NOERROR},
		{"10.77.0.9", "LAB.", "AXFR", GYL_DNS_NOERROR},
		{"0.0.0.0/0", "lab.", "IXFR", GYL_DNS_NOERROR},
		{"10.77.0.8", "lab.", "AXFR", GYL_DNS_REFUSED},
		{"10.78.0.0/24", "lab.", "IXFR", GYL_DNS_REFUSED},
		{"some.key", "lab.", "AXFR", GYL_DNS_REFUSED},
		{"0.0.0.0/0", "1.0.10.in-addr.arpa.", "AXFR", GYL_DNS_REFUSED},
		{"0.0.0.0/0", "x.lab.", "AXFR", GYL_DNS_NOTAUTH}, /* RFC 5936 2.2.1 */
	};
	struct rig *r = rig_open("lab.");
	struct gyl_in in = stream_in(GYL_IN_OPENED, 70000);
	static struct shared s;
	uint8_t query[256];

	(void)state;
	outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		share(r, &s, rows[i].with);
		in = stream_in(GYL_IN_BYTES, 70000);
		in.data = gyl_view(query, framed(r, query, rows[i].zone, rows[i].type));
		assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
		assert_int_equal(in.used, in.data.len);
		assert_int_not_equal(r->b.out.send_cnt, 0);
		if (first_rcode(r) != rows[i].rcode)
			fail_msg("row %zu: rcode %u", i, first_rcode(r));
	}
	/* by UDP there is no AXFR (RFC 5936 4.2) */
	assert_string_equal(ask_core(r, "lab.", "AXFR"), "REFUSED");
	rig_close(r);
}

/* The query waits in its stream until the zone has left, and what is behind it, too. */
static void streams_go_on_when_there_is_room(void **state)
{
	static const struct zone_text other = {
		"lab.", "@ 60 SOA . . 1 0 0 0 60\n@ 60 NS ns.other.\n"};
	struct rig *r = rig_open("lab.");
	struct gyl_in in = stream_in(GYL_IN_OPENED, 70000);
	struct world *w = world_open(&other, 1);
	static struct shared s;
	uint8_t query[256];
	size_t len, one;

	(void)state;
	share(r, &s, "0.0.0.0/0");
	outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1);
	one = framed(r, query, "lab.", "AXFR");
	len = one + framed(r, query + one, "fixed.lab.", "A");
	/* less room than a message needs: it comes again when the peer has read */
	in = stream_in(GYL_IN_BYTES, 30000);
	in.data = gyl_view(query, len);
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
	assert_int_equal(in.used, 0);
	assert_false(in.again);
	assert_int_equal(r->b.out.send_cnt, 0);
	in.room = 70000;
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
	assert_int_equal(in.used, len);
	assert_int_equal(r->b.out.send_cnt, 2);
	assert_int_equal(r->d->stat.transfer_cnt[GYL_DNS_TRANSFER_FULL], 1);
	/* another zone in between: the stream is closed */
	in = stream_in(GYL_IN_BYTES, 30000);
	in.data = gyl_view(query, len);
	outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1);
	assert_int_equal(r->d->out_cnt, 1);
	in = (struct gyl_in){.kind = GYL_IN_DATA, .key = gyl_view_str("dns"), .data = w->image};
	outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1);
	in = stream_in(GYL_IN_BYTES, 70000);
	in.data = gyl_view(query, len);
	outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1);
	assert_int_equal(r->b.out.send_cnt, 0);
	assert_int_equal(r->b.out.op_cnt, 1);
	assert_int_equal(r->b.out.op[0].op, GYL_FLOW_CLOSE);
	assert_int_equal(r->d->out_cnt, 0);
	assert_int_equal(r->d->stat.transfer_lost_cnt, 1);
	world_close(w);
	rig_close(r);
}

/* A new file, until it is in the old one's place. */
static void reload(struct rig *r, struct gyl_view image)
{
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str("dns"), .data = image};

	outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1);
	for (unsigned n = 0; gyl__dns_load_busy(r->d); n++) {
		assert_in_range(n, 0, 1000);
		outbox_tick(&r->b, &gyl_dns_core, r->d);
	}
}

/* What the core sends into the stream, message by message. */
static void take_stream(struct rig *r, struct secondary *s)
{
	static uint8_t stream[2 * 65537];
	static size_t len;

	if (s->message_cnt == 0)
		len = 0;
	for (uint32_t i = 0; i < r->b.out.send_cnt; i++) {
		memcpy(stream + len, r->b.send[i].p, r->b.send[i].len);
		len += r->b.send[i].len;
	}
	while (len > 2 && len - 2 >= gyl_get_u16(stream)) {
		size_t one = 2 + (size_t)gyl_get_u16(stream);

		take_message(s, gyl_view(stream + 2, one - 2), false);
		memmove(stream, stream + one, len - one);
		len -= one;
	}
}

/* A new file of another zone, in front of this one and behind it, is nothing to who gets this one.
 */
static void a_reload_breaks_only_what_has_changed(void **state)
{
	static char text[1000000], text2[200000];
	const struct zone_text before[] = {{"lab.", text}, {"z.", text2}};
	const struct zone_text after[] = {{"a.", text2}, {"lab.", text}, {"z.", text2}};
	struct world *w[2];
	struct rig *r = rig_open("lab.");
	struct gyl_in in;
	static struct shared s;
	static struct secondary sec;
	uint8_t query[256];
	unsigned turns = 0;

	(void)state;
	many(text, sizeof text, head, "h", 15000);
	many(text2, sizeof text2, head, "other", 100);
	w[0] = world_open(before, 2);
	w[1] = world_open(after, 3);
	share(r, &s, "0.0.0.0/0");
	reload(r, w[0]->image);
	in = stream_in(GYL_IN_OPENED, 69632);
	outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1);
	in = stream_in(GYL_IN_BYTES, 69632);
	in.data = gyl_view(query, framed(r, query, "lab.", "AXFR"));
	for (; in.used == 0 && turns < 20; turns++) {
		outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1);
		take_stream(r, &sec);
		r->b.now.mono_ns++;
		in.room = 69632;
		reload(r, w[turns % 2 == 0]->image);
	}
	assert_true(turns > 2);
	assert_int_equal(r->d->stat.transfer_cnt[GYL_DNS_TRANSFER_FULL], 1);
	assert_int_equal(sec.soa_cnt, 2);
	assert_int_equal(sec.rr_cnt + 1, gyl_dns_image_zone(w[0]->data.image, 0)->rr_cnt);
	world_close(w[0]);
	world_close(w[1]);
	rig_close(r);
}

/* A stream has its share of a turn, and then asks to be offered again: what it has sent may have
 * left at once, and nothing would wake it. Only what is not sent yet is a backlog. */
static void a_zone_leaves_turn_by_turn(void **state)
{
	static char text[1000000];
	const struct zone_text zone = {"lab.", text};
	struct rig *r = rig_open("lab.");
	struct gyl_in in = stream_in(GYL_IN_OPENED, 69632);
	static struct shared s;
	struct world *w;
	uint8_t query[256];
	unsigned turns = 0;

	(void)state;
	many(text, sizeof text, head, "h", 15000);
	w = world_open(&zone, 1);
	reload(r, w->image);
	share(r, &s, "0.0.0.0/0");
	in = stream_in(GYL_IN_OPENED, 69632);
	outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1);
	in = stream_in(GYL_IN_BYTES, 69632);
	in.data = gyl_view(query, framed(r, query, "lab.", "AXFR"));
	for (; turns < 2; turns++) {
		size_t sent = 0;

		do {
			in.room = 69632;
			outbox_rest(&in);
			assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
			assert_true(in.again);
			for (uint32_t i = 0; i < r->b.out.send_cnt; i++)
				sent += r->b.send[i].len;
		} while (r->b.out.send_cnt != 0);
		assert_in_range(sent, 128 * 1024, 128 * 1024 + 17000);
		r->b.now.mono_ns++;
	}
	in.room = 30000;
	outbox_rest(&in);
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
	assert_int_equal(in.used, 0);
	assert_false(in.again);
	world_close(w);
	rig_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc5936_2_2_all_of_the_zone_between_two_soas),
		cmocka_unit_test(long_records_are_told_once),
		cmocka_unit_test(rfc1995_4_changes_make_the_new_zone_of_the_old),
		cmocka_unit_test(what_is_told_is_the_zone_at_one_serial),
		cmocka_unit_test(what_cannot_be_told_to_its_end_is_gone),
		cmocka_unit_test(rfc1995_2_datagrams),
		cmocka_unit_test(rfc8945_5_3_1_all_messages_are_signed),
		cmocka_unit_test(only_who_may_gets_a_zone),
		cmocka_unit_test(streams_go_on_when_there_is_room),
		cmocka_unit_test(a_reload_breaks_only_what_has_changed),
		cmocka_unit_test(a_zone_leaves_turn_by_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
