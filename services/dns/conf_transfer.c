/* SPDX-License-Identifier: ISC */

/* Who gets copies of zones, and who is told that they have changed. */

#include <stdio.h>

#include "services/dns/conf_own.h"
#include "services/dns/copy.h"
#include "services/dns/transfer.h"

#define OFF(m) .off = offsetof(struct gyl_dns_conf_primary, m)

static const struct gyl_conf_key primary_keys[] = {
	{.name = "address",
		.type = GYL_CONF_SERVER,
		.flags = GYL_CONF_REQUIRED,
		OFF(address),
		.help = "its address; port 53 when not given"},
	{.name = "key",
		.type = GYL_CONF_NAME,
		OFF(key),
		.help = "name of the key that both sign with"},
};

const struct gyl_conf_table gyl__dns_conf_primary_table = {primary_keys,
	sizeof primary_keys / sizeof primary_keys[0], sizeof(struct gyl_dns_conf_primary)};

/* A place in the section. */
struct path {
	char s[64];
};

static void check_transfer(const struct gyl_flat *f, const struct gyl_dns_conf *cf,
	uint32_t zone_no, struct gyl_ref transfer, struct gyl_conf_check *ck)
{
	const struct gyl_ref *text = gyl_flat_at(f, transfer);

	for (uint32_t i = 0; i < transfer.cnt; i++) {
		uint8_t key[GYL_DNS_NAME_MAX];
		uint32_t ip, len;
		bool is_net;
		struct path at;
		bool broken = gyl_failed(
			gyl_dns_transfer_parse(gyl_flat_view(f, text[i]), &is_net, &ip, &len, key));

		(void)snprintf(at.s, sizeof at.s, "zones.%u.transfer.%u", zone_no, i);
		if (!broken && is_net && (ip & ~gyl_conf_mask(len)) != 0)
			gyl_conf_fail(
				ck, at.s, "expected a network: bits behind its prefix are set");
		else if (broken || (!is_net && !gyl__dns_conf_is_key(f, cf, key)))
			gyl_conf_fail(ck, at.s,
				"expected a network such as \"10.77.0.0/24\", an address or the name of one of the keys");
	}
}

/* Either a file or a primary; what changes a zone here belongs to the primary. */
static void check_primary(const struct gyl_flat *f, const struct gyl_dns_conf *cf, uint32_t zone_no,
	struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf_zone *z =
		(const struct gyl_dns_conf_zone *)gyl_flat_at(f, cf->zones) + zone_no;
	const struct gyl_dns_conf_primary *p = gyl_flat_at(f, z->primary);
	struct path at;

	(void)snprintf(at.s, sizeof at.s, "zones.%u", zone_no);
	/* with an image, what it was made from need not be there */
	if (z->file.cnt != 0 ? z->primary.cnt != 0 : z->primary.cnt == 0 && cf->image.cnt == 0)
		gyl_conf_fail(ck, at.s, "expected either file or primary");
	if (z->primary.cnt != 0 && z->update.cnt + z->holes.cnt != 0)
		gyl_conf_fail(ck, at.s, "expected neither update nor holes: it is a copy");
	for (uint32_t i = 0; i < z->primary.cnt; i++) {
		(void)snprintf(at.s, sizeof at.s, "zones.%u.primary.%u.key", zone_no, i);
		if (p[i].key.cnt != 0 && !gyl__dns_conf_is_key(f, cf, gyl_flat_view(f, p[i].key).p))
			gyl_conf_fail(ck, at.s, "expected the name of one of the keys");
	}
}

static void check_copy_cnt(uint32_t copy_cnt, struct gyl_conf_check *ck)
{
	if (copy_cnt > GYL_DNS_COPY_MAX)
		gyl_conf_fail(ck, "zones", "expected at most %d with a primary", GYL_DNS_COPY_MAX);
}

void gyl__dns_conf_transfer_check(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(f, cf->zones);
	uint32_t notify_cnt = 0, copy_cnt = 0;

	for (uint32_t i = 0; i < cf->zones.cnt; i++) {
		struct path at;

		check_transfer(f, cf, i, zone[i].transfer, ck);
		check_primary(f, cf, i, ck);
		copy_cnt += zone[i].primary.cnt != 0;
		notify_cnt += zone[i].notify.cnt;
		(void)snprintf(at.s, sizeof at.s, "zones.%u.notify", i);
		if (notify_cnt > GYL_DNS_NOTIFY_MAX) {
			gyl_conf_fail(ck, at.s, "expected at most %d of them in all zones",
				GYL_DNS_NOTIFY_MAX);
			return;
		}
	}
	check_copy_cnt(copy_cnt, ck);
}
