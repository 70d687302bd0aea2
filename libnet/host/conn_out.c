/* SPDX-License-Identifier: ISC */

/*
 * From the core to connections.
 *
 * A send goes to the kernel at once; what it does not take becomes the backlog, which is written
 * when the socket is writable. Cores keep within the room they were told; one that does not loses
 * the stream, for a stream with a hole in it is worse than none.
 *
 * A graceful close sends the backlog, ends our side, and reads until the peer ends its own: closing
 * a TCP socket with unread octets would send a reset, which may destroy answers on their way. The
 * peer has ten seconds for all that.
 */

#include <errno.h>
#include <sys/socket.h>

#include <event2/event.h>

#include "libnet/host/socks_int.h"

static const struct timeval close_time = {.tv_sec = 10};

static void put_backlog(struct gyl__conn *c, const struct iovec *iov, size_t cnt, size_t skip)
{
	if (c->out_off != 0) {
		memmove(c->out_mem, c->out_mem + c->out_off, c->out_len);
		c->out_off = 0;
	}
	for (size_t i = 0; i < cnt; i++) {
		size_t off = skip < iov[i].iov_len ? skip : iov[i].iov_len;
		size_t len = iov[i].iov_len - off;

		skip -= off;
		memcpy(c->out_mem + c->out_len, (const uint8_t *)iov[i].iov_base + off, len);
		c->out_len += (uint32_t)len;
	}
	if (c->out_len > c->peak_len)
		c->peak_len = c->out_len;
	(void)event_add(&c->out, NULL);
}

/* How much the kernel took; false when the connection is dead. */
static bool send_now(struct gyl__conn *c, struct iovec *iov, size_t cnt, size_t *ret_len)
{
	struct msghdr m = {.msg_iov = iov, .msg_iovlen = cnt};
	ssize_t n;

	do {
		n = sendmsg(c->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	*ret_len = n < 0 ? 0 : (size_t)n;
	return n >= 0 || errno == EAGAIN;
}

static void send_stream(struct gyl__conn *c, struct iovec *iov, size_t cnt, size_t len)
{
	struct gyl_socks *s = c->s;
	size_t done = 0;

	if (c->state == GYL__CONN_OPEN && c->out_len == 0 && !send_now(c, iov, cnt, &done)) {
		s->stat.out_lost_cnt += cnt;
		gyl__conn_drop(c);
		return;
	}
	if (len - done > gyl__conn_room(c)) {
		s->stat.out_lost_cnt += cnt;
		gyl__conn_abort(c);
		return;
	}
	if (done < len)
		put_backlog(c, iov, cnt, done);
	s->stat.out_cnt += cnt;
	s->stat.out_octets += len;
}

static void send_dgrams(struct gyl__conn *c, struct iovec *iov, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		size_t done;

		/* A refusal (ICMP) belongs to an earlier datagram: reading tells it. */
		if (!send_now(c, &iov[i], 1, &done) && errno == ECONNREFUSED)
			(void)send_now(c, &iov[i], 1, &done);
		if (done == iov[i].iov_len) {
			c->s->stat.out_cnt++;
			c->s->stat.out_octets += done;
		} else {
			c->s->stat.out_lost_cnt++;
		}
	}
}

void gyl__conn_send(struct gyl__conn *c, const struct gyl_send *slot, size_t cnt)
{
	struct iovec *iov = c->s->iov;
	size_t len = 0;

	if (c->state != GYL__CONN_OPEN && c->state != GYL__CONN_CONNECTING) {
		c->s->stat.out_lost_cnt += cnt;
		return;
	}
	for (size_t i = 0; i < cnt; i++) {
		iov[i] = (struct iovec){slot[i].p, slot[i].len};
		len += slot[i].len;
	}
	if (c->dgram)
		send_dgrams(c, iov, cnt);
	else
		send_stream(c, iov, cnt, len);
}

static int socket_error(int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0 ? err : errno;
}

/* connect(2) has an answer. False: it failed. */
static bool connected(struct gyl__conn *c)
{
	struct sockaddr_in sin = {0};
	socklen_t len = sizeof(sin);

	if (socket_error(c->fd) != 0) {
		gyl__conn_drop(c);
		return false;
	}
	(void)getsockname(c->fd, (struct sockaddr *)&sin, &len);
	c->peer.local_ip = ntohl(sin.sin_addr.s_addr);
	c->peer.local_port = ntohs(sin.sin_port);
	c->state = GYL__CONN_OPEN;
	c->due |= GYL__DUE_OPENED;
	gyl__conn_queue(c);
	gyl__conn_resume(c);
	return true;
}

/* The backlog of a closing connection is out. */
static void end_our_side(struct gyl__conn *c)
{
	if (c->ended || shutdown(c->fd, SHUT_WR) != 0) {
		gyl__conn_drop(c);
		return;
	}
	gyl__conn_resume(c);
}

static void backlog_sent(struct gyl__conn *c)
{
	(void)event_del(&c->out);
	c->out_off = 0;
	if (c->state == GYL__CONN_CLOSING) {
		end_our_side(c);
		return;
	}
	/* There is room again: what was left is offered again, with its end if that was told. */
	c->due |= c->ended && c->stash_len != 0 ? GYL__DUE_EOF : GYL__DUE_BYTES;
	gyl__conn_queue(c);
}

void gyl__conn_flush(struct gyl__conn *c)
{
	struct iovec iov;
	size_t done = 0;

	if (c->state == GYL__CONN_CONNECTING) {
		if (!connected(c))
			return;
		if (c->out_len == 0) {
			(void)event_del(&c->out);
			return;
		}
	}
	iov = (struct iovec){c->out_mem + c->out_off, c->out_len};
	if (!send_now(c, &iov, 1, &done)) {
		gyl__conn_drop(c);
		return;
	}
	c->out_off += (uint32_t)done;
	c->out_len -= (uint32_t)done;
	if (c->out_len == 0)
		backlog_sent(c);
}

static bool active(const struct gyl__conn *c)
{
	return c->state == GYL__CONN_OPEN || c->state == GYL__CONN_CONNECTING;
}

/* The core is through with it: nothing but its end is due. */
static void forget_input(struct gyl__conn *c)
{
	c->forgotten = true;
	c->due = 0;
	c->stash_len = 0;
	c->readable = false;
}

void gyl__conn_close(struct gyl__conn *c)
{
	if (!active(c))
		return;
	forget_input(c);
	if (c->dgram || c->state == GYL__CONN_CONNECTING) {
		gyl__conn_drop(c);
		return;
	}
	c->state = GYL__CONN_CLOSING;
	(void)event_add(&c->timer, &close_time);
	if (c->out_len == 0)
		end_our_side(c);
}

void gyl__conn_abort(struct gyl__conn *c)
{
	static const struct linger at_once = {.l_onoff = 1};

	if (c->state == GYL__CONN_GONE)
		return;
	forget_input(c);
	if (!c->dgram)
		(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	gyl__conn_drop(c);
}
