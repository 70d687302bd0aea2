/* SPDX-License-Identifier: ISC */
#include "libnet/dev/packet.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <linux/filter.h>

#include "libnet/dev/dev.h"
#include "libnet/dev/link.h"
#include "libnet/dev/packet_int.h"

enum {
	SLOT_CNT = 4096,
	SLOT_LEN = 2048,
	SLOT_LEN_MAX = 4096,
	SLOT_HEAD = 128, /* at most, before the frame: header, address, alignment */
	BLOCK_LEN = 64 * 1024
};

struct packet {
	struct gyl_netdev dev;
	struct gyl__packet_sock sock;
	uint8_t mac[6], iface_mac[6];
	size_t slot_len;
	size_t at;   /* the slot that is filled next */
	size_t held; /* from here on so many are lent, or were of no use */
	size_t held_cnt;
	struct gyl_dev_pool pool;
	struct mmsghdr msg[GYL_NETDEV_BATCH];
	struct iovec iov[GYL_NETDEV_BATCH];
	uint8_t last[SLOT_LEN_MAX];
};

/* ---- out ---- */

static size_t packet_lend(struct gyl_netdev *d, struct gyl_netbuf *ret, size_t cnt)
{
	return gyl__dev_pool_lend(&((struct packet *)d)->pool, ret, cnt);
}

static void count_sent(struct packet *p, size_t from, size_t cnt)
{
	for (size_t i = from; i < from + cnt; i++) {
		p->dev.stat.tx_cnt++;
		p->dev.stat.tx_octets += p->iov[i].iov_len;
	}
}

/* A full queue takes nothing now; another error concerns the frame that met it. */
static void flush(struct packet *p, size_t cnt)
{
	for (size_t done = 0; done < cnt;) {
		int n = sendmmsg(p->sock.fd, p->msg + done, (unsigned)(cnt - done), MSG_DONTWAIT);

		if (n > 0) {
			count_sent(p, done, (size_t)n);
			done += (size_t)n;
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			p->dev.stat.tx_lost_cnt += cnt - done;
			return;
		} else if (errno != EINTR) {
			p->dev.stat.tx_lost_cnt++;
			done++;
		}
	}
}

static void packet_send(struct gyl_netdev *d, const struct gyl_netbuf *b, size_t cnt)
{
	struct packet *p = (struct packet *)d;
	size_t n = 0;

	for (size_t i = 0; i < cnt; i++) {
		struct gyl_view frame;

		if (!gyl__dev_frame(d, &b[i], &frame))
			continue;
		p->iov[n] = (struct iovec){b[i].p + b[i].off, frame.len};
		if (++n == GYL_NETDEV_BATCH) {
			flush(p, n);
			n = 0;
		}
	}
	flush(p, n);
	for (size_t i = 0; i < cnt; i++)
		gyl__dev_pool_back(&p->pool, &b[i]);
}

/* ---- in ---- */

static struct tpacket2_hdr *slot(const struct packet *p, size_t i)
{
	return (struct tpacket2_hdr *)(void *)(p->sock.map + i * p->slot_len);
}

static uint32_t status_of(const struct packet *p, size_t i)
{
	return __atomic_load_n(&slot(p, i)->tp_status, __ATOMIC_ACQUIRE);
}

static void give_back(struct packet *p, size_t i)
{
	__atomic_store_n(&slot(p, i)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
}

static void give_back_held(struct packet *p)
{
	for (size_t i = 0; i < p->held_cnt; i++)
		give_back(p, (p->held + i) % SLOT_CNT);
	p->held_cnt = 0;
	p->held = p->at;
}

/* False: the frame was cut. */
static bool take(struct packet *p, uint32_t status, struct gyl_netframe *ret)
{
	struct tpacket2_hdr *h = slot(p, p->at);
	uint8_t *frame = (uint8_t *)h + h->tp_mac;

	if (h->tp_snaplen < h->tp_len) {
		p->dev.stat.rx_lost_cnt++;
		return false;
	}
	ret->len = h->tp_snaplen;
	if ((status & TP_STATUS_VLAN_VALID) != 0) {
		bool has_tpid = (status & TP_STATUS_VLAN_TPID_VALID) != 0;

		frame = gyl__packet_retag(
			frame, has_tpid ? h->tp_vlan_tpid : GYL_ETH_VLAN, h->tp_vlan_tci);
		ret->len += GYL_ETH_TAG_LEN;
	}
	ret->p = frame;
	ret->flags = (status & TP_STATUS_CSUMNOTREADY) != 0 ? GYL_NETFRAME_CSUM_NOT_READY : 0;
	p->dev.stat.rx_octets += ret->len;
	return true;
}

/*
 * The kernel calls the socket readable while the slot it filled last is not given back, so a batch
 * that empties the ring would end the next wait for nothing. Its last frame is copied, and the slot
 * goes back at once. frame: what lies in that slot, or NULL.
 */
static void release_last(struct packet *p, struct gyl_netframe *frame)
{
	if (frame != NULL) {
		memcpy(p->last, frame->p, frame->len);
		frame->p = p->last;
	}
	p->held_cnt--;
	give_back(p, (p->held + p->held_cnt) % SLOT_CNT);
}

static size_t packet_recv(struct gyl_netdev *d, struct gyl_netframe *ret, size_t cap)
{
	struct packet *p = (struct packet *)d;
	bool losing = false, used = false;
	size_t cnt = 0;
	uint32_t status;

	give_back_held(p);
	while (((status = status_of(p, p->at)) & TP_STATUS_USER) != 0 && cnt < cap &&
		p->held_cnt < SLOT_CNT - 1) {
		losing |= (status & TP_STATUS_LOSING) != 0;
		used = take(p, status, &ret[cnt]);
		cnt += used;
		p->at = (p->at + 1) % SLOT_CNT;
		p->held_cnt++;
	}
	if (losing)
		d->stat.rx_lost_cnt += gyl__packet_sock_lost(&p->sock);
	if (p->held_cnt == 0) {
		gyl__packet_sock_look(&p->sock, d);
		return 0;
	}
	p->sock.down = false;
	if ((status & TP_STATUS_USER) == 0)
		release_last(p, used ? &ret[cnt - 1] : NULL);
	d->stat.rx_cnt += cnt;
	return cnt;
}

static uint64_t packet_deadline_ns(const struct gyl_netdev *d)
{
	const struct packet *p = (const struct packet *)d;

	return p->sock.down && d->gone == 0 ? p->sock.look_ns : UINT64_MAX;
}

/* ---- for whom ---- */

static int set_filter(const struct packet *p, const uint8_t mac[6])
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, gyl_get_u32(mac), 0, 2),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, gyl_get_u16(mac + 4), 2, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1), /* a group */
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	return setsockopt(p->sock.fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) == 0
		       ? 0
		       : -errno;
}

static int member(const struct packet *p, const uint8_t mac[6], bool add)
{
	if (memcmp(mac, p->iface_mac, 6) == 0)
		return 0; /* which it receives for anyway */
	return gyl__packet_sock_member(&p->sock, PACKET_MR_UNICAST, mac, add);
}

static int packet_set_mac(struct gyl_netdev *d, const uint8_t mac[6])
{
	struct packet *p = (struct packet *)d;
	int r;

	if (memcmp(mac, p->mac, 6) == 0)
		return 0;
	r = member(p, mac, true);
	if (r == 0)
		r = set_filter(p, mac);
	if (r != 0)
		return r;
	member(p, p->mac, false);
	memcpy(p->mac, mac, 6);
	return 0;
}

static void packet_close(struct gyl_netdev *d)
{
	gyl__packet_sock_close(&((struct packet *)d)->sock);
	free(d);
}

static const struct gyl_netdev_ops packet_ops = {
	.lend = packet_lend,
	.send = packet_send,
	.recv = packet_recv,
	.deadline_ns = packet_deadline_ns,
	.set_mac = packet_set_mac,
	.close = packet_close,
};

/* ---- opening ---- */

static int make_ring(struct packet *p)
{
	struct tpacket_req3 req = {.tp_block_size = BLOCK_LEN};

	p->slot_len = SLOT_HEAD + p->dev.mtu + GYL_ETH_HEADER_LEN + GYL_ETH_TAG_LEN <= SLOT_LEN
			      ? SLOT_LEN
			      : SLOT_LEN_MAX;
	req.tp_frame_size = (unsigned)p->slot_len;
	req.tp_frame_nr = SLOT_CNT;
	req.tp_block_nr = (unsigned)(SLOT_CNT * p->slot_len / BLOCK_LEN);
	return gyl__packet_sock_ring(&p->sock, TPACKET_V2, &req);
}

static int set_up(struct packet *p, const char *name)
{
	const int on = 1;
	int r = gyl__link_mac(name, p->iface_mac);

	if (r == 0)
		r = make_ring(p);
	if (r == 0 &&
		setsockopt(p->sock.fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) != 0)
		r = -errno;
	if (r == 0)
		r = set_filter(p, p->iface_mac);
	if (r == 0)
		r = gyl__packet_sock_member(&p->sock, PACKET_MR_ALLMULTI, NULL, true);
	if (r == 0)
		r = gyl__packet_sock_start(&p->sock);
	memcpy(p->mac, p->iface_mac, 6);
	for (size_t i = 0; i < GYL_NETDEV_BATCH; i++)
		p->msg[i].msg_hdr = (struct msghdr){.msg_iov = &p->iov[i], .msg_iovlen = 1};
	gyl__dev_pool_init(&p->pool);
	return r;
}

static int check(const char *name, uint32_t *ret_mtu, char err[200])
{
	char what[32];
	bool up;

	if (gyl__link_is_up(name, &up) == 0 && !up) {
		snprintf(err, 200, "packet %s: it is down (`ip link set %s up`)", name, name);
		return -ENETDOWN;
	}
	snprintf(what, sizeof(what), "packet %s", name);
	return gyl__link_mtu_check(what, name, ret_mtu, err);
}

int gyl_packet_open(const char *name, struct gyl_netdev **ret_dev, char err[200])
{
	struct packet *p = calloc(1, sizeof(*p));
	int r = p == NULL ? -ENOMEM : gyl__packet_sock_open(&p->sock, name, err);

	if (r != 0) {
		if (p == NULL)
			snprintf(err, 200, "packet %s: out of memory", name);
		free(p);
		return r;
	}
	p->dev.ops = &packet_ops;
	p->dev.fd = p->sock.fd;
	r = check(name, &p->dev.mtu, err);
	if (r == 0) {
		r = set_up(p, name);
		if (r != 0)
			snprintf(err, 200, "packet %s: cannot be set up: %s", name, strerror(-r));
	}
	if (r != 0) {
		packet_close(&p->dev);
		return r;
	}
	*ret_dev = &p->dev;
	return 0;
}
