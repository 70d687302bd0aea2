/* SPDX-License-Identifier: ISC */
#include <gyl/ipv4.h>
#include <gyl/text.h>

/* Octets of the option at the start of v, 0 when its framing is broken. EOL and NOP are one octet.
 */
static size_t opt_len(struct gyl_view v)
{
	if (v.p[0] <= GYL_IPV4_OPT_NOP)
		return 1;
	if (v.len < 2 || v.p[1] < 2 || v.p[1] > v.len)
		return 0;
	return v.p[1];
}

/* RFC 791 3.1: EOL ends the list, whatever stands behind it. */
static struct gyl_fault options_prove(struct gyl_view opts)
{
	size_t off = 0;

	while (off < opts.len && opts.p[off] != GYL_IPV4_OPT_EOL) {
		size_t len = opt_len(gyl_view(opts.p + off, opts.len - off));

		if (len == 0)
			return gyl_fault(GYL_E_OPTION, GYL_IPV4_HEADER_LEN + off);
		off += len;
	}
	return gyl_ok();
}

static void header_read(const uint8_t *p, struct gyl_ipv4 *ip)
{
	uint16_t frag = gyl_get_u16(p + 6);

	ip->dscp = p[1] >> 2;
	ip->ecn = p[1] & 3;
	ip->id = gyl_get_u16(p + 4);
	ip->flags = (uint8_t)(frag >> 13);
	ip->frag_off = (uint16_t)(frag << 3);
	ip->ttl = p[8];
	ip->proto = p[9];
	ip->checksum = gyl_get_u16(p + 10);
	ip->src = gyl_get_u32(p + 12);
	ip->dst = gyl_get_u32(p + 16);
}

struct gyl_fault gyl_ipv4_decode(struct gyl_view in, unsigned flags, struct gyl_ipv4 *ret_ip)
{
	size_t header_len, total_len, end;

	if (in.len < GYL_IPV4_HEADER_LEN)
		return gyl_fault(GYL_E_SHORT, GYL_IPV4_HEADER_LEN);
	if (in.p[0] >> 4 != 4)
		return gyl_fault(GYL_E_VERSION, 0);
	header_len = (size_t)(in.p[0] & 15) * 4;
	total_len = gyl_get_u16(in.p + 2);
	if (header_len < GYL_IPV4_HEADER_LEN)
		return gyl_fault(GYL_E_LENGTH, 0);
	if (total_len < header_len)
		return gyl_fault(GYL_E_LENGTH, 2);
	if (in.len < header_len)
		return gyl_fault(GYL_E_SHORT, header_len);
	if (in.len < total_len && !(flags & GYL_IPV4_QUOTED))
		return gyl_fault(GYL_E_SHORT, total_len);
	/* RFC 1122 3.2.1.2: a host MUST verify the header checksum and discard what has a bad one.
	 */
	if (!(flags & (GYL_CHECKSUM_SKIP | GYL_IPV4_QUOTED)) &&
		gyl_checksum_of(gyl_view(in.p, header_len)) != 0)
		return gyl_fault(GYL_E_CHECKSUM, 10);
	if (header_len > GYL_IPV4_HEADER_LEN) {
		struct gyl_fault f = options_prove(
			gyl_view_sub(in, GYL_IPV4_HEADER_LEN, header_len - GYL_IPV4_HEADER_LEN));

		if (gyl_failed(f))
			return f;
	}
	end = total_len < in.len ? total_len : in.len;
	header_read(in.p, ret_ip);
	ret_ip->total_len = (uint16_t)total_len;
	ret_ip->options = gyl_view(in.p + GYL_IPV4_HEADER_LEN, header_len - GYL_IPV4_HEADER_LEN);
	ret_ip->payload = gyl_view(in.p + header_len, end - header_len);
	return gyl_ok();
}

static bool is_encodable(const struct gyl_ipv4 *ip)
{
	return ip->options.len <= GYL_IPV4_HEADER_MAX - GYL_IPV4_HEADER_LEN &&
	       ip->frag_off % 8 == 0 && ip->dscp <= 63 && ip->ecn <= 3 && ip->flags <= 7;
}

static void header_write(uint8_t *p, const struct gyl_ipv4 *ip, size_t header_len)
{
	p[0] = (uint8_t)(4 << 4 | header_len / 4);
	p[1] = (uint8_t)(ip->dscp << 2 | ip->ecn);
	gyl_set_u16(p + 2, (uint16_t)(header_len + ip->payload.len));
	gyl_set_u16(p + 4, ip->id);
	gyl_set_u16(p + 6, (uint16_t)(ip->flags << 13 | ip->frag_off >> 3));
	p[8] = ip->ttl;
	p[9] = ip->proto;
	gyl_set_u16(p + 10, 0);
	gyl_set_u32(p + 12, ip->src);
	gyl_set_u32(p + 16, ip->dst);
	if (header_len > GYL_IPV4_HEADER_LEN) {
		memset(p + header_len - 4, 0, 4);
		memcpy(p + GYL_IPV4_HEADER_LEN, ip->options.p, ip->options.len);
	}
	gyl_set_u16(p + 10, gyl_checksum_of(gyl_view(p, header_len)));
}

void gyl_ipv4_put_header(struct gyl_writer *w, const struct gyl_ipv4 *ip)
{
	size_t header_len = gyl_ipv4_header_len(ip);
	uint8_t *p;

	if (!is_encodable(ip)) {
		gyl_writer_fail(w, GYL_E_FIELD);
		return;
	}
	if (ip->payload.len > GYL_IPV4_LEN_MAX - header_len) {
		gyl_writer_fail(w, GYL_E_LENGTH);
		return;
	}
	p = gyl_put_room(w, header_len);
	if (p != NULL)
		header_write(p, ip, header_len);
}

void gyl_ipv4_encode(struct gyl_writer *w, const struct gyl_ipv4 *ip)
{
	gyl_ipv4_put_header(w, ip);
	gyl_put_view(w, ip->payload);
}

void gyl_ipv4_cursor_init(struct gyl_ipv4_cursor *cur, struct gyl_view options)
{
	cur->rest = options;
}

bool gyl_ipv4_cursor_next(struct gyl_ipv4_cursor *cur, struct gyl_ipv4_opt *ret_opt)
{
	struct gyl_view at = cur->rest;

	while (at.len != 0 && at.p[0] == GYL_IPV4_OPT_NOP)
		at = gyl_view(at.p + 1, at.len - 1);
	if (at.len == 0 || at.p[0] == GYL_IPV4_OPT_EOL || opt_len(at) == 0) {
		cur->rest = gyl_view(at.p, 0);
		return false;
	}
	cur->rest = gyl_view(at.p + at.p[1], at.len - at.p[1]);
	ret_opt->type = at.p[0];
	ret_opt->val = gyl_view(at.p + 2, (size_t)at.p[1] - 2);
	return true;
}

static void number(struct gyl_writer *w, const char *name, uint64_t v)
{
	gyl_text_str(w, name);
	gyl_text_u64(w, v);
}

static void fragment_print(struct gyl_writer *w, const struct gyl_ipv4 *ip)
{
	if (ip->flags & GYL_IPV4_DF)
		gyl_text_str(w, " DF");
	if (ip->flags & GYL_IPV4_RESERVED)
		gyl_text_str(w, " reserved bit");
	if (gyl_ipv4_is_fragment(ip)) {
		number(w, " fragment at ", ip->frag_off);
		gyl_text_str(w, ip->flags & GYL_IPV4_MF ? " more" : " last");
	}
}

void gyl_ipv4_print(struct gyl_writer *w, const struct gyl_ipv4 *ip)
{
	struct gyl_ipv4_cursor cur;
	struct gyl_ipv4_opt opt;
	size_t start = w->len;

	gyl_text_ipv4(w, ip->src);
	gyl_text_str(w, " > ");
	gyl_text_ipv4(w, ip->dst);
	number(w, " proto ", ip->proto);
	number(w, " ttl ", ip->ttl);
	number(w, " id ", ip->id);
	if (ip->dscp != 0)
		number(w, " dscp ", ip->dscp);
	if (ip->ecn != 0)
		number(w, " ecn ", ip->ecn);
	fragment_print(w, ip);
	gyl_ipv4_cursor_init(&cur, ip->options);
	while (gyl_ipv4_cursor_next(&cur, &opt)) {
		number(w, " option ", opt.type);
		gyl_text_char(w, ' ');
		gyl_text_hex(w, opt.val);
	}
	number(w, " ", ip->payload.len);
	gyl_text_str(w, " octets");
	if (!gyl_writer_ok(w))
		w->len = start;
}

void gyl_ipv4_json(struct gyl_json *j, const char *key, const struct gyl_ipv4 *ip)
{
	gyl_json_obj(j, key);
	gyl_json_ipv4(j, "src", ip->src);
	gyl_json_ipv4(j, "dst", ip->dst);
	gyl_json_u64(j, "proto", ip->proto);
	gyl_json_u64(j, "ttl", ip->ttl);
	gyl_json_u64(j, "dscp", ip->dscp);
	gyl_json_u64(j, "ecn", ip->ecn);
	gyl_json_u64(j, "id", ip->id);
	gyl_json_bool(j, "df", (ip->flags & GYL_IPV4_DF) != 0);
	gyl_json_bool(j, "mf", (ip->flags & GYL_IPV4_MF) != 0);
	gyl_json_u64(j, "frag_off", ip->frag_off);
	gyl_json_hex(j, "options", ip->options);
	gyl_json_u64(j, "len", ip->payload.len);
	gyl_json_end(j);
}
