/* SPDX-License-Identifier: ISC */
/* Device texts: what is understood, and the sentence for what is not. */
#include <errno.h>

#include <gyl/time.h>

#include "libnet/dev/open.h"
#include "tests/support/support.h"

static void bad_texts_are_told_why(void **state)
{
	static const struct {
		const char *text, *err;
	} cases[] = {
		{"", "device: '' is none of tap:NAME, macvtap:NAME, packet:NAME, pcap:FILE, fault:...,..."},
		{"eth0",
			"device: 'eth0' is none of tap:NAME, macvtap:NAME, packet:NAME, pcap:FILE, fault:...,..."},
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
		{"tap:x,",
			"device: '' is neither a device (tap: macvtap: packet: pcap: fault:) nor key=value"},
		{"tap:x,=5",
			"device: '=5' is neither a device (tap: macvtap: packet: pcap: fault:) nor key=value"},
		{"tap:x,pcap:f",
			"device: nothing can stand behind tap: filters stand in front of it"},
		{"fault:loss=1%",
			"device: 'fault:loss=1%' names nothing behind fault: to receive from"},
		{"pcap:f,fault:",
			"device: 'pcap:f,fault:' names nothing behind fault: to receive from"},
		{"packet:x,tap:y",
			"device: nothing can stand behind packet: filters stand in front of it"},
		{"packet:", "device: packet: wanted an interface name of 1 to 15 octets, not ''"},
		{"packet:x,lisen", "device: packet has no 'lisen'; it has listen, alone"},
		{"packet:x,listen=yes", "device: packet has no 'listen'; it has listen, alone"},
		{"macvtap:a b",
			"device: macvtap: wanted an interface name of 1 to 15 octets, not 'a b'"},
		{"macvtap:x,parent=", "device: 'parent=': wanted an interface such as parent=eth0"},
		{"macvtap:x,mode=vepa", "device: macvtap has no 'mode'; it has parent"},
		{"fault:rate=10,tap:x",
			"device: 'rate=10': wanted bits a second from 1k to 1000G, such as "
			"rate=10M"},
		{"fault:rate=1001G,tap:x",
			"device: 'rate=1001G': wanted bits a second from 1k to 1000G, such as "
			"rate=10M"},
		{"fault:rate=M,tap:x",
			"device: 'rate=M': wanted bits a second from 1k to 1000G, such as "
			"rate=10M"},
		{"fault:small=65536,tap:x",
			"device: 'small=65536': wanted a length in octets, such as small=100"},
		{"fault:silence=1,tap:x",
			"device: 'silence=1': wanted a time up to 1m, such as delay=20ms"},
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
			"delay, rate, small, silence, after"},
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
	assert_int_equal(sp.stage[0].kind, GYL_STAGE_PCAP);
	assert_string_equal(sp.stage[0].path, "/tmp/x.pcap");
	assert_int_equal(sp.stage[1].kind, GYL_STAGE_FAULT);
	assert_int_equal(sp.stage[1].fault.seed, 7);
	assert_int_equal(sp.stage[1].fault.loss, 10000);
	assert_int_equal(sp.stage[1].fault.dup, 1);
	assert_int_equal(sp.stage[1].fault.corrupt, GYL_FAULT_ONE);
	assert_int_equal(sp.stage[1].fault.reorder, 25000);
	assert_int_equal(sp.stage[1].fault.delay_ns, 20 * GYL_NS_PER_MS);
	assert_int_equal(sp.stage[2].kind, GYL_STAGE_TAP);
	assert_string_equal(sp.stage[2].tap.name, "guyline0");
	assert_int_equal(sp.stage[2].tap.peer_ip, 0x0a4d0002);
	assert_int_equal(sp.stage[2].tap.peer_prefix, 16);
	assert_int_equal(gyl_dev_parse("fault:,tap:x,peer=10.77.0.2", &sp, err), 0);
	assert_int_equal(sp.stage[1].tap.peer_prefix, 24);
	assert_int_equal(gyl_dev_parse("tap:guyline0", &sp, err), 0);
	assert_int_equal(sp.stage[0].tap.peer_ip, 0);
	assert_int_equal(
		gyl_dev_parse("fault:rate=10M,small=100,silence=1s,after=1000000,pcap:f", &sp, err),
		0);
	assert_int_equal(sp.stage[0].fault.rate, 10000000);
	assert_int_equal(sp.stage[0].fault.small, 100);
	assert_int_equal(sp.stage[0].fault.silence_ns, GYL_NS_PER_S);
	assert_int_equal(sp.stage[0].fault.silence_after, 1000000);
	assert_int_equal(sp.stage[1].kind, GYL_STAGE_PCAP);
	assert_int_equal(gyl_dev_parse("macvtap:mv0,parent=eth0", &sp, err), 0);
	assert_string_equal(sp.stage[0].macvtap.name, "mv0");
	assert_string_equal(sp.stage[0].macvtap.parent, "eth0");
	assert_int_equal(gyl_dev_parse("packet:eth0,listen", &sp, err), 0);
	assert_string_equal(sp.stage[0].packet, "eth0");
	assert_true(sp.stage[0].listen);
}

static void what_a_device_is_before_it_is_open(void **state)
{
	static const uint8_t zero[6];
	struct gyl_dev_about a;
	char err[200];

	(void)state;
	assert_int_equal(gyl_dev_about("pcap:/tmp/x,tap:gyl-none", &a, err), 0);
	assert_int_equal(a.kind, GYL_DEV_TAP);
	assert_false(a.lan);
	assert_string_equal(a.iface, "gyl-none");
	assert_int_equal(a.ifindex, 0);
	assert_int_equal(gyl_dev_about("packet:lo", &a, err), 0);
	assert_int_equal(a.kind, GYL_DEV_PACKET);
	assert_true(a.lan);
	assert_int_equal(a.ifindex, 1);
	assert_memory_equal(a.mac, zero, 6);
	assert_int_equal(gyl_dev_about("fault:,packet:lo,listen", &a, err), 0);
	assert_int_equal(a.kind, GYL_DEV_LISTEN);
	assert_int_equal(gyl_dev_about("macvtap:mv0,parent=lo", &a, err), 0);
	assert_int_equal(a.kind, GYL_DEV_MACVTAP);
	assert_string_equal(a.iface, "lo");
	assert_int_equal(gyl_dev_about("pcap:/tmp/x", &a, err), 0);
	assert_int_equal(a.kind, GYL_DEV_FILE);
	assert_string_equal(a.iface, "");
	assert_int_equal(gyl_dev_about("lo", &a, err), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_texts_are_told_why),
		cmocka_unit_test(a_text_too_long_is_refused),
		cmocka_unit_test(stages_and_their_options),
		cmocka_unit_test(what_a_device_is_before_it_is_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
