/* SPDX-License-Identifier: ISC */

/*
 * "dhcp.reserve", "dhcp.unreserve" and "dhcp.reservations": what one client gets, changed while the
 * server runs. It is in the store first, then the configuration is made ready anew with it. Who has
 * the address now keeps it until he renews and is refused then; the client is moved likewise.
 */

#include <gyl/eth.h>
#include <gyl/json.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/steer.h"

static bool read_mac(struct gyl_question *q, uint8_t mac[6])
{
	struct gyl_view text = gyl_question_arg(q, "mac");

	if (!gyl_failed(gyl_parse_mac(text, mac)) && !gyl_eth_is_group(mac) &&
		!gyl_eth_is_zero(mac))
		return true;
	gyl_question_refuse(q, "\"%\" is not the MAC of a client, such as 02:00:5e:10:00:07", text);
	return false;
}

/* The address of a client that is told by its MAC. */
static uint32_t by_hw(const struct gyl_dhcpd *d, const uint8_t mac[6])
{
	uint8_t hw[7] = {1};
	struct gyl_dhcpd_walk w;
	uint32_t i;

	memcpy(hw + 1, mac, 6);
	w = gyl__dhcpd_index_walk(
		&d->clients, gyl__dhcpd_client_hash(d, GYL_DHCPD_BY_HW, gyl_view(hw, sizeof hw)));
	while ((i = gyl__dhcpd_index_next(&w)) != 0)
		if (d->lease[i].state == GYL_DHCPD_LEASED && !d->lease[i].dropped &&
			gyl__dhcpd_steer_is_mac(&d->lease[i], mac))
			return d->lease[i].ip;
	return 0;
}

/* The address that the client has now; 0: none. One with an identifier of its own is found by a
 * walk over all slots, a millisecond for 65,000. */
static uint32_t present(const struct gyl_dhcpd *d, const uint8_t mac[6])
{
	uint32_t ip = by_hw(d, mac);

	if (ip != 0)
		return ip;
	for (uint32_t i = 1; i <= d->slot_cnt; i++) {
		const struct gyl_dhcpd_lease *l = &d->lease[i];

		if (l->state == GYL_DHCPD_LEASED && !l->dropped && gyl__dhcpd_steer_is_mac(l, mac))
			return l->ip;
	}
	return 0;
}

static bool read_address(
	const struct gyl_dhcpd *d, struct gyl_question *q, struct gyl_dhcpd_live_host *h)
{
	struct gyl_view ip = gyl_question_arg(q, "ip"), name = gyl_question_arg(q, "name");

	if (gyl_view_eq(ip, gyl_view_str("any"))) {
		if (name.len != 0)
			return true;
		gyl_question_refuse(q, "a reservation of no address needs a name", ip);
	} else if (ip.len != 0) {
		if (!gyl_failed(gyl_parse_ipv4(ip, &h->address)) && h->address != 0)
			return true;
		gyl_question_refuse(q, "\"%\" is no address", ip);
	} else {
		h->address = present(d, h->mac);
		if (h->address != 0 || name.len != 0)
			return true;
		gyl_question_refuse(q, "% has no address now: say which one it is to get",
			gyl_question_arg(q, "mac"));
	}
	return false;
}

static bool read_name(struct gyl_question *q, struct gyl_dhcpd_live_host *h)
{
	struct gyl_view name = gyl_question_arg(q, "name");
	char clean[GYL_DHCPD_NAME_MAX];
	size_t len;

	if (name.len == 0)
		return true;
	len = gyl__dhcpd_name_clean(name, clean);
	if (len == 0 || !gyl__dhcpd_name_eq(gyl_view(clean, len), name)) {
		gyl_question_refuse(q,
			"\"%\" is no host name: letters, digits and hyphens inside, 63 at most",
			name);
		return false;
	}
	memcpy(h->name, clean, len);
	h->name_len = (uint8_t)len;
	return true;
}

/* ---- conflicts ---- */

/* "10.0.0.5 is reserved for 02:00:5e:10:00:07 in the configuration file" */
static bool refuse_taken(
	struct gyl_question *q, struct gyl_view what, const struct gyl_dhcpd_host *other)
{
	gyl_text_safe(q->wrong, what);
	gyl_text_str(q->wrong, " is reserved for ");
	if (other->cf->has_mac)
		gyl_text_mac(q->wrong, other->cf->mac);
	else
		gyl_text_str(q->wrong, "another client");
	gyl_text_str(q->wrong, other->live ? " already: guyline dhcp unreserve takes that back"
					   : " in the configuration file: change it there");
	return false;
}

static bool is_his(const struct gyl_dhcpd_host *o, const struct gyl_dhcpd_live_host *h)
{
	return o->cf->has_mac && memcmp(o->cf->mac, h->mac, 6) == 0;
}

static bool no_conflict(
	const struct gyl_dhcpd *d, struct gyl_question *q, const struct gyl_dhcpd_live_host *h)
{
	const struct gyl_dhcpd_layout *y = d->layout;
	struct gyl_view name = gyl_view(h->name, h->name_len), other_name;
	uint8_t text[20];
	struct gyl_writer w;

	gyl_writer_init(&w, text, sizeof text);
	gyl_text_ipv4(&w, h->address);
	for (uint32_t i = 0; i < y->cnt.host_cnt; i++) {
		const struct gyl_dhcpd_host *o = &y->host[i];

		other_name = gyl_flat_view(y->flat, o->cf->hostname);
		if (is_his(o, h) && o->live)
			continue; /* it is this one, changed */
		if (is_his(o, h))
			return refuse_taken(q, gyl_view_str("something"), o);
		if (h->address != 0 && o->cf->address == h->address)
			return refuse_taken(q, gyl_writer_view(&w), o);
		if (name.len != 0 && gyl__dhcpd_name_eq(other_name, name))
			return refuse_taken(q, name, o);
	}
	return true;
}

static bool is_possible(
	const struct gyl_dhcpd *d, struct gyl_question *q, const struct gyl_dhcpd_live_host *h)
{
	uint32_t no = gyl__dhcpd_layout_subnet(d->layout, h->address);
	const struct gyl_dhcpd_subnet *s;

	if (h->address == 0)
		return true;
	if (no == GYL_DHCPD_NO_SUBNET) {
		gyl_question_refuse(q, "% is in none of the subnets; guyline pools lists them",
			gyl_question_arg(q, "ip"));
		return false;
	}
	s = &d->layout->subnet[no];
	if (!gyl__dhcpd_is_iface(d, h->address) && gyl__dhcpd_is_host(s, h->address))
		return true;
	gyl_question_refuse(q, "% is our own or the network's: no client can have it",
		gyl_question_arg(q, "ip"));
	return false;
}

/* ---- doing it ---- */

static void say_host(struct gyl_writer *w, const struct gyl_dhcpd_live_host *h)
{
	if (h->address != 0)
		gyl_text_ipv4(w, h->address);
	else
		gyl_text_str(w, "the name");
	if (h->name_len != 0) {
		gyl_text_char(w, ' ');
		gyl_put_bytes(w, h->name, h->name_len);
	}
	gyl_text_str(w, " for ");
	gyl_text_mac(w, h->mac);
}

/* Who has to move, and when that will be. */
static void say_moves(const struct gyl_dhcpd *d, struct gyl_writer *w, struct gyl_now now,
	const struct gyl_dhcpd_live_host *h)
{
	uint32_t slot = h->address == 0 ? 0 : gyl__dhcpd_slot(d, h->address), own;
	const struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (slot != 0 && l->state == GYL_DHCPD_LEASED && !gyl__dhcpd_steer_is_mac(l, h->mac)) {
		gyl_text_str(w, " Another client has it now, for ");
		gyl__dhcpd_steer_span(w, now.mono_ns, l->expiry_ns);
		gyl_text_str(
			w, " at most: it has to leave when it renews, after half of its time.");
		return;
	}
	own = by_hw(d, h->mac);
	if (h->address != 0 && own != 0 && own != h->address)
		gyl_text_str(w,
			" The client moves there when it renews; turn its network off and on to be quicker.");
}

static bool commit(
	struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, const struct gyl_dhcpd_live_host *h)
{
	const struct gyl_dhcpd_live_host *old = gyl__dhcpd_live_find(&d->live, h->mac);
	uint64_t seq;

	if (old == NULL && d->live.host_cnt == GYL_DHCPD_LIVE_HOST_MAX) {
		gyl_question_refuse(a->q,
			"there are 1024 reservations beside the file's: write some into the file",
			gyl_view(NULL, 0));
		return false;
	}
	seq = gyl__dhcpd_live_store(d, a->o, h, false);
	if (seq == 0) {
		gyl_question_refuse(
			a->q, "the store is full: nothing was changed", gyl_view(NULL, 0));
		return false;
	}
	a->q->after = seq;
	gyl__dhcpd_live_change(d, old, h);
	return true;
}

void gyl__dhcpd_steer_reserve(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a)
{
	struct gyl_dhcpd_live_host h = {.address = 0};
	uint8_t text[400];
	struct gyl_writer w;

	if (!read_mac(a->q, h.mac) || !read_address(d, a->q, &h) || !read_name(a->q, &h) ||
		!no_conflict(d, a->q, &h) || !is_possible(d, a->q, &h))
		return;
	h.since_s = (uint32_t)(a->now.wall_ns / GYL_NS_PER_S);
	if (!commit(d, a, &h))
		return;
	gyl_writer_init(&w, text, sizeof text);
	gyl_text_str(&w, "reserved ");
	say_host(&w, &h);
	gyl__dhcpd_steer_say(a, gyl_writer_view(&w));
	gyl_text_char(&w, '.');
	say_moves(d, &w, a->now, &h);
	if (gyl__dhcpd_live_find(&d->live, h.mac)->hidden)
		gyl_text_str(&w, " It counts after a restart: there is no room for it now.");
	gyl__dhcpd_steer_done(a, "reserved", gyl_writer_view(&w));
}

/* With another server it is remembered that it was, until that one knows. */
static uint64_t take_back(
	struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, const struct gyl_dhcpd_live_host *old)
{
	struct gyl_dhcpd_live_host h = {
		.gone = true, .hidden = true, .since_s = (uint32_t)(a->now.wall_ns / GYL_NS_PER_S)};

	memcpy(h.mac, old->mac, sizeof h.mac);
	gyl__dhcpd_live_change(d, old, d->standby == NULL ? NULL : &h);
	return gyl__dhcpd_live_store(d, a->o, &h, d->standby == NULL);
}

void gyl__dhcpd_steer_unreserve(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a)
{
	struct gyl_dhcpd_live_host *h, old;
	uint8_t mac[6], text[200];
	struct gyl_writer w;

	if (!read_mac(a->q, mac))
		return;
	h = gyl__dhcpd_live_find(&d->live, mac);
	if (h == NULL) {
		gyl_question_refuse(a->q,
			"nothing was reserved for % here; what the configuration file reserves is changed there",
			gyl_question_arg(a->q, "mac"));
		return;
	}
	old = *h;
	a->q->after = take_back(d, a, &old);
	gyl_writer_init(&w, text, sizeof text);
	gyl_text_str(&w, "took back the reservation of ");
	say_host(&w, &old);
	gyl__dhcpd_steer_say(a, gyl_writer_view(&w));
	gyl_text_char(&w, '.');
	gyl__dhcpd_steer_done(a, "unreserved", gyl_writer_view(&w));
}

/* ---- the list ---- */

static const char *now_word(const struct gyl_dhcpd *d, uint32_t address, const uint8_t *mac)
{
	uint32_t slot = address == 0 ? 0 : gyl__dhcpd_slot(d, address);
	const struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (address == 0)
		return "any address";
	if (slot == 0 || l->state == GYL_DHCPD_FREE)
		return "not in use";
	if (l->state != GYL_DHCPD_LEASED)
		return gyl__dhcpd_steer_state(l);
	return mac == NULL || gyl__dhcpd_steer_is_mac(l, mac) ? "leased" : "leased to another";
}

static void tell_file(
	const struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, const struct gyl_dhcpd_host *h)
{
	const struct gyl_flat *f = d->layout->flat;
	struct gyl_json j;

	gyl_json_init(&j, a->q->answer);
	gyl_json_obj(&j, NULL);
	if (h->cf->address != 0)
		gyl_json_ipv4(&j, "ip", h->cf->address);
	if (h->cf->has_mac)
		gyl_json_mac(&j, "mac", h->cf->mac);
	if (h->cf->client_id.cnt != 0)
		gyl_json_hex(&j, "client_id", gyl_flat_view(f, h->cf->client_id));
	if (h->cf->circuit_id.cnt != 0)
		gyl_json_hex(&j, "circuit_id", gyl_flat_view(f, h->cf->circuit_id));
	if (h->cf->hostname.cnt != 0)
		gyl_json_str(&j, "name", gyl_flat_view(f, h->cf->hostname));
	gyl_json_cstr(&j, "from", "file");
	gyl_json_cstr(&j, "now", now_word(d, h->cf->address, h->cf->has_mac ? h->cf->mac : NULL));
	gyl_json_end(&j);
	gyl_text_char(a->q->answer, '\n');
}

static void tell_live(
	const struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, const struct gyl_dhcpd_live_host *h)
{
	uint8_t text[40];
	struct gyl_writer w;
	struct gyl_json j;

	gyl_json_init(&j, a->q->answer);
	gyl_json_obj(&j, NULL);
	if (h->address != 0)
		gyl_json_ipv4(&j, "ip", h->address);
	gyl_json_mac(&j, "mac", h->mac);
	if (h->name_len != 0)
		gyl_json_str(&j, "name", gyl_view(h->name, h->name_len));
	gyl_json_cstr(&j, "from", "control");
	gyl_writer_init(&w, text, sizeof text);
	gyl_time_print_rfc3339(&w, gyl_time_from_s(h->since_s), 0);
	gyl_json_str(&j, "since", gyl_writer_view(&w));
	gyl_json_cstr(&j, "now",
		h->hidden ? "does not count: the file says otherwise"
			  : now_word(d, h->address, h->mac));
	gyl_json_end(&j);
	gyl_text_char(a->q->answer, '\n');
}

/* Those of the file, then the others; `at` counts through both. */
void gyl__dhcpd_steer_reservations(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a)
{
	uint64_t file_cnt = d->layout->cnt.host_cnt, end = file_cnt + d->live.host_cnt;

	while (a->q->at < end && gyl__dhcpd_steer_room(a)) {
		uint64_t i = a->q->at++;

		if (i >= file_cnt && !d->live.host[i - file_cnt].gone)
			tell_live(d, a, &d->live.host[i - file_cnt]);
		else if (i >= file_cnt)
			continue;
		else if (!d->layout->host[i].live)
			tell_file(d, a, &d->layout->host[i]);
	}
	a->q->more = a->q->at < end;
}
