/* SPDX-License-Identifier: ISC */
#include "libnet/dev/pcap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "libnet/dev/pcap_file.h"

struct pcap {
	struct gyl_netdev dev;
	struct gyl_netdev *inner;
	struct gyl_pcap_out out;
};

static void set_clock(struct pcap *p)
{
	p->inner->mono_ns = p->dev.mono_ns;
	p->inner->wall_ns = p->dev.wall_ns;
}

static size_t pcap_lend(struct gyl_netdev *d, struct gyl_netbuf *ret, size_t cnt)
{
	return gyl_netdev_lend(((struct pcap *)d)->inner, ret, cnt);
}

static void pcap_send(struct gyl_netdev *d, const struct gyl_netbuf *b, size_t cnt)
{
	struct pcap *p = (struct pcap *)d;

	for (size_t i = 0; i < cnt; i++) {
		struct gyl_view frame;

		if (!gyl__dev_frame(d, &b[i], &frame))
			continue;
		gyl_pcap_out_put(&p->out, d->wall_ns, frame);
		d->stat.tx_cnt++;
		d->stat.tx_octets += frame.len;
	}
	set_clock(p);
	gyl_netdev_send(p->inner, b, cnt);
	gyl_pcap_out_flush(&p->out); /* a full disk ends the capture, not the network */
}

static size_t pcap_recv(struct gyl_netdev *d, struct gyl_netframe *ret, size_t cap)
{
	struct pcap *p = (struct pcap *)d;
	size_t cnt;

	set_clock(p);
	cnt = gyl_netdev_recv(p->inner, ret, cap);
	d->gone = p->inner->gone;
	for (size_t i = 0; i < cnt; i++) {
		gyl_pcap_out_put(&p->out, d->wall_ns, gyl_view(ret[i].p, ret[i].len));
		d->stat.rx_octets += ret[i].len;
	}
	d->stat.rx_cnt += cnt;
	gyl_pcap_out_flush(&p->out);
	return cnt;
}

static uint64_t pcap_deadline_ns(const struct gyl_netdev *d)
{
	return gyl_netdev_deadline_ns(((const struct pcap *)d)->inner);
}

static int pcap_set_mac(struct gyl_netdev *d, const uint8_t mac[6])
{
	return gyl_netdev_set_mac(((struct pcap *)d)->inner, mac);
}

static void pcap_close(struct gyl_netdev *d)
{
	struct pcap *p = (struct pcap *)d;

	gyl_netdev_close(p->inner);
	(void)gyl_pcap_out_close(&p->out);
	free(p);
}

static const struct gyl_netdev_ops pcap_ops = {
	.lend = pcap_lend,
	.send = pcap_send,
	.recv = pcap_recv,
	.deadline_ns = pcap_deadline_ns,
	.set_mac = pcap_set_mac,
	.close = pcap_close,
};

int gyl_pcap_open(
	const char *path, struct gyl_netdev *inner, struct gyl_netdev **ret_dev, char err[200])
{
	struct pcap *p = calloc(1, sizeof(*p));
	int e = p == NULL ? -ENOMEM : gyl_pcap_out_open(&p->out, path);

	if (e != 0) {
		snprintf(err, 200, "pcap: cannot write %s: %s", path, strerror(-e));
		gyl_netdev_close(inner);
		free(p);
		return e;
	}
	p->dev.ops = &pcap_ops;
	p->dev.mtu = inner->mtu;
	p->dev.fd = inner->fd;
	p->inner = inner;
	*ret_dev = &p->dev;
	return 0;
}
