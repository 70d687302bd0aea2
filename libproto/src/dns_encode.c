/* SPDX-License-Identifier: ISC */

/*
 * Compression is a trie kept in a small hash table: every suffix that was written once is an entry
 * (offset of its first label, offset of the suffix behind it), and names are looked up from the
 * right, label by label. A suffix has one entry only, so "same suffix" is "same offset" and each
 * label is compared once. Entries are only ever added, at the first free slot; taking back the
 * newest ones restores the table.
 */

#include <gyl/dns.h>

#include "libproto/src/dns_layout.h"
#include "libproto/src/dns_name.h"

enum {
	POINTER_MAX = 0x3fff,
	SLOT_MASK = GYL_DNS_SUFFIX_CNT - 1,
	/* probing stays short while a quarter of the table is free */
	SUFFIX_MAX = GYL_DNS_SUFFIX_CNT * 3 / 4,
	/* identities of owners that have no offset; offsets start at 12 */
	ID_NONE = 0,
	ID_ROOT = 1,
	ID_UNLISTED = 2
};

void gyl_dns_begin(struct gyl_dns_writer *d, void *buf, size_t cap, uint16_t id, uint16_t flags,
	unsigned options)
{
	memset(d, 0, sizeof *d);
	gyl_writer_init(&d->w, buf, cap > GYL_DNS_MSG_MAX ? GYL_DNS_MSG_MAX : cap);
	d->flags = flags;
	d->options = (uint8_t)options;
	gyl_put_u16(&d->w, id);
	gyl_put_zero(&d->w, GYL_DNS_HEADER_LEN - 2);
}

void gyl_dns_reserve(struct gyl_dns_writer *d, size_t len)
{
	if (len > d->w.cap - d->w.len) {
		gyl_writer_fail(&d->w, GYL_E_SPACE);
		return;
	}
	d->w.cap -= len;
	d->reserve += len;
}

void gyl_dns_set_flags(struct gyl_dns_writer *d, uint16_t flags)
{
	d->flags = flags;
}

/* A name split into labels, right to left lookup done. */
struct split {
	unsigned cnt;    /* labels */
	unsigned own;    /* labels that are not in the message yet */
	unsigned len;    /* octets, root included */
	uint16_t suffix; /* offset of what follows the own labels, 0 when that is the root */
	uint16_t slot;   /* where the search for the last own label ended */
	uint8_t off[GYL_DNS_LABEL_CNT_MAX + 1];
};

/* false when the octets before limit are no name */
static bool labels_split(const uint8_t *name, size_t limit, struct split *s)
{
	size_t at = 0, c;
	unsigned cnt = 0;

	if (limit > GYL_DNS_NAME_MAX)
		limit = GYL_DNS_NAME_MAX;
	for (;; at += c + 1) {
		if (at >= limit)
			return false;
		c = name[at];
		if (c == 0)
			break;
		if (c > GYL_DNS_LABEL_MAX)
			return false;
		s->off[cnt++] = (uint8_t)at;
	}
	s->cnt = s->own = cnt;
	s->len = (unsigned)at + 1;
	s->suffix = 0;
	s->slot = 0;
	return true;
}

/*
 * Where the search for a label starts: its length, first and last octet, case bits apart. The
 * parent is left out on purpose: so the labels of a name can be looked up at once, not one after
 * the other.
 */
static unsigned slot_of(const uint8_t *label)
{
	uint32_t h = gyl_get_u16(label) | (uint32_t)label[label[0]] << 16 | 0x200020u;

	return h * 0x9e3779b1u >> 26 & SLOT_MASK;
}

/* The length octet counts as one of the octets: folding leaves lengths as they are. */
static inline bool same_label(const uint8_t *there, const uint8_t *label, bool exact)
{
	size_t len = (size_t)label[0] + 1;

	if (there[0] != label[0])
		return false;
	return exact ? memcmp(there, label, len) == 0 : gyl__dns_fold_eq(there, label, len);
}

/* Whether name is the one at off. Nothing is read of it but what follows on equal octets. */
static bool stands_at(const struct gyl_dns_writer *d, const uint8_t *name, size_t off, bool exact)
{
	const uint8_t *there = d->w.p + off;

	for (;; there += there[0] + 1, name += name[0] + 1) {
		if (there[0] > GYL_DNS_LABEL_MAX)
			there = d->w.p + (gyl_get_u16(there) & POINTER_MAX);
		if (name[0] == 0)
			return there[0] == 0;
		if (!same_label(there, name, exact))
			return false;
	}
}

static bool is_exact(const struct gyl_dns_writer *d)
{
	return d->options & GYL_DNS_ENC_EXACT_CASE;
}

static void suffix_find(const struct gyl_dns_writer *d, const uint8_t *name, struct split *s)
{
	bool exact = is_exact(d);
	unsigned own = s->own, slot = 0, off = 0, parent = 0;

	for (; own != 0; own--, parent = off) {
		const uint8_t *label = name + s->off[own - 1];

		slot = slot_of(label);
		while ((off = d->suffix[slot].off) != 0 &&
			(d->suffix[slot].parent != parent ||
				!same_label(d->w.p + off, label, exact)))
			slot = (slot + 1) & SLOT_MASK;
		if (off == 0)
			break;
	}
	s->own = own;
	s->suffix = (uint16_t)parent;
	s->slot = (uint16_t)slot;
}

/* Enters the own labels of a name that was written at base; returns the offset that stands for the
 * name. */
static uint16_t suffix_add(
	struct gyl_dns_writer *d, const uint8_t *name, const struct split *s, size_t base)
{
	uint16_t parent = s->suffix;
	unsigned slot = s->slot;

	if (s->own == 0)
		return ID_ROOT;
	for (unsigned i = s->own; i-- != 0;) {
		size_t off = base + s->off[i];

		if (off > POINTER_MAX || d->suffix_cnt == SUFFIX_MAX)
			return ID_UNLISTED;
		if (i + 1 != s->own)
			slot = slot_of(name + s->off[i]);
		while (d->suffix[slot].off != 0)
			slot = (slot + 1) & SLOT_MASK;
		d->suffix[slot].off = (uint16_t)off;
		d->suffix[slot].parent = parent;
		d->suffix_cnt++;
		parent = (uint16_t)off;
	}
	return parent;
}

/* Finds out what of the name is in the message already. Latches GYL_E_NAME when it is no name. */
static bool name_split(struct gyl_dns_writer *d, const uint8_t *name, size_t limit, struct split *s)
{
	if (!labels_split(name, limit, s)) {
		gyl_writer_fail(&d->w, GYL_E_NAME);
		return false;
	}
	if (!(d->options & GYL_DNS_ENC_NO_COMPRESS))
		suffix_find(d, name, s);
	return true;
}

/*
 * The records of an RRset have one owner, and the first answer that of the question: a look at the
 * owner before often saves the search.
 */
static bool owner_split(struct gyl_dns_writer *d, const uint8_t *name, struct split *s)
{
	if (d->last_id <= ID_UNLISTED || !stands_at(d, name, d->last_id, is_exact(d)))
		return name_split(d, name, GYL_DNS_NAME_MAX, s);
	s->cnt = 1;
	s->own = 0;
	s->off[0] = 0;
	s->suffix = d->last_id;
	return true;
}

/* Writes the own labels and what follows them; returns the identity of the name. */
static uint16_t labels_put(struct gyl_dns_writer *d, const uint8_t *name, const struct split *s)
{
	size_t base = d->w.len, own_len = s->own == s->cnt ? s->len - 1 : s->off[s->own];
	uint8_t *p = gyl_put_room(&d->w, own_len + (s->suffix == 0 ? 1 : 2));

	if (p == NULL)
		return ID_NONE;
	if (own_len != 0)
		memcpy(p, name, own_len);
	if (s->suffix == 0)
		p[own_len] = 0;
	else
		gyl_set_u16(p + own_len, (uint16_t)(0xc000 | s->suffix));
	return d->options & GYL_DNS_ENC_NO_COMPRESS ? ID_UNLISTED : suffix_add(d, name, s, base);
}

/* Writes a split name and returns its identity: equal names that are listed have equal ones. */
static inline uint16_t split_put(
	struct gyl_dns_writer *d, const uint8_t *name, const struct split *s)
{
	uint8_t *p;

	if (s->own != 0 || s->suffix == 0)
		return labels_put(d, name, s);
	p = gyl_put_room(&d->w, 2);
	if (p == NULL)
		return ID_NONE;
	gyl_set_u16(p, (uint16_t)(0xc000 | s->suffix));
	return s->suffix;
}

/* Returns the octets of the name, 0 when there is none. */
static size_t name_put(struct gyl_dns_writer *d, const uint8_t *name, size_t limit)
{
	struct split s;

	if (!name_split(d, name, limit, &s))
		return 0;
	split_put(d, name, &s);
	return s.len;
}

void gyl_dns_put_question(
	struct gyl_dns_writer *d, const uint8_t *name, uint16_t qtype, uint16_t qclass)
{
	struct split s;

	if (d->section != GYL_DNS_QUESTION)
		gyl_writer_fail(&d->w, GYL_E_FIELD);
	if (name_split(d, name, GYL_DNS_NAME_MAX, &s))
		d->last_id = split_put(d, name, &s);
	gyl_put_u16(&d->w, qtype);
	gyl_put_u16(&d->w, qclass);
	d->cnt[GYL_DNS_QUESTION]++;
}

void gyl_dns_begin_reply(struct gyl_dns_writer *d, void *buf, size_t cap,
	const struct gyl_dns_query *query, uint16_t flags)
{
	uint16_t kept = query->header.flags & (GYL_DNS_OPCODE_MASK | GYL_DNS_RD | GYL_DNS_CD);

	gyl_dns_begin(d, buf, cap, query->header.id, (uint16_t)(GYL_DNS_QR | kept | flags), 0);
	gyl_dns_put_question(d, query->qname.p, query->qtype, query->qclass);
}

/* Back to where the present RRset began, as if it had never been; nothing follows any more. */
static void set_drop(struct gyl_dns_writer *d)
{
	d->w.len = d->set_off;
	d->w.fault = gyl_ok();
	d->cnt[d->section] = (uint16_t)(d->cnt[d->section] - d->set_cnt);
	for (unsigned i = 0; i < GYL_DNS_SUFFIX_CNT; i++) {
		if (d->suffix[i].off < d->set_off)
			continue;
		d->suffix[i].off = 0;
		d->suffix_cnt--;
	}
	d->cut = true;
	/* RFC 2181 9: TC tells that something required is missing; additional data is not */
	d->tc = d->section != GYL_DNS_ADDITIONAL;
}

static void set_start(struct gyl_dns_writer *d)
{
	d->set_off = d->w.len;
	d->set_cnt = 0;
}

static bool same_owner(const struct gyl_dns_writer *d, const uint8_t *name, const struct split *s)
{
	if (d->owner_id != ID_UNLISTED)
		return s->own == 0 && d->owner_id == (s->cnt == 0 ? ID_ROOT : s->suffix);
	return stands_at(d, name, d->owner_off, false);
}

/* Whether a record continues the RRset before it. */
static bool set_goes_on(const struct gyl_dns_writer *d, const uint8_t *name, const struct split *s,
	uint16_t type, uint16_t rrclass)
{
	return d->grouped || (d->owner_id != ID_NONE && type == d->type && rrclass == d->rrclass &&
				     same_owner(d, name, s));
}

/* Rdata with the names that RFC 3597 4 allows to be compressed, which stand first or after the
 * preference of MX. */
static void names_put(struct gyl_dns_writer *d, const uint8_t *field, struct gyl_view rdata)
{
	size_t at = 0;

	if (field[0] == GYL__DNS_U16) {
		at = rdata.len < 2 ? rdata.len : 2;
		gyl_put_bytes(&d->w, rdata.p, at);
		field++;
	}
	for (; *field == GYL__DNS_NAME_C; field++)
		at += name_put(d, rdata.p + at, rdata.len - at);
	if (at < rdata.len)
		gyl_put_bytes(&d->w, rdata.p + at, rdata.len - at);
}

static void record_put(struct gyl_dns_writer *d, uint16_t type, uint16_t rrclass, uint32_t ttl,
	struct gyl_view rdata)
{
	const uint8_t *field = gyl__dns_layout(type)->field;
	bool names = field[field[0] == GYL__DNS_U16] == GYL__DNS_NAME_C;
	uint8_t *p = gyl_put_room(&d->w, 10 + (names ? 0 : rdata.len));

	if (p == NULL)
		return;
	/* in one store: gcc 12 builds four of them octet by octet */
	gyl_set_u64(p, (uint64_t)type << 48 | (uint64_t)rrclass << 32 | ttl);
	if (names)
		names_put(d, field, rdata);
	else if (rdata.len != 0)
		memcpy(p + 10, rdata.p, rdata.len);
	gyl_set_u16(p + 8, (uint16_t)(d->w.p + d->w.len - p - 10));
}

/* Moves on to a section; false when nothing may be written any more. */
static bool section_enter(struct gyl_dns_writer *d, enum gyl_dns_section section)
{
	if (section < GYL_DNS_ANSWER || section > GYL_DNS_ADDITIONAL || section < d->section) {
		gyl_writer_fail(&d->w, GYL_E_FIELD);
		return false;
	}
	if (section != d->section) {
		d->section = (uint8_t)section;
		d->owner_id = ID_NONE;
		set_start(d);
	}
	return !d->cut && gyl_writer_ok(&d->w);
}

bool gyl_dns_put_rr(struct gyl_dns_writer *d, enum gyl_dns_section section, const uint8_t *name,
	uint16_t type, uint16_t rrclass, uint32_t ttl, struct gyl_view rdata)
{
	struct split s;

	if (!section_enter(d, section) || !owner_split(d, name, &s))
		return false;
	if (!set_goes_on(d, name, &s, type, rrclass))
		set_start(d);
	d->owner_off = d->w.len;
	d->owner_id = d->last_id = split_put(d, name, &s);
	record_put(d, type, rrclass, ttl, rdata);
	if (d->w.fault.err == GYL_E_SPACE)
		set_drop(d);
	if (d->cut || !gyl_writer_ok(&d->w))
		return false;
	d->type = type;
	d->rrclass = rrclass;
	d->set_cnt++;
	d->cnt[section]++;
	return true;
}

bool gyl_dns_put_a(struct gyl_dns_writer *d, enum gyl_dns_section section, const uint8_t *name,
	uint32_t ttl, uint32_t ip)
{
	uint8_t rdata[4];

	gyl_set_u32(rdata, ip);
	return gyl_dns_put_rr(d, section, name, GYL_DNS_TYPE_A, GYL_DNS_CLASS_IN, ttl,
		gyl_view(rdata, sizeof rdata));
}

bool gyl_dns_put_name(struct gyl_dns_writer *d, enum gyl_dns_section section, const uint8_t *name,
	uint16_t type, uint32_t ttl, const uint8_t *target)
{
	return gyl_dns_put_rr(d, section, name, type, GYL_DNS_CLASS_IN, ttl,
		gyl_view(target, gyl_dns_name_len(target)));
}

void gyl_dns_rrset_begin(struct gyl_dns_writer *d)
{
	set_start(d);
	d->grouped = true;
}

void gyl_dns_rrset_end(struct gyl_dns_writer *d)
{
	d->grouped = false;
	d->owner_id = ID_NONE;
}

void gyl_dns_put_opt(struct gyl_dns_writer *d, const struct gyl_dns_edns *edns)
{
	uint8_t *p;

	if (!gyl_writer_ok(&d->w))
		return;
	d->w.cap += d->reserve;
	d->reserve = 0;
	if (edns->options.len > UINT16_MAX)
		gyl_writer_fail(&d->w, GYL_E_LENGTH);
	p = gyl_put_room(&d->w, GYL_DNS_OPT_LEN);
	if (p == NULL)
		return;
	p[0] = 0;
	gyl_set_u16(p + 1, GYL_DNS_TYPE_OPT);
	gyl_set_u16(p + 3, edns->udp_size);
	p[5] = edns->ext_rcode;
	p[6] = edns->version;
	gyl_set_u16(p + 7, (uint16_t)(edns->flags | (edns->dnssec_ok ? 0x8000 : 0)));
	gyl_set_u16(p + 9, (uint16_t)edns->options.len);
	gyl_put_view(&d->w, edns->options);
	d->section = GYL_DNS_ADDITIONAL;
	d->owner_id = ID_NONE;
	d->cnt[GYL_DNS_ADDITIONAL]++;
	set_start(d);
}

void gyl_dns_put_option(struct gyl_writer *w, uint16_t code, struct gyl_view val)
{
	if (val.len > UINT16_MAX) {
		gyl_writer_fail(w, GYL_E_LENGTH);
		return;
	}
	gyl_put_u16(w, code);
	gyl_put_u16(w, (uint16_t)val.len);
	gyl_put_view(w, val);
}

struct gyl_fault gyl_dns_end(struct gyl_dns_writer *d, size_t *ret_len)
{
	if (!gyl_writer_ok(&d->w))
		return d->w.fault;
	gyl_set_u16(d->w.p + 2, (uint16_t)(d->flags | (d->tc ? GYL_DNS_TC : 0)));
	for (size_t i = 0; i < GYL_DNS_SECTION_CNT; i++)
		gyl_set_u16(d->w.p + 4 + 2 * i, d->cnt[i]);
	*ret_len = d->w.len;
	return gyl_ok();
}
