/* SPDX-License-Identifier: ISC */
#include "tests/support/show.h"
#include "tests/support/support.h"

#include <gyl/ipv4.h>
#include <gyl/text.h>
#include <gyl/udp.h>

static void show(struct gyl_view in, struct gyl_writer *out)
{
	struct gyl_ipv4 ip;
	struct gyl_udp v;
	struct gyl_fault f = gyl_ipv4_decode(in, 0, &ip);
	struct gyl_json j;

	/* The vectors are whole datagrams, so that the checksum has its addresses. */
	assert_int_equal(f.err, GYL_OK);
	f = gyl_udp_decode(ip.payload, ip.src, ip.dst, 0, &v);
	show_fault(out, f);
	if (gyl_failed(f))
		return;
	gyl_udp_print(out, &v);
	gyl_text_char(out, '\n');
	gyl_json_init(&j, out);
	gyl_udp_json(&j, NULL, &v);
	gyl_text_char(out, '\n');
}

static void golden(void **state)
{
	(void)state;
	assert_true(vectors_run("udp", show) > 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(golden)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
