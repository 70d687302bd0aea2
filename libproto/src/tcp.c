/* SPDX-License-Identifier: ISC */
#include <gyl/tcp.h>
#include <gyl/text.h>

enum {
	PROTO = 6,
	LEN_MAX = 65535,
	FLAGS_MASK = 0xfff
};

/* Octets of the option at the start of v, 0 when its framing is broken. EOL and NOP are one octet.
 */
static size_t opt_len(struct gyl_view v)
{
	if (v.p[0] <= GYL_TCP_OPT_NOP)
		return 1;
	if (v.len < 2 || v.p[1] < 2 || v.p[1] > v.len)
		return 0;
	return v.p[1];
}

/* Cuts opts before EOL or the first broken option; tells whether it was the latter. */
static bool options_prove(struct gyl_view *opts)
{
	size_t off = 0;

	while (off < opts->len && opts->p[off] != GYL_TCP_OPT_EOL) {
		size_t len = opt_len(gyl_view(opts->p + off, opts->len - off));

		if (len == 0) {
			opts->len = off;
			return false;
		}
		off += len;
	}
	opts->len = off;
	return true;
}

static void header_read(const uint8_t *p, struct gyl_tcp *t)
{
	t->src_port = gyl_get_u16(p);
	t->dst_port = gyl_get_u16(p + 2);
	t->seq = gyl_get_u32(p + 4);
	t->ack = gyl_get_u32(p + 8);
	t->flags = gyl_get_u16(p + 12) & FLAGS_MASK;
	t->window = gyl_get_u16(p + 14);
	t->checksum = gyl_get_u16(p + 16);
	t->urgent = gyl_get_u16(p + 18);
}

static uint16_t checksum_of(
	struct gyl_view header, struct gyl_view payload, uint32_t src_ip, uint32_t dst_ip)
{
	struct gyl_checksum sum;

	gyl_checksum_init(&sum);
	gyl_checksum_add_pseudo(&sum, src_ip, dst_ip, PROTO, (uint16_t)(header.len + payload.len));
	gyl_checksum_add(&sum, header);
	gyl_checksum_add(&sum, payload);
	return gyl_checksum_end(&sum);
}

struct gyl_fault gyl_tcp_decode(struct gyl_view in, uint32_t src_ip, uint32_t dst_ip,
	unsigned flags, struct gyl_tcp *ret_tcp)
{
	size_t header_len;
	struct gyl_view header, payload;

	if (in.len < GYL_TCP_HEADER_LEN)
		return gyl_fault(GYL_E_SHORT, GYL_TCP_HEADER_LEN);
	header_len = (size_t)(in.p[12] >> 4) * 4;
	if (header_len < GYL_TCP_HEADER_LEN || header_len > in.len)
		return gyl_fault(GYL_E_LENGTH, 12);
	if (in.len > LEN_MAX)
		return gyl_fault(GYL_E_LENGTH, LEN_MAX);
	header = gyl_view(in.p, header_len);
	payload = gyl_view(in.p + header_len, in.len - header_len);
	if (!(flags & GYL_CHECKSUM_SKIP) && checksum_of(header, payload, src_ip, dst_ip) != 0)
		return gyl_fault(GYL_E_CHECKSUM, 16);
	header_read(in.p, ret_tcp);
	ret_tcp->options = gyl_view(in.p + GYL_TCP_HEADER_LEN, header_len - GYL_TCP_HEADER_LEN);
	ret_tcp->payload = payload;
	if (!options_prove(&ret_tcp->options))
		return gyl_fault(GYL_LENIENT, GYL_TCP_HEADER_LEN + ret_tcp->options.len);
	return gyl_ok();
}

static void header_write(uint8_t *p, const struct gyl_tcp *t, size_t header_len)
{
	gyl_set_u16(p, t->src_port);
	gyl_set_u16(p + 2, t->dst_port);
	gyl_set_u32(p + 4, t->seq);
	gyl_set_u32(p + 8, t->ack);
	gyl_set_u16(p + 12, (uint16_t)(header_len / 4 << 12 | t->flags));
	gyl_set_u16(p + 14, t->window);
	gyl_set_u16(p + 16, 0);
	gyl_set_u16(p + 18, t->urgent);
	if (header_len > GYL_TCP_HEADER_LEN) {
		/* RFC 9293 3.1: padding is zeros. */
		memset(p + header_len - 4, 0, 4);
		memcpy(p + GYL_TCP_HEADER_LEN, t->options.p, t->options.len);
	}
}

void gyl_tcp_put_header(
	struct gyl_writer *w, const struct gyl_tcp *t, uint32_t src_ip, uint32_t dst_ip)
{
	size_t header_len = gyl_tcp_header_len(t);
	uint8_t *p;

	if (t->options.len > GYL_TCP_OPTIONS_MAX || t->flags > FLAGS_MASK) {
		gyl_writer_fail(w, GYL_E_FIELD);
		return;
	}
	if (t->payload.len > LEN_MAX - header_len) {
		gyl_writer_fail(w, GYL_E_LENGTH);
		return;
	}
	p = gyl_put_room(w, header_len);
	if (p == NULL)
		return;
	header_write(p, t, header_len);
	gyl_set_u16(p + 16, checksum_of(gyl_view(p, header_len), t->payload, src_ip, dst_ip));
}

void gyl_tcp_encode(struct gyl_writer *w, const struct gyl_tcp *t, uint32_t src_ip, uint32_t dst_ip)
{
	gyl_tcp_put_header(w, t, src_ip, dst_ip);
	gyl_put_view(w, t->payload);
}
