/* SPDX-License-Identifier: ISC */
/* Device texts: what is understood, and the sentence for what is not. */
#include <gyl/time.h>

#include "libnet/dev/open.h"
#include "tests/support/support.h"

static void bad_texts_are_told_why(void **state)
{
	static const struct {
		const char *text, *err;
	} cases[] = {
		{"", "device: '' is none of tap:NAME, pcap:FILE,... fault:...,..."},
		{"eth0", "device: 'eth0' is none of tap:NAME, pcap:FILE,... fault:...,..."},
		{"tap:", "device: tap: wanted an interface name of 1 to 15 octets, not ''"},
		{"tap:abcdefghijklmnop",
			"device: tap: wanted an interface name of 1 to 15 octets, not "
			"'abcdefghijklmnop'"},
		{"tap:a/b", "device: tap: wanted an interface name of 1 to 15 octets, not 'a/b'"},
		{"tap:x,peer=10.0.0.256",
			"device: 'peer=10.0.0.256': wanted an address such as peer=10.77.0.2/24"},
		{"tap:x,peer=10.0.0.2/33",
			"device: 'peer=10.0.0.2/33': wanted an address such as peer=10.77.0.2/24"},
		{"tap:x,peer=10.0.0.2/0",
			"device: 'peer=10.0.0.2/0': wanted an address such as peer=10.77.0.2/24"},
		{"tap:x,mtu=9000", "device: tap has no 'mtu'; it has peer"},
		{"tap:x,", "device: '' is neither a device (tap: pcap: fault:) nor key=value"},
		{"tap:x,=5", "device: '=5' is neither a device (tap: pcap: fault:) nor key=value"},
		{"tap:x,pcap:f",
			"device: nothing can stand behind a tap; filters stand in front of it"},
		{"pcap:f", "device: 'pcap:f' names no tap to send and receive by"},
		{"pcap:,tap:x", "device: pcap: wanted a file name"},
		{"pcap:f,snaplen=5,tap:x", "device: pcap takes a file and no 'snaplen=5'"},
		{"fault:loss=101%,tap:x",
			"device: 'loss=101%': wanted 0% to 100%, such as loss=0.5%"},
		{"fault:loss=100.1%,tap:x",
			"device: 'loss=100.1%': wanted 0% to 100%, such as loss=0.5%"},
		{"fault:loss=1,tap:x", "device: 'loss=1': wanted 0% to 100%, such as loss=0.5%"},
		{"fault:loss=.5%,tap:x",
			"device: 'loss=.5%': wanted 0% to 100%, such as loss=0.5%"},
		{"fault:loss=1.%,tap:x",
			"device: 'loss=1.%': wanted 0% to 100%, such as loss=0.5%"},
		{"fault:loss=%,tap:x", "device: 'loss=%': wanted 0% to 100%, such as loss=0.5%"},
		{"fault:seed=x,tap:x", "device: 'seed=x': wanted a number"},
		{"fault:delay=20,tap:x",
			"device: 'delay=20': wanted a time up to 1m, such as delay=20ms"},
		{"fault:delay=2m,tap:x",
			"device: 'delay=2m': wanted a time up to 1m, such as delay=20ms"},
		{"fault:colour=red,tap:x",
			"device: fault has no 'colour'; it has seed, loss, dup, corrupt, reorder, "
			"delay"},
		{"fault:,fault:,fault:,fault:,fault:,fault:,fault:,fault:,tap:x",
			"device: more than 8 stages"},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_dev_spec sp;
		char err[200] = "accepted";
		int r = gyl_dev_parse(cases[i].text, &sp, err);

		if (r >= 0 || strcmp(err, cases[i].err) != 0)
			fail_msg("\"%s\": %d, %s", cases[i].text, r, err);
	}
}

static void a_text_too_long_is_refused(void **state)
{
	struct gyl_dev_spec sp;
	char text[GYL_DEV_TEXT_MAX + 1], err[200];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_true(gyl_dev_parse(text, &sp, err) < 0);
	assert_string_equal(err, "device: longer than 511 octets");
}

static void stages_and_their_options(void **state)
{
	struct gyl_dev_spec sp;
	char err[200];

	(void)state;
	assert_int_equal(gyl_dev_parse("pcap:/tmp/x.pcap,fault:seed=7,loss=1%,dup=0.0001%,"
				       "corrupt=100%,reorder=2.50%,delay=20ms,tap:guyline0,"
				       "peer=10.77.0.2/16",
				 &sp, err),
		0);
	assert_int_equal(sp.stage_cnt, 3);
	assert_int_equal(sp.stage[0].kind, GYL_DEV_PCAP);
	assert_string_equal(sp.stage[0].path, "/tmp/x.pcap");
	assert_int_equal(sp.stage[1].kind, GYL_DEV_FAULT);
	assert_int_equal(sp.stage[1].fault.seed, 7);
	assert_int_equal(sp.stage[1].fault.loss, 10000);
	assert_int_equal(sp.stage[1].fault.dup, 1);
	assert_int_equal(sp.stage[1].fault.corrupt, GYL_FAULT_ONE);
	assert_int_equal(sp.stage[1].fault.reorder, 25000);
	assert_int_equal(sp.stage[1].fault.delay_ns, 20 * GYL_NS_PER_MS);
	assert_int_equal(sp.stage[2].kind, GYL_DEV_TAP);
	assert_string_equal(sp.stage[2].tap.name, "guyline0");
	assert_int_equal(sp.stage[2].tap.peer_ip, 0x0a4d0002);
	assert_int_equal(sp.stage[2].tap.peer_prefix, 16);
	assert_int_equal(gyl_dev_parse("fault:,tap:x,peer=10.77.0.2", &sp, err), 0);
	assert_int_equal(sp.stage[1].tap.peer_prefix, 24);
	assert_int_equal(gyl_dev_parse("tap:guyline0", &sp, err), 0);
	assert_int_equal(sp.stage[0].tap.peer_ip, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_texts_are_told_why),
		cmocka_unit_test(a_text_too_long_is_refused),
		cmocka_unit_test(stages_and_their_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
