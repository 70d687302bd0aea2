/* SPDX-License-Identifier: ISC */
#ifndef GYL_WRITER_H
#define GYL_WRITER_H

/**
 * @file writer.h
 * @brief A writer over the caller's buffer that remembers its first fault.
 *
 * After a fault every further call is a no-op, so encoders are straight lines and ask once, at the
 * end. Nothing is ever written outside `[p, p + cap)`. Octets past `len` are left as they were.
 */

#include <gyl/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gyl_writer {
	uint8_t *p;             /**< caller's buffer */
	size_t cap;             /**< its size */
	size_t len;             /**< octets written so far */
	struct gyl_fault fault; /**< first fault, sticky */
};

/** Start writing into @p buf of @p cap octets (may be NULL when @p cap is 0). */
static inline void gyl_writer_init(struct gyl_writer *w, void *buf, size_t cap)
{
	w->p = (uint8_t *)buf;
	w->cap = cap;
	w->len = 0;
	w->fault = gyl_ok();
}

static inline bool gyl_writer_ok(const struct gyl_writer *w)
{
	return w->fault.err == GYL_OK;
}

/** Latch @p err at the present position unless a fault is latched already. */
static inline void gyl_writer_fail(struct gyl_writer *w, enum gyl_err err)
{
	if (w->fault.err == GYL_OK)
		w->fault = gyl_fault(err, w->len);
}

/** What has been written so far; valid until the buffer changes. */
static inline struct gyl_view gyl_writer_view(const struct gyl_writer *w)
{
	return gyl_view(w->p, w->len);
}

/**
 * @brief Reserve @p len octets for the caller to fill.
 * @return their address, or NULL (fault #GYL_E_SPACE latched) when they do not fit or a fault is
 * latched. The caller MUST write all of them.
 */
static inline uint8_t *gyl_put_room(struct gyl_writer *w, size_t len)
{
	uint8_t *p;

	if (w->fault.err != GYL_OK)
		return NULL;
	if (len > w->cap - w->len) {
		gyl_writer_fail(w, GYL_E_SPACE);
		return NULL;
	}
	p = w->p + w->len;
	w->len += len;
	return p;
}

static inline void gyl_put_u8(struct gyl_writer *w, uint8_t v)
{
	uint8_t *p = gyl_put_room(w, 1);

	if (p != NULL)
		p[0] = v;
}

static inline void gyl_put_u16(struct gyl_writer *w, uint16_t v)
{
	uint8_t *p = gyl_put_room(w, 2);

	if (p != NULL)
		gyl_set_u16(p, v);
}

static inline void gyl_put_u32(struct gyl_writer *w, uint32_t v)
{
	uint8_t *p = gyl_put_room(w, 4);

	if (p != NULL)
		gyl_set_u32(p, v);
}

static inline void gyl_put_u64(struct gyl_writer *w, uint64_t v)
{
	uint8_t *p = gyl_put_room(w, 8);

	if (p != NULL)
		gyl_set_u64(p, v);
}

static inline void gyl_put_bytes(struct gyl_writer *w, const void *src, size_t len)
{
	uint8_t *p = gyl_put_room(w, len);

	if (p != NULL && len != 0)
		memcpy(p, src, len);
}

static inline void gyl_put_view(struct gyl_writer *w, struct gyl_view v)
{
	gyl_put_bytes(w, v.p, v.len);
}

static inline void gyl_put_zero(struct gyl_writer *w, size_t len)
{
	uint8_t *p = gyl_put_room(w, len);

	if (p != NULL && len != 0)
		memset(p, 0, len);
}

#ifdef __cplusplus
}
#endif

#endif
