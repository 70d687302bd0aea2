/* SPDX-License-Identifier: ISC */
#include "libnet/dev/pcap_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <gyl/time.h>

/* draft-ietf-opsawg-pcap 4: every number is in the writer's byte order, which the magic tells, as
 * well as what the fraction of a second counts. Ours is big-endian on every machine. */
#define MAGIC_US     UINT32_C(0xa1b2c3d4)
#define MAGIC_NS     UINT32_C(0xa1b23c4d)
#define MAGIC_PCAPNG UINT32_C(0x0a0d0d0a)

/* ---- reading ---- */

static uint32_t get(const struct gyl_pcap_in *p, const uint8_t *at)
{
	uint32_t v = gyl_get_u32(at);

	return p->little ? __builtin_bswap32(v) : v;
}

/* Octets ready, after reading when there are fewer than wanted; -errno. */
static ssize_t fill(struct gyl_pcap_in *p, size_t want)
{
	if (p->end - p->from >= want)
		return (ssize_t)(p->end - p->from);
	memmove(p->buf, p->buf + p->from, p->end - p->from);
	p->end -= p->from;
	p->from = 0;
	while (p->end < want) {
		ssize_t n = read(p->file, p->buf + p->end, GYL_PCAP_IN_LEN - p->end);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -errno;
		p->end += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)p->end;
}

static int bad(const struct gyl_pcap_in *p, const char *path, const char *what, char err[200])
{
	snprintf(err, 200, "pcap: %s: %s at offset %llu", path, what, (unsigned long long)p->at);
	return -EBADMSG;
}

static int file_header(struct gyl_pcap_in *p, const char *path, char err[200])
{
	ssize_t have = fill(p, GYL_PCAP_FILE_HEADER_LEN);
	uint32_t magic;

	if (have < 0) {
		snprintf(err, 200, "pcap: cannot read %s: %s", path, strerror((int)-have));
		return (int)have;
	}
	if (have >= 4 && gyl_get_u32(p->buf) == MAGIC_PCAPNG)
		return bad(p, path, "pcapng (`editcap -F pcap` makes a pcap file of it)", err);
	if (have < GYL_PCAP_FILE_HEADER_LEN)
		return bad(p, path, "the file header is cut off", err);
	magic = gyl_get_u32(p->buf);
	p->little = magic != MAGIC_US && magic != MAGIC_NS;
	magic = get(p, p->buf);
	if (magic != MAGIC_US && magic != MAGIC_NS)
		return bad(p, path, "not a pcap file", err);
	p->nano = magic == MAGIC_NS;
	p->link = get(p, p->buf + 20) & 0xffff;
	p->from = GYL_PCAP_FILE_HEADER_LEN;
	p->at = GYL_PCAP_FILE_HEADER_LEN;
	return 0;
}

int gyl_pcap_in_begin(
	struct gyl_pcap_in *p, int fd, struct gyl_view first, const char *path, char err[200])
{
	int r;

	p->file = fd;
	p->at = 0;
	p->from = 0;
	p->end = first.len;
	p->little = false;
	if (first.len != 0)
		memcpy(p->buf, first.p, first.len);
	r = file_header(p, path, err);
	if (r != 0)
		gyl_pcap_in_close(p);
	return r;
}

int gyl_pcap_in_open(struct gyl_pcap_in *p, const char *path, char err[200])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r = -errno;

	if (fd >= 0)
		return gyl_pcap_in_begin(p, fd, gyl_view(NULL, 0), path, err);
	p->file = -1;
	snprintf(err, 200, "pcap: cannot read %s: %s", path, strerror(-r));
	return r;
}

bool gyl_pcap_is(const uint8_t first[4])
{
	uint32_t v = gyl_get_u32(first), w = __builtin_bswap32(v);

	return v == MAGIC_US || v == MAGIC_NS || w == MAGIC_US || w == MAGIC_NS ||
	       v == MAGIC_PCAPNG;
}

void gyl_pcap_in_close(struct gyl_pcap_in *p)
{
	if (p->file >= 0)
		close(p->file);
	p->file = -1;
}

static uint64_t time_ns(const struct gyl_pcap_in *p, const uint8_t *h)
{
	uint64_t fraction = get(p, h + 4);

	return get(p, h) * GYL_NS_PER_S + (p->nano ? fraction : fraction * GYL_NS_PER_US);
}

int gyl_pcap_in_peek(struct gyl_pcap_in *p, struct gyl_pcap_record *ret_r, const char **ret_what)
{
	ssize_t have = fill(p, GYL_PCAP_RECORD_HEADER_LEN);
	const uint8_t *h;
	size_t len;

	*ret_what = "cannot be read";
	if (have <= 0)
		return have < 0 ? -1 : 0;
	*ret_what = "the header of a record is cut off";
	if (have < GYL_PCAP_RECORD_HEADER_LEN)
		return -1;
	len = get(p, p->buf + p->from + 8);
	*ret_what = "a record longer than 256 KiB";
	if (len > GYL_DEV_FRAME_MAX)
		return -1;
	have = fill(p, GYL_PCAP_RECORD_HEADER_LEN + len);
	*ret_what = "the octets of a record are cut off";
	if (have < (ssize_t)(GYL_PCAP_RECORD_HEADER_LEN + len))
		return -1;
	h = p->buf + p->from;
	*ret_r = (struct gyl_pcap_record){.wall_ns = time_ns(p, h),
		.data = gyl_view(h + GYL_PCAP_RECORD_HEADER_LEN, len),
		.len = get(p, h + 12)};
	return 1;
}

bool gyl_pcap_in_has(const struct gyl_pcap_in *p)
{
	size_t have = p->end - p->from;

	return have >= GYL_PCAP_RECORD_HEADER_LEN &&
	       have - GYL_PCAP_RECORD_HEADER_LEN >= get(p, p->buf + p->from + 8);
}

void gyl_pcap_in_step(struct gyl_pcap_in *p, const struct gyl_pcap_record *r)
{
	p->from += GYL_PCAP_RECORD_HEADER_LEN + r->data.len;
	p->at += GYL_PCAP_RECORD_HEADER_LEN + r->data.len;
}

int gyl_pcap_in_rewind(struct gyl_pcap_in *p)
{
	if (lseek(p->file, GYL_PCAP_FILE_HEADER_LEN, SEEK_SET) < 0)
		return -errno;
	p->from = 0;
	p->end = 0;
	p->at = GYL_PCAP_FILE_HEADER_LEN;
	return 0;
}

/* ---- writing ---- */

static void put_header(struct gyl_pcap_out *p)
{
	uint8_t *h = p->buf;

	gyl_set_u32(h, MAGIC_NS);
	gyl_set_u16(h + 4, 2); /* version 2.4 */
	gyl_set_u16(h + 6, 4);
	gyl_set_u64(h + 8, 0); /* reserved */
	gyl_set_u32(h + 16, GYL_DEV_FRAME_MAX);
	gyl_set_u32(h + 20, GYL_PCAP_ETHERNET);
	p->len = GYL_PCAP_FILE_HEADER_LEN;
}

int gyl_pcap_out_open(struct gyl_pcap_out *p, const char *path)
{
	p->err = 0;
	p->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (p->file < 0)
		return -errno;
	put_header(p);
	gyl_pcap_out_flush(p);
	return 0;
}

/* What cannot be written ends the file there, for good, because a reader could not find its way
 * past half a record. */
void gyl_pcap_out_flush(struct gyl_pcap_out *p)
{
	for (size_t done = 0; done < p->len && p->err == 0;) {
		ssize_t n = write(p->file, p->buf + done, p->len - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			p->err = n == 0 ? ENOSPC : errno;
	}
	p->len = 0;
}

void gyl_pcap_out_put(struct gyl_pcap_out *p, uint64_t wall_ns, struct gyl_view frame)
{
	uint8_t *h;

	if (frame.len + GYL_PCAP_RECORD_HEADER_LEN > GYL_PCAP_OUT_LEN - p->len)
		gyl_pcap_out_flush(p);
	h = p->buf + p->len;
	gyl_set_u32(h, (uint32_t)(wall_ns / GYL_NS_PER_S));
	gyl_set_u32(h + 4, (uint32_t)(wall_ns % GYL_NS_PER_S));
	gyl_set_u32(h + 8, (uint32_t)frame.len);
	gyl_set_u32(h + 12, (uint32_t)frame.len);
	memcpy(h + GYL_PCAP_RECORD_HEADER_LEN, frame.p, frame.len);
	p->len += GYL_PCAP_RECORD_HEADER_LEN + frame.len;
}

int gyl_pcap_out_close(struct gyl_pcap_out *p)
{
	gyl_pcap_out_flush(p);
	if (close(p->file) != 0 && p->err == 0)
		p->err = errno;
	p->file = -1;
	return -p->err;
}
