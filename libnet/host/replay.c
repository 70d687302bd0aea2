/* SPDX-License-Identifier: ISC */
#include "libnet/host/replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <gyl/eth.h>
#include <gyl/ipv4.h>
#include <gyl/time.h>
#include <gyl/udp.h>

#include "libnet/dev/pcap_file.h"
#include "libnet/host/replay_int.h"

/* ---- time and packets ---- */

/* Time moves to `wall_ns`, never back. */
static void move_to(struct gyl__replay *k, uint64_t wall_ns)
{
	if (wall_ns > k->now.wall_ns) {
		k->now.mono_ns += wall_ns - k->now.wall_ns;
		k->now.wall_ns = wall_ns;
	}
}

/* Look at the next record; what is wrong with the file ends it here. */
static void look_ahead(struct gyl__replay *k)
{
	const char *what = "";
	int r = gyl_pcap_in_peek(&k->in, &k->next, &what);

	k->has_next = r > 0;
	if (r > 0)
		return;
	if (r < 0)
		snprintf(k->bad, sizeof k->bad, "%s: %s at offset %llu; what is before it was used",
			k->path, what, (unsigned long long)k->in.at);
	k->end_ns = k->now.mono_ns + k->linger_ns;
}

static void take_record(struct gyl__replay *k)
{
	move_to(k, k->next.wall_ns);
	if (k->stat.frame_cnt++ == 0)
		k->stat.first_ns = k->now.wall_ns;
	k->stat.last_ns = k->now.wall_ns;
	if (k->next.data.len < k->next.len)
		k->stat.cut_cnt++;
	else
		k->port = gyl__replay_take(k, k->next.data);
	k->stat.taken_cnt += k->port >= 0;
	gyl_pcap_in_step(&k->in, &k->next);
	k->looked = false;
}

/* When something comes next: a packet, or the end. */
static uint64_t next_ns(const struct gyl__replay *k)
{
	if (!k->has_next)
		return k->end_ns;
	if (k->next.wall_ns <= k->now.wall_ns)
		return k->now.mono_ns;
	return k->now.mono_ns + (k->next.wall_ns - k->now.wall_ns);
}

static uint64_t replay_wait(void *h, uint64_t until_ns, struct gyl_now *ret_now)
{
	struct gyl__replay *k = h;

	if (k->port < 0) {
		if (!k->looked)
			look_ahead(k);
		k->looked = true;
		if (until_ns < next_ns(k)) {
			move_to(k, k->now.wall_ns + gyl_time_sub(until_ns, k->now.mono_ns));
		} else if (k->has_next) {
			take_record(k);
		} else {
			move_to(k, k->now.wall_ns + gyl_time_sub(k->end_ns, k->now.mono_ns));
			k->ended = true;
		}
	}
	*ret_now = k->now;
	return k->port < 0 ? 0 : UINT64_C(1) << k->port;
}

static size_t replay_recv(void *h, int port, struct gyl_in *in, size_t cap)
{
	struct gyl__replay *k = h;

	(void)cap;
	if (port != k->port)
		return 0;
	*in = k->input;
	k->port = -1;
	return 1;
}

static void replay_unread(void *h, int port, const struct gyl_in *in, size_t cnt, size_t taken)
{
	(void)in;
	if (taken < cnt)
		((struct gyl__replay *)h)->port = port;
}

static uint64_t replay_clock_ns(void *h)
{
	return ((struct gyl__replay *)h)->now.mono_ns;
}

/* ---- what else a host has ---- */

static int replay_listen(void *h, const struct gyl_bind *b)
{
	struct gyl__replay *k = h;

	if (b->type == GYL_BIND_FRAME && (b->flags & GYL_BIND_WATCH) == 0)
		return -ENODEV; /* whoever is asked now did not answer then */
	if (b->type != GYL_BIND_UDP && b->type != GYL_BIND_FRAME)
		return -EOPNOTSUPP;
	if (k->bind_cnt == GYL__REPLAY_PORT_MAX)
		return -EMFILE;
	k->bind[k->bind_cnt] = *b;
	return (int)k->bind_cnt++;
}

static int replay_flow(void *h, uint32_t flow, int op, const struct gyl_peer *to)
{
	(void)h;
	(void)flow;
	(void)op;
	(void)to;
	return -EOPNOTSUPP;
}

static int replay_blk_read(void *h, int dev, uint64_t unit, uint8_t *buf, size_t cnt)
{
	(void)h;
	(void)dev;
	(void)unit;
	(void)buf;
	(void)cnt;
	return -EOPNOTSUPP;
}

static int replay_blk_write(
	void *h, int dev, uint64_t unit, const uint8_t *buf, size_t cnt, uint64_t token)
{
	(void)h;
	(void)dev;
	(void)unit;
	(void)buf;
	(void)cnt;
	(void)token;
	return -EOPNOTSUPP;
}

static bool replay_blk_done(void *h, uint64_t *ret_token, int *ret_err)
{
	(void)h;
	(void)ret_token;
	(void)ret_err;
	return false;
}

static int replay_job(void *h, void (*fn)(void *), void (*done)(void *), void *arg)
{
	(void)h;
	fn(arg);
	if (done != NULL)
		done(arg);
	return 0;
}

static void replay_stat(void *h, struct gyl_host_stat *ret_stat)
{
	const struct gyl__replay *k = h;

	*ret_stat = (struct gyl_host_stat){.in_cnt = k->stat.taken_cnt,
		.out_cnt = k->stat.sent_cnt,
		.in_lost_cnt = k->stat.cut_cnt + k->stat.pieces_cnt};
}

static bool replay_addr(void *h, unsigned iface, unsigned n, uint32_t *ret_ip, uint8_t *ret_prefix,
	uint8_t ret_mac[6])
{
	const struct gyl__replay *k = h;

	if (iface >= k->iface_cnt || n >= k->iface[iface].addr_cnt)
		return false;
	*ret_ip = k->iface[iface].addr[n].ip;
	*ret_prefix = k->iface[iface].addr[n].prefix;
	memcpy(ret_mac, k->iface[iface].mac, 6);
	return true;
}

static void replay_close(void *h)
{
	struct gyl__replay *k = h;

	gyl_pcap_in_close(&k->in);
	if (k->out.file >= 0)
		(void)gyl_pcap_out_close(&k->out);
	free(k);
}

static const struct gyl_host_ops replay_ops = {
	.listen = replay_listen,
	.wait = replay_wait,
	.recv = replay_recv,
	.unread = replay_unread,
	.lend = gyl__replay_lend,
	.send = gyl__replay_send,
	.flow = replay_flow,
	.blk_read = replay_blk_read,
	.blk_write = replay_blk_write,
	.blk_done = replay_blk_done,
	.job = replay_job,
	.stat = replay_stat,
	.addr = replay_addr,
	.close = replay_close,
	.clock_ns = replay_clock_ns,
};

/* ---- opening ---- */

/* An address that no card has, the same every time. */
static void give_macs(struct gyl__replay *k)
{
	for (unsigned i = 0; i < k->iface_cnt; i++)
		if (gyl_eth_is_zero(k->iface[i].mac))
			memcpy(k->iface[i].mac, (uint8_t[6]){2, 0, 0, 0, 0, 1}, 6);
}

/* Opening it for the replies would empty the capture. */
static bool is_same(int in, const char *out)
{
	struct stat a, b;

	return fstat(in, &a) == 0 && stat(out, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

static int open_files(struct gyl__replay *k, const struct gyl_host_replay_conf *cf, char err[200])
{
	int e = gyl_pcap_in_open(&k->in, cf->in, err);

	if (e != 0)
		return e;
	if (!gyl__replay_reads(k->in.link)) {
		snprintf(err, 200, "pcap: %s: link type %u is none of Ethernet, IP, Linux cooked",
			cf->in, (unsigned)k->in.link);
		return -EBADMSG;
	}
	if (cf->out != NULL && is_same(k->in.file, cf->out)) {
		snprintf(err, 200, "pcap: %s is the capture that is read", cf->out);
		return -EINVAL;
	}
	e = cf->out == NULL ? 0 : gyl_pcap_out_open(&k->out, cf->out);
	if (e != 0)
		snprintf(err, 200, "pcap: cannot write %s: %s", cf->out, strerror(-e));
	return e;
}

int gyl_host_replay_open(
	const struct gyl_host_replay_conf *cf, struct gyl_host *ret_host, char err[200])
{
	struct gyl__replay *k = calloc(1, sizeof *k);
	int e;

	if (k == NULL) {
		snprintf(err, 200, "no memory for the capture");
		return -ENOMEM;
	}
	k->path = cf->in;
	k->out_path = cf->out;
	k->in.file = -1;
	k->out.file = -1;
	k->port = -1;
	k->linger_ns = cf->linger_ns;
	k->iface_cnt = cf->iface_cnt;
	memcpy(k->iface, cf->iface, cf->iface_cnt * sizeof k->iface[0]);
	give_macs(k);
	e = open_files(k, cf, err);
	if (e != 0) {
		replay_close(k);
		return e;
	}
	look_ahead(k);
	k->looked = true;
	/* Not 0, which means "at once" in many places. */
	k->now = (struct gyl_now){
		.mono_ns = GYL_NS_PER_S, .wall_ns = k->has_next ? k->next.wall_ns : 0};
	k->end_ns = k->now.mono_ns + k->linger_ns;
	*ret_host = (struct gyl_host){.ops = &replay_ops, .h = k};
	return 0;
}

bool gyl_host_replay_ended(const struct gyl_host *h)
{
	return ((const struct gyl__replay *)h->h)->ended;
}

void gyl_host_replay_stat(const struct gyl_host *h, struct gyl_host_replay_stat *ret_stat)
{
	*ret_stat = ((const struct gyl__replay *)h->h)->stat;
}

int gyl_host_replay_finish(const struct gyl_host *h, char err[200])
{
	struct gyl__replay *k = h->h;
	int e = k->out.file < 0 ? 0 : gyl_pcap_out_close(&k->out);

	if (e != 0)
		snprintf(err, 200, "pcap: cannot write %s: %s", k->out_path, strerror(-e));
	else if (k->bad[0] != '\0')
		snprintf(err, 200, "pcap: %.190s", k->bad);
	return e != 0 ? e : k->bad[0] != '\0' ? -EBADMSG : 0;
}
