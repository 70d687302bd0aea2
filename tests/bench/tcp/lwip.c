/* SPDX-License-Identifier: ISC */

/*
 * A peer of the TCP benchmark: lwIP as Debian builds it, over the same device, so that losses are
 *made the same way. Ports 7 (echo), 9 (discard), 19 (octets without end).
 *
 *	lwip DEVICE ADDRESS
 */

#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include <gyl/net/device.h>

#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>

#include "tests/bench/tcp/cpu.h"

static const uint8_t octets[1 << 16];
static struct gyl_netdev *dev;
static struct netif nif;

static uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static err_t output(struct netif *n, struct pbuf *p)
{
	struct gyl_netbuf buf;

	(void)n;
	if (gyl_netdev_lend(dev, &buf, 1) != 1)
		return ERR_MEM;
	buf.len = pbuf_copy_partial(p, buf.p, p->tot_len, 0);
	gyl_netdev_send(dev, &buf, 1);
	return ERR_OK;
}

static err_t up(struct netif *n)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 7};

	n->hwaddr_len = 6;
	memcpy(n->hwaddr, mac, 6);
	n->mtu = 1500;
	n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
	n->output = etharp_output;
	n->linkoutput = output;
	return ERR_OK;
}

/* ---- services ---- */

static void fill(struct tcp_pcb *pcb)
{
	uint16_t room;

	while ((room = tcp_sndbuf(pcb)) >= TCP_MSS) {
		if (tcp_write(pcb, octets, room < 16 * TCP_MSS ? TCP_MSS : 16 * TCP_MSS,
			    TCP_WRITE_FLAG_COPY) != ERR_OK)
			break;
	}
	tcp_output(pcb);
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
	(void)arg;
	(void)len;
	fill(pcb);
	return ERR_OK;
}

static err_t on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	(void)err;
	if (p == NULL) {
		tcp_close(pcb);
		return ERR_OK;
	}
	if ((uintptr_t)arg == 7) {
		for (struct pbuf *q = p; q != NULL; q = q->next)
			tcp_write(pcb, q->payload, q->len, TCP_WRITE_FLAG_COPY);
		tcp_output(pcb);
	}
	tcp_recved(pcb, p->tot_len);
	pbuf_free(p);
	return ERR_OK;
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
	if (err != ERR_OK)
		return err;
	tcp_arg(pcb, arg);
	tcp_nagle_disable(pcb);
	tcp_recv(pcb, on_recv);
	if ((uintptr_t)arg == 19) {
		tcp_sent(pcb, on_sent);
		fill(pcb);
	}
	return ERR_OK;
}

static void listen_on(uint16_t port)
{
	struct tcp_pcb *pcb = tcp_new();

	tcp_bind(pcb, IP_ADDR_ANY, port);
	pcb = tcp_listen(pcb);
	tcp_arg(pcb, (void *)(uintptr_t)port);
	tcp_accept(pcb, on_accept);
}

static void input(const struct gyl_netframe *f)
{
	struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)f->len, PBUF_RAM);

	if (p == NULL)
		return;
	pbuf_take(p, f->p, (u16_t)f->len);
	if (nif.input(p, &nif) != ERR_OK)
		pbuf_free(p);
}

int main(int argc, char **argv)
{
	static struct gyl_netframe f[GYL_NETDEV_BATCH];
	ip4_addr_t ip, mask, none;
	char err[200];

	if (argc != 3 || !ip4addr_aton(argv[2], &ip))
		return 2;
	if (gyl_dev_open(argv[1], &dev, err) != 0) {
		fprintf(stderr, "%s\n", err);
		return 1;
	}
	lwip_init();
	IP4_ADDR(&mask, 255, 255, 255, 0);
	ip4_addr_set_zero(&none);
	netif_add(&nif, &ip, &mask, &none, NULL, up, ethernet_input);
	netif_set_default(&nif);
	netif_set_up(&nif);
	netif_set_link_up(&nif);
	listen_on(7);
	listen_on(9);
	listen_on(19);
	bench_cpu_at_end();
	for (;;) {
		struct pollfd pfd = {.fd = dev->fd, .events = POLLIN};
		uint64_t left_ns = gyl_netdev_deadline_ns(dev);
		int ms = (int)LWIP_MIN(sys_timeouts_sleeptime(), 100);
		size_t cnt;

		if (left_ns != UINT64_MAX)
			ms = left_ns <= clock_ns() ? 0 : 1;
		poll(&pfd, 1, ms);
		dev->mono_ns = clock_ns();
		dev->wall_ns = dev->mono_ns;
		cnt = gyl_netdev_recv(dev, f, GYL_NETDEV_BATCH);
		for (size_t i = 0; i < cnt; i++)
			input(&f[i]);
		sys_check_timeouts();
	}
}
