/* SPDX-License-Identifier: ISC */
#include "libnet/dev/dev.h"

void gyl__dev_pool_init(struct gyl_dev_pool *p)
{
	p->idle_cnt = GYL_DEV_BUF_CNT;
	for (size_t i = 0; i < GYL_DEV_BUF_CNT; i++)
		p->idle[i] = p->buf[i];
}

size_t gyl__dev_pool_lend(struct gyl_dev_pool *p, struct gyl_netbuf *ret, size_t cnt)
{
	if (cnt > p->idle_cnt)
		cnt = p->idle_cnt;
	for (size_t i = 0; i < cnt; i++) {
		ret[i].p = p->idle[--p->idle_cnt];
		ret[i].cap = GYL_DEV_BUF_LEN;
		ret[i].off = 0;
		ret[i].len = 0;
	}
	return cnt;
}

void gyl__dev_pool_back(struct gyl_dev_pool *p, const struct gyl_netbuf *b)
{
	if (p->idle_cnt < GYL_DEV_BUF_CNT)
		p->idle[p->idle_cnt++] = b->p;
}

/* The longest frame allowed: the mtu excludes the header, and a tag belongs to the header. */
static size_t frame_max(const struct gyl_netdev *d, const uint8_t *frame)
{
	size_t max = (size_t)d->mtu + GYL_ETH_HEADER_LEN;
	uint16_t type = gyl_get_u16(frame + 12);

	return type == GYL_ETH_VLAN || type == GYL_ETH_SVLAN ? max + GYL_ETH_TAG_LEN : max;
}

bool gyl__dev_frame(struct gyl_netdev *d, const struct gyl_netbuf *b, struct gyl_view *ret_frame)
{
	size_t len = b->len;

	if (len == 0)
		return false;
	if (len < GYL_ETH_HEADER_LEN || b->off > b->cap || len > b->cap - b->off ||
		len > frame_max(d, b->p + b->off)) {
		d->stat.tx_bad_cnt++;
		return false;
	}
	if (len < GYL_ETH_FRAME_MIN) {
		if (b->cap - b->off < GYL_ETH_FRAME_MIN) {
			d->stat.tx_bad_cnt++;
			return false;
		}
		memset(b->p + b->off + len, 0, GYL_ETH_FRAME_MIN - len);
		len = GYL_ETH_FRAME_MIN;
	}
	*ret_frame = gyl_view(b->p + b->off, len);
	return true;
}
