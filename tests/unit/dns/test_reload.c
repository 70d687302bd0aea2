/* SPDX-License-Identifier: ISC */

/*
 * A zone that meets a new file in slices, while it goes on changing, is what it would be if the
 * file had come at the end, in one piece.
 */

#include <stdlib.h>

#include "services/dns/reload.h"
#include "tests/unit/dns/ask.h"

enum {
	SPACE = 8 << 20,
	NAMES = 24
};

static uint64_t course;

static unsigned below(unsigned n)
{
	uint64_t z = course += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ z >> 31) % n);
}

/* A zone that changes, with all that it needs. */
struct zone {
	void *mem;
	struct gyl_dns_lives all;
	struct gyl_dns_ledger ledger;
	struct gyl_dns_edit edit;
	struct gyl_dns_live *z;
};

static void zone_open(struct zone *s, const struct gyl_dns_image *from)
{
	memset(s, 0, sizeof *s);
	s->mem = aligned_alloc(16, SPACE);
	assert_non_null(s->mem);
	gyl_dns_lives_init(&s->all, s->mem, SPACE);
	gyl_dns_ledger_init(&s->ledger, s->all.log_mem, s->all.log_cap);
	if (from == NULL)
		return;
	s->z = gyl_dns_live_add(&s->all, from);
	assert_non_null(s->z);
}

static size_t name_at(unsigned i, uint8_t name[GYL_DNS_NAME_MAX])
{
	static const char *const form[] = {"h%u.z.", "*.h%u.z.", "a.b.h%u.z.", "b.h%u.z."};
	char text[40];

	(void)snprintf(text, sizeof text, form[i % 4], i / 4);
	return name_of(text, name);
}

/* A version of the file. */
static struct gyl_view file(unsigned serial)
{
	static char text[8000];
	struct zone_text zone = {"z.", text};
	size_t len = (size_t)snprintf(text, sizeof text,
		"$TTL 60\n@ SOA ns root %u 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n", serial);

	for (unsigned i = 0; i < NAMES; i++) {
		uint8_t name[GYL_DNS_NAME_MAX];
		struct gyl_writer w;

		if (below(3) == 0)
			continue;
		(void)name_at(i, name);
		gyl_writer_init(&w, text + len, sizeof text - len);
		gyl_dns_name_print(&w, name);
		len += w.len;
		len += (size_t)snprintf(text + len, sizeof text - len, " A 192.0.2.%u\n", below(3));
	}
	return image_of(&zone, 1, NULL, 0);
}

static const struct gyl_dns_image *opened(struct gyl_view image)
{
	const struct gyl_dns_image *im = gyl_dns_image_open(image);

	assert_non_null(im);
	return im;
}

/* An UPDATE of one name. */
static void change(struct zone *s, unsigned name_no, unsigned what)
{
	uint8_t name[GYL_DNS_NAME_MAX], ip[4] = {192, 0, 2, (uint8_t)what};
	struct gyl_dns_rec r = {GYL_DNS_TYPE_A, 60, gyl_view(ip, 4)};
	struct gyl_dns_content *c;

	(void)name_at(name_no, name);
	assert_true(gyl_dns_edit_begin(&s->edit, &s->all, &s->ledger, s->z, false));
	c = gyl_dns_edit_open(&s->edit, name);
	c->cnt = 0;
	if (what < 4)
		assert_true(gyl_dns_content_add(c, &r));
	assert_true(gyl_dns_edit_put(&s->edit, name));
	if (!gyl_dns_edit_any(&s->edit))
		return;
	assert_true(gyl_dns_edit_serial(&s->edit, gyl_dns_serial_next(gyl_dns_live_serial(s->z))));
	gyl_dns_edit_end(&s->edit);
}

/* The same names with the same records, in the order and in the index. */
static void same(const struct gyl_dns_live *a, const struct gyl_dns_live *b)
{
	static struct gyl_dns_content x, y;
	const struct gyl_dns_node *m = NULL, *n = NULL;

	do {
		m = gyl_dns_live_after(a, m == NULL ? NULL : m->name);
		n = gyl_dns_live_after(b, n == NULL ? NULL : n->name);
		assert_int_equal(m == NULL, n == NULL);
		if (m == NULL || n == NULL)
			break;
		assert_int_equal(m->name_len, n->name_len);
		assert_memory_equal(m->name, n->name, m->name_len);
		assert_ptr_equal(gyl_dns_live_node(a, m->name, m->name_len), m);
		assert_true(gyl_dns_content_read(&x, m));
		assert_true(gyl_dns_content_read(&y, n));
		assert_true(gyl_dns_content_same(&x, &y));
	} while (true);
	assert_int_equal(gyl_dns_live_serial(a), gyl_dns_live_serial(b));
	assert_int_equal(
		gyl_dns_image_zone(a->view, 0)->rr_cnt, gyl_dns_image_zone(b->view, 0)->rr_cnt);
}

struct ends {
	unsigned here, aside, late;
};

/* Both are changed alike until the first one is through with its file. */
static enum gyl_dns_reloaded go_through(
	struct zone s[2], struct gyl_dns_reload *r, struct ends *ends)
{
	enum gyl_dns_reloaded got = GYL_DNS_RELOAD_MORE;

	for (unsigned n = 0; got == GYL_DNS_RELOAD_MORE; n++) {
		bool wins = r->m.file_wins;

		/* an UPDATE less often as time goes by, or it never ends */
		if (below(2 + n / 40) == 0) {
			unsigned name = below(NAMES), what = below(6);

			change(&s[0], name, what);
			change(&s[1], name, what);
		}
		got = gyl_dns_reload_next(r);
		ends->late += wins && !r->m.file_wins;
		(void)gyl_dns_lives_tidy(&s[0].all);
	}
	return got;
}

static void meet(struct zone s[2], const struct gyl_dns_image *is, const struct gyl_dns_image *was,
	struct ends *ends)
{
	struct gyl_dns_reload r = {.slice = 1 + below(5), .most = below(3) == 0 ? 40 : below(4)};
	enum gyl_dns_merged one = GYL_DNS_MERGED_FULL, other;

	gyl_dns_reload_begin(&r, &s[0].edit, &s[0].all, &s[0].ledger, s[0].z, is, was);
	switch (go_through(s, &r, ends)) {
	case GYL_DNS_RELOAD_HERE:
		one = gyl_dns_reload_here(&r);
		ends->here++;
		break;
	case GYL_DNS_RELOAD_ASIDE:
		assert_true(gyl_dns_reload_aside(&r));
		one = r.m.file_wins ? GYL_DNS_MERGED_FILE : GYL_DNS_MERGED_KEPT;
		gyl_dns_reload_close(&r);
		gyl_dns_live_drop_later(&s[0].all, s[0].z);
		s[0].z = r.in;
		s[0].z->hidden = false;
		ends->aside++;
		break;
	default:
		one = gyl_dns_merge(&s[0].edit, &s[0].all, &s[0].ledger, s[0].z, is, was);
		break;
	}
	other = gyl_dns_merge(&s[1].edit, &s[1].all, &s[1].ledger, s[1].z, is, was);
	/* a zone of its own may be what the old one was, but for the serial */
	if (one == other)
		same(s[0].z, s[1].z);
	else
		assert_int_equal(other, GYL_DNS_MERGED_SAME);
}

static void in_slices_it_is_the_same_zone(void **state)
{
	struct ends ends = {0, 0, 0};

	(void)state;
	for (uint64_t seed = 1; seed < 120; seed++) {
		struct gyl_view image[2];
		struct zone s[2];

		course = seed * 1000;
		image[0] = file(10);
		zone_open(&s[0], opened(image[0]));
		zone_open(&s[1], opened(image[0]));
		for (unsigned n = below(5); n != 0; n--) {
			unsigned name = below(NAMES), what = below(6);

			change(&s[0], name, what);
			change(&s[1], name, what);
		}
		image[1] = file(10 + below(3) * below(20));
		meet(s, opened(image[1]), below(4) == 0 ? NULL : opened(image[0]), &ends);
		for (unsigned i = 0; i < 2; i++) {
			gyl_build_unmap(image[i]);
			free(s[i].mem);
		}
	}
	/* it was a test of all there is */
	assert_in_range(ends.here, 10, 110);
	assert_in_range(ends.aside, 10, 110);
	assert_in_range(ends.late, 1, 120);
}

/* A zone that was none before. */
static void a_new_zone_is_its_file(void **state)
{
	struct gyl_dns_reload r = {.slice = 2};
	struct gyl_view image;
	struct zone s[2];

	(void)state;
	course = 1;
	image = file(10);
	zone_open(&s[0], NULL);
	zone_open(&s[1], opened(image));
	gyl_dns_reload_begin(&r, &s[0].edit, &s[0].all, &s[0].ledger, NULL, opened(image), NULL);
	while (gyl_dns_reload_next(&r) == GYL_DNS_RELOAD_MORE)
		assert_null(gyl_dns_live_of(&s[0].all, (const uint8_t *)"\001z", 3));
	assert_true(gyl_dns_reload_aside(&r));
	same(r.in, s[1].z);
	gyl_build_unmap(image);
	free(s[0].mem);
	free(s[1].mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_slices_it_is_the_same_zone),
		cmocka_unit_test(a_new_zone_is_its_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
