/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <string.h>

#include "crypto/seal/seal_own.h"
#include "crypto/src/bits.h"

_Static_assert(GYL_SEAL_OVERHEAD == 4 + crypto_secretstream_xchacha20poly1305_ABYTES, "a frame");
_Static_assert(
	GYL_SEAL_STREAM_LEN == crypto_secretstream_xchacha20poly1305_HEADERBYTES, "a stream");
_Static_assert(GYL_SEAL_KEY_LEN == crypto_secretstream_xchacha20poly1305_KEYBYTES, "a key");

int gyl_seal_write_begin(struct gyl_seal_writer *w, const struct gyl_seal_key *key, uint32_t cpu,
	const uint8_t *random, uint8_t *ret_header)
{
	uint8_t file_key[GYL_SEAL_KEY_LEN];

	memset(w, 0, sizeof *w);
	if (gyl__seal_header_encode(key, random, w->header) != GYL_SEAL_OK)
		return GYL_SEAL_E_HEADER;
	gyl__seal_file_key(key, cpu, w->header, file_key, w->header + GYL__SEAL_OFF_COMMIT);
	/* A stream begins alike at both ends. ..._init_push() differs from this in drawing the 24
	 * octets itself, and here they are the caller's. */
	crypto_secretstream_xchacha20poly1305_init_pull(
		&w->stream, w->header + GYL__SEAL_OFF_STREAM, file_key);
	gyl_wipe(file_key, sizeof file_key);
	w->first = true;
	w->state = GYL__SEAL_OPEN;
	memcpy(ret_header, w->header, GYL_SEAL_HEADER_LEN);
	return GYL_SEAL_OK;
}

size_t gyl_seal_room(size_t len)
{
	size_t frame_cnt = len / GYL_SEAL_TEXT_MAX + (len % GYL_SEAL_TEXT_MAX != 0);

	return len + frame_cnt * GYL_SEAL_OVERHEAD;
}

/* The header belongs to what the first frame proves. */
static size_t put_frame(
	struct gyl_seal_writer *w, const uint8_t *text, size_t len, uint8_t tag, uint8_t *buf)
{
	unsigned long long sealed_len;

	crypto_secretstream_xchacha20poly1305_push(&w->stream, buf + 4, &sealed_len, text, len,
		w->first ? w->header : NULL, w->first ? GYL_SEAL_HEADER_LEN : 0, tag);
	w->first = false;
	gyl__store32_be(buf, (uint32_t)sealed_len);
	return len + GYL_SEAL_OVERHEAD;
}

int gyl_seal_write_put(struct gyl_seal_writer *w, const void *text, size_t len, uint8_t *buf,
	size_t cap, size_t *ret_len)
{
	const uint8_t *at = text;
	size_t done = 0;

	if (w->state != GYL__SEAL_OPEN)
		return GYL_SEAL_E_STATE;
	if (cap < gyl_seal_room(len))
		return GYL_SEAL_E_SPACE;
	w->text_len += len;
	while (len > 0) {
		size_t take = len < GYL_SEAL_TEXT_MAX ? len : GYL_SEAL_TEXT_MAX;

		done += put_frame(
			w, at, take, crypto_secretstream_xchacha20poly1305_TAG_MESSAGE, buf + done);
		at += take;
		len -= take;
	}
	*ret_len = done;
	return GYL_SEAL_OK;
}

int gyl_seal_write_end(struct gyl_seal_writer *w, uint8_t *buf)
{
	bool open = w->state == GYL__SEAL_OPEN;
	uint8_t text_len_be[8];

	if (open && buf != NULL) {
		gyl__store64_be(text_len_be, w->text_len);
		put_frame(w, text_len_be, sizeof text_len_be,
			crypto_secretstream_xchacha20poly1305_TAG_FINAL, buf);
	}
	gyl_wipe(w, sizeof *w);
	return open ? GYL_SEAL_OK : GYL_SEAL_E_STATE;
}
