/* SPDX-License-Identifier: ISC */
#include "services/dns/second.h"

#include <gyl/dns.h>
#include <gyl/dns_rdata.h>

#include "services/dns/live_own.h"

enum {
	SOA_LEN_MIN = 22 /* both names are the root */
};

static const char no_room[] = "has more than there is room for (dns.zone_space)";

static enum gyl__dns_got bad(struct gyl__dns_take *t, const char *why)
{
	t->why = why;
	return GYL__DNS_GOT_BAD;
}

void gyl__dns_take_drop(struct gyl__dns_take *t)
{
	if (t->in != NULL)
		gyl_dns_live_drop_later(t->all, t->in);
	t->in = NULL;
	t->cloned = t->open = t->dirty = false;
}

void gyl__dns_take_begin(struct gyl__dns_take *t, bool ixfr)
{
	if (t->in != NULL && !(ixfr && t->cloned))
		gyl__dns_take_drop(t);
	t->ixfr = ixfr;
	t->why = no_room;
	t->stage = GYL__DNS_TAKE_FIRST;
	t->rr_cnt = t->done_cnt = 0;
	t->removing = t->open = t->dirty = false;
}

/* ---- records ---- */

static bool is_apex(const struct gyl__dns_take *t, const struct gyl__dns_came *c)
{
	return c->name_len == t->apex_len && memcmp(c->name, t->apex, t->apex_len) == 0;
}

static const char *fault_of(
	const struct gyl__dns_take *t, const struct gyl_dns_rr *rr, const struct gyl__dns_came *c)
{
	if (rr->rrclass != GYL_DNS_CLASS_IN || rr->type == 0 || rr->rdata.len == 0 ||
		(rr->type >= 128 && rr->type <= GYL_DNS_TYPE_ANY) || rr->type == GYL_DNS_TYPE_OPT)
		return "sends what is no record of a zone";
	if (!gyl_dns_name_is_under(c->name, t->apex))
		return "sends records of another zone";
	if (rr->type == GYL_DNS_TYPE_SOA && !is_apex(t, c))
		return "sends a SOA below the zone";
	if (rr->type == GYL_DNS_TYPE_SOA && c->rec.rdata.len < SOA_LEN_MIN)
		return "sends a SOA that is too short";
	return NULL;
}

/* RFC 2181 8: a TTL with the top bit is 0. */
bool gyl__dns_take_read(struct gyl__dns_take *t, const struct gyl_dns_msg *m,
	const struct gyl_dns_rr *rr, struct gyl__dns_came *c)
{
	struct gyl_writer w;
	const char *why;

	c->name_len = gyl_dns_name_get(m->raw, rr->name_off, c->name);
	gyl_dns_name_fold(c->name, c->name, c->name_len);
	gyl_writer_init(&w, t->all->scratch->rdata, sizeof t->all->scratch->rdata);
	gyl_dns_rdata_expand(&w, m->raw, rr);
	c->rec.type = rr->type;
	c->rec.ttl = rr->ttl > INT32_MAX ? 0 : rr->ttl;
	c->rec.rdata = gyl_writer_view(&w);
	why = fault_of(t, rr, c);
	if (why == NULL && (!gyl_writer_ok(&w) || w.len > GYL_DNS_LIVE_RDATA_MAX))
		why = "sends a record that is too long";
	if (why != NULL)
		t->why = why;
	return why == NULL;
}

bool gyl__dns_take_put_back(struct gyl__dns_take *t)
{
	bool fits = !t->open || !t->dirty ||
		    gyl_dns_live_write(t->all, t->in, t->name, &t->all->scratch->content, false);

	t->open = t->dirty = false;
	return fits;
}

struct gyl_dns_content *gyl__dns_take_open(struct gyl__dns_take *t, const struct gyl__dns_came *one)
{
	struct gyl_dns_content *c = &t->all->scratch->content;

	if (t->open && gyl_dns_name_eq(t->name, one->name))
		return c;
	if (!gyl__dns_take_put_back(t))
		return NULL;
	(void)gyl_dns_content_read(c, gyl_dns_live_node(t->in, one->name, one->name_len));
	memcpy(t->name, one->name, one->name_len);
	t->open = true;
	return c;
}

/* ---- all of it ---- */

/* The zone that is gathered, with its SOA: everything is below its apex. */
static bool begin_all(struct gyl__dns_take *t)
{
	struct gyl_dns_content *c = &t->all->scratch->content;
	const struct gyl_dns_rec soa = {GYL_DNS_TYPE_SOA, t->soa_ttl, gyl_view(t->soa, t->soa_len)};

	if (t->in != NULL)
		gyl__dns_take_drop(t);
	t->in = gyl_dns_live_new(t->all, t->apex, t->apex_len);
	if (t->in == NULL)
		return false;
	(void)gyl_dns_content_read(c, NULL);
	return gyl_dns_content_add(c, &soa) && gyl_dns_live_write(t->all, t->in, t->apex, c, false);
}

static enum gyl__dns_got take_of_all(struct gyl__dns_take *t, const struct gyl__dns_came *one)
{
	struct gyl_dns_content *c;

	if (one->rec.type == GYL_DNS_TYPE_SOA) {
		if (gyl__dns_came_serial(one) != t->serial)
			return bad(t, "ends with another SOA than it began with");
		return gyl__dns_take_put_back(t) ? GYL__DNS_GOT_ZONE : bad(t, no_room);
	}
	c = gyl__dns_take_open(t, one);
	if (c == NULL)
		return bad(t, no_room);
	/* RFC 2181 5: the same twice is once */
	if (gyl_dns_content_find(c, one->rec.type, one->rec.rdata) != GYL_DNS_NO_REC)
		return GYL__DNS_GOT_MORE;
	t->dirty = true;
	return gyl_dns_content_add(c, &one->rec) ? GYL__DNS_GOT_MORE : bad(t, no_room);
}

/* ---- messages ---- */

/* What the primary has against what we have. Once that is too old, anything is better. */
static enum gyl__dns_got compare(const struct gyl__dns_take *t)
{
	uint32_t ours;

	if (t->z == NULL)
		return GYL__DNS_GOT_MORE;
	ours = gyl_dns_live_serial(t->z);
	if (gyl_dns_serial_after(t->serial, ours) || (!t->ixfr && t->z->expired))
		return GYL__DNS_GOT_MORE;
	/* RFC 1995 2: nothing newer there */
	return t->serial == ours ? GYL__DNS_GOT_SAME : GYL__DNS_GOT_OLDER;
}

static enum gyl__dns_got first_rr(struct gyl__dns_take *t, const struct gyl__dns_came *c)
{
	if (c->rec.type != GYL_DNS_TYPE_SOA || !is_apex(t, c) || c->rec.rdata.len > sizeof t->soa)
		return bad(t, "does not begin with the SOA of the zone");
	memcpy(t->soa, c->rec.rdata.p, c->rec.rdata.len);
	t->soa_len = (uint16_t)c->rec.rdata.len;
	t->soa_ttl = c->rec.ttl;
	t->serial = gyl__dns_came_serial(c);
	t->stage = GYL__DNS_TAKE_SECOND;
	return compare(t);
}

/* RFC 1995 4: what follows the first SOA tells changes from a whole zone. */
static enum gyl__dns_got second_rr(struct gyl__dns_take *t, const struct gyl__dns_came *c,
	const struct gyl_dns_msg *m, struct gyl_dns_cursor *cur)
{
	if (t->ixfr && t->z != NULL && c->rec.type == GYL_DNS_TYPE_SOA &&
		gyl__dns_came_serial(c) != t->serial) {
		t->stage = GYL__DNS_TAKE_STEPS;
		t->at = gyl_dns_live_serial(t->z);
		return t->cloned ? gyl__dns_take_step(t, c) : gyl__dns_take_edit(t, m, cur);
	}
	t->stage = GYL__DNS_TAKE_WHOLE;
	return begin_all(t) ? take_of_all(t, c) : bad(t, no_room);
}

/* here: in front of the record. */
static enum gyl__dns_got take_rr(struct gyl__dns_take *t, const struct gyl_dns_msg *m,
	const struct gyl_dns_rr *rr, struct gyl_dns_cursor *here)
{
	struct gyl__dns_came c;

	if (!gyl__dns_take_read(t, m, rr, &c))
		return GYL__DNS_GOT_BAD;
	t->rr_cnt++;
	switch ((enum gyl__dns_take_stage)t->stage) {
	case GYL__DNS_TAKE_FIRST:
		return first_rr(t, &c);
	case GYL__DNS_TAKE_SECOND:
		return second_rr(t, &c, m, here);
	case GYL__DNS_TAKE_WHOLE:
		return take_of_all(t, &c);
	default:
		return gyl__dns_take_step(t, &c);
	}
}

/* Is the transfer at its end? */
static bool is_end(enum gyl__dns_got got)
{
	return got == GYL__DNS_GOT_ZONE || got == GYL__DNS_GOT_STEPS || got == GYL__DNS_GOT_SAME ||
	       got == GYL__DNS_GOT_OLDER || got == GYL__DNS_GOT_EDIT;
}

static uint64_t moved_len(const struct gyl__dns_take *t)
{
	return t->in == NULL ? 0 : t->in->moved_len;
}

/* What has been done so far, in records. */
static void count_cost(struct gyl__dns_take *t, uint32_t cnt, uint64_t moved_was)
{
	uint64_t moved = moved_len(t);

	t->cost = cnt;
	if (moved > moved_was)
		t->cost += (uint32_t)((moved - moved_was) / GYL__DNS_TAKE_MOVED);
}

static enum gyl__dns_got take_all(struct gyl__dns_take *t, const struct gyl_dns_msg *m)
{
	enum gyl__dns_got got = GYL__DNS_GOT_MORE;
	struct gyl_dns_cursor cur, here;
	struct gyl_dns_rr rr;
	uint64_t moved_was = moved_len(t);
	uint32_t cnt = 0;

	t->cost = 0;
	gyl_dns_rr_init(&cur, m, GYL_DNS_ANSWER);
	for (here = cur; got == GYL__DNS_GOT_MORE && gyl_dns_rr_next(&cur, &rr) &&
			 rr.section == GYL_DNS_ANSWER;
		here = cur) {
		if (cnt++ < t->done_cnt)
			continue;
		if (t->cost >= GYL__DNS_TAKE_CNT) {
			t->done_cnt = cnt - 1;
			return gyl__dns_take_put_back(t) ? GYL__DNS_GOT_BUSY : bad(t, no_room);
		}
		got = take_rr(t, m, &rr, &here);
		count_cost(t, cnt - t->done_cnt, moved_was);
	}
	t->done_cnt = 0;
	if (got == GYL__DNS_GOT_MORE && !gyl__dns_take_put_back(t))
		return bad(t, no_room);
	if ((got == GYL__DNS_GOT_ZONE || got == GYL__DNS_GOT_STEPS) && gyl_dns_rr_next(&cur, &rr) &&
		rr.section == GYL_DNS_ANSWER)
		return bad(t, "sends more behind the closing SOA");
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
	return gyl_dns_name_eq(name, t->apex) && q.qclass == GYL_DNS_CLASS_IN &&
	       q.qtype == (t->ixfr ? GYL_DNS_TYPE_IXFR : GYL_DNS_TYPE_AXFR);
}

static const char *rcode_text(unsigned rcode)
{
	switch (rcode) {
	case GYL_DNS_REFUSED:
		return "refuses";
	case GYL_DNS_NOTAUTH:
		return "does not answer for the zone";
	case GYL_DNS_SERVFAIL:
		return "says that it has failed";
	default:
		return "answers with an error";
	}
}

/* Why a message is not proven. */
static const char *sign_text(const struct gyl__dns_take *t)
{
	if (t->sign.late)
		return "signs with a clock that is not ours";
	switch (t->sign.rr.error) {
	case GYL_DNS_NOERROR:
		return "sends what is not signed with the key";
	case GYL_DNS_BADKEY:
		return "does not know the key";
	case GYL_DNS_BADTIME:
		return "says that our clock is wrong";
	default:
		return "does not take our signature";
	}
}

/* What is wrong with a message before any of its records is looked at, NULL: nothing. */
static const char *message_fault(
	struct gyl__dns_take *t, uint64_t wall_ns, struct gyl_view msg, const struct gyl_dns_msg *m)
{
	unsigned rcode = m->header.flags & GYL_DNS_RCODE_MASK;

	if (m->header.id != t->id || (m->header.flags & GYL_DNS_QR) == 0 ||
		gyl_dns_opcode(m->header.flags) != GYL_DNS_OP_QUERY)
		return "sends what is no answer";
	if (t->sign.key != NULL && !gyl_dns_tsig_check(&t->sign, wall_ns, msg, m->tsig_off))
		return sign_text(t);
	if (rcode != GYL_DNS_NOERROR)
		return rcode_text(rcode);
	if (!question_fits(t, m))
		return "answers another question";
	if ((m->header.flags & GYL_DNS_TC) != 0)
		return "sends half of a message";
	if (t->rr_cnt == 0 && m->header.cnt[GYL_DNS_ANSWER] == 0)
		return "answers with nothing";
	return NULL;
}

/* RFC 1995 2: it need not know IXFR. */
static bool knows_no_ixfr(const struct gyl__dns_take *t, const struct gyl_dns_msg *m)
{
	unsigned rcode = m->header.flags & GYL_DNS_RCODE_MASK;

	return t->ixfr && t->rr_cnt == 0 && (rcode == GYL_DNS_NOTIMP || rcode == GYL_DNS_FORMERR);
}

enum gyl__dns_got gyl__dns_take_message(
	struct gyl__dns_take *t, uint64_t wall_ns, struct gyl_view msg)
{
	enum gyl__dns_got got;
	struct gyl_dns_msg m;
	const char *why;

	/* zone_space is taken at the start, when there are zones then */
	if (t->all->scratch == NULL)
		return bad(t, "cannot be copied before a restart: dns.zone_space");
	if (gyl_failed(gyl_dns_decode(msg, &m)))
		return bad(t, "sends a message that is broken");
	why = t->done_cnt != 0 ? NULL : message_fault(t, wall_ns, msg, &m);
	if (why != NULL && knows_no_ixfr(t, &m))
		return GYL__DNS_GOT_TRY_ALL;
	if (why != NULL)
		return bad(t, why);
	got = take_all(t, &m);
	/* RFC 8945 5.3.1: the last message is signed */
	if (is_end(got) && t->sign.key != NULL && t->sign.gap != 0) {
		if (got == GYL__DNS_GOT_EDIT)
			gyl_dns_edit_undo(t->edit);
		return bad(t, "does not sign its last message");
	}
	return got;
}
