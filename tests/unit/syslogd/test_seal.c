/* SPDX-License-Identifier: ISC */

/* Sealed segments as octets, their keys, and how a search reads them. */

#include "tests/unit/syslogd/seal_world.h"

static const struct gyl_seal_key raw_key = {.secret = {42}, .kind = GYL_SEAL_RAW};

enum {
	FRAMES = 3,
	LEN = 10,
	FRAME_LEN = LEN + GYL_SYSLOGD_SEAL_OVERHEAD,
	LAST_AT = GYL_SYSLOGD_SEAL_HEADER_LEN + FRAMES * FRAME_LEN,
	FILE_LEN = LAST_AT + GYL_SYSLOGD_SEAL_LAST_LEN
};

static size_t at(size_t i)
{
	return GYL_SYSLOGD_SEAL_HEADER_LEN + i * FRAME_LEN;
}

static void make(
	uint8_t file[FILE_LEN], struct gyl_syslogd_manifest *m, struct gyl_syslogd_link *link)
{
	static const uint8_t random[GYL_SYSLOGD_SEAL_RANDOM_LEN] = {1};
	struct gyl_syslogd_sealing s;

	assert_int_equal(gyl_syslogd_sealing_begin(&s, &raw_key, 0, random, file), 0);
	for (size_t i = 0; i < FRAMES; i++) {
		uint8_t data[LEN];

		memset(data, (int)('a' + i), LEN);
		gyl_syslogd_sealing_put(&s, data, LEN, file + at(i));
	}
	memset(m, 0, sizeof *m);
	m->closed_ns = 1;
	m->first_seq = 2;
	m->last_seq = UINT64_C(0x0102030405060708);
	m->cnt = 4;
	m->text_len = 5;
	gyl_syslogd_sealing_end(&s, m, file + LAST_AT, link);
}

/* How much of a file opens: frames, and the manifest as one more. -1: not even the header. */
static int opened(const uint8_t file[FILE_LEN], struct gyl_syslogd_manifest *ret_m)
{
	struct gyl_syslogd_link link;
	struct gyl_seal_header h;
	struct gyl_seal_frames f;
	uint8_t data[LEN];
	int cnt = 0;

	if (gyl_seal_frames_decode(file, 0, 0, &h, NULL) != GYL_SEAL_OK ||
		gyl_seal_frames_open(&f, file, &raw_key, 0) != GYL_SEAL_OK)
		return -1;
	for (size_t i = 0; i < FRAMES; i++)
		cnt += gyl_seal_frames_get(&f, i, false, file + at(i), FRAME_LEN, data) ==
		       GYL_SEAL_OK;
	return cnt + (gyl_syslogd_unseal_last(&f, FRAMES,
			      gyl_view(file + LAST_AT, GYL_SYSLOGD_SEAL_LAST_LEN), ret_m,
			      &link) == GYL_SEAL_OK);
}

static void manifest_comes_back(void **state)
{
	struct gyl_syslogd_manifest m, got;
	struct gyl_syslogd_link link;
	uint8_t file[FILE_LEN], hash[32];
	struct gyl_sha256 h;

	(void)state;
	make(file, &m, &link);
	assert_int_equal(opened(file, &got), FRAMES + 1);
	assert_memory_equal(&got, &m, sizeof m);
	assert_int_equal(m.frame_cnt, FRAMES);
	assert_int_equal(m.data_len, FRAMES * LEN);
	gyl_sha256_init(&h, 0);
	gyl_sha256_update(&h, file, LAST_AT);
	gyl_sha256_final(&h, hash);
	assert_memory_equal(hash, m.frames_hash, sizeof hash);
	gyl_sha256_init(&h, 0);
	gyl_sha256_update(&h, file + LAST_AT, GYL_SYSLOGD_SEAL_LAST_LEN);
	gyl_sha256_final(&h, hash);
	assert_memory_equal(hash, link.hash, sizeof hash);
}

/* Of every bit of the header nothing opens, of any other one frame does not. */
static void every_bit(void **state)
{
	struct gyl_syslogd_manifest m, got;
	struct gyl_syslogd_link link;
	uint8_t file[FILE_LEN];

	(void)state;
	make(file, &m, &link);
	for (size_t bit = 0; bit < (size_t)8 * FILE_LEN; bit++) {
		file[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(
			opened(file, &got), bit / 8 < GYL_SYSLOGD_SEAL_HEADER_LEN ? -1 : FRAMES);
		file[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* The manifest that tells of another number of frames than stand in front of it. */
static void another_number_of_frames(void **state)
{
	struct gyl_syslogd_manifest m, got;
	struct gyl_syslogd_link link;
	struct gyl_seal_frames f;
	uint8_t file[FILE_LEN], text[GYL_SYSLOGD_MANIFEST_LEN];

	(void)state;
	make(file, &m, &link);
	assert_int_equal(gyl_seal_frames_open(&f, file, &raw_key, 0), GYL_SEAL_OK);
	m.frame_cnt++;
	gyl_syslogd_manifest_encode(&m, text);
	gyl_seal_frames_put(&f, FRAMES, true, text, sizeof text, file + LAST_AT);
	assert_int_equal(gyl_syslogd_unseal_last(&f, FRAMES,
				 gyl_view(file + LAST_AT, GYL_SYSLOGD_SEAL_LAST_LEN), &got, &link),
		GYL_SEAL_E_LEN);
}

/* docs/seal.md, octet by octet. */
static void layouts(void **state)
{
	struct gyl_syslogd_manifest m = {.closed_ns = 1,
		.first_seq = 2,
		.last_seq = 3,
		.cnt = 4,
		.text_len = 5,
		.data_len = 6,
		.frame_cnt = 7};
	struct gyl_syslogd_seal_head h = {.gone_seq = 1, .last_seq = 2}, got_h;
	uint8_t buf[GYL_SYSLOGD_MANIFEST_LEN];

	(void)state;
	memset(m.frames_hash, 0xaa, 32);
	memset(m.index_hash, 0xbb, 32);
	memset(m.before.hash, 0xcc, 32);
	gyl_syslogd_manifest_encode(&m, buf);
	assert_memory_equal(buf, "GYLMANI\1", 8);
	for (unsigned i = 1; i <= 7; i++)
		assert_int_equal(gyl_get_u64(buf + (size_t)8 * i), i);
	assert_true(buf[64] == 0xaa && buf[95] == 0xaa && buf[96] == 0xbb && buf[127] == 0xbb &&
		    buf[128] == 0xcc && buf[159] == 0xcc);
	memset(h.link.hash, 0xdd, 32);
	gyl_syslogd_seal_head_encode(&h, buf);
	assert_memory_equal(buf, "GYLHEAD\1", 8);
	assert_true(gyl_get_u64(buf + 8) == 1 && gyl_get_u64(buf + 16) == 2);
	assert_true(buf[24] == 0xdd && buf[55] == 0xdd);
	assert_true(gyl_syslogd_seal_head_decode(gyl_view(buf, GYL_SYSLOGD_HEAD_LEN), &got_h));
	assert_memory_equal(&got_h, &h, sizeof h);
	assert_false(gyl_syslogd_seal_head_decode(gyl_view(buf, GYL_SYSLOGD_HEAD_LEN - 1), &got_h));
	assert_false(gyl_syslogd_manifest_decode(gyl_view(buf, GYL_SYSLOGD_MANIFEST_LEN), &m));
	buf[7] = 2;
	assert_false(gyl_syslogd_seal_head_decode(gyl_view(buf, GYL_SYSLOGD_HEAD_LEN), &got_h));
}

static void small_files(void **state)
{
	static const size_t lens[] = {0, 1, 56, 65536, 65537, 200000};
	static const uint8_t random[GYL_SYSLOGD_SEAL_SMALL_RANDOM_LEN] = {3};
	static uint8_t text[200000], buf[210000], got[210000];

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < TEST_CNT(lens); i++) {
		size_t len, got_len;

		assert_int_equal(gyl_syslogd_seal_small(
					 &raw_key, 0, random, gyl_view(text, lens[i]), buf, &len),
			0);
		assert_int_equal(len, gyl_syslogd_seal_small_room(lens[i]));
		assert_int_equal(
			gyl_syslogd_unseal_small(&raw_key, 0, gyl_view(buf, len), got, &got_len),
			0);
		assert_int_equal(got_len, lens[i]);
		assert_memory_equal(got, text, got_len);
		assert_int_equal(gyl_syslogd_unseal_small(
					 &raw_key, 0, gyl_view(buf, len - 1), got, &got_len),
			GYL_SEAL_E_TRUNCATED);
	}
}

/* ---- keys ---- */

static void put_cost(uint8_t *header, uint8_t log2_n, uint32_t r, uint32_t p)
{
	header[9] = log2_n;
	gyl_set_u32(header + 16, r);
	gyl_set_u32(header + 20, p);
}

/* What a stranger's header may ask for. */
static void costs(void **state)
{
	static const struct {
		uint8_t log2_n;
		uint32_t r, p;
		int err;
	} rows[] = {
		{4, 8, 1, GYL_SEAL_E_KEY},   /* cheap: another key, found out at once */
		{19, 8, 1, GYL_SEAL_E_COST}, /* 512 MiB */
		{30, 8, 1, GYL_SEAL_E_COST},
		{63, 8, 1, GYL_SEAL_E_COST},
		{14, 8, 1000, GYL_SEAL_E_COST}, /* a minute */
		{14, 0, 1, GYL_SEAL_E_HEADER},
		{0, 8, 1, GYL_SEAL_E_HEADER},
	};
	struct world *w = *state;
	const struct gyl_seal_key *key;
	struct world_packed p;
	char base[GYL_SYSLOGD_NAME_MAX];

	world_seal(w, &p, base, true);
	assert_int_equal(gyl_syslogd_keys_find(good_keys, p.file, &key), GYL_SEAL_OK);
	assert_true(key == w->sealer.key);
	assert_int_equal(gyl_syslogd_keys_find(good_keys, p.idx, &key), GYL_SEAL_OK);
	assert_int_equal(gyl_syslogd_keys_find(other_keys, p.file, &key), GYL_SEAL_E_KEY);
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		put_cost(p.file, rows[i].log2_n, rows[i].r, rows[i].p);
		assert_int_equal(gyl_syslogd_keys_find(good_keys, p.file, &key), rows[i].err);
	}
}

/* As many keys as one reader derives, and no more; without the passphrase none. */
static void salts(void **state)
{
	struct world *w = *state;
	const struct gyl_seal_key *key;
	struct gyl_syslogd_keys *k;
	struct world_packed p;
	char base[GYL_SYSLOGD_NAME_MAX], err[200];

	world_seal(w, &p, base, true);
	k = gyl_syslogd_keys_text("x", 1, err);
	assert_non_null(k);
	put_cost(p.file, 4, 8, 1);
	for (unsigned i = 0; i < GYL_SYSLOGD_SALT_MAX + 2; i++) {
		p.file[24] = (uint8_t)i;
		assert_int_equal(gyl_syslogd_keys_find(k, p.file, &key),
			i < GYL_SYSLOGD_SALT_MAX ? GYL_SEAL_E_KEY : GYL_SEAL_E_COST);
	}
	gyl_syslogd_keys_close(k);
	k = gyl_syslogd_keys_text("x", 1, err);
	assert_non_null(k);
	gyl_syslogd_keys_forget(k);
	assert_int_equal(gyl_syslogd_keys_find(k, p.file, &key), GYL_SEAL_E_COST);
	gyl_syslogd_keys_close(k);
}

static void passphrase_files(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *err; /* NULL: good */
	} rows[] = {
		{"correct horse\n", 0600, NULL},
		{"correct horse", 0400, NULL},
		{"two\nlines\n", 0600, NULL},
		{"", 0600, "no password"},
		{"\nsecond line\n", 0600, "is empty"},
		{"x\n", 0640, "others may read"},
		{"x\n", 0604, "others may read"},
	};
	struct world *w = *state;
	char path[100], err[200];

	snprintf(path, sizeof path, "%s/passphrase", w->dir);
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		struct gyl_syslogd_keys *k;

		world_write(w, "passphrase", rows[i].text, strlen(rows[i].text));
		assert_int_equal(chmod(path, rows[i].mode), 0);
		k = gyl_syslogd_keys_open(path, err);
		assert_true((k != NULL) == (rows[i].err == NULL));
		if (k == NULL && rows[i].err != NULL && strstr(err, rows[i].err) == NULL)
			fail_msg("%s", err);
		gyl_syslogd_keys_close(k);
		unlinkat(w->dir_fd, "passphrase", 0);
	}
	assert_null(gyl_syslogd_keys_open(path, err));
	assert_non_null(strstr(err, "No such file"));
}

/* ---- a search ---- */

/* The records of the only segment; note: what is told about it. */
static uint64_t search(struct world *w, struct gyl_syslogd_keys *keys, char note[200], int *ret_err)
{
	struct gyl_syslogd_scratch x = {.text = NULL};
	struct gyl_syslogd_reader r;
	struct gyl_syslogd_seg s;
	uint64_t cnt = 0;

	assert_int_equal(gyl_syslogd_reader_open(&r, w->dir), 0);
	r.keys = keys;
	assert_int_equal(r.cnt, 1);
	assert_int_equal(gyl_syslogd_seg_open(&r, 0, &s), 0);
	assert_int_equal(s.kind, GYL_SYSLOGD_SEG_SEAL);
	memcpy(note, s.note, 200);
	*ret_err = 0;
	for (size_t i = s.frame_cnt; i-- > 0;) { /* backwards: frames are read alone */
		struct gyl_view text;
		int err = gyl_syslogd_seg_text(&s, &s.frame[i], &x, &text);

		for (size_t n = 0; err == 0 && n < text.len; n++)
			cnt += text.p[n] == '\n';
		*ret_err = err != 0 ? err : *ret_err;
	}
	gyl_syslogd_seg_close(&s);
	gyl_syslogd_reader_close(&r);
	gyl_syslogd_scratch_free(&x);
	return cnt;
}

static void sealed_segments_are_searched(void **state)
{
	struct world *w = *state;
	char base[GYL_SYSLOGD_NAME_MAX], name[GYL_SYSLOGD_NAME_MAX], note[200];
	struct world_packed p;
	int err;

	world_seal(w, &p, base, true);
	assert_int_equal(search(w, good_keys, note, &err), WORLD_PER_SEG);
	assert_string_equal(note, "");
	assert_int_equal(search(w, other_keys, note, &err), 0);
	assert_non_null(strstr(note, "another key or passphrase"));
	assert_int_equal(search(w, NULL, note, &err), 0);
	assert_non_null(strstr(note, "its passphrase is needed"));
	/* A frame that was altered shows nothing, the others do. */
	p.file[p.at[1] + 10] ^= 1;
	world_name(w, base, GYL_SYSLOGD_SEAL, p.file, p.len);
	assert_int_equal(search(w, good_keys, note, &err), WORLD_PER_SEG - WORLD_PER_FRAME);
	assert_int_equal(err, -EBADMSG);
	/* Without an index, those in front of it. */
	gyl_syslogd_archive_file(base, GYL_SYSLOGD_IDX_SEAL, name);
	unlinkat(w->dir_fd, name, 0);
	assert_int_equal(search(w, good_keys, note, &err), WORLD_PER_FRAME);
	assert_non_null(strstr(note, "frame 1 at octet "));
	p.file[p.at[1] + 10] ^= 1;
	world_name(w, base, GYL_SYSLOGD_SEAL, p.file, p.len);
	assert_int_equal(search(w, good_keys, note, &err), WORLD_PER_SEG);
}

/* An index of another segment, rightly sealed, is not believed. */
static void index_of_another_segment(void **state)
{
	struct world *w = *state;
	char base[2][GYL_SYSLOGD_NAME_MAX], note[200];
	struct world_packed p[2];
	char name[GYL_SYSLOGD_NAME_MAX];
	int err;

	world_seal(w, &p[0], base[0], true);
	world_seal(w, &p[1], base[1], true);
	world_name(w, base[1], GYL_SYSLOGD_IDX_SEAL, p[0].idx, p[0].idx_len);
	gyl_syslogd_archive_file(base[0], GYL_SYSLOGD_SEAL, name);
	unlinkat(w->dir_fd, name, 0);
	assert_int_equal(search(w, good_keys, note, &err), WORLD_PER_SEG);
	assert_non_null(strstr(note, "read without its index"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, world_open, world_close)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(manifest_comes_back),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(another_number_of_frames),
		cmocka_unit_test(layouts),
		cmocka_unit_test(small_files),
		CASE(costs),
		CASE(salts),
		CASE(passphrase_files),
		CASE(sealed_segments_are_searched),
		CASE(index_of_another_segment),
	};

	return world_main(tests, TEST_CNT(tests));
}
