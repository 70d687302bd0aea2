/* SPDX-License-Identifier: ISC */

/*
 * A capture file as a device. The whole file is looked through when it is opened, so that a bad one
 * is told with its place before anything came of it; then it is read again, a buffer at a time.
 */

#include "libnet/dev/pcap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "libnet/dev/dev.h"

/* draft-ietf-opsawg-pcap 4. The magic tells the byte order, and what the fraction of a second
 * counts; that we do not need. */
enum {
	FILE_HEADER_LEN = 24,
	RECORD_HEADER_LEN = 16,
	BUF_LEN = 2 * (GYL_DEV_FRAME_MAX + RECORD_HEADER_LEN)
};
#define MAGIC_US     UINT32_C(0xa1b2c3d4)
#define MAGIC_NS     UINT32_C(0xa1b23c4d)
#define MAGIC_PCAPNG UINT32_C(0x0a0d0d0a)

struct replay {
	struct gyl_netdev dev;
	int file;
	bool little;
	uint64_t at; /* offset in the file of buf[from] */
	size_t from, end;
	struct gyl_dev_pool pool;
	uint8_t buf[BUF_LEN];
};

static uint32_t get(const struct replay *p, const uint8_t *at)
{
	uint32_t v = gyl_get_u32(at);

	return p->little ? __builtin_bswap32(v) : v;
}

/* Octets ready, after reading when there are fewer than wanted; -errno. */
static ssize_t fill(struct replay *p, size_t want)
{
	if (p->end - p->from >= want)
		return (ssize_t)(p->end - p->from);
	memmove(p->buf, p->buf + p->from, p->end - p->from);
	p->end -= p->from;
	p->from = 0;
	while (p->end < want) {
		ssize_t n = read(p->file, p->buf + p->end, BUF_LEN - p->end);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -errno;
		p->end += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)p->end;
}

static void step(struct replay *p, size_t len)
{
	p->from += len;
	p->at += len;
}

static int bad(const struct replay *p, const char *path, const char *what, char err[200])
{
	snprintf(err, 200, "pcap: %s: %s at offset %llu", path, what, (unsigned long long)p->at);
	return -EBADMSG;
}

/* The record that lies next: 1 and its length, 0 at the end, -1 and what is wrong with it. */
static int record(struct replay *p, size_t *ret_len, const char **ret_what)
{
	ssize_t have = fill(p, RECORD_HEADER_LEN);

	*ret_what = "cannot be read";
	if (have <= 0)
		return have < 0 ? -1 : 0;
	*ret_what = "the header of a record is cut off";
	if (have < RECORD_HEADER_LEN)
		return -1;
	*ret_len = get(p, p->buf + p->from + 8);
	*ret_what = "a record longer than 256 KiB";
	if (*ret_len > GYL_DEV_FRAME_MAX)
		return -1;
	have = fill(p, RECORD_HEADER_LEN + *ret_len);
	*ret_what = "the octets of a record are cut off";
	return have < (ssize_t)(RECORD_HEADER_LEN + *ret_len) ? -1 : 1;
}

static int file_header(struct replay *p, const char *path, char err[200])
{
	ssize_t have = fill(p, FILE_HEADER_LEN);
	uint32_t magic;

	if (have < 0) {
		snprintf(err, 200, "pcap: cannot read %s: %s", path, strerror((int)-have));
		return (int)have;
	}
	if (have < FILE_HEADER_LEN)
		return bad(p, path, "the file header is cut off", err);
	magic = gyl_get_u32(p->buf);
	if (magic == MAGIC_PCAPNG)
		return bad(p, path, "pcapng (`editcap -F pcap` makes a pcap file of it)", err);
	p->little = magic != MAGIC_US && magic != MAGIC_NS;
	magic = get(p, p->buf);
	if (magic != MAGIC_US && magic != MAGIC_NS)
		return bad(p, path, "not a pcap file", err);
	if ((get(p, p->buf + 20) & 0xffff) != 1)
		return bad(p, path, "not a capture of Ethernet frames (link type 1)", err);
	step(p, FILE_HEADER_LEN);
	return 0;
}

/* Once through the file, and back to its first record. */
static int check(struct replay *p, const char *path, char err[200])
{
	const char *what;
	size_t len;
	int r = file_header(p, path, err);

	if (r != 0)
		return r;
	while ((r = record(p, &len, &what)) > 0)
		step(p, RECORD_HEADER_LEN + len);
	if (r < 0)
		return bad(p, path, what, err);
	if (lseek(p->file, FILE_HEADER_LEN, SEEK_SET) < 0) {
		snprintf(err, 200, "pcap: %s cannot be read twice: %s", path, strerror(errno));
		return -errno;
	}
	p->from = 0;
	p->end = 0;
	p->at = FILE_HEADER_LEN;
	return 0;
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

/* Is a whole record in the buffer? Frames handed over lie there: it is not filled between them. */
static bool is_whole(const struct replay *p)
{
	size_t have = p->end - p->from;

	return have >= RECORD_HEADER_LEN &&
	       have - RECORD_HEADER_LEN >= get(p, p->buf + p->from + 8);
}

static size_t replay_recv(struct gyl_netdev *d, struct gyl_netframe *ret, size_t cap)
{
	struct replay *p = (struct replay *)d;
	const char *what;
	size_t cnt = 0, len;
	int r = cap == 0 || d->gone != 0 ? 0 : record(p, &len, &what);

	if (r <= 0) {
		if (cap > 0 && d->gone == 0)
			d->gone = r == 0 ? ENODATA : EIO; /* EIO: the file was changed meanwhile */
		return 0;
	}
	while (cnt < cap && is_whole(p)) {
		const uint8_t *h = p->buf + p->from;

		len = get(p, h + 8);
		if (len < get(p, h + 12)) {
			d->stat.rx_lost_cnt++; /* only its begin was captured */
		} else {
			ret[cnt++] = (struct gyl_netframe){
				.p = h + RECORD_HEADER_LEN, .len = (uint32_t)len};
			d->stat.rx_octets += len;
		}
		step(p, RECORD_HEADER_LEN + len);
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
	close(((struct replay *)d)->file);
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
	int file = open(path, O_RDONLY | O_CLOEXEC), r = -errno;
	struct replay *p = file < 0 ? NULL : calloc(1, sizeof(*p));

	if (p == NULL) {
		r = file < 0 ? r : -ENOMEM;
		if (file >= 0)
			close(file);
		snprintf(err, 200, "pcap: cannot read %s: %s", path, strerror(-r));
		return r;
	}
	p->file = file;
	p->dev.ops = &replay_ops;
	p->dev.mtu = GYL_DEV_MTU_MAX;
	p->dev.fd = -1;
	gyl__dev_pool_init(&p->pool);
	r = check(p, path, err);
	if (r != 0) {
		replay_close(&p->dev);
		return r;
	}
	*ret_dev = &p->dev;
	return 0;
}
