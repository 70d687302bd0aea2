/* SPDX-License-Identifier: ISC */
/*
 * IPv4 reassembly alone, under a clock of the test. Names carry the numbers of
 * libnet/docs/stack.md.
 */
#include "tests/support/support.h"

#include <stdlib.h>

#include "libnet/src/ident.h"
#include "libnet/src/reass_pool.h"
#include "tests/support/reass_model.h"

#define SRC 0x0a000005u
#define DST 0x0a000001u

struct world {
	struct gyl__reass *r;
	struct gyl__reass_conf cf;
	uint64_t now_ns;
	struct gyl__reass_from from;
	struct gyl_ipv4 ip; /* what the next piece has besides its place */
	struct gyl__reass_whole whole;
	uint8_t payload[65536];
};

static void world_open_conf(struct world *w, struct gyl__reass_conf cf)
{
	memset(w, 0, sizeof(*w));
	w->cf = cf;
	w->now_ns = 5 * GYL_NS_PER_S;
	w->r = gyl__reass_init(malloc(gyl__reass_need(&cf)), &cf);
	assert_non_null(w->r);
	w->from = (struct gyl__reass_from){.iface = 1, .vlan = 7, .mac = {2, 0, 0, 0, 0, 5}};
	w->ip = (struct gyl_ipv4){
		.src = SRC, .dst = DST, .proto = GYL_IPV4_UDP, .ttl = 60, .id = 1};
}

static void world_open(struct world *w)
{
	world_open_conf(w, gyl__reass_defaults(99));
}

static void world_close(struct world *w)
{
	free(w->r);
}

/* A piece of the datagram that w->ip names; its octets depend on their places and on the id. */
static enum gyl__reass_verdict piece(struct world *w, size_t off, size_t len, bool more)
{
	struct gyl_ipv4 ip = w->ip;

	for (size_t i = 0; i < len; i++)
		w->payload[i] = reass_model_octet(w->ip.id, off + i);
	ip.frag_off = (uint16_t)off;
	ip.flags = more ? GYL_IPV4_MF : 0;
	/* At the end of the buffer, so that nothing behind the piece can be read. */
	memmove(w->payload + sizeof(w->payload) - len, w->payload, len);
	ip.payload = gyl_view(w->payload + sizeof(w->payload) - len, len);
	ip.total_len = (uint16_t)(gyl_ipv4_header_len(&ip) + len);
	assert_true(gyl_ipv4_is_fragment(&ip));
	return gyl__reass_input(w->r, w->now_ns, &w->from, &ip, &w->whole);
}

static bool payload_is(struct gyl_view v, size_t id, size_t len)
{
	if (v.len != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (v.p[i] != reass_model_octet(id, i))
			return false;
	return true;
}

/* What came out is what a decoder sees in the octets that came out. */
static void check_whole(struct world *w, size_t len)
{
	struct gyl_ipv4 ip;

	assert_true(payload_is(w->whole.ip.payload, w->ip.id, len));
	assert_int_equal(gyl_ipv4_decode(w->whole.datagram, 0, &ip).err, GYL_OK);
	assert_false(gyl_ipv4_is_fragment(&ip));
	assert_int_equal(ip.src, w->ip.src);
	assert_int_equal(ip.dst, w->ip.dst);
	assert_int_equal(ip.proto, w->ip.proto);
	assert_int_equal(ip.id, w->ip.id);
	assert_int_equal(ip.total_len, w->whole.ip.total_len);
	assert_int_equal(ip.total_len, w->whole.datagram.len);
	assert_int_equal(ip.checksum, w->whole.ip.checksum);
	assert_ptr_equal(ip.payload.p, w->whole.ip.payload.p);
	assert_int_equal(ip.payload.len, w->whole.ip.payload.len);
	assert_int_equal(ip.options.len, w->whole.ip.options.len);
}

static const struct gyl__reass_stat *stat_of(const struct world *w)
{
	return gyl__reass_stat(w->r);
}

static uint64_t count(const struct world *w, enum gyl__reass_verdict v)
{
	return stat_of(w)->verdict_cnt[v];
}

static bool nothing_late(struct world *w)
{
	struct gyl__reass_late late;

	return !gyl__reass_tick(w->r, w->now_ns, &late);
}

/* ---- the inside: what is free, what is used, and that both are all ---- */

static size_t free_pages(const struct gyl__reass *r)
{
	size_t cnt = 0;

	for (uint16_t i = r->page_free; i != GYL__REASS_NONE; i = r->page_next[i]) {
		cnt++;
		assert_in_range(cnt, 1, r->page_cnt);
	}
	return cnt;
}

static const struct gyl__reass_entry *entry_at(const struct gyl__reass *r, uint16_t i)
{
	return (const struct gyl__reass_entry *)(const void *)(r->entry + i * r->stride);
}

static void audit(const struct gyl__reass *r)
{
	size_t pages = 0, entries = 0, poisoned = 0, of_sources = 0, free_sources = 0;

	for (uint16_t i = r->time.head; i != GYL__REASS_NONE;
		i = entry_at(r, i)->link[GYL__REASS_BY_TIME].next) {
		const struct gyl__reass_entry *e = entry_at(r, i);
		const struct gyl__reass_source *s = &r->source[e->source];

		entries++;
		assert_in_range(entries, 1, r->entry_cnt);
		pages += e->page_cnt;
		poisoned += e->state == GYL__REASS_IS_POISONED;
		assert_in_range(e->piece_cnt, 0, r->cf.piece_max);
		assert_in_range(s->entry_cnt, 1, r->entry_share);
		assert_in_range(s->page_cnt, 0, r->page_share);
	}
	for (uint16_t i = r->source_free; i != GYL__REASS_NONE; i = r->source[i].chain)
		free_sources++;
	for (size_t i = 0; i < r->entry_cnt; i++)
		of_sources += r->source[i].entry_cnt;
	assert_int_equal(entries, r->stat.entry_cnt);
	assert_int_equal(poisoned, r->stat.poison_cnt);
	assert_int_equal(pages, r->stat.page_cnt);
	assert_int_equal(pages + free_pages(r), r->page_cnt);
	assert_in_range(free_sources + entries, r->entry_cnt, 2u * r->entry_cnt);
	assert_in_range(of_sources, entries, SIZE_MAX);
}

/* ---- items ---- */

/* Key: interface and VLAN, source, destination, protocol, id. */
static void item_36_key_of_a_datagram(void **state)
{
	struct world w;

	(void)state;
	for (int what = 0; what < 6; what++) {
		world_open(&w);
		assert_int_equal(piece(&w, 0, 16, true), GYL__REASS_HELD);
		w.ip.src += what == 0;
		w.ip.dst += what == 1;
		w.ip.proto = what == 2 ? GYL_IPV4_ICMP : GYL_IPV4_UDP;
		w.ip.id = (uint16_t)(1 + (what == 3));
		w.from.iface = (uint8_t)(1 + (what == 4));
		w.from.vlan = (uint16_t)(7 + (what == 5));
		assert_int_equal(piece(&w, 16, 5, false), GYL__REASS_HELD);
		assert_int_equal(stat_of(&w)->entry_cnt, 2);
		assert_int_equal(piece(&w, 0, 16, true), GYL__REASS_WHOLE);
		check_whole(&w, 21);
		audit(w.r);
		world_close(&w);
	}
	world_open(&w);
	assert_int_equal(piece(&w, 0, 16, true), GYL__REASS_HELD);
	w.from.mac[5] = 77; /* by another router: the same datagram */
	assert_int_equal(piece(&w, 16, 5, false), GYL__REASS_WHOLE);
	world_close(&w);
}

/* Offset and MF decide alone; DF and the reserved bit say nothing. */
static void item_37_what_is_a_piece(void **state)
{
	struct world w;

	(void)state;
	for (uint8_t flags = 0; flags < 8; flags++)
		for (unsigned off = 0; off <= 65528; off += 8) {
			struct gyl_ipv4 ip = {.flags = flags, .frag_off = (uint16_t)off};

			assert_int_equal(
				gyl_ipv4_is_fragment(&ip), off != 0 || (flags & GYL_IPV4_MF));
		}
	world_open(&w);
	for (size_t off = 0; off <= 8184; off += 8) {
		w.ip.id = (uint16_t)off;
		assert_int_equal(piece(&w, off, 8, true), GYL__REASS_HELD);
		if (off > 8)
			assert_int_equal(piece(&w, off - 8, 8, false), GYL__REASS_END);
	}
	world_close(&w);
}

struct cut {
	size_t off, len;
	bool more;
};

/* All orders of cut[at..cnt), each run by fn. */
static size_t permute(
	struct cut *cut, size_t at, size_t cnt, void (*fn)(const struct cut *cut, size_t cnt))
{
	size_t runs = 0;

	if (at == cnt) {
		fn(cut, cnt);
		return 1;
	}
	for (size_t i = at; i < cnt; i++) {
		struct cut swap = cut[at];

		cut[at] = cut[i];
		cut[i] = swap;
		runs += permute(cut, at + 1, cnt, fn);
		cut[i] = cut[at];
		cut[at] = swap;
	}
	return runs;
}

static void completes_with_its_last(const struct cut *cut, size_t cnt)
{
	static struct world w;
	size_t len = 0;

	world_open(&w);
	for (size_t i = 0; i < cnt; i++) {
		len += cut[i].len;
		assert_int_equal(piece(&w, cut[i].off, cut[i].len, cut[i].more),
			i + 1 < cnt ? GYL__REASS_HELD : GYL__REASS_WHOLE);
	}
	check_whole(&w, len);
	assert_int_equal(stat_of(&w)->entry_cnt, 0);
	audit(w.r);
	world_close(&w);
}

/* Two to five pieces, every permutation, same and different lengths, last one uneven. */
static void item_38_every_permutation(void **state)
{
	static const size_t shape[][5] = {
		{8, 8, 8, 8, 8}, {1480, 1480, 1480, 1480, 1490}, {8, 1480, 512, 1024, 1}};
	static const size_t orders[] = {2, 6, 24, 120};

	(void)state;
	for (size_t s = 0; s < TEST_CNT(shape); s++)
		for (size_t cnt = 2; cnt <= 5; cnt++) {
			struct cut cut[5];
			size_t off = 0;

			for (size_t i = 0; i < cnt; i++) {
				size_t len = i + 1 < cnt ? shape[s][i] : shape[s][4];

				cut[i] = (struct cut){off, len, i + 1 < cnt};
				off += len;
			}
			assert_int_equal(
				permute(cut, 0, cnt, completes_with_its_last), orders[cnt - 2]);
		}
}

/* Options of the first piece, offset 0, everything else of the completing one. */
static void item_39_whose_header(void **state)
{
	static const uint8_t ra[4] = {GYL_IPV4_OPT_RA, 4, 0, 0}, nops[8] = {1, 1, 1, 1, 1, 1, 1, 0};
	struct world w;

	(void)state;
	for (int first_completes = 0; first_completes < 2; first_completes++) {
		world_open(&w);
		for (int i = 0; i < 2; i++) {
			bool first = i == first_completes;

			w.ip.options = first ? gyl_view(ra, 4) : gyl_view(nops, 8);
			w.ip.ttl = i == 0 ? 60 : 61;
			w.ip.dscp = i == 0 ? 10 : 46;
			w.ip.ecn = i == 0 ? 1 : 2;
			assert_int_equal(piece(&w, first ? 0 : 600, first ? 600 : 3, first),
				i == 0 ? GYL__REASS_HELD : GYL__REASS_WHOLE);
		}
		check_whole(&w, 603);
		assert_true(gyl_view_eq(w.whole.ip.options, gyl_view(ra, 4)));
		assert_int_equal(w.whole.ip.ttl, 61);
		assert_int_equal(w.whole.ip.dscp, 46);
		assert_int_equal(w.whole.ip.ecn, 2);
		assert_int_equal(w.whole.ip.frag_off, 0);
		assert_int_equal(w.whole.ip.flags, 0);
		assert_int_equal(w.whole.ip.total_len, 24 + 603);
		world_close(&w);
	}
}

/* Under 10 s after the first it completes, at 10 s a new datagram begins. */
static void item_40_ten_seconds(void **state)
{
	static const struct {
		uint64_t after_ns;
		enum gyl__reass_verdict want;
	} row[] = {
		{0, GYL__REASS_WHOLE},
		{9999999999, GYL__REASS_WHOLE},
		{10000000000, GYL__REASS_HELD},
		{20000000000, GYL__REASS_HELD},
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		world_open(&w);
		assert_int_equal(piece(&w, 0, 8, true), GYL__REASS_HELD);
		w.now_ns += row[i].after_ns;
		assert_int_equal(piece(&w, 8, 8, false), row[i].want);
		assert_int_equal(stat_of(&w)->late_cnt, row[i].want == GYL__REASS_HELD);
		if (row[i].want == GYL__REASS_HELD)
			assert_int_equal(piece(&w, 0, 8, true), GYL__REASS_WHOLE);
		world_close(&w);
	}
	/* Counted from the first piece, however many come between. */
	world_open(&w);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(piece(&w, (size_t)i * 8, 8, true), GYL__REASS_HELD);
		w.now_ns += GYL_NS_PER_S;
	}
	assert_int_equal(piece(&w, 80, 8, false), GYL__REASS_HELD);
	assert_int_equal(stat_of(&w)->late_cnt, 1);
	world_close(&w);
}

/* It expires by itself, and says what its sender may be told: once its first piece is there. */
static void item_40_expires_actively(void **state)
{
	static const uint8_t ra[4] = {GYL_IPV4_OPT_RA, 4, 0, 0};
	struct gyl__reass_late late;
	struct gyl_ipv4 ip;
	struct world w;

	(void)state;
	world_open(&w);
	assert_int_equal(gyl__reass_deadline_ns(w.r), UINT64_MAX);
	w.ip.options = gyl_view(ra, 4);
	w.ip.dscp = 46;
	w.ip.ecn = 1;
	assert_int_equal(piece(&w, 600, 8, true), GYL__REASS_HELD);
	assert_int_equal(gyl__reass_deadline_ns(w.r), w.now_ns + 10 * GYL_NS_PER_S);
	assert_int_equal(piece(&w, 0, 600, true), GYL__REASS_HELD);
	w.now_ns++;
	w.ip.id = 2;
	assert_int_equal(piece(&w, 8, 600, true), GYL__REASS_HELD);
	w.now_ns += 10 * GYL_NS_PER_S - 2;
	assert_true(nothing_late(&w));
	w.now_ns++;
	assert_true(gyl__reass_tick(w.r, w.now_ns, &late));
	assert_int_equal(late.src, SRC);
	assert_int_equal(late.dst, DST);
	assert_memory_equal(&late.from.mac, w.from.mac, 6);
	assert_int_equal(late.from.iface, 1);
	assert_int_equal(late.from.vlan, 7);
	assert_int_equal(late.quote.len, 24 + 8);
	assert_int_equal(gyl_ipv4_decode(late.quote, GYL_IPV4_QUOTED, &ip).err, GYL_OK);
	assert_int_equal(gyl_checksum_of(gyl_view(late.quote.p, 24)), 0);
	assert_true(payload_is(ip.payload, 1, 8));
	assert_true(gyl_view_eq(ip.options, gyl_view(ra, 4)));
	assert_int_equal(ip.total_len, 624);
	assert_int_equal(ip.id, 1);
	assert_int_equal(ip.flags, GYL_IPV4_MF);
	assert_int_equal(ip.ttl, 60);
	assert_int_equal(ip.dscp, 46);
	assert_int_equal(ip.ecn, 1);
	assert_false(gyl__reass_tick(w.r, w.now_ns, &late));
	w.now_ns++;
	assert_false(gyl__reass_tick(w.r, w.now_ns, &late)); /* it had no first piece */
	assert_int_equal(stat_of(&w)->late_cnt, 2);
	assert_int_equal(stat_of(&w)->entry_cnt, 0);
	assert_int_equal(stat_of(&w)->page_cnt, 0);
	assert_int_equal(gyl__reass_deadline_ns(w.r), UINT64_MAX);
	audit(w.r);
	world_close(&w);
}

/* Sixteen are kept; the seventeenth completes it or ends it. */
static void item_41_at_most_sixteen(void **state)
{
	struct world w;

	(void)state;
	for (int last_completes = 0; last_completes < 2; last_completes++) {
		world_open(&w);
		for (size_t i = 0; i < 16; i++)
			assert_int_equal(piece(&w, i * 8, 8, true), GYL__REASS_HELD);
		if (last_completes) {
			assert_int_equal(piece(&w, 128, 3, false), GYL__REASS_WHOLE);
			check_whole(&w, 131);
		} else {
			assert_int_equal(piece(&w, 128, 8, true), GYL__REASS_MANY);
			assert_int_equal(piece(&w, 136, 3, false), GYL__REASS_POISONED);
			assert_int_equal(piece(&w, 0, 8, true), GYL__REASS_POISONED);
			assert_int_equal(stat_of(&w)->page_cnt, 0);
		}
		audit(w.r);
		world_close(&w);
	}
}

/* Any overlap ends the datagram at once, and its key until its time is over. */
static void item_42_overlap_poisons(void **state)
{
	static const struct cut row[] = {
		{8, 16, true},
		{0, 24, true},
		{16, 8, true},
		{24, 8, true},
		{24, 1, false},
		{8, 40, true},
		{0, 80, true},
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		world_open(&w);
		assert_int_equal(piece(&w, 16, 16, true), GYL__REASS_HELD);
		assert_int_equal(piece(&w, row[i].off, row[i].len, row[i].more),
			row[i].more ? GYL__REASS_OVERLAP : GYL__REASS_END);
		assert_int_equal(stat_of(&w)->page_cnt, 0);
		assert_int_equal(piece(&w, 0, 16, true), GYL__REASS_POISONED);
		w.now_ns += GYL__REASS_TIME_NS - 1;
		assert_int_equal(piece(&w, 32, 8, false), GYL__REASS_POISONED);
		assert_true(nothing_late(&w));
		assert_int_equal(stat_of(&w)->poison_cnt, 1);
		w.now_ns++;
		assert_true(nothing_late(&w)); /* nobody is told of a poisoned one */
		assert_int_equal(stat_of(&w)->late_cnt, 0);
		assert_int_equal(stat_of(&w)->entry_cnt, 0);
		assert_int_equal(piece(&w, 0, 16, true), GYL__REASS_HELD);
		audit(w.r);
		world_close(&w);
	}
	/* Beside each other is no overlap. */
	world_open(&w);
	assert_int_equal(piece(&w, 16, 16, true), GYL__REASS_HELD);
	assert_int_equal(piece(&w, 32, 16, true), GYL__REASS_HELD);
	assert_int_equal(piece(&w, 8, 8, true), GYL__REASS_HELD);
	world_close(&w);
}

/* Every sequence of up to five of these against the model: holes, overlaps, missing and different
 * ends, octets behind the end. The upstream tests have 157 orders that succeed, 164 that do not. */
static void item_42_all_orders_against_the_model(void **state)
{
	static const struct cut cut[] = {
		{0, 8, true},
		{8, 8, true},
		{8, 16, true},
		{16, 8, true},
		{16, 3, false},
		{24, 5, false},
		{8, 8, false},
		{24, 8, true},
	};
	enum {
		CNT = TEST_CNT(cut),
		DEPTH = 5
	};
	static struct reass_model m;
	static struct world w;
	size_t sequences = 1, whole = 0, broken = 0;

	(void)state;
	for (size_t i = 0; i < DEPTH; i++)
		sequences *= CNT;
	world_open(&w);
	for (size_t n = 0; n < sequences; n++) {
		size_t rest = n;
		bool had_whole = false;

		for (size_t i = 0; i < DEPTH; i++, rest /= CNT) {
			const struct cut *c = &cut[rest % CNT];
			enum gyl__reass_verdict want =
				reass_model_input(&m, w.now_ns, 1, 16, 20, c->off, c->len, c->more);
			enum gyl__reass_verdict got = piece(&w, c->off, c->len, c->more);

			if (got == GYL__REASS_DUPLICATE)
				got = GYL__REASS_OVERLAP;
			if (got != want)
				fail_msg("sequence %zu, piece %zu: %s, not %s", n, i,
					gyl__reass_verdict_text(got),
					gyl__reass_verdict_text(want));
			if (got == GYL__REASS_WHOLE)
				assert_true(
					payload_is(w.whole.ip.payload, 1, w.whole.ip.payload.len));
			had_whole = had_whole || got == GYL__REASS_WHOLE;
		}
		whole += had_whole;
		broken += !had_whole;
		w.now_ns += GYL__REASS_TIME_NS;
		while (!nothing_late(&w))
			;
		assert_int_equal(stat_of(&w)->entry_cnt, 0);
	}
	assert_in_range(whole, 1000, sequences);
	assert_in_range(broken, 1000, sequences);
	audit(w.r);
	world_close(&w);
}

/* The same range again, with the same octets or others: an overlap, counted apart. */
static void item_43_duplicates(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	assert_int_equal(piece(&w, 0, 16, true), GYL__REASS_HELD);
	assert_int_equal(piece(&w, 0, 16, true), GYL__REASS_DUPLICATE);
	assert_int_equal(piece(&w, 16, 8, false), GYL__REASS_POISONED);
	w.ip.id = 2;
	assert_int_equal(piece(&w, 16, 8, false), GYL__REASS_HELD);
	assert_int_equal(piece(&w, 16, 8, false), GYL__REASS_DUPLICATE);
	w.ip.id = 3;
	assert_int_equal(piece(&w, 0, 16, true), GYL__REASS_HELD);
	assert_int_equal(piece(&w, 0, 8, true), GYL__REASS_OVERLAP);
	assert_int_equal(count(&w, GYL__REASS_DUPLICATE), 2);
	assert_int_equal(count(&w, GYL__REASS_OVERLAP), 1);
	world_close(&w);
}

/* Holes wait. What contradicts the end is refused, in both orders. */
static void item_44_holes_and_ends(void **state)
{
	static const struct {
		struct cut a, b;
		enum gyl__reass_verdict want;
	} row[] = {
		{{0, 8, true}, {16, 8, false}, GYL__REASS_HELD},
		{{16, 8, false}, {24, 8, true}, GYL__REASS_END}, /* behind the end */
		{{24, 8, true}, {16, 8, false}, GYL__REASS_END},
		{{16, 8, false}, {80, 8, true}, GYL__REASS_END},
		{{16, 8, false}, {24, 8, false}, GYL__REASS_END}, /* two ends */
		{{24, 8, false}, {16, 8, false}, GYL__REASS_END},
		{{16, 8, false}, {16, 7, false}, GYL__REASS_END},
		{{16, 8, false}, {16, 8, true}, GYL__REASS_DUPLICATE},
		{{16, 8, false}, {8, 16, true}, GYL__REASS_OVERLAP}, /* more, where the end is */
		{{8, 16, true}, {16, 8, false}, GYL__REASS_OVERLAP},
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		world_open(&w);
		assert_int_equal(
			piece(&w, row[i].a.off, row[i].a.len, row[i].a.more), GYL__REASS_HELD);
		assert_int_equal(piece(&w, row[i].b.off, row[i].b.len, row[i].b.more), row[i].want);
		assert_int_equal(piece(&w, 8, 8, true),
			row[i].want == GYL__REASS_HELD ? GYL__REASS_WHOLE : GYL__REASS_POISONED);
		world_close(&w);
	}
}

/* More to follow and no multiple of 8: refused alone, whatever else came. */
static void item_45_uneven_pieces(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	for (size_t len = 1; len < 64; len++)
		if (len % 8 != 0)
			assert_int_equal(piece(&w, 0, len, true), GYL__REASS_UNEVEN);
	assert_int_equal(stat_of(&w)->entry_cnt, 0);
	assert_int_equal(piece(&w, 0, 8, true), GYL__REASS_HELD);
	assert_int_equal(piece(&w, 8, 9, true), GYL__REASS_UNEVEN);
	assert_int_equal(piece(&w, 8, 9, false), GYL__REASS_WHOLE);
	world_close(&w);
}

/* Nothing ends behind 65535, header included; also when the first piece's is the longer one. */
static void item_46_ping_of_death(void **state)
{
	static const uint8_t nops[40] = {1};
	struct gyl__reass_conf cf = gyl__reass_defaults(1);
	static struct world w;

	(void)state;
	cf.mem_len = 1024 * 1024;
	world_open_conf(&w, cf);
	assert_int_equal(piece(&w, 65528, 1480, false), GYL__REASS_LONG);
	assert_int_equal(piece(&w, 65512, 4, false), GYL__REASS_LONG);
	assert_int_equal(stat_of(&w)->entry_cnt, 0);
	for (int too_long = 0; too_long < 2; too_long++) {
		w.ip.id = (uint16_t)(1 + too_long);
		assert_int_equal(piece(&w, 65512, 3, false), GYL__REASS_HELD);
		assert_int_equal(piece(&w, 32768, 32744, true), GYL__REASS_HELD);
		w.ip.options = gyl_view(nops, too_long ? 40 : 0);
		assert_int_equal(
			piece(&w, 0, 32768, true), too_long ? GYL__REASS_LONG : GYL__REASS_WHOLE);
		if (!too_long) {
			check_whole(&w, 65515);
			assert_int_equal(w.whole.datagram.len, 65535);
		}
	}
	audit(w.r);
	world_close(&w);
}

/* They say nothing, so nothing is noted. */
static void item_47_no_octets(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	assert_int_equal(piece(&w, 0, 0, true), GYL__REASS_EMPTY);
	assert_int_equal(piece(&w, 8, 0, false), GYL__REASS_EMPTY);
	assert_int_equal(stat_of(&w)->entry_cnt, 0);
	assert_int_equal(piece(&w, 0, 8, true), GYL__REASS_HELD);
	assert_int_equal(piece(&w, 8, 0, false), GYL__REASS_EMPTY);
	assert_int_equal(piece(&w, 8, 8, false), GYL__REASS_WHOLE);
	world_close(&w);
}

static uint32_t below(uint64_t *seed, uint32_t bound)
{
	return (uint32_t)(gyl__ident_mix(seed) >> 32) % bound;
}

/* A step of a flood: of eight pieces, four make a datagram, in some order, as long as its id says;
 * between them come pieces of others, every eighth at a place where it does not belong. */
static enum gyl__reass_verdict flood_piece(
	struct world *w, uint64_t *seed, uint32_t step, size_t len_max, uint32_t sources)
{
	bool good = step % 2 == 0;
	uint32_t which = good ? (step / 2 + step / 8) % 4 : below(seed, 4);
	size_t len;

	w->ip.src = SRC + (good ? step / 8 : below(seed, sources)) % sources;
	w->ip.id = (uint16_t)(good ? step / 8 % 61 : below(seed, 64));
	len = (w->ip.id * 24u + 8) % len_max / 8 * 8 + 8;
	if (!good && below(seed, 8) == 0)
		return piece(w, below(seed, 64) * 8, len, true);
	return piece(w, which * len, len, which < 3);
}

/* Never over the bound, whatever comes; what comes out is right; nothing is lost inside. */
static void flood(size_t mem_len, size_t len_max, uint32_t sources)
{
	static struct world w;
	struct gyl__reass_conf cf = {mem_len, 16, 4711};
	uint64_t seed = mem_len + len_max + sources;
	size_t whole = 0;

	world_open_conf(&w, cf);
	assert_in_range(gyl__reass_need(&cf), mem_len - 1024, mem_len);
	for (uint32_t i = 0; i < 60000; i++) {
		w.now_ns += 20 * GYL_NS_PER_MS;
		if (flood_piece(&w, &seed, i, len_max, sources) == GYL__REASS_WHOLE) {
			whole++;
			assert_true(
				payload_is(w.whole.ip.payload, w.ip.id, w.whole.ip.payload.len));
		}
		if (i % 64 == 0)
			audit(w.r);
		if (i % 256 == 0)
			while (!nothing_late(&w))
				;
	}
	assert_in_range(whole, 500, 60000);
	w.now_ns += GYL__REASS_TIME_NS;
	while (!nothing_late(&w))
		;
	audit(w.r);
	assert_int_equal(stat_of(&w)->entry_cnt, 0);
	assert_int_equal(free_pages(w.r), w.r->page_cnt);
	world_close(&w);
}

static void item_48_memory_is_bounded(void **state)
{
	(void)state;
	flood(16 * 1024, 1480, 3);
	flood(16 * 1024, 1480, 200);
	flood(256 * 1024, 1480, 200);
	flood(256 * 1024, 8, 200);
}

/* Upstream, 32,768 pieces of 8 octets pin 49 MB. */
static void item_48_small_pieces_pin_little(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(piece(&w, i * 16, 8, true), GYL__REASS_HELD);
	assert_int_equal(stat_of(&w)->page_cnt, 1);
	for (uint32_t i = 0; i < 32768; i++) {
		w.ip.src = SRC + i / 16;
		w.ip.id = (uint16_t)(100 + i % 16);
		piece(&w, 0, 8, true);
	}
	assert_in_range(stat_of(&w)->page_cnt, 1, w.r->page_cnt);
	assert_in_range(stat_of(&w)->entry_cnt, 1, w.r->entry_cnt);
	assert_int_equal(stat_of(&w)->evict_cnt + stat_of(&w)->entry_cnt, 32769);
	audit(w.r);
	world_close(&w);
}

/* The least recently used datagram goes first; its other pieces begin no new half. */
static void item_48_least_recently_used_goes(void **state)
{
	struct gyl__reass_conf cf = {64 * 1024, 16, 5};
	struct world w;
	uint16_t id = 0;

	(void)state;
	world_open_conf(&w, cf);
	while (stat_of(&w)->evict_cnt == 0) {
		/* The first one is always in use. */
		w.ip.id = 0;
		w.ip.src = SRC;
		assert_int_equal(piece(&w, id * 8u, 8, true), GYL__REASS_HELD);
		w.ip.id = ++id;
		w.ip.src = SRC + id;
		assert_int_equal(piece(&w, 0, 4096, true), GYL__REASS_HELD);
	}
	w.ip.id = 1;
	w.ip.src = SRC + 1;
	assert_int_equal(piece(&w, 4096, 8, false), GYL__REASS_POISONED);
	w.ip.id = 2;
	w.ip.src = SRC + 2;
	assert_int_equal(piece(&w, 4096, 8, false), GYL__REASS_WHOLE);
	w.ip.id = 0;
	w.ip.src = SRC;
	assert_int_equal(piece(&w, id * 8u, 8, false), GYL__REASS_WHOLE);
	check_whole(&w, id * 8u + 8);
	audit(w.r);
	world_close(&w);
}

/* One source has a quarter of the pages and of the entries: it pushes out itself only. */
static void item_48_share_of_a_source(void **state)
{
	static struct world w;

	(void)state;
	for (size_t len = 8; len <= 1480; len += 1472) {
		world_open(&w);
		w.ip.src = SRC + 1;
		assert_int_equal(piece(&w, 0, 1480, true), GYL__REASS_HELD);
		w.ip.src = SRC;
		for (uint16_t i = 0; i < 5000; i++) {
			w.ip.id = i;
			assert_int_equal(piece(&w, 0, len, true), GYL__REASS_HELD);
		}
		assert_in_range(stat_of(&w)->page_cnt, 1, w.r->page_share + 3u);
		assert_in_range(stat_of(&w)->entry_cnt, 1, w.r->entry_share + 1u);
		audit(w.r);
		/* With poisoned keys it is the same. */
		for (uint16_t i = 0; i < 5000; i++) {
			w.ip.id = i;
			piece(&w, 0, len, true);
			piece(&w, 0, len, true);
		}
		assert_in_range(stat_of(&w)->entry_cnt, 1, w.r->entry_share + 1u);
		w.ip.src = SRC + 1;
		w.ip.id = 1;
		assert_int_equal(piece(&w, 1480, 5, false), GYL__REASS_WHOLE);
		check_whole(&w, 1485);
		audit(w.r);
		world_close(&w);
	}
}

/* A datagram that is longer than what one source may have is given up, and its memory returned. */
static void item_48_longer_than_a_share(void **state)
{
	struct gyl__reass_conf cf = {16 * 1024, 16, 5};
	struct world w;

	(void)state;
	world_open_conf(&w, cf);
	assert_int_equal(piece(&w, 0, 1480, true), GYL__REASS_HELD);
	assert_int_equal(piece(&w, 1480, 1480, true), GYL__REASS_ROOM);
	assert_int_equal(piece(&w, 2960, 8, false), GYL__REASS_POISONED);
	w.ip.id = 2;
	assert_int_equal(piece(&w, 8000, 8, true), GYL__REASS_ROOM);
	w.ip.id = 3;
	assert_int_equal(piece(&w, 0, 1480, true), GYL__REASS_HELD);
	assert_int_equal(piece(&w, 1480, 1480, false), GYL__REASS_WHOLE);
	check_whole(&w, 2960);
	assert_int_equal(stat_of(&w)->page_cnt, 0);
	audit(w.r);
	world_close(&w);
}

/* ping -s 65507 at mtu 1500 makes 45 pieces: refused as configured usually, possible. */
static void item_52_forty_five_pieces(void **state)
{
	struct gyl__reass_conf cf = {1024 * 1024, 16, 5};
	static struct world w;

	(void)state;
	for (int more = 0; more < 2; more++) {
		cf.piece_max = more ? 64 : 16;
		world_open_conf(&w, cf);
		for (size_t off = 0; off < 65515; off += 1480) {
			bool last = off + 1480 >= 65515;
			enum gyl__reass_verdict v =
				piece(&w, off, last ? 65515 - off : 1480, !last);

			if (!last && (more || off < 16u * 1480))
				assert_int_equal(v, GYL__REASS_HELD);
			else if (last)
				assert_int_equal(v, more ? GYL__REASS_WHOLE : GYL__REASS_POISONED);
		}
		assert_int_equal(count(&w, GYL__REASS_MANY), !more);
		if (more)
			check_whole(&w, 65515);
		world_close(&w);
	}
}

/* Sixteen pieces of an Ethernet, and the one that completes them, have room by default. */
static void seventeen_ethernet_pieces_fit(void **state)
{
	static struct world w;

	(void)state;
	world_open(&w);
	assert_in_range(gyl__reass_need(&w.cf), 255 * 1024, 256 * 1024);
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(piece(&w, i * 1480, 1480, true), GYL__REASS_HELD);
	assert_int_equal(piece(&w, 16u * 1480, 1480, false), GYL__REASS_WHOLE);
	check_whole(&w, 17u * 1480);
	world_close(&w);
}

static void configuration_is_checked(void **state)
{
	static const struct {
		size_t mem_len;
		uint8_t piece_max;
		bool good;
	} row[] = {
		{16 * 1024, 16, true},
		{16 * 1024 - 1, 16, false},
		{16 * 1024 * 1024, 64, true},
		{16 * 1024 * 1024 + 1, 16, false},
		{100001, 2, true},
		{100001, 1, false},
		{100001, 65, false},
		{16 * 1024, 64, true},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		struct gyl__reass_conf cf = {row[i].mem_len, row[i].piece_max, 1};
		size_t need = gyl__reass_need(&cf);
		void *mem = malloc(need + 1);

		assert_int_equal(need != 0, row[i].good);
		assert_in_range(need, 0, row[i].mem_len);
		assert_int_equal(gyl__reass_init(mem, &cf) != NULL, row[i].good);
		free(mem);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(item_36_key_of_a_datagram),
		cmocka_unit_test(item_37_what_is_a_piece),
		cmocka_unit_test(item_38_every_permutation),
		cmocka_unit_test(item_39_whose_header),
		cmocka_unit_test(item_40_ten_seconds),
		cmocka_unit_test(item_40_expires_actively),
		cmocka_unit_test(item_41_at_most_sixteen),
		cmocka_unit_test(item_42_overlap_poisons),
		cmocka_unit_test(item_42_all_orders_against_the_model),
		cmocka_unit_test(item_43_duplicates),
		cmocka_unit_test(item_44_holes_and_ends),
		cmocka_unit_test(item_45_uneven_pieces),
		cmocka_unit_test(item_46_ping_of_death),
		cmocka_unit_test(item_47_no_octets),
		cmocka_unit_test(item_48_memory_is_bounded),
		cmocka_unit_test(item_48_small_pieces_pin_little),
		cmocka_unit_test(item_48_least_recently_used_goes),
		cmocka_unit_test(item_48_share_of_a_source),
		cmocka_unit_test(item_48_longer_than_a_share),
		cmocka_unit_test(item_52_forty_five_pieces),
		cmocka_unit_test(seventeen_ethernet_pieces_fit),
		cmocka_unit_test(configuration_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
