/* SPDX-License-Identifier: ISC */
#include "tests/bench/corpus_syslog.h"

#include <gyl/time.h>
#include <stdio.h>
#include <string.h>

enum {
	ACCESS_POINTS = 48,
	SWITCHES = 14 /* the rest: router and server */
};

static const uint64_t begin_ns = UINT64_C(1795219200000000000); /* 2026-11-21T00:00:00Z */

static uint32_t rnd(struct corpus *c, uint32_t below)
{
	c->rnd ^= c->rnd << 13;
	c->rnd ^= c->rnd >> 7;
	c->rnd ^= c->rnd << 17;
	return (uint32_t)((c->rnd >> 32) * below >> 32);
}

/* Some stations are seen much more often than others. */
static unsigned station(struct corpus *c)
{
	uint32_t a = rnd(c, CORPUS_STATIONS), b = rnd(c, CORPUS_STATIONS);

	return a < b ? a : b;
}

void corpus_mac(unsigned n, char ret_text[18])
{
	uint32_t h = n * 2654435761u;

	snprintf(ret_text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", n % 3 == 0 ? 0xa4 : 0x5c,
		n % 3 == 0 ? 0x83 : 0xe9, n % 3 == 0 ? 0xe7 : 0x1e, h >> 24, h >> 16 & 0xff,
		n & 0xff);
}

static void put_ip(unsigned n, char ret_text[24])
{
	snprintf(ret_text, 24, "10.77.%u.%u", n / 250, n % 250 + 1);
}

/* ---- what devices say ---- */

static int access_point(struct corpus *c, unsigned device, char *msg, size_t cap)
{
	char mac[18];

	corpus_mac(station(c), mac);
	switch (rnd(c, 6)) {
	case 0:
		return snprintf(msg, cap,
			"<30>ap-%02u hostapd: wlan%u: STA %s IEEE 802.11: authenticated",
			device + 1, rnd(c, 2), mac);
	case 1:
		return snprintf(msg, cap,
			"<30>ap-%02u hostapd: wlan%u: STA %s IEEE 802.11: associated (aid %u)",
			device + 1, rnd(c, 2), mac, ++c->aid[device] % 200 + 1);
	case 2:
		return snprintf(msg, cap,
			"<30>ap-%02u hostapd: wlan%u: STA %s RADIUS: starting accounting session %08X%08X",
			device + 1, rnd(c, 2), mac, rnd(c, 0xffffffff), c->aid[device]);
	case 3:
		return snprintf(msg, cap,
			"<30>ap-%02u hostapd: wlan%u: STA %s WPA: pairwise key handshake completed (RSN)",
			device + 1, rnd(c, 2), mac);
	case 4:
		return snprintf(msg, cap, "<30>ap-%02u hostapd: wlan%u: AP-STA-DISCONNECTED %s",
			device + 1, rnd(c, 2), mac);
	default:
		return snprintf(msg, cap,
			"<29>ap-%02u hostapd: wlan%u: STA %s IEEE 802.11: disassociated due to inactivity, signal -%u dBm",
			device + 1, rnd(c, 2), mac, rnd(c, 40) + 50);
	}
}

static int switch_(struct corpus *c, unsigned device, char *msg, size_t cap)
{
	unsigned port = rnd(c, 48) + 1, up = rnd(c, 2);

	if (rnd(c, 5) != 0)
		return snprintf(msg, cap,
			"<189>sw-%02u %%LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet1/0/%u, changed state to %s",
			device - ACCESS_POINTS + 1, port, up ? "up" : "down");
	return snprintf(msg, cap,
		"<187>sw-%02u %%LINK-3-UPDOWN: Interface GigabitEthernet1/0/%u, changed state to %s",
		device - ACCESS_POINTS + 1, port, up ? "up" : "down");
}

static int lease(struct corpus *c, char *msg, size_t cap)
{
	unsigned n = station(c);
	char mac[18], ip[24];

	corpus_mac(n, mac);
	put_ip(n, ip);
	switch (rnd(c, 3)) {
	case 0:
		return snprintf(msg, cap, "<30>core dhcpd[812]: DHCPDISCOVER from %s via br%u", mac,
			n % 4 + 10);
	case 1:
		return snprintf(msg, cap,
			"<30>core dhcpd[812]: DHCPREQUEST for %s from %s (host-%u) via br%u", ip,
			mac, n, n % 4 + 10);
	default:
		return snprintf(msg, cap,
			"<30>core dhcpd[812]: DHCPACK on %s to %s (host-%u) via br%u", ip, mac, n,
			n % 4 + 10);
	}
}

static int firewall(struct corpus *c, char *msg, size_t cap)
{
	char ip[24];

	put_ip(station(c), ip);
	return snprintf(msg, cap,
		"<4>gw kernel: fw-drop IN=br%u OUT=wan SRC=%s DST=%u.%u.%u.%u LEN=%u TTL=63 ID=%u PROTO=%s SPT=%u DPT=%u",
		rnd(c, 4) + 10, ip, rnd(c, 200) + 11, rnd(c, 256), rnd(c, 256), rnd(c, 256),
		rnd(c, 1400) + 40, rnd(c, 65536), rnd(c, 2) ? "UDP" : "TCP", rnd(c, 64000) + 1024,
		rnd(c, 3) ? 443 : rnd(c, 65536));
}

static int rare(char *msg, size_t cap)
{
	return snprintf(msg, cap,
		"<38>core sshd[4242]: Accepted publickey for " CORPUS_RARE
		" from 10.77.0.9 port 50022 ssh2");
}

/* ---- the log ---- */

void corpus_init(struct corpus *c, uint64_t cnt, uint64_t seed)
{
	memset(c, 0, sizeof *c);
	c->rnd = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	c->cnt = cnt;
}

/* The message without its time; c->from is set. */
static void put_message(struct corpus *c, char *msg, size_t cap)
{
	uint32_t kind = rnd(c, 100);
	unsigned device = rnd(c, ACCESS_POINTS);

	if (c->at == c->cnt / 3 || c->at == c->cnt * 2 / 3)
		kind = 100;
	if (kind < 55) {
		access_point(c, device, msg, cap);
	} else if (kind < 65) {
		device = ACCESS_POINTS + rnd(c, SWITCHES);
		switch_(c, device, msg, cap);
	} else {
		device = kind < 85 || kind == 100 ? CORPUS_DEVICES - 2 : CORPUS_DEVICES - 1;
		if (kind == 100)
			rare(msg, cap);
		else if (kind < 85)
			lease(c, msg, cap);
		else
			firewall(c, msg, cap);
	}
	c->from = 0x0a000001 + device;
}

size_t corpus_next(struct corpus *c, char line[CORPUS_LINE_MAX])
{
	static const char *const month[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	char msg[CORPUS_LINE_MAX - 32];
	uint64_t at_ns = begin_ns + GYL_NS_PER_DAY / c->cnt * c->at;
	struct gyl_civil t;
	size_t pri_len;
	int n;

	if (c->at == c->cnt)
		return 0;
	c->wall_ns = at_ns + rnd(c, 1000) * GYL_NS_PER_US;
	gyl_time_civil((int64_t)(at_ns / GYL_NS_PER_S), &t);
	put_message(c, msg, sizeof msg);
	c->at++;
	pri_len = strcspn(msg, ">") + 1;
	n = snprintf(line, CORPUS_LINE_MAX, "%.*s%s %2u %02u:%02u:%02u %s", (int)pri_len, msg,
		month[t.month - 1], t.day, t.hour, t.minute, t.second, msg + pri_len);
	return n < 0 ? 0 : (size_t)n;
}
