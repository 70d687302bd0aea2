/* SPDX-License-Identifier: ISC */
#include "services/syslogd/core_own.h"

#include <gyl/syslog.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "conf/schema.h"
#include "services/syslogd/record.h"

enum {
	SEQ_BLOCK = 65536,
	EVENT_MAX = 4096, /* octets of an event as RFC 5424 */
	/* Of the buffer, for events only: a burst of them while datagrams wait for the disk. */
	EVENT_RESERVE = 65536
};

_Static_assert(GYL_SYSLOGD_LINE_MAX(GYL_SYSLOGD_DGRAM_MAX) + EVENT_RESERVE <= GYL_SYSLOGD_LOG_CAP,
	"the longest record must fit into an empty buffer");

static const char seq_key[] = "syslogd/seq";

static void configure(struct gyl_syslogd *d, struct gyl_now now, const struct gyl_syslogd_conf *cf,
	const struct gyl_flat *f, struct gyl_out *o)
{
	const struct gyl_conf_entry *entry = gyl_flat_at(f, cf->zones);

	d->cf = *cf;
	d->zone_s = 0; /* unless it is set: the check function vouches for what is */
	gyl_syslogd_zone_parse(gyl_flat_view(f, cf->zone), &d->zone_s);
	d->zone_cnt = cf->zones.cnt < GYL_SYSLOGD_ZONE_MAX ? cf->zones.cnt : GYL_SYSLOGD_ZONE_MAX;
	for (unsigned i = 0; i < d->zone_cnt; i++)
		memcpy(&d->zone[i], gyl_flat_at(f, entry[i].octet), sizeof d->zone[i]);
	gyl__syslogd_rules_changed(d, now, cf, f, o);
}

void gyl_syslogd_init(struct gyl_syslogd *d, const struct gyl_syslogd_conf *cf,
	const struct gyl_flat *f, struct gyl_view host)
{
	static const struct gyl_now before = {0, 0};
	static const uint64_t no_key[2] = {0, 0};

	memset(d, 0, sizeof *d);
	gyl_syslogd_rules_init(&d->rules, no_key);
	d->seq = 1;
	d->idle_at_ns = UINT64_MAX;
	gyl_syslogd_senders_init(&d->senders);
	host = gyl_view_sub(host, 0, sizeof d->host);
	if (host.len != 0)
		memcpy(d->host, host.p, host.len);
	d->host_len = (uint8_t)host.len;
	configure(d, before, cf, f, NULL);
}

void gyl_syslogd_rules(
	struct gyl_syslogd *d, const uint64_t key[2], const struct gyl_syslogd_helper *helper)
{
	gyl_syslogd_rates_init(&d->rules.rates, key);
	gyl_syslogd_folds_init(&d->rules.folds, key);
	d->rules.helper = helper;
}

void gyl_syslogd_seq_last(struct gyl_syslogd *d, uint64_t seq)
{
	d->seq = seq + 1;
	d->seq_known = true;
}

/* A new block of numbers is stored ahead. Without room it is tried with the next record: the log
 * itself is the better witness. */
static void reserve_seq(struct gyl_syslogd *d, struct gyl_out *o)
{
	static const struct gyl_cost cost = {
		.store_len = sizeof seq_key + GYL_OUT_RECORD_HEAD + 20};
	struct gyl_record rec = {.key = gyl_view_str(seq_key)};
	struct gyl_writer w;
	uint8_t text[20];

	if (!gyl_out_room(o, &cost))
		return;
	d->seq_reserved = d->seq + SEQ_BLOCK;
	gyl_writer_init(&w, text, sizeof text);
	gyl_text_u64(&w, d->seq_reserved);
	rec.val = gyl_writer_view(&w);
	gyl_out_store(o, &rec, 1);
}

static void record(struct gyl_syslogd *d, const struct gyl_in *in)
{
	uint64_t seq;

	if (!gyl_view_eq(in->key, gyl_view_str(seq_key)) ||
		gyl_failed(gyl_parse_u64(in->data, UINT64_MAX - SEQ_BLOCK, &seq)))
		return;
	d->seq_reserved = seq;
	if (!d->seq_known && seq > d->seq)
		d->seq = seq;
}

/* The time of receipt as text: one a batch, not one a message. */
struct gyl_view gyl__syslogd_recv_text(struct gyl_syslogd *d, uint64_t wall_ns)
{
	struct gyl_writer w;

	if (d->recv_len == 0 || wall_ns != d->recv_ns) {
		gyl_writer_init(&w, d->recv, sizeof d->recv);
		gyl_time_print_rfc3339(&w, wall_ns, 6);
		d->recv_len = (uint8_t)w.len;
		d->recv_ns = wall_ns;
	}
	return gyl_view(d->recv, d->recv_len);
}

/* Messages of one sender often come together. */
static struct gyl_view from_text(struct gyl_syslogd *d, const struct gyl_in *in)
{
	struct gyl_writer w;

	if (gyl__syslogd_is_local(in))
		return gyl_view_str("unix");
	if (d->from_len == 0 || in->peer.ip != d->from_ip) {
		gyl_writer_init(&w, d->from, sizeof d->from);
		gyl_text_ipv4(&w, in->peer.ip);
		d->from_len = (uint8_t)w.len;
		d->from_ip = in->peer.ip;
	}
	return gyl_view(d->from, d->from_len);
}

void gyl__syslogd_append(struct gyl_syslogd *d, struct gyl_now now, struct gyl_syslogd_head *head,
	const struct gyl_syslog *m, struct gyl_out *o)
{
	struct gyl_writer w;
	size_t cap;
	uint8_t *p = gyl_out_append(o, 0, &cap);

	if (d->seq >= d->seq_reserved)
		reserve_seq(d, o);
	head->seq = d->seq;
	head->recv = gyl__syslogd_recv_text(d, now.wall_ns);
	gyl_writer_init(&w, p, cap);
	gyl_syslogd_record(&w, head, m);
	gyl_out_appended(o, 0, w.len);
	d->seq++;
	d->stat.record_cnt++;
}

static void by_rules(struct gyl_syslogd *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_syslog *m, struct gyl_syslogd_head *head, struct gyl_out *o)
{
	struct gyl_syslogd_about about = {.m = m,
		.host = head->from,
		.kind = gyl__syslogd_is_local(in) ? GYL_SYSLOGD_FROM_UNIX : GYL_SYSLOGD_FROM_NET,
		.ip = in->peer.ip,
		.uid = in->peer.uid};

	gyl__syslogd_by_rules(d, now, &about, 0, head, o);
}

bool gyl__syslogd_keep(struct gyl_syslogd *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_syslog_frame *f, struct gyl_out *o)
{
	struct gyl_cost cost = {
		.append_len = (uint32_t)GYL_SYSLOGD_LINE_MAX(f->msg.len) + EVENT_RESERVE,
		.event_cnt = 1};
	struct gyl_syslog_ctx ctx = {
		.recv_ns = now.wall_ns, .flags = f->flags, .orig_len = f->orig_len};
	struct gyl_syslogd_head head = {.from = from_text(d, in),
		.pid = in->peer.pid,
		.uid = in->peer.uid,
		.name = in->key};
	struct gyl_syslogd_sender *s;
	struct gyl__syslogd_zone z;
	struct gyl_syslog m;

	if (!gyl_out_room(o, &cost))
		return false;
	s = gyl_syslogd_sender_get(&d->senders, in->peer.ip, now.mono_ns);
	z = gyl__syslogd_zone(d, in, s);
	ctx.zone_s = z.zone_s;
	gyl_syslog_decode(f->msg, &ctx, &m);
	gyl__syslogd_learn(d, now, s, &m, &z, o);
	head.of = m.flags & GYL_SYSLOG_REPEAT ? s->seq : 0;
	if (d->rules.cnt == 0)
		gyl__syslogd_append(d, now, &head, &m, o);
	else
		by_rules(d, now, in, &m, &head, o);
	s->seq = head.seq;
	return true;
}

/* in->seq: octets that the host had no room for */
static bool dgram(
	struct gyl_syslogd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_syslog_frame f = {.msg = in->data,
		.orig_len = in->data.len + (size_t)in->seq,
		.flags = in->seq != 0 ? GYL_SYSLOG_CUT : 0};

	if (gyl__syslogd_keep(d, now, in, &f, o))
		return true;
	d->drop_cnt[GYL_SYSLOGD_UNIX] += in->role == GYL_SYSLOGD_UNIX;
	return in->role == GYL_SYSLOGD_UNIX;
}

static void port_name(const struct gyl_syslogd *d, unsigned role, struct gyl_writer *w)
{
	if (role != GYL_SYSLOGD_UDP) {
		gyl_text_str(w, "unix");
		return;
	}
	gyl_text_str(w, "udp/");
	gyl_text_u64(w, d->cf.port);
}

/* The kernel does not say when: some time between its last notice and now. */
static void tell_dropped(
	struct gyl_syslogd *d, struct gyl_now now, unsigned role, struct gyl_out *o)
{
	struct gyl_event e;
	struct gyl_writer w;
	char name[16];

	gyl_writer_init(&w, name, sizeof name);
	port_name(d, role, &w);
	gyl_event_init(&e, GYL_EV_SYSLOGD_DROPPED);
	gyl_event_u64(&e, "count", d->drop_cnt[role]);
	gyl_event_str(&e, "port", gyl_writer_view(&w));
	gyl_event_u64(&e, "since", d->since_ns[role]);
	gyl_out_event(o, &e, 0);
	d->since_ns[role] = now.wall_ns;
	d->stat.dropped_cnt += d->drop_cnt[role];
	d->drop_cnt[role] = 0;
	d->drop_at_ns[role] = gyl_time_add(now.mono_ns, GYL_NS_PER_S);
}

/*
 * Of each socket once a second, or at the end: a flood brings a notice with every batch. Those of
 * this machine that found no room wait for some, for the notice is a record, too.
 */
static void tell_all_dropped(
	struct gyl_syslogd *d, struct gyl_now now, bool at_end, struct gyl_out *o)
{
	static const struct gyl_cost full = {.append_len = 2 * EVENT_RESERVE, .event_cnt = 1},
				     event = {.event_cnt = 1};

	for (unsigned role = 0; role < GYL_SYSLOGD_ROLE_CNT; role++)
		if (d->drop_cnt[role] != 0 && (at_end || now.mono_ns >= d->drop_at_ns[role]) &&
			gyl_out_room(o, role == GYL_SYSLOGD_UNIX ? &full : &event))
			tell_dropped(d, now, role, o);
}

static uint64_t drop_deadline_ns(const struct gyl_syslogd *d)
{
	uint64_t at = UINT64_MAX;

	for (unsigned role = 0; role < GYL_SYSLOGD_ROLE_CNT; role++)
		if (d->drop_cnt[role] != 0)
			at = gyl_time_min(at, d->drop_at_ns[role]);
	return at;
}

static void tell_at_end(struct gyl_syslogd *d, struct gyl_now now, struct gyl_out *o)
{
	tell_all_dropped(d, now, true, o);
	gyl__syslogd_rules_tell(d, now, true, o);
}

/* Events are recorded in the words that other processes hear them in. */
static void event(
	struct gyl_syslogd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_syslog_ctx ctx = {.recv_ns = now.wall_ns};
	struct gyl_cost cost = {0};
	uint8_t text[EVENT_MAX];
	struct gyl_syslogd_head head = {.from = gyl_view_str("guyline")};
	struct gyl_syslogd_about about = {
		.host = gyl_view_str("guyline"), .kind = GYL_SYSLOGD_FROM_OWN};
	struct gyl_syslog m;
	struct gyl_writer w;

	if (in->event->kind == GYL_EV_BASE_STOP && !in->event->remote)
		tell_at_end(d, now, o);
	if (in->event->severity > d->cf.events)
		return;
	gyl_writer_init(&w, text, sizeof text);
	gyl_event_encode(in->event, gyl_view(d->host, d->host_len), &w);
	cost.append_len = (uint32_t)GYL_SYSLOGD_LINE_MAX(w.len);
	if (!gyl_out_room(o, &cost)) {
		d->stat.event_lost_cnt++;
		return;
	}
	gyl_syslog_decode(gyl_writer_view(&w), &ctx, &m);
	about.m = &m;
	if (d->rules.cnt == 0)
		gyl__syslogd_append(d, now, &head, &m, o);
	else
		gyl__syslogd_by_rules(
			d, now, &about, gyl__syslogd_rules_mute(d, in->event), &head, o);
}

static void data(
	struct gyl_syslogd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	bool conf = gyl_view_eq(in->key, gyl_view_str("conf"));
	const struct gyl_flat *f = conf ? gyl_flat_open(in->data) : NULL;
	const struct gyl_syslogd_conf *cf = f == NULL ? NULL : gyl_flat_section(f, "syslogd");
	struct gyl_syslogd_conf old = d->cf;

	if (!conf)
		d->files = in->data;
	if (cf == NULL)
		return;
	configure(d, now, cf, f, o);
	/* the sockets that are open; others come with the next start */
	d->cf.port = old.port;
	d->cf.tcp_port = old.tcp_port;
	d->cf.tls_port = old.tls_port;
	d->cf.has_tcp_port = old.has_tcp_port;
	d->idle_at_ns = 0; /* the time may be another one */
}

static bool take(struct gyl_syslogd *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o)
{
	if (in->kind == GYL_IN_DGRAM)
		return dgram(d, now, in, o);
	if (in->kind == GYL_IN_DROPPED)
		d->drop_cnt[in->role] += in->seq;
	if (in->kind >= GYL_IN_OPENED && in->kind <= GYL_IN_CLOSED)
		return gyl__syslogd_stream(d, now, in, o);
	if (in->kind == GYL_IN_EVENT)
		event(d, now, in, o);
	else if (in->kind == GYL_IN_RECORD)
		record(d, in);
	else if (in->kind == GYL_IN_DATA)
		data(d, now, in, o);
	return true;
}

static size_t input(
	void *core, struct gyl_now now, struct gyl_in *in, size_t in_cnt, struct gyl_out *o)
{
	struct gyl_syslogd *d = core;
	size_t i = 0;

	for (unsigned role = 0; role < GYL_SYSLOGD_ROLE_CNT; role++)
		if (d->since_ns[role] == 0)
			d->since_ns[role] = now.wall_ns;
	while (i < in_cnt && take(d, now, &in[i], o))
		i++;
	tell_all_dropped(d, now, false, o);
	return i;
}

static void tick(void *core, struct gyl_now now, struct gyl_out *o)
{
	tell_all_dropped(core, now, false, o);
	gyl__syslogd_rules_tell(core, now, false, o);
	gyl__syslogd_gaps(core, now, o);
	gyl__syslogd_idle(core, now, o); /* blocks of the log are the affair of its owner */
}

static uint64_t deadline_ns(const void *core)
{
	const struct gyl_syslogd *d = core;
	const struct gyl_syslogd_rules *r = &d->rules;
	uint64_t due_ns = gyl_time_min(r->rates.due_ns, r->folds.due_ns);

	due_ns = gyl_time_min(due_ns, drop_deadline_ns(d));
	due_ns = gyl_time_min(due_ns, d->senders.gap_at_ns);
	return gyl_time_min(due_ns, d->conn_cnt == 0 ? UINT64_MAX : d->idle_at_ns);
}

const struct gyl_core_ops gyl_syslogd_core = {
	.name = "syslogd",
	.wants = (1u << GYL_SRC_CNT) - 1,
	.patience_ns = GYL_NS_PER_MS, /* of a receive buffer that holds some hundreds of them */
	.input = input,
	.tick = tick,
	.deadline_ns = deadline_ns,
};
