/* SPDX-License-Identifier: ISC */

/*
 * A lease as a record of the store. Key: "dhcpd/lease/10.0.0.17". Value, text:
 *
 *   2 STATE UNTIL SECONDS HARDWARE ID NAME SOURCE RELAY
 *
 * 2 is the form's version; STATE leased, released or declined; UNTIL the wall-clock time of its
 * end, RFC 3339, or "infinite"; SECONDS the lease time that was granted; HARDWARE a MAC, or type
 * and octets in hexadecimal ("20/00aa"); ID the client identifier in hexadecimal, "sha256/..." for
 * one over 32 octets; SOURCE where its messages came from: the relay's address, or the Ethernet
 * source when it is not HARDWARE; RELAY option 82 in hexadecimal. "-" stands for what there is not.
 * Form 1, of earlier versions, ends with NAME. A lease that ran out keeps its record: it says who
 * gets the address back.
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

static void print_until(struct gyl_writer *w, uint64_t end_ns, struct gyl_now now)
{
	static const uint64_t up_ns = GYL_NS_PER_S - 1; /* no lease ends sooner than told */

	if (end_ns == GYL_TIME_INFINITE)
		gyl_text_str(w, "infinite");
	else
		gyl_time_print_rfc3339(w, now.wall_ns + (end_ns - now.mono_ns) + up_ns, 0);
}

static void print_hardware(
	struct gyl_writer *w, const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	struct gyl_view id = gyl__dhcpd_lease_id(d, l);

	if (l->has_mac) {
		gyl_text_mac(w, l->mac);
	} else if (l->form == GYL_DHCPD_BY_HW) {
		gyl_text_u64(w, id.p[0]);
		gyl_text_char(w, '/');
		gyl_text_hex(w, gyl_view_sub(id, 1, id.len));
	} else {
		gyl_text_char(w, '-');
	}
}

/* Octets in hexadecimal, or a dash. */
static void print_hex(struct gyl_writer *w, struct gyl_view v)
{
	if (v.len != 0)
		gyl_text_hex(w, v);
	else
		gyl_text_char(w, '-');
}

static void print_id(
	struct gyl_writer *w, const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	if (l->form == GYL_DHCPD_BY_DIGEST)
		gyl_text_str(w, "sha256/");
	if (l->form == GYL_DHCPD_BY_DIGEST || l->form == GYL_DHCPD_BY_ID)
		gyl_text_hex(w, gyl__dhcpd_lease_id(d, l));
	else
		gyl_text_char(w, '-');
}

static void print_source(
	struct gyl_writer *w, const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	struct gyl_view source = gyl__dhcpd_lease_source(d, l);

	if (l->giaddr != 0)
		gyl_text_ipv4(w, l->giaddr);
	else if (source.len == 6)
		gyl_text_mac(w, source.p);
	else
		gyl_text_char(w, '-');
}

static uint64_t end_of(const struct gyl_dhcpd_lease *l)
{
	return l->state == GYL_DHCPD_LEASED ? l->written_ns : l->expiry_ns;
}

void gyl__dhcpd_print(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l,
	struct gyl_now now, struct gyl_writer *w)
{
	static const char *const state[] = {[GYL_DHCPD_FREE] = "2 released ",
		[GYL_DHCPD_OFFERED] = "2 released ",
		[GYL_DHCPD_LEASED] = "2 leased ",
		[GYL_DHCPD_DECLINED] = "2 declined "};
	struct gyl_view name = gyl__dhcpd_lease_name(d, l);

	gyl_text_str(w, state[l->state]);
	print_until(w, end_of(l), now);
	gyl_text_char(w, ' ');
	gyl_text_u64(w, l->granted_s);
	gyl_text_char(w, ' ');
	print_hardware(w, d, l);
	gyl_text_char(w, ' ');
	print_id(w, d, l);
	gyl_text_char(w, ' ');
	if (name.len != 0)
		gyl_put_view(w, name);
	else
		gyl_text_char(w, '-');
	gyl_text_char(w, ' ');
	print_source(w, d, l);
	gyl_text_char(w, ' ');
	print_hex(w, gyl__dhcpd_lease_relay(d, l));
}

bool gyl__dhcpd_store(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX], val[GYL_DHCPD_VAL_LEN_MAX];
	uint64_t before_ns = l->written_ns, seq;
	struct gyl_record rec = {.key = print_key(key, l->ip), .place = slot};
	struct gyl_writer w;

	l->written_ns = l->expiry_ns;
	gyl_writer_init(&w, val, sizeof val);
	gyl__dhcpd_print(d, l, now, &w);
	rec.val = gyl_writer_view(&w);
	seq = gyl_out_store(o, &rec, 1);
	if (seq == 0) {
		l->written_ns = before_ns;
		return false;
	}
	l->kept = true;
	l->written_s = (uint32_t)(now.wall_ns / GYL_NS_PER_S);
	l->seq = seq;
	d->seq = seq;
	return true;
}

uint64_t gyl__dhcpd_store_remove(struct gyl_dhcpd *d, struct gyl_out *o, uint32_t slot)
{
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX];
	struct gyl_record rec = {
		.key = print_key(key, d->lease[slot].ip), .remove = true, .place = slot};
	uint64_t seq = gyl_out_store(o, &rec, 1); /* it makes room, if anything */

	d->lease[slot].kept = false;
	if (seq != 0)
		d->seq = seq;
	return seq;
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
	uint32_t giaddr;
	bool has_source;
	uint8_t source[6];
	uint8_t relay[GYL_DHCPD_RELAY_MAX];
	size_t relay_len;
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

/* Where it came from; form 1 says nothing of it. */
static bool parse_place(struct gyl_view source, struct gyl_view relay, struct fields *f)
{
	f->has_source = source.len != 0 && memchr(source.p, ':', source.len) != NULL;
	if (f->has_source && gyl_failed(gyl_parse_mac(source, f->source)))
		return false;
	if (!f->has_source && source.len != 0 && !is(source, "-") &&
		gyl_failed(gyl_parse_ipv4(source, &f->giaddr)))
		return false;
	return relay.len == 0 || is(relay, "-") ||
	       !gyl_failed(gyl_parse_hex(relay, f->relay, sizeof f->relay, &f->relay_len));
}

static bool parse_val(struct gyl_view val, struct fields *f)
{
	struct gyl_view form = word(&val), source;

	memset(f, 0, offsetof(struct fields, relay));
	f->relay_len = 0;
	if ((!is(form, "1") && !is(form, "2")) || !parse_state(word(&val), &f->state) ||
		!parse_until(word(&val), &f->until_ns) ||
		gyl_failed(gyl_parse_u64(word(&val), UINT32_MAX, &f->granted_s)) ||
		!parse_hardware(word(&val), &f->key) || !parse_id(word(&val), &f->key))
		return false;
	f->name = word(&val);
	if (is(f->name, "-"))
		f->name.len = 0;
	source = word(&val);
	return f->name.len <= GYL_DHCPD_NAME_MAX && parse_place(source, word(&val), f);
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

/* As link.c finds it from a message. */
static void fill_place(struct gyl_dhcpd *d, uint32_t slot, const struct fields *f)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_view relay = gyl_view(f->relay, f->relay_len), from = gyl_view(l->mac, 6);
	struct gyl_view source = gyl_view(f->source, f->has_source ? 6 : 0);
	struct gyl_dhcp_relay r;

	if (!l->has_mac && l->form == GYL_DHCPD_BY_HW)
		from = gyl_view_sub(gyl__dhcpd_lease_id(d, l), 1, GYL_DHCPD_ID_MAX);
	if (f->has_source)
		from = source;
	memset(&r, 0, sizeof r);
	if (relay.len != 0)
		gyl_dhcp_relay_decode(relay, &r);
	gyl__dhcpd_budget_bind(d, slot, gyl__dhcpd_link_hash(d, f->giaddr, from),
		gyl__dhcpd_circuit_hash(d, f->giaddr, r.circuit_id), f->giaddr);
	gyl__dhcpd_tail_set(d, slot, GYL_DHCPD_PART_SOURCE, source);
	gyl__dhcpd_tail_set(d, slot, GYL_DHCPD_PART_RELAY, relay);
}

static void fill(struct gyl_dhcpd *d, uint32_t slot, struct fields *f)
{
	struct gyl_dhcpd_key *k = &f->key;

	if (k->form == GYL_DHCPD_NOBODY || f->state == GYL_DHCPD_DECLINED) {
		gyl__dhcpd_client_bind(d, slot, NULL);
	} else {
		k->hash = gyl__dhcpd_client_hash(d, k->form, gyl_view(k->octet, k->len));
		gyl__dhcpd_client_bind(d, slot, k);
		fill_place(d, slot, f);
	}
}

/* When it was written, on the monotonic clock: the client was heard then. */
static uint32_t heard_s(struct gyl_now now, uint64_t wall_ns)
{
	return (uint32_t)(now.mono_ns / GYL_NS_PER_S) -
	       (uint32_t)(gyl_time_sub(now.wall_ns, wall_ns) / GYL_NS_PER_S);
}

/* Of no pool, and over: nothing of it is kept. */
static void pass_over(struct gyl_dhcpd *d, uint32_t slot)
{
	if (slot == 0)
		return;
	gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_FREE, 0);
	gyl__dhcpd_slot_forget(d, slot);
}

uint32_t gyl__dhcpd_restore(struct gyl_dhcpd *d, struct gyl_now now, uint32_t ip,
	struct gyl_view val, uint64_t wall_ns, bool *ret_odd)
{
	struct gyl_dhcpd_lease *l;
	struct fields f;
	bool live;
	uint32_t slot;

	*ret_odd = !parse_val(val, &f);
	if (*ret_odd)
		return 0;
	live = f.state != GYL_DHCPD_FREE && f.until_ns > now.wall_ns;
	slot = gyl__dhcpd_slot_make(d, ip);
	if (slot == 0 && !live)
		pass_over(d, gyl__dhcpd_slot_beside(d, ip));
	else if (slot == 0)
		slot = gyl__dhcpd_slot_aside(d, ip);
	if (slot == 0 || d->lease[slot].state == GYL_DHCPD_OURS)
		return 0;
	fill(d, slot, &f);
	l = &d->lease[slot];
	l->granted_s = (uint32_t)f.granted_s;
	l->written_s = (uint32_t)(wall_ns / GYL_NS_PER_S);
	l->heard_s = heard_s(now, wall_ns);
	l->kept = true;
	l->written_ns = to_mono(f.until_ns, now);
	gyl__dhcpd_slot_set(d, slot, live ? f.state : GYL_DHCPD_FREE, l->written_ns);
	gyl__dhcpd_name_restore(d, slot, l->form == GYL_DHCPD_NOBODY ? gyl_view(NULL, 0) : f.name);
	d->unsorted = true;
	return slot;
}

void gyl__dhcpd_restore_input(struct gyl_dhcpd *d, struct gyl_now now, const struct gyl_in *in)
{
	uint32_t ip;
	bool odd;

	if (parse_key(in->key, &ip))
		gyl__dhcpd_restore(d, now, ip, in->data, in->seq, &odd);
}
