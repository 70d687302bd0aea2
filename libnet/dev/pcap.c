/* SPDX-License-Identifier: ISC */
#include "libnet/dev/pcap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <gyl/time.h>

#include "libnet/dev/dev.h"

/* draft-ietf-opsawg-pcap 4: the file header; every number in the writer's byte order, which the
 * magic tells. Ours is big-endian on every machine. */
enum {
	PCAP_MAGIC_NS = (int)0xa1b23c4d,
	PCAP_LINKTYPE_ETHERNET = 1,
	PCAP_FILE_HEADER_LEN = 24,
	PCAP_RECORD_HEADER_LEN = 16,
	PCAP_BUF_LEN = GYL_DEV_FRAME_MAX + PCAP_RECORD_HEADER_LEN
};

struct pcap {
	struct gyl_netdev dev;
	struct gyl_netdev *inner;
	int file;
	size_t len;
	uint8_t buf[PCAP_BUF_LEN];
};

/*
 * Write out what is gathered. A full disk must not stop the network: the capture ends there, for
 * good, because a reader could not find its way past half a record.
 */
static void file_flush(struct pcap *p)
{
	for (size_t done = 0; done < p->len && p->file >= 0;) {
		ssize_t n = write(p->file, p->buf + done, p->len - done);

		if (n > 0) {
			done += (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			close(p->file);
			p->file = -1;
		}
	}
	p->len = 0;
}

static void file_header(uint8_t h[PCAP_FILE_HEADER_LEN])
{
	gyl_set_u32(h, (uint32_t)PCAP_MAGIC_NS);
	gyl_set_u16(h + 4, 2); /* version 2.4 */
	gyl_set_u16(h + 6, 4);
	gyl_set_u64(h + 8, 0); /* reserved */
	gyl_set_u32(h + 16, GYL_DEV_FRAME_MAX);
	gyl_set_u32(h + 20, PCAP_LINKTYPE_ETHERNET);
}

static void file_put(struct pcap *p, struct gyl_view frame)
{
	uint64_t wall_ns = p->dev.wall_ns;
	uint8_t *h;

	if (frame.len + PCAP_RECORD_HEADER_LEN > PCAP_BUF_LEN - p->len)
		file_flush(p);
	h = p->buf + p->len;
	gyl_set_u32(h, (uint32_t)(wall_ns / GYL_NS_PER_S));
	gyl_set_u32(h + 4, (uint32_t)(wall_ns % GYL_NS_PER_S));
	gyl_set_u32(h + 8, (uint32_t)frame.len);
	gyl_set_u32(h + 12, (uint32_t)frame.len);
	memcpy(h + PCAP_RECORD_HEADER_LEN, frame.p, frame.len);
	p->len += PCAP_RECORD_HEADER_LEN + frame.len;
}

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
		file_put(p, frame);
		d->stat.tx_cnt++;
		d->stat.tx_octets += frame.len;
	}
	set_clock(p);
	gyl_netdev_send(p->inner, b, cnt);
	file_flush(p);
}

static size_t pcap_recv(struct gyl_netdev *d, struct gyl_netframe *ret, size_t cap)
{
	struct pcap *p = (struct pcap *)d;
	size_t cnt;

	set_clock(p);
	cnt = gyl_netdev_recv(p->inner, ret, cap);
	d->gone = p->inner->gone;
	for (size_t i = 0; i < cnt; i++) {
		file_put(p, gyl_view(ret[i].p, ret[i].len));
		d->stat.rx_octets += ret[i].len;
	}
	d->stat.rx_cnt += cnt;
	file_flush(p);
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
	if (p->file >= 0)
		close(p->file);
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

static struct pcap *pcap_new(const char *path)
{
	struct pcap *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (p->file < 0) {
		free(p);
		return NULL;
	}
	file_header(p->buf);
	p->len = PCAP_FILE_HEADER_LEN;
	file_flush(p);
	return p;
}

int gyl_pcap_open(
	const char *path, struct gyl_netdev *inner, struct gyl_netdev **ret_dev, char err[200])
{
	struct pcap *p = pcap_new(path);

	if (p == NULL) {
		int e = errno;

		snprintf(err, 200, "pcap: cannot write %s: %s", path, strerror(e));
		gyl_netdev_close(inner);
		return -e;
	}
	p->dev.ops = &pcap_ops;
	p->dev.mtu = inner->mtu;
	p->dev.fd = inner->fd;
	p->inner = inner;
	*ret_dev = &p->dev;
	return 0;
}
