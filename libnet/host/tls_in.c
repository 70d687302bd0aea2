/* SPDX-License-Identifier: ISC */

/*
 * From the host below to the core.
 *
 * Records are decrypted into one buffer that all connections share and handed over where they lie;
 * what the core did not consume is copied into the connection's stash, and the next octets go
 * behind it, so that the core always sees one piece. What is not decrypted stays with the host
 * below: when there is no room here, an input of its is refused, and the peer's window closes.
 */

#include "libnet/host/tls_int.h"

/* ---- taking ---- */

/* Where the next octets go, and how many. */
static uint8_t *place(const struct gyl__tls_conn *c, size_t *ret_cap)
{
	const struct gyl_tls *t = c->t;

	*ret_cap = GYL_TLS_STASH_LEN - c->stash_len;
	if (c->stash_len != 0)
		return c->stash + c->stash_len;
	if (t->plain_len >= GYL__TLS_PLAIN_LEN)
		*ret_cap = 0;
	return t->plain + t->plain_len;
}

/* RFC 8446 6.1: close_notify. */
static void peer_ended(struct gyl__tls_conn *c, bool cut)
{
	if (c->ended)
		return;
	c->ended = true;
	c->cut = cut;
	c->due |= GYL__TLS_DUE_EOF;
}

/* Decrypt what is there, as far as there is room. Octets that came of it. */
static size_t decrypt(struct gyl__tls_conn *c)
{
	size_t cap, len = 0, n;
	uint8_t *p = place(c, &cap);

	c->more = false;
	while (c->state == GYL__TLS_OPEN && !c->ended) {
		if (len == cap) {
			c->more = true;
			break;
		}
		if (SSL_read_ex(c->ssl, p + len, cap - len, &n) == 1) {
			len += n;
			continue;
		}
		switch (SSL_get_error(c->ssl, 0)) {
		case SSL_ERROR_WANT_READ:
			return len;
		case SSL_ERROR_ZERO_RETURN:
			peer_ended(c, false);
			break;
		default:
			gyl__tls_fail(c, gyl__tls_why(c), false);
		}
	}
	return len;
}

/* The handshake is done. */
static void opened(struct gyl__tls_conn *c)
{
	gyl__tls_shaken(c);
	c->state = GYL__TLS_OPEN;
	c->opened = true;
	c->due |= GYL__TLS_DUE_OPENED;
	c->t->stat.done_cnt++;
	c->t->stat.resumed_cnt += SSL_session_reused(c->ssl) == 1;
	gyl__tls_name(c->ssl, c->name);
	if (c->out_len != 0)
		gyl__tls_work(c);
}

static void shake(struct gyl__tls_conn *c)
{
	const struct gyl_host *below = &c->t->below;
	uint64_t since_ns = below->ops->clock_ns(below->h);
	int r = SSL_do_handshake(c->ssl);

	c->t->shake_ns += below->ops->clock_ns(below->h) - since_ns;
	if (r == 1)
		opened(c);
	else if (SSL_get_error(c->ssl, r) != SSL_ERROR_WANT_READ)
		gyl__tls_fail(c, gyl__tls_why(c), false);
}

/* RFC 8446 5.1, RFC 5246 6.2.1: the first record is a handshake. Whoever speaks plain text would
 * take an alert for an answer, if it reads at all: it is reset, which its next write tells it. */
static bool greets(struct gyl__tls_conn *c, struct gyl_view data)
{
	if (c->greeted || data.len == 0)
		return true;
	c->greeted = true;
	if (!c->server || data.p[0] == 22)
		return true;
	gyl__tls_fail(c,
		data.p[0] == '<' || (data.p[0] >= '0' && data.p[0] <= '9')
			? "it sends plain messages, and this port wants TLS"
			: "what it sends is not TLS",
		true);
	return false;
}

/* False: something is left in in->data from in->used on, for which there is no room now. */
static bool take_bytes(struct gyl__tls_conn *c, struct gyl_in *in, struct gyl_view *ret_data)
{
	struct gyl_tls *t = c->t;
	uint8_t *start;
	size_t cap, len = 0;

	ERR_clear_error();
	if (!greets(c, in->data))
		return true;
	t->feed = gyl_view_sub(in->data, in->used, in->data.len);
	start = place(c, &cap);
	if (c->state == GYL__TLS_SHAKING && t->feed.len != 0)
		shake(c);
	if (c->state == GYL__TLS_OPEN)
		len = decrypt(c);
	gyl__tls_say(c);
	in->used = (uint32_t)(in->data.len - t->feed.len);
	t->feed = gyl_view(NULL, 0);
	if (c->ended || (c->state != GYL__TLS_SHAKING && c->state != GYL__TLS_OPEN)) {
		/* what comes behind the end is nothing */
		in->used = (uint32_t)in->data.len;
		c->more = false;
	}
	if (len != 0) {
		*ret_data = gyl_view(start - c->stash_len, c->stash_len + len);
		if (c->stash_len == 0)
			t->plain_len += len;
		else if (ret_data->len > c->peak_len)
			c->peak_len = (uint32_t)ret_data->len;
		c->due |= GYL__TLS_DUE_BYTES;
	}
	return in->used == in->data.len && !c->more;
}

static void connected(struct gyl__tls_conn *c, const struct gyl_in *in)
{
	c->peer.local_ip = in->peer.local_ip;
	c->peer.local_port = in->peer.local_port;
	gyl__tls_begin(c);
	ERR_clear_error();
	shake(c);
	gyl__tls_say(c);
}

/* Who connects and goes without a word looks whether anybody is there: that is no news. */
static const char *broke_off(const struct gyl__tls_conn *c)
{
	if (c->greeted)
		return "it broke off the handshake";
	return c->server ? NULL : "it broke off the handshake: does it speak TLS on that port?";
}

/* The stream below is gone. */
static void gone(struct gyl__tls_conn *c)
{
	bool told = c->opened || c->port == GYL_PORT_OPENED;

	if (c->state == GYL__TLS_SHAKING)
		gyl__tls_fail(c, broke_off(c), true);
	gyl__tls_shaken(c);
	c->state = GYL__TLS_GONE;
	c->out_len = 0;
	if (!told && c->why == NULL) {
		gyl__tls_free(c);
		return;
	}
	c->due |= GYL__TLS_DUE_CLOSED;
	gyl__tls_queue(c);
}

/* An end without close_notify: also of a handshake, which then cannot go on. */
static void cut_off(struct gyl__tls_conn *c)
{
	if (c->state == GYL__TLS_OPEN)
		peer_ended(c, true);
	else if (c->state == GYL__TLS_SHAKING)
		gyl__tls_fail(c, broke_off(c), true);
}

bool gyl__tls_take(struct gyl_tls *t, struct gyl_in *in, struct gyl__tls_conn **ret_conn,
	struct gyl_view *ret_data)
{
	struct gyl__tls_conn *c = gyl__tls_find(t, in->flow);
	bool done = true;

	if (in->kind == GYL_IN_OPENED && c == NULL) {
		c = gyl__tls_accept(t, in);
		if (c == NULL)
			(void)t->below.ops->flow(t->below.h, in->flow, GYL_FLOW_RESET, NULL);
		in->used = 0;
		return true;
	}
	if (c == NULL) {
		in->used = (uint32_t)in->data.len;
		return true;
	}
	*ret_conn = c;
	if (in->kind == GYL_IN_OPENED && c->state == GYL__TLS_CONNECTING)
		connected(c, in);
	if (in->kind == GYL_IN_BYTES || in->kind == GYL_IN_EOF)
		done = take_bytes(c, in, ret_data);
	if (done && in->kind == GYL_IN_EOF)
		cut_off(c);
	if (c->state == GYL__TLS_OPEN && c->out_len != 0)
		gyl__tls_work(c); /* there may be room again */
	if (in->kind == GYL_IN_CLOSED) {
		*ret_conn = NULL;
		gone(c);
	}
	return done;
}

/* ---- giving ---- */

static struct gyl_in *give(struct gyl__tls_conn *c, struct gyl_in *in, enum gyl_in_kind kind)
{
	memset(in, 0, sizeof(*in));
	in->kind = (uint8_t)kind;
	in->port = c->port;
	in->role = c->role;
	in->flow = c->flow;
	in->room = c->told_room = gyl__tls_room(c);
	in->peer = c->peer;
	return in;
}

static bool take_due(struct gyl__tls_conn *c, enum gyl__tls_due bit)
{
	bool set = (c->due & bit) != 0;

	c->due &= (uint8_t)~bit;
	return set;
}

static struct gyl_view take_stash(struct gyl__tls_conn *c)
{
	size_t len = c->stash_len;

	c->stash_len = 0;
	return gyl_view(c->stash, len);
}

/* Its end is told in a later batch than octets: only then is it known which of them are left. */
size_t gyl__tls_give(struct gyl__tls_conn *c, struct gyl_view data, struct gyl_in *in)
{
	struct gyl_tls *t = c->t;
	bool bytes;
	size_t n = 0;

	if (c->queued)
		TAILQ_REMOVE(&t->port[c->port].queue, c, link);
	c->queued = false;
	if (take_due(c, GYL__TLS_DUE_OPENED))
		give(c, &in[n++], GYL_IN_OPENED)->key = gyl_view_str(c->name);
	bytes = take_due(c, GYL__TLS_DUE_BYTES);
	if (bytes) {
		give(c, &in[n], GYL_IN_BYTES)->data = data.len != 0 ? data : take_stash(c);
		c->stash_len = 0;
		n++;
	} else if (take_due(c, GYL__TLS_DUE_EOF)) {
		give(c, &in[n], GYL_IN_EOF)->data = take_stash(c);
		in[n++].seq = c->cut;
	} else if (take_due(c, GYL__TLS_DUE_CLOSED)) {
		give(c, &in[n], GYL_IN_CLOSED)->data =
			c->why == NULL ? gyl_view(NULL, 0) : gyl_view_str(c->why);
		n++;
		TAILQ_INSERT_TAIL(&t->told, c, link);
		return n;
	}
	if (c->due != 0)
		gyl__tls_queue(c);
	return n;
}

static enum gyl__tls_due due_of(uint8_t kind)
{
	switch (kind) {
	case GYL_IN_OPENED:
		return GYL__TLS_DUE_OPENED;
	case GYL_IN_EOF:
		return GYL__TLS_DUE_EOF;
	case GYL_IN_CLOSED:
		return GYL__TLS_DUE_CLOSED;
	default:
		return GYL__TLS_DUE_BYTES;
	}
}

static void requeue_first(struct gyl__tls_conn *c)
{
	struct gyl__tls_conns *queue = &c->t->port[c->port].queue;

	if (c->queued)
		TAILQ_REMOVE(queue, c, link);
	c->queued = true;
	TAILQ_INSERT_HEAD(queue, c, link);
	c->t->ready |= UINT64_C(1) << c->port;
}

static void keep_rest(struct gyl__tls_conn *c, const struct gyl_in *in)
{
	size_t used = in->used < in->data.len ? in->used : in->data.len;

	c->stash_len = (uint32_t)(in->data.len - used);
	if (c->stash_len != 0)
		memmove(c->stash, in->data.p + used, c->stash_len);
	if (c->stash_len > c->peak_len)
		c->peak_len = c->stash_len;
}

void gyl__tls_left(struct gyl__tls_conn *c, const struct gyl_in *in, bool taken)
{
	if (c->forgotten && in->kind != GYL_IN_CLOSED)
		return;
	if (in->kind == GYL_IN_BYTES || in->kind == GYL_IN_EOF)
		keep_rest(c, in);
	if (taken && in->again && c->stash_len != 0) {
		c->due |= (uint8_t)due_of(in->kind);
		gyl__tls_queue(c);
	}
	if (taken)
		return;
	if (in->kind == GYL_IN_CLOSED)
		TAILQ_REMOVE(&c->t->told, c, link);
	c->due |= (uint8_t)due_of(in->kind);
	requeue_first(c);
}
