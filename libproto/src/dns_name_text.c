/* SPDX-License-Identifier: ISC */
#include <gyl/dns_name.h>
#include <gyl/text.h>

#include "libproto/src/dns_base.h"

static const uint8_t arpa_tail[] = "\7in-addr\4arpa";

static bool is_plain(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '*';
}

static void octet_print(struct gyl_writer *w, uint8_t c)
{
	if (!is_plain(c))
		gyl_text_char(w, '\\');
	if (c > 0x20 && c < 0x7f)
		gyl_text_char(w, (char)c);
	else
		gyl_text_u64_pad(w, c, 3);
}

void gyl_dns_name_print(struct gyl_writer *w, const uint8_t *name)
{
	size_t start = w->len;

	if (*name == 0)
		gyl_text_char(w, '.');
	for (; *name != 0; name += *name + 1) {
		for (unsigned i = 1; i <= *name; i++)
			octet_print(w, name[i]);
		gyl_text_char(w, '.');
	}
	if (!gyl_writer_ok(w))
		w->len = start;
}

/* The labels of text into name, without a root; *ret_absolute tells whether the text ended with a
 * dot. */
static struct gyl_fault labels_parse(
	struct gyl_view text, uint8_t *name, size_t *ret_len, bool *ret_absolute)
{
	size_t at = 0, label = 0, len = 1;

	while (at < text.len) {
		size_t here = at;
		uint8_t c = text.p[at++];

		if (c == '.') {
			if (len == label + 1)
				return gyl_fault(GYL_E_SYNTAX, here);
			name[label] = (uint8_t)(len - label - 1);
			label = len++;
			continue;
		}
		if (c == '\\') {
			struct gyl_fault f;

			at = here;
			f = gyl__escape_parse(text, &at, &c);

			if (gyl_failed(f))
				return f;
		}
		/* one octet stays free for the root */
		if (len - label > GYL_DNS_LABEL_MAX || len >= GYL_DNS_NAME_MAX - 1)
			return gyl_fault(GYL_E_NAME, here);
		name[len++] = c;
	}
	*ret_absolute = len == label + 1;
	if (!*ret_absolute) {
		name[label] = (uint8_t)(len - label - 1);
		label = len;
	}
	*ret_len = label;
	return gyl_ok();
}

static bool is_one(struct gyl_view text, char c)
{
	return text.len == 1 && text.p[0] == (uint8_t)c;
}

struct gyl_fault gyl_dns_name_parse(struct gyl_view text, const uint8_t *origin,
	uint8_t name[GYL_DNS_NAME_MAX], size_t *ret_len)
{
	static const uint8_t root[1] = {0};
	bool absolute = is_one(text, '.');
	size_t head = 0, tail_len;
	const uint8_t *tail;
	struct gyl_fault f = gyl_ok();

	if (text.len == 0)
		return gyl_fault(GYL_E_SYNTAX, 0);
	if (!absolute && !is_one(text, '@'))
		f = labels_parse(text, name, &head, &absolute);
	if (gyl_failed(f))
		return f;
	if (!absolute && origin == NULL)
		return gyl_fault(GYL_E_MISSING, text.len);
	tail = absolute ? root : origin;
	tail_len = gyl_dns_name_len(tail);
	if (head > GYL_DNS_NAME_MAX - tail_len)
		return gyl_fault(GYL_E_NAME, text.len);
	memcpy(name + head, tail, tail_len);
	if (ret_len != NULL)
		*ret_len = head + tail_len;
	return gyl_ok();
}

size_t gyl_dns_name_reverse_ipv4(uint32_t ip, uint8_t name[GYL_DNS_NAME_MAX])
{
	struct gyl_writer w;

	gyl_writer_init(&w, name, GYL_DNS_NAME_MAX);
	for (int i = 0; i < 4; i++, ip >>= 8) {
		size_t at = w.len;

		gyl_put_u8(&w, 0);
		gyl_text_u64(&w, ip & 255);
		name[at] = (uint8_t)(w.len - at - 1);
	}
	gyl_put_bytes(&w, arpa_tail, sizeof arpa_tail);
	return w.len;
}

bool gyl_dns_name_to_ipv4(const uint8_t *name, uint32_t *ret_ip)
{
	uint32_t ip = 0;

	for (unsigned i = 0; i < 4; i++, name += *name + 1) {
		uint64_t octet;

		if (*name == 0 || *name > 3 || (*name > 1 && name[1] == '0') ||
			gyl_failed(gyl_parse_u64(gyl_view(name + 1, *name), 255, &octet)))
			return false;
		ip |= (uint32_t)octet << 8 * i;
	}
	if (!gyl_dns_name_eq(name, arpa_tail))
		return false;
	*ret_ip = ip;
	return true;
}
