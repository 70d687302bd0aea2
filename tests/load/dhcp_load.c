/* SPDX-License-Identifier: ISC */

/*
 * Many DHCP clients behind one relay, in one program: a load for the server.
 *
 *   dhcp_load --server IP --relay IP [--rate N] [--seconds N] [--clients N] [--first N] [--duid]
 *             [--names] [--circuits] [--renew] [--pid PID] [--acks FILE] [--confirm FILE]
 *
 * It is the relay, too: messages leave by UDP from the relay's address, an address of this machine,
 * and replies come to it. N exchanges a second begin (open loop: nothing waits for an answer),
 * client after client from the first on, over again when all had their turn. --renew asks for the
 * address that the client had before instead of a new exchange, when it had one. An exchange is
 * lost when a second after the last one began it has not ended. --names: each client has a name of
 * 12 octets; --circuits: the relay adds an option 82 of 8 octets, 48 clients a circuit.
 *
 * Prints one line: exchanges begun, completed, NAKs, per mille lost, mean times to OFFER and to
 * ACK, the longest, and the time from the start to the first OFFER, in microseconds; and, with
 * --pid, nanoseconds of that process for each one completed. --acks FILE: a line "IP MAC" for each
 * ACK, as it comes.
 */

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <gyl/dhcp.h>
#include <gyl/time.h>
#include <netinet/in.h>

enum {
	BATCH = 64,
	LEN_MAX = 1500,
	PORT = 67
};

enum stage {
	IDLE,
	DISCOVERING,
	REQUESTING,
	BOUND
};

struct client {
	uint64_t begun_ns, asked_ns;
	uint32_t ip, number; /* of its MAC */
	uint8_t stage;       /* enum stage */
};

struct run {
	int fd;
	struct sockaddr_in server;
	uint32_t relay;
	uint32_t rate, seconds, client_cnt, first;
	bool duid, names, circuits, renew, confirm;
	clockid_t pid_clock;
	bool has_pid;
	FILE *acks, *from;
	struct client *client;
	uint64_t begun, offered, done, naks, offer_ns, ack_ns, longest_ns;
	uint64_t start_ns, first_ns; /* of the load, of the first OFFER */
	struct mmsghdr out[BATCH], in[BATCH];
	struct iovec out_iov[BATCH], in_iov[BATCH];
	uint8_t out_buf[BATCH][LEN_MAX], in_buf[BATCH][LEN_MAX];
	unsigned out_cnt;
};

static struct run run = {.rate = 1000, .seconds = 3, .client_cnt = 10000};

_Noreturn static void die(const char *what)
{
	fprintf(stderr, "dhcp_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) != 0)
		die("reading a clock");
	return (uint64_t)t.tv_sec * GYL_NS_PER_S + (uint64_t)t.tv_nsec;
}

/* ---- sending ---- */

static void flush_out(struct run *r)
{
	unsigned at = 0;

	while (at < r->out_cnt) {
		int n = sendmmsg(r->fd, r->out + at, r->out_cnt - at, 0);

		if (n < 0 && errno != EAGAIN && errno != ENOBUFS && errno != ECONNREFUSED)
			die("sending");
		if (n > 0)
			at += (unsigned)n;
	}
	r->out_cnt = 0;
}

static void set_mac(uint8_t mac[6], uint32_t number)
{
	mac[0] = 0x02;
	mac[1] = 0x00;
	mac[2] = (uint8_t)(number >> 24);
	mac[3] = (uint8_t)(number >> 16);
	mac[4] = (uint8_t)(number >> 8);
	mac[5] = (uint8_t)number;
}

/* RFC 4361: type 255, IAID, and a DUID of type 1. */
static void put_duid(struct gyl_dhcp_writer *w, const uint8_t mac[6])
{
	uint8_t id[19] = {255, 0, 0, 0, 1, 0, 1, 0, 1, 0x2a, 0, 0, 0};

	memcpy(id + 13, mac, 6);
	gyl_dhcp_put(w, GYL_DHCP_OPT_CLIENT_ID, gyl_view(id, sizeof id));
}

static void put_name(struct gyl_dhcp_writer *w, const struct client *c)
{
	char name[16];
	int len = snprintf(name, sizeof name, "laptop%06u", c->number % 1000000);

	gyl_dhcp_put(w, GYL_DHCP_OPT_HOST_NAME, gyl_view(name, (size_t)len));
}

/* RFC 3046 2.0: the circuit-id alone. */
static void put_circuit(struct gyl_dhcp_writer *w, const struct client *c)
{
	uint8_t val[8] = {1, 6, 'p', 'o'};

	gyl_set_u32(val + 4, c->number / 48);
	gyl_dhcp_put(w, GYL_DHCP_OPT_RELAY, gyl_view(val, sizeof val));
}

/* What dhclient asks for. */
static const uint8_t wanted[] = {1, 28, 2, 3, 15, 6, 12, 121, 119, 42};

static void ask(struct run *r, uint32_t i, uint8_t type, uint32_t server_id)
{
	const struct client *c = &r->client[i];
	struct gyl_dhcp_hdr h = {.op = GYL_DHCP_BOOTREQUEST,
		.htype = 1,
		.hlen = 6,
		.hops = 1,
		.xid = i,
		.giaddr = r->relay};
	struct gyl_dhcp_writer w;
	size_t len;

	set_mac(h.chaddr, c->number);
	if (type == GYL_DHCP_REQUEST && server_id == 0 && !r->confirm)
		h.ciaddr = c->ip;
	gyl_dhcp_begin(&w, r->out_buf[r->out_cnt], LEN_MAX, &h);
	gyl_dhcp_put_u8(&w, GYL_DHCP_OPT_TYPE, type);
	if (r->duid)
		put_duid(&w, h.chaddr);
	if (r->names)
		put_name(&w, c);
	if (server_id != 0) {
		gyl_dhcp_put_u32(&w, GYL_DHCP_OPT_SERVER_ID, server_id);
		gyl_dhcp_put_u32(&w, GYL_DHCP_OPT_REQUESTED_IP, c->ip);
	}
	if (r->confirm)
		gyl_dhcp_put_u32(&w, GYL_DHCP_OPT_REQUESTED_IP, c->ip);
	gyl_dhcp_put(&w, GYL_DHCP_OPT_REQUEST_LIST, gyl_view(wanted, sizeof wanted));
	if (r->circuits)
		put_circuit(&w, c);
	if (gyl_failed(gyl_dhcp_end(&w, GYL_DHCP_LEN_MIN, &len)))
		abort();
	r->out_iov[r->out_cnt].iov_len = len;
	if (++r->out_cnt == BATCH)
		flush_out(r);
}

static void begin(struct run *r, uint64_t now_ns)
{
	uint32_t i = (uint32_t)(r->begun++ % r->client_cnt);
	struct client *c = &r->client[i];

	c->begun_ns = now_ns;
	c->asked_ns = now_ns;
	if (r->confirm || (r->renew && c->stage == BOUND)) {
		c->stage = REQUESTING;
		ask(r, i, GYL_DHCP_REQUEST, 0);
		return;
	}
	c->stage = DISCOVERING;
	ask(r, i, GYL_DHCP_DISCOVER, 0);
}

/* ---- receiving ---- */

static void print_client(FILE *f, const struct client *c)
{
	uint8_t mac[6];

	set_mac(mac, c->number);
	fprintf(f, "%u.%u.%u.%u %02x:%02x:%02x:%02x:%02x:%02x\n", c->ip >> 24, c->ip >> 16 & 255,
		c->ip >> 8 & 255, c->ip & 255, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static void note(struct run *r, uint32_t i)
{
	if (r->acks != NULL)
		print_client(r->acks, &r->client[i]);
}

static void offer(struct run *r, uint32_t i, const struct gyl_dhcp_msg *msg, uint64_t now_ns)
{
	struct client *c = &r->client[i];
	uint32_t server_id;

	if (c->stage != DISCOVERING || !gyl_dhcp_find_u32(msg, GYL_DHCP_OPT_SERVER_ID, &server_id))
		return;
	if (r->offered++ == 0)
		r->first_ns = now_ns;
	r->offer_ns += now_ns - c->asked_ns;
	c->ip = msg->hdr.yiaddr;
	c->asked_ns = now_ns;
	c->stage = REQUESTING;
	ask(r, i, GYL_DHCP_REQUEST, server_id);
}

static void refused(struct run *r, uint32_t i)
{
	r->naks++;
	r->client[i].stage = IDLE;
	if (r->confirm) {
		printf("refused: ");
		print_client(stdout, &r->client[i]);
	}
}

static void ack(struct run *r, uint32_t i, const struct gyl_dhcp_msg *msg, uint64_t now_ns)
{
	struct client *c = &r->client[i];

	if (c->stage != REQUESTING)
		return;
	if (r->confirm && c->ip != msg->hdr.yiaddr) {
		refused(r, i);
		return;
	}
	c->ip = msg->hdr.yiaddr;
	c->stage = BOUND;
	r->done++;
	r->ack_ns += now_ns - c->asked_ns;
	if (now_ns - c->begun_ns > r->longest_ns)
		r->longest_ns = now_ns - c->begun_ns;
	note(r, i);
}

static void take(struct run *r, struct gyl_view data, uint64_t now_ns)
{
	struct gyl_dhcp_msg msg;

	if (gyl_failed(gyl_dhcp_decode(data, &msg)) || msg.hdr.op != GYL_DHCP_BOOTREPLY ||
		msg.hdr.xid >= r->client_cnt)
		return;
	if (msg.type == GYL_DHCP_OFFER) {
		offer(r, msg.hdr.xid, &msg, now_ns);
	} else if (msg.type == GYL_DHCP_ACK) {
		ack(r, msg.hdr.xid, &msg, now_ns);
	} else if (msg.type == GYL_DHCP_NAK) {
		refused(r, msg.hdr.xid);
	}
}

static bool drain(struct run *r)
{
	int n = recvmmsg(r->fd, r->in, BATCH, MSG_DONTWAIT, NULL);
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

	for (int i = 0; i < n; i++)
		take(r, gyl_view(r->in_buf[i], r->in[i].msg_len), now_ns);
	flush_out(r);
	return n == BATCH;
}

/* ---- the whole ---- */

/* last: nothing new begins, so it may end when everybody was answered. */
static void serve_until(struct run *r, uint64_t until_ns, bool last)
{
	struct pollfd p = {.fd = r->fd, .events = POLLIN};

	for (;;) {
		uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
		struct timespec left;

		if (now_ns >= until_ns || (last && r->done + r->naks >= r->begun))
			return;
		left = (struct timespec){.tv_sec = (time_t)((until_ns - now_ns) / GYL_NS_PER_S),
			.tv_nsec = (long)((until_ns - now_ns) % GYL_NS_PER_S)};
		if (ppoll(&p, 1, &left, NULL) > 0)
			while (drain(r))
				;
	}
}

/* Exchanges begin when they are due; late ones are made up for, or the load would follow the
 * server. */
static void load(struct run *r)
{
	static const uint64_t turn_ns = GYL_NS_PER_MS / 2;
	uint64_t total = r->confirm ? r->client_cnt : (uint64_t)r->rate * r->seconds;

	r->start_ns = clock_ns(CLOCK_MONOTONIC);
	while (r->begun < total) {
		uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
		uint64_t due = (now_ns - r->start_ns) * r->rate / GYL_NS_PER_S;

		while (r->begun < due && r->begun < total)
			begin(r, now_ns);
		flush_out(r);
		serve_until(r, now_ns + turn_ns, false);
	}
	serve_until(r, clock_ns(CLOCK_MONOTONIC) + GYL_NS_PER_S, true);
}

static void open_socket(struct run *r)
{
	struct sockaddr_in own = {
		.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr = {htonl(r->relay)}};
	int len = 4 << 20;

	r->fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (r->fd < 0 || setsockopt(r->fd, SOL_SOCKET, SO_RCVBUF, &len, sizeof len) != 0)
		die("making a socket");
	if (bind(r->fd, (struct sockaddr *)&own, sizeof own) != 0)
		die("using the relay's address, port 67");
	for (unsigned i = 0; i < BATCH; i++) {
		r->out_iov[i].iov_base = r->out_buf[i];
		r->out[i].msg_hdr = (struct msghdr){.msg_name = &r->server,
			.msg_namelen = sizeof r->server,
			.msg_iov = &r->out_iov[i],
			.msg_iovlen = 1};
		r->in_iov[i] = (struct iovec){r->in_buf[i], LEN_MAX};
		r->in[i].msg_hdr = (struct msghdr){.msg_iov = &r->in_iov[i], .msg_iovlen = 1};
	}
}

static uint32_t address(const char *text)
{
	struct in_addr a;

	if (inet_pton(AF_INET, text, &a) != 1) {
		fprintf(stderr, "dhcp_load: %s: expected an IPv4 address\n", text);
		exit(64);
	}
	return ntohl(a.s_addr);
}

static void set_pid(struct run *r, const char *text)
{
	if (clock_getcpuclockid((pid_t)strtol(text, NULL, 10), &r->pid_clock) != 0) {
		fprintf(stderr, "dhcp_load: no process %s\n", text);
		exit(64);
	}
	r->has_pid = true;
}

static void set(struct run *r, int opt, const char *val)
{
	switch (opt) {
	case 's':
		r->server = (struct sockaddr_in){.sin_family = AF_INET,
			.sin_port = htons(PORT),
			.sin_addr = {htonl(address(val))}};
		break;
	case 'g':
		r->relay = address(val);
		break;
	case 'p':
		set_pid(r, val);
		break;
	case 'a':
		r->acks = fopen(val, "a");
		if (r->acks == NULL)
			die(val);
		setvbuf(r->acks, NULL, _IOLBF, 0);
		break;
	case 'o':
		r->confirm = true;
		r->from = fopen(val, "r");
		if (r->from == NULL)
			die(val);
		break;
	default:
		*(opt == 'r'         ? &r->rate
			: opt == 't' ? &r->seconds
			: opt == 'c' ? &r->client_cnt
				     : &r->first) = (uint32_t)strtoul(val, NULL, 10);
	}
}

static void options(struct run *r, int argc, char **argv)
{
	static const struct option known[] = {{"server", 1, NULL, 's'}, {"relay", 1, NULL, 'g'},
		{"rate", 1, NULL, 'r'}, {"seconds", 1, NULL, 't'}, {"clients", 1, NULL, 'c'},
		{"first", 1, NULL, 'f'}, {"pid", 1, NULL, 'p'}, {"acks", 1, NULL, 'a'},
		{"confirm", 1, NULL, 'o'}, {"duid", 0, NULL, 'd'}, {"names", 0, NULL, 'm'},
		{"circuits", 0, NULL, 'k'}, {"renew", 0, NULL, 'n'}, {NULL, 0, NULL, 0}};
	int opt;

	while ((opt = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (opt == '?')
			exit(64);
		if (opt == 'd')
			r->duid = true;
		else if (opt == 'm')
			r->names = true;
		else if (opt == 'k')
			r->circuits = true;
		else if (opt == 'n')
			r->renew = true;
		else
			set(r, opt, optarg);
	}
	if (r->server.sin_port == 0 || r->relay == 0 || r->rate == 0 || r->client_cnt == 0) {
		fprintf(stderr,
			"usage: dhcp_load --server IP --relay IP [--rate N] [--seconds N] "
			"[--clients N] [--first N] [--duid] [--names] [--circuits] [--renew] [--pid PID] [--acks FILE] [--confirm FILE]\n");
		exit(64);
	}
}

/* A client of the file: whoever has this MAC already, or the next one. */
static struct client *client_of(struct run *r, uint32_t *cnt, uint32_t number)
{
	for (uint32_t i = *cnt; i-- > 0;)
		if (r->client[i].number == number)
			return &r->client[i];
	if (*cnt == r->client_cnt) {
		fprintf(stderr, "dhcp_load: more clients in the file than --clients says\n");
		exit(65);
	}
	r->client[*cnt].number = number;
	return &r->client[(*cnt)++];
}

static void read_clients(struct run *r, FILE *f)
{
	unsigned ip[4], mac[6];
	uint32_t cnt = 0;

	while (fscanf(f, "%u.%u.%u.%u %x:%x:%x:%x:%x:%x", &ip[0], &ip[1], &ip[2], &ip[3], &mac[0],
		       &mac[1], &mac[2], &mac[3], &mac[4], &mac[5]) == 10) {
		struct client *c =
			client_of(r, &cnt, mac[2] << 24 | mac[3] << 16 | mac[4] << 8 | mac[5]);

		c->ip = ip[0] << 24 | ip[1] << 16 | ip[2] << 8 | ip[3];
	}
	r->client_cnt = cnt;
}

static void make_clients(struct run *r)
{
	r->client = calloc(r->client_cnt, sizeof *r->client);
	if (r->client == NULL)
		die("memory for the clients");
	for (uint32_t i = 0; i < r->client_cnt; i++)
		r->client[i].number = r->first + i;
	if (r->from == NULL)
		return;
	read_clients(r, r->from);
	fclose(r->from);
}

/* Who was not answered asks again, three times in all. */
static void confirm_again(struct run *r)
{
	for (int n = 0; n < 2; n++) {
		uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

		for (uint32_t i = 0; i < r->client_cnt; i++)
			if (r->client[i].stage == REQUESTING)
				ask(r, i, GYL_DHCP_REQUEST, 0);
		flush_out(r);
		serve_until(r, now_ns + GYL_NS_PER_S, true);
	}
}

static void report(const struct run *r, uint64_t cpu_ns)
{
	uint64_t lost = r->begun - (r->done < r->begun ? r->done : r->begun);

	printf("begun %llu done %llu naks %llu lost_permille %llu offer_us %llu ack_us %llu "
	       "longest_us %llu first_us %llu",
		(unsigned long long)r->begun, (unsigned long long)r->done,
		(unsigned long long)r->naks,
		(unsigned long long)(lost * 1000 / (r->begun != 0 ? r->begun : 1)),
		(unsigned long long)(r->offer_ns / 1000 / (r->offered != 0 ? r->offered : 1)),
		(unsigned long long)(r->ack_ns / 1000 / (r->done != 0 ? r->done : 1)),
		(unsigned long long)(r->longest_ns / 1000),
		(unsigned long long)(r->offered != 0 ? (r->first_ns - r->start_ns) / 1000 : 0));
	if (r->has_pid)
		printf(" cpu_ns %llu", (unsigned long long)(cpu_ns / (r->done != 0 ? r->done : 1)));
	printf("\n");
}

int main(int argc, char **argv)
{
	struct run *r = &run;
	uint64_t cpu_ns = 0;

	options(r, argc, argv);
	make_clients(r);
	open_socket(r);
	if (r->has_pid)
		cpu_ns = clock_ns(r->pid_clock);
	load(r);
	if (r->confirm)
		confirm_again(r);
	if (r->has_pid)
		cpu_ns = clock_ns(r->pid_clock) - cpu_ns;
	report(r, cpu_ns);
	free(r->client);
	return r->acks != NULL && fclose(r->acks) != 0;
}
