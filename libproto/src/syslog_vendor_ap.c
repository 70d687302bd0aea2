/* SPDX-License-Identifier: ISC */

/* Access points: UniFi puts model, MAC and firmware where a host belongs, Aruba `<address mac>`
 * behind it. */

#include "libproto/src/syslog_impl.h"

#include <gyl/text.h>

static bool is_mac12(struct gyl_view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!gyl__hex(v.p[i]))
			return false;
	return v.len == 12;
}

/* Cuts v at the first c: what is before it; v becomes what is behind. The whole when there is no c.
 */
static struct gyl_view cut_at(struct gyl_view *v, uint8_t c)
{
	const uint8_t *at = v->len == 0 ? NULL : memchr(v->p, c, v->len);
	struct gyl_view head = at == NULL ? *v : gyl__span(v->p, at);

	*v = gyl_view_sub(*v, head.len + 1, v->len);
	return head;
}

static void take(struct gyl__syslog_in *in, struct gyl_view host, const struct gyl_syslog_unifi *u,
	const uint8_t *to)
{
	in->m->vendor = GYL_SYSLOG_X_UNIFI;
	in->m->x.unifi = *u;
	if (host.p != NULL)
		in->m->host = host;
	in->p = to;
	if (gyl__peek(in, 0) == ':')
		in->p++;
	gyl__skip_spaces(in);
}

/* `("U7LT,0418d6aabbcc,v4.3.28")` of old firmware and `U7PG2,0418d6aabbcc,v4.0.10:` of newer. The
 * model is the host, unless there is one. */
bool gyl__syslog_unifi_host(struct gyl__syslog_in *in)
{
	struct gyl_view word = gyl_view(in->p, gyl__word_len(in));
	const uint8_t *to = word.p + word.len;
	struct gyl_syslog_unifi u = {0};
	struct gyl_view host;

	if (word.len < 16 || memchr(word.p, ',', word.len) == NULL)
		return false;
	if (word.len > 4 && memcmp(word.p, "(\"", 2) == 0 && memcmp(to - 2, "\")", 2) == 0) {
		word = gyl_view(word.p + 2, word.len - 4);
	} else if (word.len > 1 && to[-1] == ':') {
		word.len--;
		to--;
	}
	if (word.len < 16)
		return false;
	host = cut_at(&word, ',');
	u.mac = cut_at(&word, ',');
	u.fw = word;
	if (!gyl__syslog_is_name(host) || !is_mac12(u.mac) || u.fw.len == 0)
		return false;
	if (in->m->host.p != NULL)
		u.model = host;
	take(in, in->m->host.p != NULL ? in->m->host : host, &u, to);
	return true;
}

/* Where the firmware begins in `UAP-AC-LR-5.43.38+12731`: behind the last dash before a digit and a
 * dot. */
static size_t firmware_off(struct gyl_view v)
{
	size_t off = 0;

	for (size_t i = 1; i + 1 < v.len; i++) {
		size_t end = i + 1;

		if (v.p[i] != '-')
			continue;
		if (v.p[end] == 'v')
			end++;
		while (end < v.len && gyl__digit(v.p[end]))
			end++;
		if (end > i + 1 && end < v.len && v.p[end] == '.')
			off = i + 1;
	}
	return off;
}

/* `0418d6aabbdd,USW_FLEX_MINI-2.0.0.704: ` behind the device's name. */
bool gyl__syslog_unifi_unit(struct gyl__syslog_in *in)
{
	struct gyl_view word;
	struct gyl_syslog_unifi u = {0};
	const uint8_t *to;
	size_t off;

	if (gyl__peek(in, 12) != ',')
		return false;
	word = gyl_view(in->p, gyl__word_len(in));
	to = word.p + word.len;
	if (word.len < 16 || to[-1] != ':')
		return false;
	word.len--;
	u.mac = cut_at(&word, ',');
	off = firmware_off(word);
	if (!is_mac12(u.mac) || off == 0)
		return false;
	u.model = gyl_view(word.p, off - 1);
	u.fw = gyl_view_sub(word, off, word.len);
	take(in, gyl_view(NULL, 0), &u, to - 1);
	return true;
}

/* `<10.0.0.5 00:0b:86:aa:bb:cc> ` */
bool gyl__syslog_aruba(struct gyl__syslog_in *in)
{
	struct gyl_view rest = gyl__span(in->p, in->end);
	struct gyl_syslog_aruba a;
	uint32_t ip;
	uint8_t mac[6];

	if (gyl__peek(in, 0) != '<' || memchr(in->p, '>', rest.len) == NULL)
		return false;
	rest = gyl_view_sub(rest, 1, rest.len);
	rest = cut_at(&rest, '>');
	a.ip = cut_at(&rest, ' ');
	a.mac = rest;
	if (gyl_failed(gyl_parse_ipv4(a.ip, &ip)) || gyl_failed(gyl_parse_mac(a.mac, mac)))
		return false;
	in->m->vendor = GYL_SYSLOG_X_ARUBA;
	in->m->x.aruba = a;
	if (in->m->host.p == NULL)
		in->m->host = a.ip;
	in->p = a.mac.p + a.mac.len + 1;
	gyl__skip_spaces(in);
	return true;
}
