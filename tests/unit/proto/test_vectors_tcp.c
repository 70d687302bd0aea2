/* SPDX-License-Identifier: ISC */
#include "tests/support/show.h"
#include "tests/support/support.h"

#include <gyl/ipv4.h>
#include <gyl/tcp.h>
#include <gyl/text.h>

static void show(struct gyl_view in, struct gyl_writer *out)
{
	struct gyl_ipv4 ip;
	struct gyl_tcp v;
	struct gyl_fault f = gyl_ipv4_decode(in, 0, &ip);
	struct gyl_json j;

	/* The vectors are whole datagrams, so that the checksum has its addresses. */
	assert_int_equal(f.err, GYL_OK);
	f = gyl_tcp_decode(ip.payload, ip.src, ip.dst, 0, &v);
	show_fault(out, f);
	if (gyl_failed(f))
		return;
	gyl_tcp_print(out, &v);
	gyl_text_char(out, '\n');
	gyl_json_init(&j, out);
	gyl_tcp_json(&j, NULL, &v);
	gyl_text_char(out, '\n');
}

static void golden(void **state)
{
	(void)state;
	assert_true(vectors_run("tcp", show) > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(golden)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
