/* SPDX-License-Identifier: ISC */
#include "libnet/dev/open.h"

#include <net/if.h>
#include <stdio.h>

#include "libnet/dev/link.h"
#include "libnet/dev/packet.h"
#include "libnet/dev/pcap.h"

/* A stage over what was opened behind it, which is NULL for the last one; it takes that over. */
static int open_stage(const struct gyl_dev_stage *st, struct gyl_netdev *inner,
	struct gyl_netdev **ret_dev, char err[200])
{
	switch (st->kind) {
	case GYL_STAGE_TAP:
		return gyl_tap_open(&st->tap, ret_dev, err);
	case GYL_STAGE_MACVTAP:
		return gyl_macvtap_open(&st->macvtap, ret_dev, err);
	case GYL_STAGE_PACKET:
		return st->listen ? gyl_listen_open(st->packet, ret_dev, err)
				  : gyl_packet_open(st->packet, ret_dev, err);
	case GYL_STAGE_PCAP:
		return inner == NULL ? gyl_pcap_read_open(st->path, ret_dev, err)
				     : gyl_pcap_open(st->path, inner, ret_dev, err);
	default:
		return gyl_fault_open(&st->fault, inner, ret_dev, err);
	}
}

int gyl_dev_open(const char *text, struct gyl_netdev **ret_dev, char err[200])
{
	struct gyl_dev_spec sp;
	struct gyl_netdev *d = NULL;
	int r = gyl_dev_parse(text, &sp, err);

	for (size_t i = sp.stage_cnt; r == 0 && i-- > 0;)
		r = open_stage(&sp.stage[i], d, &d, err);
	if (r == 0)
		*ret_dev = d;
	return r;
}

static const char *iface_of(const struct gyl_dev_stage *st)
{
	switch (st->kind) {
	case GYL_STAGE_TAP:
		return st->tap.name;
	case GYL_STAGE_MACVTAP:
		return st->macvtap.parent != NULL ? st->macvtap.parent : st->macvtap.name;
	case GYL_STAGE_PACKET:
		return st->packet;
	default:
		return "";
	}
}

static enum gyl_dev_kind kind_of(const struct gyl_dev_stage *st)
{
	switch (st->kind) {
	case GYL_STAGE_TAP:
		return GYL_DEV_TAP;
	case GYL_STAGE_MACVTAP:
		return GYL_DEV_MACVTAP;
	case GYL_STAGE_PACKET:
		return st->listen ? GYL_DEV_LISTEN : GYL_DEV_PACKET;
	default:
		return GYL_DEV_FILE;
	}
}

/* A macvtap interface that somebody made stands on another one, whose kernel side matters. */
static void name_parent(char name[16])
{
	struct gyl__link_info info;
	char parent[IF_NAMESIZE];

	if (gyl__link_find(name, &info) == 0 && info.macvtap &&
		if_indextoname(info.parent, parent) != NULL)
		memcpy(name, parent, sizeof(parent));
}

int gyl_dev_about(const char *text, struct gyl_dev_about *ret_about, char err[200])
{
	struct gyl_dev_spec sp;
	const struct gyl_dev_stage *end;
	int r = gyl_dev_parse(text, &sp, err);

	if (r != 0)
		return r;
	end = &sp.stage[sp.stage_cnt - 1];
	memset(ret_about, 0, sizeof(*ret_about));
	ret_about->kind = kind_of(end);
	ret_about->lan = end->kind == GYL_STAGE_MACVTAP || end->kind == GYL_STAGE_PACKET;
	snprintf(ret_about->iface, sizeof(ret_about->iface), "%s", iface_of(end));
	if (end->kind == GYL_STAGE_MACVTAP)
		name_parent(ret_about->iface);
	ret_about->ifindex = if_nametoindex(ret_about->iface);
	if (ret_about->ifindex != 0) {
		gyl__link_mtu(ret_about->iface, &ret_about->mtu);
		gyl__link_mac(ret_about->iface, ret_about->mac);
	}
	return 0;
}
