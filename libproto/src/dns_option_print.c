/* SPDX-License-Identifier: ISC */
#include <gyl/dns_text.h>
#include <gyl/text.h>

#include "libproto/src/dns_base.h"

/* RFC 8914 5.2 and the IANA registry */
static const char *const ede_text[] = {
	"Other",
	"Unsupported DNSKEY Algorithm",
	"Unsupported DS Digest Type",
	"Stale Answer",
	"Forged Answer",
	"DNSSEC Indeterminate",
	"DNSSEC Bogus",
	"Signature Expired",
	"Signature Not Yet Valid",
	"DNSKEY Missing",
	"RRSIGs Missing",
	"No Zone Key Bit Set",
	"NSEC Missing",
	"Cached Error",
	"Not Ready",
	"Blocked",
	"Censored",
	"Filtered",
	"Prohibited",
	"Stale NXDOMAIN Answer",
	"Not Authoritative",
	"Not Supported",
	"No Reachable Authority",
	"Network Error",
	"Invalid Data",
};

/* Printers return false when the value has not the form of its option; then it is written as
 * octets. */
typedef bool (*printer)(struct gyl_writer *w, struct gyl_view v);

static bool nsid_print(struct gyl_writer *w, struct gyl_view v)
{
	gyl_text_hex(w, v);
	gyl_text_str(w, v.len == 0 ? "" : " (");
	if (v.len != 0)
		gyl__quoted_print(w, v);
	gyl_text_str(w, v.len == 0 ? "" : ")");
	return true;
}

/* DAU, DHU, N3U: algorithm numbers (RFC 6975) */
static bool list8_print(struct gyl_writer *w, struct gyl_view v)
{
	for (size_t i = 0; i < v.len; i++) {
		if (i != 0)
			gyl_text_char(w, ' ');
		gyl_text_u64(w, v.p[i]);
	}
	return true;
}

static bool list16_print(struct gyl_writer *w, struct gyl_view v)
{
	for (size_t i = 0; v.len % 2 == 0 && i < v.len; i += 2) {
		if (i != 0)
			gyl_text_char(w, ' ');
		gyl_text_u64(w, gyl_get_u16(v.p + i));
	}
	return v.len % 2 == 0;
}

/* RFC 7871 6: as many octets of the address as the prefix needs */
static bool subnet_print(struct gyl_writer *w, struct gyl_view v)
{
	uint8_t ip[16] = {0};
	unsigned family = v.len < 4 ? 0 : gyl_get_u16(v.p);

	if (family < 1 || family > 2 || v.len - 4 > (family == 1 ? 4u : 16u))
		return false;
	if (v.len > 4)
		memcpy(ip, v.p + 4, v.len - 4);
	if (family == 1)
		gyl_text_ipv4(w, gyl_get_u32(ip));
	else
		gyl_text_ipv6(w, ip);
	gyl_text_char(w, '/');
	gyl_text_u64(w, v.p[2]);
	gyl_text_char(w, '/');
	gyl_text_u64(w, v.p[3]);
	return true;
}

static bool expire_print(struct gyl_writer *w, struct gyl_view v)
{
	if (v.len != 0 && v.len != 4)
		return false;
	if (v.len == 4)
		gyl_text_u64(w, gyl_get_u32(v.p));
	return true;
}

/* RFC 7828 3.1: tenths of a second; a client sends none */
static bool keepalive_print(struct gyl_writer *w, struct gyl_view v)
{
	if (v.len != 0 && v.len != 2)
		return false;
	if (v.len == 2) {
		gyl_text_u64(w, gyl_get_u16(v.p) / 10);
		gyl_text_char(w, '.');
		gyl_text_u64(w, gyl_get_u16(v.p) % 10);
		gyl_text_char(w, 's');
	}
	return true;
}

static bool padding_print(struct gyl_writer *w, struct gyl_view v)
{
	gyl_text_u64(w, v.len);
	gyl_text_str(w, " octets");
	return true;
}

static bool chain_print(struct gyl_writer *w, struct gyl_view v)
{
	if (gyl_failed(gyl_dns_name_check(v)))
		return false;
	gyl_dns_name_print(w, v.p);
	return true;
}

static bool ede_print(struct gyl_writer *w, struct gyl_view v)
{
	unsigned code = v.len < 2 ? 0 : gyl_get_u16(v.p);

	if (v.len < 2)
		return false;
	gyl_text_u64(w, code);
	if (code < sizeof ede_text / sizeof ede_text[0]) {
		gyl_text_str(w, " (");
		gyl_text_str(w, ede_text[code]);
		gyl_text_char(w, ')');
	}
	if (v.len > 2) {
		gyl_text_char(w, ' ');
		gyl__quoted_print(w, gyl_view_sub(v, 2, v.len));
	}
	return true;
}

static const printer printers[] = {
	[GYL_DNS_OPT_NSID] = nsid_print,
	[GYL_DNS_OPT_DAU] = list8_print,
	[GYL_DNS_OPT_DHU] = list8_print,
	[GYL_DNS_OPT_N3U] = list8_print,
	[GYL_DNS_OPT_SUBNET] = subnet_print,
	[GYL_DNS_OPT_EXPIRE] = expire_print,
	[GYL_DNS_OPT_KEEPALIVE] = keepalive_print,
	[GYL_DNS_OPT_PADDING] = padding_print,
	[GYL_DNS_OPT_CHAIN] = chain_print,
	[GYL_DNS_OPT_KEY_TAG] = list16_print,
	[GYL_DNS_OPT_EDE] = ede_print,
};

void gyl_dns_option_print(struct gyl_writer *w, const struct gyl_dns_option *opt)
{
	bool known =
		opt->code < sizeof printers / sizeof printers[0] && printers[opt->code] != NULL;
	size_t start = w->len, val;

	gyl_dns_option_code_print(w, opt->code);
	gyl_text_str(w, ": ");
	val = w->len;
	if (!known || !printers[opt->code](w, opt->val)) {
		w->len = val;
		gyl_text_hex(w, opt->val);
	}
	if (!gyl_writer_ok(w))
		w->len = start;
}
