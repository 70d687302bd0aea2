/* SPDX-License-Identifier: ISC */
#include <gyl/dns_text.h>
#include <gyl/text.h>

#include "libproto/src/dns_base.h"
#include "libproto/src/dns_layout.h"

struct word {
	uint16_t code;
	char text[20];
};

/* Types that no record has. */
static const struct word qtypes[] = {
	{128, "NXNAME"}, /* RFC 9824 3.4: in bitmaps only */
	{GYL_DNS_TYPE_IXFR, "IXFR"},
	{GYL_DNS_TYPE_AXFR, "AXFR"},
	{253, "MAILB"},
	{254, "MAILA"},
	{GYL_DNS_TYPE_ANY, "ANY"},
};

static const struct word classes[] = {
	{GYL_DNS_CLASS_IN, "IN"},
	{GYL_DNS_CLASS_CH, "CH"},
	{GYL_DNS_CLASS_HS, "HS"},
	{GYL_DNS_CLASS_NONE, "NONE"},
	{GYL_DNS_CLASS_ANY, "ANY"},
};

static const struct word opcodes[] = {
	{GYL_DNS_OP_QUERY, "QUERY"},
	{GYL_DNS_OP_IQUERY, "IQUERY"},
	{GYL_DNS_OP_STATUS, "STATUS"},
	{GYL_DNS_OP_NOTIFY, "NOTIFY"},
	{GYL_DNS_OP_UPDATE, "UPDATE"},
};

static const struct word rcodes[] = {
	{GYL_DNS_NOERROR, "NOERROR"},
	{GYL_DNS_FORMERR, "FORMERR"},
	{GYL_DNS_SERVFAIL, "SERVFAIL"},
	{GYL_DNS_NXDOMAIN, "NXDOMAIN"},
	{GYL_DNS_NOTIMP, "NOTIMP"},
	{GYL_DNS_REFUSED, "REFUSED"},
	{GYL_DNS_YXDOMAIN, "YXDOMAIN"},
	{GYL_DNS_YXRRSET, "YXRRSET"},
	{GYL_DNS_NXRRSET, "NXRRSET"},
	{GYL_DNS_NOTAUTH, "NOTAUTH"},
	{GYL_DNS_NOTZONE, "NOTZONE"},
	{GYL_DNS_BADVERS, "BADVERS"},
	{GYL_DNS_BADKEY, "BADKEY"},
	{GYL_DNS_BADTIME, "BADTIME"},
	{GYL_DNS_BADMODE, "BADMODE"},
	{GYL_DNS_BADNAME, "BADNAME"},
	{GYL_DNS_BADALG, "BADALG"},
	{GYL_DNS_BADTRUNC, "BADTRUNC"},
	{GYL_DNS_BADCOOKIE, "BADCOOKIE"},
};

static const struct word options[] = {
	{GYL_DNS_OPT_LLQ, "LLQ"},
	{GYL_DNS_OPT_UL, "UL"},
	{GYL_DNS_OPT_NSID, "NSID"},
	{GYL_DNS_OPT_DAU, "DAU"},
	{GYL_DNS_OPT_DHU, "DHU"},
	{GYL_DNS_OPT_N3U, "N3U"},
	{GYL_DNS_OPT_SUBNET, "SUBNET"},
	{GYL_DNS_OPT_EXPIRE, "EXPIRE"},
	{GYL_DNS_OPT_COOKIE, "COOKIE"},
	{GYL_DNS_OPT_KEEPALIVE, "KEEPALIVE"},
	{GYL_DNS_OPT_PADDING, "PADDING"},
	{GYL_DNS_OPT_CHAIN, "CHAIN"},
	{GYL_DNS_OPT_KEY_TAG, "KEYTAG"},
	{GYL_DNS_OPT_EDE, "EDE"},
};

/* RFC 4398 2.1 */
static const struct word certs[] = {
	{1, "PKIX"},
	{2, "SPKI"},
	{3, "PGP"},
	{4, "IPKIX"},
	{5, "ISPKI"},
	{6, "IPGP"},
	{7, "ACPKIX"},
	{8, "IACPKIX"},
	{253, "URI"},
	{254, "OID"},
};

/* RFC 4034 A.1 and the IANA registry */
static const struct word algorithms[] = {
	{1, "RSAMD5"},
	{2, "DH"},
	{3, "DSA"},
	{5, "RSASHA1"},
	{6, "DSA-NSEC3-SHA1"},
	{7, "RSASHA1-NSEC3-SHA1"},
	{8, "RSASHA256"},
	{10, "RSASHA512"},
	{12, "ECC-GOST"},
	{13, "ECDSAP256SHA256"},
	{14, "ECDSAP384SHA384"},
	{15, "ED25519"},
	{16, "ED448"},
	{252, "INDIRECT"},
	{253, "PRIVATEDNS"},
	{254, "PRIVATEOID"},
};

#define CNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *word_of(const struct word *table, size_t cnt, unsigned code)
{
	for (size_t i = 0; i < cnt; i++)
		if (table[i].code == code)
			return table[i].text;
	return NULL;
}

static void code_print(struct gyl_writer *w, const char *word, const char *prefix, unsigned code)
{
	size_t start = w->len;

	gyl_text_str(w, word != NULL ? word : prefix);
	if (word == NULL)
		gyl_text_u64(w, code);
	if (!gyl_writer_ok(w))
		w->len = start;
}

void gyl_dns_type_print(struct gyl_writer *w, uint16_t type)
{
	const struct gyl__dns_layout *layout = gyl__dns_layout(type);
	const char *word =
		layout->name[0] != '\0' ? layout->name : word_of(qtypes, CNT(qtypes), type);

	code_print(w, word, "TYPE", type);
}

void gyl_dns_class_print(struct gyl_writer *w, uint16_t rrclass)
{
	code_print(w, word_of(classes, CNT(classes), rrclass), "CLASS", rrclass);
}

void gyl_dns_opcode_print(struct gyl_writer *w, unsigned opcode)
{
	code_print(w, word_of(opcodes, CNT(opcodes), opcode), "OPCODE", opcode);
}

void gyl_dns_rcode_print(struct gyl_writer *w, unsigned rcode)
{
	code_print(w, word_of(rcodes, CNT(rcodes), rcode), "RCODE", rcode);
}

void gyl_dns_option_code_print(struct gyl_writer *w, uint16_t code)
{
	code_print(w, word_of(options, CNT(options), code), "OPT", code);
}

/* `TYPE123`: the prefix and a number of 16 bits. */
static struct gyl_fault numbered(struct gyl_view text, const char *prefix, uint16_t *ret_code)
{
	size_t len = gyl_view_str(prefix).len;
	struct gyl_fault f;
	uint64_t v;

	if (text.len <= len || !gyl__word_eq(gyl_view_sub(text, 0, len), prefix))
		return gyl_fault(GYL_E_SYNTAX, 0);
	f = gyl_parse_u64(gyl_view_sub(text, len, text.len), UINT16_MAX, &v);
	if (gyl_failed(f))
		return gyl_fault(f.err, f.off + len);
	*ret_code = (uint16_t)v;
	return gyl_ok();
}

static bool word_find(
	const struct word *table, size_t cnt, struct gyl_view text, uint16_t *ret_code)
{
	for (size_t i = 0; i < cnt; i++) {
		if (!gyl__word_eq(text, table[i].text))
			continue;
		*ret_code = table[i].code;
		return true;
	}
	return false;
}

static bool layout_find(
	const struct gyl__dns_layout *table, size_t cnt, struct gyl_view text, uint16_t *ret_type)
{
	for (size_t i = 0; i < cnt; i++) {
		if (table[i].name[0] == '\0' || !gyl__word_eq(text, table[i].name))
			continue;
		*ret_type = table[i].type;
		return true;
	}
	return false;
}

struct gyl_fault gyl_dns_type_parse(struct gyl_view text, uint16_t *ret_type)
{
	if (layout_find(gyl__dns_dense, GYL__DNS_DENSE_CNT, text, ret_type) ||
		layout_find(gyl__dns_rare, GYL__DNS_RARE_CNT, text, ret_type) ||
		word_find(qtypes, CNT(qtypes), text, ret_type))
		return gyl_ok();
	return numbered(text, "TYPE", ret_type);
}

struct gyl_fault gyl_dns_class_parse(struct gyl_view text, uint16_t *ret_class)
{
	if (word_find(classes, CNT(classes), text, ret_class))
		return gyl_ok();
	return numbered(text, "CLASS", ret_class);
}

const char *gyl__dns_cert_word(unsigned type)
{
	return word_of(certs, CNT(certs), type);
}

bool gyl__dns_cert_find(struct gyl_view text, unsigned *ret_type)
{
	uint16_t code;

	if (!word_find(certs, CNT(certs), text, &code))
		return false;
	*ret_type = code;
	return true;
}

bool gyl__dns_alg_find(struct gyl_view text, unsigned *ret_alg)
{
	uint16_t code;

	if (!word_find(algorithms, CNT(algorithms), text, &code))
		return false;
	*ret_alg = code;
	return true;
}
