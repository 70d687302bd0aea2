/* SPDX-License-Identifier: ISC */

/* What was found about a name, as a sentence. */

#include <gyl/dns_text.h>
#include <gyl/time.h>

#include "services/dns/explain.h"

static void say_type(struct gyl__dns_line *l, uint16_t type)
{
	gyl_dns_type_print(&l->say, type);
}

static const char *path_of(const struct gyl_dns *d, struct gyl_ref ref)
{
	return gyl_flat_at(d->flat, ref);
}

/* " in the zone lab. (/etc/guyline/lab.zone)" */
static void say_zone(struct gyl__dns_line *l, const struct gyl_dns_step *s)
{
	const struct gyl_dns *d = l->x->d;
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(d->flat, d->conf->zones);
	const uint8_t *apex = s->key.name + (s->key.len - s->found.apex_len);

	gyl__dns_line_name(l, "zone", apex);
	gyl__dns_say(l, " the zone ");
	gyl__dns_say_name(l, apex);
	for (uint32_t i = 0; i < d->conf->zones.cnt; i++) {
		if (!gyl_dns_name_eq(gyl_flat_view(d->flat, zone[i].name).p, apex) ||
			zone[i].file.cnt == 0)
			continue;
		gyl_json_cstr(&l->j, "file", path_of(d, zone[i].file));
		gyl__dns_say(l, " (");
		gyl__dns_say(l, path_of(d, zone[i].file));
		gyl__dns_say(l, ")");
		return;
	}
}

/* The line of a hosts file that a node is from. False: it is not from any. */
static bool say_line(struct gyl__dns_line *l, const struct gyl_dns_found *f)
{
	const uint8_t *n = (const uint8_t *)f->node, *im = (const uint8_t *)f->image;
	struct gyl_dns_place place;

	if (n == NULL || im == NULL || !gyl_dns_origin_node(f->image, (uint32_t)(n - im), &place))
		return false;
	gyl_json_bool(&l->j, "hosts", true);
	gyl__dns_say(l, " the hosts file");
	gyl__dns_say_place(l, &place);
	return true;
}

/* All hosts files: none of them has the name, and yet it is there because of them. */
static void say_hosts(struct gyl__dns_line *l)
{
	const struct gyl_dns *d = l->x->d;
	const struct gyl_ref *file = gyl_flat_at(d->flat, d->conf->hosts);

	gyl_json_bool(&l->j, "hosts", true);
	gyl__dns_say(l, d->conf->hosts.cnt == 1 ? " the hosts file" : " the hosts files");
	for (uint32_t i = 0; i < d->conf->hosts.cnt; i++) {
		gyl__dns_say(l, i == 0 ? " " : ", ");
		gyl__dns_say(l, path_of(d, file[i]));
	}
}

static void say_place(struct gyl__dns_line *l, const struct gyl_dns_step *s)
{
	bool told;

	gyl__dns_say(l, " in");
	told = say_line(l, &s->found);
	if (s->found.zone != NULL) {
		gyl__dns_say(l, told ? ", in" : "");
		say_zone(l, s);
	} else if (!told) {
		say_hosts(l);
	}
}

/* "A and TXT", the types of a node. */
static void say_types(struct gyl__dns_line *l, const struct gyl_dns_node *n)
{
	const struct gyl_dns_rrset *set = gyl_dns_node_first(n);

	for (unsigned i = 0; i < n->rrset_cnt; i++, set = gyl_dns_rrset_next(set)) {
		gyl__dns_say(l, i == 0 ? "" : i + 1u == n->rrset_cnt ? " and " : ", ");
		say_type(l, set->type);
	}
}

/* What a node has for the question. */
static void say_node(struct gyl__dns_line *l, const struct gyl_dns_step *s)
{
	const struct gyl_dns_node *n = s->found.node;

	if (gyl__dns_is_alias(l->x, s)) {
		gyl_json_bool(&l->j, "alias", true);
		gyl__dns_say(l, " is an alias (CNAME)");
	} else if (l->x->qtype == GYL_DNS_TYPE_ANY) {
		gyl__dns_say(l, " has ");
		say_types(l, n);
		gyl__dns_say(l, ", of which ANY gets one (RFC 8482),");
	} else if (gyl_dns_node_rrset(n, l->x->qtype) != NULL) {
		gyl__dns_say(l, " has ");
		say_type(l, l->x->qtype);
	} else {
		gyl__dns_say(l, " has no ");
		say_type(l, l->x->qtype);
		gyl__dns_say(l, ", but ");
		say_types(l, n);
		gyl__dns_say(l, ",");
	}
}

static void say_data(struct gyl__dns_line *l, const struct gyl_dns_step *s)
{
	gyl__dns_say_name(l, s->key.name);
	say_node(l, s);
	say_place(l, s);
	gyl__dns_say(l, ".");
}

static void say_encloser(struct gyl__dns_line *l, const struct gyl_dns_step *s)
{
	const uint8_t *encloser = s->key.name + (s->key.len - s->found.encloser_len);

	gyl__dns_line_name(l, "encloser", encloser);
	gyl__dns_say(l, "; the closest name that does is ");
	gyl__dns_say_name(l, encloser);
}

static void say_wildcard(struct gyl__dns_line *l, const struct gyl_dns_step *s)
{
	gyl__dns_line_name(l, "wildcard", s->found.node->name);
	gyl__dns_say_name(l, s->key.name);
	gyl__dns_say(l, " does not exist");
	say_place(l, s);
	say_encloser(l, s);
	gyl__dns_say(l, ", so that the wildcard ");
	gyl__dns_say_name(l, s->found.node->name);
	gyl__dns_say(l, " stands for it (RFC 4592 3.3.1), which");
	say_node(l, s);
	if (l->buf[l->say.len - 1] == ',')
		l->say.len--;
	gyl__dns_say(l, ".");
}

static void say_empty(struct gyl__dns_line *l, const struct gyl_dns_step *s)
{
	const struct gyl_dns_found *f = &s->found;
	uint8_t below[GYL_DNS_NAME_MAX];

	gyl__dns_say_name(l, s->key.name);
	gyl__dns_say(l, " has no records: it exists because ");
	if (f->image != NULL && f->encloser_len == s->key.len &&
		gyl__dns_explain_below(l->x, f->image, s->key.name, s->key.len, below)) {
		gyl__dns_line_name(l, "below", below);
		gyl__dns_say_name(l, below);
		gyl__dns_say(l, " does");
	} else {
		gyl__dns_say(l, "names below it do");
	}
	if (f->zone != NULL) {
		gyl__dns_say(l, ", in");
		say_zone(l, s);
	}
	gyl__dns_say(l, " (an empty non-terminal, RFC 4592 2.2.2).");
}

static void say_missing(struct gyl__dns_line *l, const struct gyl_dns_step *s)
{
	gyl__dns_say_name(l, s->key.name);
	gyl__dns_say(l, " does not exist");
	if (s->found.zone != NULL) {
		gyl__dns_say(l, " in");
		say_zone(l, s);
	} else {
		gyl__dns_say(l, " among the names of leases");
	}
	say_encloser(l, s);
	gyl__dns_say(l, ", which has no wildcard.");
}

static void say_cut(struct gyl__dns_line *l, const struct gyl_dns_step *s)
{
	const struct gyl_dns_node *cut = s->found.node;

	gyl__dns_line_name(l, "cut", cut->name);
	gyl__dns_say_name(l, s->key.name);
	gyl__dns_say(l, s->key.len == cut->name_len ? " is" : " belongs to the zone below ");
	if (s->key.len != cut->name_len)
		gyl__dns_say_name(l, cut->name);
	gyl__dns_say(l, s->key.len == cut->name_len ? " delegated to other servers by"
						    : ", delegated to other servers by");
	say_zone(l, s);
	gyl__dns_say(l, "; these know what there is.");
}

static void say_redirect(struct gyl__dns_line *l, const struct gyl_dns_step *s)
{
	const struct gyl_dns_rrset *set = gyl_dns_node_rrset(s->found.node, GYL_DNS_TYPE_DNAME);
	const uint8_t *target = gyl_dns_rrset_wire(set) + 12;

	gyl__dns_line_name(l, "dname", s->found.node->name);
	gyl__dns_line_name(l, "target", target);
	gyl__dns_say(l, "The DNAME of ");
	gyl__dns_say_name(l, s->found.node->name);
	gyl__dns_say(l, " in");
	say_zone(l, s);
	gyl__dns_say(l, " moves all below it to ");
	gyl__dns_say_name(l, target);
	gyl__dns_say(l, " (RFC 6672): there ");
	gyl__dns_say_name(l, s->key.name);
	gyl__dns_say(l, " is looked for.");
}

/* ", held by 02:00:5e:10:00:07 until 2026-11-22T20:00:00Z" */
static void say_holder(struct gyl__dns_line *l, const struct gyl_dns_lease *lease)
{
	uint8_t buf[40];
	struct gyl_writer t;

	gyl_json_ipv4(&l->j, "ip", lease->ip);
	gyl_json_mac(&l->j, "mac", lease->mac);
	gyl__dns_say(l, ", held by ");
	gyl_text_mac(&l->say, lease->mac);
	if (lease->expiry_ns == UINT64_MAX) {
		gyl__dns_say(l, " for good");
		return;
	}
	gyl_writer_init(&t, buf, sizeof buf);
	gyl_time_print_rfc3339(&t, lease->expiry_wall_ns, 0);
	gyl_json_str(&l->j, "until", gyl_writer_view(&t));
	gyl__dns_say(l, " until ");
	gyl_put_view(&l->say, gyl_writer_view(&t));
}

static void say_lease(struct gyl__dns_line *l, const struct gyl_dns_step *s)
{
	const struct gyl_dns_lease *lease = s->found.lease;
	bool ptr = s->found.ptr;

	gyl__dns_say_name(l, s->key.name);
	gyl__dns_say(l, ptr ? " is the reverse name of a lease: the address of "
			    : " is the name of a lease: ");
	if (ptr)
		gyl__dns_say_name(l, lease->name);
	else
		gyl_text_ipv4(&l->say, lease->ip);
	say_holder(l, lease);
	if (l->x->qtype != (ptr ? GYL_DNS_TYPE_PTR : GYL_DNS_TYPE_A) &&
		l->x->qtype != GYL_DNS_TYPE_ANY) {
		gyl__dns_say(l, "; it has no ");
		say_type(l, l->x->qtype);
	}
	gyl__dns_say(l, ".");
}

static void say_local(struct gyl__dns_line *l, const struct gyl_dns_step *s)
{
	gyl__dns_say_name(l, s->key.name);
	gyl__dns_say(l, " is the top of a zone that is here for the names of leases or hosts files;"
			" it has SOA and NS.");
}

/* By enum gyl_dns_kind. */
static const struct {
	const char *kind;
	void (*say)(struct gyl__dns_line *l, const struct gyl_dns_step *s);
} kinds[] = {
	[GYL_DNS_OUTSIDE] = {"outside", gyl__dns_explain_outside},
	[GYL_DNS_DATA] = {"data", say_data},
	[GYL_DNS_EMPTY] = {"empty", say_empty},
	[GYL_DNS_WILDCARD] = {"wildcard", say_wildcard},
	[GYL_DNS_MISSING] = {"missing", say_missing},
	[GYL_DNS_CUT] = {"delegation", say_cut},
	[GYL_DNS_REDIRECT] = {"dname", say_redirect},
	[GYL_DNS_LEASE] = {"lease", say_lease},
	[GYL_DNS_LOCAL] = {"local", say_local},
	[GYL_DNS_HOLE] = {"hole", gyl__dns_explain_hole},
};

/* Nothing was found for the type, where a wildcard might have had it. */
static bool is_nothing(const struct gyl__dns_explain *x, const struct gyl_dns_step *s)
{
	switch (s->found.kind) {
	case GYL_DNS_EMPTY:
	case GYL_DNS_MISSING:
		return true;
	case GYL_DNS_DATA:
		return x->qtype != GYL_DNS_TYPE_ANY && !gyl__dns_is_alias(x, s) &&
		       gyl_dns_node_rrset(s->found.node, x->qtype) == NULL;
	default:
		return false;
	}
}

void gyl__dns_explain_step(struct gyl__dns_explain *x, const struct gyl_dns_step *s)
{
	struct gyl__dns_line l;

	gyl__dns_line_begin(&l, x, "name");
	gyl__dns_line_name(&l, "name", s->key.name);
	gyl_json_cstr(&l.j, "kind", kinds[s->found.kind].kind);
	kinds[s->found.kind].say(&l, s);
	gyl__dns_line_end(&l);
	if (is_nothing(x, s))
		gyl__dns_explain_hidden(x, s);
}

/* ---- a few words, to go along with an answer ---- */

void gyl__dns_trace_print(const struct gyl_dns_trace *t, const char *rule, struct gyl_writer *w)
{
	const struct gyl_dns_step *s = t->cnt == 0 ? NULL : &t->step[t->cnt - 1];
	char text[GYL_DNS_NAME_TEXT_MAX + 160];
	struct gyl_writer all;
	struct gyl_view v;

	gyl_writer_init(&all, text, sizeof text);
	gyl_text_str(&all, rule);
	if (s != NULL && s->found.node != NULL) {
		gyl_text_str(&all, ": ");
		gyl_dns_name_print(&all, s->found.node->name);
	} else if (s != NULL && s->found.encloser_len != 0) {
		gyl_text_str(&all, s->found.encloser_len == s->key.len ? ": " : ": below ");
		gyl_dns_name_print(&all, s->key.name + (s->key.len - s->found.encloser_len));
	}
	v = gyl_writer_view(&all);
	gyl_put_view(w, gyl_view_sub(v, 0, v.len < GYL_DNS_WHY_MAX ? v.len : GYL_DNS_WHY_MAX));
}
