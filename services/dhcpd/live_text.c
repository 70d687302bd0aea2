/* SPDX-License-Identifier: ISC */

/* Reservations and drains that are set while the server runs, as records and back. */

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/base/out.h"
#include "services/dhcpd/layout.h"
#include "services/dhcpd/live.h"
#include "services/dhcpd/word.h"

static const char host_prefix[] = "dhcpd/reserve/", drain_prefix[] = "dhcpd/drain/";

/* ---- printing ---- */

static void print_since(struct gyl_writer *w, uint32_t since_s)
{
	gyl_text_char(w, ' ');
	gyl_time_print_rfc3339(w, gyl_time_from_s(since_s), 0);
}

void gyl__dhcpd_live_print(const struct gyl_dhcpd_live_host *h, uint8_t key[GYL_DHCPD_KEY_LEN_MAX],
	uint8_t val[GYL_DHCPD_LIVE_VAL_MAX], struct gyl_record *ret_rec)
{
	struct gyl_writer w;

	*ret_rec = (struct gyl_record){.place = 0};
	gyl_writer_init(&w, key, GYL_DHCPD_KEY_LEN_MAX);
	gyl_text_str(&w, host_prefix);
	gyl_text_mac(&w, h->mac);
	ret_rec->key = gyl_writer_view(&w);
	gyl_writer_init(&w, val, GYL_DHCPD_LIVE_VAL_MAX);
	gyl_text_str(&w, "1 ");
	if (h->gone)
		gyl_text_str(&w, "gone");
	else if (h->address != 0)
		gyl_text_ipv4(&w, h->address);
	else
		gyl_text_char(&w, '-');
	gyl_text_char(&w, ' ');
	gyl_put_view(&w, h->name_len != 0 ? gyl_view(h->name, h->name_len) : gyl_view("-", 1));
	print_since(&w, h->since_s);
	ret_rec->val = gyl_writer_view(&w);
}

void gyl__dhcpd_live_print_drain(const struct gyl_dhcpd_live_drain *n,
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX], uint8_t val[GYL_DHCPD_LIVE_VAL_MAX],
	struct gyl_record *ret_rec)
{
	struct gyl_writer w;

	*ret_rec = (struct gyl_record){.place = 0};
	gyl_writer_init(&w, key, GYL_DHCPD_KEY_LEN_MAX);
	gyl_text_str(&w, drain_prefix);
	gyl_text_ipv4(&w, n->ip);
	gyl_text_char(&w, '-');
	gyl_text_u64(&w, gyl_conf_mask_len(n->mask));
	ret_rec->key = gyl_writer_view(&w);
	gyl_writer_init(&w, val, GYL_DHCPD_LIVE_VAL_MAX);
	gyl_text_str(&w, n->gone ? "1 gone" : n->on ? "1 on" : "1 off");
	print_since(&w, n->since_s);
	ret_rec->val = gyl_writer_view(&w);
}

/* ---- parsing ---- */

/* What is behind the prefix; false: the key has another one. */
static bool strip(struct gyl_view key, const char *prefix, struct gyl_view *ret)
{
	size_t len = gyl_view_str(prefix).len;

	*ret = gyl_view_sub(key, len, key.len);
	return gyl__dhcpd_word_is(gyl_view_sub(key, 0, len), prefix);
}

static bool parse_since(struct gyl_view v, uint32_t *ret_s)
{
	uint64_t ns;

	if (gyl_failed(gyl_time_parse_rfc3339(v, &ns)))
		return false;
	*ret_s = (uint32_t)(ns / GYL_NS_PER_S);
	return true;
}

static bool parse_host(struct gyl_view val, struct gyl_dhcpd_live_host *h)
{
	struct gyl_view ip, name;

	if (!gyl__dhcpd_word_is(gyl__dhcpd_word(&val), "1"))
		return false;
	ip = gyl__dhcpd_word(&val);
	name = gyl__dhcpd_word(&val);
	h->gone = h->hidden = gyl__dhcpd_word_is(ip, "gone");
	if (!h->gone && !gyl__dhcpd_word_is(ip, "-") && gyl_failed(gyl_parse_ipv4(ip, &h->address)))
		return false;
	if (name.len > sizeof h->name)
		return false;
	if (!gyl__dhcpd_word_is(name, "-")) {
		h->name_len = (uint8_t)name.len;
		memcpy(h->name, name.p, name.len);
	}
	return parse_since(val, &h->since_s);
}

bool gyl__dhcpd_live_parse(
	struct gyl_view key, struct gyl_view val, struct gyl_dhcpd_live_host *ret, bool *ret_odd)
{
	struct gyl_view mac;

	memset(ret, 0, sizeof *ret);
	if (!strip(key, host_prefix, &mac))
		return false;
	*ret_odd = gyl_failed(gyl_parse_mac(mac, ret->mac));
	if (val.len == 0)
		ret->gone = ret->hidden = true;
	else
		*ret_odd |= !parse_host(val, ret);
	return true;
}

static bool parse_subnet(struct gyl_view v, struct gyl_dhcpd_live_drain *n)
{
	const uint8_t *dash = v.len == 0 ? NULL : memchr(v.p, '-', v.len);
	size_t at = dash == NULL ? 0 : (size_t)(dash - v.p);
	uint64_t len;

	if (dash == NULL || gyl_failed(gyl_parse_ipv4(gyl_view_sub(v, 0, at), &n->ip)) ||
		gyl_failed(gyl_parse_u64(gyl_view_sub(v, at + 1, v.len), 32, &len)))
		return false;
	n->mask = gyl_conf_mask((unsigned)len);
	return true;
}

/* Without a time it was set by an earlier version. */
static bool parse_drain(struct gyl_view val, struct gyl_dhcpd_live_drain *n)
{
	struct gyl_view word;

	if (!gyl__dhcpd_word_is(gyl__dhcpd_word(&val), "1"))
		return false;
	word = gyl__dhcpd_word(&val);
	n->on = gyl__dhcpd_word_is(word, "on");
	n->gone = gyl__dhcpd_word_is(word, "gone");
	return val.len == 0 || parse_since(val, &n->since_s);
}

bool gyl__dhcpd_live_parse_drain(
	struct gyl_view key, struct gyl_view val, struct gyl_dhcpd_live_drain *ret, bool *ret_odd)
{
	struct gyl_view subnet;

	memset(ret, 0, sizeof *ret);
	if (!strip(key, drain_prefix, &subnet))
		return false;
	*ret_odd = !parse_subnet(subnet, ret);
	ret->gone = val.len == 0;
	*ret_odd |= val.len != 0 && !parse_drain(val, ret);
	return true;
}
