/* SPDX-License-Identifier: ISC */
#include "libproto/src/dns_layout.h"

const uint8_t gyl__dns_width[GYL__DNS_IPV6 + 1] = {
	[GYL__DNS_U8] = 1,
	[GYL__DNS_ALG] = 1,
	[GYL__DNS_U16] = 2,
	[GYL__DNS_RRTYPE] = 2,
	[GYL__DNS_CERT] = 2,
	[GYL__DNS_U32] = 4,
	[GYL__DNS_PERIOD] = 4,
	[GYL__DNS_TIME] = 4,
	[GYL__DNS_IPV4] = 4,
	[GYL__DNS_TSIGTIME] = 6,
	[GYL__DNS_EUI48] = 6,
	[GYL__DNS_EUI64] = 8,
	[GYL__DNS_ILNP64] = 8,
	[GYL__DNS_IPN] = 8,
	[GYL__DNS_IPV6] = 16,
};

/* clang-format off */
#define K(x)              GYL__DNS_##x
#define F1(a)             { K(a) }
#define F2(a, b)          { K(a), K(b) }
#define F3(a, b, c)       { K(a), K(b), K(c) }
#define F4(a, b, c, d)    { K(a), K(b), K(c), K(d) }
#define SIGFIELDS(name)   { K(RRTYPE), K(ALG), K(U8), K(U32), K(TIME), K(TIME), K(U16), K(name), K(BASE64) }
#define TYPE(n, name, width, ...) [n] = { name, width, __VA_ARGS__, n }
#define HOLE(n)           [n] = { "", 0, F1(OPAQUE), n }

const struct gyl__dns_layout gyl__dns_dense[GYL__DNS_DENSE_CNT] = {
	HOLE(0),
	TYPE(1, "A", 4, F1(IPV4)),
	TYPE(2, "NS", 0, F1(NAME_C)),
	TYPE(3, "MD", 0, F1(NAME_D)),
	TYPE(4, "MF", 0, F1(NAME_D)),
	TYPE(5, "CNAME", 0, F1(NAME_C)),
	TYPE(6, "SOA", 0, { K(NAME_C), K(NAME_C), K(U32), K(PERIOD), K(PERIOD), K(PERIOD), K(PERIOD) }),
	TYPE(7, "MB", 0, F1(NAME_D)),
	TYPE(8, "MG", 0, F1(NAME_D)),
	TYPE(9, "MR", 0, F1(NAME_D)),
	TYPE(10, "NULL", 0, F1(OPAQUE)),
	TYPE(11, "WKS", 0, F2(IPV4, WKS)),
	TYPE(12, "PTR", 0, F1(NAME_C)),
	TYPE(13, "HINFO", 0, F2(STR, STR)),
	TYPE(14, "MINFO", 0, F2(NAME_D, NAME_D)),
	TYPE(15, "MX", 0, F2(U16, NAME_C)),
	TYPE(16, "TXT", 0, F1(STRS)),
	TYPE(17, "RP", 0, F2(NAME_D, NAME_D)),
	TYPE(18, "AFSDB", 0, F2(U16, NAME_D)),
	TYPE(19, "X25", 0, F1(STR)),
	TYPE(20, "ISDN", 0, F2(STR, STR_OPT)),
	TYPE(21, "RT", 0, F2(U16, NAME_D)),
	TYPE(22, "NSAP", 0, F1(NSAP)),
	TYPE(23, "NSAP-PTR", 0, F1(STR)),
	TYPE(24, "SIG", 0, SIGFIELDS(NAME_D)),
	TYPE(25, "KEY", 0, F4(U16, U8, U8, BASE64)),
	TYPE(26, "PX", 0, F3(U16, NAME_D, NAME_D)),
	TYPE(27, "GPOS", 0, F3(STR, STR, STR)),
	TYPE(28, "AAAA", 16, F1(IPV6)),
	TYPE(29, "LOC", 0, F1(LOC)),
	TYPE(30, "NXT", 0, F2(NAME_D, OPAQUE)),
	TYPE(31, "EID", 0, F1(HEX)),
	TYPE(32, "NIMLOC", 0, F1(HEX)),
	TYPE(33, "SRV", 0, F4(U16, U16, U16, NAME_D)),
	TYPE(34, "ATMA", 0, F1(HEX)),
	TYPE(35, "NAPTR", 0, { K(U16), K(U16), K(STR), K(STR), K(STR), K(NAME_D) }),
	TYPE(36, "KX", 0, F2(U16, NAME_L)),
	TYPE(37, "CERT", 0, F4(CERT, U16, ALG, BASE64)),
	TYPE(38, "A6", 0, F1(OPAQUE)),
	TYPE(39, "DNAME", 0, F1(NAME_L)),
	TYPE(40, "SINK", 0, F1(OPAQUE)),
	TYPE(41, "OPT", 0, F1(OPTIONS)),
	TYPE(42, "APL", 0, F1(APL)),
	TYPE(43, "DS", 0, F4(U16, ALG, U8, HEX)),
	TYPE(44, "SSHFP", 0, F3(U8, U8, HEX)),
	TYPE(45, "IPSECKEY", 0, F1(IPSECKEY)),
	TYPE(46, "RRSIG", 0, SIGFIELDS(NAME_L)),
	TYPE(47, "NSEC", 0, F2(NAME, BITMAP)),
	TYPE(48, "DNSKEY", 0, F4(U16, U8, ALG, BASE64)),
	TYPE(49, "DHCID", 0, F1(BASE64)),
	TYPE(50, "NSEC3", 0, { K(U8), K(U8), K(U16), K(SALT), K(HASH), K(BITMAP) }),
	TYPE(51, "NSEC3PARAM", 0, F4(U8, U8, U16, SALT)),
	TYPE(52, "TLSA", 0, F4(U8, U8, U8, HEX)),
	TYPE(53, "SMIMEA", 0, F4(U8, U8, U8, HEX)),
	HOLE(54),
	TYPE(55, "HIP", 0, F2(HIP, NAMES)),
	TYPE(56, "NINFO", 0, F1(STRS)),
	TYPE(57, "RKEY", 0, F4(U16, U8, ALG, BASE64)),
	TYPE(58, "TALINK", 0, F2(NAME, NAME)),
	TYPE(59, "CDS", 0, F4(U16, ALG, U8, HEX)),
	TYPE(60, "CDNSKEY", 0, F4(U16, U8, ALG, BASE64)),
	TYPE(61, "OPENPGPKEY", 0, F1(BASE64)),
	TYPE(62, "CSYNC", 0, F3(U32, U16, BITMAP)),
	TYPE(63, "ZONEMD", 0, F4(U32, U8, U8, HEX)),
	TYPE(64, "SVCB", 0, F3(U16, NAME, SVCPARAMS)),
	TYPE(65, "HTTPS", 0, F3(U16, NAME, SVCPARAMS)),
	TYPE(66, "DSYNC", 0, F4(RRTYPE, U8, U16, NAME)),
	TYPE(67, "HHIT", 0, F1(BASE64)),
	TYPE(68, "BRID", 0, F1(BASE64)),
	HOLE(69), HOLE(70), HOLE(71), HOLE(72), HOLE(73), HOLE(74),
	HOLE(75), HOLE(76), HOLE(77), HOLE(78), HOLE(79), HOLE(80), HOLE(81), HOLE(82), HOLE(83),
	HOLE(84), HOLE(85), HOLE(86), HOLE(87), HOLE(88), HOLE(89), HOLE(90), HOLE(91), HOLE(92),
	HOLE(93), HOLE(94), HOLE(95), HOLE(96), HOLE(97), HOLE(98),
	TYPE(99, "SPF", 0, F1(STRS)),
	TYPE(100, "UINFO", 0, F1(OPAQUE)),
	TYPE(101, "UID", 0, F1(OPAQUE)),
	TYPE(102, "GID", 0, F1(OPAQUE)),
	TYPE(103, "UNSPEC", 0, F1(OPAQUE)),
	TYPE(104, "NID", 10, F2(U16, ILNP64)),
	TYPE(105, "L32", 6, F2(U16, IPV4)),
	TYPE(106, "L64", 10, F2(U16, ILNP64)),
	TYPE(107, "LP", 0, F2(U16, NAME)),
	TYPE(108, "EUI48", 6, F1(EUI48)),
	TYPE(109, "EUI64", 8, F1(EUI64)),
};

#undef TYPE
#define TYPE(n, name, width, ...) { name, width, __VA_ARGS__, n }

const struct gyl__dns_layout gyl__dns_rare[GYL__DNS_RARE_CNT] = {
	TYPE(249, "TKEY", 0, { K(NAME), K(TIME), K(TIME), K(U16), K(U16), K(DATA16), K(DATA16) }),
	TYPE(250, "TSIG", 0, { K(NAME), K(TSIGTIME), K(U16), K(DATA16), K(U16), K(U16), K(DATA16) }),
	TYPE(256, "URI", 0, F3(U16, U16, LONGSTR)),
	TYPE(257, "CAA", 0, F3(U8, TAG, LONGSTR)),
	TYPE(258, "AVC", 0, F1(STRS)),
	TYPE(259, "DOA", 0, { K(U32), K(U32), K(U8), K(STR), K(DASH64) }),
	TYPE(260, "AMTRELAY", 0, F2(U8, AMTRELAY)),
	TYPE(261, "RESINFO", 0, F1(STRS)),
	TYPE(262, "WALLET", 0, F1(STRS)),
	TYPE(263, "CLA", 0, F1(STRS)),
	TYPE(264, "IPN", 8, F1(IPN)),
	TYPE(32768, "TA", 0, F4(U16, ALG, U8, HEX)),
	TYPE(32769, "DLV", 0, F4(U16, ALG, U8, HEX)),
};
/* clang-format on */

const struct gyl__dns_layout *gyl__dns_layout_rare(uint16_t type)
{
	for (unsigned i = 0; i < GYL__DNS_RARE_CNT; i++)
		if (gyl__dns_rare[i].type == type)
			return &gyl__dns_rare[i];
	return &gyl__dns_dense[0];
}
