/* SPDX-License-Identifier: ISC */
#ifndef GYL_BASE_H
#define GYL_BASE_H

/**
 * @file base.h
 * @brief What all codecs share: borrowed bytes, faults with a place, octet access, version.
 *
 * Conventions of every `<gyl/...>` header of libguyline-proto:
 *
 * - MUST: the caller breaks the contract otherwise and behaviour is undefined. Nothing that comes
 *   from the network can break it.
 * - Memory: the caller owns all of it. Decoded structures hold *views* into the input; they are
 *   valid while the input is. No function allocates, keeps a pointer after it returns, or has
 *   global state.
 * - NULL: a view of length 0 may have a NULL pointer. No other pointer may be NULL unless said so.
 * - Results: parameters named `ret_x` are written only on success (#GYL_OK or #GYL_LENIENT).
 * - Numbers: integers in structures are in host byte order, IPv4 addresses too (10.0.0.1 is
 *   0x0a000001). `_off` and `_len` count octets, `_cnt` items, `_s` seconds, `_ns` nanoseconds.
 * - Threads: no shared state. Distinct objects may be used from distinct threads.
 * - Wire codes (option codes, types, opcodes) are plain integers, so that unknown ones survive a
 *   round trip. Names for the known ones are enumerators.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Marks what the shared library exports. */
#if defined(__GNUC__)
#	define GYL_API __attribute__((visibility("default")))
#else
#	define GYL_API
#endif

/** Version of these headers: 0xMMmmpp (major, minor, patch). */
#define GYL_PROTO_VERSION 0x000100u

/** @return the version of the library that was loaded, as #GYL_PROTO_VERSION. */
GYL_API uint32_t gyl_proto_version(void);

/** Borrowed octets. Whoever hands out a view says how long it is valid. */
struct gyl_view {
	const uint8_t *p;
	size_t len;
};

/** Why a message was refused, or accepted with a remark; and what the offset means then. */
enum gyl_err {
	GYL_OK = 0,
	GYL_LENIENT,    /**< accepted: something odd that the protocol tolerates; where it stands */
	GYL_E_SHORT,    /**< ends before it may; octets needed in all, as far as known */
	GYL_E_FIELD,    /**< a value that the protocol forbids; its first octet */
	GYL_E_VERSION,  /**< not this protocol, or a version that is not read; that octet */
	GYL_E_LENGTH,   /**< a length contradicts the message; the length field */
	GYL_E_CHECKSUM, /**< a checksum does not match; the checksum field */
	GYL_E_OPTION,   /**< an option's framing is broken; its first octet */
	GYL_E_MISSING,  /**< what must be there is not; where it was looked for last */
	GYL_E_NAME,     /**< a label over 63 or a name over 255 octets; the label */
	GYL_E_POINTER,  /**< a compression pointer to no prior name; the pointer */
	GYL_E_COUNT,    /**< more items than allowed or announced; the first one too many */
	GYL_E_SPACE,    /**< the output does not fit; octets written before it stopped fitting */
	GYL_E_SYNTAX,   /**< text that cannot be read; the first octet that did not fit */
	GYL_E_RANGE,    /**< a number outside its range; its first octet */
	GYL_ERR_CNT
};

/** A fault and where it is: octets from the start of the input (decoding) or output (encoding). */
struct gyl_fault {
	enum gyl_err err;
	size_t off;
};

/** @return a short lower-case phrase for people, such as "truncated"; never NULL, static storage.
 */
GYL_API const char *gyl_err_text(enum gyl_err err);

/** @return true when @p f refuses the message (neither #GYL_OK nor #GYL_LENIENT). */
static inline bool gyl_failed(struct gyl_fault f)
{
	return f.err > GYL_LENIENT;
}

static inline struct gyl_fault gyl_fault(enum gyl_err err, size_t off)
{
	struct gyl_fault f;

	f.err = err;
	f.off = off;
	return f;
}

static inline struct gyl_fault gyl_ok(void)
{
	return gyl_fault(GYL_OK, 0);
}

static inline struct gyl_view gyl_view(const void *p, size_t len)
{
	struct gyl_view v;

	v.p = (const uint8_t *)p;
	v.len = len;
	return v;
}

/** View over a NUL-terminated string, without the NUL. */
static inline struct gyl_view gyl_view_str(const char *s)
{
	size_t len = 0;

#if defined(__GNUC__)
	/* A literal's length is known; compilers do not see that through the loop. */
	if (__builtin_constant_p(__builtin_strlen(s)))
		return gyl_view(s, __builtin_strlen(s));
#endif
	while (s[len] != '\0')
		len++;
	return gyl_view(s, len);
}

/** The part of @p v from @p off on, at most @p len octets; empty when @p off is past the end. */
static inline struct gyl_view gyl_view_sub(struct gyl_view v, size_t off, size_t len)
{
	if (off >= v.len)
		return gyl_view(v.p, 0);
	if (len > v.len - off)
		len = v.len - off;
	return gyl_view(v.p + off, len);
}

static inline bool gyl_view_eq(struct gyl_view a, struct gyl_view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* Octet access in network byte order. @p p MUST have as many octets as the name says bits / 8. */

static inline uint16_t gyl_get_u16(const uint8_t *p)
{
	return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

static inline uint32_t gyl_get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t gyl_get_u64(const uint8_t *p)
{
	return (uint64_t)gyl_get_u32(p) << 32 | gyl_get_u32(p + 4);
}

static inline void gyl_set_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void gyl_set_u32(uint8_t *p, uint32_t v)
{
	gyl_set_u16(p, (uint16_t)(v >> 16));
	gyl_set_u16(p + 2, (uint16_t)v);
}

static inline void gyl_set_u64(uint8_t *p, uint64_t v)
{
	gyl_set_u32(p, (uint32_t)(v >> 32));
	gyl_set_u32(p + 4, (uint32_t)v);
}

#ifdef __cplusplus
}
#endif

#endif
