/* SPDX-License-Identifier: ISC */

/* NOTIFY to secondaries (notify.h). */

#include <gyl/dns_text.h>
#include <gyl/rng.h>
#include <gyl/time.h>

#include "services/dns/core_own.h"

static const struct gyl_cost cost = {.send_cnt = 1, .op_cnt = 1, .event_cnt = 1};
static const struct gyl_peer nobody = {0};

static const struct gyl_dns_conf_zone *zone_at(const struct gyl_dns *d, uint32_t i)
{
	return (const struct gyl_dns_conf_zone *)gyl_flat_at(d->flat, d->conf->zones) + i;
}

static const uint8_t *name_of(const struct gyl_dns *d, const struct gyl__dns_notify_one *n)
{
	return gyl_flat_view(d->flat, zone_at(d, n->zone)->name).p;
}

static void say(const struct gyl_dns *d, const struct gyl__dns_notify_one *n, struct gyl_view what,
	uint8_t severity, struct gyl_out *o)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DNS_NOTIFY);
	e.severity = severity;
	gyl__dns_event_name(&e, "zone", name_of(d, n));
	gyl_event_u64(&e, "serial", n->serial);
	gyl_event_ip(&e, "ip", n->to.ip);
	gyl_event_u64(&e, "port", n->to.port);
	gyl_event_str(&e, "what", what);
	gyl_out_event(o, &e, 0);
}

/* ---- whom ---- */

static bool add_all(struct gyl__dns_notify *t, const struct gyl_dns *d, uint32_t zone)
{
	const struct gyl_dns_conf_zone *z = zone_at(d, zone);
	const struct gyl_dns_conf_peer *to = gyl_flat_at(d->flat, z->notify);

	for (uint32_t i = 0; i < z->notify.cnt; i++) {
		struct gyl__dns_notify_one *n = &t->one[t->cnt];

		if (t->cnt == GYL_DNS_NOTIFY_MAX)
			return false;
		t->cnt++;
		n->zone = zone;
		n->to = to[i].address;
		n->key = to[i].key;
		if (n->to.port == 0)
			n->to.port = 53;
		n->due = n->known = false;
	}
	return true;
}

void gyl__dns_notify_conf(struct gyl_dns *d)
{
	struct gyl__dns_notify *t = &d->notify;

	t->cnt = 0;
	t->changed = t->stale = true;
	for (uint32_t i = 0; i < GYL_DNS_NOTIFY_MAX; i++)
		t->one[i].stale = t->one[i].state != GYL__DNS_NOTIFY_IDLE;
	for (uint32_t i = 0; i < d->conf->zones.cnt; i++)
		if (!add_all(t, d, i))
			return;
}

void gyl__dns_notify_data(struct gyl_dns *d)
{
	d->notify.changed = true;
}

/* ---- what ---- */

static size_t message(
	const struct gyl_dns *d, const struct gyl__dns_notify_one *n, uint8_t *p, size_t cap)
{
	struct gyl_dns_walk walk;
	struct gyl_dns_walked soa;
	struct gyl_dns_writer w;
	const uint8_t *name = name_of(d, n);
	size_t len = 0;

	if (!gyl_dns_walk_begin(&d->data, &d->policy, name, gyl_dns_name_len(name), &walk))
		return 0;
	gyl_dns_begin(&w, p, cap, n->id,
		(uint16_t)(gyl_dns_opcode_bits(GYL_DNS_OP_NOTIFY) | GYL_DNS_AA), 0);
	gyl_dns_put_question(&w, walk.apex, GYL_DNS_TYPE_SOA, GYL_DNS_CLASS_IN);
	/* RFC 1996 3.7: what it is now, as a hint */
	gyl_dns_walk_soa(&walk, &soa);
	gyl_dns_put_rr(
		&w, GYL_DNS_ANSWER, soa.name, soa.type, GYL_DNS_CLASS_IN, soa.ttl, soa.rdata);
	return gyl_failed(gyl_dns_end(&w, &len)) ? 0 : len;
}

static const struct gyl_dns_tsig_key *key_of(
	const struct gyl_dns *d, const struct gyl__dns_notify_one *n)
{
	return gyl_dns_tsig_find(&d->keys, gyl_flat_view(d->flat, n->key).p);
}

/* The message with its TSIG; 0: the key is not there. */
static size_t sign(const struct gyl_dns *d, struct gyl_now now, struct gyl__dns_notify_one *n,
	uint8_t *p, size_t len, size_t cap)
{
	const struct gyl_dns_tsig_key *key = n->key.cnt == 0 ? NULL : key_of(d, n);
	struct gyl_dns_sign s;
	struct gyl_writer w;

	if (n->key.cnt == 0 || len == 0)
		return len;
	if (key == NULL)
		return 0;
	gyl_writer_init(&w, p, cap);
	w.len = len;
	gyl_dns_tsig_request(&s, key, now.wall_ns, &w);
	n->mac_len = s.mac_len;
	memcpy(n->mac, s.mac, s.mac_len);
	return gyl_writer_ok(&w) ? w.len : 0;
}

/* Who has the key signs the answer. */
static bool is_signed(const struct gyl_dns *d, struct gyl_now now,
	const struct gyl__dns_notify_one *n, struct gyl_view msg)
{
	struct gyl_dns_sign s = {.first = true, .mac_len = n->mac_len};
	struct gyl_dns_msg m;

	if (n->key.cnt == 0)
		return true;
	s.key = key_of(d, n);
	if (s.key == NULL || gyl_failed(gyl_dns_decode(msg, &m)) || m.tsig_off == 0)
		return false;
	s.rr.alg = (enum gyl_dns_tsig_alg)s.key->alg;
	memcpy(s.mac, n->mac, n->mac_len);
	return gyl_dns_tsig_check(&s, now.wall_ns, msg, m.tsig_off);
}

static struct gyl_peer peer_of(const struct gyl__dns_notify_one *n)
{
	struct gyl_peer peer = {.ip = n->to.ip, .port = (uint16_t)n->to.port};

	return peer;
}

static uint32_t flow_of(const struct gyl__dns_notify *t, const struct gyl__dns_notify_one *n)
{
	return GYL__DNS_NOTIFY_FLOW + (uint32_t)(n - t->one) +
	       (uint32_t)GYL_DNS_NOTIFY_MAX * n->generation;
}

static void send(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_notify_one *n, struct gyl_out *o)
{
	struct gyl_peer to = peer_of(n);
	size_t cap;
	uint8_t *p = gyl_out_send(o, GYL_PORT_OPENED, &to, flow_of(&d->notify, n), 0, &cap);

	gyl_out_sent(o, sign(d, now, n, p, message(d, n, p, cap), cap));
}

static void close_flow(struct gyl_dns *d, struct gyl__dns_notify_one *n, struct gyl_out *o)
{
	if (n->state != GYL__DNS_NOTIFY_OPENING && n->state != GYL__DNS_NOTIFY_SENT)
		return;
	n->state = GYL__DNS_NOTIFY_CLOSING;
	gyl_out_flow(o, flow_of(&d->notify, n), GYL_FLOW_CLOSE, &nobody);
}

static void open_flow(struct gyl_dns *d, struct gyl__dns_notify_one *n, struct gyl_out *o)
{
	const uint16_t generations =
		(GYL__DNS_NOTIFY_FLOW_END - GYL__DNS_NOTIFY_FLOW) / GYL_DNS_NOTIFY_MAX;
	struct gyl_peer to = peer_of(n);

	n->generation = (uint16_t)((n->generation + 1) % generations);
	n->state = GYL__DNS_NOTIFY_OPENING;
	gyl_out_flow(o, flow_of(&d->notify, n), GYL_FLOW_OPEN_UDP, &to);
}

/* Sockets of before the last change of the configuration. */
static void close_stale(struct gyl_dns *d, struct gyl_out *o)
{
	struct gyl__dns_notify *t = &d->notify;

	for (uint32_t i = 0; i < GYL_DNS_NOTIFY_MAX; i++) {
		if (t->one[i].stale && !gyl_out_room(o, &cost))
			return;
		if (t->one[i].stale)
			close_flow(d, &t->one[i], o);
	}
	t->stale = false;
}

/* ---- when ---- */

static bool serial_of(const struct gyl_dns *d, const struct gyl__dns_notify_one *n, uint32_t *ret)
{
	const uint8_t *name = name_of(d, n);
	struct gyl_dns_walk walk;

	if (!gyl_dns_walk_begin(&d->data, &d->policy, name, gyl_dns_name_len(name), &walk))
		return false;
	*ret = walk.serial;
	return gyl_dns_walk_stands(&walk);
}

/* Who does not know the serial of now? */
static void look(struct gyl_dns *d, struct gyl_now now)
{
	struct gyl__dns_notify *t = &d->notify;
	uint32_t serial = 0;
	bool there = false;

	t->changed = false;
	t->mark = d->ledger.head;
	t->checked_ns = now.mono_ns;
	for (uint32_t i = 0; i < t->cnt; i++) {
		struct gyl__dns_notify_one *n = &t->one[i];

		if (i == 0 || n->zone != t->one[i - 1].zone)
			there = serial_of(d, n, &serial);
		if (!there || (n->known && n->serial == serial))
			continue;
		n->known = n->due = true;
		n->serial = serial;
		n->try_cnt = 0;
		n->at_ns = now.mono_ns;
	}
}

/* RFC 1996 3.6: again until there is an answer, or enough. */
static void try_one(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_notify_one *n, struct gyl_out *o)
{
	if (n->try_cnt == GYL__DNS_NOTIFY_TRIES) {
		n->due = false;
		d->stat.notify_lost_cnt++;
		say(d, n, gyl_view_str("does not answer NOTIFY"), GYL_SEV_WARNING, o);
		close_flow(d, n, o);
		return;
	}
	if (gyl_rng_u16(d->forward.rng, &n->id) != GYL_CRYPTO_OK)
		return;
	n->at_ns = gyl_time_add(now.mono_ns, GYL_NS_PER_S << n->try_cnt);
	n->try_cnt++;
	if (n->state == GYL__DNS_NOTIFY_IDLE)
		open_flow(d, n, o);
	else if (n->state == GYL__DNS_NOTIFY_SENT)
		send(d, now, n, o);
}

static bool news(const struct gyl_dns *d)
{
	return d->notify.changed || d->notify.mark != d->ledger.head;
}

static uint64_t look_at_ns(const struct gyl_dns *d)
{
	if (!news(d))
		return UINT64_MAX;
	return d->notify.checked_ns == 0 ? 0 : gyl_time_add(d->notify.checked_ns, GYL_NS_PER_S);
}

void gyl__dns_notify_tick(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl__dns_notify *t = &d->notify;

	if (t->stale)
		close_stale(d, o);
	if (t->cnt == 0 || d->forward.rng == NULL)
		return;
	if (look_at_ns(d) <= now.mono_ns)
		look(d, now);
	for (uint32_t i = 0; i < t->cnt; i++)
		if (t->one[i].due && t->one[i].at_ns <= now.mono_ns && gyl_out_room(o, &cost))
			try_one(d, now, &t->one[i], o);
}

uint64_t gyl__dns_notify_at_ns(const struct gyl_dns *d)
{
	const struct gyl__dns_notify *t = &d->notify;
	uint64_t at = UINT64_MAX;

	if (t->stale)
		return 0;
	if (t->cnt == 0 || d->forward.rng == NULL)
		return at;
	at = look_at_ns(d);
	for (uint32_t i = 0; i < t->cnt; i++)
		if (t->one[i].due)
			at = gyl_time_min(at, t->one[i].at_ns);
	return at;
}

/* ---- what comes back ---- */

static void answered(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_notify_one *n,
	struct gyl_view msg, struct gyl_out *o)
{
	struct gyl_dns_header h;
	uint8_t text[48];
	struct gyl_writer w;
	unsigned rcode;

	if (gyl_failed(gyl_dns_header_decode(msg, &h)) || h.id != n->id ||
		(h.flags & GYL_DNS_QR) == 0 || gyl_dns_opcode(h.flags) != GYL_DNS_OP_NOTIFY ||
		!n->due || !is_signed(d, now, n, msg))
		return;
	rcode = h.flags & GYL_DNS_RCODE_MASK;
	n->due = false;
	d->stat.notify_cnt++;
	gyl_writer_init(&w, text, sizeof text);
	gyl_put_view(&w, gyl_view_str("answers NOTIFY with "));
	gyl_dns_rcode_print(&w, rcode);
	say(d, n, gyl_writer_view(&w), rcode == GYL_DNS_NOERROR ? GYL_SEV_INFO : GYL_SEV_WARNING,
		o);
	close_flow(d, n, o);
}

static struct gyl__dns_notify_one *one_of(struct gyl_dns *d, uint32_t flow)
{
	struct gyl__dns_notify_one *n =
		&d->notify.one[(flow - GYL__DNS_NOTIFY_FLOW) % GYL_DNS_NOTIFY_MAX];

	return n->state != GYL__DNS_NOTIFY_IDLE && flow_of(&d->notify, n) == flow ? n : NULL;
}

bool gyl__dns_notify_input(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	struct gyl__dns_notify_one *n = one_of(d, in->flow);
	bool wanted;

	if (!gyl_out_room(o, &cost))
		return false;
	if (n == NULL)
		return true;
	/* a new configuration may have no such place any more, or another secondary in it */
	wanted = n < d->notify.one + d->notify.cnt && n->due;
	if (in->kind == GYL_IN_CLOSED) {
		/* the port is closed: it may be open at the next try */
		n->state = GYL__DNS_NOTIFY_IDLE;
		n->stale = false;
	} else if (!wanted || n->try_cnt == 0) {
		close_flow(d, n, o);
	} else if (in->kind == GYL_IN_OPENED && n->state == GYL__DNS_NOTIFY_OPENING) {
		n->state = GYL__DNS_NOTIFY_SENT;
		send(d, now, n, o);
	} else if (in->kind == GYL_IN_DGRAM && n->state == GYL__DNS_NOTIFY_SENT) {
		answered(d, now, n, in->data, o);
	}
	return true;
}
