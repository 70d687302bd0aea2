/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DNS_UPDATE_H
#define GYL_TESTS_DNS_UPDATE_H

/*
 * A zone that may be changed, and UPDATE messages from text, commands separated by ';':
 *
 *   yxdomain NAME; nxdomain NAME; yxrrset NAME TYPE [RDATA]; nxrrset NAME TYPE;
 *   add NAME TTL TYPE RDATA; del NAME [TYPE [RDATA]]; raw SECTION NAME CLASS TTL TYPE
 *
 * Names are relative to the zone, @ is its apex.
 */

#include "tests/unit/dns/ask.h"

#include "services/dns/live_own.h"
#include "services/dns/update.h"

enum {
	CHANGE_SPACE = 4 << 20
};

/* A configuration with one zone and its grants, as a block. */
struct change_conf {
	struct gyl_flat flat;
	struct gyl_dns_conf cf;
	struct gyl_dns_conf_zone zone;
	struct gyl_dns_conf_grant grant[2];
	struct gyl_ref names[2], types[2];
	char text[400];
	size_t len;
};

struct changer {
	struct world *w;
	struct change_conf cf;
	void *mem;
	struct gyl_dns_lives all;
	struct gyl_dns_ledger ledger;
	struct gyl_dns_live *z;
	struct gyl_dns_update u;
	struct gyl_view image;
	uint8_t origin[GYL_DNS_NAME_MAX], msg[65536];
	size_t len;
};

static inline struct gyl_ref conf_put(struct change_conf *c, const void *p, size_t len)
{
	struct gyl_ref ref = {
		(uint32_t)(offsetof(struct change_conf, text) + c->len), (uint32_t)len};

	memcpy(c->text + c->len, p, len);
	c->len += len;
	return ref;
}

static inline struct gyl_ref conf_name(struct change_conf *c, const char *text)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	size_t len = name_of(text, name);

	return conf_put(c, name, len);
}

static inline struct gyl_ref conf_text(struct change_conf *c, const char *text)
{
	return conf_put(c, text, strlen(text));
}

/* Key "all." may change all of the zone; key "some.z.test." addresses and TXT of its own name and
 * of those under "dyn". */
static inline void conf_make(struct change_conf *c)
{
	memset(c, 0, sizeof *c);
	c->cf.zones = (struct gyl_ref){offsetof(struct change_conf, zone), 1};
	c->zone.name = conf_name(c, "z.test.");
	c->zone.update = (struct gyl_ref){offsetof(struct change_conf, grant), 2};
	c->grant[0].key = conf_name(c, "all.");
	c->grant[1].key = conf_name(c, "some.z.test.");
	c->names[0] = conf_text(c, "self");
	c->names[1] = conf_text(c, "under dyn.z.test");
	c->types[0] = conf_text(c, "A");
	c->types[1] = conf_text(c, "TXT");
	c->grant[1].names = (struct gyl_ref){offsetof(struct change_conf, names), 2};
	c->grant[1].types = (struct gyl_ref){offsetof(struct change_conf, types), 2};
}

static inline struct changer *changer_open(const char *zone_text)
{
	const struct zone_text zone = {"z.test.", zone_text},
			       fixed = {"fixed.test.", "@ 60 SOA ns root 1 2 3 4 5\n@ 60 NS ns\n"};
	struct changer *c = calloc(1, sizeof *c);

	assert_non_null(c);
	c->w = world_open(&fixed, 1);
	conf_make(&c->cf);
	c->mem = aligned_alloc(16, CHANGE_SPACE);
	assert_non_null(c->mem);
	gyl_dns_lives_init(&c->all, c->mem, CHANGE_SPACE);
	gyl_dns_ledger_init(&c->ledger, c->all.log_mem, c->all.log_cap);
	c->image = image_of(&zone, 1, NULL, 0);
	c->z = gyl_dns_live_add(&c->all, gyl_dns_image_open(c->image));
	assert_non_null(c->z);
	c->w->data.lives = &c->all;
	c->w->data.ledger = &c->ledger;
	name_of("z.test.", c->origin);
	c->u.data = &c->w->data;
	c->u.all = &c->all;
	c->u.ledger = &c->ledger;
	c->u.flat = &c->cf.flat;
	c->u.conf = &c->cf.cf;
	return c;
}

static inline void changer_close(struct changer *c)
{
	world_close(c->w);
	gyl_build_unmap(c->image);
	free(c->mem);
	free(c);
}

/* The words of a command, empty behind the last; how many they are. */
static inline size_t words(char *text, char *word[12])
{
	static char none[] = "";
	size_t cnt = 0;

	for (size_t i = 0; i < 12; i++)
		word[i] = none;
	for (char *p = strtok(text, " "); p != NULL && cnt < 12; p = strtok(NULL, " "))
		word[cnt++] = p;
	return cnt;
}

static inline size_t rdata_of(
	const struct changer *c, uint16_t type, char **word, size_t cnt, uint8_t *buf, size_t cap)
{
	struct gyl_dns_token tok[10];
	struct gyl_writer w;
	size_t bad = 0;

	for (size_t i = 0; i < cnt; i++)
		tok[i] = (struct gyl_dns_token){.text = gyl_view_str(word[i])};
	gyl_writer_init(&w, buf, cap);
	assert_int_equal(gyl_dns_rdata_parse(type, tok, cnt, c->origin, &w, &bad).err, GYL_OK);
	return w.len;
}

static inline uint16_t type_of(const char *text)
{
	uint16_t type = 0;

	assert_int_equal(gyl_dns_type_parse(gyl_view_str(text), &type).err, GYL_OK);
	return type;
}

static inline void put_raw(struct changer *c, struct gyl_writer *w, const char *name, uint16_t type,
	uint16_t rrclass, uint32_t ttl, struct gyl_view rdata)
{
	uint8_t owner[GYL_DNS_NAME_MAX];
	size_t len = 0;

	assert_int_equal(
		gyl_dns_name_parse(gyl_view_str(name), c->origin, owner, &len).err, GYL_OK);
	gyl_put_bytes(w, owner, len);
	gyl_put_u16(w, type);
	gyl_put_u16(w, rrclass);
	gyl_put_u32(w, ttl);
	gyl_put_u16(w, (uint16_t)rdata.len);
	gyl_put_view(w, rdata);
}

/* One command into the message. Returns the section that it went to. */
static inline unsigned put_command(struct changer *c, struct gyl_writer *w, char **word, size_t cnt)
{
	uint8_t rdata[2048];
	struct gyl_view none = {NULL, 0}, data;
	bool no = word[0][0] == 'n';

	if (strcmp(word[0], "raw") == 0) {
		put_raw(c, w, word[2], type_of(word[5]), (uint16_t)atoi(word[3]),
			(uint32_t)atoi(word[4]), none);
		return (unsigned)atoi(word[1]);
	}
	if (strcmp(word[0], "add") == 0) {
		data = gyl_view(rdata,
			rdata_of(c, type_of(word[3]), word + 4, cnt - 4, rdata, sizeof rdata));
		put_raw(c, w, word[1], type_of(word[3]), GYL_DNS_CLASS_IN, (uint32_t)atoi(word[2]),
			data);
		return GYL_DNS_AUTHORITY;
	}
	if (cnt > 3) {
		data = gyl_view(rdata,
			rdata_of(c, type_of(word[2]), word + 3, cnt - 3, rdata, sizeof rdata));
		if (strcmp(word[0], "del") == 0) {
			put_raw(c, w, word[1], type_of(word[2]), GYL_DNS_CLASS_NONE, 0, data);
			return GYL_DNS_AUTHORITY;
		}
		put_raw(c, w, word[1], type_of(word[2]), GYL_DNS_CLASS_IN, 0, data);
		return GYL_DNS_ANSWER;
	}
	put_raw(c, w, word[1], cnt > 2 ? type_of(word[2]) : GYL_DNS_TYPE_ANY,
		no ? GYL_DNS_CLASS_NONE : GYL_DNS_CLASS_ANY, 0, none);
	return strcmp(word[0], "del") == 0 ? GYL_DNS_AUTHORITY : GYL_DNS_ANSWER;
}

/* The message of a script, prerequisites first. */
static inline void make_update(struct changer *c, const char *zone, const char *script)
{
	char text[2000], *word[12], *at, *end;
	struct gyl_dns_writer d;
	struct gyl_writer w;
	uint8_t name[GYL_DNS_NAME_MAX];

	name_of(zone, name);
	gyl_dns_begin(&d, c->msg, sizeof c->msg, 1, gyl_dns_opcode_bits(GYL_DNS_OP_UPDATE), 0);
	gyl_dns_put_question(&d, name, GYL_DNS_TYPE_SOA, GYL_DNS_CLASS_IN);
	assert_int_equal(gyl_dns_end(&d, &c->len).err, GYL_OK);
	gyl_writer_init(&w, c->msg, sizeof c->msg);
	w.len = c->len;
	(void)snprintf(text, sizeof text, "%s", script);
	for (at = text; *at != '\0'; at = end) {
		size_t cnt;
		unsigned section;

		end = at + strcspn(at, ";");
		if (*end != '\0')
			*end++ = '\0';
		cnt = words(at, word);
		if (cnt == 0)
			continue;
		section = put_command(c, &w, word, cnt);
		gyl_set_u16(c->msg + 4 + 2 * section,
			(uint16_t)(gyl_get_u16(c->msg + 4 + 2 * section) + 1));
	}
	c->len = w.len;
}

/* Carry it out; with changes the step is closed. */
static inline uint16_t change_zone(
	struct changer *c, const char *zone, const char *script, const char *key)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	uint16_t rcode;

	make_update(c, zone, script);
	if (key != NULL)
		name_of(key, name);
	c->u.key = key == NULL ? NULL : name;
	rcode = gyl_dns_update(&c->u, gyl_view(c->msg, c->len));
	if (rcode == GYL_DNS_NOERROR && gyl_dns_edit_any(&c->u.edit))
		gyl_dns_edit_end(&c->u.edit);
	return rcode;
}

#endif
