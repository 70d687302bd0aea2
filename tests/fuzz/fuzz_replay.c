/* SPDX-License-Identifier: ISC */

/*
 * Capture files of any content through the host that replays them: it comes to an end, time never
 * steps back, what is given lies in one frame, and what is sent back can be written.
 */
#include "tests/fuzz/require.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libnet/host/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct gyl_net_iface ifaces[2] = {
	{.vlan = 7, .addr_cnt = 1, .addr = {{0x0a4e0001, 24}}},
	{.vlan = GYL_NET_VLAN_ANY, .addr_cnt = 2, .addr = {{0x0a4d0001, 24}, {0x0a4f0001, 31}}},
};

/* Sends back what came. */
static void answer(const struct gyl_host *h, const struct gyl_in *in)
{
	struct gyl_send s;

	REQUIRE(h->ops->lend(h->h, &s, 1) == 1 && s.cap >= GYL_SEND_CAP_MIN);
	s.len = in->data.len < s.cap ? (uint32_t)in->data.len : s.cap;
	if (s.len != 0)
		memcpy(s.p, in->data.p, s.len);
	s.to = in->peer;
	s.port = in->port;
	h->ops->send(h->h, &s, 1);
}

static void run(const struct gyl_host *h, int port)
{
	struct gyl_now now = {0}, before = {0};
	uint64_t ready;
	struct gyl_in in;

	for (unsigned i = 0; !gyl_host_replay_ended(h); i++) {
		/* Now and then somebody wants to be woken earlier. */
		uint64_t until_ns = i % 3 == 0 ? before.mono_ns + 1000000 : UINT64_MAX;

		ready = h->ops->wait(h->h, until_ns, &now);
		REQUIRE(now.mono_ns >= before.mono_ns && now.wall_ns >= before.wall_ns);
		REQUIRE(ready == 0 || ready == UINT64_C(1) << port);
		before = now;
		while (ready != 0 && h->ops->recv(h->h, port, &in, 1) == 1) {
			REQUIRE(in.kind == GYL_IN_DGRAM && in.peer.local_port == 67);
			if (i % 5 == 1)
				h->ops->unread(h->h, port, &in, 1, 0);
			else
				answer(h, &in);
			if (i % 5 == 1)
				break;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_host_replay_conf cf = {
		.out = "/dev/null", .iface = ifaces, .iface_cnt = 2, .linger_ns = 1000};
	const struct gyl_bind b = {.type = GYL_BIND_UDP, .port = 67};
	int fd = memfd_create("capture", 0), port;
	struct gyl_host_replay_stat st;
	char path[40], err[200];
	struct gyl_host h;

	REQUIRE(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	cf.in = path;
	if (gyl_host_replay_open(&cf, &h, err) == 0) {
		port = h.ops->listen(h.h, &b);
		REQUIRE(port >= 0);
		run(&h, port);
		gyl_host_replay_stat(&h, &st);
		REQUIRE(st.taken_cnt <= st.frame_cnt && st.sent_cnt <= st.taken_cnt);
		REQUIRE(st.first_ns <= st.last_ns);
		(void)gyl_host_replay_finish(&h, err);
		h.ops->close(h.h);
	}
	close(fd);
	return 0;
}
