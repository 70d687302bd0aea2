/* SPDX-License-Identifier: ISC */

/* A message that is accepted can be walked, printed, and written again to the same records. */

#include <gyl/dns_rdata.h>
#include <gyl/dns_text.h>
#include <gyl/dns_tsig.h>
#include <gyl/json.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t text[4 << 20];

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void print_all(const struct gyl_dns_msg *msg)
{
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, text, sizeof text);
	gyl_dns_print(&w, msg);
	must(gyl_writer_ok(&w));
	gyl_writer_init(&w, text, sizeof text);
	gyl_json_init(&j, &w);
	gyl_dns_json(&j, NULL, msg);
	must(gyl_writer_ok(&w));
}

/* Owner and rdata in full, as octets. A name that was accepted is one in what raw was left at. */
static struct gyl_view expanded(
	uint8_t *buf, size_t cap, struct gyl_view msg, const struct gyl_dns_rr *rr)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	struct gyl_writer w;
	size_t len;

	gyl_writer_init(&w, buf, cap);
	must(!gyl_failed(gyl_dns_name_decode(msg, rr->name_off, name, &len, NULL)));
	gyl_put_bytes(&w, name, len);
	gyl_dns_rdata_expand(&w, msg, rr);
	must(gyl_writer_ok(&w));
	return gyl_writer_view(&w);
}

static size_t write_again(const struct gyl_dns_msg *msg, uint8_t *buf, size_t cap)
{
	static struct gyl_dns_writer d;
	static uint8_t whole[70000];
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;
	size_t len = 0;

	gyl_dns_begin(&d, buf, cap, msg->header.id, msg->header.flags, GYL_DNS_ENC_EXACT_CASE);
	for (gyl_dns_rr_init(&cur, msg, GYL_DNS_QUESTION); gyl_dns_rr_next(&cur, &rr);) {
		struct gyl_view v = expanded(whole, sizeof whole, msg->raw, &rr);
		size_t name_len = gyl_dns_name_len(whole);

		gyl_dns_put_rr(&d, rr.section, whole, rr.type, rr.rrclass, rr.ttl,
			gyl_view_sub(v, name_len, v.len));
	}
	/* empty rdata of UPDATE has no name to compress: that record, and only that, is refused */
	return gyl_failed(gyl_dns_end(&d, &len)) ? 0 : len;
}

/* Whether all records have room in a message, even with their names in full. */
static bool fits_in_full(const struct gyl_dns_msg *msg)
{
	static uint8_t whole[70000];
	size_t len = GYL_DNS_HEADER_LEN;
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;

	for (gyl_dns_rr_init(&cur, msg, GYL_DNS_QUESTION); gyl_dns_rr_next(&cur, &rr);)
		len += expanded(whole, sizeof whole, msg->raw, &rr).len + 10;
	return len <= GYL_DNS_MSG_MAX;
}

static void compare(const struct gyl_dns_msg *a, const struct gyl_dns_msg *b)
{
	static uint8_t a_buf[70000], b_buf[70000];
	struct gyl_dns_cursor a_cur, b_cur;
	struct gyl_dns_rr x, y;

	gyl_dns_rr_init(&a_cur, a, GYL_DNS_QUESTION);
	for (gyl_dns_rr_init(&b_cur, b, GYL_DNS_QUESTION); gyl_dns_rr_next(&b_cur, &y);) {
		must(gyl_dns_rr_next(&a_cur, &x));
		must(x.type == y.type && x.rrclass == y.rrclass && x.ttl == y.ttl &&
			x.section == y.section);
		must(gyl_view_eq(expanded(a_buf, sizeof a_buf, a->raw, &x),
			expanded(b_buf, sizeof b_buf, b->raw, &y)));
	}
	/* an RRset goes as a whole, so little may be left */
	must(!gyl_dns_rr_next(&a_cur, &x) || !fits_in_full(a));
}

/* A TSIG that is read can be written again, behind the message without it. */
static void tsig_again(const struct gyl_dns_msg *msg)
{
	static uint8_t buf[2 * GYL_DNS_MSG_MAX];
	struct gyl_dns_tsig_rr rr, again;
	struct gyl_writer w;

	if (gyl_failed(gyl_dns_tsig_decode(msg->raw, msg->tsig_off, &rr)))
		return;
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_put_bytes(&w, msg->raw.p, msg->tsig_off);
	gyl_dns_tsig_head(msg->raw, msg->header.id, buf);
	gyl_dns_tsig_append(&w, &rr);
	must(gyl_writer_ok(&w) && w.len == msg->tsig_off + gyl_dns_tsig_len(&rr));
	if (w.len > GYL_DNS_MSG_MAX)
		return;
	must(!gyl_failed(gyl_dns_tsig_decode(gyl_writer_view(&w), msg->tsig_off, &again)));
	must(gyl_dns_name_eq(rr.key, again.key) && gyl_view_eq(rr.mac, again.mac) &&
		gyl_view_eq(rr.other, again.other) && rr.time_s == again.time_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buf[GYL_DNS_MSG_MAX];
	struct gyl_dns_query query;
	struct gyl_dns_msg msg, again;
	size_t len;

	if (!gyl_failed(gyl_dns_decode_query(gyl_view(data, size), &query)))
		must(!gyl_failed(gyl_dns_name_check(query.qname)));
	if (gyl_failed(gyl_dns_decode(gyl_view(data, size), &msg)))
		return 0;
	if (msg.tsig_off != 0)
		tsig_again(&msg);
	if (size < 4096)
		print_all(&msg);
	len = write_again(&msg, buf, sizeof buf);
	if (len != 0) {
		must(!gyl_failed(gyl_dns_decode(gyl_view(buf, len), &again)));
		compare(&msg, &again);
	}
	return 0;
}
