/* SPDX-License-Identifier: ISC */

/* "keys" and who may change what: secrets shared with others, and the grants of zones. */

#include <gyl/dns_text.h>
#include <gyl/dns_tsig.h>
#include <stdio.h>

#include "services/dns/conf_own.h"
#include "services/dns/grant.h"

#define CNT(array)   (sizeof(array) / sizeof((array)[0]))
#define KEY_OFF(m)   .off = offsetof(struct gyl_dns_conf_key, m)
#define GRANT_OFF(m) .off = offsetof(struct gyl_dns_conf_grant, m)

static const struct gyl_conf_word algorithms[] = {
	{"hmac-sha1", GYL_DNS_TSIG_SHA1},
	{"hmac-sha224", GYL_DNS_TSIG_SHA224},
	{"hmac-sha256", GYL_DNS_TSIG_SHA256},
	{"hmac-sha384", GYL_DNS_TSIG_SHA384},
	{"hmac-sha512", GYL_DNS_TSIG_SHA512},
	{NULL, 0},
};

static const struct gyl_conf_key keys[] = {
	{.name = "name",
		.type = GYL_CONF_NAME,
		.flags = GYL_CONF_REQUIRED,
		KEY_OFF(name),
		.help = "what both sides call it, a domain name"},
	{.name = "algorithm",
		.type = GYL_CONF_ENUM,
		KEY_OFF(algorithm),
		.def = "hmac-sha256",
		.word = algorithms,
		.help = "how messages are signed with it"},
	{.name = "secret",
		.type = GYL_CONF_STRING,
		.flags = GYL_CONF_SECRET,
		KEY_OFF(secret),
		.max = 2 * GYL_DNS_TSIG_SECRET_MAX,
		.help = "the secret in base64"},
	{.name = "secret_file",
		.type = GYL_CONF_PATH,
		KEY_OFF(secret_file),
		.help = "a file with it, as tsig-keygen or keymgr -t write it, or base64 alone"},
};

const struct gyl_conf_table gyl__dns_conf_key_table = {
	keys, CNT(keys), sizeof(struct gyl_dns_conf_key)};

static const struct gyl_conf_key grant_keys[] = {
	{.name = "key",
		.type = GYL_CONF_NAME,
		.flags = GYL_CONF_REQUIRED,
		GRANT_OFF(key),
		.help = "name of one of the keys"},
	{.name = "names",
		.type = GYL_CONF_STRING,
		.flags = GYL_CONF_LIST,
		GRANT_OFF(names),
		.help = "\"www.lab.example\", \"under lab.example\", \"self\" (the key's name), "
			"\"under self\"; not given: all"},
	{.name = "types",
		.type = GYL_CONF_STRING,
		.flags = GYL_CONF_LIST,
		GRANT_OFF(types),
		.help = "types of records, \"A\"; not given: all"},
};

const struct gyl_conf_table gyl__dns_conf_grant_table = {
	grant_keys, CNT(grant_keys), sizeof(struct gyl_dns_conf_grant)};

/* A place in the section. */
struct path {
	char s[48];
};

static void check_secret(const struct gyl_flat *f, const struct gyl_dns_conf_key *key,
	const char *path, struct gyl_conf_check *ck)
{
	uint8_t secret[GYL_DNS_TSIG_SECRET_MAX];
	struct gyl_writer w;

	if ((key->secret.cnt == 0) == (key->secret_file.cnt == 0)) {
		gyl_conf_fail(ck, path, "expected either secret or secret_file");
		return;
	}
	if (key->secret.cnt == 0)
		return;
	gyl_writer_init(&w, secret, sizeof secret);
	/* what it is instead is nobody's business */
	if (gyl_failed(gyl_dns_tsig_secret_parse(gyl_flat_view(f, key->secret), &w)) || w.len == 0)
		gyl_conf_fail(ck, path, "expected a secret in base64, of %d octets at most",
			GYL_DNS_TSIG_SECRET_MAX);
}

static bool same_name(const struct gyl_flat *f, struct gyl_ref a, struct gyl_ref b)
{
	return gyl_dns_name_eq(gyl_flat_view(f, a).p, gyl_flat_view(f, b).p);
}

static void check_keys(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf_key *key = gyl_flat_at(f, cf->keys);

	if (cf->keys.cnt > GYL_DNS_KEY_MAX)
		gyl_conf_fail(ck, "keys", "expected at most %d keys", GYL_DNS_KEY_MAX);
	for (uint32_t i = 0; i < cf->keys.cnt; i++) {
		struct path at;

		(void)snprintf(at.s, sizeof at.s, "keys.%u", i);
		check_secret(f, &key[i], at.s, ck);
		for (uint32_t j = 0; j < i; j++)
			if (same_name(f, key[i].name, key[j].name)) {
				gyl_conf_fail(ck, at.s,
					"expected another name: keys.%u is called the same", j);
				break;
			}
	}
}

static void check_names(const struct gyl_flat *f, const struct gyl_dns_conf_zone *zone,
	const struct gyl_dns_conf_grant *g, const char *path, struct gyl_conf_check *ck)
{
	const struct gyl_ref *text = gyl_flat_at(f, g->names);

	for (uint32_t i = 0; i < g->names.cnt; i++) {
		struct gyl_dns_grant_name n;
		char at[80];

		(void)snprintf(at, sizeof at, "%s.names.%u", path, i);
		if (gyl_failed(gyl_dns_grant_parse(gyl_flat_view(f, text[i]), &n)))
			gyl_conf_fail(ck, at,
				"expected a name, \"under\" and a name, \"self\" or \"under self\"");
		else if (!gyl_dns_name_is_under(n.self ? gyl_flat_view(f, g->key).p : n.name,
				 gyl_flat_view(f, zone->name).p))
			gyl_conf_fail(ck, at, "expected a name of the zone");
	}
}

static void check_types(const struct gyl_flat *f, const struct gyl_dns_conf_grant *g,
	const char *path, struct gyl_conf_check *ck)
{
	const struct gyl_ref *text = gyl_flat_at(f, g->types);

	for (uint32_t i = 0; i < g->types.cnt; i++) {
		char at[80];
		uint16_t type;

		if (!gyl_failed(gyl_dns_type_parse(gyl_flat_view(f, text[i]), &type)))
			continue;
		(void)snprintf(at, sizeof at, "%s.types.%u", path, i);
		gyl_conf_fail(ck, at, "expected a type of records, such as \"A\"");
	}
}

bool gyl__dns_conf_is_key(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, const uint8_t *name)
{
	const struct gyl_dns_conf_key *key = gyl_flat_at(f, cf->keys);

	for (uint32_t i = 0; i < cf->keys.cnt; i++)
		if (gyl_dns_name_eq(gyl_flat_view(f, key[i].name).p, name))
			return true;
	return false;
}

static void check_grants(const struct gyl_flat *f, const struct gyl_dns_conf *cf, uint32_t zone_no,
	struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf_zone *zone =
		(const struct gyl_dns_conf_zone *)gyl_flat_at(f, cf->zones) + zone_no;
	const struct gyl_dns_conf_grant *g = gyl_flat_at(f, zone->update);

	if (zone->update.cnt != 0 && zone->holes.cnt != 0) {
		struct path at;

		(void)snprintf(at.s, sizeof at.s, "zones.%u.holes", zone_no);
		gyl_conf_fail(ck, at.s, "expected none: the zone has update");
	}
	for (uint32_t i = 0; i < zone->update.cnt; i++) {
		struct path at, key;

		(void)snprintf(at.s, sizeof at.s, "zones.%u.update.%u", zone_no, i);
		(void)snprintf(key.s, sizeof key.s, "zones.%u.update.%u.key", zone_no, i);
		if (!gyl__dns_conf_is_key(f, cf, gyl_flat_view(f, g[i].key).p))
			gyl_conf_fail(ck, key.s, "expected the name of one of the keys");
		check_names(f, zone, &g[i], at.s, ck);
		check_types(f, &g[i], at.s, ck);
	}
}

void gyl__dns_conf_key_check(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, struct gyl_conf_check *ck)
{
	check_keys(f, cf, ck);
	for (uint32_t i = 0; i < cf->zones.cnt; i++)
		check_grants(f, cf, i, ck);
}
