/* SPDX-License-Identifier: ISC */
#include "libnet/host/batch.h"

#include <errno.h>
#include <sys/mman.h>

#include <linux/sock_diag.h>

static uint8_t *slot(const struct gyl__batch *b, size_t i)
{
	return b->mem + i * GYL__SLOT_LEN;
}

/* Where the octets past the slot go; GYL__SLOT_LEN octets before it are free. */
static uint8_t *spill(const struct gyl__batch *b, size_t i)
{
	return b->mem + (size_t)GYL_SOCKS_BATCH * GYL__SLOT_LEN +
	       i * (GYL__SLOT_LEN + GYL__SPILL_LEN) + GYL__SLOT_LEN;
}

int gyl__batch_open(struct gyl__batch *b, bool with_spill)
{
	size_t each = GYL__SLOT_LEN + (with_spill ? GYL__SLOT_LEN + GYL__SPILL_LEN : 0);

	memset(b, 0, sizeof(*b));
	b->mem_len = GYL_SOCKS_BATCH * each;
	b->mem = mmap(NULL, b->mem_len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (b->mem == MAP_FAILED) {
		b->mem = NULL;
		return -errno;
	}
	b->iov_cnt = with_spill ? 2 : 1;
	for (size_t i = 0; i < GYL_SOCKS_BATCH; i++) {
		b->iov[i][0] = (struct iovec){slot(b, i), GYL__SLOT_LEN};
		if (with_spill)
			b->iov[i][1] = (struct iovec){spill(b, i), GYL__SPILL_LEN};
		b->msg[i].msg_hdr.msg_iov = b->iov[i];
		b->msg[i].msg_hdr.msg_iovlen = b->iov_cnt;
		b->msg[i].msg_hdr.msg_name = &b->name[i];
		b->msg[i].msg_hdr.msg_control = b->ctl[i];
	}
	return 0;
}

void gyl__batch_close(struct gyl__batch *b)
{
	if (b->mem != NULL)
		(void)munmap(b->mem, b->mem_len);
	b->mem = NULL;
}

size_t gyl__batch_read(struct gyl__batch *b, int fd, size_t first, size_t end)
{
	int n;

	for (size_t i = first; i < end; i++) { /* in and out: the kernel wrote them last time */
		b->msg[i].msg_hdr.msg_namelen = sizeof(b->name[i]);
		b->msg[i].msg_hdr.msg_controllen = GYL__CTL_LEN;
	}
	do {
		n = recvmmsg(fd, b->msg + first, (unsigned)(end - first), MSG_DONTWAIT | MSG_TRUNC,
			NULL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? 0 : (size_t)n;
}

struct gyl_view gyl__batch_data(struct gyl__batch *b, size_t i, size_t *ret_cut)
{
	size_t len = b->msg[i].msg_len; /* MSG_TRUNC: of the datagram, also when it was cut */
	size_t cap = b->iov_cnt == 2 ? GYL__SLOT_LEN + GYL__SPILL_LEN : GYL__SLOT_LEN;
	uint8_t *whole;

	*ret_cut = len > cap ? len - cap : 0;
	len -= *ret_cut;
	if (len <= GYL__SLOT_LEN)
		return gyl_view(slot(b, i), len);
	whole = spill(b, i) - GYL__SLOT_LEN;
	memcpy(whole, slot(b, i), GYL__SLOT_LEN);
	return gyl_view(whole, len);
}

static void beside_one(struct gyl__beside *x, struct cmsghdr *c)
{
	const void *data = CMSG_DATA(c);

	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo info;

		memcpy(&info, data, sizeof(info));
		x->local_ip = ntohl(info.ipi_addr.s_addr);
		x->ifindex = info.ipi_ifindex;
	} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
		memcpy(&x->drop_cnt, data, sizeof(x->drop_cnt));
		x->has_drops = true;
	} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
		struct ucred cred;

		memcpy(&cred, data, sizeof(cred));
		x->pid = (uint32_t)cred.pid;
		x->uid = cred.uid;
	} else if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA) {
		struct tpacket_auxdata aux;

		memcpy(&aux, data, sizeof(aux));
		x->status = aux.tp_status;
		x->tci = aux.tp_vlan_tci;
	}
}

struct gyl__beside gyl__batch_beside(struct gyl__batch *b, size_t i)
{
	struct gyl__beside x = {0};
	struct msghdr *m = &b->msg[i].msg_hdr;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c))
		beside_one(&x, c);
	return x;
}

void gyl__batch_keep(struct gyl__batch *b, const struct gyl_in *in, size_t cnt, size_t taken)
{
	size_t n = cnt - taken;

	/* In front of those that were not even given out: cap may have been smaller. */
	memmove(b->rest + n, b->rest, b->rest_cnt * sizeof(*in));
	memcpy(b->rest, in + taken, n * sizeof(*in));
	b->rest_cnt += n;
}

size_t gyl__batch_kept(struct gyl__batch *b, struct gyl_in *in, size_t cap)
{
	size_t n = b->rest_cnt < cap ? b->rest_cnt : cap;

	memcpy(in, b->rest, n * sizeof(*in));
	b->rest_cnt -= n;
	memmove(b->rest, b->rest + n, b->rest_cnt * sizeof(*in));
	return n;
}

void gyl__drops_note(struct gyl__drops *d, uint32_t cnt)
{
	uint32_t more = cnt - d->seen;

	/* The counter wraps; an older value (it is taken when the datagram is queued) is no news.
	 */
	if (more == 0 || more > UINT32_MAX / 2)
		return;
	d->seen = cnt;
	d->due += more;
	d->in_all += more;
}

void gyl__drops_ask(struct gyl__drops *d, int fd)
{
	uint32_t info[SK_MEMINFO_VARS];
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) == 0 &&
		len > SK_MEMINFO_DROPS * sizeof(info[0]))
		gyl__drops_note(d, info[SK_MEMINFO_DROPS]);
}

uint64_t gyl__drops_take(struct gyl__drops *d)
{
	uint64_t cnt = d->due;

	d->due = 0;
	return cnt;
}
