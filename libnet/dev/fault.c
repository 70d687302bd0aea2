/* SPDX-License-Identifier: ISC */
#include "libnet/dev/fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <gyl/time.h>

#include "libnet/dev/dev.h"

/*
 * Each direction is a line of frames held back, sorted by the time they are due. A frame that meets
 * no fault is due at once and goes through the line all the same, so that order is kept wherever no
 * fault disturbs it.
 */
enum {
	LINE_MAX = 256
};
#define REORDER_MAX_NS (10 * GYL_NS_PER_MS)

struct held {
	uint64_t due_ns;
	uint32_t len, flags;
	uint8_t octet[GYL_DEV_BUF_LEN];
};

struct line {
	size_t cnt, lent_cnt; /* lent: the first ones, handed to the owner and not given back yet */
	uint64_t idle_ns;     /* when a link of limited rate has sent what it was given */
	uint16_t at[LINE_MAX]; /* numbers: the first cnt wait, soonest first; the others are free */
	struct held held[LINE_MAX];
};

struct fault {
	struct gyl_netdev dev;
	struct gyl_netdev *inner;
	struct gyl_fault_conf cf;
	struct gyl_fault_stat stat;
	uint64_t random;
	uint64_t octets;          /* that came since a silence was asked for */
	uint64_t silent_until_ns; /* 0: it is to come */
	struct gyl_dev_pool pool;
	struct line tx, rx;
};

/* splitmix64: small, even, and the same everywhere. */
static uint64_t next_random(struct fault *f)
{
	uint64_t z = f->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static bool chance(struct fault *f, uint32_t part, uint64_t *cnt)
{
	bool hit = next_random(f) % GYL_FAULT_ONE < part;

	*cnt += hit;
	return hit;
}

static void line_init(struct line *l)
{
	for (size_t i = 0; i < LINE_MAX; i++)
		l->at[i] = (uint16_t)i;
}

static struct held *line_at(struct line *l, size_t i)
{
	return &l->held[l->at[i]];
}

/* Put a frame into its place: behind all that are due no later. There MUST be room. */
static struct held *line_put(struct line *l, uint64_t due_ns, struct gyl_view frame, uint32_t flags)
{
	size_t i = l->cnt;
	uint16_t number = l->at[l->cnt++];
	struct held *h = &l->held[number];

	for (; i > l->lent_cnt && line_at(l, i - 1)->due_ns > due_ns; i--)
		l->at[i] = l->at[i - 1];
	l->at[i] = number;
	h->due_ns = due_ns;
	h->len = (uint32_t)frame.len;
	h->flags = flags;
	memcpy(h->octet, frame.p, frame.len);
	return h;
}

/* The first cnt leave the line; their places are free. */
static void line_drop(struct line *l, size_t cnt)
{
	uint16_t gone[LINE_MAX];

	memcpy(gone, l->at, cnt * sizeof(uint16_t));
	memmove(l->at, l->at + cnt, (l->cnt - cnt) * sizeof(uint16_t));
	l->cnt -= cnt;
	memcpy(l->at + l->cnt, gone, cnt * sizeof(uint16_t));
}

static void flip_bit(struct fault *f, struct held *h)
{
	uint64_t bit = next_random(f) % ((uint64_t)h->len * 8);

	h->octet[bit / 8] ^= (uint8_t)(1u << (bit % 8));
}

/* When the last bit of a frame has left: it begins when the ones before it are out. */
static uint64_t sent_ns(const struct fault *f, struct line *l, size_t len)
{
	if (f->cf.rate == 0)
		return f->dev.mono_ns;
	if (l->idle_ns < f->dev.mono_ns)
		l->idle_ns = f->dev.mono_ns;
	l->idle_ns = gyl_time_add(l->idle_ns, (uint64_t)len * 8 * GYL_NS_PER_S / f->cf.rate);
	return l->idle_ns;
}

static void hold_copy(struct fault *f, struct line *l, struct gyl_view frame, uint32_t flags)
{
	uint64_t due_ns;
	struct held *h;

	if (l->cnt == LINE_MAX) {
		f->stat.full_cnt++;
		return;
	}
	due_ns = gyl_time_add(sent_ns(f, l, frame.len), f->cf.delay_ns);
	if (chance(f, f->cf.reorder, &f->stat.reorder_cnt))
		due_ns = gyl_time_add(due_ns, 1 + next_random(f) % REORDER_MAX_NS);
	h = line_put(l, due_ns, frame, flags);
	f->stat.delayed_cnt += due_ns > f->dev.mono_ns;
	if (chance(f, f->cf.corrupt, &f->stat.corrupt_cnt))
		flip_bit(f, h);
}

/* Is this the time in which nothing passes? */
static bool is_silent(struct fault *f, size_t len)
{
	if (f->cf.silence_ns == 0)
		return false;
	f->octets += len;
	if (f->silent_until_ns == 0 && f->octets > f->cf.silence_after)
		f->silent_until_ns = gyl_time_add(f->dev.mono_ns, f->cf.silence_ns);
	return f->dev.mono_ns < f->silent_until_ns;
}

static bool is_lost(struct fault *f, size_t len)
{
	if (is_silent(f, len)) {
		f->stat.lost_cnt++;
		return true;
	}
	if (f->cf.small != 0 && len > f->cf.small)
		return false;
	return chance(f, f->cf.loss, &f->stat.lost_cnt);
}

/* One frame meets its fate. */
static void pass(struct fault *f, struct line *l, struct gyl_view frame, uint32_t flags)
{
	if (is_lost(f, frame.len))
		return;
	hold_copy(f, l, frame, flags);
	if (chance(f, f->cf.dup, &f->stat.dup_cnt))
		hold_copy(f, l, frame, flags);
}

static size_t line_due_cnt(const struct fault *f, const struct line *l, size_t cap)
{
	size_t cnt = 0;

	while (cnt < cap && cnt < l->cnt && l->held[l->at[cnt]].due_ns <= f->dev.mono_ns)
		cnt++;
	return cnt;
}

static void set_clock(struct fault *f)
{
	f->inner->mono_ns = f->dev.mono_ns;
	f->inner->wall_ns = f->dev.wall_ns;
}

/* Send what is due. */
static void tx_run(struct fault *f)
{
	struct gyl_netbuf b[GYL_NETDEV_BATCH];
	size_t cnt;

	set_clock(f);
	while ((cnt = line_due_cnt(f, &f->tx, GYL_NETDEV_BATCH)) > 0) {
		size_t got = gyl_netdev_lend(f->inner, b, cnt);

		for (size_t i = 0; i < got; i++) {
			const struct held *h = line_at(&f->tx, i);

			memcpy(b[i].p, h->octet, h->len);
			b[i].len = h->len;
		}
		gyl_netdev_send(f->inner, b, got);
		line_drop(&f->tx, got);
		if (got < cnt)
			return;
	}
}

/* Fetch what the inner device has. */
static void rx_run(struct fault *f)
{
	struct gyl_netframe in[GYL_NETDEV_BATCH];
	size_t cnt;

	set_clock(f);
	cnt = gyl_netdev_recv(f->inner, in, GYL_NETDEV_BATCH);
	f->dev.gone = f->inner->gone;
	for (size_t i = 0; i < cnt; i++) {
		if (in[i].len <= GYL_DEV_BUF_LEN)
			pass(f, &f->rx, gyl_view(in[i].p, in[i].len), in[i].flags);
		else
			f->dev.stat.rx_lost_cnt++;
	}
}

static size_t fault_lend(struct gyl_netdev *d, struct gyl_netbuf *ret, size_t cnt)
{
	return gyl__dev_pool_lend(&((struct fault *)d)->pool, ret, cnt);
}

static void fault_send(struct gyl_netdev *d, const struct gyl_netbuf *b, size_t cnt)
{
	struct fault *f = (struct fault *)d;

	for (size_t i = 0; i < cnt; i++) {
		struct gyl_view frame;

		if (gyl__dev_frame(d, &b[i], &frame)) {
			d->stat.tx_cnt++;
			d->stat.tx_octets += frame.len;
			pass(f, &f->tx, frame, 0);
		}
		gyl__dev_pool_back(&f->pool, &b[i]);
	}
	tx_run(f);
}

static size_t fault_recv(struct gyl_netdev *d, struct gyl_netframe *ret, size_t cap)
{
	struct fault *f = (struct fault *)d;
	size_t cnt;

	line_drop(&f->rx, f->rx.lent_cnt);
	f->rx.lent_cnt = 0;
	tx_run(f);
	if (line_due_cnt(f, &f->rx, cap) < cap)
		rx_run(f);
	cnt = line_due_cnt(f, &f->rx, cap);
	for (size_t i = 0; i < cnt; i++) {
		const struct held *h = line_at(&f->rx, i);

		ret[i].p = h->octet;
		ret[i].len = h->len;
		ret[i].flags = h->flags;
		d->stat.rx_octets += h->len;
	}
	d->stat.rx_cnt += cnt;
	f->rx.lent_cnt = cnt;
	return cnt;
}

static uint64_t fault_deadline_ns(const struct gyl_netdev *d)
{
	const struct fault *f = (const struct fault *)d;
	uint64_t at_ns = gyl_netdev_deadline_ns(f->inner);

	if (f->tx.cnt > 0)
		at_ns = gyl_time_min(at_ns, f->tx.held[f->tx.at[0]].due_ns);
	if (f->rx.cnt > f->rx.lent_cnt)
		at_ns = gyl_time_min(at_ns, f->rx.held[f->rx.at[f->rx.lent_cnt]].due_ns);
	return at_ns;
}

static int fault_set_mac(struct gyl_netdev *d, const uint8_t mac[6])
{
	return gyl_netdev_set_mac(((struct fault *)d)->inner, mac);
}

static void fault_close(struct gyl_netdev *d)
{
	gyl_netdev_close(((struct fault *)d)->inner);
	free(d);
}

static const struct gyl_netdev_ops fault_ops = {
	.lend = fault_lend,
	.send = fault_send,
	.recv = fault_recv,
	.deadline_ns = fault_deadline_ns,
	.set_mac = fault_set_mac,
	.close = fault_close,
};

int gyl_fault_open(const struct gyl_fault_conf *cf, struct gyl_netdev *inner,
	struct gyl_netdev **ret_dev, char err[200])
{
	struct fault *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		snprintf(err, 200, "fault: out of memory");
		gyl_netdev_close(inner);
		return -ENOMEM;
	}
	f->dev.ops = &fault_ops;
	f->dev.mtu = inner->mtu;
	f->dev.fd = inner->fd;
	f->inner = inner;
	f->cf = *cf;
	f->random = cf->seed;
	line_init(&f->tx);
	line_init(&f->rx);
	gyl__dev_pool_init(&f->pool);
	*ret_dev = &f->dev;
	return 0;
}

void gyl_fault_set(struct gyl_netdev *fault, const struct gyl_fault_conf *cf)
{
	struct fault *f = (struct fault *)fault;

	f->cf = *cf;
	f->octets = 0;
	f->silent_until_ns = 0;
}

struct gyl_fault_stat gyl_fault_stat(const struct gyl_netdev *fault)
{
	return ((const struct fault *)fault)->stat;
}
