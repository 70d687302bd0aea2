/* SPDX-License-Identifier: ISC */

/*
 * The table of TLS connections. A connection's life:
 *
 *	accepted: SHAKING -> OPEN -> ...
 *	client:   CONNECTING -> SHAKING -> OPEN -> ...
 *
 * and its end, whoever wants it: CLOSING (what is left is sent) -> ENDING (the host below is told)
 * -> GONE (it has happened; the core is owed GYL_IN_CLOSED) -> told -> swept back to the free ones
 * at the next recv, so that a refused GYL_IN_CLOSED can be offered again. A number is taken until
 * the host below has given it back.
 */

#include <stdlib.h>
#include <sys/mman.h>

#include <gyl/time.h>

#include "libnet/host/tls_int.h"

enum {
	PEAK_LEN = 8192 /* a connection that used more gives its pages back */
};

static const size_t conn_len = GYL_TLS_STASH_LEN + GYL_TLS_OUT_LEN;

bool gyl__tls_conns_open(struct gyl_tls *t)
{
	TAILQ_INIT(&t->unused);
	TAILQ_INIT(&t->told);
	TAILQ_INIT(&t->shaking);
	TAILQ_INIT(&t->closing);
	TAILQ_INIT(&t->todo);
	for (unsigned i = 0; i <= GYL_PORT_OPENED; i++)
		TAILQ_INIT(&t->port[i].queue);
	t->mem_len = GYL_TLS_CONN_MAX * conn_len + GYL__TLS_PLAIN_LEN + GYL_TLS_STASH_LEN +
		     GYL__TLS_OUT_CAP;
	t->mem = mmap(NULL, t->mem_len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	t->conn = calloc(GYL_TLS_CONN_MAX, sizeof(*t->conn));
	if (t->mem == MAP_FAILED || t->conn == NULL)
		return false;
	t->plain = t->mem + GYL_TLS_CONN_MAX * conn_len;
	t->said = t->plain + GYL__TLS_PLAIN_LEN + GYL_TLS_STASH_LEN;
	for (unsigned i = 0; i < GYL_TLS_CONN_MAX; i++) {
		struct gyl__tls_conn *c = &t->conn[i];

		c->t = t;
		c->index = (uint16_t)i;
		c->stash = t->mem + i * conn_len;
		c->out = c->stash + GYL_TLS_STASH_LEN;
		TAILQ_INSERT_TAIL(&t->unused, c, link);
	}
	return true;
}

void gyl__tls_conns_close(struct gyl_tls *t)
{
	for (unsigned i = 0; t->conn != NULL && i < GYL_TLS_CONN_MAX; i++) {
		SSL_free(t->conn[i].ssl);
		gyl_tls_ctx_free(t->conn[i].ctx);
	}
	if (t->mem != NULL && t->mem != MAP_FAILED)
		(void)munmap(t->mem, t->mem_len);
	free(t->conn);
}

static uint16_t *chain_of(struct gyl_tls *t, uint32_t flow)
{
	return &t->by_flow[(flow ^ flow >> 16) % GYL_TLS_CONN_MAX];
}

struct gyl__tls_conn *gyl__tls_find(struct gyl_tls *t, uint32_t flow)
{
	for (uint16_t i = *chain_of(t, flow); i != 0; i = t->conn[i - 1].next)
		if (t->conn[i - 1].flow == flow)
			return &t->conn[i - 1];
	return NULL;
}

static void forget_flow(struct gyl__tls_conn *c)
{
	uint16_t *at = chain_of(c->t, c->flow);

	while (*at != c->index + 1)
		at = &c->t->conn[*at - 1].next;
	*at = c->next;
}

/* ---- beginning ---- */

/* RFC 6066 3: a server of many names hears which one is meant; an address is none. */
static bool name_server(struct gyl__tls_conn *c)
{
	const char *name = c->ctx->name_cnt == 0 ? "." : c->ctx->name[0];
	size_t len = strlen(name);

	if (name[0] == '.' || (name[len - 1] >= '0' && name[len - 1] <= '9'))
		return true;
	/* SSL_set_tlsext_host_name(), whose cast clang does not take */
	return SSL_ctrl(c->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
		       (void *)(uintptr_t)name) == 1;
}

/* OpenSSL's side of it. False: no memory. */
static bool start(struct gyl__tls_conn *c)
{
	BIO *bio;

	c->ssl = SSL_new(c->ctx->ssl);
	bio = c->ssl == NULL ? NULL : BIO_new(c->t->bio);
	if (bio == NULL)
		return false;
	BIO_set_data(bio, c->t);
	BIO_set_init(bio, 1);
	SSL_set_bio(c->ssl, bio, bio);
	if (SSL_set_app_data(c->ssl, c) != 1)
		return false;
	if (c->server)
		SSL_set_accept_state(c->ssl);
	else
		SSL_set_connect_state(c->ssl);
	return c->server || name_server(c);
}

static struct gyl__tls_conn *conn_new(
	struct gyl_tls *t, uint32_t flow, struct gyl_tls_ctx *ctx, bool server)
{
	struct gyl__tls_conn *c = TAILQ_FIRST(&t->unused);

	if (c == NULL || ctx == NULL)
		return NULL;
	TAILQ_REMOVE(&t->unused, c, link);
	c->flow = flow;
	c->next = *chain_of(t, flow);
	*chain_of(t, flow) = (uint16_t)(c->index + 1);
	c->ctx = ctx;
	ctx->ref_cnt++;
	c->server = server;
	c->state = GYL__TLS_CONNECTING;
	t->stat.open_cnt++;
	if (start(c))
		return c;
	gyl__tls_free(c);
	return NULL;
}

/* Handshakes of one address, or of all when ip is NULL; the oldest of them. */
static unsigned half_count(
	const struct gyl_tls *t, const uint32_t *ip, struct gyl__tls_conn **ret_oldest)
{
	struct gyl__tls_conn *c;
	unsigned cnt = 0;

	TAILQ_FOREACH(c, &t->shaking, side)
	{
		if (!c->server || !c->half || (ip != NULL && c->peer.ip != *ip))
			continue;
		if (cnt++ == 0)
			*ret_oldest = c;
	}
	return cnt;
}

static void make_room(struct gyl_tls *t, uint32_t ip)
{
	static const char why[] = "others want to begin, too, and its handshake is the oldest";
	struct gyl__tls_conn *oldest = NULL;

	if (t->stat.half_cnt < GYL_TLS_HALF_SHARE)
		return;
	if (half_count(t, &ip, &oldest) < GYL_TLS_HALF_SHARE &&
		half_count(t, NULL, &oldest) < GYL_TLS_HALF_MAX)
		return;
	t->stat.slow_cnt++;
	gyl__tls_fail(oldest, why, true);
}

void gyl__tls_begin(struct gyl__tls_conn *c)
{
	c->state = GYL__TLS_SHAKING;
	c->half = true;
	c->t->stat.half_cnt++;
	gyl__tls_time(c, &c->t->shaking, c->t->now.mono_ns + GYL_TLS_HALF_NS);
}

struct gyl__tls_conn *gyl__tls_accept(struct gyl_tls *t, const struct gyl_in *in)
{
	struct gyl__tls_conn *c = conn_new(t, in->flow, t->port[in->port].ctx, true);

	if (c == NULL)
		return NULL;
	make_room(t, in->peer.ip);
	c->port = in->port;
	c->role = in->role;
	c->peer = in->peer;
	gyl__tls_begin(c);
	return c;
}

struct gyl__tls_conn *gyl__tls_client(
	struct gyl_tls *t, uint32_t flow, struct gyl_tls_ctx *ctx, const struct gyl_peer *to)
{
	struct gyl__tls_conn *c = conn_new(t, flow, ctx, false);

	if (c == NULL)
		return NULL;
	c->port = GYL_PORT_OPENED;
	c->peer = *to;
	t->opened_cnt++;
	return c;
}

/* ---- lists ---- */

void gyl__tls_queue(struct gyl__tls_conn *c)
{
	if (!c->queued) {
		c->queued = true;
		TAILQ_INSERT_TAIL(&c->t->port[c->port].queue, c, link);
	}
	c->t->ready |= UINT64_C(1) << c->port;
}

void gyl__tls_work(struct gyl__tls_conn *c)
{
	if (c->working)
		return;
	c->working = true;
	TAILQ_INSERT_TAIL(&c->t->todo, c, todo);
}

void gyl__tls_time(struct gyl__tls_conn *c, struct gyl__tls_conns *list, uint64_t until_ns)
{
	gyl__tls_no_time(c);
	c->timed = true;
	c->until_ns = until_ns;
	TAILQ_INSERT_TAIL(list, c, side);
}

void gyl__tls_no_time(struct gyl__tls_conn *c)
{
	if (!c->timed)
		return;
	c->timed = false;
	TAILQ_REMOVE(c->state == GYL__TLS_SHAKING ? &c->t->shaking : &c->t->closing, c, side);
}

uint64_t gyl__tls_deadline_ns(const struct gyl_tls *t)
{
	const struct gyl__tls_conn *shaking = TAILQ_FIRST(&t->shaking),
				   *closing = TAILQ_FIRST(&t->closing);

	return gyl_time_min(shaking == NULL ? UINT64_MAX : shaking->until_ns,
		closing == NULL ? UINT64_MAX : closing->until_ns);
}

void gyl__tls_expire(struct gyl_tls *t)
{
	struct gyl__tls_conn *c;

	while ((c = TAILQ_FIRST(&t->shaking)) != NULL && c->until_ns <= t->now.mono_ns) {
		t->stat.slow_cnt++;
		gyl__tls_fail(c,
			c->greeted ? "its handshake was not done after 10 s"
				   : "it said nothing for 10 s",
			true);
	}
	while ((c = TAILQ_FIRST(&t->closing)) != NULL && c->until_ns <= t->now.mono_ns)
		gyl__tls_reset(c);
}

/* ---- the end ---- */

void gyl__tls_shaken(struct gyl__tls_conn *c)
{
	gyl__tls_no_time(c);
	if (c->half)
		c->t->stat.half_cnt--;
	c->half = false;
}

void gyl__tls_fail(struct gyl__tls_conn *c, const char *why, bool at_once)
{
	if (c->state == GYL__TLS_SHAKING)
		c->t->stat.failed_cnt++;
	gyl__tls_shaken(c);
	c->why = why;
	c->forgotten = c->forgotten || !c->opened;
	c->more = false;
	c->out_len = 0;
	c->reset = at_once;
	c->state = GYL__TLS_ENDING;
	gyl__tls_work(c);
}

void gyl__tls_free(struct gyl__tls_conn *c)
{
	struct gyl_tls *t = c->t;

	gyl__tls_shaken(c);
	if (c->queued)
		TAILQ_REMOVE(&t->port[c->port].queue, c, link);
	if (c->working)
		TAILQ_REMOVE(&t->todo, c, todo);
	if (c->port == GYL_PORT_OPENED)
		t->opened_cnt--;
	forget_flow(c);
	SSL_free(c->ssl);
	gyl_tls_ctx_free(c->ctx);
	if (c->peak_len > PEAK_LEN)
		(void)madvise(c->stash, conn_len, MADV_DONTNEED);
	t->stat.open_cnt--;
	*c = (struct gyl__tls_conn){.t = t, .index = c->index, .stash = c->stash, .out = c->out};
	TAILQ_INSERT_TAIL(&t->unused, c, link);
}

void gyl__tls_sweep(struct gyl_tls *t)
{
	struct gyl__tls_conn *c;

	while ((c = TAILQ_FIRST(&t->told)) != NULL) {
		TAILQ_REMOVE(&t->told, c, link);
		gyl__tls_free(c);
	}
}
