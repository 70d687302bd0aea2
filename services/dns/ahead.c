/* SPDX-License-Identifier: ISC */
#include "services/dns/ahead.h"

#include <gyl/dns.h>

enum {
	CACHE_LINE = 64
};

/* Octets of a question's name that stands in the message as it should, else 0. */
static size_t name_len(struct gyl_view msg)
{
	size_t at = GYL_DNS_HEADER_LEN;

	while (at < msg.len && msg.p[at] != 0) {
		if (msg.p[at] > GYL_DNS_LABEL_MAX)
			return 0;
		at += (size_t)msg.p[at] + 1;
	}
	at -= GYL_DNS_HEADER_LEN - 1;
	return at <= GYL_DNS_NAME_MAX && GYL_DNS_HEADER_LEN + at <= msg.len ? at : 0;
}

static struct gyl_dns_key *key_of(struct gyl_dns_ahead *a, size_t i)
{
	return &a->key[i % GYL_DNS_AHEAD_KEYS];
}

static void fetch_slot(struct gyl_dns_ahead *a, size_t i)
{
	struct gyl_dns_key *k = key_of(a, i);
	size_t len;

	k->len = 0;
	if (i >= a->cnt)
		return;
	len = name_len(a->in[i].data);
	if (len == 0)
		return;
	gyl_dns_key_init(k, a->in[i].data.p + GYL_DNS_HEADER_LEN, len);
	__builtin_prefetch(gyl_dns_image_slots(a->image) + gyl_dns_image_place(a->image, k->hash));
}

/* The slot has come meanwhile. */
static void fetch_node(struct gyl_dns_ahead *a, size_t i)
{
	const struct gyl_dns_image *im = a->image;
	const struct gyl_dns_slot *slot = gyl_dns_image_slots(im);
	const struct gyl_dns_key *k = key_of(a, i);
	const uint8_t *node;
	uint32_t at;

	if (k->len == 0)
		return;
	at = gyl_dns_image_place(im, k->hash);
	while (slot[at].off != 0 && slot[at].tag != (uint32_t)k->hash)
		at = gyl_dns_image_place_next(im, at);
	node = (const uint8_t *)im + slot[at].off;
	__builtin_prefetch(node);
	__builtin_prefetch(node + CACHE_LINE);
}

void gyl_dns_ahead_begin(struct gyl_dns_ahead *a, const struct gyl_dns_image *im,
	const struct gyl_in *in, size_t cnt)
{
	a->image = im;
	a->in = in;
	a->cnt = cnt;
	if (im == NULL)
		return;
	for (size_t i = 0; i < GYL_DNS_AHEAD_SLOT; i++)
		fetch_slot(a, i);
	for (size_t i = 0; i < GYL_DNS_AHEAD_NODE && cnt > 1; i++)
		fetch_node(a, i);
}

struct gyl_dns_key *gyl_dns_ahead_step(struct gyl_dns_ahead *a, size_t i)
{
	if (a->image == NULL)
		return NULL;
	fetch_slot(a, i + GYL_DNS_AHEAD_SLOT);
	fetch_node(a, i + GYL_DNS_AHEAD_NODE);
	return key_of(a, i)->len == 0 ? NULL : key_of(a, i);
}
