/* SPDX-License-Identifier: ISC */

/*
 * What hides a wildcard. It stands for names whose closest encloser is right above it, and for no
 * others (RFC 4592 3.3.1): a name that exists in between hides it, and so does one that is there
 * only because of names below it (2.2.2), which nobody sees in the zone's file.
 */

#include "services/dns/explain.h"

enum {
	NEAR_CNT = 4096, /* nodes that are looked at behind a name: its file has them together */
	FAR_CNT = 65536
};

static const struct gyl_dns_live *live_of(
	const struct gyl__dns_explain *x, const struct gyl_dns_image *im)
{
	for (uint32_t i = 0; i < x->d->lives.cnt; i++)
		if (x->d->lives.zone[i].view == im && x->d->lives.zone[i].im != NULL)
			return &x->d->lives.zone[i];
	return NULL;
}

static const struct gyl_dns_node *scan(
	const struct gyl_dns_image *im, uint32_t off, uint32_t cnt, const uint8_t *name, size_t len)
{
	const struct gyl_dns_node *n = gyl_dns_image_walk(im, &off);

	for (; n != NULL && cnt-- != 0; n = gyl_dns_image_walk(im, &off))
		if (n->name_len > len && n->rrset_cnt != 0 && gyl_dns_name_is_under(n->name, name))
			return n;
	return NULL;
}

bool gyl__dns_explain_below(const struct gyl__dns_explain *x, const struct gyl_dns_image *im,
	const uint8_t *name, size_t len, uint8_t ret_name[GYL_DNS_NAME_MAX])
{
	const struct gyl_dns_live *live = live_of(x, im);
	const struct gyl_dns_node *n;
	struct gyl_dns_key k;

	gyl_dns_key_init(&k, name, len);
	if (live != NULL) {
		n = gyl_dns_live_after(live, name);
		while (n != NULL && n->rrset_cnt == 0)
			n = gyl_dns_live_after(live, n->name);
		if (n != NULL && !gyl_dns_name_is_under(n->name, name))
			n = NULL;
	} else {
		n = gyl_dns_image_find(im, k.name, k.len, k.hash);
		if (n != NULL)
			n = scan(im, (uint32_t)((const uint8_t *)n - (const uint8_t *)im), NEAR_CNT,
				name, len);
		if (n == NULL)
			n = scan(im, im->node_off, FAR_CNT, name, len);
	}
	if (n != NULL)
		memcpy(ret_name, n->name, n->name_len);
	return n != NULL;
}

/* Why the closest encloser is there. */
static void say_cause(
	struct gyl__dns_line *l, const struct gyl_dns_found *f, const uint8_t *encloser)
{
	uint8_t below[GYL_DNS_NAME_MAX];

	gyl__dns_say_name(l, encloser);
	if (f->encloser_len > f->encloser->name_len) {
		gyl_json_cstr(&l->j, "because", "lease");
		gyl__dns_say(l, " exists because of a lease");
	} else if (f->encloser->rrset_cnt != 0) {
		gyl_json_cstr(&l->j, "because", "records");
		gyl__dns_say(l, " exists, with records of its own");
	} else {
		gyl_json_cstr(&l->j, "because", "names below");
		gyl__dns_say(l, " exists, though it has no records, because ");
		if (gyl__dns_explain_below(l->x, f->image, encloser, f->encloser_len, below)) {
			gyl__dns_line_name(l, "below", below);
			gyl__dns_say_name(l, below);
			gyl__dns_say(l, " does");
		} else {
			gyl__dns_say(l, "names below it do");
		}
		gyl__dns_say(l, " (RFC 4592 2.2.2)");
	}
}

static void tell(
	struct gyl__dns_explain *x, const struct gyl_dns_step *s, const struct gyl_dns_node *wild)
{
	const uint8_t *encloser = s->key.name + (s->key.len - s->found.encloser_len);
	struct gyl__dns_line l;

	gyl__dns_line_begin(&l, x, "hidden");
	gyl__dns_line_name(&l, "name", s->key.name);
	gyl__dns_line_name(&l, "wildcard", wild->name);
	gyl__dns_line_name(&l, "by", encloser);
	gyl__dns_say(&l, "The wildcard ");
	gyl__dns_say_name(&l, wild->name);
	gyl__dns_say(&l, " does not stand for it: ");
	say_cause(&l, &s->found, encloser);
	gyl__dns_say(&l, ".");
	gyl__dns_line_end(&l);
}

void gyl__dns_explain_hidden(struct gyl__dns_explain *x, const struct gyl_dns_step *s)
{
	const struct gyl_dns_found *f = &s->found;
	const uint8_t *name = s->key.name + (s->key.len - f->encloser_len);
	size_t len = f->encloser_len;

	if (f->zone == NULL || f->encloser == NULL)
		return;
	while (len > f->apex_len) {
		const struct gyl_dns_node *above;
		struct gyl_dns_key k;

		len -= *name + 1u;
		name += *name + 1;
		gyl_dns_key_init(&k, name, len);
		above = gyl_dns_image_find(f->image, k.name, k.len, k.hash);
		if (above == NULL || gyl_dns_node_wild(above) == 0)
			continue;
		tell(x, s, gyl_dns_image_node(f->image, gyl_dns_node_wild(above)));
		return;
	}
}
