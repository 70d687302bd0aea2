/* SPDX-License-Identifier: ISC */
#include "services/dns/second.h"

#include <gyl/dns.h>
#include <gyl/dns_rdata.h>

#include "services/dns/live_own.h"

/* A record that came, its rdata expanded in scratch. */
struct came {
	uint8_t name[GYL_DNS_NAME_MAX]; /* folded */
	size_t name_len;
	struct gyl_dns_rec rec;
};

static enum gyl__dns_got bad(struct gyl__dns_take *t, const char *why)
{
	t->why = why;
	return GYL__DNS_GOT_BAD;
}

void gyl__dns_take_drop(struct gyl__dns_take *t)
{
	if (t->in != NULL)
		gyl_dns_live_drop(t->all, t->in);
	t->in = NULL;
}

/* RFC 2181 8: a TTL with the top bit is 0. */
static bool read_rr(struct gyl__dns_take *t, const struct gyl_dns_msg *m,
	const struct gyl_dns_rr *rr, struct came *c)
{
	struct gyl_writer w;

	c->name_len = gyl_dns_name_get(m->raw, rr->name_off, c->name);
	gyl_dns_name_fold(c->name, c->name, c->name_len);
	gyl_writer_init(&w, t->all->scratch->rdata, sizeof t->all->scratch->rdata);
	gyl_dns_rdata_expand(&w, m->raw, rr);
	c->rec.type = rr->type;
	c->rec.ttl = rr->ttl > INT32_MAX ? 0 : rr->ttl;
	c->rec.rdata = gyl_writer_view(&w);
	return gyl_writer_ok(&w) && w.len <= GYL_DNS_LIVE_RDATA_MAX;
}

static bool is_apex(const struct gyl__dns_take *t, const struct came *c)
{
	return c->name_len == t->apex_len && memcmp(c->name, t->apex, t->apex_len) == 0;
}

static bool is_of_signing(uint16_t type)
{
	return type == GYL_DNS_TYPE_RRSIG || type == GYL_DNS_TYPE_NSEC ||
	       type == GYL_DNS_TYPE_NSEC3 || type == GYL_DNS_TYPE_NSEC3PARAM;
}

static const char *fault_of(
	const struct gyl__dns_take *t, const struct gyl_dns_rr *rr, const struct came *c)
{
	if (rr->rrclass != GYL_DNS_CLASS_IN || rr->type == 0 || rr->rdata.len == 0 ||
		(rr->type >= 128 && rr->type <= GYL_DNS_TYPE_ANY) || rr->type == GYL_DNS_TYPE_OPT)
		return "sends what is no record of a zone";
	if (!gyl_dns_name_is_under(c->name, t->apex))
		return "sends records of another zone";
	if (is_of_signing(rr->type))
		return "has a signed zone, which cannot be copied";
	if (rr->type == GYL_DNS_TYPE_SOA && !is_apex(t, c))
		return "sends a SOA below the zone";
	return NULL;
}

/* ---- all of it ---- */

/* The zone that is gathered, with its SOA. */
static bool begin_all(struct gyl__dns_take *t)
{
	struct gyl_dns_content *c = &t->all->scratch->content;
	struct gyl_dns_rec soa = {GYL_DNS_TYPE_SOA, t->soa_ttl, gyl_view(t->soa, t->soa_len)};

	t->in = gyl_dns_live_new(t->all, t->apex, t->apex_len);
	if (t->in == NULL)
		return false;
	(void)gyl_dns_content_read(c, NULL);
	return gyl_dns_content_add(c, &soa) && gyl_dns_live_write(t->all, t->in, t->apex, c, false);
}

static bool add(struct gyl__dns_take *t, const struct came *one)
{
	struct gyl_dns_content *c = &t->all->scratch->content;

	(void)gyl_dns_content_read(c, gyl_dns_live_node(t->in, one->name, one->name_len));
	if (gyl_dns_content_find(c, one->rec.type, one->rec.rdata) != GYL_DNS_NO_REC)
		return true; /* RFC 2181 5: the same twice is once */
	return gyl_dns_content_add(c, &one->rec) &&
	       gyl_dns_live_write(t->all, t->in, one->name, c, false);
}

static enum gyl__dns_got take_of_all(struct gyl__dns_take *t, const struct came *c)
{
	if (c->rec.type == GYL_DNS_TYPE_SOA) {
		if (c->rec.rdata.len < 20 ||
			gyl_get_u32(c->rec.rdata.p + c->rec.rdata.len - 20) != t->serial)
			return bad(t, "ends with another SOA than it began with");
		if (t->in == NULL && !begin_all(t))
			return bad(t, "has more than there is room for (dns.zone_space)");
		return GYL__DNS_GOT_ZONE;
	}
	if (t->in == NULL && !begin_all(t))
		return bad(t, "has more than there is room for (dns.zone_space)");
	return add(t, c) ? GYL__DNS_GOT_MORE
			 : bad(t, "has more than there is room for (dns.zone_space)");
}

/* ---- what has changed ---- */

static bool change(struct gyl__dns_take *t, const struct came *one, bool removing)
{
	struct gyl_dns_content *c = gyl_dns_edit_open(t->edit, one->name);
	uint32_t at = gyl_dns_content_find(c, one->rec.type, one->rec.rdata);

	if (removing != (at != GYL_DNS_NO_REC))
		return false;
	if (removing)
		gyl_dns_content_remove(c, at);
	else if (!gyl_dns_content_add(c, &one->rec))
		return false;
	return gyl_dns_edit_put(t->edit, one->name);
}

static bool new_soa(struct gyl__dns_take *t)
{
	struct gyl_dns_content *c = gyl_dns_edit_open(t->edit, t->apex);

	for (uint32_t i = 0; i < c->cnt; i++)
		if (c->rec[i].type == GYL_DNS_TYPE_SOA) {
			c->rec[i].rdata = gyl_view(t->soa, t->soa_len);
			c->rec[i].ttl = t->soa_ttl;
			return gyl_dns_edit_put(t->edit, t->apex);
		}
	return false;
}

/* RFC 1995 4: from a SOA on what goes, from the next one on what comes; the last one is the first
 * again. */
static enum gyl__dns_got steps(
	struct gyl__dns_take *t, const struct gyl_dns_msg *m, struct gyl_dns_cursor *cur)
{
	uint32_t at = gyl_dns_live_serial(t->z), serial;
	bool removing = false;
	struct gyl_dns_rr rr;
	struct came c;

	while (gyl_dns_rr_next(cur, &rr) && rr.section == GYL_DNS_ANSWER) {
		if (!read_rr(t, m, &rr, &c) || fault_of(t, &rr, &c) != NULL)
			return GYL__DNS_GOT_TRY_ALL;
		if (rr.type != GYL_DNS_TYPE_SOA) {
			if (!change(t, &c, removing))
				return GYL__DNS_GOT_TRY_ALL;
			continue;
		}
		serial = gyl_get_u32(c.rec.rdata.p + c.rec.rdata.len - 20);
		if (!removing && at == t->serial)
			return serial == at && new_soa(t) ? GYL__DNS_GOT_EDIT
							  : GYL__DNS_GOT_TRY_ALL;
		removing = !removing;
		if (removing && serial != at)
			return GYL__DNS_GOT_TRY_ALL;
		at = serial;
	}
	return GYL__DNS_GOT_TRY_ALL; /* it goes on in another message: too much */
}

static enum gyl__dns_got take_changes(
	struct gyl__dns_take *t, const struct gyl_dns_msg *m, struct gyl_dns_cursor *cur)
{
	enum gyl__dns_got got;

	if (!gyl_dns_edit_begin(t->edit, t->all, t->ledger, t->z, false))
		return GYL__DNS_GOT_TRY_ALL;
	got = steps(t, m, cur);
	if (got != GYL__DNS_GOT_EDIT)
		gyl_dns_edit_undo(t->edit);
	return got;
}

/* ---- messages ---- */

static enum gyl__dns_got first_rr(struct gyl__dns_take *t, const struct came *c)
{
	if (c->rec.type != GYL_DNS_TYPE_SOA || !is_apex(t, c) || c->rec.rdata.len > sizeof t->soa)
		return bad(t, "does not begin with the SOA of the zone");
	memcpy(t->soa, c->rec.rdata.p, c->rec.rdata.len);
	t->soa_len = (uint16_t)c->rec.rdata.len;
	t->soa_ttl = c->rec.ttl;
	t->serial = gyl_get_u32(t->soa + t->soa_len - 20);
	/* RFC 1995 2: nothing newer there */
	if (t->ixfr && t->z != NULL && !gyl_dns_serial_after(t->serial, gyl_dns_live_serial(t->z)))
		return GYL__DNS_GOT_SAME;
	return GYL__DNS_GOT_MORE;
}

static enum gyl__dns_got take_rr(struct gyl__dns_take *t, const struct gyl_dns_msg *m,
	const struct gyl_dns_rr *rr, struct gyl_dns_cursor *cur, const struct gyl_dns_cursor *here)
{
	struct came c;
	const char *why;

	if (!read_rr(t, m, rr, &c))
		return bad(t, "sends a record that is too long");
	why = fault_of(t, rr, &c);
	if (why != NULL)
		return bad(t, why);
	if (t->rr_cnt++ == 0)
		return first_rr(t, &c);
	if (t->rr_cnt == 2 && t->ixfr && t->z != NULL && rr->type == GYL_DNS_TYPE_SOA &&
		gyl_get_u32(c.rec.rdata.p + c.rec.rdata.len - 20) != t->serial) {
		*cur = *here;
		return take_changes(t, m, cur);
	}
	return take_of_all(t, &c);
}

static enum gyl__dns_got take_all(struct gyl__dns_take *t, const struct gyl_dns_msg *m)
{
	enum gyl__dns_got got = GYL__DNS_GOT_MORE;
	struct gyl_dns_cursor cur, here;
	struct gyl_dns_rr rr;

	gyl_dns_rr_init(&cur, m, GYL_DNS_ANSWER);
	for (here = cur; got == GYL__DNS_GOT_MORE && gyl_dns_rr_next(&cur, &rr) &&
			 rr.section == GYL_DNS_ANSWER;
		here = cur)
		got = take_rr(t, m, &rr, &cur, &here);
	return got;
}

static bool question_fits(const struct gyl__dns_take *t, const struct gyl_dns_msg *m)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	struct gyl_dns_question q;
	struct gyl_dns_cursor cur;

	gyl_dns_question_init(&cur, m);
	if (!gyl_dns_question_next(&cur, &q))
		return t->rr_cnt != 0; /* RFC 5936 2.2.1: the first message has it */
	gyl_dns_name_get(m->raw, q.name_off, name);
	return gyl_dns_name_eq(name, t->apex) &&
	       q.qtype == (t->ixfr ? GYL_DNS_TYPE_IXFR : GYL_DNS_TYPE_AXFR);
}

enum gyl__dns_got gyl__dns_take_message(
	struct gyl__dns_take *t, uint64_t wall_ns, struct gyl_view msg)
{
	enum gyl__dns_got got;
	struct gyl_dns_msg m;
	unsigned rcode;

	/* zone_space is taken at the start, when there are zones then */
	if (t->all->scratch == NULL)
		return bad(t, "cannot be copied before a restart: dns.zone_space");
	if (gyl_failed(gyl_dns_decode(msg, &m)) || m.header.id != t->id ||
		(m.header.flags & GYL_DNS_QR) == 0 ||
		gyl_dns_opcode(m.header.flags) != GYL_DNS_OP_QUERY)
		return bad(t, "sends what is no answer");
	if (t->sign.key != NULL && !gyl_dns_tsig_check(&t->sign, wall_ns, msg, m.tsig_off))
		return bad(t, "sends what is not signed with the key");
	rcode = m.header.flags & GYL_DNS_RCODE_MASK;
	if (rcode != GYL_DNS_NOERROR && t->ixfr && t->rr_cnt == 0 &&
		(rcode == GYL_DNS_NOTIMP || rcode == GYL_DNS_FORMERR))
		return GYL__DNS_GOT_TRY_ALL;
	if (rcode != GYL_DNS_NOERROR)
		return bad(t, rcode == GYL_DNS_REFUSED ? "refuses" : "answers with an error");
	if (!question_fits(t, &m) || (m.header.flags & GYL_DNS_TC) != 0)
		return bad(t, "answers another question");
	got = take_all(t, &m);
	/* RFC 8945 5.3.1: the last message is signed */
	if (t->sign.key != NULL && t->sign.gap != 0 &&
		(got == GYL__DNS_GOT_ZONE || got == GYL__DNS_GOT_SAME ||
			got == GYL__DNS_GOT_EDIT)) {
		if (got == GYL__DNS_GOT_EDIT)
			gyl_dns_edit_undo(t->edit);
		return bad(t, "does not sign its last message");
	}
	return got;
}
