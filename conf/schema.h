/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_SCHEMA_H
#define GYL_CONF_SCHEMA_H

/*
 * How a service describes its configuration.
 *
 * A table has one row per key: its name, its type, where in the C struct the value goes, its
 * default and its bounds, and one line of help. From the table come the check of a file, the
 * compiled block (services/base/flat.h), the printed configuration, the options of the command line
 * and --help. What a table cannot say (rules between keys) is a check function that runs after it.
 *
 *   struct gyl_arpd_conf { uint64_t expire_ns; struct gyl_ref ignore; };  // of uint8_t[6]
 *
 *   static const struct gyl_conf_key keys[] = {
 *           { "expire", GYL_CONF_DURATION, .off = offsetof(struct gyl_arpd_conf, expire_ns),
 *             .def = "1h", .min = GYL_NS_PER_S, .help = "forget a host not seen for so long" },
 *           { "ignore", GYL_CONF_MAC, GYL_CONF_LIST, .off = offsetof(struct gyl_arpd_conf, ignore),
 *             .help = "hosts to say nothing about" },
 *   };
 *   static const struct gyl_conf_table table = { keys, 2, sizeof(struct gyl_arpd_conf) };
 *   const struct gyl_conf_section gyl_arpd_conf_section = { "arpd", &table, NULL };
 *
 * A key that is neither required nor has a default leaves its field all zeros when it is not given.
 */

#include <gyl/base.h>
#include <gyl/writer.h>

#include "services/base/flat.h"

enum gyl_conf_type {       /* written as                       field in the struct */
	GYL_CONF_BOOL,     /* true                             bool */
	GYL_CONF_U8,       /* 7                                uint8_t */
	GYL_CONF_U16,      /*                                  uint16_t */
	GYL_CONF_U32,      /*                                  uint32_t */
	GYL_CONF_U64,      /* up to INT64_MAX                  uint64_t */
	GYL_CONF_PORT,     /* 53; never 0                      uint16_t */
	GYL_CONF_DURATION, /* "1h30m", "infinite"              uint64_t, ns */
	GYL_CONF_SIZE,     /* "64MiB"                          uint64_t, octets */
	GYL_CONF_IPV4,     /* "10.77.0.1"                      uint32_t */
	GYL_CONF_NETWORK,  /* "10.77.0.0/24", no host bits     struct gyl_conf_prefix */
	GYL_CONF_ADDRESS,  /* "10.77.0.1/24"                   struct gyl_conf_prefix */
	GYL_CONF_RANGE,    /* "10.77.0.5-10.77.0.9", or one    struct gyl_conf_range */
	GYL_CONF_SERVER,   /* "10.77.0.1", "10.77.0.1:5353"    struct gyl_conf_server */
	GYL_CONF_MAC,      /* "02:00:5e:00:00:01"              uint8_t[6] */
	GYL_CONF_NAME,     /* "event.example"                  struct gyl_ref: wire form */
	GYL_CONF_STRING,   /* "text"                           struct gyl_ref: octets, then a NUL */
	GYL_CONF_PATH,   /* "zones/event.zone"               the same, always absolute in a file */
	GYL_CONF_PLACE,  /* a path, or "10.77.0.1:7077"     the same; see conf/endpoint.h */
	GYL_CONF_BYTES,  /* "text", or octets "hex 01 0a0b"  struct gyl_ref: octets, then a NUL */
	GYL_CONF_OUI,    /* "02:00:5e", 1 to 6 octets        struct gyl_ref: how MACs begin */
	GYL_CONF_ENUM,   /* "stack"                          uint8_t: its val */
	GYL_CONF_OBJECT, /* { ... }                          the struct of its table, in place */
	GYL_CONF_MAP,    /* { "router": "10.77.0.1" }        struct gyl_ref: gyl_conf_entry */
	GYL_CONF_TYPE_CNT
};

enum {
	/*
	 * A list of the type: the field is a struct gyl_ref to an array of what the type has as
	 * field. One value is accepted for a list of one. Not for GYL_CONF_MAP.
	 */
	GYL_CONF_LIST = 1,
	/* Must be given; a list must not be empty. */
	GYL_CONF_REQUIRED = 2,
	/* Of a list: a comma in an option belongs to the item; another option adds another one. */
	GYL_CONF_WHOLE = 4,
	/* Of a string: printed as "(not shown)". */
	GYL_CONF_SECRET = 8,
	/*
	 * Of a list of objects: written as an object whose members are the items, { NAME: { ... },
	 * ... }. The struct of the table begins with a struct gyl_ref, which gets the name.
	 */
	GYL_CONF_NAMED = 16
};

struct gyl_conf_prefix {
	uint32_t ip;
	uint32_t len; /* 0 to 32 */
};

/* The netmask of a prefix length, which MUST be at most 32. */
static inline uint32_t gyl_conf_mask(uint32_t len)
{
	return len == 0 ? 0 : UINT32_MAX << (32 - len);
}

/* The prefix length of a netmask; 33: it has holes and is none. */
static inline uint32_t gyl_conf_mask_len(uint32_t mask)
{
	uint32_t len = 0;

	while (len < 32 && gyl_conf_mask(len) != mask)
		len++;
	return gyl_conf_mask(len) == mask ? len : 33;
}

struct gyl_conf_range {
	uint32_t first, last; /* both belong to it; first <= last */
};

struct gyl_conf_server {
	uint32_t ip;
	uint32_t port; /* 0: not given */
};

/* A member of a map. */
struct gyl_conf_entry {
	struct gyl_ref name;  /* as written, then a NUL */
	struct gyl_ref octet; /* what the hook made of the value */
	struct gyl_ref text;  /* the value as JSON, to print it back; then a NUL */
	uint32_t code;        /* the hook's number for the name */
	uint32_t zero;
};

/* A value as the file has it, before it means anything. Map hooks and file readers see it. */
struct gyl_conf_node;

enum gyl_conf_kind {
	GYL_CONF_IS_NULL,
	GYL_CONF_IS_BOOL,   /* text: "true" or "false" */
	GYL_CONF_IS_INT,    /* text: digits, maybe after a '-' */
	GYL_CONF_IS_REAL,   /* text: as written */
	GYL_CONF_IS_STRING, /* text: the string, valid UTF-8 without NUL */
	GYL_CONF_IS_LIST,
	GYL_CONF_IS_OBJECT
};

enum gyl_conf_kind gyl_conf_kind(const struct gyl_conf_node *n);
/* Text of a scalar, empty for the rest; valid during the hook. */
struct gyl_view gyl_conf_text(const struct gyl_conf_node *n);
/* Number of items or members, 0 for a scalar. */
uint32_t gyl_conf_cnt(const struct gyl_conf_node *n);
/* First item or member, and the one after n; NULL when there is none. */
const struct gyl_conf_node *gyl_conf_first(const struct gyl_conf_node *n);
const struct gyl_conf_node *gyl_conf_next(const struct gyl_conf_node *n);
/* Key of a member of an object. */
struct gyl_view gyl_conf_key(const struct gyl_conf_node *n);

/* A word and the value that it stands for in an enum field. */
struct gyl_conf_word {
	const char *name;
	uint8_t val;
};

/* What a service knows about the members of a map. */
struct gyl_conf_map {
	/*
	 * Turn one member into octets in w and a code. Returns false when it cannot, after saying
	 * in `why` what was expected ("expected an IPv4 address such as \"10.77.0.1\""); what was
	 * found is added by the caller. *ret_name is set to true when the name, not the value, is
	 * at fault. Writes must depend on name and value only.
	 */
	bool (*parse)(struct gyl_view name, const struct gyl_conf_node *val, struct gyl_writer *w,
		uint32_t *ret_code, bool *ret_name, struct gyl_writer *why);
	/* Names to suggest for a misspelt one: the i-th, NULL after the last. May be NULL itself.
	 */
	const char *(*name)(uint32_t i);
};

struct gyl_conf_key {
	const char *name;
	uint8_t type; /* enum gyl_conf_type */
	uint8_t flags;
	uint16_t has_off; /* of a bool that says whether the key was given; 0: nobody asks */
	size_t off;       /* of the field */
	/*
	 * Default as one writes it on the command line: "10m", "true", "a,b" for a list, JSON when
	 * it begins with '{' or '['. NULL: none.
	 */
	const char *def;
	uint64_t min,
		max; /* of numbers, durations (ns) and sizes; octets of strings. max 0: no bound */
	const char *help;                   /* one line, no full stop */
	const struct gyl_conf_table *table; /* of GYL_CONF_OBJECT */
	const struct gyl_conf_word *word;   /* of GYL_CONF_ENUM, ends with a NULL name */
	const struct gyl_conf_map *map;     /* of GYL_CONF_MAP */
};

struct gyl_conf_table {
	const struct gyl_conf_key *key;
	size_t key_cnt;
	size_t size; /* of the struct; its alignment is at most 8 */
};

/* The state of a check function. */
struct gyl_conf_check;

struct gyl_conf_section {
	const char *name; /* of the member at the top of the file, at most 15 octets */
	const struct gyl_conf_table *table;
	/*
	 * Rules between keys; may be NULL. Runs when every key of the section is good by itself. f
	 * is not finished yet: gyl_flat_at() and gyl_flat_view() work, gyl_flat_section() does not.
	 */
	void (*check)(const struct gyl_flat *f, const void *root, struct gyl_conf_check *ck);
};

/*
 * Report an error from a check function. path is relative to the section ("subnets.0.pool", "" for
 * the section itself) and is looked up for its line; fmt as printf, says what was expected.
 */
void gyl_conf_fail(struct gyl_conf_check *ck, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* For a check function of a service: the keys at the top, NULL when something is wrong with them.
 * Valid during the check. */
const void *gyl_conf_check_top(const struct gyl_conf_check *ck);

#endif
