/* SPDX-License-Identifier: ISC */

/*
 * Reading an index: what is taken lies inside of the input, adds up, and has the frames that it
 * says. The checksums are put right for a second try, or nothing behind them would be reached. And
 * the input as a segment's text: its index is taken, and no word of it is missing from the filter.
 */

#include "services/base/crc32c.h"
#include "services/syslogd/collect.h"
#include "services/syslogd/token.h"
#include "tests/fuzz/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	TEXT_MAX = 1 << 16,
	INDEX_MAX = GYL_SYSLOGD_INDEX_HEAD_LEN + GYL_SYSLOGD_INDEX_FRAME_LEN +
		    GYL_SYSLOGD_INDEX_FILTER_MAX + GYL_SYSLOGD_HOSTS_LEN_MAX
};

static bool is_inside(struct gyl_view in, struct gyl_view v)
{
	return v.len == 0 ||
	       (v.p >= in.p && v.len <= in.len && v.p - in.p <= (ptrdiff_t)(in.len - v.len));
}

static bool read_index(struct gyl_view in)
{
	uint64_t data_len = 0, text_len = 0, token = 1;
	struct gyl_syslogd_index ix;
	struct gyl_syslogd_frame f;
	struct gyl_syslogd_host h;
	uint32_t frame_cnt = 0, host_cnt = 0;
	struct gyl_view rest;
	struct gyl_fault fault = gyl_syslogd_index_open(in, &ix);

	REQUIRE(fault.off <= in.len || fault.err == GYL_E_SHORT);
	if (gyl_failed(fault))
		return false;
	for (rest = ix.frames; gyl_syslogd_index_frame(&rest, &f); frame_cnt++) {
		REQUIRE(is_inside(in, f.filter) && is_inside(in, gyl_view(f.hash, 32)));
		REQUIRE(f.off == data_len && f.len <= GYL_SYSLOGD_INDEX_DATA_MAX);
		REQUIRE(f.text_len <= GYL_SYSLOGD_FRAME_TEXT_MAX);
		data_len += f.len;
		text_len += f.text_len;
		token = token * 0x9e3779b97f4a7c15u + gyl_syslogd_frame_may_have(&f, token);
	}
	REQUIRE(data_len == ix.data_len && text_len == ix.text_len && frame_cnt == ix.frame_cnt);
	for (rest = ix.hosts; gyl_syslogd_index_host(&rest, &h); host_cnt++)
		REQUIRE(is_inside(in, h.name));
	REQUIRE(host_cnt == ix.host_cnt);
	return true;
}

static void read_with_checksums(const uint8_t *data, size_t size)
{
	static uint8_t buf[TEXT_MAX];
	size_t head = GYL_SYSLOGD_INDEX_HEAD_LEN;

	if (size < head || size > sizeof buf)
		return;
	memcpy(buf, data, size);
	gyl_set_u32(buf + 56, gyl_crc32c(buf + head, size - head));
	gyl_set_u32(buf + 60, gyl_crc32c(buf, 60));
	read_index(gyl_view(buf, size));
}

static void make(struct gyl_view text)
{
	static const uint8_t hash[GYL_SYSLOGD_HASH_LEN];
	static struct gyl_syslogd_collect c;
	static uint8_t buf[INDEX_MAX];
	size_t head = GYL_SYSLOGD_INDEX_HEAD_LEN, len = head + GYL_SYSLOGD_INDEX_FRAME_LEN;
	struct gyl_syslogd_index ix = {.frame_cnt = 1, .data_len = 1, .text_len = text.len};
	struct gyl_syslogd_frame f;
	struct gyl_writer w;

	gyl_syslogd_collect_init(&c);
	gyl_syslogd_collect_frame(&c, text, &f);
	REQUIRE(f.text_len == text.len && (f.cnt != 0) == (text.len != 0));
	f.off = 0;
	f.len = 1;
	f.hash = hash;
	gyl_syslogd_index_put_frame(buf + head, &f);
	len += f.filter.len;
	gyl_writer_init(&w, buf + len, sizeof buf - len);
	ix.host_cnt = gyl_syslogd_collect_hosts(&c, &w);
	REQUIRE(gyl_writer_ok(&w));
	len += w.len;
	gyl_syslogd_index_put_head(buf, &ix, (uint32_t)w.len, gyl_crc32c(buf + head, len - head));
	REQUIRE(read_index(gyl_view(buf, len)));
}

/* What a search would look for in the first line. */
static void look_for(struct gyl_view line)
{
	static struct gyl_syslogd_collect c;
	static uint8_t buf[TEXT_MAX];
	struct gyl_syslogd_fields fields;
	struct gyl_syslogd_frame f;
	struct gyl_syslogd_tokens t;
	struct gyl_syslogd_token tok;
	bool json;

	gyl_syslogd_collect_init(&c);
	gyl_syslogd_collect_frame(&c, line, &f);
	if (!gyl_syslogd_fields(line, &fields))
		return;
	for (unsigned i = 0; i < GYL_SYSLOGD_WORD_TEXTS; i++) {
		gyl_syslogd_tokens_init(
			&t, gyl_syslogd_word_text(&fields, i, buf, sizeof buf, &json), json);
		while (gyl_syslogd_tokens_next(&t, &tok))
			REQUIRE(gyl_syslogd_frame_may_have(&f, tok.hash));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *lf = size == 0 ? NULL : memchr(data, '\n', size);

	read_index(gyl_view(data, size));
	read_with_checksums(data, size);
	if (size <= TEXT_MAX) {
		make(gyl_view(data, size));
		look_for(gyl_view(data, lf == NULL ? size : (size_t)(lf - data)));
	}
	return 0;
}
