/* SPDX-License-Identifier: ISC */
#include <gyl/eth.h>
#include <gyl/text.h>

static bool is_tag(uint16_t type)
{
	return type == GYL_ETH_VLAN || type == GYL_ETH_SVLAN;
}

/* IEEE 802.1Q section 9.6: PCP 3 bits, DEI 1 bit, VID 12 bits. */
static void tag_read(const uint8_t *p, struct gyl_eth_tag *t)
{
	uint16_t tci = gyl_get_u16(p + 2);

	t->tpid = gyl_get_u16(p);
	t->vid = tci & 0xfff;
	t->pcp = (uint8_t)(tci >> 13);
	t->dei = (tci >> 12 & 1) != 0;
}

struct gyl_fault gyl_eth_decode(struct gyl_view frame, struct gyl_eth *ret_eth)
{
	struct gyl_eth_tag tag[GYL_ETH_TAG_MAX];
	size_t type_off = 12;
	uint8_t tag_cnt = 0;
	uint16_t type;

	if (frame.len < GYL_ETH_HEADER_LEN)
		return gyl_fault(GYL_E_SHORT, GYL_ETH_HEADER_LEN);
	type = gyl_get_u16(frame.p + type_off);
	while (is_tag(type) && tag_cnt < GYL_ETH_TAG_MAX) {
		if (frame.len < type_off + 2 + GYL_ETH_TAG_LEN)
			return gyl_fault(GYL_E_SHORT, type_off + 2 + GYL_ETH_TAG_LEN);
		tag_read(frame.p + type_off, &tag[tag_cnt++]);
		type_off += GYL_ETH_TAG_LEN;
		type = gyl_get_u16(frame.p + type_off);
	}
	if (type < GYL_ETH_TYPE_MIN)
		return gyl_fault(GYL_E_VERSION, type_off);
	memcpy(ret_eth->dst, frame.p, 6);
	memcpy(ret_eth->src, frame.p + 6, 6);
	ret_eth->type = type;
	ret_eth->tag_cnt = tag_cnt;
	for (uint8_t i = 0; i < tag_cnt; i++)
		ret_eth->tag[i] = tag[i];
	ret_eth->payload = gyl_view(frame.p + type_off + 2, frame.len - type_off - 2);
	return gyl_ok();
}

static bool is_encodable(const struct gyl_eth *e)
{
	if (e->tag_cnt > GYL_ETH_TAG_MAX || e->type < GYL_ETH_TYPE_MIN)
		return false;
	for (uint8_t i = 0; i < e->tag_cnt; i++)
		if (!is_tag(e->tag[i].tpid) || e->tag[i].vid > 0xfff || e->tag[i].pcp > 7)
			return false;
	return true;
}

void gyl_eth_put_header(struct gyl_writer *w, const struct gyl_eth *e)
{
	uint8_t *p;

	if (!is_encodable(e)) {
		gyl_writer_fail(w, GYL_E_FIELD);
		return;
	}
	p = gyl_put_room(w, gyl_eth_header_len(e));
	if (p == NULL)
		return;
	memcpy(p, e->dst, 6);
	memcpy(p + 6, e->src, 6);
	p += 12;
	for (uint8_t i = 0; i < e->tag_cnt; i++, p += GYL_ETH_TAG_LEN) {
		gyl_set_u16(p, e->tag[i].tpid);
		gyl_set_u16(p + 2,
			(uint16_t)(e->tag[i].pcp << 13 | e->tag[i].dei << 12 | e->tag[i].vid));
	}
	gyl_set_u16(p, e->type);
}

void gyl_eth_put_padding(struct gyl_writer *w, size_t start)
{
	size_t len = w->len - start;

	if (len < GYL_ETH_FRAME_MIN)
		gyl_put_zero(w, GYL_ETH_FRAME_MIN - len);
}

void gyl_eth_encode(struct gyl_writer *w, const struct gyl_eth *e)
{
	size_t start = w->len;

	gyl_eth_put_header(w, e);
	gyl_put_view(w, e->payload);
	gyl_eth_put_padding(w, start);
}

uint16_t gyl_eth_vid(const struct gyl_eth *e)
{
	for (uint8_t i = 0; i < e->tag_cnt; i++)
		if (e->tag[i].vid != 0)
			return e->tag[i].vid;
	return 0;
}

const char *gyl_eth_type_text(uint16_t type)
{
	switch (type) {
	case GYL_ETH_IPV4:
		return "IPv4";
	case GYL_ETH_ARP:
		return "ARP";
	case GYL_ETH_VLAN:
		return "802.1Q";
	case GYL_ETH_IPV6:
		return "IPv6";
	case GYL_ETH_SVLAN:
		return "802.1ad";
	case GYL_ETH_LLDP:
		return "LLDP";
	default:
		return NULL;
	}
}

static void tag_print(struct gyl_writer *w, const struct gyl_eth_tag *t)
{
	gyl_text_str(w, t->tpid == GYL_ETH_SVLAN ? " svlan " : " vlan ");
	gyl_text_u64(w, t->vid);
	if (t->pcp != 0) {
		gyl_text_str(w, " pcp ");
		gyl_text_u64(w, t->pcp);
	}
	if (t->dei)
		gyl_text_str(w, " dei");
}

void gyl_eth_print(struct gyl_writer *w, const struct gyl_eth *e)
{
	const char *name = gyl_eth_type_text(e->type);
	size_t start = w->len;

	gyl_text_mac(w, e->src);
	gyl_text_str(w, " > ");
	gyl_text_mac(w, e->dst);
	for (uint8_t i = 0; i < e->tag_cnt; i++)
		tag_print(w, &e->tag[i]);
	if (name != NULL) {
		gyl_text_char(w, ' ');
		gyl_text_str(w, name);
	} else {
		gyl_text_str(w, " type 0x");
		gyl_text_hex_u64(w, e->type, 4);
	}
	gyl_text_char(w, ' ');
	gyl_text_u64(w, e->payload.len);
	gyl_text_str(w, " octets");
	if (!gyl_writer_ok(w))
		w->len = start;
}

void gyl_eth_json(struct gyl_json *j, const char *key, const struct gyl_eth *e)
{
	gyl_json_obj(j, key);
	gyl_json_mac(j, "dst", e->dst);
	gyl_json_mac(j, "src", e->src);
	gyl_json_arr(j, "vlan");
	for (uint8_t i = 0; i < e->tag_cnt; i++) {
		gyl_json_obj(j, NULL);
		gyl_json_u64(j, "tpid", e->tag[i].tpid);
		gyl_json_u64(j, "vid", e->tag[i].vid);
		gyl_json_u64(j, "pcp", e->tag[i].pcp);
		gyl_json_bool(j, "dei", e->tag[i].dei);
		gyl_json_end(j);
	}
	gyl_json_end(j);
	gyl_json_u64(j, "type", e->type);
	gyl_json_u64(j, "len", e->payload.len);
	gyl_json_end(j);
}
