/* SPDX-License-Identifier: ISC */
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/state.h"

/* Alarms about the same trouble are counted in between, not repeated. */
static const uint64_t again_ns = GYL_NS_PER_MIN;

struct gyl_view gyl__dhcpd_subnet_text(uint8_t buf[24], const struct gyl_dhcpd_subnet *s)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, 24);
	gyl_text_ipv4(&w, s->ip);
	gyl_text_char(&w, '/');
	gyl_text_u64(&w, gyl_conf_mask_len(s->mask));
	return gyl_writer_view(&w);
}

static void put_id(struct gyl_event *e, const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	uint8_t text[7 + 2 * GYL_DHCPD_ID_MAX];
	struct gyl_writer w;

	if (l->form != GYL_DHCPD_BY_ID && l->form != GYL_DHCPD_BY_DIGEST)
		return;
	gyl_writer_init(&w, text, sizeof text);
	if (l->form == GYL_DHCPD_BY_DIGEST)
		gyl_text_str(&w, "sha256/");
	gyl_text_hex(&w, gyl__dhcpd_lease_id(d, l));
	gyl_event_str(e, "id", gyl_writer_view(&w));
}

uint64_t gyl__dhcpd_wall_ns(uint64_t mono_ns, struct gyl_now now)
{
	uint64_t at_ns = now.wall_ns + (mono_ns - now.mono_ns);
	bool past = mono_ns - now.mono_ns >= UINT64_C(1) << 63;

	if (mono_ns == GYL_TIME_INFINITE)
		return mono_ns;
	return past && at_ns > now.wall_ns ? 0 : at_ns;
}

/* The wire that the relay saw it at, as text when it is text. */
static void put_circuit(
	struct gyl_event *e, const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	struct gyl_view val = gyl__dhcpd_lease_relay(d, l);
	struct gyl_dhcp_relay relay;
	uint8_t text[2 * 64];
	struct gyl_writer w;
	size_t n = 0;

	if (val.len == 0)
		return;
	gyl_dhcp_relay_decode(val, &relay);
	while (n < relay.circuit_id.len && relay.circuit_id.p[n] >= ' ' &&
		relay.circuit_id.p[n] < 0x7f)
		n++;
	gyl_writer_init(&w, text, sizeof text);
	if (n == relay.circuit_id.len)
		gyl_put_view(&w, gyl_view_sub(relay.circuit_id, 0, sizeof text));
	else
		gyl_text_hex(&w, gyl_view_sub(relay.circuit_id, 0, sizeof text / 2));
	if (w.len != 0)
		gyl_event_str(e, "circuit", gyl_writer_view(&w));
}

void gyl__dhcpd_lease_event(const struct gyl_dhcpd *d, struct gyl_now now, uint32_t slot,
	const char *state, struct gyl_event *ret)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_view name = gyl__dhcpd_lease_name(d, l);
	uint8_t text[24];

	gyl_event_init(ret, GYL_EV_DHCPD_LEASE);
	gyl_event_ip(ret, "ip", l->ip);
	if (l->has_mac)
		gyl_event_mac(ret, "mac", l->mac);
	put_id(ret, d, l);
	if (name.len != 0)
		gyl_event_str(ret, "name", name);
	gyl_event_str(ret, "state", gyl_view_str(state));
	gyl_event_u64(ret, "expiry", gyl__dhcpd_wall_ns(l->expiry_ns, now));
	if (!l->dropped) {
		const struct gyl_dhcpd_subnet *s = &d->layout->subnet[l->subnet];

		gyl_event_str(ret, "subnet", gyl__dhcpd_subnet_text(text, s));
		if (s->domain.len != 0)
			gyl_event_str(ret, "domain", s->domain);
	}
	if (l->giaddr != 0)
		gyl_event_ip(ret, "relay", l->giaddr);
	put_circuit(ret, d, l);
}

void gyl__dhcpd_say_lease(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot,
	const char *state, uint8_t severity, uint64_t after)
{
	struct gyl_event e;

	gyl__dhcpd_lease_event(d, now, slot, state, &e);
	e.severity = severity;
	gyl_out_event(o, &e, after);
}

static struct gyl_view type_name(uint8_t type)
{
	const char *name = gyl_dhcp_type_name(type);

	return gyl_view_str(name == NULL ? "unknown" : name);
}

/* What the message says of its sender. */
static void put_sender(struct gyl_event *e, const struct gyl_dhcpd_req *r)
{
	gyl_event_str(e, "message", type_name(r->msg.type));
	if (r->key.has_mac)
		gyl_event_mac(e, "mac", r->key.mac);
	else if (r->in->peer.has_mac)
		gyl_event_mac(e, "mac", r->in->peer.mac);
	if (r->msg.hdr.giaddr != 0)
		gyl_event_ip(e, "giaddr", r->msg.hdr.giaddr);
	gyl_event_u64(e, "xid", r->msg.hdr.xid);
}

void gyl__dhcpd_say_reply(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint8_t type,
	uint32_t ip, const char *reason)
{
	struct gyl_event e;

	gyl__dhcpd_explain_note(d, r, type, ip, reason);
	if (gyl_out_unheard(r->o, GYL_SRC_DHCPD))
		return;
	gyl_event_init(&e, GYL_EV_DHCPD_REPLY);
	put_sender(&e, r);
	gyl_event_str(&e, "reply", type_name(type));
	if (ip != 0)
		gyl_event_ip(&e, "ip", ip);
	gyl_event_str(&e, "reason", gyl_view_str(reason));
	gyl_out_event(r->o, &e, 0);
}

void gyl__dhcpd_say_silent(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, const char *reason, bool quiet)
{
	uint32_t ip = r->want_ip != 0 ? r->want_ip : r->msg.hdr.ciaddr;
	struct gyl_event e;

	gyl__dhcpd_count_silence(d, reason);
	gyl__dhcpd_explain_note(d, r, -1, 0, reason);
	if (quiet && gyl_out_unheard(r->o, GYL_SRC_DHCPD))
		return;
	gyl_event_init(&e, GYL_EV_DHCPD_SILENT);
	if (quiet)
		e.severity = GYL_SEV_DEBUG;
	put_sender(&e, r);
	if (ip != 0)
		gyl_event_ip(&e, "ip", ip);
	gyl_event_str(&e, "reason", gyl_view_str(reason));
	gyl_out_event(r->o, &e, 0);
}

void gyl__dhcpd_say_full(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	static const char reason[] = "no address is free";
	uint8_t text[24];
	struct gyl_event e;

	d->count[GYL_DHCPD_FULL]++;
	gyl__dhcpd_count_silence(d, reason);
	gyl__dhcpd_explain_note(d, r, -1, 0, reason);
	if (r->now.mono_ns < r->subnet->full_at_ns)
		return;
	r->subnet->full_at_ns = r->now.mono_ns + again_ns;
	gyl_event_init(&e, GYL_EV_DHCPD_FULL);
	if (r->key.has_mac)
		gyl_event_mac(&e, "mac", r->key.mac);
	gyl_event_str(&e, "subnet", gyl__dhcpd_subnet_text(text, r->subnet));
	gyl_event_u64(&e, "used", gyl__dhcpd_fill_used(&r->subnet->fill));
	gyl_event_u64(&e, "size", r->subnet->size);
	gyl_out_event(r->o, &e, 0);
}

void gyl__dhcpd_say_decline(
	const struct gyl_dhcpd_req *r, uint32_t ip, uint64_t hold_ns, bool reserved)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DHCPD_DECLINE);
	if (reserved) /* somebody sits where a machine of the operator's is to be */
		e.severity = GYL_SEV_ERR;
	gyl_event_ip(&e, "ip", ip);
	if (r->key.has_mac)
		gyl_event_mac(&e, "mac", r->key.mac);
	gyl_event_u64(&e, "hold", hold_ns);
	gyl_out_event(r->o, &e, 0);
}

void gyl__dhcpd_say_squat(
	const struct gyl_dhcpd *d, struct gyl_out *o, uint32_t ip, const uint8_t mac[6])
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DHCPD_SQUAT);
	gyl_event_ip(&e, "ip", ip);
	gyl_event_mac(&e, "mac", mac);
	gyl_event_u64(&e, "hold", d->layout->cf->decline_ns);
	gyl_out_event(o, &e, 0);
}

void gyl__dhcpd_say_bad(const struct gyl_in *in, struct gyl_out *o, struct gyl_fault f)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DHCPD_BAD);
	if (in->peer.has_mac)
		gyl_event_mac(&e, "mac", in->peer.mac);
	gyl_event_ip(&e, "ip", in->peer.ip);
	gyl_event_str(&e, "reason", gyl_view_str(gyl_err_text(f.err)));
	gyl_event_u64(&e, "offset", f.off);
	gyl_out_event(o, &e, 0);
}

void gyl__dhcpd_say_unstored(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	static const char reason[] =
		"the store is full: who has a lease keeps it, newcomers wait until leases end";
	struct gyl_event e;

	d->count[GYL_DHCPD_UNSTORED]++;
	gyl__dhcpd_count_silence(d, reason);
	gyl__dhcpd_explain_note(d, r, -1, 0, reason);
	if (r->now.mono_ns < d->unstored_at_ns)
		return;
	d->unstored_at_ns = r->now.mono_ns + again_ns;
	gyl_event_init(&e, GYL_EV_DHCPD_SILENT);
	e.severity = GYL_SEV_ERR;
	put_sender(&e, r);
	gyl_event_str(&e, "reason", gyl_view_str(reason));
	gyl_out_event(r->o, &e, 0);
}

void gyl__dhcpd_say_edge(struct gyl_out *o, enum gyl_event_kind kind, uint64_t epoch)
{
	struct gyl_event e;

	gyl_event_init(&e, kind);
	gyl_event_str(&e, "source", gyl_view_str("dhcpd"));
	gyl_event_u64(&e, "epoch", epoch);
	gyl_out_event(o, &e, 0);
}

void gyl__dhcpd_say_refused(struct gyl_out *o, struct gyl_view why)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_BASE_REFUSED);
	gyl_event_str(&e, "what", gyl_view_str("dhcpd configuration"));
	gyl_event_str(&e, "reason", why);
	gyl_out_event(o, &e, 0);
}
