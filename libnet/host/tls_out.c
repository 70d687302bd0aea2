/* SPDX-License-Identifier: ISC */

/*
 * From the core to TLS connections, and the memory that OpenSSL reads from and writes to.
 *
 * Plain octets wait until the host below takes the record that they become, so nothing that is
 * encrypted ever waits here: what OpenSSL writes in one call lies in a buffer that all share, and
 * leaves before the next call.
 */

#include <gyl/time.h>

#include "libnet/host/tls_int.h"

/* RFC 8446 says nothing of how long a peer may take what is left: as long as TCP here. */
#define CLOSE_NS (10 * GYL_NS_PER_S)

enum {
	ROOM_MIN = GYL_TLS_OUT_LEN / 4 * 3 /* free again, so that it is worth telling */
};

/* ---- OpenSSL's memory ---- */

static int bio_read(BIO *bio, char *p, size_t cap, size_t *ret_len)
{
	struct gyl_tls *t = BIO_get_data(bio);
	size_t len = t->feed.len < cap ? t->feed.len : cap;

	BIO_clear_retry_flags(bio);
	if (len == 0) {
		BIO_set_retry_read(bio);
		return 0;
	}
	memcpy(p, t->feed.p, len);
	t->feed = gyl_view_sub(t->feed, len, t->feed.len);
	*ret_len = len;
	return 1;
}

static int bio_write(BIO *bio, const char *p, size_t len, size_t *ret_len)
{
	struct gyl_tls *t = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	if (len > GYL__TLS_OUT_CAP - t->said_len) {
		t->said_much = true;
		return 0;
	}
	memcpy(t->said + t->said_len, p, len);
	t->said_len += len;
	*ret_len = len;
	return 1;
}

static long bio_ctrl(BIO *bio, int cmd, long num, void *p)
{
	(void)bio;
	(void)num;
	(void)p;
	return cmd == BIO_CTRL_FLUSH;
}

BIO_METHOD *gyl__tls_bio(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "guyline");

	if (m != NULL && (BIO_meth_set_read_ex(m, bio_read) != 1 ||
				 BIO_meth_set_write_ex(m, bio_write) != 1 ||
				 BIO_meth_set_ctrl(m, bio_ctrl) != 1)) {
		BIO_meth_free(m);
		return NULL;
	}
	return m;
}

/* ---- to the host below ---- */

/* As many slots as it lends at once. How much is sent. */
static size_t say_some(struct gyl__tls_conn *c, const uint8_t *p, size_t len)
{
	const struct gyl_host *below = &c->t->below;
	struct gyl_send slot[GYL__TLS_BATCH];
	size_t cnt = below->ops->lend(below->h, slot, GYL__TLS_BATCH), done = 0;

	for (size_t i = 0; i < cnt && done < len; i++) {
		slot[i].len = (uint32_t)(len - done < slot[i].cap ? len - done : slot[i].cap);
		slot[i].flow = c->flow;
		memcpy(slot[i].p, p + done, slot[i].len);
		done += slot[i].len;
	}
	below->ops->send(below->h, slot, cnt);
	return done;
}

void gyl__tls_say(struct gyl__tls_conn *c)
{
	struct gyl_tls *t = c->t;
	size_t done = 0, some = 1;

	/* A peer that asks for answers and reads none is let go: RFC 8446 4.6.3, key updates. */
	if (t->said_much ||
		(t->said_len != 0 && t->below.ops->room(t->below.h, c->flow) < t->said_len)) {
		t->said_much = false;
		t->said_len = 0;
		gyl__tls_fail(c, "it does not read what TLS has to say", true);
		return;
	}
	for (; done < t->said_len && some != 0; done += some)
		some = say_some(c, t->said + done, t->said_len - done);
	t->said_len = 0;
}

/* One record of what waits. False: the host below has no room for it, or it failed. */
static bool push_record(struct gyl__tls_conn *c)
{
	struct gyl_tls *t = c->t;
	uint32_t room = t->below.ops->room(t->below.h, c->flow), len = c->out_len;
	size_t done;

	if (room < 2 * GYL__TLS_RECORD_MORE)
		return false;
	if (len > room - GYL__TLS_RECORD_MORE)
		len = room - GYL__TLS_RECORD_MORE;
	if (len > GYL__TLS_RECORD_LEN)
		len = GYL__TLS_RECORD_LEN;
	if (SSL_write_ex(c->ssl, c->out + c->out_off, len, &done) != 1) {
		gyl__tls_fail(c, gyl__tls_why(c), true);
		return false;
	}
	c->out_off += len;
	c->out_len -= len;
	gyl__tls_say(c);
	return c->state == GYL__TLS_OPEN || c->state == GYL__TLS_CLOSING;
}

/* All is sent: RFC 8446 6.1, close_notify, then the end of our side. */
static void end_our_side(struct gyl__tls_conn *c)
{
	gyl__tls_no_time(c);
	(void)SSL_shutdown(c->ssl);
	gyl__tls_say(c);
	c->state = GYL__TLS_ENDING;
}

static void end_below(struct gyl__tls_conn *c)
{
	const struct gyl_host *below = &c->t->below;

	c->half = false;
	(void)below->ops->flow(below->h, c->flow, c->reset ? GYL_FLOW_RESET : GYL_FLOW_CLOSE, NULL);
}

void gyl__tls_push(struct gyl__tls_conn *c)
{
	bool had = c->out_len != 0;

	ERR_clear_error();
	if (c->state == GYL__TLS_OPEN || c->state == GYL__TLS_CLOSING) {
		while (c->out_len != 0 && push_record(c))
			;
		if (c->out_len == 0)
			c->out_off = 0;
	}
	if (c->state == GYL__TLS_CLOSING && c->out_len == 0)
		end_our_side(c);
	if (c->state == GYL__TLS_ENDING) {
		end_below(c);
	} else if (had && c->told_room < ROOM_MIN && c->out_len == 0 && !c->forgotten) {
		c->due |= GYL__TLS_DUE_BYTES;
		gyl__tls_queue(c);
	}
}

/* ---- from the core ---- */

uint32_t gyl__tls_room(const struct gyl__tls_conn *c)
{
	return c->state <= GYL__TLS_OPEN && !c->forgotten ? GYL_TLS_OUT_LEN - c->out_len : 0;
}

bool gyl__tls_put(struct gyl__tls_conn *c, const uint8_t *p, size_t len)
{
	if (len > gyl__tls_room(c))
		return false;
	if (c->out_off + c->out_len + len > GYL_TLS_OUT_LEN) {
		memmove(c->out, c->out + c->out_off, c->out_len);
		c->out_off = 0;
	}
	memcpy(c->out + c->out_off + c->out_len, p, len);
	c->out_len += (uint32_t)len;
	if (c->out_off + c->out_len > c->peak_len)
		c->peak_len = c->out_off + c->out_len;
	c->told_room -= len < c->told_room ? (uint32_t)len : c->told_room;
	return true;
}

/* The core is through with it: nothing but its end is due. */
static void forget(struct gyl__tls_conn *c)
{
	c->forgotten = true;
	c->due &= GYL__TLS_DUE_CLOSED;
	c->stash_len = 0;
	c->more = false;
}

void gyl__tls_close(struct gyl__tls_conn *c)
{
	if (c->forgotten)
		return;
	forget(c);
	if (c->state >= GYL__TLS_ENDING)
		return;
	if (c->state != GYL__TLS_OPEN) {
		gyl__tls_reset(c);
		return;
	}
	c->state = GYL__TLS_CLOSING;
	gyl__tls_time(c, &c->t->closing, c->t->now.mono_ns + CLOSE_NS);
	gyl__tls_work(c);
}

void gyl__tls_reset(struct gyl__tls_conn *c)
{
	forget(c);
	if (c->state == GYL__TLS_GONE)
		return;
	gyl__tls_shaken(c);
	c->out_len = 0;
	c->reset = true;
	c->state = GYL__TLS_ENDING;
	gyl__tls_work(c);
}
