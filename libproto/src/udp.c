/* SPDX-License-Identifier: ISC */
#include <gyl/text.h>
#include <gyl/udp.h>

enum {
	PROTO = 17,
	LEN_MAX = 65535
};

struct gyl_fault gyl_udp_decode(struct gyl_view in, uint32_t src_ip, uint32_t dst_ip,
	unsigned flags, struct gyl_udp *ret_udp)
{
	uint16_t len, checksum;

	if (in.len < GYL_UDP_HEADER_LEN)
		return gyl_fault(GYL_E_SHORT, GYL_UDP_HEADER_LEN);
	len = gyl_get_u16(in.p + 4);
	if (len < GYL_UDP_HEADER_LEN || len > in.len)
		return gyl_fault(GYL_E_LENGTH, 4);
	checksum = gyl_get_u16(in.p + 6);
	/* RFC 768: all zeros means that the sender made no checksum. */
	if (checksum != 0 && !(flags & GYL_CHECKSUM_SKIP)) {
		struct gyl_checksum sum;

		gyl_checksum_init(&sum);
		gyl_checksum_add_pseudo(&sum, src_ip, dst_ip, PROTO, len);
		gyl_checksum_add(&sum, gyl_view(in.p, len));
		if (gyl_checksum_end(&sum) != 0)
			return gyl_fault(GYL_E_CHECKSUM, 6);
	}
	ret_udp->src_port = gyl_get_u16(in.p);
	ret_udp->dst_port = gyl_get_u16(in.p + 2);
	ret_udp->checksum = checksum;
	ret_udp->payload = gyl_view(in.p + GYL_UDP_HEADER_LEN, (size_t)len - GYL_UDP_HEADER_LEN);
	return len < in.len ? gyl_fault(GYL_LENIENT, len) : gyl_ok();
}

static uint16_t checksum_make(
	const struct gyl_udp *u, uint16_t len, uint32_t src_ip, uint32_t dst_ip)
{
	struct gyl_checksum sum;
	uint16_t checksum;

	gyl_checksum_init(&sum);
	gyl_checksum_add_pseudo(&sum, src_ip, dst_ip, PROTO, len);
	gyl_checksum_add_u16(&sum, u->src_port);
	gyl_checksum_add_u16(&sum, u->dst_port);
	gyl_checksum_add_u16(&sum, len);
	gyl_checksum_add(&sum, u->payload);
	checksum = gyl_checksum_end(&sum);
	/* RFC 768: 0 would mean "none", and in one's complement ffff is the same number. */
	return checksum != 0 ? checksum : 0xffff;
}

void gyl_udp_put_header(
	struct gyl_writer *w, const struct gyl_udp *u, uint32_t src_ip, uint32_t dst_ip)
{
	uint16_t len;
	uint8_t *p;

	if (u->payload.len > LEN_MAX - GYL_UDP_HEADER_LEN) {
		gyl_writer_fail(w, GYL_E_LENGTH);
		return;
	}
	len = (uint16_t)(GYL_UDP_HEADER_LEN + u->payload.len);
	p = gyl_put_room(w, GYL_UDP_HEADER_LEN);
	if (p == NULL)
		return;
	gyl_set_u16(p, u->src_port);
	gyl_set_u16(p + 2, u->dst_port);
	gyl_set_u16(p + 4, len);
	gyl_set_u16(p + 6, checksum_make(u, len, src_ip, dst_ip));
}

void gyl_udp_encode(struct gyl_writer *w, const struct gyl_udp *u, uint32_t src_ip, uint32_t dst_ip)
{
	gyl_udp_put_header(w, u, src_ip, dst_ip);
	gyl_put_view(w, u->payload);
}

void gyl_udp_print(struct gyl_writer *w, const struct gyl_udp *u)
{
	size_t start = w->len;

	gyl_text_str(w, "port ");
	gyl_text_u64(w, u->src_port);
	gyl_text_str(w, " > ");
	gyl_text_u64(w, u->dst_port);
	if (u->checksum == 0)
		gyl_text_str(w, " no checksum");
	gyl_text_char(w, ' ');
	gyl_text_u64(w, u->payload.len);
	gyl_text_str(w, " octets");
	if (!gyl_writer_ok(w))
		w->len = start;
}

void gyl_udp_json(struct gyl_json *j, const char *key, const struct gyl_udp *u)
{
	gyl_json_obj(j, key);
	gyl_json_u64(j, "src_port", u->src_port);
	gyl_json_u64(j, "dst_port", u->dst_port);
	gyl_json_u64(j, "checksum", u->checksum);
	gyl_json_u64(j, "len", u->payload.len);
	gyl_json_end(j);
}
