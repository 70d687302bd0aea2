/* SPDX-License-Identifier: ISC */

/* Messages: what we encode ldns decodes to the same records and the other way round; who refuses
 * what. */

#include "tests/support/support.h"

#include <gyl/dns_rdata.h>
#include <ldns/ldns.h>
#include <stdlib.h>

/* xorshift: the same messages in every run */
static uint32_t seed = 1;

static uint32_t rnd(uint32_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % limit;
}

static const char *const labels[] = {
	"a", "B", "www", "WWW", "Example", "example", "com", "x\\.y", "*", "_tcp", "longer-label"};

static void random_name(char *text, size_t cap)
{
	size_t len = 0;

	for (uint32_t n = rnd(5); n != 0; n--)
		len += (size_t)snprintf(
			text + len, cap - len, "%s.", labels[rnd(TEST_CNT(labels))]);
	if (len == 0)
		snprintf(text, cap, ".");
}

static void random_record(char *text, size_t cap)
{
	char owner[128], a[128], b[128];

	random_name(owner, sizeof owner);
	random_name(a, sizeof a);
	random_name(b, sizeof b);
	switch (rnd(8)) {
	case 0:
		snprintf(text, cap, "%s 60 IN NS %s", owner, a);
		break;
	case 1:
		snprintf(text, cap, "%s 60 IN MX %u %s", owner, (unsigned)rnd(99), a);
		break;
	case 2:
		snprintf(
			text, cap, "%s 60 IN SOA %s %s 1 2 3 4 %u", owner, a, b, (unsigned)rnd(99));
		break;
	case 3:
		snprintf(text, cap, "%s 60 IN SRV 1 2 %u %s", owner, (unsigned)rnd(99), a);
		break;
	case 4:
		snprintf(text, cap, "%s 60 IN TXT \"%s\"", owner, "some text");
		break;
	case 5:
		snprintf(text, cap, "%s 60 IN MINFO %s %s", owner, a, b);
		break;
	case 6:
		snprintf(text, cap, "%s 60 IN DNAME %s", owner, a);
		break;
	default:
		snprintf(text, cap, "%s 60 IN A 10.0.0.%u", owner, (unsigned)rnd(255));
		break;
	}
}

static ldns_pkt *random_packet(void)
{
	ldns_pkt *pkt = ldns_pkt_new();

	ldns_pkt_set_id(pkt, (uint16_t)rnd(65536));
	ldns_pkt_set_qr(pkt, true);
	for (ldns_pkt_section s = LDNS_SECTION_ANSWER; s <= LDNS_SECTION_ADDITIONAL; s++)
		for (uint32_t n = rnd(5); n != 0; n--) {
			char text[512];
			ldns_rr *rr;

			random_record(text, sizeof text);
			assert_int_equal(
				ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL), LDNS_STATUS_OK);
			ldns_pkt_push_rr(pkt, s, rr);
		}
	return pkt;
}

/* Owner, type, class, ttl and rdata, all uncompressed. */
static size_t our_record(struct gyl_view msg, const struct gyl_dns_rr *rr, uint8_t *buf, size_t cap)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	struct gyl_writer w;
	size_t head;

	gyl_writer_init(&w, buf, cap);
	gyl_put_bytes(&w, name, gyl_dns_name_get(msg, rr->name_off, name));
	gyl_put_u16(&w, rr->type);
	gyl_put_u16(&w, rr->rrclass);
	gyl_put_u32(&w, rr->ttl);
	head = w.len;
	gyl_put_u16(&w, 0);
	gyl_dns_rdata_expand(&w, msg, rr);
	assert_true(gyl_writer_ok(&w));
	gyl_set_u16(buf + head, (uint16_t)(w.len - head - 2));
	return w.len;
}

static void assert_same_record(
	struct gyl_view msg, const struct gyl_dns_rr *rr, const ldns_rr *theirs)
{
	uint8_t ours[1024], *wire;
	size_t our_len = our_record(msg, rr, ours, sizeof ours), len;

	assert_int_equal(ldns_rr2wire(&wire, theirs, LDNS_SECTION_ANSWER, &len), LDNS_STATUS_OK);
	if (len != our_len)
		fail_msg("type %u: %zu octets, ldns %zu", rr->type, our_len, len);
	/* compression may change case: both lists may stand for another spelling */
	gyl_dns_name_fold(ours, ours, our_len);
	gyl_dns_name_fold(wire, wire, len);
	assert_memory_equal(ours, wire, len);
	free(wire);
}

static void assert_same_message(struct gyl_view msg, const ldns_pkt *pkt)
{
	struct gyl_dns_msg m;
	struct gyl_fault f = gyl_dns_decode(msg, &m);

	if (f.err != GYL_OK)
		fail_msg("%s at %zu", gyl_err_text(f.err), f.off);
	assert_int_equal(m.header.id, ldns_pkt_id(pkt));
	for (int s = GYL_DNS_ANSWER; s <= GYL_DNS_ADDITIONAL; s++) {
		ldns_rr_list *list = s == GYL_DNS_ANSWER      ? ldns_pkt_answer(pkt)
				     : s == GYL_DNS_AUTHORITY ? ldns_pkt_authority(pkt)
							      : ldns_pkt_additional(pkt);
		struct gyl_dns_cursor cur;
		struct gyl_dns_rr rr;
		size_t n = 0;

		gyl_dns_rr_init(&cur, &m, (enum gyl_dns_section)s);
		while (gyl_dns_rr_next(&cur, &rr))
			assert_same_record(msg, &rr, ldns_rr_list_rr(list, n++));
		assert_int_equal(n, ldns_rr_list_rr_count(list));
	}
}

static void what_ldns_encodes_we_decode(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++) {
		ldns_pkt *pkt = random_packet();
		uint8_t *wire;
		size_t len;

		assert_int_equal(ldns_pkt2wire(&wire, pkt, &len), LDNS_STATUS_OK);
		assert_same_message(gyl_view(wire, len), pkt);
		free(wire);
		ldns_pkt_free(pkt);
	}
}

/* The same records through our encoder. */
static size_t reencode(struct gyl_view msg, uint8_t *buf, size_t cap, unsigned options)
{
	static struct gyl_dns_writer d;
	struct gyl_dns_cursor cur;
	struct gyl_dns_msg m;
	struct gyl_dns_rr rr;
	size_t len = 0;

	assert_int_equal(gyl_dns_decode(msg, &m).err, GYL_OK);
	gyl_dns_begin(&d, buf, cap, m.header.id, m.header.flags, options);
	for (gyl_dns_rr_init(&cur, &m, GYL_DNS_QUESTION); gyl_dns_rr_next(&cur, &rr);) {
		uint8_t name[GYL_DNS_NAME_MAX], rdata[1024];
		struct gyl_writer w;

		gyl_writer_init(&w, rdata, sizeof rdata);
		gyl_dns_rdata_expand(&w, msg, &rr);
		gyl_dns_name_get(msg, rr.name_off, name);
		assert_true(gyl_dns_put_rr(
			&d, rr.section, name, rr.type, rr.rrclass, rr.ttl, gyl_writer_view(&w)));
	}
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	return len;
}

static void what_we_encode_ldns_decodes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		static uint8_t buf[65535];
		ldns_pkt *pkt = random_packet(), *again;
		uint8_t *wire;
		size_t len, our_len;

		assert_int_equal(ldns_pkt2wire(&wire, pkt, &len), LDNS_STATUS_OK);
		our_len = reencode(gyl_view(wire, len), buf, sizeof buf, i % 3);
		assert_int_equal(ldns_wire2pkt(&again, buf, our_len), LDNS_STATUS_OK);
		assert_same_message(gyl_view(wire, len), again);
		ldns_pkt_free(again);
		ldns_pkt_free(pkt);
		free(wire);
	}
}

#define HEAD "1234 8180 0000 0001 0000 0000 0161 00 "
#define TAIL "0001 0000003c "

/* Who refuses what: the differences that are known, and why. */
static const struct {
	const char *name, *hex;
	bool ours, ldns;
} known[] = {
	{"A of 4", HEAD "0001" TAIL "0004 0a000001", true, true},
	{"A of 3", HEAD "0001" TAIL "0003 0a0000", false, false},
	{"pointer loop", "1234 8180 0000 0001 0000 0000 c00c 0001" TAIL "0004 0a000001", false,
		false},
	{"label type 01", "1234 8180 0000 0001 0000 0000 41 00 0001" TAIL "0004 0a000001", false,
		false},
	/* ldns allows any pointer but to octet 0, as long as it ends somewhere; RFC 1035 4.1.4 says
	   prior */
	{"pointer forward", "1234 8180 0000 0001 0000 0000 c01a 0001" TAIL "0004 00000000", false,
		true},
	{"pointer into the header", "1234 8180 0000 0001 0000 0000 c004 0001" TAIL "0004 0a000001",
		false, true},
	/* RFC 3597 4: only the types of RFC 1035 and a few more were ever sent compressed */
	{"compressed DNAME", HEAD "0027" TAIL "0002 c00c", false, true},
	/* fields that are missing at the end */
	{"empty A", HEAD "0001" TAIL "0000", false, true},
	{"MX without a name", HEAD "000f" TAIL "0002 000a", false, true},
	/* ldns takes values as octets up to the end */
	{"bitmap of an empty window", HEAD "002f" TAIL "0003 00 00 00", false, true},
	{"SvcParams in disorder", HEAD "0040" TAIL "000b 0001 00 0002 0000 0001 0000", false, true},
	{"LOC of 15 octets", HEAD "001d" TAIL "000f 000000000000000000000000000000", false, true},
	/* the rules of RFC 6891 6.1.1 are left to whoever calls ldns */
	{"two OPTs",
		"1234 8180 0000 0000 0000 0002 00 0029 0200 00000000 0000 00 0029 0200 00000000 0000",
		false, true},
};

static void differences_are_the_known_ones(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(known); i++) {
		uint8_t buf[256];
		size_t len = hex_bytes(known[i].hex, buf, sizeof buf);
		struct gyl_dns_msg m;
		ldns_pkt *pkt = NULL;
		bool ours = !gyl_failed(gyl_dns_decode(gyl_view(buf, len), &m));
		bool theirs = ldns_wire2pkt(&pkt, buf, len) == LDNS_STATUS_OK;

		if (theirs)
			ldns_pkt_free(pkt);
		if (ours != known[i].ours || theirs != known[i].ldns)
			fail_msg("%s: ours %d, ldns %d", known[i].name, ours, theirs);
	}
}

/* Broken messages: whatever we accept, ldns accepts with the same records (it is the laxer of the
 * two). */
static void nothing_is_accepted_that_ldns_refuses(void **state)
{
	unsigned accepted = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		ldns_pkt *pkt = random_packet(), *again = NULL;
		struct gyl_dns_msg m;
		uint8_t *wire;
		size_t len;

		assert_int_equal(ldns_pkt2wire(&wire, pkt, &len), LDNS_STATUS_OK);
		wire[12 + rnd((uint32_t)len) % (len == 12 ? 1 : len - 12)] ^=
			(uint8_t)(1 + rnd(255));
		if (gyl_dns_decode(gyl_view(wire, len), &m).err == GYL_OK) {
			accepted++;
			if (ldns_wire2pkt(&again, wire, len) != LDNS_STATUS_OK)
				fail_msg("ldns refuses message %d", i);
			ldns_pkt_free(again);
		}
		free(wire);
		ldns_pkt_free(pkt);
	}
	assert_true(accepted > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_ldns_encodes_we_decode),
		cmocka_unit_test(what_we_encode_ldns_decodes),
		cmocka_unit_test(differences_are_the_known_ones),
		cmocka_unit_test(nothing_is_accepted_that_ldns_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
