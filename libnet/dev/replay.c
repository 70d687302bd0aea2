/* SPDX-License-Identifier: ISC */

/*
 * A capture file as a device. The whole file is looked through when it is opened, so that a bad one
 * is told with its place before anything came of it; then it is read again, a buffer at a time.
 */

#include "libnet/dev/pcap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "libnet/dev/pcap_file.h"

struct replay {
	struct gyl_netdev dev;
	struct gyl_dev_pool pool;
	struct gyl_pcap_in in;
};

/* Once through the file, and back to its first record. */
static int check(struct replay *p, const char *path, char err[200])
{
	struct gyl_pcap_record rec;
	const char *what;
	int r;

	if (p->in.link != GYL_PCAP_ETHERNET) {
		snprintf(err, 200,
			"pcap: %s: not a capture of Ethernet frames (link type 1) at offset 0",
			path);
		return -EBADMSG;
	}
	while ((r = gyl_pcap_in_peek(&p->in, &rec, &what)) > 0)
		gyl_pcap_in_step(&p->in, &rec);
	if (r < 0) {
		snprintf(err, 200, "pcap: %s: %s at offset %llu", path, what,
			(unsigned long long)p->in.at);
		return -EBADMSG;
	}
	r = gyl_pcap_in_rewind(&p->in);
	if (r != 0)
		snprintf(err, 200, "pcap: %s cannot be read twice: %s", path, strerror(-r));
	return r;
}

static size_t replay_lend(struct gyl_netdev *d, struct gyl_netbuf *ret, size_t cnt)
{
	return gyl__dev_pool_lend(&((struct replay *)d)->pool, ret, cnt);
}

static void replay_send(struct gyl_netdev *d, const struct gyl_netbuf *b, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		struct gyl_view frame;

		if (gyl__dev_frame(d, &b[i], &frame)) {
			d->stat.tx_cnt++;
			d->stat.tx_octets += frame.len;
		}
		gyl__dev_pool_back(&((struct replay *)d)->pool, &b[i]);
	}
}

/* Frames handed over lie in the buffer: it is filled before the first of them only. */
static size_t replay_recv(struct gyl_netdev *d, struct gyl_netframe *ret, size_t cap)
{
	struct replay *p = (struct replay *)d;
	struct gyl_pcap_record rec;
	const char *what;
	size_t cnt = 0;
	int r = cap == 0 || d->gone != 0 ? 0 : gyl_pcap_in_peek(&p->in, &rec, &what);

	if (r <= 0) {
		if (cap > 0 && d->gone == 0)
			d->gone = r == 0 ? ENODATA : EIO; /* EIO: the file was changed meanwhile */
		return 0;
	}
	while (cnt < cap && gyl_pcap_in_has(&p->in) && gyl_pcap_in_peek(&p->in, &rec, &what) > 0) {
		if (rec.data.len < rec.len) {
			d->stat.rx_lost_cnt++; /* only its begin was captured */
		} else {
			ret[cnt++] = (struct gyl_netframe){
				.p = rec.data.p, .len = (uint32_t)rec.data.len};
			d->stat.rx_octets += rec.data.len;
		}
		gyl_pcap_in_step(&p->in, &rec);
	}
	d->stat.rx_cnt += cnt;
	return cnt;
}

static uint64_t replay_deadline_ns(const struct gyl_netdev *d)
{
	return d->gone == 0 ? 0 : UINT64_MAX;
}

static void replay_close(struct gyl_netdev *d)
{
	gyl_pcap_in_close(&((struct replay *)d)->in);
	free(d);
}

static const struct gyl_netdev_ops replay_ops = {
	.lend = replay_lend,
	.send = replay_send,
	.recv = replay_recv,
	.deadline_ns = replay_deadline_ns,
	.close = replay_close,
};

int gyl_pcap_read_open(const char *path, struct gyl_netdev **ret_dev, char err[200])
{
	struct replay *p = calloc(1, sizeof(*p));
	int r;

	if (p == NULL) {
		snprintf(err, 200, "pcap: no memory to read %s", path);
		return -ENOMEM;
	}
	r = gyl_pcap_in_open(&p->in, path, err);
	if (r == 0)
		r = check(p, path, err);
	if (r != 0) {
		replay_close(&p->dev);
		return r;
	}
	p->dev.ops = &replay_ops;
	p->dev.mtu = GYL_DEV_MTU_MAX;
	p->dev.fd = -1;
	gyl__dev_pool_init(&p->pool);
	*ret_dev = &p->dev;
	return 0;
}
