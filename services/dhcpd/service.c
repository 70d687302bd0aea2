/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/service.h"

#include <errno.h>
#include <gyl/ct.h>
#include <gyl/eth.h>
#include <gyl/text.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/top.h"
#include "services/base/secret.h"
#include "services/dhcpd/core.h"
#include "services/dhcpd/metrics.h"
#include "services/dhcpd/standby.h"

enum {
	SECRET_CAP = 256
};

/* As far as the core is concerned, an interface that is not served has no address: 0. False: there
 * is no such address. */
static bool address(const struct gyl_host *host, uint64_t mask, unsigned iface, unsigned n,
	struct gyl_dhcpd_iface *ret)
{
	uint8_t prefix, mac[6];
	uint32_t ip;

	if (!host->ops->addr(host->h, iface, n, &ip, &prefix, mac))
		return false;
	*ret = (struct gyl_dhcpd_iface){.of = n == 0 ? 0 : iface + 1};
	if (mask == 0 || (mask >> iface & 1) != 0) {
		ret->ip = ip;
		ret->prefix = prefix;
	}
	return true;
}

/* One that is not served says nothing behind the first ones. False: there is no room. */
static bool put_address(struct gyl_dhcpd_env *e, const struct gyl_dhcpd_iface *a)
{
	if (a->of != 0 && a->ip == 0)
		return true;
	if (e->iface_cnt == GYL_DHCPD_IFACE_MAX)
		return false;
	e->iface[e->iface_cnt++] = *a;
	return true;
}

/* The first one of each interface, in their order, for that is how inputs name them; behind these
 * the others, which are ours, too, and have networks. False: there are too many. */
static bool read_addresses(const struct gyl_host *host, uint64_t mask, struct gyl_dhcpd_env *e)
{
	struct gyl_dhcpd_iface a;
	uint32_t cnt;

	for (unsigned i = 0; address(host, mask, i, 0, &a); i++)
		if (!put_address(e, &a))
			return false;
	cnt = e->iface_cnt;
	for (unsigned i = 0; i < cnt; i++)
		for (unsigned n = 1; address(host, mask, i, n, &a); n++)
			if (!put_address(e, &a))
				return false;
	return true;
}

static uint64_t served(const struct gyl_service_env *env)
{
	const struct gyl_dhcpd_conf *cf = env->conf;

	return gyl_top_iface_mask(env->flat, env->top, cf->interfaces);
}

/* What the other server and we have in common. False with a sentence in err. */
static bool read_secret(const struct gyl_service_env *env, char *buf, size_t cap, char err[200])
{
	const struct gyl_dhcpd_conf *cf = env->conf;

	if (cf->secret.cnt == 0) {
		snprintf(err, 200,
			"dhcpd: standby needs standby_secret, a file that both servers have");
		return false;
	}
	return gyl_secret_private(gyl_flat_at(env->flat, cf->secret), buf, cap, err);
}

static bool open_standby(const struct gyl_service_env *env, struct gyl_dhcpd_env *e,
	struct gyl_dhcpd_standby_env *s, char secret[SECRET_CAP], char err[200])
{
	const struct gyl_dhcpd_conf *cf = env->conf;

	if (cf->standby == 0)
		return true;
	if (!read_secret(env, secret, SECRET_CAP, err))
		return false;
	*s = (struct gyl_dhcpd_standby_env){.first = cf->standby_as == 0,
		.take_back = cf->standby_take_back,
		.peer_ip = cf->standby,
		.peer_port = cf->standby_port,
		.takeover_ns = cf->takeover_ns,
		.secret = gyl_view_str(secret),
		.rng = env->rng};
	e->standby = s;
	return true;
}

/* secret: where it may be while this lasts. */
static void *make_core(struct gyl_service_env *env, char secret[SECRET_CAP], char err[200])
{
	struct gyl_dhcpd_env e = {.cap = gyl_dhcpd_size(env->flat),
		.flat = env->flat,
		.seed = {env->seed[0], env->seed[1]}};
	struct gyl_dhcpd_standby_env s = {0};
	struct gyl_writer why;
	struct gyl_dhcpd *d;
	void *mem;
	size_t len;

	if (!read_addresses(&env->host, served(env), &e)) {
		snprintf(err, 200,
			"our interfaces have more than %u addresses: name those to serve in dhcpd.interfaces",
			(unsigned)GYL_DHCPD_IFACE_MAX);
		return NULL;
	}
	/* Zeros from the kernel cost nothing until they are written. */
	if (!open_standby(env, &e, &s, secret, err))
		return NULL;
	len = (gyl_dhcpd_need(&e.cap) + 15) & ~(size_t)15;
	mem = calloc(1, len + (e.standby != NULL ? gyl_dhcpd_standby_need(&e.cap) : 0));
	if (mem == NULL) {
		snprintf(err, 200, "no memory for %u addresses", (unsigned)e.cap.address_cnt);
		return NULL;
	}
	if (e.standby != NULL)
		e.standby_mem = (uint8_t *)mem + len;
	gyl_writer_init(&why, err, 199);
	d = gyl_dhcpd_init(mem, &e, &why);
	gyl_text_cstr(&why);
	if (d == NULL)
		free(mem);
	return d;
}

/* The core keeps a key of the secret, not the secret. */
static void *open_core(struct gyl_service_env *env, struct gyl_view data, char err[200])
{
	char secret[SECRET_CAP];
	void *core;

	(void)data;
	core = make_core(env, secret, err);
	gyl_wipe(secret, sizeof secret);
	return core;
}

static void tell_macs(const struct gyl_service_env *env, struct gyl_dhcpd *d)
{
	uint8_t prefix, mac[6];
	uint32_t ip;

	for (unsigned i = 0; env->host.ops->addr(env->host.h, i, 0, &ip, &prefix, mac); i++)
		if (!gyl_eth_is_zero(mac))
			gyl_dhcpd_probe_mac(d, i, mac);
}

/* Where there is no ARP, as on loopback, addresses are offered unchecked. */
static int listen_arp(struct gyl_service_env *env, void *core, char err[200])
{
	struct gyl_bind b = {.type = GYL_BIND_FRAME,
		.role = GYL_DHCPD_ARP,
		.port = GYL_ETH_ARP,
		.ifaces = served(env)};
	int port = gyl_run_listen(env->run, env->core, &b);

	if (port == -ENODEV)
		return 0;
	if (port < 0) {
		snprintf(err, 200, "cannot look for addresses by ARP: %s", strerror(-port));
		return -1;
	}
	tell_macs(env, core);
	gyl_dhcpd_probe_open(core, (uint8_t)port);
	return 0;
}

/* The second server calls the first; a first that waits calls, too, to see that nobody listens. */
static int listen_peer(struct gyl_service_env *env, char err[200])
{
	const struct gyl_dhcpd_conf *cf = env->conf;
	struct gyl_bind b = {
		.type = GYL_BIND_TCP, .role = GYL_DHCPD_PEER, .port = cf->standby_port};
	int port;

	if (cf->standby == 0)
		return 0;
	env->connects = true;
	if (cf->standby_as != 0)
		return 0;
	port = gyl_run_listen(env->run, env->core, &b);
	if (port < 0)
		snprintf(err, 200, "cannot listen on TCP port %u for the other server: %s",
			cf->standby_port, strerror(-port));
	return port < 0 ? -1 : 0;
}

static int listen_link(struct gyl_service_env *env, void *core, char err[200])
{
	const struct gyl_dhcpd_conf *cf = env->conf;
	struct gyl_bind b = {.type = GYL_BIND_UDP,
		.role = GYL_DHCPD_LINK,
		.flags = GYL_BIND_LINK,
		.port = cf->port,
		.ifaces = served(env),
		.rcvbuf_len = 1 << 20};
	int port = gyl_run_listen(env->run, env->core, &b);

	if (port < 0) {
		snprintf(err, 200, "cannot listen on UDP port %u: %s", cf->port, strerror(-port));
		return -1;
	}
	if (listen_peer(env, err) != 0)
		return -1;
	return listen_arp(env, core, err);
}

static void close_core(struct gyl_service_env *env, void *core)
{
	(void)env;
	gyl_dhcpd_standby_wipe(core);
	free(core);
}

static void metrics(const struct gyl_service_env *env, const void *core, struct gyl_metrics *m)
{
	gyl_dhcpd_metrics(core, env->run->now.mono_ns, m);
}

static void state(const struct gyl_service_env *env, const void *core, struct gyl_json *j)
{
	gyl_dhcpd_status(core, env->run->now.mono_ns, j);
}

static bool healthy(const struct gyl_service_env *env, const void *core, struct gyl_writer *w)
{
	return gyl_dhcpd_healthy(core, env->run->now.mono_ns, w);
}

static const struct gyl_verb verbs[] = {
	{"dhcp.leases", "", true, true, GYL_EV_DHCPD_LEASE},
	{"dhcp.pools", "", .kind = -1},
	{"dhcp.explain", "client count", .kind = -1},
	{"dhcp.wipe", "what yes", .kind = -1},
	{"dhcp.reserve", "mac ip name", .kind = -1},
	{"dhcp.unreserve", "mac", .kind = -1},
	{"dhcp.reservations", "", .kind = -1},
	{"dhcp.drain", "subnet set", .kind = -1},
	{"dhcp.standby", "", .kind = -1},
	{"dhcp.takeover", "all", .kind = -1},
};

static void summary(const struct gyl_service_env *env, const void *core, struct gyl_writer *w)
{
	(void)env;
	gyl_dhcpd_summary(core, w);
}

const struct gyl_service gyl_dhcpd_service = {
	.name = "dhcpd",
	.section = &gyl_dhcpd_conf_section,
	.ops = &gyl_dhcpd_core,
	.open = open_core,
	.listen = listen_link,
	.verb = verbs,
	.verb_cnt = sizeof verbs / sizeof verbs[0],
	.close = close_core,
	.metrics = metrics,
	.state = state,
	.healthy = healthy,
	.summary = summary,
};
