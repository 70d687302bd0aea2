/* SPDX-License-Identifier: ISC */

/* One walk over a value, two outputs: text or JSON by the same calls. */

#include "libproto/src/dhcp_show.h"

#include <gyl/text.h>

/* Separator and name before an item of text. A level that is open but empty so far comes first. */
static void before(struct gyl__show *s, const char *key)
{
	/* One step for each level that was opened since the last item. */
	for (unsigned level = s->written; level <= s->level; level++) {
		const char *name = level == s->level ? key : s->key[level + 1];

		if (s->filled[level])
			gyl_text_str(s->w, s->sep[level]);
		s->filled[level] = true;
		if (name != NULL && level != 0) {
			gyl_text_str(s->w, name);
			gyl_text_char(s->w, ' ');
		}
	}
	s->written = s->level;
}

static void open_level(struct gyl__show *s, const char *key, const char *sep)
{
	s->level++;
	s->sep[s->level] = sep;
	s->key[s->level] = key;
	s->filled[s->level] = false;
}

void gyl__show_list(struct gyl__show *s, const char *key, const char *sep)
{
	if (s->j != NULL)
		gyl_json_arr(s->j, key);
	else
		open_level(s, key, sep);
}

void gyl__show_obj(struct gyl__show *s, const char *key)
{
	if (s->j != NULL)
		gyl_json_obj(s->j, key);
	else
		open_level(s, key, " ");
}

void gyl__show_end(struct gyl__show *s)
{
	if (s->j != NULL)
		gyl_json_end(s->j);
	else if (s->written > --s->level)
		s->written = s->level;
}

void gyl__show_u64(struct gyl__show *s, const char *key, uint64_t v)
{
	if (s->j != NULL) {
		gyl_json_u64(s->j, key, v);
		return;
	}
	before(s, key);
	gyl_text_u64(s->w, v);
}

void gyl__show_ipv4(struct gyl__show *s, const char *key, uint32_t ip)
{
	if (s->j != NULL) {
		gyl_json_ipv4(s->j, key, ip);
		return;
	}
	before(s, key);
	gyl_text_ipv4(s->w, ip);
}

void gyl__show_hex(struct gyl__show *s, const char *key, struct gyl_view v)
{
	if (s->j != NULL) {
		gyl_json_hex(s->j, key, v);
		return;
	}
	before(s, key);
	gyl_text_str(s->w, v.len == 0 ? "empty" : "hex ");
	gyl_text_hex(s->w, v);
}

/* Text that stands alone; "hex " at its start, blanks apart, would read back as octets. */
void gyl__show_text(struct gyl__show *s, const char *key, struct gyl_view v)
{
	size_t blank = 0;

	if (s->j != NULL) {
		gyl_json_str(s->j, key, v);
		return;
	}
	before(s, key);
	while (blank < v.len && v.p[blank] == ' ')
		blank++;
	if (v.len - blank >= 3 && memcmp(v.p + blank, "hex", 3) == 0) {
		gyl_put_bytes(s->w, v.p, blank);
		gyl_text_str(s->w, "\\x68");
		v = gyl_view_sub(v, blank + 1, SIZE_MAX);
	}
	gyl_text_safe(s->w, v);
}

void gyl__show_name(struct gyl__show *s, const char *key, const struct gyl_dhcp_name *n)
{
	uint8_t text[GYL_DHCP_NAME_TEXT_MAX];
	struct gyl_writer w;
	uint32_t ip;

	gyl_writer_init(&w, text, sizeof text);
	gyl_dhcp_name_print(&w, n);
	if (s->j != NULL) {
		gyl_json_str(s->j, key, gyl_writer_view(&w));
		return;
	}
	before(s, key);
	gyl_put_view(s->w, gyl_writer_view(&w));
	/* Where names and addresses may stand (RFC 3361), the dot makes it read back as a name. */
	if (!gyl_failed(gyl_parse_ipv4(gyl_writer_view(&w), &ip)))
		gyl_text_char(s->w, '.');
}

static bool is_one_word(struct gyl_view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] <= ' ' || v.p[i] >= 0x7f || v.p[i] == ',' || v.p[i] == '\\')
			return false;
	return v.len != 0;
}

void gyl__show_octets(struct gyl__show *s, struct gyl_view v)
{
	if (s->j == NULL && is_one_word(v)) {
		before(s, NULL);
		gyl_text_str(s->w, "text ");
		gyl_text_safe(s->w, v);
	} else {
		gyl__show_hex(s, s->j == NULL ? NULL : "hex", v);
	}
}
