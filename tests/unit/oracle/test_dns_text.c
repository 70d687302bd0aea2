/* SPDX-License-Identifier: ISC */

/* The text of every RR type that ldns prints: ours is the same, and each reads what the other
 * wrote. */

#include "tests/support/support.h"

#include <ctype.h>
#include <gyl/dns_rdata.h>
#include <gyl/dns_text.h>
#include <gyl/text.h>
#include <ldns/ldns.h>
#include <stdlib.h>

/* How our text may differ from that of ldns; docs/dns.md tells why. */
enum difference {
	SAME,
	PORTS,  /* ldns asks /etc/services for names */
	ESCAPE, /* the same octets, escaped in another way */
	NUMBER, /* ldns takes the first octet for all of a SINK record */
	UNREAD, /* the same, but ldns cannot read what it writes */
};

static const struct {
	const char *text;
	enum difference difference;
} rows[] = {
	{"A 192.0.2.1", SAME},
	{"NS ns.example.com.", SAME},
	{"MD a.", SAME},
	{"MF a.", SAME},
	{"CNAME .", SAME},
	{"SOA ns.example.com. hostmaster.example.com. 2026112101 7200 3600 1209600 300", SAME},
	{"MB a.b.", SAME},
	{"MG a.b.", SAME},
	{"MR a.b.", SAME},
	{"NULL \\# 3 010203", SAME},
	{"WKS 10.0.0.1 6 25 80 443", PORTS},
	{"PTR host.example.com.", SAME},
	{"HINFO \"PDP-11\" \"UNIX V7\"", SAME},
	{"MINFO a. b.", SAME},
	{"MX 10 mail.example.com.", SAME},
	{"TXT \"one\" \"two words\" \"\"", SAME},
	{"TXT \"q\\\"uote back\\\\slash semi;colon \\000\\200\\127\"", SAME},
	{"TXT \"\"", SAME},
	{"SVCB 1 . no-default-alpn", SAME},
	{"RP a. b.", SAME},
	{"AFSDB 1 a.", SAME},
	{"X25 \"311061700956\"", SAME},
	{"ISDN \"150862028003217\"", SAME},
	{"ISDN \"150862028003217\" \"004\"", SAME},
	{"RT 10 a.", SAME},
	{"NSAP 0x47000580005a0000000001e133ffffff00016100", SAME},
	{"NSAP-PTR \"foo\"", SAME},
	{"SIG A 5 2 3600 20261121000000 20261021000000 12345 example.com. AQID", SAME},
	{"KEY 256 3 5 AQPSKmynfzW4kyBv015MUG2DeIQ3", SAME},
	{"PX 10 a. b.", SAME},
	{"GPOS \"-32.6882\" \"116.8652\" \"10.0\"", SAME},
	{"AAAA 2001:db8::1", SAME},
	{"AAAA ::", SAME},
	{"AAAA ::1", SAME},
	{"AAAA 1::", SAME},
	{"AAAA ::192.0.2.1", SAME},
	{"AAAA ::ffff:192.0.2.1", SAME},
	{"AAAA 2001:0:0:1:0:0:0:1", SAME},
	{"AAAA 2001:db8:0:1:1:1:1:1", SAME},
	{"AAAA 1:0:0:2:3:0:0:4", SAME},
	{"LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m", SAME},
	{"LOC 0 0 0.000 S 0 0 0.001 W 100.55m 1m 0.10m 20m", SAME},
	{"NXT \\# 7 01610062010008", UNREAD},
	{"EID e32c6f78163a9348", SAME},
	{"NIMLOC 32251a030067", SAME},
	{"SRV 10 60 5060 sip.example.com.", SAME},
	{"ATMA 39246f00e7c9c0312000100012000123456700", SAME},
	{"NAPTR 100 50 \"s\" \"http+I2L+I2C+I2R\" \"\" _http._tcp.example.com.", SAME},
	{"NAPTR 100 10 \"U\" \"E2U+sip\" \"!^.*$!sip:a@b.c!\" .", SAME},
	{"KX 1 a.", SAME},
	{"CERT PGP 0 0 AQIDBA==", SAME},
	{"CERT 300 1 5 AQIDBA==", SAME},
	{"A6 \\# 1 80", SAME},
	{"DNAME other.example.", SAME},
	{"SINK \\# 1 01", NUMBER},
	{"APL 1:192.168.32.0/21 !1:192.168.38.0/28", SAME},
	{"APL 2:2001:0db8:0000:0000:0000:0000:0000:0000/32", SAME},
	{"DS 60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118", SAME},
	{"SSHFP 2 1 123456789abcdef67890123456789abcdef67890", SAME},
	{"IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==", SAME},
	{"IPSECKEY 10 0 2 . AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==", SAME},
	{"IPSECKEY 10 2 2 2001:db8::1 AQNRU3mG", SAME},
	{"IPSECKEY 10 3 2 mygateway.example.com. AQNRU3mG", SAME},
	{"RRSIG A 13 3 86400 20260322173103 20260220173103 2642 example.com. oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTr",
		SAME},
	{"RRSIG TYPE1234 13 3 86400 20380119031408 19700101000000 2642 . AQ==", SAME},
	{"NSEC host.example.com. A MX RRSIG NSEC TYPE1234", SAME},
	{"NSEC .", SAME},
	{"DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==",
		SAME},
	{"DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=", SAME},
	{"NSEC3 1 1 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG", SAME},
	{"NSEC3 1 0 0 - 2vptu5timamqttgl4luu9kg21e0aor3s", SAME},
	{"NSEC3PARAM 1 0 12 aabbccdd", SAME},
	{"NSEC3PARAM 1 0 0 -", SAME},
	{"TLSA 3 1 1 d2abde240d7cd3ee6b4b28c54df034b9", SAME},
	{"SMIMEA 3 0 0 0102", SAME},
	{"HIP 2 200100107b1a74df365639cc39f1d578 AwEAAbdxyhNuSutc5EMzxTs9 rvs1.example.com. rvs2.example.com.",
		SAME},
	{"HIP 2 200100107b1a74df365639cc39f1d578 AwEAAbdxyhNuSutc5EMzxTs9", SAME},
	{"TALINK a. b.", SAME},
	{"CDS 0 0 0 00", SAME},
	{"CDNSKEY 0 3 0 AA==", SAME},
	{"OPENPGPKEY AQIDBAUG", SAME},
	{"CSYNC 66 3 A NS AAAA", SAME},
	{"ZONEMD 2018031500 1 1 fef76ea8bbb9eb6a26d4bcff9f2fe98f", SAME},
	{"SVCB 0 foo.example.com.", SAME},
	{"SVCB 1 . alpn=h2,h3 no-default-alpn port=8443 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1",
		SAME},
	{"SVCB 16 a. mandatory=alpn,ipv4hint alpn=h2 ipv4hint=192.0.2.1 key667=hello", SAME},
	{"HTTPS 1 . ech=AEX+DQA=", SAME},
	{"HTTPS 1 . key667=\"hello there\"", SAME},
	{"SPF \"v=spf1 -all\"", SAME},
	{"NID 10 0014:4fff:ff20:ee64", SAME},
	{"L32 10 10.1.2.0", SAME},
	{"L64 10 2001:0db8:1140:1000", SAME},
	{"LP 10 l64.example.com.", SAME},
	{"EUI48 00-00-5e-00-53-2a", SAME},
	{"EUI64 00-00-5e-ef-10-00-00-2a", SAME},
	{"URI 10 1 \"ftp://ftp1.example.com/public\"", SAME},
	{"CAA 0 issue \"ca.example.net; account=230123\"", SAME},
	{"CAA 128 issue \"\"", SAME},
	{"DLV 60485 5 1 2bb183af5f22588179a53b0a98631fad", SAME},
	{"TYPE65280 \\# 4 0a000001", SAME},
	{"TYPE65280 \\# 0", SAME},
	/* names with octets that ldns leaves bare */
	{"CNAME a\\@b.c\\$d.", ESCAPE},
	{"CNAME a\\.b\\\\c\\032\\255.", SAME},
	{"PTR 0/25.2.0.192.in-addr.arpa.", ESCAPE},
};

/* One blank for each run of them outside quotes, none at the end: ldns writes some in pairs and
 * some last. */
static void squeeze(char *s)
{
	char *to = s;
	bool quoted = false;

	for (char *from = s; *from != '\0'; from++) {
		if (*from == '"' && (from == s || from[-1] != '\\'))
			quoted = !quoted;
		if (!quoted && isspace((unsigned char)*from)) {
			if (to != s && to[-1] != ' ')
				*to++ = ' ';
			continue;
		}
		*to++ = *from;
	}
	while (to != s && to[-1] == ' ')
		to--;
	*to = '\0';
}

/* A message with this one record, as ldns encodes it. */
static size_t ldns_message(ldns_rr *rr, uint8_t *buf, size_t cap)
{
	ldns_pkt *pkt = ldns_pkt_new();
	uint8_t *wire;
	size_t len;

	ldns_pkt_set_qr(pkt, true);
	assert_true(ldns_pkt_push_rr(pkt, LDNS_SECTION_ANSWER, ldns_rr_clone(rr)));
	assert_int_equal(ldns_pkt2wire(&wire, pkt, &len), LDNS_STATUS_OK);
	assert_true(len <= cap);
	memcpy(buf, wire, len);
	free(wire);
	ldns_pkt_free(pkt);
	return len;
}

static char *ldns_text(const ldns_rr *rr)
{
	ldns_buffer *out = ldns_buffer_new(LDNS_MAX_PACKETLEN);
	char *text;

	assert_int_equal(
		ldns_rr2buffer_str_fmt(out, ldns_output_format_nocomments, rr), LDNS_STATUS_OK);
	text = ldns_buffer_export2str(out);
	ldns_buffer_free(out);
	squeeze(text);
	return text;
}

static ldns_rr *ldns_parse(const char *text)
{
	ldns_rr *rr = NULL;

	if (ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL) != LDNS_STATUS_OK)
		fail_msg("ldns does not read: %s", text);
	return rr;
}

static void assert_same_rr(ldns_rr *a, ldns_rr *b, const char *text)
{
	uint8_t *a_wire, *b_wire;
	size_t a_len, b_len;

	assert_int_equal(ldns_rr2wire(&a_wire, a, LDNS_SECTION_ANSWER, &a_len), LDNS_STATUS_OK);
	assert_int_equal(ldns_rr2wire(&b_wire, b, LDNS_SECTION_ANSWER, &b_len), LDNS_STATUS_OK);
	if (a_len != b_len || memcmp(a_wire, b_wire, a_len) != 0)
		fail_msg("ldns reads other octets from: %s", text);
	free(a_wire);
	free(b_wire);
}

/* Cuts text at blanks, minding quotes: what a zone reader does. */
static size_t tokens(char *text, struct gyl_dns_token *tok, size_t cap)
{
	size_t cnt = 0;

	for (char *at = text; *at != '\0';) {
		bool quoted = *at == '"', inside = quoted;
		char *start = quoted ? ++at : at;

		for (; *at != '\0' && (inside ? *at != '"' || !quoted : *at != ' '); at++) {
			if (*at == '\\' && at[1] != '\0')
				at++;
			else if (!quoted && *at == '"')
				inside = true;
		}
		assert_true(cnt < cap);
		tok[cnt].quoted = quoted;
		tok[cnt++].text = gyl_view(start, (size_t)(at - start));
		at += quoted && *at == '"';
		while (*at == ' ')
			at++;
	}
	return cnt;
}

static void assert_we_read(char *rdata, struct gyl_view msg, const struct gyl_dns_rr *rr)
{
	static uint8_t wire[70000], parsed[70000];
	struct gyl_dns_token tok[64];
	struct gyl_writer expect, w;
	struct gyl_fault f;
	size_t cnt = tokens(rdata, tok, TEST_CNT(tok)), bad = 0;

	gyl_writer_init(&expect, wire, sizeof wire);
	gyl_dns_rdata_expand(&expect, msg, rr);
	gyl_writer_init(&w, parsed, sizeof parsed);
	f = gyl_dns_rdata_parse(rr->type, tok, cnt, NULL, &w, &bad);
	if (f.err == GYL_E_VERSION) {
		assert_false(gyl_dns_rdata_parses(rr->type));
		return;
	}
	if (gyl_failed(f))
		fail_msg("%s: %s at word %zu, %zu", rdata, gyl_err_text(f.err), bad, f.off);
	assert_true(gyl_view_eq(gyl_writer_view(&expect), gyl_writer_view(&w)));
}

static void row_is_the_same(const char *text, enum difference difference)
{
	static uint8_t msg[70000];
	static char ours[300000], line[4096];
	struct gyl_dns_cursor cur;
	struct gyl_dns_msg m;
	struct gyl_dns_rr rr;
	struct gyl_writer w;
	ldns_rr *theirs, *again;
	struct gyl_fault f;
	char *their_text;

	snprintf(line, sizeof line, "host.example.com. 300 IN %s", text);
	theirs = ldns_parse(line);
	f = gyl_dns_decode(gyl_view(msg, ldns_message(theirs, msg, sizeof msg)), &m);
	if (f.err != GYL_OK)
		fail_msg("%s: %s at %zu", text, gyl_err_text(f.err), f.off);
	gyl_dns_rr_init(&cur, &m, GYL_DNS_ANSWER);
	assert_true(gyl_dns_rr_next(&cur, &rr));
	gyl_writer_init(&w, ours, sizeof ours - 1);
	gyl_dns_rr_print(&w, m.raw, &rr);
	assert_true(gyl_writer_ok(&w));
	ours[w.len] = '\0';
	if (difference != UNREAD) {
		again = ldns_parse(ours);
		assert_same_rr(theirs, again, ours);
		ldns_rr_free(again);
	}
	squeeze(ours);
	their_text = ldns_text(theirs);
	if ((strcmp(ours, their_text) == 0) != (difference == SAME || difference == UNREAD))
		fail_msg("\nldns %s\nours %s", their_text, ours);
	gyl_writer_init(&w, line, sizeof line - 1);
	gyl_dns_rdata_print(&w, m.raw, &rr);
	line[w.len] = '\0';
	assert_we_read(line, m.raw, &rr);
	free(their_text);
	ldns_rr_free(theirs);
}

static void every_type_has_the_text_of_ldns(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++)
		row_is_the_same(rows[i].text, rows[i].difference);
}

/* No type that ldns knows may be missing from the rows: OPT, TKEY and TSIG have no text that reads
 * back. */
static void every_type_of_ldns_has_a_row(void **state)
{
	(void)state;
	for (unsigned type = 1; type < 65536; type++) {
		const ldns_rr_descriptor *d = ldns_rr_descript((uint16_t)type);
		char word[32];
		bool found = type == 41 || type == 249 || type == 250;
		uint16_t ours = 0;

		if (d == NULL || d->_name == NULL || d->_type != type)
			continue;
		assert_int_equal(gyl_dns_type_parse(gyl_view_str(d->_name), &ours).err, GYL_OK);
		assert_int_equal(ours, type);
		snprintf(word, sizeof word, "%s ", d->_name);
		for (size_t i = 0; i < TEST_CNT(rows) && !found; i++)
			found = strncmp(rows[i].text, word, strlen(word)) == 0;
		if (!found)
			fail_msg("no row for %s", d->_name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_the_text_of_ldns),
		cmocka_unit_test(every_type_of_ldns_has_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
