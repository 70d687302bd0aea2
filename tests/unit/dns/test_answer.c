/* SPDX-License-Identifier: ISC */

/* Answers, by the RFC that asks for them. */

#include "tests/unit/dns/ask.h"

/* The zone of RFC 4592 2.2.1 as it stands in tests/data/zones. */
static struct world *open_4592(void)
{
	static char text[4096];
	struct zone_text zone = {"example.", text};
	FILE *in = fopen(GYL_TEST_DIR "/data/zones/rfc4592.zone", "re");

	assert_non_null(in);
	text[fread(text, 1, sizeof text - 1, in)] = '\0';
	fclose(in);
	return world_open(&zone, 1);
}

static void rfc4592_example_zone(void **state)
{
	static const struct row rows[] = {
		/* 2.2.1: synthesized from a wildcard */
		{"host3.example.", "MX",
			"NOERROR AA; an host3.example. 3600 MX 10 host1.example.; "
			"ar host1.example. 3600 A 192.0.2.1"},
		{"host3.example.", "A", "NOERROR AA; ns SOA example. 300"},
		{"foo.bar.example.", "TXT",
			"NOERROR AA; an foo.bar.example. 3600 TXT \"this is a wildcard\""},
		/* not synthesized: it exists */
		{"host1.example.", "MX", "NOERROR AA; ns SOA example. 300"},
		/* a literal asterisk below which there is something */
		{"sub.*.example.", "MX", "NOERROR AA; ns SOA example. 300"},
		{"sub.*.example.", "TXT",
			"NOERROR AA; an sub.*.example. 3600 TXT \"this is not a wildcard\""},
		{"*.example.", "TXT", "NOERROR AA; an *.example. 3600 TXT \"this is a wildcard\""},
		{"ghost.*.example.", "MX", "NXDOMAIN AA; ns SOA example. 300"},
		/* the closest encloser is _tcp.host1, which has no wildcard */
		{"_telnet._tcp.host1.example.", "SRV", "NXDOMAIN AA; ns SOA example. 300"},
		/* the closest encloser is the cut */
		{"host.subdel.example.", "A",
			"NOERROR; ns subdel.example. 3600 NS ns.example.com.; "
			"ns subdel.example. 3600 NS ns.example.net."},
		/* 2.2.2: empty non-terminals exist, and so hide the wildcard */
		{"host2.example.", "TXT", "NOERROR AA; ns SOA example. 300"},
		{"_tcp.host2.example.", "TXT", "NOERROR AA; ns SOA example. 300"},
		{"x.host2.example.", "TXT", "NXDOMAIN AA; ns SOA example. 300"},
		/* 3.3.1: the closest encloser decides, however far above */
		{"a.b.c.d.example.", "TXT",
			"NOERROR AA; an a.b.c.d.example. 3600 TXT \"this is a wildcard\""},
		{"x.host1.example.", "TXT", "NXDOMAIN AA; ns SOA example. 300"},
		/* an asterisk in the question is a label like any other */
		{"*.host1.example.", "TXT", "NXDOMAIN AA; ns SOA example. 300"},
		{"**.example.", "TXT",
			"NOERROR AA; an **.example. 3600 TXT \"this is a wildcard\""},
	};
	struct world *w = open_4592();

	(void)state;
	ask_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc4592_example_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
