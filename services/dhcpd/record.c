/* SPDX-License-Identifier: ISC */

/*
 * A lease as a record of the store. Key: "dhcpd/lease/10.0.0.17". Value, text:
 *
 *   1 STATE UNTIL SECONDS HARDWARE ID NAME
 *
 * 1 is the form's version; STATE leased, released or declined; UNTIL the wall-clock time of its
 * end, RFC 3339, or "infinite"; SECONDS the lease time that was granted; HARDWARE a MAC, or type
 * and octets in hexadecimal ("20/00aa"); ID the client identifier in hexadecimal, "sha256/..." for
 * one over 32 octets; "-" stands for what there is not. A lease that ran out keeps its record: it
 * says who gets the address back.
 */

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/state.h"

static const char prefix[] = "dhcpd/lease/";

static struct gyl_view print_key(uint8_t buf[GYL_DHCPD_KEY_LEN_MAX], uint32_t ip)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, GYL_DHCPD_KEY_LEN_MAX);
	gyl_text_str(&w, prefix);
	gyl_text_ipv4(&w, ip);
	return gyl_writer_view(&w);
}

/* ---- printing ---- */

static void print_until(struct gyl_writer *w, const struct gyl_dhcpd_lease *l, struct gyl_now now)
{
	static const uint64_t up_ns = GYL_NS_PER_S - 1; /* no lease ends sooner than told */

	if (l->expiry_ns == GYL_TIME_INFINITE)
		gyl_text_str(w, "infinite");
	else
		gyl_time_print_rfc3339(w, now.wall_ns + (l->expiry_ns - now.mono_ns) + up_ns, 0);
}

static void print_hardware(struct gyl_writer *w, const struct gyl_dhcpd_lease *l)
{
	if (l->has_mac) {
		gyl_text_mac(w, l->mac);
	} else if (l->form == GYL_DHCPD_BY_HW) {
		gyl_text_u64(w, l->id[0]);
		gyl_text_char(w, '/');
		gyl_text_hex(w, gyl_view(l->id + 1, l->id_len - 1u));
	} else {
		gyl_text_char(w, '-');
	}
}

static void print_id(struct gyl_writer *w, const struct gyl_dhcpd_lease *l)
{
	if (l->form == GYL_DHCPD_BY_DIGEST)
		gyl_text_str(w, "sha256/");
	if (l->form == GYL_DHCPD_BY_DIGEST || l->form == GYL_DHCPD_BY_ID)
		gyl_text_hex(w, gyl_view(l->id, l->id_len));
	else
		gyl_text_char(w, '-');
}

static struct gyl_view print_val(
	uint8_t buf[GYL_DHCPD_VAL_LEN_MAX], const struct gyl_dhcpd_lease *l, struct gyl_now now)
{
	static const char *const state[] = {[GYL_DHCPD_FREE] = "released ",
		[GYL_DHCPD_LEASED] = "leased ",
		[GYL_DHCPD_DECLINED] = "declined "};
	struct gyl_writer w;

	gyl_writer_init(&w, buf, GYL_DHCPD_VAL_LEN_MAX);
	gyl_text_str(&w, "1 ");
	gyl_text_str(&w, state[l->state]);
	print_until(&w, l, now);
	gyl_text_char(&w, ' ');
	gyl_text_u64(&w, l->granted_s);
	gyl_text_char(&w, ' ');
	print_hardware(&w, l);
	gyl_text_char(&w, ' ');
	print_id(&w, l);
	gyl_text_char(&w, ' ');
	if (l->name_len != 0)
		gyl_put_bytes(&w, l->name, l->name_len);
	else
		gyl_text_char(&w, '-');
	return gyl_writer_view(&w);
}

bool gyl__dhcpd_store(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX], val[GYL_DHCPD_VAL_LEN_MAX];
	struct gyl_record rec = {print_key(key, l->ip), print_val(val, l, now), false};
	uint64_t seq = gyl_out_store(o, &rec, 1);

	if (seq == 0)
		return false;
	l->seq = seq;
	d->seq = seq;
	return true;
}

void gyl__dhcpd_store_remove(struct gyl_dhcpd *d, struct gyl_out *o, uint32_t slot)
{
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX];
	struct gyl_record rec = {.key = print_key(key, d->lease[slot].ip), .remove = true};

	gyl_out_store(o, &rec, 1); /* it makes room, if anything */
}

bool gyl__dhcpd_is_stored(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	return l->seq < d->lost_from || l->seq >= d->lost_to;
}

/* ---- reading back ---- */

struct fields {
	uint8_t state;     /* enum gyl_dhcpd_state */
	uint64_t until_ns; /* wall clock */
	uint64_t granted_s;
	struct gyl_dhcpd_key key;
	struct gyl_view name;
};

static struct gyl_view word(struct gyl_view *rest)
{
	size_t n = 0;
	struct gyl_view w;

	while (n < rest->len && rest->p[n] != ' ')
		n++;
	w = gyl_view_sub(*rest, 0, n);
	*rest = gyl_view_sub(*rest, n + 1, rest->len);
	return w;
}

static bool is(struct gyl_view v, const char *s)
{
	return gyl_view_eq(v, gyl_view_str(s));
}

static bool parse_state(struct gyl_view v, uint8_t *ret_state)
{
	if (is(v, "leased"))
		*ret_state = GYL_DHCPD_LEASED;
	else if (is(v, "declined"))
		*ret_state = GYL_DHCPD_DECLINED;
	else if (is(v, "released"))
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

	if (is(v, "-"))
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
	bool is_digest = is(gyl_view_sub(v, 0, skip), digest);

	if (is(v, "-"))
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
	if (!is(v, "infinite"))
		return !gyl_failed(gyl_time_parse_rfc3339(v, ret_ns));
	*ret_ns = GYL_TIME_INFINITE;
	return true;
}

static bool parse_val(struct gyl_view val, struct fields *f)
{
	memset(f, 0, sizeof *f);
	if (!is(word(&val), "1") || !parse_state(word(&val), &f->state) ||
		!parse_until(word(&val), &f->until_ns) ||
		gyl_failed(gyl_parse_u64(word(&val), UINT32_MAX, &f->granted_s)) ||
		!parse_hardware(word(&val), &f->key) || !parse_id(word(&val), &f->key))
		return false;
	f->name = word(&val);
	if (is(f->name, "-"))
		f->name.len = 0;
	return f->name.len <= GYL_DHCPD_NAME_MAX;
}

static bool parse_key(struct gyl_view key, uint32_t *ret_ip)
{
	size_t skip = sizeof prefix - 1;

	return is(gyl_view_sub(key, 0, skip), prefix) &&
	       !gyl_failed(gyl_parse_ipv4(gyl_view_sub(key, skip, key.len), ret_ip));
}

/* ---- taking up ---- */

/* The wall-clock end on the monotonic clock; it may lie before that clock's zero. */
static uint64_t to_mono(uint64_t until_ns, struct gyl_now now)
{
	return until_ns == GYL_TIME_INFINITE ? until_ns : now.mono_ns + (until_ns - now.wall_ns);
}

static void fill(struct gyl_dhcpd *d, uint32_t slot, struct fields *f)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (f->key.form != GYL_DHCPD_NOBODY && f->state != GYL_DHCPD_DECLINED) {
		f->key.hash =
			gyl__dhcpd_client_hash(d, f->key.form, gyl_view(f->key.octet, f->key.len));
		gyl__dhcpd_client_bind(d, slot, &f->key);
		l->name_len = (uint8_t)f->name.len;
		if (f->name.len != 0)
			memcpy(l->name, f->name.p, f->name.len);
	}
	l->granted_s = (uint32_t)f->granted_s;
}

void gyl__dhcpd_restore(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_view key, struct gyl_view val)
{
	struct fields f;
	bool live;
	uint32_t ip, slot;

	if (!parse_key(key, &ip) || !parse_val(val, &f))
		return;
	live = f.state != GYL_DHCPD_FREE && f.until_ns > now.wall_ns;
	slot = gyl__dhcpd_slot_make(d, ip);
	if (slot == 0 && live)
		slot = gyl__dhcpd_slot_aside(d, ip);
	if (slot == 0 || d->lease[slot].state != GYL_DHCPD_FREE)
		return;
	fill(d, slot, &f);
	gyl__dhcpd_slot_set(d, slot, live ? f.state : GYL_DHCPD_FREE, to_mono(f.until_ns, now));
	gyl__dhcpd_name_restore(d, slot);
	d->unsorted = true;
}
