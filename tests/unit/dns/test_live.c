/* SPDX-License-Identifier: ISC */

/*
 * Zones that change, against their model: the same records compiled into an image. After a run of
 * random changes every question has the same answer, octet for octet, and the memory holds what is
 * there and nothing else.
 */

#include "tests/unit/dns/ask.h"

#include "services/dns/live_own.h"

enum {
	SPACE = 4 << 20,
	LABELS = 4,
	NAMES = 1 + LABELS + LABELS * LABELS + LABELS * LABELS * LABELS,
	STEPS = 6000,
	EVERY = 50
};

static const char *const label[LABELS] = {"a", "b", "*", "c"};

static uint64_t course = 1;

static unsigned below(unsigned n)
{
	uint64_t z = course += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ z >> 31) % n);
}

/* The i-th name of the pool; 0 is the apex. */
static void name_text(unsigned i, char *buf, size_t cap)
{
	if (i == 0)
		snprintf(buf, cap, "z.test.");
	else if (i <= LABELS)
		snprintf(buf, cap, "%s.z.test.", label[i - 1]);
	else if (i <= LABELS + LABELS * LABELS)
		snprintf(buf, cap, "%s.%s.z.test.", label[(i - 1 - LABELS) / LABELS],
			label[(i - 1 - LABELS) % LABELS]);
	else
		snprintf(buf, cap, "%s.%s.%s.z.test.",
			label[(i - 1 - LABELS - LABELS * LABELS) / (LABELS * LABELS)],
			label[(i - 1 - LABELS - LABELS * LABELS) / LABELS % LABELS],
			label[(i - 1 - LABELS - LABELS * LABELS) % LABELS]);
}

struct pair {
	struct world *live; /* asks the zone that changes */
	void *mem;
	struct gyl_dns_lives all;
	struct gyl_dns_live *z;
	struct gyl_dns_content c;
	struct gyl_view first;
};

static const char first_zone[] = "@ 60 SOA ns root 1 2 3 4 5\n@ 60 NS ns.other.\n@ NS a\n";

static struct pair *pair_open(const char *text, size_t space)
{
	const struct zone_text zone = {"z.test.", text}, none = {"other.", first_zone};
	struct pair *p = calloc(1, sizeof *p);

	assert_non_null(p);
	p->mem = aligned_alloc(16, space);
	assert_non_null(p->mem);
	gyl_dns_lives_init(&p->all, p->mem, space);
	p->first = image_of(&zone, 1, NULL, 0);
	p->z = gyl_dns_live_add(&p->all, gyl_dns_image_open(p->first));
	p->live = world_open(&none, 1);
	p->live->data.lives = &p->all;
	return p;
}

static void pair_close(struct pair *p)
{
	world_close(p->live);
	gyl_build_unmap(p->first);
	free(p->mem);
	free(p);
}

static void add(struct pair *p, const char *type_text, const char *rdata_text)
{
	struct gyl_dns_rec r = {.ttl = 60 + below(3)};
	struct gyl_dns_token tok[8];
	uint8_t buf[600], origin[GYL_DNS_NAME_MAX];
	struct gyl_writer w;
	size_t cnt = 0, bad;

	name_of("z.test.", origin);
	assert_int_equal(gyl_dns_type_parse(gyl_view_str(type_text), &r.type).err, GYL_OK);
	for (const char *at = rdata_text; *at != '\0'; at += strspn(at, " ")) {
		tok[cnt++] = (struct gyl_dns_token){.text = gyl_view(at, strcspn(at, " "))};
		at += strcspn(at, " ");
	}
	gyl_writer_init(&w, buf, sizeof buf);
	assert_int_equal(gyl_dns_rdata_parse(r.type, tok, cnt, origin, &w, &bad).err, GYL_OK);
	r.rdata = gyl_writer_view(&w);
	if (gyl_dns_content_find(&p->c, r.type, r.rdata) == GYL_DNS_NO_REC)
		assert_true(gyl_dns_content_add(&p->c, &r));
}

static const char *target(void)
{
	static char text[80];

	name_text(below(NAMES), text, sizeof text);
	return text;
}

/* Records that may stand together at a name. */
static void invent(struct pair *p, unsigned i)
{
	char text[200];

	p->c.cnt = p->c.len = 0;
	if (i == 0) {
		snprintf(text, sizeof text, "ns root %u 2 3 4 %u", below(1000), 1 + below(100));
		add(p, "SOA", text);
		for (unsigned n = 1 + below(3); n != 0; n--)
			add(p, "NS", target());
		if (below(20) == 0)
			add(p, "DNAME", "there.test.");
		return;
	}
	switch (below(12)) {
	case 0:
	case 1:
	case 2:
		return;
	case 3:
		add(p, "CNAME", target());
		return;
	case 4:
		for (unsigned n = 1 + below(3); n != 0; n--)
			add(p, "NS", target());
		add(p, "DS", "1 13 2 abcd");
		return;
	case 5:
		add(p, "DNAME", "there.test.");
		break;
	case 6:
		for (unsigned n = 1 + below(3); n != 0; n--) {
			snprintf(text, sizeof text, "%u %s", below(2), target());
			add(p, "MX", text);
		}
		break;
	case 7:
		snprintf(text, sizeof text, "1 2 3 %s", target());
		add(p, "SRV", text);
		break;
	default:
		break;
	}
	for (unsigned n = below(3) + 1; n != 0; n--) {
		snprintf(text, sizeof text, "192.0.2.%u", below(40));
		add(p, "A", text);
	}
	if (below(3) == 0)
		add(p, "AAAA", "2001:db8::1");
	if (below(3) == 0)
		add(p, "TXT", below(2) == 0 ? "short" : "something-that-is-quite-a-bit-longer");
}

static void change(struct pair *p)
{
	unsigned i = below(NAMES);
	uint8_t name[GYL_DNS_NAME_MAX];
	char text[80];

	name_text(i, text, sizeof text);
	name_of(text, name);
	invent(p, i);
	assert_true(gyl_dns_live_write(&p->all, p->z, name, &p->c, below(10) == 0));
	/* slices of every size, and all at once */
	if (below(3) == 0)
		(void)gyl__dns_heap_tidy(&p->all.heap, below(2000));
	if (below(40) == 0)
		assert_true(gyl__dns_heap_reserve(&p->all.heap, gyl__dns_heap_room(&p->all.heap)));
}

/* The zone as a master file. */
static char *zone_text_of(const struct pair *p)
{
	size_t cap = 1 << 20;
	char *text = malloc(cap);
	struct gyl_writer w;
	const struct gyl_dns_node *n = NULL;
	static struct gyl_dns_content c;

	gyl_writer_init(&w, text, cap - 1);
	while ((n = gyl_dns_live_after(p->z, n == NULL ? NULL : n->name)) != NULL) {
		assert_true(gyl_dns_content_read(&c, n));
		for (uint32_t i = 0; i < c.cnt; i++) {
			struct gyl_dns_rr rr =
				gyl_dns_rr_alone(c.rec[i].type, GYL_DNS_CLASS_IN, c.rec[i].rdata);

			gyl_dns_name_print(&w, n->name);
			gyl_text_char(&w, ' ');
			gyl_text_u64(&w, c.rec[i].ttl);
			gyl_text_char(&w, ' ');
			gyl_dns_type_print(&w, c.rec[i].type);
			gyl_text_char(&w, ' ');
			gyl_dns_rdata_print(&w, c.rec[i].rdata, &rr);
			gyl_text_char(&w, '\n');
		}
	}
	assert_true(gyl_writer_ok(&w));
	text[w.len] = '\0';
	return text;
}

static void ask_both(struct world *model, struct world *live, const char *name, const char *type)
{
	const char *got = ask(live, name, type);

	ask(model, name, type);
	if (model->len != live->len || memcmp(model->msg, live->msg, live->len) != 0)
		fail_msg("%s %s\n  got  %s\n  want %s", name, type, got, model->text);
}

static void same_answers(struct pair *p)
{
	static const char *const type[] = {"A", "NS", "MX", "CNAME", "DS", "ANY", "SOA", "SRV"};
	char *text = zone_text_of(p), name[100];
	const struct zone_text zone = {"z.test.", text};
	struct world *model = world_open(&zone, 1);

	for (unsigned i = 0; i < NAMES; i++)
		for (size_t t = 0; t < TEST_CNT(type); t++) {
			name_text(i, name, sizeof name);
			ask_both(model, p->live, name, type[t]);
			if (t > 4)
				continue;
			snprintf(name, sizeof name, "q.");
			name_text(i, name + 2, sizeof name - 2);
			ask_both(model, p->live, name, type[t]);
		}
	assert_int_equal(p->z->im->node_cnt, model->data.image->node_cnt);
	world_close(model);
	free(text);
}

/* Every block is of somebody, and every octet of the heap in a block. */
static void no_leak(const struct pair *p)
{
	const struct gyl_dns_heap *h = &p->all.heap;
	uint32_t nodes = 0, other = 0, free_len = 0;

	for (uint32_t at = 0; at < h->end;) {
		const struct gyl_dns_block *b = (const void *)(h->base + at);

		assert_true(b->len >= sizeof *b && b->len <= h->end - at && b->len % 8 == 0);
		nodes += b->kind == GYL__DNS_BLOCK_NODE;
		other += b->kind > GYL__DNS_BLOCK_NODE;
		free_len += b->kind == 0 ? b->len : 0;
		at += b->len;
	}
	assert_int_equal(nodes, p->z->order_cnt);
	assert_int_equal(nodes, p->z->im->node_cnt);
	assert_int_equal(other, 3);
	assert_int_equal(free_len, h->free_len);
}

static void random_changes_answer_as_their_image(void **state)
{
	struct pair *p = pair_open(first_zone, SPACE);

	(void)state;
	assert_non_null(p->z);
	p->all.heap.tidy_min = 500;
	for (unsigned i = 1; i <= STEPS; i++) {
		change(p);
		if (i % EVERY != 0)
			continue;
		no_leak(p);
		same_answers(p);
	}
	pair_close(p);
}

/* When there is no room a change is refused, and what was there stays; then there is room again. */
static void space_is_a_bound_and_comes_back(void **state)
{
	struct pair *p = pair_open(first_zone, 2 << 20);
	uint8_t name[GYL_DNS_NAME_MAX];
	char text[80];
	unsigned full = 0, cnt[3] = {0, 0, 0};
	size_t room;

	(void)state;
	room = gyl__dns_heap_room(&p->all.heap);
	for (unsigned turn = 0; turn < 3; turn++) {
		for (unsigned i = 0;; i++) {
			snprintf(text, sizeof text, "host-%u.z.test.", i);
			name_of(text, name);
			p->c.cnt = p->c.len = 0;
			add(p, "A", "192.0.2.1");
			if (!gyl_dns_live_write(&p->all, p->z, name, &p->c, false))
				break;
			cnt[turn]++;
		}
		full++;
		assert_null(gyl_dns_live_node(p->z, name, gyl_dns_name_len(name)));
		no_leak(p);
		for (unsigned i = 0; i < cnt[turn]; i++) {
			snprintf(text, sizeof text, "host-%u.z.test.", i);
			name_of(text, name);
			p->c.cnt = p->c.len = 0;
			assert_true(gyl_dns_live_write(&p->all, p->z, name, &p->c, true));
		}
		no_leak(p);
		while (gyl_dns_lives_tidy(&p->all))
			no_leak(p);
		assert_int_equal(p->z->order_cnt, 1);
	}
	assert_true(cnt[0] > 5000 && cnt[1] >= cnt[0] * 9 / 10 && cnt[2] == cnt[1]);
	/* the index stays as large as it became */
	assert_true(gyl__dns_heap_room(&p->all.heap) > room / 2);
	gyl_dns_live_drop(&p->all, p->z);
	while (gyl_dns_lives_tidy(&p->all))
		;
	assert_true(gyl__dns_heap_room(&p->all.heap) > room);
	pair_close(p);
}

/* The lowest zone answers, whichever kind of image it is in. */
static void zones_of_both_kinds_nest(void **state)
{
	static const struct zone_text fixed[] = {
		{"test.", "@ 60 SOA ns root 1 2 3 4 5\n@ 60 NS ns\nz NS ns.z\nz DS 1 13 2 abcd\n"
			  /* below the cut: not what z.test. says of b.z.test. */
			  "ns.z A 192.0.2.7\nb.z DS 3 13 2 abcd\nb.z NS ns\n"},
		{"b.z.test.", "@ 60 SOA ns root 1 2 3 4 5\n@ 60 NS ns\n@ A 192.0.2.9\n"},
	};
	struct pair *p = pair_open("@ 60 SOA ns root 1 2 3 4 5\n@ 60 NS ns\nns A 192.0.2.1\n"
				   "b NS ns.b\nb DS 2 13 2 abcd\nns.b A 192.0.2.3\n",
		SPACE);
	struct world *w = world_open(fixed, 2);
	static const struct row rows[] = {
		{"z.test.", "DS", "NOERROR AA; an z.test. 60 DS 1 13 2 abcd"},
		{"b.z.test.", "DS", "NOERROR AA; an b.z.test. 60 DS 2 13 2 abcd"},
		{"b.z.test.", "A", "NOERROR AA; an b.z.test. 60 A 192.0.2.9"},
		{"ns.z.test.", "A", "NOERROR AA; an ns.z.test. 60 A 192.0.2.1"},
		{"x.z.test.", "A", "NXDOMAIN AA; ns SOA z.test. 5"},
		{"x.b.z.test.", "A", "NXDOMAIN AA; ns SOA b.z.test. 5"},
		{"xz.test.", "A", "NXDOMAIN AA; ns SOA test. 5"},
	};

	(void)state;
	w->data.lives = &p->all;
	ask_all(w, rows, TEST_CNT(rows));
	world_close(w);
	pair_close(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_changes_answer_as_their_image),
		cmocka_unit_test(space_is_a_bound_and_comes_back),
		cmocka_unit_test(zones_of_both_kinds_nest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
