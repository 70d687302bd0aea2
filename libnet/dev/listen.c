/* SPDX-License-Identifier: ISC */
#include "libnet/dev/packet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "libnet/dev/dev.h"
#include "libnet/dev/link.h"
#include "libnet/dev/packet_int.h"

enum {
	BLOCK_LEN = 256 * 1024, /* longer than any frame */
	BLOCK_CNT = 8,
	SLOT_LEN = 2048 /* the kernel wants to know one; blocks are filled without gaps */
};

struct listen {
	struct gyl_netdev dev;
	struct gyl__packet_sock sock;
	size_t at;         /* the block that is read */
	uint32_t left_cnt; /* its frames not handed over yet */
	uint8_t *next;     /* the first of them; not NULL: the block is ours */
	struct gyl_dev_pool pool;
};

static size_t listen_lend(struct gyl_netdev *d, struct gyl_netbuf *ret, size_t cnt)
{
	return gyl__dev_pool_lend(&((struct listen *)d)->pool, ret, cnt);
}

static void listen_send(struct gyl_netdev *d, const struct gyl_netbuf *b, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		d->stat.tx_lost_cnt += b[i].len != 0;
		gyl__dev_pool_back(&((struct listen *)d)->pool, &b[i]);
	}
}

static struct tpacket_block_desc *block(const struct listen *l)
{
	return (struct tpacket_block_desc *)(void *)(l->sock.map + l->at * BLOCK_LEN);
}

/* The block whose frames were all handed over goes back. */
static void give_back(struct listen *l)
{
	if (l->next == NULL || l->left_cnt > 0)
		return;
	__atomic_store_n(&block(l)->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	l->at = (l->at + 1) % BLOCK_CNT;
	l->next = NULL;
}

static bool have_block(struct listen *l)
{
	struct tpacket_block_desc *b = block(l);
	uint32_t status;

	if (l->next != NULL)
		return true;
	status = __atomic_load_n(&b->hdr.bh1.block_status, __ATOMIC_ACQUIRE);
	if ((status & TP_STATUS_USER) == 0)
		return false;
	if ((status & TP_STATUS_LOSING) != 0)
		l->dev.stat.rx_lost_cnt += gyl__packet_sock_lost(&l->sock);
	l->next = (uint8_t *)b + b->hdr.bh1.offset_to_first_pkt;
	l->left_cnt = b->hdr.bh1.num_pkts;
	return true;
}

static void take(struct listen *l, struct gyl_netframe *ret)
{
	struct tpacket3_hdr *h = (struct tpacket3_hdr *)(void *)l->next;
	uint8_t *frame = l->next + h->tp_mac;

	ret->len = h->tp_snaplen;
	if ((h->tp_status & TP_STATUS_VLAN_VALID) != 0) {
		bool has_tpid = (h->tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;

		frame = gyl__packet_retag(frame, has_tpid ? h->hv1.tp_vlan_tpid : GYL_ETH_VLAN,
			(uint16_t)h->hv1.tp_vlan_tci);
		ret->len += GYL_ETH_TAG_LEN;
	}
	ret->p = frame;
	ret->flags = (h->tp_status & TP_STATUS_CSUMNOTREADY) != 0 ? GYL_NETFRAME_CSUM_NOT_READY : 0;
	l->next += h->tp_next_offset;
	l->left_cnt--;
	l->dev.stat.rx_octets += ret->len;
}

/* Of one block at a time: a frame of the one before stays valid until the next call. */
static size_t listen_recv(struct gyl_netdev *d, struct gyl_netframe *ret, size_t cap)
{
	struct listen *l = (struct listen *)d;
	size_t cnt = 0;

	give_back(l);
	if (!have_block(l)) {
		gyl__packet_sock_look(&l->sock, d);
		return 0;
	}
	l->sock.down = false;
	while (cnt < cap && l->left_cnt > 0)
		take(l, &ret[cnt++]);
	d->stat.rx_cnt += cnt;
	return cnt;
}

static uint64_t listen_deadline_ns(const struct gyl_netdev *d)
{
	const struct listen *l = (const struct listen *)d;

	return l->sock.down && d->gone == 0 ? l->sock.look_ns : UINT64_MAX;
}

static void listen_close(struct gyl_netdev *d)
{
	gyl__packet_sock_close(&((struct listen *)d)->sock);
	free(d);
}

static const struct gyl_netdev_ops listen_ops = {
	.lend = listen_lend,
	.send = listen_send,
	.recv = listen_recv,
	.deadline_ns = listen_deadline_ns,
	.close = listen_close,
};

static int set_up(struct listen *l)
{
	struct tpacket_req3 req = {.tp_block_size = BLOCK_LEN,
		.tp_block_nr = BLOCK_CNT,
		.tp_frame_size = SLOT_LEN,
		.tp_frame_nr = BLOCK_LEN / SLOT_LEN * BLOCK_CNT,
		.tp_retire_blk_tov = GYL_PACKET_BLOCK_MS};
	int r = gyl__packet_sock_ring(&l->sock, TPACKET_V3, &req);

	if (r == 0)
		r = gyl__packet_sock_member(&l->sock, PACKET_MR_PROMISC, NULL, true);
	return r == 0 ? gyl__packet_sock_start(&l->sock) : r;
}

int gyl_listen_open(const char *name, struct gyl_netdev **ret_dev, char err[200])
{
	struct listen *l = calloc(1, sizeof(*l));
	int r = l == NULL ? -ENOMEM : gyl__packet_sock_open(&l->sock, name, err);

	if (r != 0) {
		if (l == NULL)
			snprintf(err, 200, "packet %s: out of memory", name);
		free(l);
		return r;
	}
	l->dev.ops = &listen_ops;
	l->dev.fd = l->sock.fd;
	l->dev.mtu = GYL_DEV_MTU_MAX; /* of what is lent; a frame that comes may be longer */
	gyl__dev_pool_init(&l->pool);
	r = set_up(l);
	if (r != 0) {
		snprintf(err, 200, "packet %s: cannot be set up: %s", name, strerror(-r));
		listen_close(&l->dev);
		return r;
	}
	*ret_dev = &l->dev;
	return 0;
}
