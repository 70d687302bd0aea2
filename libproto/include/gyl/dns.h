/* SPDX-License-Identifier: ISC */
#ifndef GYL_DNS_H
#define GYL_DNS_H

/**
 * @file dns.h
 * @brief DNS messages: decode, cursors over questions and records, EDNS, encode with compression.
 *
 * gyl_dns_decode() is the gate: it proves every name, every record's framing and the rdata of every
 * type it knows. After it, cursors, gyl_dns_name_get() and the readers of `<gyl/dns_rdata.h>`
 * cannot fail. A server reads queries with the cheaper gyl_dns_decode_query().
 *
 * @rfc{1035,4} @rfc{6891} @rfc{3597}
 */

#include <gyl/base.h>
#include <gyl/dns_name.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Octets of the header. */
#define GYL_DNS_HEADER_LEN 12
/** Longest message, set by the TCP length field (@rfc{1035,4.2.2}). */
#define GYL_DNS_MSG_MAX    65535
/** What a UDP client that sends no OPT can take (@rfc{1035,4.2.1}). */
#define GYL_DNS_UDP_MAX    512
/** The EDNS size that survives common paths unfragmented, for both directions. */
#define GYL_DNS_EDNS_UDP   1232
/** Octets of an OPT record without options. */
#define GYL_DNS_OPT_LEN    11

/** Bits of the header's second word, and the two fields between them. @rfc{1035,4.1.1} @rfc{4035,3}
 */
enum {
	GYL_DNS_QR = 0x8000,          /**< a response */
	GYL_DNS_OPCODE_MASK = 0x7800, /**< see gyl_dns_opcode() */
	GYL_DNS_AA = 0x0400,          /**< authoritative */
	GYL_DNS_TC = 0x0200,          /**< truncated */
	GYL_DNS_RD = 0x0100,          /**< recursion desired */
	GYL_DNS_RA = 0x0080,          /**< recursion available */
	GYL_DNS_Z = 0x0040,           /**< reserved */
	GYL_DNS_AD = 0x0020,          /**< authentic data */
	GYL_DNS_CD = 0x0010,          /**< checking disabled */
	GYL_DNS_RCODE_MASK = 0x000f
};

/** Kinds of query. */
enum {
	GYL_DNS_OP_QUERY = 0,
	GYL_DNS_OP_IQUERY = 1,
	GYL_DNS_OP_STATUS = 2,
	GYL_DNS_OP_NOTIFY = 4,
	GYL_DNS_OP_UPDATE = 5
};

/** Response codes; those above 15 need EDNS or TSIG. @rfc{6895,2.3} */
enum {
	GYL_DNS_NOERROR = 0,
	GYL_DNS_FORMERR = 1,
	GYL_DNS_SERVFAIL = 2,
	GYL_DNS_NXDOMAIN = 3,
	GYL_DNS_NOTIMP = 4,
	GYL_DNS_REFUSED = 5,
	GYL_DNS_YXDOMAIN = 6,
	GYL_DNS_YXRRSET = 7,
	GYL_DNS_NXRRSET = 8,
	GYL_DNS_NOTAUTH = 9,
	GYL_DNS_NOTZONE = 10,
	GYL_DNS_BADVERS = 16, /**< also TSIG's BADSIG */
	GYL_DNS_BADKEY = 17,
	GYL_DNS_BADTIME = 18,
	GYL_DNS_BADMODE = 19,
	GYL_DNS_BADNAME = 20,
	GYL_DNS_BADALG = 21,
	GYL_DNS_BADTRUNC = 22,
	GYL_DNS_BADCOOKIE = 23
};

/** Classes. */
enum {
	GYL_DNS_CLASS_IN = 1,
	GYL_DNS_CLASS_CH = 3,
	GYL_DNS_CLASS_HS = 4,
	GYL_DNS_CLASS_NONE = 254,
	GYL_DNS_CLASS_ANY = 255
};

/** Types that code names; `<gyl/dns_text.h>` knows the mnemonics of many more. */
enum {
	GYL_DNS_TYPE_A = 1,
	GYL_DNS_TYPE_NS = 2,
	GYL_DNS_TYPE_CNAME = 5,
	GYL_DNS_TYPE_SOA = 6,
	GYL_DNS_TYPE_NULL = 10,
	GYL_DNS_TYPE_PTR = 12,
	GYL_DNS_TYPE_HINFO = 13,
	GYL_DNS_TYPE_MX = 15,
	GYL_DNS_TYPE_TXT = 16,
	GYL_DNS_TYPE_SIG = 24,
	GYL_DNS_TYPE_KEY = 25,
	GYL_DNS_TYPE_AAAA = 28,
	GYL_DNS_TYPE_SRV = 33,
	GYL_DNS_TYPE_NAPTR = 35,
	GYL_DNS_TYPE_DNAME = 39,
	GYL_DNS_TYPE_OPT = 41,
	GYL_DNS_TYPE_DS = 43,
	GYL_DNS_TYPE_SSHFP = 44,
	GYL_DNS_TYPE_RRSIG = 46,
	GYL_DNS_TYPE_NSEC = 47,
	GYL_DNS_TYPE_DNSKEY = 48,
	GYL_DNS_TYPE_NSEC3 = 50,
	GYL_DNS_TYPE_NSEC3PARAM = 51,
	GYL_DNS_TYPE_TLSA = 52,
	GYL_DNS_TYPE_CDS = 59,
	GYL_DNS_TYPE_CDNSKEY = 60,
	GYL_DNS_TYPE_SVCB = 64,
	GYL_DNS_TYPE_HTTPS = 65,
	GYL_DNS_TYPE_TKEY = 249,
	GYL_DNS_TYPE_TSIG = 250,
	GYL_DNS_TYPE_IXFR = 251,
	GYL_DNS_TYPE_AXFR = 252,
	GYL_DNS_TYPE_ANY = 255,
	GYL_DNS_TYPE_CAA = 257
};

/** Parts of a message, as indexes of the header's counts. */
enum gyl_dns_section {
	GYL_DNS_QUESTION,
	GYL_DNS_ANSWER,
	GYL_DNS_AUTHORITY,
	GYL_DNS_ADDITIONAL,
	GYL_DNS_SECTION_CNT
};

/** The fixed part. */
struct gyl_dns_header {
	uint16_t id;
	uint16_t
		flags; /**< #GYL_DNS_QR and the others, opcode and the low four bits of the rcode */
	uint16_t cnt[GYL_DNS_SECTION_CNT];
};

/** What an OPT record says. @rfc{6891,6.1} */
struct gyl_dns_edns {
	bool present;
	bool dnssec_ok;          /**< the DO bit of @rfc{3225} */
	uint8_t version;         /**< anything but 0 wants BADVERS */
	uint8_t ext_rcode;       /**< upper eight bits of the response code */
	uint16_t udp_size;       /**< as sent; below 512 means 512 */
	uint16_t flags;          /**< DO and the reserved bits */
	struct gyl_view options; /**< framing proven; read with gyl_dns_option_next() */
};

/** A proven message. Offsets count from `raw.p`. */
struct gyl_dns_msg {
	struct gyl_view raw; /**< header to last record; octets after that are not in it */
	struct gyl_dns_header header;
	uint16_t section_off[GYL_DNS_SECTION_CNT]; /**< where each section starts */
	uint16_t tsig_off;                         /**< the TSIG record, 0 for none */
	struct gyl_dns_edns edns;
};

/** One question. */
struct gyl_dns_question {
	uint16_t name_off; /**< for gyl_dns_name_get() */
	uint16_t qtype, qclass;
};

/** One record of a proven message. */
struct gyl_dns_rr {
	enum gyl_dns_section section;
	uint16_t name_off; /**< the owner, for gyl_dns_name_get(); also where the record starts */
	uint16_t type;
	uint16_t rrclass; /**< `class` is a word of C++ */
	uint32_t ttl;     /**< as sent; values with the top bit mean 0 (@rfc{2181,8}) */
	uint16_t rdata_off;
	struct gyl_view rdata; /**< as it stands: names in it may be compressed */
};

/** A query as a server wants it. Views point into the message. */
struct gyl_dns_query {
	struct gyl_view raw;
	struct gyl_dns_header header;
	struct gyl_view
		qname; /**< uncompressed, case as the client sent it: usable as a name in place */
	uint16_t qtype, qclass;
	uint16_t question_end; /**< offset after the question */
	uint16_t tsig_off;     /**< the TSIG record, 0 for none */
	struct gyl_dns_edns edns;
};

static inline unsigned gyl_dns_opcode(uint16_t flags)
{
	return flags >> 11 & 15u;
}

/** The flag word's bits for an opcode. */
static inline uint16_t gyl_dns_opcode_bits(unsigned opcode)
{
	return (uint16_t)((opcode & 15u) << 11);
}

/** The whole response code: header and OPT together. */
static inline unsigned gyl_dns_rcode(uint16_t flags, const struct gyl_dns_edns *edns)
{
	return (flags & GYL_DNS_RCODE_MASK) | (edns->present ? (unsigned)edns->ext_rcode << 4 : 0u);
}

/**
 * @brief Read the twelve octets in front. Enough to drop (QR set) or to refuse (opcode) without
 * more work.
 * @return #GYL_OK, or #GYL_E_SHORT (`off` = 12).
 */
GYL_API struct gyl_fault gyl_dns_header_decode(
	struct gyl_view msg, struct gyl_dns_header *ret_header);

/**
 * @brief Prove a whole message.
 *
 * Checks every name (also inside rdata), every record's framing, the rdata of each known type
 * against its layout, EDNS option framing. Records of unknown types are kept as they are
 * (@rfc{3597}). Empty rdata is accepted in classes ANY and NONE, where UPDATE uses it
 * (@rfc{2136,2.4}).
 * @param[in]  msg     The datagram, or the TCP message without its length. Borrowed by @p ret_msg.
 * @param[out] ret_msg Written on #GYL_OK and #GYL_LENIENT.
 * @return #GYL_OK; #GYL_LENIENT when octets follow the last record (`off` = the first);
 *         #GYL_E_SHORT (`off` = octets needed); #GYL_E_NAME, #GYL_E_POINTER: see
 * gyl_dns_name_decode(); #GYL_E_LENGTH when rdata is longer or shorter than its type allows (`off`
 * = its RDLENGTH), or the message is over 65535 octets; #GYL_E_FIELD for rdata that breaks a rule
 * of its type, OPT outside the additional section, TSIG that is not the last record (`off` = the
 * field or the type); #GYL_E_OPTION for an EDNS option, SvcParam or APL item past the end (`off` =
 * it); #GYL_E_COUNT for a second OPT (`off` = its owner); #GYL_E_NAME for an OPT whose owner is not
 * the root.
 * @cost one pass; about 100 ns for ten records
 */
GYL_API struct gyl_fault gyl_dns_decode(struct gyl_view msg, struct gyl_dns_msg *ret_msg);

/**
 * @brief Read a query: header, the one question, OPT and TSIG; other records are only stepped over.
 *
 * Every failure but #GYL_E_SHORT with `off` 12 and #GYL_E_FIELD with `off` 2 deserves a FORMERR
 * answer; these two get none (no header to answer to; not a query).
 * @param[out] ret_query Written on #GYL_OK and #GYL_LENIENT.
 * @return as gyl_dns_decode(), and #GYL_E_FIELD at 2 when QR is set, #GYL_E_COUNT at 4 when the
 * message has not exactly one question.
 */
GYL_API struct gyl_fault gyl_dns_decode_query(struct gyl_view msg, struct gyl_dns_query *ret_query);

/** Iterator; all fields private. */
struct gyl_dns_cursor {
	struct gyl_view raw;                /**< @private */
	size_t off;                         /**< @private */
	uint16_t left[GYL_DNS_SECTION_CNT]; /**< @private */
	enum gyl_dns_section section;       /**< @private */
};

/** Start over the questions of @p msg. */
GYL_API void gyl_dns_question_init(struct gyl_dns_cursor *cur, const struct gyl_dns_msg *msg);
/** @return false after the last question; @p ret_q is written otherwise. */
GYL_API bool gyl_dns_question_next(struct gyl_dns_cursor *cur, struct gyl_dns_question *ret_q);
/** Start over the records of one section, or of all three with #GYL_DNS_QUESTION (then the
 * questions are skipped). */
GYL_API void gyl_dns_rr_init(
	struct gyl_dns_cursor *cur, const struct gyl_dns_msg *msg, enum gyl_dns_section section);
/** @return false after the last record; @p ret_rr is written otherwise. OPT and TSIG come like any
 * other. */
GYL_API bool gyl_dns_rr_next(struct gyl_dns_cursor *cur, struct gyl_dns_rr *ret_rr);

/** EDNS option codes. */
enum {
	GYL_DNS_OPT_LLQ = 1,
	GYL_DNS_OPT_UL = 2,
	GYL_DNS_OPT_NSID = 3,
	GYL_DNS_OPT_DAU = 5,
	GYL_DNS_OPT_DHU = 6,
	GYL_DNS_OPT_N3U = 7,
	GYL_DNS_OPT_SUBNET = 8,
	GYL_DNS_OPT_EXPIRE = 9,
	GYL_DNS_OPT_COOKIE = 10,
	GYL_DNS_OPT_KEEPALIVE = 11,
	GYL_DNS_OPT_PADDING = 12,
	GYL_DNS_OPT_CHAIN = 13,
	GYL_DNS_OPT_KEY_TAG = 14,
	GYL_DNS_OPT_EDE = 15
};

/** One EDNS option. */
struct gyl_dns_option {
	uint16_t code;
	struct gyl_view val;
};

/**
 * @brief Next option of proven options; @p off starts at 0 and is moved.
 * @return false at the end; @p ret_opt is written otherwise.
 */
GYL_API bool gyl_dns_option_next(
	struct gyl_view options, size_t *off, struct gyl_dns_option *ret_opt);

/* --- encoding --- */

/** Suffixes that the compression table holds. Names beyond it are written without being targets. */
#define GYL_DNS_SUFFIX_CNT 64

/** Encoder options. */
enum {
	GYL_DNS_ENC_NO_COMPRESS = 1, /**< write every name in full */
	GYL_DNS_ENC_EXACT_CASE = 2   /**< let names share a suffix only when its case is the same */
};

/**
 * @brief A message being written. All of it is in the caller's memory; fields are private but for
 * `w`.
 *
 * Calls come in the order begin, questions, records by rising section, opt, end. Whatever does not
 * fit is left out by whole RRsets, and no record follows any more. In the answer and authority
 * sections TC is set then; in the additional section it is not (@rfc{2181,9}): whoever needs glue
 * there sees gyl_dns_put_rr() return false and sets TC itself. Records of one section belong to one
 * RRset when they follow each other with the same owner, type and class; gyl_dns_rrset_begin() and
 * gyl_dns_rrset_end() tie more together (an RRset and its RRSIG).
 */
struct gyl_dns_writer {
	struct gyl_writer w;                  /**< the message so far; its first fault */
	size_t reserve;                       /**< @private octets kept back at the end */
	size_t set_off;                       /**< @private where the present RRset starts */
	size_t owner_off;                     /**< @private owner of the last record */
	uint16_t flags;                       /**< @private */
	uint16_t cnt[GYL_DNS_SECTION_CNT];    /**< @private */
	uint16_t set_cnt;                     /**< @private records of the present RRset */
	uint16_t owner_id, type, rrclass;     /**< @private of the last record */
	uint16_t last_id;                     /**< @private of the last owner or question */
	uint8_t section, options, suffix_cnt; /**< @private */
	bool cut, tc, grouped;                /**< @private */
	struct {
		uint16_t off, parent;
	} suffix[GYL_DNS_SUFFIX_CNT]; /**< @private hash table of label -> where it stands */
};

/**
 * @brief Start a message.
 * @param[out] buf     Receives it; MUST stay until gyl_dns_end().
 * @param[in]  cap     Its size, or less: what the client can take.
 * @param[in]  flags   Header flags, opcode and rcode. gyl_dns_set_flags() may change them later.
 * @param[in]  options #GYL_DNS_ENC_NO_COMPRESS, #GYL_DNS_ENC_EXACT_CASE or 0.
 */
GYL_API void gyl_dns_begin(struct gyl_dns_writer *d, void *buf, size_t cap, uint16_t id,
	uint16_t flags, unsigned options);

/**
 * @brief Start the answer to a query: its id, opcode, RD, CD and its question, octet for octet.
 * @param[in] flags Header flags and rcode of the answer, added to QR and what is copied.
 */
GYL_API void gyl_dns_begin_reply(struct gyl_dns_writer *d, void *buf, size_t cap,
	const struct gyl_dns_query *query, uint16_t flags);

/** Keep @p len octets back for gyl_dns_put_opt() or a TSIG to come. */
GYL_API void gyl_dns_reserve(struct gyl_dns_writer *d, size_t len);
/** Replace flags and rcode; TC is added by itself when something was cut. */
GYL_API void gyl_dns_set_flags(struct gyl_dns_writer *d, uint16_t flags);

/** A question. Latches #GYL_E_SPACE when it does not fit: a message without its question is none.
 */
GYL_API void gyl_dns_put_question(
	struct gyl_dns_writer *d, const uint8_t *name, uint16_t qtype, uint16_t qclass);

/**
 * @brief A record.
 *
 * The owner is compressed, and so are names in the rdata of NS, CNAME, PTR, MX and SOA; no other
 * rdata is touched (@rfc{3597,4}). No pointer leads past offset 16383. Octets are never changed in
 * case, but a pointer stands for the spelling it points to unless #GYL_DNS_ENC_EXACT_CASE is set.
 * @param[in] section Not below that of the record before; otherwise #GYL_E_FIELD is latched.
 * @param[in] rdata   Uncompressed wire form. Names in the five types above are proven first
 * (#GYL_E_NAME).
 * @return whether the record (and so far its RRset) is in the message.
 */
GYL_API bool gyl_dns_put_rr(struct gyl_dns_writer *d, enum gyl_dns_section section,
	const uint8_t *name, uint16_t type, uint16_t rrclass, uint32_t ttl, struct gyl_view rdata);
/** An A record of class IN. @param[in] ip Host byte order. */
GYL_API bool gyl_dns_put_a(struct gyl_dns_writer *d, enum gyl_dns_section section,
	const uint8_t *name, uint32_t ttl, uint32_t ip);
/** A record of class IN whose rdata is one name: NS, CNAME, PTR, DNAME. */
GYL_API bool gyl_dns_put_name(struct gyl_dns_writer *d, enum gyl_dns_section section,
	const uint8_t *name, uint16_t type, uint32_t ttl, const uint8_t *target);

/** Records from here to gyl_dns_rrset_end() are kept or left out together. */
GYL_API void gyl_dns_rrset_begin(struct gyl_dns_writer *d);
GYL_API void gyl_dns_rrset_end(struct gyl_dns_writer *d);

/**
 * @brief The OPT record, into the reserve when there is one. Nothing but a TSIG may follow.
 * @param[in] edns `version`, `udp_size`, `flags`, `dnssec_ok`, `ext_rcode` and `options` are
 * written.
 */
GYL_API void gyl_dns_put_opt(struct gyl_dns_writer *d, const struct gyl_dns_edns *edns);
/** One EDNS option into a buffer that becomes `edns.options`. */
GYL_API void gyl_dns_put_option(struct gyl_writer *w, uint16_t code, struct gyl_view val);

/**
 * @brief Finish: counts and flags go into the header.
 * @param[out] ret_len Octets of the message; written on #GYL_OK.
 * @return the first fault: #GYL_OK; #GYL_E_SPACE when header, question or OPT did not fit.
 */
GYL_API struct gyl_fault gyl_dns_end(struct gyl_dns_writer *d, size_t *ret_len);

#ifdef __cplusplus
}
#endif

#endif
