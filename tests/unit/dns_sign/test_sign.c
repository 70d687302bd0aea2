/* SPDX-License-Identifier: ISC */

/*
 * The signer. Zones made at random from few labels are signed in every way, ldns verifies the
 * signatures, and all kinds of names are asked for: the answers must be those of the unsigned zone,
 * with exactly the proofs that they need.
 */

#include <ldns/ldns.h>

#include "services/dns/zonec/sign.h"
#include "services/dns/zonec/sign_ecdsa.h"
#include "tests/unit/dns/signed.h"

enum {
	ZONES = 40,
	BEGIN_S = 1767225600, /* 2026-01-01 */
	END_S = 2114380800    /* 2037-01-01 */
};

static const uint8_t origin[] = "\001z";
static uint64_t seed;

static unsigned draw(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

/* --- RFC 6979 A.2.5 --- */

static void from_hex(const char *hex, uint8_t *p)
{
	for (; *hex != '\0'; hex += 2) {
		char digits[3] = {hex[0], hex[1], '\0'};

		*p++ = (uint8_t)strtoul(digits, NULL, 16);
	}
}

static void rfc6979_a_2_5_p256_with_sha256(void **state)
{
	static const struct {
		const char *message, *r, *s;
	} row[] = {
		{"sample", "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
			"F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"},
		{"test", "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
			"019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"},
	};
	uint8_t d[GYL_ECDSA_LEN], sig[2 * GYL_ECDSA_LEN], want[2 * GYL_ECDSA_LEN];

	(void)state;
	from_hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", d);
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		from_hex(row[i].r, want);
		from_hex(row[i].s, want + GYL_ECDSA_LEN);
		assert_true(gyl_ecdsa_sign(
			d, (const uint8_t *)row[i].message, strlen(row[i].message), sig));
		assert_memory_equal(sig, want, sizeof want);
	}
}

/* --- zones --- */

struct lab {
	char dir[40];
	struct gyl_sign_key *ed, *ec;
};

static int open_lab(void **state)
{
	struct lab *lab = calloc(1, sizeof *lab);
	char base[4096], why[GYL_SIGN_WHY_MAX];

	assert_non_null(lab);
	strcpy(lab->dir, "/tmp/guyline-sign.XXXXXX");
	assert_non_null(mkdtemp(lab->dir));
	lab->ed = gyl_sign_key_make(GYL_SIGN_ED25519, origin, lab->dir, base, why);
	lab->ec = gyl_sign_key_make(GYL_SIGN_ECDSAP256SHA256, origin, lab->dir, base, why);
	assert_true(lab->ed != NULL && lab->ec != NULL);
	*state = lab;
	return 0;
}

static int close_lab(void **state)
{
	struct lab *lab = *state;
	char command[80];

	gyl_sign_key_free(lab->ed);
	gyl_sign_key_free(lab->ec);
	(void)snprintf(command, sizeof command, "rm -r %s", lab->dir);
	assert_int_equal(system(command), 0);
	free(lab);
	return 0;
}

/* One to three labels, asterisks among them. */
static void draw_name(char name[40])
{
	static const char *const label[] = {"a", "b", "*", "c", "xn", "*"};
	unsigned labels = 1 + draw(3);

	name[0] = '\0';
	for (unsigned i = 0; i < labels; i++)
		(void)snprintf(name + strlen(name), 40 - strlen(name), "%s%s", i == 0 ? "" : ".",
			label[draw(TEST_CNT(label))]);
}

struct names {
	char name[40][40], kind[40];
	unsigned cnt;
};

/* A name has one kind of data only, so that no zone is refused; cuts and DNAMEs are no wildcards.
 */
static bool claim(struct names *n, const char *name, char kind)
{
	bool wild = name[0] == '*';

	for (unsigned i = 0; i < n->cnt; i++)
		if (strcmp(n->name[i], name) == 0)
			return n->kind[i] == kind && kind == 'd';
	if (n->cnt == 40 || (wild && (kind == 'n' || kind == 'r' || kind == 's')))
		return false;
	strcpy(n->name[n->cnt], name);
	n->kind[n->cnt++] = kind;
	return true;
}

/* A line of one kind: data, CNAME, DNAME, a cut, a cut that is secure. */
static void put_record(FILE *f, char kind, const char *name, const char *to)
{
	switch (kind) {
	case 'd':
		(void)fprintf(f, "%s A 192.0.2.%u\n", name, 2 + draw(200));
		break;
	case 'c':
		(void)fprintf(f, "%s CNAME %s\n", name, to);
		break;
	case 'r':
		(void)fprintf(f, "%s DNAME %s\n", name, to);
		break;
	default:
		(void)fprintf(f, "%s NS ns.elsewhere.\n", name);
		if (kind == 's')
			(void)fprintf(f, "%s DS 1 15 2 %064d\n", name, 7);
		break;
	}
}

static void draw_zone(char *text, size_t cap)
{
	static const char kinds[] = "ddddddcccnnsr";
	struct names n = {.cnt = 0};
	unsigned records = 3 + draw(22);
	FILE *f = fmemopen(text, cap, "w");

	assert_non_null(f);
	(void)fputs("$TTL 3600\n@ SOA ns h 1 2 3 4 300\n@ NS ns\nns A 192.0.2.1\n", f);
	for (unsigned i = 0; i < records; i++) {
		char name[40], to[40], kind = kinds[draw(sizeof kinds - 1)];

		draw_name(name);
		draw_name(to);
		if (claim(&n, name, kind))
			put_record(f, kind, name, to);
	}
	(void)fclose(f);
}

/* The zone signed, as text for free(). */
static char *signed_text(const struct gyl_sign *how, const char *text)
{
	char *out = NULL, notes[2048];
	size_t len = 0;
	FILE *f = open_memstream(&out, &len);
	struct gyl_build b;

	assert_non_null(f);
	assert_int_equal(gyl_build_open(&b), 0);
	if (!gyl_sign_text(&b, how, origin, "z.zone", gyl_view_str(text), f)) {
		notes_of(&b, notes, sizeof notes);
		fail_msg("%s\n%s", text, notes);
	}
	(void)fclose(f);
	gyl_build_close(&b);
	return out;
}

static ldns_rr_list *list_of(const ldns_dnssec_rrs *rrs)
{
	ldns_rr_list *list = ldns_rr_list_new();

	for (; rrs != NULL; rrs = rrs->next)
		ldns_rr_list_push_rr(list, rrs->rr);
	return list;
}

static void verify_set(const ldns_dnssec_rrsets *s, const ldns_rr_list *keys, const char *text)
{
	ldns_rr_list *set = list_of(s->rrs);

	for (const ldns_dnssec_rrs *r = s->signatures; r != NULL; r = r->next) {
		ldns_rr_list *good = ldns_rr_list_new();
		ldns_status st =
			ldns_verify_rrsig_keylist_time(set, r->rr, keys, BEGIN_S + 1, good);

		if (st != LDNS_STATUS_OK)
			fail_msg("%s\n%s", ldns_get_errorstr_by_id(st), text);
		ldns_rr_list_free(good);
	}
	ldns_rr_list_free(set);
}

static ldns_dnssec_zone *read_by_ldns(const char *text)
{
	FILE *f = tmpfile();
	ldns_dnssec_zone *zone = NULL;
	int line = 0;
	ldns_status st;

	assert_non_null(f);
	(void)fputs(text, f);
	rewind(f);
	st = ldns_dnssec_zone_new_frm_fp_l(&zone, f, NULL, 0, LDNS_RR_CLASS_IN, &line);
	if (st != LDNS_STATUS_OK)
		fail_msg("line %d: %s\n%s", line, ldns_get_errorstr_by_id(st), text);
	(void)fclose(f);
	return zone;
}

/* All signatures, by ldns. */
static void verify_by_ldns(const char *text)
{
	ldns_dnssec_zone *zone = read_by_ldns(text);
	const ldns_dnssec_rrsets *dnskey =
		ldns_dnssec_zone_find_rrset(zone, zone->soa->name, LDNS_RR_TYPE_DNSKEY);
	ldns_rr_list *keys;

	assert_non_null(dnskey);
	keys = list_of(dnskey->rrs);
	for (ldns_rbnode_t *at = ldns_rbtree_first(zone->names); at != LDNS_RBTREE_NULL;
		at = ldns_rbtree_next(at)) {
		const ldns_dnssec_name *name = at->data;

		for (const ldns_dnssec_rrsets *s = name->rrsets; s != NULL; s = s->next)
			verify_set(s, keys, text);
	}
	ldns_rr_list_free(keys);
	ldns_dnssec_zone_deep_free(zone);
}

static void check_zone(const struct gyl_sign *how, const char *text)
{
	struct pair *p = calloc(1, sizeof *p);
	char *with = signed_text(how, text), *again = signed_text(how, with);
	struct zone_text signed_zone = {"z.", with}, plain = {"z.", text};

	assert_non_null(p);
	/* the same octets, also from a zone that is signed */
	assert_string_equal(with, again);
	verify_by_ldns(with);
	p->top = origin;
	p->with = world_open(&signed_zone, 1);
	p->without = world_open(&plain, 1);
	want_proofs(p->with);
	want_proofs(p->without);
	assert_int_equal(gyl_dns_image_zone(p->with->data.image, 0)->flags & GYL_DNS_ZONE_NSEC3,
		how->nsec3 ? GYL_DNS_ZONE_NSEC3 : 0);
	check_nodes(p);
	world_close(p->with);
	world_close(p->without);
	free(with);
	free(again);
	free(p);
}

static void check_zones(void **state, bool nsec3, bool opt_out)
{
	const struct lab *lab = *state;
	struct gyl_sign *how = calloc(1, sizeof *how);
	static char text[8192];

	assert_non_null(how);
	how->inception_s = BEGIN_S;
	how->expiration_s = END_S;
	how->nsec3 = nsec3;
	how->opt_out = opt_out;
	for (unsigned i = 0; i < ZONES; i++) {
		seed = i + 1;
		how->key = i % 8 == 0 ? lab->ec : lab->ed;
		how->salt_len = (uint8_t)(i % 3);
		draw_zone(text, sizeof text);
		check_zone(how, text);
	}
	free(how);
}

static void rfc4035_2_3_zones_at_random_with_nsec(void **state)
{
	check_zones(state, false, false);
}

static void rfc5155_7_1_zones_at_random_with_nsec3(void **state)
{
	check_zones(state, true, false);
}

static void rfc5155_6_zones_at_random_with_opt_out(void **state)
{
	check_zones(state, true, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc6979_a_2_5_p256_with_sha256),
		cmocka_unit_test(rfc4035_2_3_zones_at_random_with_nsec),
		cmocka_unit_test(rfc5155_7_1_zones_at_random_with_nsec3),
		cmocka_unit_test(rfc5155_6_zones_at_random_with_opt_out),
	};

	return cmocka_run_group_tests(tests, open_lab, close_lab);
}
