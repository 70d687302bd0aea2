/* SPDX-License-Identifier: ISC */
#include "services/guyline/net_station.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include <gyl/ipv4.h>
#include <gyl/text.h>
#include <gyl/time.h>

enum {
	ECHO_MAX = 20008
};

static bool refuse(const char *why)
{
	fprintf(stderr, "guyline net: %s\n", why);
	return false;
}

/* Number i of the data is i, as ping's: what comes back can be compared. */
static uint8_t pattern(size_t i)
{
	return (uint8_t)i;
}

static bool open_stack(struct gyl__station *st, const struct gyl__net_opts *o, uint64_t seed)
{
	struct gyl_stack_iface_conf iface;
	struct gyl_stack_conf cf;
	uint8_t mac[6], no_key[16] = {0};
	size_t len;

	if (!gyl__net_mac(mac))
		return false;
	iface = gyl_stack_iface_defaults(mac, o->ip, o->prefix, o->gateway, seed);
	iface.vlan = o->vlan;
	iface.mtu = st->dev->mtu;
	cf = gyl_stack_defaults(&iface, 1, seed, no_key);
	cf.tcp.conn_max = 0; /* so nothing is made of the key */
	len = gyl_stack_need(&cf);
	if (len == 0)
		return refuse("the address cannot be one of a host in its network");
	st->mem = aligned_alloc(64, (len + 63) & ~(size_t)63);
	st->stack = st->mem == NULL ? NULL : gyl_stack_init(st->mem, &cf);
	if (st->stack == NULL)
		return refuse("not enough memory");
	if (gyl_netdev_set_mac(st->dev, mac) != 0)
		return refuse("the device takes no hardware address of ours");
	return gyl_stack_bind_icmp(st->stack, st->ident, 0) == GYL_STACK_BOUND;
}

bool gyl__station_open(
	struct gyl__station *st, struct gyl_netdev *dev, const struct gyl__net_opts *o)
{
	struct {
		uint64_t seed;
		uint16_t ident;
	} random;

	memset(st, 0, sizeof *st);
	if (getrandom(&random, sizeof random, 0) != sizeof random)
		return refuse("no random numbers");
	st->dev = dev;
	st->ident = random.ident;
	if (!open_stack(st, o, random.seed)) {
		gyl__station_close(st);
		return false;
	}
	gyl__net_wait(dev, 0);
	return true;
}

void gyl__station_close(struct gyl__station *st)
{
	free(st->mem);
	st->mem = NULL;
}

static void begin(struct gyl__station *st, struct gyl_stack_batch *b)
{
	*b = (struct gyl_stack_batch){.in = st->in, .in_cap = GYL_NETDEV_BATCH};
	b->out[0].buf = st->out;
	b->out[0].cap = gyl_netdev_lend(st->dev, st->out, GYL_NETDEV_BATCH);
}

static void end(struct gyl__station *st, struct gyl_stack_batch *b)
{
	gyl_netdev_send(st->dev, st->out, b->out[0].cap);
}

bool gyl__station_echo(struct gyl__station *st, uint32_t ip, uint16_t seq, uint8_t ttl, size_t len)
{
	static uint8_t data[ECHO_MAX], msg[ECHO_MAX + GYL_ICMP_HEADER_LEN];
	struct gyl_net_peer to = {.ip = ip};
	struct gyl_stack_how how = {.ttl = ttl, .may_fragment = true};
	struct gyl_stack_batch b;
	struct gyl_icmp echo;
	struct gyl_writer w;
	enum gyl_stack_sent sent;

	for (size_t i = 0; i < len && i < ECHO_MAX; i++)
		data[i] = pattern(i);
	echo = gyl_icmp_echo(st->ident, seq, gyl_view(data, len));
	gyl_writer_init(&w, msg, sizeof msg);
	gyl_icmp_encode(&w, &echo);
	begin(st, &b);
	sent = gyl_stack_ipv4_output(
		st->stack, st->dev->mono_ns, &to, GYL_IPV4_ICMP, &how, gyl_writer_view(&w), &b);
	end(st, &b);
	return gyl_writer_ok(&w) && sent != GYL_STACK_DROPPED;
}

/* ---- what comes back ---- */

static bool is_pattern(struct gyl_view v)
{
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] != pattern(i))
			return false;
	}
	return true;
}

/* Which of our requests does an error speak of? */
static bool quoted(const struct gyl__station *st, const struct gyl_icmp *error, uint16_t *ret_seq)
{
	struct gyl_ipv4 ip;
	struct gyl_icmp echo;

	/* Routers quote eight octets of what was in the datagram, so nobody can sum them up. */
	if (gyl_failed(gyl_icmp_original(error, &ip)) || ip.proto != GYL_IPV4_ICMP ||
		gyl_failed(gyl_icmp_decode(ip.payload, GYL_CHECKSUM_SKIP, &echo)) ||
		echo.type != GYL_ICMP_ECHO || gyl_icmp_id(&echo) != st->ident)
		return false;
	*ret_seq = gyl_icmp_seq(&echo);
	return true;
}

static bool understand(
	const struct gyl__station *st, const struct gyl_stack_in *in, struct gyl__answer *ret)
{
	struct gyl_icmp i;

	if (in->kind != GYL_STACK_ICMP ||
		gyl_failed(gyl_icmp_decode(in->data, GYL_CHECKSUM_SKIP, &i)))
		return false;
	*ret = (struct gyl__answer){
		.from = in->peer.ip, .type = i.type, .code = i.code, .ttl = in->ttl};
	if (i.type == GYL_ICMP_ECHO_REPLY) {
		ret->seq = gyl_icmp_seq(&i);
		ret->len = (uint16_t)i.data.len;
		ret->is_whole = is_pattern(i.data);
		return gyl_icmp_id(&i) == st->ident;
	}
	if (i.type == GYL_ICMP_UNREACHABLE && i.code == GYL_ICMP_FRAGMENTATION_NEEDED)
		ret->mtu = gyl_icmp_mtu(&i);
	return gyl_icmp_is_error(i.type) && quoted(st, &i, &ret->seq);
}

static void tell_conflict(struct gyl__station *st)
{
	uint8_t iface, mac[6];
	char text[GYL_TEXT_MAC_MAX];
	struct gyl_writer w;
	uint32_t ip;

	if (!gyl_stack_conflict(st->stack, &iface, &ip, mac))
		return;
	gyl_writer_init(&w, text, sizeof text);
	gyl_text_mac(&w, mac);
	fprintf(stderr, "guyline net: %s has our address %s: choose another one\n",
		gyl_text_cstr(&w), gyl__net_ip(ip));
}

/* One frame at a time: so an answer is handed over before the next one comes. */
static bool turn(struct gyl__station *st, struct gyl__answer *ret)
{
	struct gyl_netframe f;
	struct gyl_stack_batch b;
	bool found = false;
	size_t cnt;

	do {
		begin(st, &b);
		cnt = gyl_netdev_recv(st->dev, &f, 1);
		gyl_stack_input(st->stack, st->dev->mono_ns, 0, &f, cnt, &b);
		gyl_stack_tick(st->stack, st->dev->mono_ns, &b);
		for (size_t i = 0; i < b.in_cnt && !found; i++)
			found = understand(st, &b.in[i], ret);
		end(st, &b);
	} while (cnt != 0 && !found);
	tell_conflict(st);
	return found;
}

int gyl__station_wait(struct gyl__station *st, uint64_t until_ns, struct gyl__answer *ret)
{
	for (;;) {
		if (turn(st, ret))
			return 1;
		if (st->dev->mono_ns >= until_ns)
			return 0;
		if (!gyl__net_wait(
			    st->dev, gyl_time_min(until_ns, gyl_stack_deadline_ns(st->stack))))
			return -1;
	}
}

const char *gyl__station_why(const struct gyl__answer *a)
{
	static const char *const unreachable[] = {[GYL_ICMP_NET] = "network unreachable",
		[GYL_ICMP_HOST] = "host unreachable",
		[GYL_ICMP_PROTOCOL] = "protocol unreachable",
		[GYL_ICMP_PORT] = "port unreachable",
		[GYL_ICMP_FRAGMENTATION_NEEDED] = "too big for the path"};

	if (a->type == GYL_ICMP_TIME_EXCEEDED)
		return a->code == 0 ? "time to live exceeded" : "a piece was lost on the way";
	if (a->type != GYL_ICMP_UNREACHABLE)
		return "refused";
	if (a->code < sizeof unreachable / sizeof unreachable[0])
		return unreachable[a->code];
	return a->code == GYL_ICMP_ADMIN_PROHIBITED ? "prohibited" : "unreachable";
}
