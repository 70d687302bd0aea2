/* SPDX-License-Identifier: ISC */

/* Who gets copies of zones, and who is told that they have changed. */

#include <stdio.h>

#include "services/dns/conf_own.h"
#include "services/dns/copy.h"
#include "services/dns/transfer.h"

#define OFF(m) .off = offsetof(struct gyl_dns_conf_peer, m)

static const struct gyl_conf_key peer_keys[] = {
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

const struct gyl_conf_table gyl__dns_conf_peer_table = {
	peer_keys, sizeof peer_keys / sizeof peer_keys[0], sizeof(struct gyl_dns_conf_peer)};

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

/* what: the list's name. */
static void check_peers(const struct gyl_flat *f, const struct gyl_dns_conf *cf, uint32_t zone_no,
	const char *what, struct gyl_ref peers, struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf_peer *p = gyl_flat_at(f, peers);

	for (uint32_t i = 0; i < peers.cnt; i++) {
		struct path at;

		(void)snprintf(at.s, sizeof at.s, "zones.%u.%s.%u.key", zone_no, what, i);
		if (p[i].key.cnt != 0 && !gyl__dns_conf_is_key(f, cf, gyl_flat_view(f, p[i].key).p))
			gyl_conf_fail(ck, at.s, "expected the name of one of the keys");
	}
}

/* A file, or a primary, or names of leases alone; what changes a copy belongs to the primary. */
static void check_source(const struct gyl_flat *f, const struct gyl_dns_conf *cf, uint32_t zone_no,
	struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf_zone *z =
		(const struct gyl_dns_conf_zone *)gyl_flat_at(f, cf->zones) + zone_no;
	bool leases = gyl__dns_is_of_leases(cf, z);
	struct path at;

	(void)snprintf(at.s, sizeof at.s, "zones.%u", zone_no);
	if (z->file.cnt != 0 && z->primary.cnt != 0)
		gyl_conf_fail(ck, at.s, "expected either file or primary");
	if (leases && z->transfer.cnt + z->notify.cnt == 0)
		gyl_conf_fail(ck, at.s,
			"expected file or primary, or transfer: a zone that leases make needs no more");
	if (z->primary.cnt != 0 && z->update.cnt + z->holes.cnt != 0)
		gyl_conf_fail(ck, at.s, "expected neither update nor holes: it is a copy");
	if (leases && z->update.cnt + z->holes.cnt != 0)
		gyl_conf_fail(ck, at.s, "expected neither update nor holes: leases make it");
	check_peers(f, cf, zone_no, "primary", z->primary, ck);
	check_peers(f, cf, zone_no, "notify", z->notify, ck);
}

static void check_cnt(uint32_t copy_cnt, uint32_t lease_cnt, struct gyl_conf_check *ck)
{
	if (lease_cnt > GYL_DNS_LEASE_ZONE_MAX)
		gyl_conf_fail(ck, "zones", "expected at most %d that leases make",
			GYL_DNS_LEASE_ZONE_MAX);
	if (copy_cnt > GYL_DNS_COPY_MAX)
		gyl_conf_fail(ck, "zones", "expected at most %d with a primary", GYL_DNS_COPY_MAX);
}

void gyl__dns_conf_transfer_check(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(f, cf->zones);
	uint32_t notify_cnt = 0, copy_cnt = 0, lease_cnt = 0;

	for (uint32_t i = 0; i < cf->zones.cnt; i++) {
		struct path at;

		check_transfer(f, cf, i, zone[i].transfer, ck);
		check_source(f, cf, i, ck);
		copy_cnt += zone[i].primary.cnt != 0;
		lease_cnt += gyl__dns_is_of_leases(cf, &zone[i]);
		notify_cnt += zone[i].notify.cnt;
		(void)snprintf(at.s, sizeof at.s, "zones.%u.notify", i);
		if (notify_cnt > GYL_DNS_NOTIFY_MAX) {
			gyl_conf_fail(ck, at.s, "expected at most %d of them in all zones",
				GYL_DNS_NOTIFY_MAX);
			return;
		}
	}
	check_cnt(copy_cnt, lease_cnt, ck);
}
