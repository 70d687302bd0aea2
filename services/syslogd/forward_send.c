/* SPDX-License-Identifier: ISC */

/* What goes over a connection, and how far it has come. */

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/syslogd/forward_own.h"

enum {
	FRAME_MAX = 8, /* "1048576 " */
	PACE_BURST = 8
};

static const uint64_t look_pause_ns = 20 * GYL_NS_PER_MS;
/* A refusal that comes later than this is not for what was sent last. */
static const uint64_t lag_ns = 250 * GYL_NS_PER_MS;
static const uint64_t pace_pause_ns = GYL_NS_PER_MS;

void gyl__forward_begin(struct gyl_syslogd_link *l, struct gyl_now now)
{
	l->sent = 0;
	l->acked = 0;
	l->part_off = 0;
	l->mark_cnt = 0;
	l->lag_nr = 0;
	l->blocked = false;
	l->moved_ns = now.mono_ns;
	l->look_ns = now.mono_ns;
	l->credit_ns = now.mono_ns;
}

uint64_t gyl__forward_forget(struct gyl_syslogd_link *l)
{
	uint64_t cnt = l->cf.way == GYL_SYSLOGD_BY_UDP ? l->sent - l->acked
						       : l->mark_cnt + (l->part_off != 0);

	l->ops->rewind(l->arg);
	l->mark_cnt = 0;
	l->part_off = 0;
	l->sent = 0;
	l->acked = 0;
	return cnt;
}

/* ---- how far it has come ---- */

/* Messages whose last octet is among those that the other side has. */
static void done(struct gyl_syslogd_link *l)
{
	uint64_t nr = 0;

	while (l->mark_cnt != 0 && l->mark[l->mark_first].end <= l->acked) {
		nr = l->mark[l->mark_first].nr;
		l->mark_first = (l->mark_first + 1) % GYL_SYSLOGD_MARK_MAX;
		l->mark_cnt--;
	}
	if (nr != 0)
		l->ops->done(l->arg, nr + 1);
}

uint64_t gyl__forward_acked(struct gyl_syslogd_link *l, struct gyl_now now)
{
	uint64_t flight = l->sent - l->acked, silent_ns = 0, still, quiet;

	l->look_ns = now.mono_ns + look_pause_ns;
	if (flight == 0) {
		l->moved_ns = now.mono_ns;
		return 0;
	}
	still = l->ops->unacked(l->arg, l->flow, &silent_ns);
	if (still < flight) { /* TLS counts more octets than went in: rather too many */
		l->acked = l->sent - still;
		l->moved_ns = now.mono_ns;
		l->blocked = false;
		done(l);
	}
	quiet = now.mono_ns - l->moved_ns;
	return quiet < silent_ns ? quiet : silent_ns;
}

bool gyl__forward_lag(struct gyl_syslogd_link *l, struct gyl_now now)
{
	if (l->lag_nr == 0 || now.mono_ns < l->look_ns)
		return false;
	l->ops->done(l->arg, l->lag_nr);
	l->acked = l->lag_sent;
	l->lag_nr = l->sent == l->acked ? 0 : l->next_nr;
	l->lag_sent = l->sent;
	l->look_ns = now.mono_ns + lag_ns;
	return true;
}

/* ---- sending: streams ---- */

/* The count in front of a message (RFC 6587 3.4.1). Its length. */
static size_t put_count(const struct gyl_syslogd_link *l, size_t len, uint8_t ret[FRAME_MAX])
{
	struct gyl_writer w;

	if (l->cf.framing != GYL_SYSLOG_FRAME_COUNT)
		return 0;
	gyl_writer_init(&w, ret, FRAME_MAX);
	gyl_text_u64(&w, len);
	gyl_text_char(&w, ' ');
	return w.len;
}

/* Octets of `from`, past the first *off of them, as many as there is room for. What is passed over
 * is taken off *off. */
static size_t put_some(struct gyl_view from, size_t *off, uint8_t *p, size_t cap)
{
	struct gyl_view v = gyl_view_sub(from, *off, cap);

	*off -= *off < from.len ? *off : from.len;
	if (v.len != 0)
		memcpy(p, v.p, v.len);
	return v.len;
}

/* A message with its frame, from part_off on. Its end cannot be escaped: inside it is a space
 * (RFC 6587 3.4.2). Returns how many octets; sets *ret_all when that was the end of it. */
static size_t put_part(
	struct gyl_syslogd_link *l, struct gyl_view text, uint8_t *p, size_t cap, bool *ret_all)
{
	uint8_t count[FRAME_MAX], stop = l->cf.framing == GYL_SYSLOG_FRAME_NUL ? '\0' : '\n';
	size_t count_len = put_count(l, text.len, count), off = l->part_off, n, from;
	size_t stop_len = count_len == 0;

	n = put_some(gyl_view(count, count_len), &off, p, cap);
	from = n;
	n += put_some(text, &off, p + n, cap - n);
	for (; stop_len != 0 && from < n; from++)
		if (p[from] == stop)
			p[from] = ' ';
	n += put_some(gyl_view(&stop, stop_len), &off, p + n, cap - n);
	l->part_off += (uint32_t)n;
	*ret_all = l->part_off == count_len + text.len + stop_len;
	return n;
}

static bool has_flight(const struct gyl_syslogd_link *l, uint64_t more)
{
	return l->sent + more - l->acked < GYL_SYSLOGD_FLIGHT_MAX &&
	       l->mark_cnt < GYL_SYSLOGD_MARK_MAX;
}

static void given(struct gyl_syslogd_link *l, uint64_t nr, uint64_t end)
{
	l->mark[(l->mark_first + l->mark_cnt) % GYL_SYSLOGD_MARK_MAX] =
		(struct gyl_syslogd_mark){end, nr};
	l->mark_cnt++;
	l->part_off = 0;
	l->stat.sent_cnt++;
	l->ops->step(l->arg);
}

/* Messages, and parts of them, into a slot. *ret_whole false: the rest of one is gone. */
static size_t fill(struct gyl_syslogd_link *l, uint8_t *p, size_t cap, bool *ret_whole)
{
	struct gyl_view text;
	uint64_t nr;
	size_t n = 0;
	bool all;

	while (n < cap && has_flight(l, n) && l->ops->peek(l->arg, &text, &nr)) {
		if (l->part_off != 0 && nr != l->part_nr) {
			*ret_whole = false;
			break;
		}
		n += put_part(l, text, p + n, cap - n, &all);
		l->part_nr = nr;
		if (all)
			given(l, nr, l->sent + n);
	}
	return n;
}

static bool send_stream(struct gyl_syslogd_link *l, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.send_cnt = 1};
	static const struct gyl_peer nobody = {0};
	uint32_t room = l->ops->room(l->arg, l->flow);
	bool whole = true, none = room == 0;
	size_t cap, n = 1;
	uint8_t *p;

	while (whole && room != 0 && n != 0 && gyl_out_room(o, &cost)) {
		p = gyl_out_send(o, GYL_PORT_OPENED, &nobody, l->flow, 0, &cap);
		n = fill(l, p, cap < room ? cap : room, &whole);
		gyl_out_sent(o, n);
		l->sent += n;
		room -= (uint32_t)n;
	}
	/* When it has taken all, the host may have passed it on already: only it knows. */
	l->blocked = none || n == 0;
	return whole;
}

/* ---- sending: datagrams ---- */

/* One message; what does not fit is cut between two characters. */
static void send_dgram(struct gyl_syslogd_link *l, struct gyl_view text, uint64_t nr,
	struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_peer nobody = {0};
	size_t cap;
	uint8_t *p = gyl_out_send(o, GYL_PORT_OPENED, &nobody, l->flow, 0, &cap);
	struct gyl_view v = gyl_syslog_cut(text, cap);

	memcpy(p, v.p, v.len);
	gyl_out_sent(o, v.len);
	l->stat.cut_cnt += v.len < text.len;
	l->stat.sent_cnt++;
	l->ops->step(l->arg);
	l->sent++;
	l->next_nr = nr + 1;
	if (l->lag_nr != 0)
		return;
	l->lag_nr = l->next_nr;
	l->lag_sent = l->sent;
	l->look_ns = now.mono_ns + lag_ns;
}

/* The first one of a connection is alone until it is sure that nobody refuses it. */
static bool on_trial(const struct gyl_syslogd_link *l)
{
	return !l->is_up && l->sent != 0;
}

static void send_dgrams(struct gyl_syslogd_link *l, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.send_cnt = 1};
	uint64_t gap_ns = GYL_NS_PER_S / l->cf.pace;
	uint64_t burst_ns = PACE_BURST * gap_ns;
	struct gyl_view text;
	uint64_t nr;

	if (burst_ns < 2 * pace_pause_ns)
		burst_ns = 2 * pace_pause_ns;
	if (l->credit_ns < gyl_time_sub(now.mono_ns, burst_ns))
		l->credit_ns = now.mono_ns - burst_ns;
	while (!on_trial(l) && l->credit_ns <= now.mono_ns && gyl_out_room(o, &cost) &&
		l->ops->peek(l->arg, &text, &nr)) {
		send_dgram(l, text, nr, now, o);
		l->credit_ns += gap_ns;
	}
}

bool gyl__forward_send(struct gyl_syslogd_link *l, struct gyl_now now, struct gyl_out *o)
{
	if (l->cf.way != GYL_SYSLOGD_BY_UDP)
		return send_stream(l, o);
	send_dgrams(l, now, o);
	return true;
}

/* ---- when ---- */

static uint64_t stream_due(const struct gyl_syslogd_link *l)
{
	bool more = l->part_off != 0 || l->ops->ready(l->arg);

	if (l->anew || (more && !l->blocked))
		return 0;
	return more || l->sent != l->acked ? l->look_ns : UINT64_MAX;
}

static uint64_t dgram_due(const struct gyl_syslogd_link *l)
{
	uint64_t at = l->lag_nr == 0 ? UINT64_MAX : l->look_ns;

	if (l->anew)
		return 0;
	if (on_trial(l) || !l->ops->ready(l->arg))
		return at;
	/* The pace is kept over milliseconds: nobody wakes for every datagram. */
	return gyl_time_min(at, l->credit_ns + (l->sent == 0 ? 0 : pace_pause_ns));
}

uint64_t gyl__forward_due(const struct gyl_syslogd_link *l)
{
	return l->cf.way == GYL_SYSLOGD_BY_UDP ? dgram_due(l) : stream_due(l);
}
