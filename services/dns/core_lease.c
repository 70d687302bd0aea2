/* SPDX-License-Identifier: ISC */

/* Leases in, names out. */

#include <gyl/dns_text.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dns/core_own.h"

enum {
	SLICE = 32
};

static const uint64_t full_pause_ns = GYL_NS_PER_MIN;

/* severity: debug for what a snapshot tells again. */
static void say_name(
	const struct gyl_dns_lease *l, const char *state, uint8_t severity, struct gyl_out *o)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DNS_NAME);
	e.severity = severity;
	gyl__dns_event_name(&e, "name", l->name);
	gyl_event_ip(&e, "ip", l->ip);
	gyl_event_u64(&e, "expiry", l->expiry_wall_ns);
	gyl_event_str(&e, "state", gyl_view_str(state));
	gyl_out_event(o, &e, 0);
}

static bool is_ldh(uint8_t c)
{
	uint8_t low = gyl_dns_fold(c);

	return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/*
 * Names that programs look for of their own accord, and trust: who has one gets the traffic of
 * others. localhost: RFC 6761 6.3. wpad tells browsers their proxy, isatap (RFC 5214) hosts their
 * router. Only a file may have them.
 */
static bool is_trusted(const uint8_t *label)
{
	static const char *const name[] = {"\011localhost", "\004wpad", "\006isatap"};

	for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
		if (label[0] == (uint8_t)name[i][0] &&
			memcmp(label + 1, name[i] + 1, label[0]) == 0)
			return true;
	return false;
}

/*
 * The host's label out of what the client called itself: up to the first dot, letters, digits and
 * hyphens inside (RFC 952, RFC 1123 2.1). Clients choose this text, so everything else is refused.
 */
static bool host_label(struct gyl_view name, uint8_t label[GYL_DNS_LABEL_MAX + 1])
{
	size_t len = 0;

	while (len < name.len && name.p[len] != '.') {
		if (len == GYL_DNS_LABEL_MAX || !is_ldh(name.p[len]))
			return false;
		label[1 + len] = gyl_dns_fold(name.p[len]);
		len++;
	}
	label[0] = (uint8_t)len;
	return len != 0 && label[1] != '-' && label[len] != '-' && !is_trusted(label);
}

/* The domain that the lease came with, else the configured one. -1: neither. */
static int domain_of(struct gyl_dns *d, const struct gyl_event *e)
{
	static const uint8_t root = 0;
	uint8_t name[GYL_DNS_NAME_MAX];
	struct gyl_view text;

	/* A lease below an asterisk would make a wildcard of it (RFC 4592 2.2.3), which find() does
	 * not see. */
	if (gyl_event_get_str(e, "domain", &text) && text.len != 0) {
		if (gyl_failed(gyl_dns_name_parse(text, &root, name, NULL)) || name[0] == 0 ||
			memchr(name, '*', gyl_dns_name_len(name)) != NULL)
			return -1;
		return gyl_dns_overlay_domain(&d->overlay, name);
	}
	return d->overlay.domain[0].name_len != 0 ? 0 : -1;
}

/* The wall clock may jump; what counts is how long the lease has from now on. */
static void set_expiry(struct gyl_dns_lease *l, struct gyl_now now, const struct gyl_event *e)
{
	uint64_t wall_ns;

	l->expiry_ns = l->expiry_wall_ns = GYL_TIME_INFINITE;
	if (!gyl_event_get_u64(e, "expiry", &wall_ns) || wall_ns == GYL_TIME_INFINITE)
		return;
	l->expiry_wall_ns = wall_ns;
	l->expiry_ns = gyl_time_add(now.mono_ns, gyl_time_sub(wall_ns, now.wall_ns));
}

static void forget(struct gyl_dns *d, uint32_t ip, const char *state, struct gyl_out *o)
{
	struct gyl_dns_lease *l = gyl_dns_overlay_ip(&d->overlay, ip);

	if (l == NULL)
		return;
	say_name(l, state, GYL_SEV_INFO, o);
	gyl__dns_lease_noted(d, l, false);
	gyl_dns_overlay_remove(&d->overlay, l);
}

static void say_full(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o)
{
	static const char text[] = "dns: no room for more names of leases (dns.leases)";

	if (now.mono_ns < d->full_at_ns)
		return;
	d->full_at_ns = now.mono_ns + full_pause_ns;
	gyl__dns_say_note(text, o);
}

/* Names that a lease puts an end to: what its address was called, and where its host was. */
static void note_ends(struct gyl_dns *d, const struct gyl_dns_lease *l)
{
	const struct gyl_dns_lease *by_ip = gyl_dns_overlay_ip(&d->overlay, l->ip);
	const struct gyl_dns_lease *by_name =
		gyl_dns_overlay_name(&d->overlay, l->name, l->name_len);

	if (by_ip == by_name)
		return;
	if (by_ip != NULL)
		gyl__dns_lease_noted(d, by_ip, false);
	if (by_name != NULL && memcmp(by_name->mac, l->mac, sizeof l->mac) == 0)
		gyl__dns_lease_noted(d, by_name, false);
}

static void note(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_dns_lease *l, struct gyl_out *o)
{
	struct gyl_dns_lease old;
	enum gyl_dns_taken taken;

	note_ends(d, l);
	taken = gyl_dns_overlay_set(&d->overlay, l, &old);
	if (taken == GYL_DNS_LEASE_NEW)
		gyl__dns_lease_noted(d, gyl_dns_overlay_ip(&d->overlay, l->ip), true);
	if (old.name_len != 0)
		say_name(&old, "gone", GYL_SEV_INFO, o);
	if (taken == GYL_DNS_LEASE_NEW)
		say_name(l, "new", GYL_SEV_INFO, o);
	else if (taken == GYL_DNS_LEASE_TAKEN)
		say_name(l, "taken", GYL_SEV_INFO, o);
	else if (taken == GYL_DNS_LEASE_FULL)
		say_full(d, now, o);
}

static bool is_live(const struct gyl_event *e)
{
	struct gyl_view state;

	return !gyl_event_get_str(e, "state", &state) ||
	       gyl_view_eq(state, gyl_view_str("leased")) ||
	       gyl_view_eq(state, gyl_view_str("renewed"));
}

void gyl__dns_lease(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_event *e, struct gyl_out *o)
{
	struct gyl_dns_lease l;
	uint8_t label[GYL_DNS_LABEL_MAX + 1];
	struct gyl_view name = {NULL, 0};
	const struct gyl_dns_domain *domain;
	uint64_t ip;
	size_t len;
	int number;

	if (!gyl_event_get_u64(e, "ip", &ip))
		return;
	gyl_event_get_str(e, "name", &name);
	memset(&l, 0, sizeof l);
	set_expiry(&l, now, e);
	number = domain_of(d, e);
	if (!is_live(e) || l.expiry_ns <= now.mono_ns || number < 0 || !host_label(name, label)) {
		forget(d, (uint32_t)ip, "gone", o);
		return;
	}
	domain = &d->overlay.domain[number];
	if (gyl_failed(
		    gyl_dns_name_concat(label, (size_t)label[0] + 1, domain->name, l.name, &len)))
		return;
	l.ip = (uint32_t)ip;
	l.name_len = (uint8_t)len;
	l.domain = (uint8_t)number;
	gyl_event_get_mac(e, "mac", l.mac);
	note(d, now, &l, o);
}

void gyl__dns_expire(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.event_cnt = 1};

	for (int i = 0; i < SLICE && gyl_out_room(o, &cost); i++) {
		const struct gyl_dns_lease *next = gyl_dns_overlay_next(&d->overlay);

		if (next == NULL || next->expiry_ns > now.mono_ns)
			return;
		forget(d, next->ip, "expired", o);
	}
}

static void say_edge(const struct gyl_dns *d, enum gyl_event_kind kind, struct gyl_out *o)
{
	struct gyl_event e;

	gyl_event_init(&e, kind);
	gyl_event_str(&e, "source", gyl_view_str("dns"));
	gyl_event_u64(&e, "epoch", d->snapshot_epoch);
	gyl_out_event(o, &e, 0);
}

/* In the order of the addresses, a slice a call: names may come and go in between. */
void gyl__dns_tell_names(struct gyl_dns *d, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.event_cnt = SLICE + 2};

	if (!gyl_out_room(o, &cost))
		return;
	if (!d->snapshot_begun)
		say_edge(d, GYL_EV_BASE_BEGIN, o);
	d->snapshot_begun = true;
	for (int i = 0; i < SLICE; i++) {
		const struct gyl_dns_lease *l = gyl_dns_overlay_from(&d->overlay, d->snapshot_at);

		if (l != NULL)
			say_name(l, "seen", GYL_SEV_DEBUG, o);
		if (l == NULL || l->ip == UINT32_MAX) {
			say_edge(d, GYL_EV_BASE_END, o);
			d->snapshot = false;
			return;
		}
		d->snapshot_at = l->ip + 1;
	}
}
