/* SPDX-License-Identifier: ISC */
#ifndef GYL_SRC_DNS_LAYOUT_H
#define GYL_SRC_DNS_LAYOUT_H

/*
 * What the rdata of each type consists of. One table drives checking, decompression, the typed
 * readers, printing and parsing, so a type is a line (dns_layout.c) and a field kind is a row in
 * each of them.
 */

#include <gyl/base.h>

struct gyl__dns_memo;

enum gyl__dns_kind {
	GYL__DNS_NONE, /* ends a layout */
	/* of fixed width (dns_layout.c has the widths) */
	GYL__DNS_U8,
	GYL__DNS_ALG, /* DNSSEC algorithm: mnemonics are read, numbers written */
	GYL__DNS_U16,
	GYL__DNS_RRTYPE,
	GYL__DNS_CERT, /* certificate type (RFC 4398) */
	GYL__DNS_U32,
	GYL__DNS_PERIOD, /* seconds; 1h30m is read */
	GYL__DNS_TIME,   /* YYYYMMDDHHMMSS */
	GYL__DNS_IPV4,
	GYL__DNS_TSIGTIME, /* 48 bits */
	GYL__DNS_EUI48,
	GYL__DNS_EUI64,
	GYL__DNS_ILNP64,
	GYL__DNS_IPN, /* 64 bits; two halves with a dot between are read */
	GYL__DNS_IPV6,
	/* names */
	GYL__DNS_NAME_C, /* compressed by us */
	GYL__DNS_NAME_D, /* compression understood, never made (RFC 3597 4) */
	GYL__DNS_NAME_L, /* not compressed, folded in the canonical form (RFC 4034 6.2) */
	GYL__DNS_NAME,   /* not compressed, case matters to nobody but is kept */
	/* with their own length */
	GYL__DNS_STR,     /* character-string */
	GYL__DNS_STR_OPT, /* the same, may be absent at the end */
	GYL__DNS_SALT,    /* hexadecimal, "-" when empty */
	GYL__DNS_HASH,    /* base32hex (RFC 5155 3.3) */
	GYL__DNS_TAG,     /* letters and digits (RFC 8659 4.1) */
	GYL__DNS_DATA16,  /* 16 bits of length, base64 */
	GYL__DNS_HIP,
	/* up to the end of the rdata */
	GYL__DNS_STRS,
	GYL__DNS_LONGSTR,
	GYL__DNS_BASE64,
	GYL__DNS_DASH64, /* base64, "-" when empty */
	GYL__DNS_HEX,
	GYL__DNS_BITMAP,
	GYL__DNS_SVCPARAMS,
	GYL__DNS_NAMES,
	GYL__DNS_APL,
	GYL__DNS_IPSECKEY,
	GYL__DNS_AMTRELAY, /* D and type, relay (RFC 8777 4.2) */
	GYL__DNS_LOC,
	GYL__DNS_WKS,
	GYL__DNS_NSAP,
	GYL__DNS_OPTIONS,
	GYL__DNS_OPAQUE, /* RFC 3597 form */
	GYL__DNS_KIND_CNT
};

enum {
	GYL__DNS_FIELD_MAX = 10,
	GYL__DNS_DENSE_CNT = 110,
	GYL__DNS_RARE_CNT = 13
};

struct gyl__dns_layout {
	char name[11]; /* mnemonic; "" when the type is unknown */
	uint8_t width; /* of the whole rdata when it is fixed and holds no name, else 0 */
	uint8_t field[GYL__DNS_FIELD_MAX];
	uint16_t type;
};

extern const struct gyl__dns_layout gyl__dns_dense[GYL__DNS_DENSE_CNT];
extern const struct gyl__dns_layout gyl__dns_rare[GYL__DNS_RARE_CNT];
extern const uint8_t gyl__dns_width[GYL__DNS_IPV6 + 1];

const struct gyl__dns_layout *gyl__dns_layout_rare(uint16_t type);

/* Never NULL: unknown types are one opaque field. */
static inline const struct gyl__dns_layout *gyl__dns_layout(uint16_t type)
{
	return type < GYL__DNS_DENSE_CNT ? &gyl__dns_dense[type] : gyl__dns_layout_rare(type);
}

/* A field of checked rdata. */
struct gyl__dns_field {
	enum gyl__dns_kind kind;
	size_t off, len; /* in the message, as it stands */
};

/*
 * Checks the rdata p[off, end) of a type against its layout; names may point to [floor, off), and
 * memo may be NULL.
 * Offsets in the fault are those of the message.
 */
struct gyl_fault gyl__dns_check(const uint8_t *p, size_t off, size_t end,
	const struct gyl__dns_layout *layout, size_t floor, struct gyl__dns_memo *memo);

/* Splits rdata into its fields. Returns their number, 0 when it does not fit the layout. */
unsigned gyl__dns_fields(const uint8_t *p, size_t off, size_t end,
	const struct gyl__dns_layout *layout, struct gyl__dns_field field[GYL__DNS_FIELD_MAX]);

/* Mnemonics of single fields. The word of a certificate type, NULL for others (RFC 4398 2.1). */
const char *gyl__dns_cert_word(unsigned type);
bool gyl__dns_cert_find(struct gyl_view text, unsigned *ret_type);
/* The DNSSEC algorithm of a mnemonic. */
bool gyl__dns_alg_find(struct gyl_view text, unsigned *ret_alg);

#endif
