/* SPDX-License-Identifier: ISC */
/* Names item_NN_ carry the numbers of libnet/docs/stack.md. */
#include "tests/support/support.h"

#include <gyl/arp.h>

#define BODY "020000000005 0a000005 000000000000 0a000001"

static const uint8_t mac_a[6] = {2, 0, 0, 0, 0, 5}, mac_b[6] = {2, 0, 0, 0, 0, 1};

static const struct {
	const char *name, *hex;
	enum gyl_err err;
	uint16_t op;
	size_t off;
} cases[] = {
	{"request", "0001 0800 06 04 0001" BODY, GYL_OK, 1, 0},
	{"reply", "0001 0800 06 04 0002" BODY, GYL_OK, 2, 0},
	{"padded", "0001 0800 06 04 0002" BODY "0000000000", GYL_OK, 2, 0},
	/* operations that nobody answers, but whose number is kept */
	{"operation 0", "0001 0800 06 04 0000" BODY, GYL_LENIENT, 0, 6},
	{"operation 3", "0001 0800 06 04 0003" BODY, GYL_LENIENT, 3, 6},
	{"operation 256", "0001 0800 06 04 0100" BODY, GYL_LENIENT, 256, 6},
	{"operation 257", "0001 0800 06 04 0101" BODY, GYL_LENIENT, 257, 6},
	/* the checks in their order: length, header, operation */
	{"hardware type", "0101 0801 07 05 0003" BODY, GYL_E_VERSION, 0, 0},
	{"protocol type", "0001 0801 07 05 0003" BODY, GYL_E_VERSION, 0, 2},
	{"hardware length", "0001 0800 07 05 0003" BODY, GYL_E_VERSION, 0, 4},
	{"protocol length", "0001 0800 06 05 0003" BODY, GYL_E_VERSION, 0, 5},
	{"short and wrong", "0101 0801 07 05 0003", GYL_E_SHORT, 0, 28},
};

static void item_11_messages_are_read_or_refused_in_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t buf[64];
		struct gyl_arp a = {.op = 7777};
		struct gyl_fault f =
			gyl_arp_decode(gyl_view(buf, hex_bytes(cases[i].hex, buf, sizeof buf)), &a);

		if (f.err != cases[i].err || f.off != cases[i].off)
			fail_msg("%s: %s at %zu", cases[i].name, gyl_err_text(f.err), f.off);
		assert_int_equal(a.op, gyl_failed(f) ? 7777 : cases[i].op);
		if (gyl_failed(f))
			continue;
		assert_memory_equal(a.sha, mac_a, 6);
		assert_true(a.spa == 0x0a000005 && a.tpa == 0x0a000001);
		assert_true(gyl_eth_is_zero(a.tha));
	}
}

static void take_prefix(struct gyl_view prefix, void *arg)
{
	struct gyl_arp a;
	struct gyl_fault f = gyl_arp_decode(prefix, &a);

	(void)arg;
	if (prefix.len < GYL_ARP_LEN)
		assert_true(f.err == GYL_E_SHORT && f.off == 28);
	else
		assert_int_equal(f.err, GYL_OK);
}

static struct gyl_fault encode(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, cap);
	gyl_arp_encode(&w, arg);
	if (gyl_writer_ok(&w))
		*ret_len = w.len;
	return w.fault;
}

static void item_12_the_four_properties_hold(void **state)
{
	struct gyl_arp request = gyl_arp_request(mac_a, 0x0a000005, 0x0a000001);
	struct gyl_arp in = gyl_arp_reply(&request, mac_b), out;
	uint8_t buf[GYL_ARP_LEN];
	size_t len = 0;

	(void)state;
	assert_int_equal(encode(buf, sizeof buf, &len, &in).err, GYL_OK);
	assert_int_equal(len, GYL_ARP_LEN);
	prop_prefixes(gyl_view(buf, len), take_prefix, NULL);
	prop_capacities(40, encode, &in);
	assert_int_equal(gyl_arp_decode(gyl_view(buf, len), &out).err, GYL_OK);
	assert_int_equal(out.op, GYL_ARP_REPLY);
	assert_memory_equal(out.sha, mac_b, 6);
	assert_memory_equal(out.tha, mac_a, 6);
	assert_true(out.spa == 0x0a000001 && out.tpa == 0x0a000005);
}

/* Octets that take the same course every time: splitmix64. */
static void fill(uint64_t *seed, uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

		z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		p[i] = (uint8_t)((z ^ z >> 27) >> 40);
	}
}

enum {
	ROUNDS = 1001 /* as upstream does */
};

/* A message with a good header and anything else, in 28 octets and padding. */
static void good(uint64_t *seed, uint8_t buf[60], uint16_t op)
{
	static const uint8_t head[6] = {0, 1, 8, 0, 6, 4};

	fill(seed, buf, 60);
	memcpy(buf, head, 6);
	buf[6] = (uint8_t)(op >> 8);
	buf[7] = (uint8_t)op;
}

/* Length, then header, then operation, whatever the rest is. */
static void item_11_random_messages(void **state)
{
	uint64_t seed = 11;

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint8_t buf[60], r[2];
		uint16_t op;
		struct gyl_fault f;
		struct gyl_arp a;

		fill(&seed, r, 2);
		op = (uint16_t)(r[0] << 8 | r[1]);
		good(&seed, buf, op);
		f = gyl_arp_decode(gyl_view(buf, 28), &a);
		assert_int_equal(f.err, op == 1 || op == 2 ? GYL_OK : GYL_LENIENT);
		assert_int_equal(a.op, op);
		f = gyl_arp_decode(gyl_view(buf, i % 28), &a);
		assert_int_equal(f.err, GYL_E_SHORT);
		buf[i % 6] ^= (uint8_t)(1 + r[0] % 255); /* one octet of the header differs */
		a.op = 7777;
		f = gyl_arp_decode(gyl_view(buf, 28), &a);
		assert_int_equal(f.err, GYL_E_VERSION);
		assert_int_equal(f.off, i % 6 < 4 ? i % 6 & ~1u : i % 6);
		assert_int_equal(a.op, 7777);
		fill(&seed, buf, 60); /* nothing of it is right: never read as a message */
		buf[0] |= 2;
		assert_int_equal(gyl_arp_decode(gyl_view(buf, 60), &a).err, GYL_E_VERSION);
	}
}

static void item_12_encoding_gives_back_what_was_decoded(void **state)
{
	uint64_t seed = 12;

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint8_t buf[60], out[64];
		struct gyl_arp a, back;
		struct gyl_writer w;

		good(&seed, buf, (uint16_t)(1 + i % 2));
		assert_int_equal(gyl_arp_decode(gyl_view(buf, 28), &a).err, GYL_OK);
		memset(out, 0xa5, sizeof out);
		gyl_writer_init(&w, out, sizeof out);
		gyl_arp_encode(&w, &a);
		assert_int_equal(w.len, GYL_ARP_LEN);
		assert_memory_equal(out, buf, GYL_ARP_LEN);
		for (size_t k = GYL_ARP_LEN; k < sizeof out; k++)
			assert_int_equal(out[k], 0xa5);
		assert_int_equal(gyl_arp_decode(gyl_view(out, 28), &back).err, GYL_OK);
		assert_true(back.op == a.op && back.spa == a.spa && back.tpa == a.tpa);
		assert_memory_equal(back.sha, a.sha, 6);
		assert_memory_equal(back.tha, a.tha, 6);
	}
}

static void item_12_a_small_buffer_is_refused_and_left_alone(void **state)
{
	struct gyl_arp a = gyl_arp_probe(mac_a, 9);

	(void)state;
	for (size_t cap = 0; cap < GYL_ARP_LEN; cap++) {
		uint8_t out[40];
		struct gyl_writer w;

		memset(out, 0xa5, sizeof out);
		gyl_writer_init(&w, out, cap);
		gyl_arp_encode(&w, &a);
		assert_int_equal(w.fault.err, GYL_E_SPACE);
		for (size_t k = 0; k < sizeof out; k++)
			assert_int_equal(out[k], 0xa5);
	}
}

static void item_13_padding_is_accepted_whatever_it_holds(void **state)
{
	uint64_t seed = 13;

	(void)state;
	for (size_t len = 28; len <= 60; len++) {
		uint8_t buf[60];
		struct gyl_arp a, b;

		good(&seed, buf, GYL_ARP_REQUEST);
		assert_int_equal(gyl_arp_decode(gyl_view(buf, 28), &a).err, GYL_OK);
		assert_int_equal(gyl_arp_decode(gyl_view(buf, len), &b).err, GYL_OK);
		assert_true(a.spa == b.spa && a.tpa == b.tpa && a.op == b.op);
		assert_memory_equal(a.sha, b.sha, 6);
		assert_memory_equal(a.tha, b.tha, 6);
	}
}

/* Who sent the frame and who the message says it is from are both told, so they can be compared. */
static void item_14_the_ethernet_source_stands_beside_the_sender(void **state)
{
	struct gyl_eth e = {.dst = {255, 255, 255, 255, 255, 255}}, eth;
	struct gyl_arp probe = gyl_arp_probe(mac_a, 9), a;
	uint8_t buf[60];
	struct gyl_writer w;

	(void)state;
	memcpy(e.src, mac_b, 6);
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_arp_encode_frame(&w, &e, &probe);
	assert_int_equal(gyl_eth_decode(gyl_writer_view(&w), &eth).err, GYL_OK);
	assert_int_equal(gyl_arp_decode(eth.payload, &a).err, GYL_OK);
	assert_memory_equal(eth.src, mac_b, 6);
	assert_memory_equal(a.sha, mac_a, 6);
}

static void kinds_are_told_apart(void **state)
{
	struct gyl_arp request = gyl_arp_request(mac_a, 5, 1), probe = gyl_arp_probe(mac_a, 1);
	struct gyl_arp odd = request, nobody = gyl_arp_probe(mac_a, 0);
	const struct {
		struct gyl_arp a;
		enum gyl_arp_kind kind;
		const char *text;
	} kinds[] = {
		{request, GYL_ARP_KIND_REQUEST, "request"},
		{gyl_arp_reply(&request, mac_b), GYL_ARP_KIND_REPLY, "reply"},
		{probe, GYL_ARP_KIND_PROBE, "probe"},
		/* address 0 is nobody's: no announcement */
		{gyl_arp_reply(&nobody, mac_b), GYL_ARP_KIND_REPLY, "reply"},
		{gyl_arp_reply(&probe, mac_b), GYL_ARP_KIND_REPLY, "reply"},
		{gyl_arp_probe(mac_a, 0), GYL_ARP_KIND_PROBE, "probe"},
		{gyl_arp_announcement(mac_a, 5), GYL_ARP_KIND_ANNOUNCEMENT, "announcement"},
		{gyl_arp_gratuitous_reply(mac_a, 5), GYL_ARP_KIND_GRATUITOUS_REPLY,
			"gratuitous reply"},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(kinds); i++) {
		assert_int_equal(gyl_arp_kind(&kinds[i].a), kinds[i].kind);
		assert_string_equal(gyl_arp_kind_text(kinds[i].kind), kinds[i].text);
	}
	odd.op = 9;
	assert_int_equal(gyl_arp_kind(&odd), GYL_ARP_KIND_UNKNOWN);
}

static void builders_fill_every_field(void **state)
{
	struct gyl_arp a = gyl_arp_probe(mac_a, 9);

	(void)state;
	/* RFC 5227 2.1.1: sender address zero, so that no cache is polluted; target hardware
	 * address zero. */
	assert_true(a.spa == 0 && a.tpa == 9 && gyl_eth_is_zero(a.tha));
	a = gyl_arp_announcement(mac_a, 9);
	assert_true(a.spa == 9 && a.tpa == 9 && gyl_eth_is_zero(a.tha));
	a = gyl_arp_gratuitous_reply(mac_a, 9);
	assert_true(a.spa == 9 && a.tpa == 9 && gyl_eth_is_broadcast(a.tha));
	assert_true(gyl_eth_mac_eq(a.sha, mac_a));
}

static void frames_are_whole_and_padded(void **state)
{
	struct gyl_eth e = {.dst = {255, 255, 255, 255, 255, 255}, .tag_cnt = 1}, back;
	struct gyl_arp a = gyl_arp_announcement(mac_a, 0x0a000005), out;
	uint8_t buf[80];
	struct gyl_writer w;

	(void)state;
	memcpy(e.src, mac_a, 6);
	e.tag[0] = (struct gyl_eth_tag){GYL_ETH_VLAN, 20, 0, false};
	memset(buf, 0xa5, sizeof buf);
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_arp_encode_frame(&w, &e, &a);
	assert_true(gyl_writer_ok(&w));
	assert_int_equal(w.len, GYL_ETH_FRAME_MIN);
	assert_int_equal(gyl_eth_decode(gyl_writer_view(&w), &back).err, GYL_OK);
	assert_int_equal(back.type, GYL_ETH_ARP);
	assert_int_equal(gyl_eth_vid(&back), 20);
	assert_int_equal(gyl_arp_decode(back.payload, &out).err, GYL_OK);
	assert_int_equal(gyl_arp_kind(&out), GYL_ARP_KIND_ANNOUNCEMENT);
	for (size_t i = 18 + GYL_ARP_LEN; i < w.len; i++)
		assert_int_equal(buf[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(item_11_messages_are_read_or_refused_in_place),
		cmocka_unit_test(item_11_random_messages),
		cmocka_unit_test(item_12_the_four_properties_hold),
		cmocka_unit_test(item_12_encoding_gives_back_what_was_decoded),
		cmocka_unit_test(item_12_a_small_buffer_is_refused_and_left_alone),
		cmocka_unit_test(item_13_padding_is_accepted_whatever_it_holds),
		cmocka_unit_test(item_14_the_ethernet_source_stands_beside_the_sender),
		cmocka_unit_test(kinds_are_told_apart),
		cmocka_unit_test(builders_fill_every_field),
		cmocka_unit_test(frames_are_whole_and_padded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
