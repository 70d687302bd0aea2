/* SPDX-License-Identifier: ISC */

/*
 * A lease as a record of the store. Key: "dhcpd/lease/10.0.0.17". Value, text:
 *
 *   2 STATE UNTIL SECONDS HARDWARE ID NAME SOURCE RELAY
 *
 * 2 is the form's version; STATE leased, released or declined; UNTIL the wall-clock time of its
 * end (of a lease: one lease time later than its client was told), RFC 3339, or "infinite"; SECONDS
 * the lease time that was granted; HARDWARE a MAC, or type and octets in hexadecimal ("20/00aa");
 * ID the client identifier in hexadecimal, "sha256/..." for one over 32 octets; SOURCE where its
 * messages came from: the relay's address, or the Ethernet source when it is not HARDWARE; RELAY
 * option 82 in hexadecimal. "-" stands for what there is not. Form 1, of earlier versions, ends
 * with NAME. A lease that ran out keeps its record: it says who gets the address back.
 */

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/record_text.h"
#include "services/dhcpd/word.h"

static const char prefix[] = "dhcpd/lease/";

struct gyl_view gyl__dhcpd_record_key(uint8_t buf[GYL_DHCPD_KEY_LEN_MAX], uint32_t ip)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, GYL_DHCPD_KEY_LEN_MAX);
	gyl_text_str(&w, prefix);
	gyl_text_ipv4(&w, ip);
	return gyl_writer_view(&w);
}

/* ---- printing ---- */

static void print_until(struct gyl_writer *w, uint64_t until_ns)
{
	static const uint64_t up_ns = GYL_NS_PER_S - 1; /* no lease ends sooner than told */

	if (until_ns == GYL_TIME_INFINITE)
		gyl_text_str(w, "infinite");
	else
		gyl_time_print_rfc3339(w, gyl_time_add(until_ns, up_ns), 0);
}

static void print_hardware(struct gyl_writer *w, const struct gyl_dhcpd_key *k)
{
	if (k->has_mac) {
		gyl_text_mac(w, k->mac);
	} else if (k->form == GYL_DHCPD_BY_HW) {
		gyl_text_u64(w, k->octet[0]);
		gyl_text_char(w, '/');
		gyl_text_hex(w, gyl_view(k->octet + 1, k->len - 1u));
	} else {
		gyl_text_char(w, '-');
	}
}

static void print_id(struct gyl_writer *w, const struct gyl_dhcpd_key *k)
{
	if (k->form == GYL_DHCPD_BY_DIGEST)
		gyl_text_str(w, "sha256/");
	if (k->form == GYL_DHCPD_BY_DIGEST || k->form == GYL_DHCPD_BY_ID)
		gyl_text_hex(w, gyl_view(k->octet, k->len));
	else
		gyl_text_char(w, '-');
}

static void print_source(struct gyl_writer *w, const struct gyl_dhcpd_record *r)
{
	if (r->giaddr != 0)
		gyl_text_ipv4(w, r->giaddr);
	else if (r->has_source)
		gyl_text_mac(w, r->source);
	else
		gyl_text_char(w, '-');
}

void gyl__dhcpd_record_print(struct gyl_writer *w, const struct gyl_dhcpd_record *r)
{
	static const char *const state[] = {[GYL_DHCPD_FREE] = "2 released ",
		[GYL_DHCPD_OFFERED] = "2 released ",
		[GYL_DHCPD_LEASED] = "2 leased ",
		[GYL_DHCPD_DECLINED] = "2 declined "};

	gyl_text_str(w, state[r->state]);
	print_until(w, r->until_ns);
	gyl_text_char(w, ' ');
	gyl_text_u64(w, r->granted_s);
	gyl_text_char(w, ' ');
	print_hardware(w, &r->key);
	gyl_text_char(w, ' ');
	print_id(w, &r->key);
	gyl_text_char(w, ' ');
	if (r->name.len != 0)
		gyl_put_view(w, r->name);
	else
		gyl_text_char(w, '-');
	gyl_text_char(w, ' ');
	print_source(w, r);
	gyl_text_char(w, ' ');
	if (r->relay_len != 0)
		gyl_text_hex(w, gyl_view(r->relay, r->relay_len));
	else
		gyl_text_char(w, '-');
}

/* ---- reading back ---- */

static bool parse_state(struct gyl_view v, uint8_t *ret_state)
{
	if (gyl__dhcpd_word_is(v, "leased"))
		*ret_state = GYL_DHCPD_LEASED;
	else if (gyl__dhcpd_word_is(v, "declined"))
		*ret_state = GYL_DHCPD_DECLINED;
	else if (gyl__dhcpd_word_is(v, "released"))
		*ret_state = GYL_DHCPD_FREE;
	else
		return false;
	return true;
}

static bool parse_hardware(struct gyl_view v, struct gyl_dhcpd_key *k)
{
	const uint8_t *slash = v.len == 0 ? NULL : memchr(v.p, '/', v.len);
	uint64_t type;
	size_t len, at;

	if (gyl__dhcpd_word_is(v, "-"))
		return true;
	k->form = GYL_DHCPD_BY_HW;
	if (slash == NULL) {
		k->has_mac = true;
		k->len = 7;
		k->octet[0] = 1;
		if (gyl_failed(gyl_parse_mac(v, k->mac)))
			return false;
		memcpy(k->octet + 1, k->mac, 6);
		return true;
	}
	at = (size_t)(slash - v.p);
	if (gyl_failed(gyl_parse_u64(gyl_view_sub(v, 0, at), 255, &type)) ||
		gyl_failed(gyl_parse_hex(gyl_view_sub(v, at + 1, v.len), k->octet + 1, 16, &len)))
		return false;
	k->octet[0] = (uint8_t)type;
	k->len = (uint8_t)(1 + len);
	return true;
}

static bool parse_id(struct gyl_view v, struct gyl_dhcpd_key *k)
{
	static const char digest[] = "sha256/";
	size_t skip = sizeof digest - 1, len;
	bool is_digest = gyl__dhcpd_word_is(gyl_view_sub(v, 0, skip), digest);

	if (gyl__dhcpd_word_is(v, "-"))
		return true;
	k->form = is_digest ? GYL_DHCPD_BY_DIGEST : GYL_DHCPD_BY_ID;
	if (gyl_failed(gyl_parse_hex(gyl_view_sub(v, is_digest ? skip : 0, v.len), k->octet,
		    GYL_DHCPD_ID_MAX, &len)) ||
		len == 0)
		return false;
	k->len = (uint8_t)len;
	return true;
}

static bool parse_until(struct gyl_view v, uint64_t *ret_ns)
{
	if (!gyl__dhcpd_word_is(v, "infinite"))
		return !gyl_failed(gyl_time_parse_rfc3339(v, ret_ns));
	*ret_ns = GYL_TIME_INFINITE;
	return true;
}

/* Where it came from; form 1 says nothing of it. */
static bool parse_place(struct gyl_view source, struct gyl_view relay, struct gyl_dhcpd_record *f)
{
	f->has_source = source.len != 0 && memchr(source.p, ':', source.len) != NULL;
	if (f->has_source && gyl_failed(gyl_parse_mac(source, f->source)))
		return false;
	if (!f->has_source && source.len != 0 && !gyl__dhcpd_word_is(source, "-") &&
		gyl_failed(gyl_parse_ipv4(source, &f->giaddr)))
		return false;
	return relay.len == 0 || gyl__dhcpd_word_is(relay, "-") ||
	       !gyl_failed(gyl_parse_hex(relay, f->relay, sizeof f->relay, &f->relay_len));
}

bool gyl__dhcpd_record_parse(struct gyl_view val, struct gyl_dhcpd_record *f)
{
	struct gyl_view form = gyl__dhcpd_word(&val), source;

	memset(f, 0, offsetof(struct gyl_dhcpd_record, relay));
	f->relay_len = 0;
	if ((!gyl__dhcpd_word_is(form, "1") && !gyl__dhcpd_word_is(form, "2")) ||
		!parse_state(gyl__dhcpd_word(&val), &f->state) ||
		!parse_until(gyl__dhcpd_word(&val), &f->until_ns) ||
		gyl_failed(gyl_parse_u64(gyl__dhcpd_word(&val), UINT32_MAX, &f->granted_s)) ||
		!parse_hardware(gyl__dhcpd_word(&val), &f->key) ||
		!parse_id(gyl__dhcpd_word(&val), &f->key))
		return false;
	f->name = gyl__dhcpd_word(&val);
	if (gyl__dhcpd_word_is(f->name, "-"))
		f->name.len = 0;
	source = gyl__dhcpd_word(&val);
	return f->name.len <= GYL_DHCPD_NAME_MAX && parse_place(source, gyl__dhcpd_word(&val), f);
}

bool gyl__dhcpd_record_ip(struct gyl_view key, uint32_t *ret_ip)
{
	size_t skip = sizeof prefix - 1;

	return gyl__dhcpd_word_is(gyl_view_sub(key, 0, skip), prefix) &&
	       !gyl_failed(gyl_parse_ipv4(gyl_view_sub(key, skip, key.len), ret_ip));
}
