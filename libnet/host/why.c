/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>

#include "libnet/host/host.h"

static void what(const struct gyl_bind *b, char *text, size_t cap)
{
	switch (b->type) {
	case GYL_BIND_UDP:
		(void)snprintf(text, cap, "UDP port %u", b->port);
		break;
	case GYL_BIND_TCP:
	case GYL_BIND_TLS:
		(void)snprintf(text, cap, "TCP port %u%s", b->port,
			b->type == GYL_BIND_TLS ? " (for TLS)" : "");
		break;
	case GYL_BIND_FRAME:
		(void)snprintf(text, cap, "Ethernet frames of type 0x%04x", b->port);
		break;
	default:
		(void)snprintf(text, cap, "%s", b->path == NULL ? "a Unix socket" : b->path);
	}
}

static const struct {
	uint16_t port;
	const char *who;
} usual[] = {
	{53, "another DNS server (systemd-resolved?) holds it"},
	{67, "another DHCP server (dnsmasq, dhcpd?) holds it"},
	{514, "another syslog daemon (rsyslogd?) holds it"},
	{6514, "another syslog daemon (rsyslogd?) holds it"},
};

static const char *holder(const struct gyl_bind *b)
{
	if (b->type == GYL_BIND_UDP || b->type == GYL_BIND_TCP || b->type == GYL_BIND_TLS) {
		for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
			if (usual[i].port == b->port)
				return usual[i].who;
		}
	}
	return "another program holds it";
}

static const char *advice(const struct gyl_bind *b, int err)
{
	switch (err) {
	case EADDRINUSE:
		return holder(b);
	case EACCES:
		return b->path != NULL ? "who runs this may not write the directory"
				       : "ports below 1024 need CAP_NET_BIND_SERVICE";
	case EPERM:
		return "packet sockets need CAP_NET_RAW; loopback addresses do without";
	case EADDRNOTAVAIL:
		return "no interface that is up has this address";
	case ENOENT:
		return "its directory is missing";
	case ENOSPC:
		return "all ports of the host are in use";
	default:
		return NULL;
	}
}

void gyl_host_why(const struct gyl_bind *b, int err, char ret_text[200])
{
	const char *hint = advice(b, -err);
	char name[72]; /* longer paths are cut, so that the advice is not */

	what(b, name, sizeof(name));
	(void)snprintf(ret_text, 200, "cannot listen on %s: %.40s%s%s", name, strerror(-err),
		hint == NULL ? "" : "; ", hint == NULL ? "" : hint);
}
