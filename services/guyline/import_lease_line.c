/* SPDX-License-Identifier: ISC */

/*
 * Lease files of a lease a line: Kea's memfile, with commas and a line of titles, and dnsmasq's,
 * "EXPIRY MAC ADDRESS NAME CLIENT-ID".
 */

#include <gyl/text.h>

#include "services/guyline/import_lease.h"
#include "services/guyline/import_own.h"

enum {
	WORD_MAX = 32
};

struct line {
	struct gyl_import_place at;
	struct gyl_view word[WORD_MAX];
	size_t cnt;
};

/* The next line that is not empty, split at each `by`. False at the end. */
static bool next_line(struct gyl_view *rest, char by, struct line *l)
{
	size_t end, at = 0;
	struct gyl_view text;

	do {
		if (rest->len == 0)
			return false;
		for (end = 0; end < rest->len && rest->p[end] != '\n';)
			end++;
		text = gyl_view_sub(*rest, 0, end);
		*rest = gyl_view_sub(*rest, end + 1, rest->len);
		l->at.line++;
		if (text.len != 0 && text.p[text.len - 1] == '\r')
			text.len--;
	} while (text.len == 0);
	for (l->cnt = 0; at <= text.len && l->cnt < WORD_MAX; l->cnt++) {
		for (end = at; end < text.len && text.p[end] != (uint8_t)by;)
			end++;
		l->word[l->cnt] = gyl_view_sub(text, at, end - at);
		at = end + 1;
	}
	return true;
}

static bool octets(struct gyl_import *i, struct gyl_view text, struct gyl_view *ret)
{
	struct gyl_writer w;

	gyl_writer_init(&w, gyl_conf_alloc(i->c, text.len + 1), text.len + 1);
	if (!gyl__import_hex(text, &w))
		return false;
	*ret = gyl_writer_view(&w);
	return true;
}

static void put_mac(struct gyl_import *i, struct gyl_view text, struct gyl_lease *lease)
{
	struct gyl_view mac;

	if (!octets(i, text, &mac) || mac.len != 6)
		return;
	lease->has_mac = true;
	memcpy(lease->mac, mac.p, 6);
}

/* ---- Kea ---- */

enum column {
	ADDRESS,
	HWADDR,
	CLIENT_ID,
	LIFETIME,
	EXPIRE,
	HOSTNAME,
	STATE,
	COLUMN_CNT
};

static const char *const titles[COLUMN_CNT] = {
	"address", "hwaddr", "client_id", "valid_lifetime", "expire", "hostname", "state"};

static bool read_titles(const struct line *l, size_t col[COLUMN_CNT])
{
	for (size_t c = 0; c < COLUMN_CNT; c++) {
		for (col[c] = 0; col[c] < l->cnt; col[c]++)
			if (gyl_view_eq(l->word[col[c]], gyl_view_str(titles[c])))
				break;
		if (col[c] == l->cnt && c != STATE) /* files of version 1 have no state */
			return false;
	}
	return true;
}

static struct gyl_view cell(const struct line *l, size_t col)
{
	return col < l->cnt ? l->word[col] : gyl_view("", 0);
}

/* Kea writes a comma in a name as &#x2c. */
static struct gyl_view unescaped(struct gyl_import *i, struct gyl_view v)
{
	static const char comma[] = "&#x2c";
	uint8_t *p = gyl_conf_alloc(i->c, v.len + 1);
	size_t len = 0;

	for (size_t n = 0; n < v.len; n++) {
		bool is = gyl_view_eq(gyl_view_sub(v, n, sizeof comma - 1), gyl_view_str(comma));

		p[len++] = is ? ',' : v.p[n];
		n += is ? sizeof comma - 2 : 0;
	}
	return gyl_view(p, len);
}

/* A lifetime of 0 is how a removed lease is written; state 1 is declined, 2 expired, 3 released. */
static bool read_kea(struct gyl_leases *list, const struct line *l, const size_t col[COLUMN_CNT])
{
	struct gyl_lease lease = {0};
	uint64_t lifetime, expire, state = 0;
	struct gyl_view id = cell(l, col[CLIENT_ID]), mac = cell(l, col[HWADDR]);

	if (gyl_failed(gyl_parse_ipv4(cell(l, col[ADDRESS]), &lease.ip)) ||
		gyl_failed(gyl_parse_u64(cell(l, col[LIFETIME]), UINT32_MAX, &lifetime)) ||
		gyl_failed(gyl_parse_u64(cell(l, col[EXPIRE]), INT64_MAX, &expire)) ||
		(cell(l, col[STATE]).len != 0 &&
			gyl_failed(gyl_parse_u64(cell(l, col[STATE]), UINT8_MAX, &state))))
		return false;
	if (id.len != 0 && !octets(list->i, id, &lease.id))
		return false;
	if (mac.len != 0)
		put_mac(list->i, mac, &lease);
	lease.end_s = lifetime == UINT32_MAX ? UINT64_MAX : expire;
	lease.start_s = expire > lifetime ? expire - lifetime : 0;
	lease.name = unescaped(list->i, cell(l, col[HOSTNAME]));
	lease.declined = state == 1;
	lease.released = state > 1 || lifetime == 0;
	gyl_leases_put(list, &lease);
	return true;
}

bool gyl__leases_kea(struct gyl_leases *list, uint32_t file, struct gyl_view text)
{
	struct line l = {.at = {file << GYL_IMPORT_FILE_SHIFT, 1}};
	size_t col[COLUMN_CNT];

	if (!next_line(&text, ',', &l) || !read_titles(&l, col))
		return gyl__import_bad(list->i, l.at,
			"expected the titles of Kea's columns: address,hwaddr,client_id,...");
	while (next_line(&text, ',', &l))
		if (!read_kea(list, &l, col))
			gyl__import_left(list->i, l.at, l.word[0], "no lease");
	return true;
}

/* ---- dnsmasq ---- */

static bool read_dnsmasq(struct gyl_leases *list, const struct line *l)
{
	struct gyl_lease lease = {0};
	uint64_t expire;
	struct gyl_view mac = l->word[1];

	if (l->cnt < 5 || gyl_failed(gyl_parse_u64(l->word[0], INT64_MAX, &expire)) ||
		gyl_failed(gyl_parse_ipv4(l->word[2], &lease.ip)))
		return false;
	if (mac.len > 3 &&
		mac.p[2] == '-') /* the hardware type stands before it when not Ethernet */
		mac = gyl_view_sub(mac, 0, 0);
	put_mac(list->i, mac, &lease);
	lease.end_s = expire == 0 ? UINT64_MAX : expire;
	if (!gyl_view_eq(l->word[3], gyl_view_str("*")))
		lease.name = l->word[3];
	if (!gyl_view_eq(l->word[4], gyl_view_str("*")) && !octets(list->i, l->word[4], &lease.id))
		return false;
	gyl_leases_put(list, &lease);
	return true;
}

/* The line "duid" is the server's own; what follows it are leases of IPv6. */
bool gyl__leases_dnsmasq(struct gyl_leases *list, uint32_t file, struct gyl_view text)
{
	struct line l = {.at = {file << GYL_IMPORT_FILE_SHIFT, 1}};
	size_t left = list->i->message_cnt;

	while (next_line(&text, ' ', &l)) {
		if (gyl_view_eq(l.word[0], gyl_view_str("duid")))
			break;
		if (!read_dnsmasq(list, &l))
			gyl__import_left(list->i, l.at, l.word[0], "no lease");
	}
	if (list->cnt == 0 && list->i->message_cnt != left)
		return gyl__import_bad(list->i,
			(struct gyl_import_place){file << GYL_IMPORT_FILE_SHIFT, 0},
			"nothing of dnsmasq's leases in it");
	return true;
}
