/* SPDX-License-Identifier: ISC */

/* DHCP servers: who answers to everybody, and is it meant to? */

#include "services/arpd/state.h"

#include <gyl/dhcp.h>

/* One that is there all the time is told this often, when it is not meant to be. */
static const uint64_t again_ns = 10 * GYL_NS_PER_MIN;

static bool is_meant(const struct gyl_arpd *d, uint32_t ip)
{
	for (uint32_t i = 0; i < d->rules.server_cnt; i++)
		if (d->rules.server[i] == ip)
			return true;
	for (uint32_t i = 0; i < d->own_cnt; i++)
		if (d->own[i].is && d->own[i].ip == ip)
			return true;
	return d->rules.server_cnt == 0;
}

/* Its place; when there is none, that of the one unheard of for the longest time. */
static struct gyl_arpd_server *place(
	struct gyl_arpd *d, uint32_t ip, uint16_t vlan, const uint8_t mac[6])
{
	struct gyl_arpd_server *least = &d->server[0];

	for (int i = 0; i < GYL_ARPD_SERVER_MAX; i++) {
		struct gyl_arpd_server *s = &d->server[i];

		if (s->used && s->ip == ip && s->vlan == vlan && gyl_eth_mac_eq(s->mac, mac))
			return s;
		if (least->used && (!s->used || s->last_ns < least->last_ns))
			least = s;
	}
	*least = (struct gyl_arpd_server){.ip = ip, .vlan = vlan, .used = true};
	memcpy(least->mac, mac, sizeof least->mac);
	return least;
}

static void note(struct gyl_arpd *d, struct gyl_now now, const struct gyl_in *in, uint32_t ip,
	struct gyl_out *o)
{
	struct gyl_arpd_server *s = place(d, ip, in->peer.vlan, in->peer.mac);
	bool is_new = s->count == 0;
	enum gyl_event_kind kind;
	struct gyl_event e;

	s->count++;
	s->last_ns = now.wall_ns;
	s->rogue = !is_meant(d, ip);
	if (!is_new && (!s->rogue || now.mono_ns < s->told_ns))
		return;
	s->told_ns = now.mono_ns + again_ns;
	kind = s->rogue ? GYL_EV_ARPD_ROGUE : GYL_EV_ARPD_SERVER;
	if (!gyl__arpd_may_say(d, now.mono_ns, kind))
		return;
	gyl__arpd_event(&e, kind, s->vlan, s->ip, s->mac);
	gyl_event_u64(&e, "count", s->count);
	gyl_out_event(o, &e, 0);
}

/* RFC 2131 3.1: OFFER, ACK and NAK are a server's, which names itself (option 54). What came
 * through a relay says so, and is told by the server's own name, too. */
void gyl__arpd_dhcp(
	struct gyl_arpd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_dhcp_msg m;
	uint8_t type;
	uint32_t ip;

	if (gyl_failed(gyl_dhcp_decode(in->data, &m)) || m.hdr.op != GYL_DHCP_BOOTREPLY ||
		!gyl_dhcp_find_u8(&m, GYL_DHCP_OPT_TYPE, &type) ||
		(type != GYL_DHCP_OFFER && type != GYL_DHCP_ACK && type != GYL_DHCP_NAK))
		return;
	if (!gyl_dhcp_find_u32(&m, GYL_DHCP_OPT_SERVER_ID, &ip))
		ip = in->peer.ip;
	if (ip != 0 && !gyl__arpd_is_own(d, in->peer.mac))
		note(d, now, in, ip, o);
}
