/* SPDX-License-Identifier: ISC */
#include <gyl/dns.h>

#include "libproto/src/dns_layout.h"
#include "libproto/src/dns_name.h"

enum {
	RR_FIXED_LEN = 10
}; /* type, class, ttl, rdlength */

struct gyl_fault gyl_dns_header_decode(struct gyl_view msg, struct gyl_dns_header *ret_header)
{
	if (msg.len < GYL_DNS_HEADER_LEN)
		return gyl_fault(GYL_E_SHORT, GYL_DNS_HEADER_LEN);
	ret_header->id = gyl_get_u16(msg.p);
	ret_header->flags = gyl_get_u16(msg.p + 2);
	for (size_t i = 0; i < GYL_DNS_SECTION_CNT; i++)
		ret_header->cnt[i] = gyl_get_u16(msg.p + 4 + 2 * i);
	return gyl_ok();
}

static struct gyl_fault question_check(struct gyl_view raw, size_t *off)
{
	struct gyl__dns_walk walk = gyl__dns_walk(raw.p, *off, raw.len, GYL_DNS_HEADER_LEN, NULL);

	if (walk.err != GYL_OK)
		return gyl__dns_walk_fault(&walk);
	if (raw.len - walk.next < 4)
		return gyl_fault(GYL_E_SHORT, walk.next + 4);
	*off = walk.next + 4;
	return gyl_ok();
}

/* Name and fixed part of the record at off, and that its rdata lies in the message. */
static inline struct gyl_fault rr_frame(
	struct gyl_view raw, size_t off, struct gyl__dns_memo *memo, struct gyl_dns_rr *rr)
{
	struct gyl__dns_walk walk = gyl__dns_walk(raw.p, off, raw.len, GYL_DNS_HEADER_LEN, memo);
	const uint8_t *p;
	size_t rdlength;

	if (walk.err != GYL_OK)
		return gyl__dns_walk_fault(&walk);
	if (raw.len - walk.next < RR_FIXED_LEN)
		return gyl_fault(GYL_E_SHORT, walk.next + RR_FIXED_LEN);
	p = raw.p + walk.next;
	rdlength = gyl_get_u16(p + 8);
	if (raw.len - walk.next - RR_FIXED_LEN < rdlength)
		return gyl_fault(GYL_E_SHORT, walk.next + RR_FIXED_LEN + rdlength);
	rr->name_off = (uint16_t)off;
	rr->type = gyl_get_u16(p);
	rr->rrclass = gyl_get_u16(p + 2);
	rr->ttl = gyl_get_u32(p + 4);
	rr->rdata_off = (uint16_t)(walk.next + RR_FIXED_LEN);
	rr->rdata = gyl_view(p + RR_FIXED_LEN, rdlength);
	return gyl_ok();
}

/* The rdata of NS, CNAME and PTR, which are most of what is neither an address nor fixed in length.
 */
static inline bool is_one_name(struct gyl_view raw, const struct gyl_dns_rr *rr,
	const struct gyl__dns_layout *layout, struct gyl__dns_memo *memo)
{
	size_t end = rr->rdata_off + rr->rdata.len;
	struct gyl__dns_walk walk;

	if (layout->field[0] != GYL__DNS_NAME_C || layout->field[1] != GYL__DNS_NONE)
		return false;
	walk = gyl__dns_walk(raw.p, rr->rdata_off, end, GYL_DNS_HEADER_LEN, memo);
	return walk.err == GYL_OK && walk.next == end;
}

static struct gyl_fault rdata_check(
	struct gyl_view raw, const struct gyl_dns_rr *rr, struct gyl__dns_memo *memo)
{
	const struct gyl__dns_layout *layout = gyl__dns_layout(rr->type);
	struct gyl_fault f;

	if (layout->width != 0 && layout->width == rr->rdata.len)
		return gyl_ok();
	if (is_one_name(raw, rr, layout, memo))
		return gyl_ok();
	/* RFC 2136 2.4, 2.5: conditions and deletions of an UPDATE have none */
	if (rr->rdata.len == 0 &&
		(rr->rrclass == GYL_DNS_CLASS_ANY || rr->rrclass == GYL_DNS_CLASS_NONE))
		return gyl_ok();
	/* RFC 1035 3.4.1 is about the internet; Chaosnet addresses look different */
	if (rr->type == GYL_DNS_TYPE_A && rr->rrclass == GYL_DNS_CLASS_CH)
		return gyl_ok();
	f = gyl__dns_check(raw.p, rr->rdata_off, rr->rdata_off + rr->rdata.len, layout,
		GYL_DNS_HEADER_LEN, memo);
	if (f.err == GYL_E_LENGTH)
		f.off = rr->rdata_off - 2u;
	return f;
}

static struct gyl_fault opt_read(
	struct gyl_view raw, const struct gyl_dns_rr *rr, struct gyl_dns_edns *edns)
{
	if (rr->section != GYL_DNS_ADDITIONAL)
		return gyl_fault(GYL_E_FIELD, rr->rdata_off - 10u);
	/* RFC 6891 6.1.1: at most one, owned by the root */
	if (edns->present)
		return gyl_fault(GYL_E_COUNT, rr->name_off);
	if (raw.p[rr->name_off] != 0)
		return gyl_fault(GYL_E_NAME, rr->name_off);
	edns->present = true;
	edns->udp_size = rr->rrclass;
	edns->ext_rcode = (uint8_t)(rr->ttl >> 24);
	edns->version = (uint8_t)(rr->ttl >> 16);
	edns->flags = (uint16_t)rr->ttl;
	edns->dnssec_ok = (rr->ttl & 0x8000) != 0;
	edns->options = rr->rdata;
	return gyl_ok();
}

/* Whether this record is the last of the message. RFC 8945 5.1: a TSIG must be. */
static struct gyl_fault tsig_check(const struct gyl_dns_rr *rr, bool last, uint16_t *ret_off)
{
	if (rr->section != GYL_DNS_ADDITIONAL || !last)
		return gyl_fault(GYL_E_FIELD, rr->rdata_off - 10u);
	*ret_off = rr->name_off;
	return gyl_ok();
}

/* What OPT and TSIG ask beyond their rdata. */
static struct gyl_fault meta_check(struct gyl_view raw, const struct gyl_dns_rr *rr, bool last,
	struct gyl_dns_edns *edns, uint16_t *tsig_off)
{
	if (rr->type == GYL_DNS_TYPE_OPT)
		return opt_read(raw, rr, edns);
	if (rr->type == GYL_DNS_TYPE_TSIG)
		return tsig_check(rr, last, tsig_off);
	return gyl_ok();
}

static struct gyl_fault section_check(struct gyl_dns_msg *msg, enum gyl_dns_section section,
	size_t *off, struct gyl__dns_memo *memo)
{
	struct gyl_dns_rr rr = {.section = section};

	msg->section_off[section] = (uint16_t)*off;
	for (unsigned left = msg->header.cnt[section]; left != 0; left--) {
		struct gyl_fault f = rr_frame(msg->raw, *off, memo, &rr);

		if (gyl_failed(f))
			return f;
		f = rdata_check(msg->raw, &rr, memo);
		if (gyl_failed(f))
			return f;
		f = meta_check(msg->raw, &rr, left == 1, &msg->edns, &msg->tsig_off);
		if (gyl_failed(f))
			return f;
		*off = rr.rdata_off + rr.rdata.len;
	}
	return gyl_ok();
}

static struct gyl_fault body_check(struct gyl_dns_msg *msg, size_t *off)
{
	struct gyl__dns_memo memo = {{0}, {0}};
	struct gyl_fault f;

	msg->section_off[GYL_DNS_QUESTION] = GYL_DNS_HEADER_LEN;
	for (unsigned left = msg->header.cnt[GYL_DNS_QUESTION]; left != 0; left--) {
		f = question_check(msg->raw, off);
		if (gyl_failed(f))
			return f;
	}
	f = section_check(msg, GYL_DNS_ANSWER, off, &memo);
	if (gyl_failed(f))
		return f;
	f = section_check(msg, GYL_DNS_AUTHORITY, off, &memo);
	if (gyl_failed(f))
		return f;
	return section_check(msg, GYL_DNS_ADDITIONAL, off, &memo);
}

static struct gyl_fault whole(struct gyl_view msg, size_t end)
{
	return end == msg.len ? gyl_ok() : gyl_fault(GYL_LENIENT, end);
}

struct gyl_fault gyl_dns_decode(struct gyl_view msg, struct gyl_dns_msg *ret_msg)
{
	struct gyl_dns_msg m;
	size_t off = GYL_DNS_HEADER_LEN;
	struct gyl_fault f;

	if (msg.len > GYL_DNS_MSG_MAX)
		return gyl_fault(GYL_E_LENGTH, GYL_DNS_MSG_MAX);
	f = gyl_dns_header_decode(msg, &m.header);
	if (gyl_failed(f))
		return f;
	m.raw = msg;
	m.tsig_off = 0;
	m.edns.present = false;
	f = body_check(&m, &off);
	if (gyl_failed(f))
		return f;
	if (!m.edns.present)
		memset(&m.edns, 0, sizeof m.edns);
	m.raw.len = off;
	*ret_msg = m;
	return whole(msg, off);
}

/* Steps over the records behind the question; only OPT and TSIG are looked at. */
static struct gyl_fault query_records(struct gyl_dns_query *q, size_t *off)
{
	for (unsigned section = GYL_DNS_ANSWER; section <= GYL_DNS_ADDITIONAL; section++) {
		struct gyl_dns_rr rr = {.section = (enum gyl_dns_section)section};

		for (unsigned left = q->header.cnt[section]; left != 0; left--) {
			struct gyl_fault f = rr_frame(q->raw, *off, NULL, &rr);

			if (!gyl_failed(f) &&
				(rr.type == GYL_DNS_TYPE_OPT || rr.type == GYL_DNS_TYPE_TSIG))
				f = rdata_check(q->raw, &rr, NULL);
			if (!gyl_failed(f))
				f = meta_check(q->raw, &rr, left == 1, &q->edns, &q->tsig_off);
			if (gyl_failed(f))
				return f;
			*off = rr.rdata_off + rr.rdata.len;
		}
	}
	return gyl_ok();
}

struct gyl_fault gyl_dns_decode_query(struct gyl_view msg, struct gyl_dns_query *ret_query)
{
	struct gyl_dns_query q;
	size_t off = GYL_DNS_HEADER_LEN;
	struct gyl_fault f = gyl_dns_header_decode(msg, &q.header);

	if (gyl_failed(f))
		return f;
	if (q.header.flags & GYL_DNS_QR)
		return gyl_fault(GYL_E_FIELD, 2);
	if (q.header.cnt[GYL_DNS_QUESTION] != 1)
		return gyl_fault(GYL_E_COUNT, 4);
	if (msg.len > GYL_DNS_MSG_MAX)
		return gyl_fault(GYL_E_LENGTH, GYL_DNS_MSG_MAX);
	f = question_check(msg, &off);
	if (gyl_failed(f))
		return f;
	q.raw = msg;
	/* the first name has nothing before it to point to, so it is in full */
	q.qname = gyl_view(msg.p + GYL_DNS_HEADER_LEN, off - 4 - GYL_DNS_HEADER_LEN);
	q.qtype = gyl_get_u16(msg.p + off - 4);
	q.qclass = gyl_get_u16(msg.p + off - 2);
	q.question_end = (uint16_t)off;
	q.tsig_off = 0;
	memset(&q.edns, 0, sizeof q.edns);
	f = query_records(&q, &off);
	if (gyl_failed(f))
		return f;
	q.raw.len = off;
	*ret_query = q;
	return whole(msg, off);
}

static size_t name_end(const uint8_t *p, size_t off)
{
	while (p[off] != 0 && p[off] <= GYL_DNS_LABEL_MAX)
		off += (size_t)p[off] + 1;
	return off + (p[off] == 0 ? 1 : 2);
}

void gyl_dns_question_init(struct gyl_dns_cursor *cur, const struct gyl_dns_msg *msg)
{
	memset(cur, 0, sizeof *cur);
	cur->raw = msg->raw;
	cur->off = GYL_DNS_HEADER_LEN;
	cur->left[GYL_DNS_QUESTION] = msg->header.cnt[GYL_DNS_QUESTION];
}

bool gyl_dns_question_next(struct gyl_dns_cursor *cur, struct gyl_dns_question *ret_q)
{
	size_t end;

	if (cur->left[GYL_DNS_QUESTION] == 0)
		return false;
	cur->left[GYL_DNS_QUESTION]--;
	end = name_end(cur->raw.p, cur->off);
	ret_q->name_off = (uint16_t)cur->off;
	ret_q->qtype = gyl_get_u16(cur->raw.p + end);
	ret_q->qclass = gyl_get_u16(cur->raw.p + end + 2);
	cur->off = end + 4;
	return true;
}

void gyl_dns_rr_init(
	struct gyl_dns_cursor *cur, const struct gyl_dns_msg *msg, enum gyl_dns_section section)
{
	bool all = section == GYL_DNS_QUESTION;

	memset(cur, 0, sizeof *cur);
	cur->raw = msg->raw;
	cur->section = all ? GYL_DNS_ANSWER : section;
	cur->off = msg->section_off[cur->section];
	for (unsigned i = cur->section; i < GYL_DNS_SECTION_CNT && (all || i == section); i++)
		cur->left[i] = msg->header.cnt[i];
}

bool gyl_dns_rr_next(struct gyl_dns_cursor *cur, struct gyl_dns_rr *ret_rr)
{
	const uint8_t *p;
	size_t end;

	while (cur->left[cur->section] == 0) {
		if (cur->section == GYL_DNS_ADDITIONAL)
			return false;
		cur->section = (enum gyl_dns_section)(cur->section + 1);
	}
	cur->left[cur->section]--;
	end = name_end(cur->raw.p, cur->off);
	p = cur->raw.p + end;
	ret_rr->section = cur->section;
	ret_rr->name_off = (uint16_t)cur->off;
	ret_rr->type = gyl_get_u16(p);
	ret_rr->rrclass = gyl_get_u16(p + 2);
	ret_rr->ttl = gyl_get_u32(p + 4);
	ret_rr->rdata_off = (uint16_t)(end + RR_FIXED_LEN);
	ret_rr->rdata = gyl_view(p + RR_FIXED_LEN, gyl_get_u16(p + 8));
	cur->off = ret_rr->rdata_off + ret_rr->rdata.len;
	return true;
}

bool gyl_dns_option_next(struct gyl_view options, size_t *off, struct gyl_dns_option *ret_opt)
{
	const uint8_t *p;

	if (options.len - *off < 4)
		return false;
	p = options.p + *off;
	ret_opt->code = gyl_get_u16(p);
	ret_opt->val = gyl_view_sub(options, *off + 4, gyl_get_u16(p + 2));
	*off += 4 + ret_opt->val.len;
	return true;
}
