/* SPDX-License-Identifier: ISC */
#include <gyl/arp.h>
#include <gyl/text.h>

/* Hardware type 1, protocol 0x0800, address lengths 6 and 4: the first six octets of all that is
 * read here. */
static const uint64_t head = UINT64_C(0x000108000604);

static struct gyl_fault other_protocol(const uint8_t *p)
{
	if (gyl_get_u16(p) != 1)
		return gyl_fault(GYL_E_VERSION, 0);
	if (gyl_get_u16(p + 2) != GYL_ETH_IPV4)
		return gyl_fault(GYL_E_VERSION, 2);
	return gyl_fault(GYL_E_VERSION, p[4] != 6 ? 4 : 5);
}

struct gyl_fault gyl_arp_decode(struct gyl_view in, struct gyl_arp *ret_arp)
{
	uint64_t start;
	uint16_t op;

	if (in.len < GYL_ARP_LEN)
		return gyl_fault(GYL_E_SHORT, GYL_ARP_LEN);
	start = gyl_get_u64(in.p);
	if (start >> 16 != head)
		return other_protocol(in.p);
	op = (uint16_t)start;
	ret_arp->op = op;
	memcpy(ret_arp->sha, in.p + 8, 6);
	ret_arp->spa = gyl_get_u32(in.p + 14);
	memcpy(ret_arp->tha, in.p + 18, 6);
	ret_arp->tpa = gyl_get_u32(in.p + 24);
	if (op != GYL_ARP_REQUEST && op != GYL_ARP_REPLY)
		return gyl_fault(GYL_LENIENT, 6);
	return gyl_ok();
}

void gyl_arp_encode(struct gyl_writer *w, const struct gyl_arp *a)
{
	uint8_t *p = gyl_put_room(w, GYL_ARP_LEN);

	if (p == NULL)
		return;
	gyl_set_u64(p, head << 16 | a->op);
	memcpy(p + 8, a->sha, 6);
	gyl_set_u32(p + 14, a->spa);
	memcpy(p + 18, a->tha, 6);
	gyl_set_u32(p + 24, a->tpa);
}

void gyl_arp_encode_frame(struct gyl_writer *w, const struct gyl_eth *e, const struct gyl_arp *a)
{
	struct gyl_eth eth = *e;
	size_t start = w->len;

	eth.type = GYL_ETH_ARP;
	gyl_eth_put_header(w, &eth);
	gyl_arp_encode(w, a);
	gyl_eth_put_padding(w, start);
}

enum gyl_arp_kind gyl_arp_kind(const struct gyl_arp *a)
{
	bool own = a->spa == a->tpa && a->spa != 0;

	if (a->op == GYL_ARP_REPLY)
		return own ? GYL_ARP_KIND_GRATUITOUS_REPLY : GYL_ARP_KIND_REPLY;
	if (a->op != GYL_ARP_REQUEST)
		return GYL_ARP_KIND_UNKNOWN;
	if (a->spa == 0)
		return GYL_ARP_KIND_PROBE;
	return own ? GYL_ARP_KIND_ANNOUNCEMENT : GYL_ARP_KIND_REQUEST;
}

const char *gyl_arp_kind_text(enum gyl_arp_kind kind)
{
	switch (kind) {
	case GYL_ARP_KIND_REQUEST:
		return "request";
	case GYL_ARP_KIND_REPLY:
		return "reply";
	case GYL_ARP_KIND_PROBE:
		return "probe";
	case GYL_ARP_KIND_ANNOUNCEMENT:
		return "announcement";
	case GYL_ARP_KIND_GRATUITOUS_REPLY:
		return "gratuitous reply";
	case GYL_ARP_KIND_UNKNOWN:
		break;
	}
	return "unknown";
}

static struct gyl_arp message(uint16_t op, const uint8_t sha[6], uint32_t spa, uint32_t tpa)
{
	struct gyl_arp a;

	a.op = op;
	memcpy(a.sha, sha, 6);
	memset(a.tha, 0, 6);
	a.spa = spa;
	a.tpa = tpa;
	return a;
}

struct gyl_arp gyl_arp_request(const uint8_t sha[6], uint32_t spa, uint32_t tpa)
{
	return message(GYL_ARP_REQUEST, sha, spa, tpa);
}

struct gyl_arp gyl_arp_probe(const uint8_t sha[6], uint32_t tpa)
{
	return message(GYL_ARP_REQUEST, sha, 0, tpa);
}

struct gyl_arp gyl_arp_announcement(const uint8_t sha[6], uint32_t ip)
{
	return message(GYL_ARP_REQUEST, sha, ip, ip);
}

struct gyl_arp gyl_arp_gratuitous_reply(const uint8_t sha[6], uint32_t ip)
{
	struct gyl_arp a = message(GYL_ARP_REPLY, sha, ip, ip);

	memset(a.tha, 0xff, 6);
	return a;
}

struct gyl_arp gyl_arp_reply(const struct gyl_arp *request, const uint8_t sha[6])
{
	struct gyl_arp a = message(GYL_ARP_REPLY, sha, request->tpa, request->spa);

	memcpy(a.tha, request->sha, 6);
	return a;
}

static void ip_at_mac(struct gyl_writer *w, uint32_t ip, const uint8_t mac[6])
{
	gyl_text_ipv4(w, ip);
	gyl_text_str(w, " (");
	gyl_text_mac(w, mac);
	gyl_text_char(w, ')');
}

void gyl_arp_print(struct gyl_writer *w, const struct gyl_arp *a)
{
	enum gyl_arp_kind kind = gyl_arp_kind(a);
	size_t start = w->len;

	gyl_text_str(w, gyl_arp_kind_text(kind));
	if (kind == GYL_ARP_KIND_UNKNOWN) {
		gyl_text_str(w, " operation ");
		gyl_text_u64(w, a->op);
	}
	if (a->op == GYL_ARP_REQUEST) {
		gyl_text_str(w, " who has ");
		gyl_text_ipv4(w, a->tpa);
		gyl_text_str(w, " tell ");
		ip_at_mac(w, a->spa, a->sha);
	} else {
		gyl_text_char(w, ' ');
		ip_at_mac(w, a->spa, a->sha);
		gyl_text_str(w, " to ");
		ip_at_mac(w, a->tpa, a->tha);
	}
	if (!gyl_writer_ok(w))
		w->len = start;
}

void gyl_arp_json(struct gyl_json *j, const char *key, const struct gyl_arp *a)
{
	gyl_json_obj(j, key);
	gyl_json_u64(j, "op", a->op);
	gyl_json_cstr(j, "kind", gyl_arp_kind_text(gyl_arp_kind(a)));
	gyl_json_mac(j, "sha", a->sha);
	gyl_json_ipv4(j, "spa", a->spa);
	gyl_json_mac(j, "tha", a->tha);
	gyl_json_ipv4(j, "tpa", a->tpa);
	gyl_json_end(j);
}
