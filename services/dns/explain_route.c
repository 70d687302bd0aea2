/* SPDX-License-Identifier: ISC */

/* Names that no zone has, and holes in zones: what route.h says of them, as sentences. */

#include <gyl/time.h>

#include "services/dns/explain.h"
#include "services/dns/names.h"
#include "services/dns/route.h"

static const uint8_t *top_of(const struct gyl_dns_step *s, const struct gyl_dns_route *r)
{
	return s->key.name + (s->key.len - r->top_len);
}

static void say_server(struct gyl__dns_line *l, const struct gyl_dns_upstream *up)
{
	uint8_t buf[24];
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_text_ipv4(&w, up->ip);
	gyl_text_char(&w, ':');
	gyl_text_u64(&w, up->port);
	gyl_json_str(&l->j, NULL, gyl_writer_view(&w));
	gyl_put_view(&l->say, gyl_writer_view(&w));
	if (up->dead)
		gyl__dns_say(l, " (dead)");
}

/* ", whose servers are 192.0.2.53:53 and ..." */
static void say_group(struct gyl__dns_line *l, uint16_t group)
{
	const struct gyl_dns_upstreams *u = &l->x->d->forward.up;
	uint64_t mask = gyl_dns_upstreams_group(u, group);
	unsigned cnt = 0;

	gyl_json_u64(&l->j, "group", group);
	gyl_json_arr(&l->j, "servers");
	for (unsigned i = 0; i < GYL_DNS_UPSTREAM_MAX; i++) {
		if ((mask >> i & 1) == 0)
			continue;
		gyl__dns_say(l, cnt++ == 0 ? " " : ", ");
		say_server(l, &u->one[i]);
	}
	gyl_json_end(&l->j);
	if (cnt == 0)
		gyl__dns_say(l, " nobody: there are no servers for it");
}

/* Where the answer about a name of others is from, or will be. */
static void say_foreign(struct gyl__dns_line *l, uint16_t group)
{
	const struct gyl__dns_explain *x = l->x;

	if (x->d->data.cache == NULL) {
		gyl__dns_say(l, ", but nobody is asked here (dns.forward).");
		return;
	}
	if (!x->allowed) {
		gyl__dns_say(l, ", but ");
		gyl_text_ipv4(&l->say, x->ip);
		gyl__dns_say(l, " may not have such names (dns.forward.clients).");
		return;
	}
	gyl__dns_say(l, " by way of");
	say_group(l, group);
	if (x->verdict.source == GYL_DNS_FROM_CACHE)
		gyl__dns_say(l, "; the answer is kept here already.");
	else if (x->verdict.source == GYL_DNS_FROM_STALE)
		gyl__dns_say(
			l, "; what is kept here is old, and asking has just failed (RFC 8767).");
	else
		gyl__dns_say(l, "; nothing is kept here of it yet.");
}

static void say_special(
	struct gyl__dns_line *l, const struct gyl_dns_step *s, const struct gyl_dns_route *r)
{
	gyl__dns_say_name(l, s->key.name);
	gyl__dns_say(l, " lies in the special zone ");
	gyl__dns_say_name(l, top_of(s, r));
	gyl__dns_line_name(l, "special", top_of(s, r));
	if (r->value == GYL_DNS_ROUTE_LOCALHOST)
		gyl__dns_say(l, ", whose names are all this machine's (RFC 6761 6.3)");
	else if (r->value == GYL_DNS_ROUTE_NODATA)
		gyl__dns_say(l, ", where nothing has records");
	else
		gyl__dns_say(l, ", which is empty");
	gyl__dns_say(l, ": it is answered here, and nobody upstream hears of it"
			" (dns.special_zones; RFC 6303, RFC 6761).");
}

static void say_blocked(
	struct gyl__dns_line *l, const struct gyl_dns_step *s, const struct gyl_dns_route *r)
{
	const struct gyl_dns_image *im = gyl__dns_names(&l->x->d->data);
	unsigned what = gyl_dns_block_answer(im, r->value)->rcode;
	struct gyl_dns_place place;

	gyl__dns_line_name(l, "blocked", top_of(s, r));
	gyl__dns_say_name(l, s->key.name);
	gyl__dns_say(l, " is blocked: ");
	if (gyl_dns_origin_block(im, &s->key, r->top_len, &place)) {
		gyl__dns_say(l, "the list");
		gyl__dns_say_place(l, &place);
	} else {
		gyl__dns_say(l, "a list of dns.block");
	}
	gyl__dns_say(l, " has ");
	gyl__dns_say_name(l, top_of(s, r));
	if (what == GYL_DNS_BLOCK_DROP)
		gyl__dns_say(l, ", and wants it to get no answer at all");
	else if (what == GYL_DNS_BLOCK_TCP)
		gyl__dns_say(l, ", and lets it pass by TCP only");
	gyl__dns_say(l, " (dns.allow lets names through).");
}

static void say_forward(
	struct gyl__dns_line *l, const struct gyl_dns_step *s, const struct gyl_dns_route *r)
{
	gyl__dns_say_name(l, s->key.name);
	gyl__dns_say(l, " is in no zone here");
	if (r->top_len > 1) {
		gyl__dns_line_name(l, "domain", top_of(s, r));
		gyl__dns_say(l, "; the domain ");
		gyl__dns_say_name(l, top_of(s, r));
		gyl__dns_say(l, " is forwarded");
	} else {
		gyl__dns_say(l, " and is forwarded");
	}
	say_foreign(l, r->group);
}

void gyl__dns_explain_outside(struct gyl__dns_line *l, const struct gyl_dns_step *s)
{
	static const char *const way[] = {
		"refuse", "broken", "special", "single label", "blocked", "forward"};
	struct gyl_dns_route r;

	gyl__dns_route_led(&l->x->d->data,
		gyl_view(l->x->trace.step[0].key.name, l->x->trace.step[0].key.len), &s->key,
		l->x->qtype, &r);
	gyl_json_cstr(&l->j, "way", way[r.way]);
	switch (r.way) {
	case GYL_DNS_WAY_LOCAL:
		say_special(l, s, &r);
		return;
	case GYL_DNS_WAY_BLOCKED:
		say_blocked(l, s, &r);
		return;
	case GYL_DNS_WAY_FORWARD:
		say_forward(l, s, &r);
		return;
	default:
		break;
	}
	gyl__dns_say_name(l, s->key.name);
	if (r.way == GYL_DNS_WAY_PLAIN)
		gyl__dns_say(l, " has one label: such names are nobody's, and nobody upstream is"
				" asked (dns.special_zones).");
	else if (r.way == GYL_DNS_WAY_BROKEN)
		gyl__dns_say(l, " lies in a zone that is configured and could not be loaded:"
				" guyline reload says why.");
	else
		gyl__dns_say(l, " is in no zone here, and no server is configured that could be"
				" asked (dns.forward).");
}

void gyl__dns_explain_hole(struct gyl__dns_line *l, const struct gyl_dns_step *s)
{
	uint16_t group = 0;
	unsigned action = gyl__dns_hole(&l->x->d->data, s->found.node, &s->key, &group);
	const uint8_t *apex = s->key.name + (s->key.len - s->found.apex_len);

	gyl__dns_line_name(l, "hole", s->found.node->name);
	gyl__dns_line_name(l, "zone", apex);
	gyl_json_cstr(&l->j, "do",
		action == GYL_DNS_HOLE_FORWARD  ? "forward"
		: action == GYL_DNS_HOLE_NODATA ? "nodata"
						: "refuse");
	gyl__dns_say_name(l, s->key.name);
	gyl__dns_say(l, " lies in the hole ");
	gyl__dns_say_name(l, s->found.node->name);
	gyl__dns_say(l, " of the zone ");
	gyl__dns_say_name(l, apex);
	if (action == GYL_DNS_HOLE_FORWARD) {
		gyl__dns_say(l, " and is forwarded");
		say_foreign(l, group);
	} else if (action == GYL_DNS_HOLE_NODATA) {
		gyl__dns_say(l, ", where every name exists and has no records.");
	} else {
		gyl__dns_say(l, ", where questions are refused.");
	}
}
