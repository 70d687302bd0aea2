/* SPDX-License-Identifier: ISC */

/*
 * "dhcp.explain": what is known of a client or an address, what was decided about it, and what
 * would be decided now. First a walk over the slots for the leases of a MAC (clients with an
 * identifier are not hashed by it), `at` says how far; then all the rest at once.
 */

#include <gyl/json.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/steer.h"

enum {
	DECISIONS = 20,  /* that are told unless more are asked for */
	HOSTS = 8,       /* reservations that are told */
	REST_LEN = 40000 /* octets that come after the leases, at most */
};

_Static_assert((int)GYL_QUESTION_SLICE_LEN >= (int)REST_LEN, "it is one slice");

/* ---- lines ---- */

struct line {
	struct gyl_json j;
	struct gyl_writer sentence;
	uint8_t text[500];
};

static void begin(struct line *x, const struct gyl_dhcpd_ask *a, const char *what)
{
	gyl_json_init(&x->j, a->q->answer);
	gyl_json_obj(&x->j, NULL);
	gyl_json_cstr(&x->j, "what", what);
	gyl_writer_init(&x->sentence, x->text, sizeof x->text);
}

static void end(struct line *x, const struct gyl_dhcpd_ask *a)
{
	gyl_json_str(&x->j, "sentence", gyl_writer_view(&x->sentence));
	gyl_json_end(&x->j);
	gyl_text_char(a->q->answer, '\n');
	a->q->cnt++;
}

/* ---- leases ---- */

static void say_client(
	struct gyl_writer *w, const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	struct gyl_view name = gyl__dhcpd_lease_name(d, l);

	if (l->has_mac) {
		gyl_text_mac(w, l->mac);
	} else {
		gyl_text_str(w, "client ");
		gyl_text_hex(w, gyl__dhcpd_lease_id(d, l));
	}
	if (name.len == 0)
		return;
	gyl_text_str(w, " (");
	gyl_text_safe(w, name);
	gyl_text_char(w, ')');
}

/* To the second: who reads it does not count more finely. */
static void say_ago(struct gyl_writer *w, uint64_t ns)
{
	if (ns < GYL_NS_PER_S)
		gyl_text_str(w, "a moment");
	else
		gyl_time_print_about(w, ns - ns % GYL_NS_PER_S);
	gyl_text_str(w, " ago");
}

static void say_when(struct gyl_writer *w, const struct gyl_dhcpd_lease *l, struct gyl_now now)
{
	if (l->state == GYL_DHCPD_FREE) {
		say_ago(w, gyl_time_sub(now.mono_ns, l->expiry_ns));
	} else if (l->expiry_ns == GYL_TIME_INFINITE) {
		gyl_text_str(w, "without an end");
	} else {
		gyl_text_str(w, "for ");
		gyl__dhcpd_steer_span(w, now.mono_ns, l->expiry_ns);
		gyl_text_str(w, " from now on");
	}
}

static void say_lease(struct gyl_writer *w, const struct gyl_dhcpd *d,
	const struct gyl_dhcpd_lease *l, struct gyl_now now)
{
	gyl_text_ipv4(w, l->ip);
	switch (l->state) {
	case GYL_DHCPD_OURS:
		gyl_text_str(w, " is this server's own address.");
		return;
	case GYL_DHCPD_DECLINED:
		gyl_text_str(w,
			l->seen ? " is kept aside, because a machine uses it that did not get it here, "
				: " is kept aside, because a client found that another machine uses it, ");
		say_when(w, l, now);
		gyl_text_str(w, ". guyline hosts may tell who that is.");
		return;
	case GYL_DHCPD_LEASED:
		gyl_text_str(w, " is leased to ");
		break;
	case GYL_DHCPD_OFFERED:
		gyl_text_str(w, " was offered to ");
		break;
	default:
		gyl_text_str(w, " is free; ");
		say_client(w, d, l);
		gyl_text_str(w, " had it until ");
		say_when(w, l, now);
		gyl_text_str(w, " and gets it back first.");
		return;
	}
	say_client(w, d, l);
	gyl_text_char(w, ' ');
	say_when(w, l, now);
	if (l->state == GYL_DHCPD_OFFERED)
		gyl_text_str(w, " and the client has not asked for it yet");
	gyl_text_char(w, '.');
	if (l->dropped)
		gyl_text_str(w, " It is of no pool any more and will not be renewed.");
}

static void tell_lease(const struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, uint32_t slot)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	const char *state = gyl__dhcpd_steer_state(l);
	struct gyl_view name = gyl__dhcpd_lease_name(d, l);
	struct line x;

	if (state == NULL)
		return;
	begin(&x, a, "lease");
	gyl_json_ipv4(&x.j, "ip", l->ip);
	gyl_json_cstr(&x.j, "state", state);
	if (l->has_mac)
		gyl_json_mac(&x.j, "mac", l->mac);
	if (name.len != 0)
		gyl_json_str(&x.j, "name", name);
	say_lease(&x.sentence, d, l, a->now);
	end(&x, a);
}

static void tell_unused(struct gyl_dhcpd_ask *a, uint32_t ip)
{
	struct line x;

	begin(&x, a, "lease");
	gyl_json_ipv4(&x.j, "ip", ip);
	gyl_json_cstr(&x.j, "state", "free");
	gyl_text_ipv4(&x.sentence, ip);
	gyl_text_str(&x.sentence, " is free; nobody is known to have had it.");
	end(&x, a);
}

/* False: the rest is for the next slice. */
static bool walk(const struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, const struct gyl_dhcpd_whom *w)
{
	uint32_t left = GYL_DHCPD_LOOK_MAX;

	if (w->has_ip) {
		uint32_t slot = gyl__dhcpd_slot(d, w->ip);

		if (slot == 0)
			slot = gyl__dhcpd_slot_beside(d, w->ip);
		if (slot != 0)
			tell_lease(d, a, slot);
		else if (gyl__dhcpd_layout_range(d->layout, w->ip) != NULL)
			tell_unused(a, w->ip);
		return true;
	}
	while (a->q->at < d->slot_cnt) {
		if (left-- == 0 || !gyl__dhcpd_steer_room(a))
			return false;
		if (gyl__dhcpd_steer_is(&d->lease[++a->q->at], w))
			tell_lease(d, a, (uint32_t)a->q->at);
	}
	return true;
}

/* ---- reservations ---- */

static void say_whose(
	struct gyl_writer *w, const struct gyl_flat *f, const struct gyl_dhcpd_host_conf *cf)
{
	struct gyl_view id = gyl_flat_view(f, cf->client_id),
			port = gyl_flat_view(f, cf->circuit_id);
	const char *before = "";

	if (cf->has_mac) {
		gyl_text_mac(w, cf->mac);
		before = " and ";
	}
	if (id.len != 0) {
		gyl_text_str(w, before);
		gyl_text_str(w, "client identifier ");
		gyl_text_hex(w, gyl_view_sub(id, 0, 64));
		before = " and ";
	}
	if (port.len != 0) {
		gyl_text_str(w, before);
		gyl_text_str(w, "circuit ");
		gyl_text_hex(w, gyl_view_sub(port, 0, 64));
	}
}

static void tell_host(
	const struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, const struct gyl_dhcpd_host *h)
{
	uint32_t slot = gyl__dhcpd_slot(d, h->cf->address);
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct line x;

	begin(&x, a, "reservation");
	if (h->cf->has_mac)
		gyl_json_mac(&x.j, "mac", h->cf->mac);
	gyl_json_ipv4(&x.j, "ip", h->cf->address);
	gyl_text_ipv4(&x.sentence, h->cf->address);
	gyl_text_str(&x.sentence, " is reserved for ");
	say_whose(&x.sentence, d->layout->flat, h->cf);
	gyl_text_char(&x.sentence, '.');
	if (slot != 0 && l->state == GYL_DHCPD_LEASED && h->cf->has_mac &&
		!(l->has_mac && memcmp(l->mac, h->cf->mac, 6) == 0)) {
		gyl_text_str(&x.sentence, " Now ");
		say_client(&x.sentence, d, l);
		gyl_text_str(&x.sentence, " still has it; it has to leave when it renews.");
	}
	end(&x, a);
}

static const struct gyl_dhcpd_host *host_of(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_whom *w, uint32_t subnet)
{
	struct gyl_dhcpd_who who = {
		.has_mac = w->has_mac, .client_id = gyl_view(w->octet, w->octet_len)};

	memcpy(who.mac, w->mac, sizeof who.mac);
	return gyl__dhcpd_layout_host(d->layout, &who, subnet);
}

/* By a client identifier or circuit, wherever they are. O(reservations). */
static void tell_hosts_of(
	const struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, const struct gyl_dhcpd_whom *w)
{
	const struct gyl_dhcpd_layout *y = d->layout;
	struct gyl_view is = gyl_view(w->octet, w->octet_len);
	unsigned told = 0;

	for (uint32_t i = 0; i < y->cnt.host_cnt && told < HOSTS; i++) {
		const struct gyl_dhcpd_host_conf *cf = y->host[i].cf;

		if (cf->address == 0 ||
			(!gyl_view_eq(gyl_flat_view(y->flat, cf->client_id), is) &&
				!gyl_view_eq(gyl_flat_view(y->flat, cf->circuit_id), is)))
			continue;
		tell_host(d, a, &y->host[i]);
		told++;
	}
}

static void tell_hosts(
	const struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, const struct gyl_dhcpd_whom *w)
{
	uint32_t slot = w->has_ip ? gyl__dhcpd_slot(d, w->ip) : 0;
	unsigned told = 0;

	if (slot != 0 && d->lease[slot].host != 0)
		tell_host(d, a, &d->layout->host[d->lease[slot].host - 1]);
	if (w->octet_len != 0)
		tell_hosts_of(d, a, w);
	for (uint32_t i = 0; i < d->layout->real_cnt && w->has_mac && told < HOSTS; i++) {
		const struct gyl_dhcpd_host *h = host_of(d, w, i);

		if (h == NULL || h->cf->address == 0 || h->subnet != i)
			continue;
		tell_host(d, a, h);
		told++;
	}
}

/* ---- the subnet ---- */

/* is_asked: ip is what was asked about, not the subnet. */
static void tell_subnet(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, uint32_t ip, bool is_asked)
{
	uint32_t no = gyl__dhcpd_layout_subnet(d->layout, ip);
	struct gyl_dhcpd_pool_stat st;
	uint8_t text[24];
	struct line x;

	begin(&x, a, "subnet");
	if (no == GYL_DHCPD_NO_SUBNET) {
		gyl_text_ipv4(&x.sentence, ip);
		gyl_text_str(&x.sentence, " is in none of the subnets: nobody gets it from here.");
		end(&x, a);
		return;
	}
	gyl_dhcpd_pool_stat(d, a->now.mono_ns, no, &st);
	gyl_json_str(&x.j, "subnet", gyl__dhcpd_subnet_text(text, &d->layout->subnet[no]));
	gyl_json_u64(&x.j, "free", st.free);
	gyl_json_u64(&x.j, "size", st.size);
	gyl_put_view(&x.sentence, gyl__dhcpd_subnet_text(text, &d->layout->subnet[no]));
	gyl_text_str(&x.sentence, " has ");
	gyl_text_u64(&x.sentence, st.free);
	gyl_text_str(&x.sentence, " of ");
	gyl_text_u64(&x.sentence, st.size);
	gyl_text_str(&x.sentence, " addresses free.");
	if (gyl__dhcpd_layout_range(d->layout, ip) == NULL && is_asked) {
		gyl_text_char(&x.sentence, ' ');
		gyl_text_ipv4(&x.sentence, ip);
		gyl_text_str(&x.sentence, " is not in its pools: nobody gets it from here.");
	}
	end(&x, a);
}

/* ---- decisions ---- */

static size_t tell_decisions(
	const struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, const struct gyl_dhcpd_whom *w)
{
	const struct gyl_dhcpd_decision *n[GYL_DHCPD_TOLD_MAX];
	struct gyl_view arg = gyl_question_arg(a->q, "count");
	uint64_t want = DECISIONS;
	size_t cnt;

	if (arg.len != 0 && gyl_failed(gyl_parse_u64(arg, GYL_DHCPD_TOLD_MAX, &want))) {
		gyl_question_refuse(a->q, "\"%\" is no number up to 64", arg);
		return 0;
	}
	cnt = gyl__dhcpd_explain_find(&d->explain, w, n, (size_t)want);
	for (size_t i = 0; i < cnt && gyl__dhcpd_steer_room(a); i++)
		gyl__dhcpd_explain_json(d, n[i], a->q->answer);
	return cnt;
}

/* Nothing at all is known: what that may mean, and that others are. */
static void refuse_unknown(const struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a)
{
	struct gyl_writer *w = a->q->wrong;
	struct gyl_dhcpd_remembered r;

	gyl__dhcpd_explain_count(&d->explain, &r);
	gyl_text_str(w, "no decision about ");
	gyl_text_safe(w, gyl_question_arg(a->q, "client"));
	gyl_text_str(w, " is remembered, and it has no lease and no reservation; ");
	gyl_text_u64(w, r.decision_cnt);
	gyl_text_str(w, r.decision_cnt == 1 ? " message of " : " messages of ");
	gyl_text_u64(w, r.client_cnt);
	gyl_text_str(w, r.client_cnt == 1 ? " client is" : " clients are");
	if (r.decision_cnt != 0) {
		gyl_text_str(w, ", since ");
		say_ago(w, gyl_time_sub(a->now.wall_ns, r.since_ns));
	}
	gyl_text_str(w,
		". Either it has not asked, or its messages do not get here: look at its cable, VLAN or relay");
}

/* ---- what would happen ---- */

static bool held_by_another(
	const struct gyl_dhcpd_lease *l, const struct gyl_dhcpd_whom *w, struct gyl_now now)
{
	return (l->state == GYL_DHCPD_LEASED || l->state == GYL_DHCPD_OFFERED) &&
	       l->expiry_ns > now.mono_ns && !gyl__dhcpd_steer_is(l, w);
}

/* The client's lease on the link of that subnet that counts most. */
static uint32_t own_lease(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_whom *w, uint32_t subnet)
{
	struct gyl_dhcpd_walk walk = gyl__dhcpd_index_walk(&d->clients, w->hash);
	uint32_t found = 0, i;

	while ((i = gyl__dhcpd_index_next(&walk)) != 0) {
		const struct gyl_dhcpd_lease *l = &d->lease[i];

		if (!l->dropped && gyl__dhcpd_same_link(d, l->subnet, subnet) &&
			(found == 0 || l->state == GYL_DHCPD_LEASED))
			found = i;
	}
	return found;
}

/* What was found out when it was heard last. */
struct last {
	uint64_t class_bits;
	uint32_t giaddr;
};

/* Addresses that a client of such classes may have on the link of that subnet. */
static uint32_t free_on_link(const struct gyl_dhcpd *d, uint32_t subnet, uint64_t class_bits)
{
	uint32_t cnt = 0, i = subnet;

	do {
		const struct gyl_dhcpd_subnet *s = &d->layout->subnet[i];

		bool open = s->class_no == 0 || (class_bits >> (s->class_no - 1) & 1) != 0;

		if (open && !s->drain)
			cnt += gyl__dhcpd_fill_free(s);
		i = s->link_next;
	} while (i != subnet);
	return cnt;
}

/* Does a client stay on this address, by what is known without its message? */
static bool would_stay(const struct gyl_dhcpd *d, uint32_t slot, uint32_t free_cnt)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];

	return slot != 0 && (l->state != GYL_DHCPD_FREE || l->host == 0) &&
	       (l->host != 0 || free_cnt == 0 || !d->layout->subnet[l->subnet].drain);
}

/* Has its device as many leases as it may have? Of bridges and circuits nothing is known here. */
static bool has_too_many(const struct gyl_dhcpd *d, const struct gyl_dhcpd_whom *whom,
	const struct last *last, uint32_t no)
{
	uint32_t link = gyl__dhcpd_link_hash(d, last->giaddr, gyl_view(whom->mac, 6));

	return whom->has_mac &&
	       gyl__dhcpd_budget_leases(d, link, no) >= d->layout->cf->client_leases;
}

static void say_next(struct gyl_writer *w, const struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a,
	const struct gyl_dhcpd_whom *whom, const struct last *last, uint32_t no)
{
	const struct gyl_dhcpd_host *h =
		whom->has_mac || whom->octet_len != 0 ? host_of(d, whom, no) : NULL;
	uint32_t own = own_lease(d, whom, no), reserved = 0;
	uint32_t free_cnt = free_on_link(d, no, last->class_bits);

	gyl_text_str(w, "If it asked now, it would get ");
	if (h != NULL && h->cf->address != 0)
		reserved = gyl__dhcpd_slot(d, h->cf->address);
	if (reserved != 0 && !held_by_another(&d->lease[reserved], whom, a->now) &&
		d->lease[reserved].state != GYL_DHCPD_DECLINED) {
		gyl_text_str(w, "its reserved address ");
		gyl_text_ipv4(w, h->cf->address);
		gyl_text_char(w, '.');
		return;
	}
	if (would_stay(d, own, free_cnt)) {
		gyl_text_ipv4(w, d->lease[own].ip);
		gyl_text_str(w, " again.");
		return;
	}
	if (free_cnt != 0 && has_too_many(d, whom, last, no))
		gyl_text_str(w, "nothing: its device holds as many leases as it may.");
	else if (free_cnt != 0)
		gyl_text_str(w, "one of the free addresses.");
	else if (d->layout->subnet[no].drain)
		gyl_text_str(w, "nothing of this subnet, which is drained.");
	else
		gyl_text_str(w,
			"nothing, unless an offer that nobody took up runs out: no address is free.");
}

/* On the subnet where it was seen last. */
static void tell_next(const struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a,
	const struct gyl_dhcpd_whom *whom, uint32_t subnet_ip)
{
	uint32_t no = gyl__dhcpd_layout_subnet(d->layout, subnet_ip);
	const struct gyl_dhcpd_decision *n;
	struct last last = {0};
	struct line x;

	if (no == GYL_DHCPD_NO_SUBNET)
		return;
	if (gyl__dhcpd_explain_find(&d->explain, whom, &n, 1) == 1)
		last = (struct last){n->class_bits, n->giaddr};
	begin(&x, a, "next");
	say_next(&x.sentence, d, a, whom, &last, no);
	end(&x, a);
}

static uint32_t seen_on(const struct gyl_dhcpd *d, const struct gyl_dhcpd_whom *w)
{
	struct gyl_dhcpd_walk walk = gyl__dhcpd_index_walk(&d->clients, w->hash);
	const struct gyl_dhcpd_decision *n;

	if (gyl__dhcpd_explain_find(&d->explain, w, &n, 1) == 1 && n->prefix <= 32)
		return n->subnet;
	return w->has_hash ? d->lease[gyl__dhcpd_index_next(&walk)].ip : 0;
}

/* Whom a reservation of that name is for, as text in buf; the text itself when there is none. */
static struct gyl_view named(
	const struct gyl_dhcpd *d, struct gyl_view text, uint8_t *buf, size_t cap)
{
	const struct gyl_dhcpd_layout *y = d->layout;
	struct gyl_writer w;

	gyl_writer_init(&w, buf, cap);
	for (uint32_t i = 0; text.len != 0 && i < y->cnt.host_cnt; i++) {
		const struct gyl_dhcpd_host_conf *cf = y->host[i].cf;

		if (!gyl__dhcpd_name_eq(gyl_flat_view(y->flat, cf->hostname), text))
			continue;
		if (cf->has_mac)
			gyl_text_mac(&w, cf->mac);
		else
			gyl_text_hex(&w,
				gyl_flat_view(y->flat,
					cf->client_id.cnt != 0 ? cf->client_id : cf->circuit_id));
		return gyl_writer_ok(&w) ? gyl_writer_view(&w) : text;
	}
	return text;
}

void gyl__dhcpd_steer_explain(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a)
{
	struct gyl_view client = gyl_question_arg(a->q, "client");
	struct gyl_dhcpd_whom w;
	uint8_t text[520];
	uint32_t subnet;
	size_t cnt;

	if (!gyl__dhcpd_steer_whom(d, a->q, named(d, client, text, sizeof text), &w))
		return;
	if (!walk(d, a, &w) || a->q->answer->cap - a->q->answer->len < REST_LEN) {
		a->q->more = true;
		return;
	}
	tell_hosts(d, a, &w);
	cnt = tell_decisions(d, a, &w);
	if (w.has_ip) {
		tell_subnet(d, a, w.ip, true);
		return;
	}
	if (cnt == 0 && a->q->cnt == 0 && a->q->wrong->len == 0) {
		refuse_unknown(d, a);
		return;
	}
	subnet = seen_on(d, &w);
	if (subnet == 0)
		return;
	tell_subnet(d, a, subnet, false);
	tell_next(d, a, &w, subnet);
}
