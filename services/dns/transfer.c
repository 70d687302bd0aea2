/* SPDX-License-Identifier: ISC */
#include "services/dns/transfer.h"

#include <gyl/dns_rdata.h>
#include <gyl/text.h>

#include "conf/schema.h"

/* ---- who may ---- */

static bool parse_net(struct gyl_view text, uint32_t *ret_ip, uint32_t *ret_len)
{
	const uint8_t *slash = text.len == 0 ? NULL : memchr(text.p, '/', text.len);
	size_t ip_len = slash == NULL ? text.len : (size_t)(slash - text.p);
	uint64_t len = 32;

	if (gyl_failed(gyl_parse_ipv4(gyl_view_sub(text, 0, ip_len), ret_ip)) ||
		(slash != NULL && gyl_failed(gyl_parse_u64(
					  gyl_view_sub(text, ip_len + 1, text.len), 32, &len))))
		return false;
	*ret_len = (uint32_t)len;
	return true;
}

struct gyl_fault gyl_dns_transfer_parse(struct gyl_view text, bool *ret_is_net, uint32_t *ret_ip,
	uint32_t *ret_len, uint8_t key[GYL_DNS_NAME_MAX])
{
	static const uint8_t root = 0;
	struct gyl_fault why;
	size_t len;

	*ret_is_net = parse_net(text, ret_ip, ret_len);
	if (*ret_is_net)
		return gyl_ok();
	why = gyl_dns_name_parse(text, &root, key, &len);
	if (!gyl_failed(why))
		gyl_dns_name_fold(key, key, len);
	return why;
}

bool gyl_dns_transfer_allowed(
	const struct gyl_flat *flat, struct gyl_ref transfer, uint32_t ip, const uint8_t *key)
{
	const struct gyl_ref *text = gyl_flat_at(flat, transfer);

	for (uint32_t i = 0; i < transfer.cnt; i++) {
		uint8_t name[GYL_DNS_NAME_MAX];
		uint32_t net, len;
		bool is_net;

		if (gyl_failed(gyl_dns_transfer_parse(
			    gyl_flat_view(flat, text[i]), &is_net, &net, &len, name)))
			continue;
		if (is_net ? (ip & gyl_conf_mask(len)) == (net & gyl_conf_mask(len))
			   : key != NULL && gyl_dns_name_eq(key, name))
			return true;
	}
	return false;
}

/* ---- what is asked ---- */

/* RFC 1995 3: the SOA that the client has stands in the authority section. */
static bool client_serial(struct gyl_view msg, uint32_t *ret_serial)
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;
	struct gyl_dns_msg m;
	struct gyl_dns_soa soa;

	if (gyl_failed(gyl_dns_decode(msg, &m)))
		return false;
	gyl_dns_rr_init(&cur, &m, GYL_DNS_AUTHORITY);
	if (!gyl_dns_rr_next(&cur, &rr) || rr.section != GYL_DNS_AUTHORITY ||
		rr.type != GYL_DNS_TYPE_SOA || !gyl_dns_rdata_soa(m.raw, &rr, &soa))
		return false;
	*ret_serial = soa.serial;
	return true;
}

/* All of the zone, what has changed, or that nothing has. */
static enum gyl_dns_transfer_kind kind_of(struct gyl_dns_transfer *t, uint32_t serial)
{
	const struct gyl_dns_book *book = t->walk.book;

	/* RFC 1995 4: the client may be ahead of us, too */
	if (!gyl_dns_serial_after(t->walk.serial, serial))
		return GYL_DNS_TRANSFER_SOA;
	if (book != NULL && gyl_dns_changes_begin(t->data->ledger, book, serial, &t->changes))
		return GYL_DNS_TRANSFER_CHANGES;
	return GYL_DNS_TRANSFER_FULL;
}

bool gyl_dns_transfer_begin(struct gyl_dns_transfer *t, const struct gyl_dns_data *d,
	const struct gyl_dns_policy *policy, struct gyl_view msg, const struct gyl_dns_query *q,
	const struct gyl_dns_sign *sign)
{
	uint32_t serial;

	memset(t, 0, sizeof *t);
	t->data = d;
	t->id = q->header.id;
	t->flags = (uint16_t)(GYL_DNS_QR | GYL_DNS_AA | (q->header.flags & GYL_DNS_RD));
	t->qtype = q->qtype;
	memcpy(t->qname, q->qname.p, q->qname.len);
	t->edns = q->edns.present;
	t->dnssec_ok = q->edns.dnssec_ok;
	t->is_signed = q->tsig_off != 0;
	if (t->is_signed)
		t->sign = *sign;
	if (!gyl_dns_walk_begin(d, policy, q->qname.p, q->qname.len, &t->walk))
		return false;
	if (q->qtype == GYL_DNS_TYPE_AXFR)
		return true;
	if (!client_serial(msg, &serial))
		return false;
	t->kind = kind_of(t, serial);
	return true;
}

void gyl_dns_transfer_soa(struct gyl_dns_transfer *t, const struct gyl_dns_sign *sign)
{
	t->kind = GYL_DNS_TRANSFER_SOA;
	t->soa_told = false;
	t->message_cnt = t->rr_cnt = 0;
	t->octet_cnt = 0;
	if (t->is_signed)
		t->sign = *sign;
}

/* ---- messages ---- */

static void begin_message(
	const struct gyl_dns_transfer *t, struct gyl_dns_writer *w, uint8_t *out, size_t cap)
{
	/* RFC 5936 3.4: names keep their case */
	gyl_dns_begin(w, out, cap, t->id, t->flags, GYL_DNS_ENC_EXACT_CASE);
	/* RFC 5936 2.2.1, 2.2.5: question and OPT stand in the first message */
	if (t->message_cnt == 0)
		gyl_dns_put_question(w, t->qname, t->qtype, GYL_DNS_CLASS_IN);
}

/* The record as it is to be told next. Where it is from can be gone back to. */
static enum gyl_dns_next fetch(struct gyl_dns_transfer *t, struct gyl_dns_walked *rr)
{
	struct gyl_dns_change c;
	enum gyl_dns_next got;

	if (!t->soa_told && t->kind != GYL_DNS_TRANSFER_FULL) {
		gyl_dns_walk_soa(&t->walk, rr);
		return GYL_DNS_NEXT;
	}
	if (t->kind == GYL_DNS_TRANSFER_SOA)
		return GYL_DNS_END;
	if (t->kind == GYL_DNS_TRANSFER_FULL)
		return gyl_dns_walk_next(&t->walk, rr);
	/* the zone may have gone on: what came after the first SOA is not told */
	if (t->changes.from == t->walk.serial)
		return GYL_DNS_END;
	got = gyl_dns_changes_next(t->data->ledger, t->walk.book, &t->changes, &c);
	if (got == GYL_DNS_NEXT && c.from == t->walk.serial)
		return GYL_DNS_END;
	if (got == GYL_DNS_NEXT)
		*rr = (struct gyl_dns_walked){c.name, c.type, c.ttl, c.rdata};
	return got;
}

/* Octets that a record has at most. */
static size_t rr_len(const struct gyl_dns_walked *rr)
{
	return gyl_dns_name_len(rr->name) + 10 + rr->rdata.len;
}

static bool go_back(struct gyl_dns_transfer *t, const struct gyl_dns_changes *was)
{
	if (t->kind == GYL_DNS_TRANSFER_CHANGES) {
		t->changes = *was;
		return true;
	}
	return t->kind == GYL_DNS_TRANSFER_FULL && gyl_dns_walk_back(&t->walk);
}

static void put(
	struct gyl_dns_transfer *t, struct gyl_dns_writer *w, const struct gyl_dns_walked *rr)
{
	gyl_dns_put_rr(w, GYL_DNS_ANSWER, rr->name, rr->type, GYL_DNS_CLASS_IN, rr->ttl, rr->rdata);
	t->soa_told = true;
	t->rr_cnt++;
}

/* Records until the message is long enough, or there are no more. */
static enum gyl_dns_next fill(struct gyl_dns_transfer *t, struct gyl_dns_writer *w, size_t cap)
{
	while (w->w.len < GYL_DNS_TRANSFER_MSG) {
		struct gyl_dns_changes was = t->changes;
		struct gyl_dns_walked rr = {.name = t->qname};
		enum gyl_dns_next got = fetch(t, &rr);

		if (got == GYL_DNS_GONE)
			return got;
		if (got == GYL_DNS_END && t->kind == GYL_DNS_TRANSFER_SOA)
			return got;
		if (got == GYL_DNS_END)
			gyl_dns_walk_soa(&t->walk, &rr);
		/* the closing SOA waits for the next message by itself: its walk is at the end */
		if (rr_len(&rr) > cap - w->w.len)
			return got == GYL_DNS_END || (t->soa_told && go_back(t, &was))
				       ? GYL_DNS_NEXT
				       : GYL_DNS_GONE;
		put(t, w, &rr);
		if (got == GYL_DNS_END)
			return got;
	}
	return GYL_DNS_NEXT;
}

static void put_opt(const struct gyl_dns_transfer *t, struct gyl_dns_writer *w)
{
	const struct gyl_dns_edns edns = {
		.udp_size = t->walk.policy->udp_size, .dnssec_ok = t->dnssec_ok};

	if (t->edns && t->message_cnt == 0)
		gyl_dns_put_opt(w, &edns);
}

enum gyl_dns_next gyl_dns_transfer_next(
	struct gyl_dns_transfer *t, uint64_t wall_ns, uint8_t *out, size_t cap, size_t *ret_len)
{
	size_t tsig_len = t->is_signed ? gyl_dns_tsig_room(&t->sign) : 0;
	size_t keep = tsig_len + (t->edns && t->message_cnt == 0 ? GYL_DNS_OPT_LEN : 0);
	enum gyl_dns_next got = GYL_DNS_GONE;
	uint32_t rr_was = t->rr_cnt;
	struct gyl_dns_writer w;

	*ret_len = 0;
	if (cap < keep + GYL_DNS_HEADER_LEN + GYL_DNS_NAME_MAX + 4)
		return GYL_DNS_GONE;
	begin_message(t, &w, out, cap - tsig_len);
	got = fill(t, &w, cap - keep);
	if (got == GYL_DNS_GONE || t->rr_cnt == rr_was)
		return got;
	put_opt(t, &w);
	if (gyl_failed(gyl_dns_end(&w, ret_len)))
		return GYL_DNS_GONE;
	if (t->is_signed) {
		struct gyl_writer signed_w;

		gyl_writer_init(&signed_w, out, cap);
		signed_w.len = *ret_len;
		gyl_dns_tsig_sign(&t->sign, wall_ns, &signed_w);
		*ret_len = signed_w.len;
	}
	t->message_cnt++;
	t->octet_cnt += *ret_len;
	return got;
}
