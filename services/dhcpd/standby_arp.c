/* SPDX-License-Identifier: ISC */

/*
 * The address that clients know the server by. Who serves in the first's place answers ARP for its
 * address and says so (RFC 5227 2.3, 3); who is about to asks first whether it still answers.
 */

#include <gyl/arp.h>
#include <gyl/eth.h>
#include <gyl/time.h>

#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"

enum {
	ANNOUNCE_CNT = 2, /* RFC 5227 1.1: ANNOUNCE_NUM, ANNOUNCE_INTERVAL */
	ANNOUNCE_S = 2,
	PROBE_S = 1
};

static const struct gyl_cost answer_cost = {.send_cnt = 1, .event_cnt = 1};
static const struct gyl_cost frames_cost = {.send_cnt = GYL_DHCPD_SERVICE_MAX};

static bool is_same_net(const struct gyl_dhcpd_iface *a, const struct gyl_dhcpd_iface *b)
{
	uint32_t mask = a->prefix == 0 ? 0 : UINT32_MAX << (32 - a->prefix);

	return a->prefix == b->prefix && (a->ip & mask) == (b->ip & mask) && a->ip != 0;
}

void gyl__dhcpd_arp_init(struct gyl_dhcpd *d)
{
	struct gyl_dhcpd_standby *s = d->standby;

	memcpy(s->own, d->iface, sizeof s->own);
	s->own_cnt = d->iface_cnt;
	for (uint32_t i = 0; i < s->service_cnt; i++)
		gyl__dhcpd_mark_ours(d, s->service[i].ip);
}

bool gyl__dhcpd_arp_note(struct gyl_dhcpd *d, struct gyl_view list)
{
	struct gyl_dhcpd_standby *s = d->standby;
	struct gyl_dhcpd_iface a = {0};

	if (s->adopted)
		return true; /* what is in use stays as it is */
	s->service_cnt = 0;
	for (; list.len >= 5 && s->service_cnt < GYL_DHCPD_SERVICE_MAX;
		list = gyl_view_sub(list, 5, list.len)) {
		a.ip = gyl_get_u32(list.p);
		a.prefix = list.p[4];
		if (a.ip == 0 || a.prefix > 32)
			continue;
		s->service[s->service_cnt++] = a;
		gyl__dhcpd_mark_ours(d, a.ip);
	}
	return list.len < 5;
}

/* The interface of ours on the network of an address; -1: none. */
static int iface_of(const struct gyl_dhcpd_standby *s, const struct gyl_dhcpd_iface *a)
{
	for (uint32_t i = 0; i < s->own_cnt; i++)
		if (is_same_net(&s->own[i], a))
			return (int)i;
	return -1;
}

static void op(struct gyl_out *o, enum gyl_flow_op what, uint32_t ip, int iface)
{
	struct gyl_peer p = {.local_ip = ip, .iface = (uint8_t)iface};

	gyl_out_flow(o, 0, what, &p);
}

void gyl__dhcpd_arp_adopt(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	s->announce_cnt = d->probe.open ? ANNOUNCE_CNT : 0;
	s->announce_ns = now.mono_ns;
	if (s->cf.first || s->adopted)
		return;
	s->adopted = true;
	s->twice = false;
	for (uint32_t i = 0; i < s->service_cnt; i++) {
		int iface = iface_of(s, &s->service[i]);

		if (iface < 0 || d->iface_cnt == GYL_DHCPD_IFACE_MAX)
			continue;
		op(o, GYL_FLOW_ADOPT, s->service[i].ip, iface);
		d->iface[iface].ip = s->service[i].ip;
		d->iface[d->iface_cnt] = s->own[iface]; /* ours still, but not our name */
		d->iface[d->iface_cnt++].of = (uint32_t)iface + 1;
	}
}

void gyl__dhcpd_arp_leave(struct gyl_dhcpd *d, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	s->announce_cnt = 0;
	if (!s->adopted)
		return;
	s->adopted = false;
	for (uint32_t i = 0; i < s->service_cnt; i++) {
		int iface = iface_of(s, &s->service[i]);

		if (iface >= 0)
			op(o, GYL_FLOW_LEAVE, s->service[i].ip, iface);
	}
	memcpy(d->iface, s->own, sizeof s->own);
	d->iface_cnt = s->own_cnt;
}

/* ---- frames ---- */

static void say(struct gyl_dhcpd *d, struct gyl_out *o, int iface, const uint8_t dst[6],
	const struct gyl_arp *a)
{
	struct gyl_peer to = {.iface = (uint8_t)iface};
	struct gyl_eth e = {.tag_cnt = 0};
	struct gyl_writer w;
	size_t cap;
	uint8_t *buf = gyl_out_send(o, d->probe.port, &to, 0, 0, &cap);

	memcpy(e.dst, dst, 6);
	memcpy(e.src, d->probe.mac[iface].octet, 6);
	gyl_writer_init(&w, buf, cap);
	gyl_arp_encode_frame(&w, &e, a);
	gyl_out_sent(o, w.len);
}

static void say_all(struct gyl_dhcpd *d, struct gyl_out *o, int iface, const struct gyl_arp *a)
{
	static const uint8_t everybody[6] = {255, 255, 255, 255, 255, 255};

	say(d, o, iface, everybody, a);
}

static bool is_mine(const struct gyl_dhcpd *d, const uint8_t mac[6])
{
	for (uint32_t i = 0; i < d->standby->own_cnt; i++)
		if (memcmp(d->probe.mac[i].octet, mac, 6) == 0)
			return true;
	return false;
}

/* The other's machine speaks from its address. */
static void hear(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (!s->refused) /* a machine that lives is no server that does */
		s->alive_ns = now.mono_ns;
	if (!s->adopted || s->twice)
		return;
	/* It is that machine's: to fight for it by announcements (RFC 5227 2.4) would take away
	 * what else is served there. */
	s->twice = true;
	gyl__dhcpd_standby_say(d, o, GYL_SEV_WARNING,
		"its machine answers at its address, too: renewals that reach it are answered here when they are broadcast");
}

/* Who probes for it (RFC 5227 2.1.1) gets no answer and hears nothing more of it: the other does
 * when it is back, and would not take an address that is in use. */
static bool is_question(struct gyl_dhcpd *d, const struct gyl_arp *a, uint32_t ip)
{
	if (a->op != GYL_ARP_REQUEST || a->tpa != ip)
		return false;
	if (a->spa == 0)
		d->standby->announce_cnt = 0;
	return a->spa != 0;
}

bool gyl__dhcpd_arp_input(
	struct gyl_dhcpd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;
	struct gyl_eth e;
	struct gyl_arp a, answer;
	int iface;

	if (s == NULL || gyl_failed(gyl_eth_decode(in->data, &e)) ||
		gyl_failed(gyl_arp_decode(e.payload, &a)) || is_mine(d, a.sha))
		return true;
	if (!gyl_out_room(o, &answer_cost))
		return false;
	for (uint32_t i = 0; i < s->service_cnt; i++) {
		if (a.spa == s->service[i].ip)
			hear(d, now, o);
		iface = iface_of(s, &s->service[i]);
		if (!s->adopted || iface != in->peer.iface || !is_question(d, &a, s->service[i].ip))
			continue;
		answer = gyl_arp_reply(&a, d->probe.mac[iface].octet);
		say(d, o, iface, a.sha, &answer);
		break;
	}
	return true;
}

/* Of who serves: its own address, or the one that it took over. */
static void announce(struct gyl_dhcpd *d, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	for (uint32_t i = 0; i < s->own_cnt && (s->cf.first || s->adopted); i++) {
		struct gyl_arp a = gyl_arp_announcement(d->probe.mac[i].octet, d->iface[i].ip);

		if (d->iface[i].ip != 0 && d->probe.mac[i].is)
			say_all(d, o, (int)i, &a);
	}
}

static void probe(struct gyl_dhcpd *d, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	for (uint32_t i = 0; i < s->service_cnt; i++) {
		int iface = iface_of(s, &s->service[i]);
		struct gyl_arp a;

		if (iface < 0 || !d->probe.mac[iface].is)
			continue;
		a = gyl_arp_request(d->probe.mac[iface].octet, s->own[iface].ip, s->service[i].ip);
		say_all(d, o, iface, &a);
	}
}

/* Does it matter whether the other's address answers? */
static bool is_listening(const struct gyl_dhcpd *d)
{
	const struct gyl_dhcpd_standby *s = d->standby;

	return d->probe.open && s->cf.takeover_ns != 0 && s->role == GYL_DHCPD_ROLE_STANDBY &&
	       s->phase <= GYL_DHCPD_LINK_OPENING;
}

void gyl__dhcpd_arp_tick(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (!gyl_out_room(o, &frames_cost))
		return;
	if (s->announce_cnt != 0 && now.mono_ns >= s->announce_ns) {
		s->announce_cnt--;
		s->announce_ns = gyl_time_add(now.mono_ns, gyl_time_from_s(ANNOUNCE_S));
		announce(d, o);
	}
	if (is_listening(d) && now.mono_ns >= s->probe_ns) {
		s->probe_ns = gyl_time_add(now.mono_ns, gyl_time_from_s(PROBE_S));
		probe(d, o);
	}
}

uint64_t gyl__dhcpd_arp_deadline_ns(const struct gyl_dhcpd *d)
{
	const struct gyl_dhcpd_standby *s = d->standby;
	uint64_t at = s->announce_cnt != 0 ? s->announce_ns : UINT64_MAX;

	return is_listening(d) ? gyl_time_min(at, s->probe_ns) : at;
}
