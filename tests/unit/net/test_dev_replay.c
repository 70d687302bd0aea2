/* SPDX-License-Identifier: ISC */
/* A capture file as a device: what is read, and where a bad file is bad. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <gyl/net/device.h>

#include "libnet/dev/mem.h"
#include "libnet/dev/pcap.h"
#include "tests/support/support.h"

struct file {
	char path[32];
	uint8_t octet[4096];
	size_t len;
	bool little;
};

static void put(struct file *f, uint32_t v)
{
	gyl_set_u32(f->octet + f->len, f->little ? __builtin_bswap32(v) : v);
	f->len += 4;
}

static void begin(struct file *f, uint32_t magic, bool little)
{
	memset(f, 0, sizeof(*f));
	f->little = little;
	put(f, magic);
	put(f, little ? 4 << 16 | 2 : 2 << 16 | 4); /* two numbers of 16 bits */
	put(f, 0);
	put(f, 0);
	put(f, 65535);
	put(f, 1);
}

static void record(struct file *f, size_t len, size_t whole_len, uint8_t fill)
{
	put(f, 1700000000);
	put(f, 5);
	put(f, (uint32_t)len);
	put(f, (uint32_t)whole_len);
	memset(f->octet + f->len, fill, len);
	f->len += len;
}

static int file_open(struct file *f, struct gyl_netdev **ret, char err[200])
{
	char text[64];
	int fd, r;

	snprintf(f->path, sizeof(f->path), "/tmp/gyl-test-XXXXXX");
	fd = mkstemp(f->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, f->octet, f->len), f->len);
	close(fd);
	snprintf(text, sizeof(text), "pcap:%s", f->path);
	r = gyl_dev_open(text, ret, err);
	unlink(f->path);
	return r;
}

static void both_byte_orders_and_clocks_are_read(void **state)
{
	static const uint32_t magic[] = {0xa1b2c3d4, 0xa1b23c4d};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct gyl_netframe fr[8];
		struct gyl_netdev *d;
		struct gyl_netbuf b;
		struct file f;
		char err[200];

		begin(&f, magic[i / 2], i % 2 == 1);
		record(&f, 60, 60, 1);
		record(&f, 96, 1514, 2); /* the end of it was not captured */
		record(&f, 1500, 1500, 3);
		record(&f, 7, 7, 4);
		assert_int_equal(file_open(&f, &d, err), 0);
		assert_int_equal(d->fd, -1);
		assert_int_equal(gyl_netdev_deadline_ns(d), 0);
		assert_int_equal(gyl_netdev_recv(d, fr, 1), 1);
		assert_int_equal(fr[0].len, 60);
		assert_int_equal(fr[0].p[59], 1);
		assert_int_equal(gyl_netdev_recv(d, fr, 8), 2);
		assert_int_equal(fr[0].len, 1500);
		assert_int_equal(fr[0].p[1499], 3);
		assert_int_equal(fr[1].len, 7);
		assert_int_equal(d->gone, 0);
		/* what is sent goes nowhere */
		assert_int_equal(gyl_netdev_lend(d, &b, 1), 1);
		memset(b.p, 0, 60);
		b.len = 60;
		gyl_netdev_send(d, &b, 1);
		assert_int_equal(gyl_netdev_recv(d, fr, 8), 0);
		assert_int_equal(d->gone, ENODATA);
		assert_int_equal(gyl_netdev_deadline_ns(d), UINT64_MAX);
		assert_int_equal(gyl_netdev_stat(d).tx_cnt, 1);
		assert_int_equal(gyl_netdev_stat(d).rx_cnt, 3);
		assert_int_equal(gyl_netdev_stat(d).rx_octets, 60 + 1500 + 7);
		assert_int_equal(gyl_netdev_stat(d).rx_lost_cnt, 1);
		gyl_netdev_close(d);
	}
}

static void a_cut_file_is_refused_with_its_place(void **state)
{
	struct file f;

	(void)state;
	begin(&f, 0xa1b2c3d4, true);
	record(&f, 60, 60, 1);
	record(&f, 20, 20, 1);
	for (size_t len = f.len; len-- > 0;) {
		const char *what = len < 24 ? "the file header is cut off at offset 0"
				   : len == 24 || len == 100 ? NULL
				   : len < 40  ? "the header of a record is cut off at offset 24"
				   : len < 100 ? "the octets of a record are cut off at offset 24"
				   : len < 116 ? "the header of a record is cut off at offset 100"
					       : "the octets of a record are cut off at offset 100";
		char err[200] = "", wanted[200];
		struct gyl_netdev *d;
		int r;

		f.len = len;
		r = file_open(&f, &d, err);
		if (what == NULL) {
			assert_int_equal(r, 0);
			gyl_netdev_close(d);
			continue;
		}
		snprintf(wanted, sizeof(wanted), "pcap: %s: %s", f.path, what);
		assert_int_equal(r, -EBADMSG);
		assert_string_equal(err, wanted);
	}
}

static void other_files_are_refused(void **state)
{
	static const struct {
		uint32_t magic, link;
		const char *what;
	} cases[] = {
		{0x0a0d0d0a, 1, "pcapng (`editcap -F pcap` makes a pcap file of it) at offset 0"},
		{0x12345678, 1, "not a pcap file at offset 0"},
		{0xa1b2c3d4, 113, "not a capture of Ethernet frames (link type 1) at offset 0"},
	};
	struct gyl_netdev *d;
	char err[200], wanted[200];
	struct file f;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		begin(&f, cases[i].magic, false);
		gyl_set_u32(f.octet + 20, cases[i].link);
		assert_int_equal(file_open(&f, &d, err), -EBADMSG);
		snprintf(wanted, sizeof(wanted), "pcap: %s: %s", f.path, cases[i].what);
		assert_string_equal(err, wanted);
	}
	begin(&f, 0xa1b2c3d4, false);
	record(&f, 60, 60, 1);
	gyl_set_u32(f.octet + 32, 256 * 1024 + 1);
	assert_int_equal(file_open(&f, &d, err), -EBADMSG);
	snprintf(wanted, sizeof(wanted), "pcap: %s: a record longer than 256 KiB at offset 24",
		f.path);
	assert_string_equal(err, wanted);
	assert_int_equal(gyl_dev_open("pcap:/nonexistent", &d, err), -ENOENT);
	assert_string_equal(err, "pcap: cannot read /nonexistent: No such file or directory");
}

/* What one device wrote, many times the reader's buffer, another reads, whole and in order. */
static void what_was_written_is_read(void **state)
{
	struct gyl_mem_hub *h = gyl_mem_hub_open(2, 1, 1500);
	char path[] = "/tmp/gyl-test-XXXXXX", text[64], err[200];
	struct gyl_netframe fr[GYL_NETDEV_BATCH];
	struct gyl_netdev *d;
	struct gyl_netbuf b;
	unsigned next = 0;
	size_t cnt;

	(void)state;
	close(mkstemp(path));
	assert_int_equal(gyl_pcap_open(path, gyl_mem_port(h, 0), &d, err), 0);
	for (unsigned i = 0; i < 3000; i++) {
		assert_int_equal(gyl_netdev_lend(d, &b, 1), 1);
		memset(b.p, (int)(i % 251), 1514);
		b.len = 60 + i % 1455;
		gyl_netdev_send(d, &b, 1);
	}
	gyl_netdev_close(d);
	gyl_mem_hub_close(h);
	snprintf(text, sizeof(text), "fault:,pcap:%s", path); /* a filter may stand in front */
	assert_int_equal(gyl_dev_open(text, &d, err), 0);
	while ((cnt = gyl_netdev_recv(d, fr, GYL_NETDEV_BATCH)) > 0) {
		for (size_t i = 0; i < cnt; i++, next++) {
			assert_int_equal(fr[i].len, 60 + next % 1455);
			assert_int_equal(fr[i].p[0], next % 251);
			assert_int_equal(fr[i].p[fr[i].len - 1], next % 251);
		}
	}
	assert_int_equal(next, 3000);
	assert_int_equal(d->gone, ENODATA);
	gyl_netdev_close(d);
	unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_byte_orders_and_clocks_are_read),
		cmocka_unit_test(a_cut_file_is_refused_with_its_place),
		cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(what_was_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
