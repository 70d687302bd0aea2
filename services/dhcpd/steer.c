/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/steer.h"

#include <gyl/json.h>
#include <gyl/sha256.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/standby.h"

const struct gyl_cost gyl__dhcpd_steer_cost = {
	.event_cnt = GYL_DHCPD_WIPE_MAX + 4,
	.store_len = (GYL_DHCPD_WIPE_MAX + 1) *
		     (GYL_DHCPD_KEY_LEN_MAX + GYL_DHCPD_VAL_LEN_MAX + GYL_OUT_RECORD_HEAD),
};

static const struct {
	const char *name;
	void (*fn)(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a);
} verbs[] = {
	{"dhcp.leases", gyl__dhcpd_steer_leases},
	{"dhcp.pools", gyl__dhcpd_steer_pools},
	{"dhcp.explain", gyl__dhcpd_steer_explain},
	{"dhcp.wipe", gyl__dhcpd_steer_wipe},
	{"dhcp.reserve", gyl__dhcpd_steer_reserve},
	{"dhcp.unreserve", gyl__dhcpd_steer_unreserve},
	{"dhcp.reservations", gyl__dhcpd_steer_reservations},
	{"dhcp.drain", gyl__dhcpd_steer_drain},
	{"dhcp.standby", gyl__dhcpd_steer_standby},
	{"dhcp.takeover", gyl__dhcpd_steer_takeover},
};

static bool changes(struct gyl_view verb)
{
	static const char *const name[] = {
		"dhcp.wipe", "dhcp.reserve", "dhcp.unreserve", "dhcp.drain"};

	for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
		if (gyl_view_eq(verb, gyl_view_str(name[i])))
			return true;
	return false;
}

void gyl__dhcpd_steer(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_question *q, struct gyl_out *o)
{
	struct gyl_dhcpd_ask a = {now, q, o};

	/* What is changed at a silent server the other sets right again. */
	if (!gyl__dhcpd_serves(d) && changes(q->verb)) {
		gyl_question_refuse(q,
			"this server is silent beside another: ask the one that serves",
			gyl_view(NULL, 0));
		return;
	}
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (gyl_view_eq(q->verb, gyl_view_str(verbs[i].name)))
			verbs[i].fn(d, &a);
}

bool gyl__dhcpd_steer_room(const struct gyl_dhcpd_ask *a)
{
	return a->q->answer->cap - a->q->answer->len >= GYL_DHCPD_LINE_MAX;
}

void gyl__dhcpd_steer_say(struct gyl_dhcpd_ask *a, struct gyl_view what)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DHCPD_STEER);
	gyl_event_str(&e, "by", a->q->by);
	gyl_event_str(&e, "what", what);
	gyl_out_event(a->o, &e, a->q->after);
}

void gyl__dhcpd_steer_done(struct gyl_dhcpd_ask *a, const char *what, struct gyl_view sentence)
{
	struct gyl_json j;

	gyl_json_init(&j, a->q->answer);
	gyl_json_obj(&j, NULL);
	gyl_json_cstr(&j, "what", what);
	gyl_json_str(&j, "sentence", sentence);
	gyl_json_end(&j);
	gyl_text_char(a->q->answer, '\n');
}

bool gyl__dhcpd_steer_is_mac(const struct gyl_dhcpd_lease *l, const uint8_t mac[6])
{
	return l->has_mac && l->form != GYL_DHCPD_NOBODY && memcmp(l->mac, mac, 6) == 0;
}

/* ---- arguments ---- */

/* "01:02:00" or "0102"; 0: it is no such thing. */
static size_t parse_octets(struct gyl_view text, uint8_t *buf, size_t cap)
{
	uint8_t digits[600];
	size_t n = 0, len;

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == ':' && i != 0)
			continue;
		if (n == sizeof digits)
			return 0;
		digits[n++] = text.p[i];
	}
	return gyl_failed(gyl_parse_hex(gyl_view(digits, n), buf, cap, &len)) ? 0 : len;
}

static uint32_t hash_of_id(const struct gyl_dhcpd *d, struct gyl_view id)
{
	uint8_t digest[GYL_DHCPD_ID_MAX];
	struct gyl_sha256 s;

	if (id.len <= GYL_DHCPD_ID_MAX)
		return gyl__dhcpd_client_hash(d, GYL_DHCPD_BY_ID, id);
	gyl_sha256_init(&s, 0);
	gyl_sha256_update(&s, id.p, id.len);
	gyl_sha256_final(&s, digest);
	return gyl__dhcpd_client_hash(d, GYL_DHCPD_BY_DIGEST, gyl_view(digest, sizeof digest));
}

static void by_mac(const struct gyl_dhcpd *d, struct gyl_dhcpd_whom *w)
{
	uint8_t hw[7] = {1}; /* Ethernet */

	w->has_mac = w->has_hash = true;
	memcpy(hw + 1, w->mac, 6);
	w->hash = gyl__dhcpd_client_hash(d, GYL_DHCPD_BY_HW, gyl_view(hw, sizeof hw));
}

bool gyl__dhcpd_steer_whom(const struct gyl_dhcpd *d, struct gyl_question *q, struct gyl_view text,
	struct gyl_dhcpd_whom *ret)
{
	memset(ret, 0, sizeof *ret);
	if (!gyl_failed(gyl_parse_ipv4(text, &ret->ip))) {
		ret->has_ip = true;
		return true;
	}
	if (!gyl_failed(gyl_parse_mac(text, ret->mac))) {
		by_mac(d, ret);
		return true;
	}
	ret->octet_len = parse_octets(text, ret->octet, sizeof ret->octet);
	if (ret->octet_len == 0) {
		gyl_question_refuse(q,
			"\"%\" is neither an address (10.77.0.100), a MAC (02:00:5e:10:00:07) nor a client identifier in hexadecimal digits",
			text);
		return false;
	}
	ret->has_hash = true;
	ret->hash = hash_of_id(d, gyl_view(ret->octet, ret->octet_len));
	return true;
}

bool gyl__dhcpd_steer_is(const struct gyl_dhcpd_lease *l, const struct gyl_dhcpd_whom *whom)
{
	if (l->ip == 0)
		return false;
	if (whom->has_ip)
		return l->ip == whom->ip;
	if (l->form == GYL_DHCPD_NOBODY)
		return false;
	return (whom->has_hash && l->hash == whom->hash) ||
	       (whom->has_mac && l->has_mac && memcmp(l->mac, whom->mac, 6) == 0);
}

struct gyl_dhcpd_subnet *gyl__dhcpd_steer_subnet(
	const struct gyl_dhcpd *d, struct gyl_question *q, struct gyl_view text)
{
	const uint8_t *slash = text.len == 0 ? NULL : memchr(text.p, '/', text.len);
	size_t len = slash == NULL ? text.len : (size_t)(slash - text.p);
	uint32_t ip, no = GYL_DHCPD_NO_SUBNET;
	struct gyl_dhcpd_subnet *s;
	uint64_t prefix = 0;

	if (!gyl_failed(gyl_parse_ipv4(gyl_view_sub(text, 0, len), &ip)))
		no = gyl__dhcpd_layout_subnet(d->layout, ip);
	if (no == GYL_DHCPD_NO_SUBNET) {
		gyl_question_refuse(
			q, "\"%\" is in none of the subnets; guyline pools lists them", text);
		return NULL;
	}
	s = &d->layout->subnet[no];
	if (slash != NULL &&
		(gyl_failed(gyl_parse_u64(gyl_view_sub(text, len + 1, text.len), 32, &prefix)) ||
			gyl_conf_mask((unsigned)prefix) != s->mask || ip != s->ip)) {
		gyl_question_refuse(q, "\"%\" is no subnet here; guyline pools lists them", text);
		return NULL;
	}
	return s;
}

/* ---- words ---- */

const char *gyl__dhcpd_steer_state(const struct gyl_dhcpd_lease *l)
{
	switch (l->state) {
	case GYL_DHCPD_OFFERED:
		return "offered";
	case GYL_DHCPD_LEASED:
		return "leased";
	case GYL_DHCPD_DECLINED:
		return "declined";
	case GYL_DHCPD_OURS:
		return "ours";
	default:
		break;
	}
	if (l->form == GYL_DHCPD_NOBODY)
		return NULL;
	/* Given back before its time was up. */
	return l->since_ns != 0 && l->expiry_ns <
					   gyl_time_add(l->since_ns, gyl_time_from_s(l->granted_s))
		       ? "released"
		       : "expired";
}

void gyl__dhcpd_steer_span(struct gyl_writer *w, uint64_t from_ns, uint64_t to_ns)
{
	if (to_ns == GYL_TIME_INFINITE)
		gyl_text_str(w, "never");
	else
		gyl_time_print_about(w, to_ns < from_ns ? 0 : to_ns - from_ns);
}
