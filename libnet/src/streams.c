/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/* All the memory of a station's TCP, and how it is parted. */

struct gyl_streams_conf gyl_streams_defaults(const uint8_t key[16])
{
	struct gyl_streams_conf cf = {.conn_max = 4096,
		.half_max = 512,
		.wait_max = 4096,
		.listen_max = 64,
		.buf_len = 65536,
		.buf_max = 512,
		.delack_ns = 40 * GYL_NS_PER_MS,
		.rto_min_ns = 200 * GYL_NS_PER_MS,
		.syn_ns = 75 * GYL_NS_PER_S,
		.retry_ns = 100 * GYL_NS_PER_S,
		.fin_wait_ns = 60 * GYL_NS_PER_S,
		.time_wait_ns = 60 * GYL_NS_PER_S,
		.keep_idle_ns = 2 * GYL_NS_PER_HOUR,
		.keep_gap_ns = 75 * GYL_NS_PER_S,
		.keep_cnt = 9,
		.challenge_rate = 100,
		.reset_rate = 100};

	memcpy(cf.key, key, sizeof cf.key);
	return cf;
}

static bool in_range(const struct gyl_streams_conf *cf)
{
	return cf->conn_max >= 1 && cf->conn_max <= 32768 && cf->half_max <= 65536 &&
	       cf->wait_max >= 1 && cf->wait_max <= 65536 && cf->listen_max >= 1 &&
	       cf->listen_max <= 1024 && cf->buf_len >= 4096 && cf->buf_len <= 1 << 20 &&
	       (cf->buf_len & (cf->buf_len - 1)) == 0 && cf->buf_max >= 1 && cf->buf_max <= 65536 &&
	       cf->rto_min_ns != 0 && cf->syn_ns != 0 && cf->retry_ns != 0 &&
	       cf->fin_wait_ns != 0 && cf->time_wait_ns != 0 && cf->keep_idle_ns != 0 &&
	       cf->keep_gap_ns != 0 && cf->keep_cnt != 0 && cf->challenge_rate != 0 &&
	       cf->reset_rate != 0 && cf->buf_max <= SIZE_MAX / 4 / gyl__buf_size(cf);
}

/* Offsets of what stands behind the struct. */
struct layout {
	size_t conn, half, wait, timers, half_timers, reply, listener, buf, end;
};

static size_t part(size_t *end, size_t len)
{
	size_t at = *end;

	*end += (len + 63) & ~(size_t)63;
	return at;
}

static struct layout lay_out(const struct gyl_streams_conf *cf)
{
	size_t end = (sizeof(struct gyl_streams) + 63) & ~(size_t)63;
	struct layout l;

	l.conn = part(&end, gyl__table_need(cf->conn_max, sizeof(struct gyl__tcb)));
	l.half = part(&end, gyl__table_need(cf->half_max, sizeof(struct gyl__half)));
	l.wait = part(&end, gyl__table_need(cf->wait_max, sizeof(struct gyl__wait)));
	l.timers = part(&end, cf->conn_max * sizeof(struct gyl__due));
	l.half_timers = part(&end, cf->half_max * sizeof(struct gyl__due));
	l.reply = part(&end, GYL__REPLY_MAX * sizeof(struct gyl__reply));
	l.listener = part(&end, cf->listen_max * sizeof(struct gyl_stream_listener));
	l.buf = part(&end, cf->buf_max * gyl__buf_size(cf));
	l.end = end;
	return l;
}

size_t gyl_streams_need(const struct gyl_streams_conf *cf)
{
	return in_range(cf) ? lay_out(cf).end : 0;
}

static uint8_t wscale_for(uint32_t buf_len)
{
	uint8_t shift = 0;

	while (buf_len >> shift > UINT16_MAX)
		shift++;
	return shift;
}

static void set_limits(struct gyl_streams *t)
{
	uint32_t challenges = t->cf.challenge_rate, resets = t->cf.reset_rate;

	/* What may come in a second may come at once: a client's loss of power is such a burst. */
	t->challenge = gyl__rate(challenges, challenges);
	t->reset = gyl__rate(resets, resets);
}

struct gyl_streams *gyl_streams_init(void *mem, const struct gyl_streams_conf *cf)
{
	struct gyl_streams *t = mem;
	uint8_t *p = mem;
	struct layout l;

	if (!in_range(cf))
		return NULL;
	l = lay_out(cf);
	memset(t, 0, sizeof *t);
	t->cf = *cf;
	gyl__isn_init(&t->isn, cf->key);
	gyl__table_init(&t->conn, p + l.conn, cf->conn_max, sizeof(struct gyl__tcb));
	gyl__table_init(&t->half, p + l.half, cf->half_max, sizeof(struct gyl__half));
	gyl__table_init(&t->wait, p + l.wait, cf->wait_max, sizeof(struct gyl__wait));
	gyl__heap_init(&t->timers, &t->conn, (void *)(p + l.timers));
	gyl__heap_init(&t->half_timers, &t->half, (void *)(p + l.half_timers));
	t->reply = (void *)(p + l.reply);
	t->listener = (void *)(p + l.listener);
	for (int i = 0; i < GYL__LIST_CNT; i++)
		t->list[i] = (struct gyl__list){GYL__END_OF_LIST, GYL__END_OF_LIST};
	t->wait_oldest = t->wait_newest = GYL__NONE;
	t->rcv_wscale = wscale_for(cf->buf_len);
	gyl__buf_init(t, p + l.buf);
	set_limits(t);
	return t;
}

struct gyl_streams_stat gyl_streams_stat(const struct gyl_streams *t)
{
	struct gyl_streams_stat s = t->stat;

	s.conn_cnt = t->conn.cnt;
	s.half_cnt = t->half.cnt;
	s.wait_cnt = t->wait.cnt;
	return s;
}
