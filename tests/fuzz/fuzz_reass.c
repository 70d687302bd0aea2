/* SPDX-License-Identifier: ISC */

/*
 * Reassembly against a naive model that knows no bounds. A step is four octets: which datagram
 * (bits 0-2), more to follow (3), options (4), time passes (5-7); place; length, twice. Verdicts
 * are compared until something had to go for room; what comes out is right always, and after ten
 * seconds everything is free.
 */
#include "libnet/src/reass_pool.h"
#include "tests/fuzz/require.h"
#include "tests/support/reass_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t options[40] = {GYL_IPV4_OPT_NOP, GYL_IPV4_OPT_EOL};

struct step {
	size_t key;
	bool more;
	size_t opt_len, off, len;
	uint64_t pass_ns;
};

/* Steps of 0, some small and one exact time; places of 8 octets, near or far; short, long or huge.
 */
static struct step step_read(const uint8_t *p)
{
	static const uint64_t pass_ns[8] = {
		0, 0, 0, 0, 1, GYL_NS_PER_S, GYL__REASS_TIME_NS - 1, GYL__REASS_TIME_NS};
	struct step s = {.key = p[0] & 7,
		.more = p[0] & 8,
		.opt_len = p[0] & 16 ? sizeof(options) : 0,
		.pass_ns = pass_ns[p[0] >> 5]};
	unsigned len = gyl_get_u16(p + 2);

	s.off = (size_t)(p[1] < 192 ? p[1] % 32 : (p[1] - 191) * 127) * 8;
	s.len = len & 0x8000 ? (len & 0x7fff) * 2 : len & 0x4000 ? (len & 31) * 8 : len & 63;
	if (s.off + s.len > 66000)
		s.len = 66000 - s.off;
	return s;
}

static enum gyl__reass_verdict piece(struct gyl__reass *r, uint64_t now_ns, const struct step *s)
{
	static uint8_t payload[66000];
	const struct gyl__reass_from from = {.iface = s->key & 1};
	struct gyl__reass_whole whole;
	struct gyl_ipv4 ip = {.src = (uint32_t)(1 + (s->key & 3)),
		.dst = 1,
		.id = (uint16_t)s->key,
		.flags = s->more,
		.frag_off = (uint16_t)s->off,
		.options = gyl_view(options, s->opt_len),
		.payload = gyl_view(payload, s->len)};
	enum gyl__reass_verdict v;

	for (size_t i = 0; i < s->len; i++)
		payload[i] = reass_model_octet(s->key, s->off + i);
	v = gyl__reass_input(r, now_ns, &from, &ip, &whole);
	if (v != GYL__REASS_WHOLE)
		return v;
	REQUIRE(!gyl_failed(gyl_ipv4_decode(whole.datagram, 0, &ip)) && !gyl_ipv4_is_fragment(&ip));
	REQUIRE(ip.id == s->key && ip.payload.len == whole.ip.payload.len);
	for (size_t i = 0; i < ip.payload.len; i++)
		REQUIRE(ip.payload.p[i] == reass_model_octet(s->key, i));
	return v;
}

static void all_of_it_expires(struct gyl__reass *r, uint64_t now_ns)
{
	struct gyl__reass_late late;
	struct gyl_ipv4 ip;

	while (gyl__reass_tick(r, now_ns, &late))
		REQUIRE(!gyl_failed(gyl_ipv4_decode(late.quote, GYL_IPV4_QUOTED, &ip)) &&
			ip.payload.len == 8 && ip.frag_off == 0);
	REQUIRE(gyl__reass_deadline_ns(r) > now_ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reass_model m;
	static _Alignas(16) uint8_t mem[256 * 1024];
	struct gyl__reass_conf cf = {size != 0 && data[0] & 1 ? sizeof(mem) : 16 * 1024, 16, 7};
	struct gyl__reass *r = gyl__reass_init(mem, &cf);
	const struct gyl__reass_stat *st;
	uint64_t now_ns = 1;
	bool exact = true;

	REQUIRE(r != NULL && gyl__reass_need(&cf) <= cf.mem_len);
	st = gyl__reass_stat(r);
	for (size_t i = 0; i < MODEL_KEYS; i++)
		m.key[i].used = false;
	for (size_t i = 1; i + 4 <= size; i += 4) {
		struct step s = step_read(data + i);
		enum gyl__reass_verdict got, want;

		now_ns += s.pass_ns;
		if (s.pass_ns == GYL_NS_PER_S)
			all_of_it_expires(r, now_ns);
		got = piece(r, now_ns, &s);
		want = reass_model_input(&m, now_ns, s.key, cf.piece_max,
			GYL_IPV4_HEADER_LEN + s.opt_len, s.off, s.len, s.more);
		got = got == GYL__REASS_DUPLICATE ? GYL__REASS_OVERLAP : got;
		exact = exact && got != GYL__REASS_ROOM && st->evict_cnt + st->forget_cnt == 0;
		REQUIRE(!exact || got == want);
		REQUIRE(st->page_cnt <= r->page_cnt && st->entry_cnt <= r->entry_cnt);
	}
	all_of_it_expires(r, now_ns + GYL__REASS_TIME_NS);
	REQUIRE(st->entry_cnt == 0 && st->poison_cnt == 0 && st->page_cnt == 0);
	return 0;
}
