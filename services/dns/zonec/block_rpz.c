/* SPDX-License-Identifier: ISC */

/*
 * Response policy zones: rules as records. Names (QNAME triggers) mean what they do elsewhere:
 *
 *   ads.example CNAME .               no such name
 *   ads.example CNAME *.              no data
 *   ads.example CNAME rpz-passthru.   let it pass
 *   ads.example CNAME rpz-drop.       do not answer
 *   ads.example CNAME rpz-tcp-only.   let it pass by TCP
 *   ads.example A 10.0.0.1            this instead
 *   ads.example CNAME *.garden.       ads.example.garden instead
 *
 * "*.ads.example" is about the names below. Other triggers are told and left out.
 */

#include <gyl/dns.h>
#include <stdlib.h>

#include "services/dns/zonec/block_own.h"

enum {
	PENDING = UINT16_MAX /* what is said of a name while its records are gathered */
};

/* A record that is given instead; those of a name together make its answer. */
struct data {
	size_t entry_off, rdata_at;
	uint32_t ttl, order;
	uint16_t type, rdata_len;
	bool below;
};

struct rpz {
	struct gyl_zc_block *b;
	uint8_t apex[GYL_DNS_NAME_MAX];
	bool has_apex;
	struct data *data;
	size_t data_cnt, data_cap;
	uint8_t *octet;
	size_t octet_cnt, octet_cap;
};

static void skip(struct rpz *r, const struct gyl_zone_rr *rr, const char *why)
{
	char text[GYL_DNS_NAME_TEXT_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, text, sizeof text);
	gyl_dns_name_print(&w, rr->owner);
	gyl__zc_block_skip(r->b, rr->line, rr->col, gyl_writer_view(&w), why);
}

static bool is_name(struct gyl_view rdata, const char *wire, size_t len)
{
	uint8_t name[GYL_DNS_NAME_MAX];

	if (rdata.len != len)
		return false;
	gyl_dns_name_fold(name, rdata.p, len);
	return memcmp(name, wire, len) == 0;
}

#define IS(rdata, text) is_name(rdata, text, sizeof(text))

/* Records of the zone itself, and those that sign it. */
static bool is_own(uint16_t type)
{
	return type == GYL_DNS_TYPE_SOA || type == GYL_DNS_TYPE_NS || type == GYL_DNS_TYPE_RRSIG ||
	       type == GYL_DNS_TYPE_NSEC || type == GYL_DNS_TYPE_NSEC3 ||
	       type == GYL_DNS_TYPE_NSEC3PARAM || type == GYL_DNS_TYPE_DNSKEY;
}

/* Of a trigger without the zone's name: is it about something else than a name? */
static const char *other_trigger(const uint8_t *name)
{
	static const struct {
		const char *label, *why;
	} other[] = {
		{"\006rpz-ip", "rules about addresses in answers (rpz-ip) are not known here"},
		{"\015rpz-client-ip", "rules about who asks (rpz-client-ip) are not known here"},
		{"\013rpz-nsdname",
			"rules about names of servers (rpz-nsdname) are not known here"},
		{"\010rpz-nsip", "rules about addresses of servers (rpz-nsip) are not known here"},
	};
	uint8_t last[GYL_DNS_LABEL_MAX + 2] = {0};

	while (name[name[0] + 1] != 0)
		name += *name + 1;
	gyl_dns_name_fold(last, name, *name + 1u);
	for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
		if (memcmp(last, other[i].label, strlen(other[i].label) + 1) == 0)
			return other[i].why;
	return NULL;
}

static void note_data(
	struct rpz *r, const struct gyl_zone_rr *rr, const uint8_t *name, size_t len, bool below)
{
	struct gyl_zc_names *t = &r->b->c->names[GYL_DNS_TABLE_BLOCK];
	struct gyl_dns_named *e;
	struct data *d;
	uint16_t *said;

	if (t->cnt == GYL_DNS_BLOCK_NAME_MAX) {
		gyl__zc_block(r->b, name, len, 0, 0, rr->line); /* which says so */
		return;
	}
	e = gyl__zc_block_entry(r->b, name, len, !below, below, rr->line);
	if (e == NULL)
		return;
	said = below ? &e->below : &e->self;
	if ((*said != 0 && *said != PENDING) ||
		!gyl__zc_grow(r->b->c, &r->data, &r->data_cap, r->data_cnt, 1, sizeof *r->data) ||
		!gyl__zc_grow(
			r->b->c, &r->octet, &r->octet_cap, r->octet_cnt, rr->rdata.len + 1, 1))
		return;
	*said = PENDING;
	d = &r->data[r->data_cnt];
	*d = (struct data){.entry_off = (size_t)((uint8_t *)e - t->entry),
		.rdata_at = r->octet_cnt,
		.ttl = rr->ttl,
		.order = (uint32_t)r->data_cnt++,
		.type = rr->type,
		.rdata_len = (uint16_t)rr->rdata.len,
		.below = below};
	if (rr->rdata.len != 0)
		memcpy(r->octet + r->octet_cnt, rr->rdata.p, rr->rdata.len);
	r->octet_cnt += rr->rdata.len;
}

/* What a CNAME to that name says; 0: it is a name like any other. */
static uint16_t action_of(struct rpz *r, struct gyl_view target, const uint8_t *trigger)
{
	static const struct gyl_view none = {NULL, 0};
	int answer = -1;

	if (IS(target, "\014rpz-passthru") || gyl_dns_name_eq(target.p, trigger))
		return GYL_DNS_BLOCK_PASS;
	if (IS(target, ""))
		answer = gyl__zc_answer(r->b->c, GYL_DNS_NXDOMAIN, 0, none);
	else if (IS(target, "\010rpz-drop"))
		answer = gyl__zc_answer(r->b->c, GYL_DNS_BLOCK_DROP, 0, none);
	else if (IS(target, "\014rpz-tcp-only"))
		answer = gyl__zc_answer(r->b->c, GYL_DNS_BLOCK_TCP, 0, none);
	else if (IS(target, "\001*"))
		answer = gyl__zc_answer(r->b->c, GYL_DNS_NOERROR, 0, none);
	return answer < 0 ? 0 : (uint16_t)(GYL_DNS_BLOCK_ANSWER + answer);
}

static void rule(struct rpz *r, const struct gyl_zone_rr *rr, const uint8_t *trigger, size_t len)
{
	bool below = gyl_dns_name_is_wildcard(trigger);
	const uint8_t *name = below ? trigger + 2 : trigger;
	uint16_t value = 0;

	len -= below ? 2 : 0;
	if (rr->type == GYL_DNS_TYPE_CNAME)
		value = action_of(r, rr->rdata, trigger);
	if (value != 0)
		gyl__zc_block(r->b, name, len, below ? 0 : value, below ? value : 0, rr->line);
	else
		note_data(r, rr, name, len, below);
}

static void take(void *arg, const struct gyl_zone_rr *rr)
{
	struct rpz *r = arg;
	uint8_t trigger[GYL_DNS_NAME_MAX];
	const char *why;
	size_t len;

	if (!r->has_apex && rr->type == GYL_DNS_TYPE_SOA) {
		memcpy(r->apex, rr->owner, rr->owner_len);
		r->has_apex = true;
	}
	if (is_own(rr->type) || gyl_dns_name_eq(rr->owner, r->apex))
		return;
	if (!gyl_dns_name_is_under(rr->owner, r->apex)) {
		skip(r, rr, "outside the zone");
		return;
	}
	len = rr->owner_len - gyl_dns_name_len(r->apex);
	memcpy(trigger, rr->owner, len);
	trigger[len] = 0;
	why = other_trigger(trigger);
	if (why != NULL)
		skip(r, rr, why);
	else
		rule(r, rr, trigger, len + 1);
}

static int by_name(const void *a, const void *b)
{
	const struct data *x = a, *y = b;

	if (x->entry_off != y->entry_off)
		return x->entry_off < y->entry_off ? -1 : 1;
	if (x->below != y->below)
		return x->below ? 1 : -1;
	return (x->order > y->order) - (x->order < y->order);
}

/* The records of one name, from d on. Returns how many. A CNAME stands alone (RFC 1034 3.6.2). */
static size_t answer_of(struct rpz *r, const struct data *d, size_t cnt)
{
	static _Alignas(4) uint8_t rr[GYL_DNS_RRSET_MAX];
	struct gyl_zc_names *t = &r->b->c->names[GYL_DNS_TABLE_BLOCK];
	struct gyl_dns_named *e = (struct gyl_dns_named *)(void *)(t->entry + d->entry_off);
	uint16_t put = 0;
	size_t n = 0;
	struct gyl_writer w;
	int answer;

	gyl_writer_init(&w, rr, sizeof rr);
	for (; n < cnt && d[n].entry_off == d->entry_off && d[n].below == d->below; n++) {
		bool cname = d->type == GYL_DNS_TYPE_CNAME || d[n].type == GYL_DNS_TYPE_CNAME;

		if (n != 0 && cname)
			continue;
		gyl__zc_block_rr(&w, d[n].type, d[n].ttl,
			gyl_view(r->octet + d[n].rdata_at, d[n].rdata_len));
		put++;
	}
	answer = gyl_writer_ok(&w)
			 ? gyl__zc_answer(r->b->c, GYL_DNS_NOERROR, put, gyl_writer_view(&w))
			 : gyl__zc_answer(r->b->c, GYL_DNS_NOERROR, 0, gyl_view(NULL, 0));
	if (answer < 0) {
		r->b->failed = true;
		gyl_build_error(r->b->c->build, r->b->line.path, 0, 0,
			"more than %d different answers", GYL_DNS_BLOCK_ANSWER_MAX);
		return cnt;
	}
	if (d->below)
		e->below = (uint16_t)(GYL_DNS_BLOCK_ANSWER + answer);
	else
		e->self = (uint16_t)(GYL_DNS_BLOCK_ANSWER + answer);
	return n;
}

static const char *keep(void *arg, const char *path)
{
	const struct rpz *r = arg;

	return gyl__zc_keep_file(r->b->c, path);
}

void gyl__zc_block_rpz(struct gyl_zc_block *b, const char *path, struct gyl_view text)
{
	static const uint8_t root = 0;
	struct rpz *r = calloc(1, sizeof *r);
	struct gyl_zone_reader rd = {.build = b->c->build, .rr = take, .keep = keep, .arg = r};

	if (r == NULL) {
		b->c->no_memory = true;
		return;
	}
	r->b = b;
	if (!gyl_zone_read_text(&rd, &root, path, text))
		b->failed = true;
	if (r->data_cnt != 0)
		qsort(r->data, r->data_cnt, sizeof *r->data, by_name);
	for (size_t i = 0; i < r->data_cnt;)
		i += answer_of(r, r->data + i, r->data_cnt - i);
	free(r->data);
	free(r->octet);
	free(r);
}
