/* SPDX-License-Identifier: ISC */
#include <gyl/frame.h>
#include <gyl/ipv4.h>
#include <gyl/text.h>
#include <gyl/udp.h>

/* A fault of an inner layer, told from the start of the frame. */
static struct gyl_fault at(const uint8_t *frame, const uint8_t *layer, struct gyl_fault f)
{
	return gyl_fault(f.err, (size_t)(layer - frame) + f.off);
}

static struct gyl_fault inner_decode(struct gyl_view frame, struct gyl_view datagram,
	unsigned flags, struct gyl_frame_udp *ret_udp)
{
	struct gyl_ipv4 ip;
	struct gyl_udp udp;
	struct gyl_fault f = gyl_ipv4_decode(datagram, flags & GYL_CHECKSUM_SKIP, &ip);

	if (gyl_failed(f))
		return at(frame.p, datagram.p, f);
	if (ip.proto != GYL_IPV4_UDP)
		return at(frame.p, datagram.p, gyl_fault(GYL_E_VERSION, 9));
	if (gyl_ipv4_is_fragment(&ip))
		return at(frame.p, datagram.p, gyl_fault(GYL_E_FIELD, 6));
	f = gyl_udp_decode(ip.payload, ip.src, ip.dst, flags, &udp);
	if (gyl_failed(f))
		return at(frame.p, ip.payload.p, f);
	ret_udp->src_ip = ip.src;
	ret_udp->dst_ip = ip.dst;
	ret_udp->src_port = udp.src_port;
	ret_udp->dst_port = udp.dst_port;
	ret_udp->id = ip.id;
	ret_udp->ttl = ip.ttl;
	ret_udp->dscp = ip.dscp;
	ret_udp->payload = udp.payload;
	return f.err == GYL_OK ? f : at(frame.p, ip.payload.p, f);
}

struct gyl_fault gyl_frame_udp_decode(
	struct gyl_view frame, unsigned flags, struct gyl_frame_udp *ret_udp)
{
	struct gyl_eth eth;
	struct gyl_fault f = gyl_eth_decode(frame, &eth);

	if (gyl_failed(f))
		return f;
	if (eth.type != GYL_ETH_IPV4)
		return gyl_fault(GYL_E_VERSION, gyl_eth_header_len(&eth) - 2);
	f = inner_decode(frame, eth.payload, flags, ret_udp);
	if (gyl_failed(f))
		return f;
	memcpy(ret_udp->dst_mac, eth.dst, 6);
	memcpy(ret_udp->src_mac, eth.src, 6);
	ret_udp->tag_cnt = eth.tag_cnt;
	for (uint8_t i = 0; i < eth.tag_cnt; i++)
		ret_udp->tag[i] = eth.tag[i];
	return f;
}

static void eth_fill(const struct gyl_frame_udp *f, struct gyl_eth *eth)
{
	memcpy(eth->dst, f->dst_mac, 6);
	memcpy(eth->src, f->src_mac, 6);
	eth->type = GYL_ETH_IPV4;
	eth->tag_cnt = f->tag_cnt;
	for (uint8_t i = 0; i < f->tag_cnt && i < GYL_ETH_TAG_MAX; i++)
		eth->tag[i] = f->tag[i];
	eth->payload = gyl_view(NULL, 0);
}

static void ipv4_fill(const struct gyl_frame_udp *f, size_t payload_len, struct gyl_ipv4 *ip)
{
	memset(ip, 0, sizeof *ip);
	ip->dscp = f->dscp;
	ip->id = f->id;
	ip->flags = GYL_IPV4_DF;
	ip->ttl = f->ttl != 0 ? f->ttl : 64;
	ip->proto = GYL_IPV4_UDP;
	ip->src = f->src_ip;
	ip->dst = f->dst_ip;
	/* Only its length is asked for. */
	ip->payload = gyl_view(NULL, GYL_UDP_HEADER_LEN + payload_len);
}

struct gyl_fault gyl_frame_udp_encode(const struct gyl_frame_udp *f, uint8_t *buf, size_t cap,
	size_t payload_off, size_t payload_len, struct gyl_view *ret_frame)
{
	struct gyl_eth eth;
	struct gyl_ipv4 ip;
	struct gyl_udp udp = {
		f->src_port, f->dst_port, 0, gyl_view(buf + payload_off, payload_len)};
	struct gyl_writer w;
	size_t room, start;

	if (payload_len > GYL_UDP_PAYLOAD_MAX)
		return gyl_fault(GYL_E_LENGTH, payload_off);
	eth_fill(f, &eth);
	ipv4_fill(f, payload_len, &ip);
	room = gyl_eth_header_len(&eth) + GYL_IPV4_HEADER_LEN + GYL_UDP_HEADER_LEN;
	if (room > payload_off)
		return gyl_fault(GYL_E_SPACE, payload_off);
	start = payload_off - room;
	gyl_writer_init(&w, buf, cap);
	w.len = start;
	gyl_eth_put_header(&w, &eth);
	gyl_ipv4_put_header(&w, &ip);
	gyl_udp_put_header(&w, &udp, f->src_ip, f->dst_ip);
	gyl_put_room(&w, payload_len);
	gyl_eth_put_padding(&w, start);
	if (!gyl_writer_ok(&w))
		return gyl_fault(w.fault.err, w.fault.err == GYL_E_SPACE ? cap : w.fault.off);
	*ret_frame = gyl_view(buf + start, w.len - start);
	return gyl_ok();
}

static void endpoint(struct gyl_writer *w, uint32_t ip, uint16_t port)
{
	gyl_text_ipv4(w, ip);
	gyl_text_char(w, ':');
	gyl_text_u64(w, port);
}

void gyl_frame_udp_print(struct gyl_writer *w, const struct gyl_frame_udp *f)
{
	size_t start = w->len;

	gyl_text_mac(w, f->src_mac);
	gyl_text_str(w, " > ");
	gyl_text_mac(w, f->dst_mac);
	for (uint8_t i = 0; i < f->tag_cnt; i++) {
		gyl_text_str(w, " vlan ");
		gyl_text_u64(w, f->tag[i].vid);
	}
	gyl_text_char(w, ' ');
	endpoint(w, f->src_ip, f->src_port);
	gyl_text_str(w, " > ");
	endpoint(w, f->dst_ip, f->dst_port);
	gyl_text_char(w, ' ');
	gyl_text_u64(w, f->payload.len);
	gyl_text_str(w, " octets");
	if (!gyl_writer_ok(w))
		w->len = start;
}

void gyl_frame_udp_json(struct gyl_json *j, const char *key, const struct gyl_frame_udp *f)
{
	gyl_json_obj(j, key);
	gyl_json_mac(j, "src_mac", f->src_mac);
	gyl_json_mac(j, "dst_mac", f->dst_mac);
	gyl_json_arr(j, "vlan");
	for (uint8_t i = 0; i < f->tag_cnt; i++)
		gyl_json_u64(j, NULL, f->tag[i].vid);
	gyl_json_end(j);
	gyl_json_ipv4(j, "src_ip", f->src_ip);
	gyl_json_u64(j, "src_port", f->src_port);
	gyl_json_ipv4(j, "dst_ip", f->dst_ip);
	gyl_json_u64(j, "dst_port", f->dst_port);
	gyl_json_u64(j, "ttl", f->ttl);
	gyl_json_u64(j, "dscp", f->dscp);
	gyl_json_u64(j, "len", f->payload.len);
	gyl_json_end(j);
}
