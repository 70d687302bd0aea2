/* SPDX-License-Identifier: ISC */
#include "services/dns/grant.h"

#include <gyl/dns.h>
#include <gyl/dns_text.h>

/* A word and a blank in front; moves *at behind them. */
static bool word_skip(struct gyl_view text, size_t *at, const char *word)
{
	struct gyl_view w = gyl_view_str(word);

	if (!gyl_view_eq(gyl_view_sub(text, *at, w.len), w))
		return false;
	*at += w.len;
	while (*at < text.len && text.p[*at] == ' ')
		++*at;
	return true;
}

struct gyl_fault gyl_dns_grant_parse(struct gyl_view text, struct gyl_dns_grant_name *ret_name)
{
	static const uint8_t root;
	size_t at = 0;
	struct gyl_fault f;

	ret_name->under = word_skip(text, &at, "under ");
	ret_name->self = gyl_view_eq(gyl_view_sub(text, at, text.len), gyl_view_str("self"));
	if (ret_name->self)
		return gyl_ok();
	f = gyl_dns_name_parse(gyl_view_sub(text, at, text.len), &root, ret_name->name, NULL);
	f.off += at;
	return f;
}

static bool name_fits(struct gyl_view text, const uint8_t *key, const uint8_t *owner)
{
	struct gyl_dns_grant_name n;
	const uint8_t *name;

	if (gyl_failed(gyl_dns_grant_parse(text, &n)))
		return false;
	name = n.self ? key : n.name;
	return n.under ? gyl_dns_name_is_under(owner, name) : gyl_dns_name_eq(owner, name);
}

static bool names_fit(const struct gyl_flat *f, const struct gyl_dns_conf_grant *g,
	const uint8_t *key, const uint8_t *owner)
{
	const struct gyl_ref *text = gyl_flat_at(f, g->names);

	for (uint32_t i = 0; i < g->names.cnt; i++)
		if (name_fits(gyl_flat_view(f, text[i]), key, owner))
			return true;
	return g->names.cnt == 0;
}

/* All types of a name may be changed by who may change any type only. */
static bool types_fit(const struct gyl_flat *f, const struct gyl_dns_conf_grant *g, uint16_t type)
{
	const struct gyl_ref *text = gyl_flat_at(f, g->types);

	for (uint32_t i = 0; i < g->types.cnt; i++) {
		uint16_t one;

		if (!gyl_failed(gyl_dns_type_parse(gyl_flat_view(f, text[i]), &one)) && one == type)
			return true;
	}
	return g->types.cnt == 0;
}

static bool is_of(const struct gyl_flat *f, const struct gyl_dns_conf_grant *g, const uint8_t *key)
{
	return gyl_dns_name_eq(gyl_flat_view(f, g->key).p, key);
}

bool gyl_dns_granted(const struct gyl_flat *f, struct gyl_ref grants, const uint8_t *key,
	const uint8_t *owner, uint16_t type)
{
	const struct gyl_dns_conf_grant *g = gyl_flat_at(f, grants);

	for (uint32_t i = 0; i < grants.cnt; i++)
		if (is_of(f, &g[i], key) && types_fit(f, &g[i], type) &&
			names_fit(f, &g[i], key, owner))
			return true;
	return false;
}

bool gyl_dns_granted_any(const struct gyl_flat *f, struct gyl_ref grants, const uint8_t *key)
{
	const struct gyl_dns_conf_grant *g = gyl_flat_at(f, grants);

	for (uint32_t i = 0; i < grants.cnt; i++)
		if (is_of(f, &g[i], key))
			return true;
	return false;
}
