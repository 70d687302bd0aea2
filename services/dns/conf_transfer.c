/* SPDX-License-Identifier: ISC */

/* Who gets copies of zones, and who is told that they have changed. */

#include <stdio.h>

#include "services/dns/conf_own.h"
#include "services/dns/transfer.h"

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

void gyl__dns_conf_transfer_check(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(f, cf->zones);
	uint32_t notify_cnt = 0;

	for (uint32_t i = 0; i < cf->zones.cnt; i++) {
		struct path at;

		check_transfer(f, cf, i, zone[i].transfer, ck);
		notify_cnt += zone[i].notify.cnt;
		(void)snprintf(at.s, sizeof at.s, "zones.%u.notify", i);
		if (notify_cnt > GYL_DNS_NOTIFY_MAX) {
			gyl_conf_fail(ck, at.s, "expected at most %d of them in all zones",
				GYL_DNS_NOTIFY_MAX);
			return;
		}
	}
}
