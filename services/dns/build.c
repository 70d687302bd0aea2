/* SPDX-License-Identifier: ISC */
#include "services/dns/build.h"

#include <gyl/ct.h>
#include <string.h>

#include "services/base/secret.h"
#include "services/dns/tsig.h"
#include "services/dns/zonec/compile.h"

enum {
	KEY_FILE_MAX = 4096
};

static size_t position(const struct gyl__dns_parts *p)
{
	return p->base + (size_t)ftell(gyl_build_out(p->b));
}

static void pad(struct gyl__dns_parts *p)
{
	while (p->ok && position(p) % 8 != 0)
		p->ok = fputc(0, gyl_build_out(p->b)) != EOF;
}

void gyl__dns_part_begin(struct gyl__dns_parts *p, enum gyl_dns_part kind)
{
	pad(p);
	if (p->cnt == UINT16_MAX - 1) {
		gyl_build_error(p->b, "zones", 0, 0, "more than %d parts", UINT16_MAX - 1);
		p->ok = false;
		p->cnt--;
	}
	p->entry[p->cnt] = (struct gyl_dns_part_entry){.kind = kind, .off = (uint32_t)position(p)};
}

void gyl__dns_part_end(struct gyl__dns_parts *p)
{
	struct gyl_dns_part_entry *e = &p->entry[p->cnt++];

	if (position(p) > UINT32_MAX) {
		gyl_build_error(p->b, "zones", 0, 0, "all together would be longer than 4 GiB");
		p->ok = false;
	}
	e->len = (uint32_t)position(p) - e->off;
}

void gyl__dns_part_add(struct gyl__dns_parts *p, const struct gyl_dns_part_entry *e)
{
	p->entry[p->cnt++] = *e;
}

static void put_zone(
	struct gyl__dns_parts *p, const struct gyl_flat *flat, const struct gyl_dns_conf_zone *zone)
{
	struct gyl_dns_compile *c = gyl_dns_compile_open(p->b);
	bool ok;

	if (c == NULL) {
		gyl_build_error(p->b, "zones", 0, 0, "no memory");
		p->ok = false;
		return;
	}
	gyl__dns_part_begin(p, GYL_DNS_PART_ZONE);
	gyl_dns_compile_zone(c, gyl_flat_view(flat, zone->name).p,
		(const char *)gyl_flat_view(flat, zone->file).p);
	if (zone->update.cnt != 0)
		gyl_dns_compile_dynamic(c, gyl_flat_view(flat, zone->name).p, "\"update\"");
	ok = gyl_dns_compile_end(c);
	p->ok = p->ok && ok;
	gyl__dns_part_end(p);
	gyl_dns_compile_close(c);
}

/*
 * The secret in a file of tsig-keygen (secret "...";), of keymgr -t (secret: ...), or the whole of
 * it.
 */
static struct gyl_view secret_in(const char *text)
{
	const char *p = strstr(text, "secret");

	while (p != NULL && p[6] != ':' && p[6] != ' ' && p[6] != '\t')
		p = strstr(p + 6, "secret");
	p = p == NULL ? text : p + 6;
	p += strspn(p, ": \t\r\n\"");
	return gyl_view(p, strcspn(p, " \t\r\n\";"));
}

/* A secret from its file. False after telling why not. */
static bool read_file(struct gyl__dns_parts *p, const char *path, char text[KEY_FILE_MAX],
	struct gyl_view *ret_secret)
{
	char err[200];

	gyl_build_file(p->b, path);
	if (!gyl_secret_whole(path, text, KEY_FILE_MAX, err)) {
		gyl_build_error(p->b, path, 0, 0, "%s", err);
		return false;
	}
	*ret_secret = secret_in(text);
	return true;
}

static void put_key(
	struct gyl__dns_parts *p, const struct gyl_flat *flat, const struct gyl_dns_conf_key *key)
{
	uint8_t secret[GYL_DNS_TSIG_SECRET_MAX], record[GYL_DNS_TSIG_SECRET_MAX + 300];
	char text[KEY_FILE_MAX];
	const char *path = (const char *)gyl_flat_view(flat, key->secret_file).p;
	struct gyl_view base64 = gyl_flat_view(flat, key->secret);
	struct gyl_writer ws, wr;

	gyl_writer_init(&ws, secret, sizeof secret);
	gyl_writer_init(&wr, record, sizeof record);
	if (key->secret_file.cnt != 0 && !read_file(p, path, text, &base64)) {
		p->ok = false;
		return;
	}
	if (gyl_failed(gyl_dns_tsig_secret_parse(base64, &ws)) || ws.len == 0) {
		gyl_build_error(p->b, path, 0, 0,
			"expected a secret in base64, of %d octets at most",
			GYL_DNS_TSIG_SECRET_MAX);
		p->ok = false;
	}
	gyl_dns_tsig_put_key(&wr, gyl_flat_view(flat, key->name).p,
		(enum gyl_dns_tsig_alg)key->algorithm, gyl_writer_view(&ws));
	p->ok = p->ok && fwrite(record, 1, wr.len, gyl_build_out(p->b)) == wr.len;
	gyl_wipe(secret, sizeof secret);
	gyl_wipe(record, sizeof record);
	gyl_wipe(text, sizeof text);
}

void gyl__dns_build_keys(
	struct gyl__dns_parts *p, const struct gyl_flat *flat, const struct gyl_dns_conf *cf)
{
	const struct gyl_dns_conf_key *key = gyl_flat_at(flat, cf->keys);

	if (cf->keys.cnt == 0)
		return;
	gyl__dns_part_begin(p, GYL_DNS_PART_KEYS);
	for (uint32_t i = 0; i < cf->keys.cnt; i++)
		put_key(p, flat, &key[i]);
	gyl__dns_part_end(p);
}

void gyl__dns_build_live(
	struct gyl__dns_parts *p, const struct gyl_flat *flat, const struct gyl_dns_conf *cf)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(flat, cf->zones);

	for (uint32_t i = 0; i < cf->zones.cnt; i++)
		if (gyl__dns_is_live(&zone[i]) && zone[i].file.cnt != 0)
			put_zone(p, flat, &zone[i]);
}

bool gyl__dns_parts_end(struct gyl__dns_parts *p)
{
	struct gyl_dns_bundle_end end = {p->cnt, GYL_DNS_BUNDLE_MAGIC};
	FILE *out = gyl_build_out(p->b);

	if (p->cnt == 1 || !p->ok)
		return p->ok;
	pad(p);
	return p->ok && fwrite(p->entry, sizeof p->entry[0], p->cnt, out) == p->cnt &&
	       fwrite(&end, sizeof end, 1, out) == 1 && fflush(out) == 0;
}
