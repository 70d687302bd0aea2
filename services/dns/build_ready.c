/* SPDX-License-Identifier: ISC */

/*
 * A ready image (guyline-zonec) instead of what it was made from. Its octets are copied: a file
 * that is written over in place, or cut off, changes nothing of what is served, and cannot end the
 * server; the gate sees what is served, and not what is in the file by then.
 */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/dns/build.h"
#include "services/dns/build_sum.h"
#include "services/dns/image.h"

/* The file, while it is looked at. */
struct ready {
	struct gyl_build *b;
	const char *path;
	int fd;
	uint64_t len;
	struct gyl_dns_image head;
};

static bool fail(const struct ready *r, const char *text)
{
	gyl_build_error(r->b, r->path, 0, 0, "%s", text);
	return false;
}

static bool open_file(struct ready *r)
{
	struct gyl_dns_image_fault fault;
	struct stat st;
	ssize_t have;

	gyl_build_file(r->b, r->path);
	r->fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (r->fd < 0 || fstat(r->fd, &st) != 0) {
		gyl_build_error(r->b, r->path, 0, 0, "cannot read: %s", strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode))
		return fail(r, "is no file");
	r->len = (uint64_t)st.st_size;
	if (r->len > UINT32_MAX)
		return fail(r, "is longer than an image can be");
	have = pread(r->fd, &r->head, sizeof r->head, 0);
	if (have < 0)
		have = 0;
	if (gyl_dns_image_head_check(&r->head, (size_t)have, r->len, &fault))
		return true;
	gyl_build_error(r->b, r->path, 0, 0, "at octet %llu: %s", (unsigned long long)fault.off,
		fault.text);
	return false;
}

/* Is it made from this configuration? One of zones alone has nothing of it. */
static bool fits(const struct ready *r, const struct gyl_flat *flat, const struct gyl_dns_conf *cf)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(flat, cf->zones);
	uint32_t holes = 0;

	if (r->head.conf_sum != 0)
		return r->head.conf_sum == gyl__dns_build_sum(flat, cf) ||
		       fail(r, "was made from another configuration (zones, holes, domains, lists):"
			       " make it anew with guyline-zonec -c");
	for (uint32_t i = 0; i < cf->zones.cnt; i++)
		holes += zone[i].holes.cnt;
	return (holes == 0 && cf->hosts.cnt == 0) ||
	       fail(r, "was made of zones alone, without holes and hosts files: make it with"
		       " guyline-zonec -c");
}

/* The parts that stand in the file. */
static bool take_parts(const struct ready *r, struct gyl__dns_parts *p)
{
	struct gyl_dns_bundle_end end;
	struct gyl_dns_part_entry e;
	off_t at = (off_t)(r->len - sizeof end);

	if (r->head.len == r->len) {
		e = (struct gyl_dns_part_entry){.kind = GYL_DNS_PART_IMAGE, .len = r->head.len};
		gyl__dns_part_add(p, &e);
		return true;
	}
	if (pread(r->fd, &end, sizeof end, at) != (ssize_t)sizeof end ||
		end.magic != GYL_DNS_BUNDLE_MAGIC || end.part_cnt >= UINT16_MAX - 2 ||
		end.part_cnt * sizeof e > (uint64_t)at)
		return fail(r, "has no table of its parts at the end: it is not whole");
	at -= (off_t)(end.part_cnt * sizeof e);
	for (uint32_t i = 0; i < end.part_cnt; i++, at += (off_t)sizeof e) {
		if (pread(r->fd, &e, sizeof e, at) != (ssize_t)sizeof e)
			return fail(r, "cannot be read");
		gyl__dns_part_add(p, &e);
	}
	return true;
}

/* Are the zones there that may change? A file that ends behind the first part looks whole. */
static bool has_live(const struct ready *r, const struct gyl_flat *flat,
	const struct gyl_dns_conf *cf, const struct gyl__dns_parts *p)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(flat, cf->zones);
	uint32_t want = 0, have = 0;

	for (uint32_t i = 0; i < cf->zones.cnt; i++)
		want += gyl__dns_is_live(&zone[i]);
	for (uint32_t i = 0; i < p->cnt; i++)
		have += p->entry[i].kind == GYL_DNS_PART_ZONE;
	return want == have || fail(r, "lacks zones that may change: it is not whole");
}

static bool put(struct ready *r, const struct gyl_flat *flat, const struct gyl_dns_conf *cf)
{
	static struct gyl__dns_parts p;
	bool ok = true;

	p.b = r->b;
	p.base = r->len;
	p.ok = true;
	p.cnt = 0;
	if (!take_parts(r, &p))
		return false;
	if (r->head.conf_sum == 0) {
		gyl__dns_part_begin(&p, GYL_DNS_PART_NAMES);
		ok = gyl__dns_build_names(flat, cf, r->b);
		gyl__dns_part_end(&p);
		gyl__dns_build_live(&p, flat, cf);
	}
	if (r->head.conf_sum != 0 && !has_live(r, flat, cf, &p))
		return false;
	gyl__dns_build_keys(&p, flat, cf);
	return gyl__dns_parts_end(&p) && ok;
}

bool gyl__dns_build_ready(
	const struct gyl_flat *flat, const struct gyl_dns_conf *cf, struct gyl_build *b)
{
	struct ready r = {.b = b, .path = (const char *)gyl_flat_view(flat, cf->image).p, .fd = -1};

	if (open_file(&r) && fits(&r, flat, cf) && put(&r, flat, cf)) {
		gyl_build_head(b, r.path, r.fd, r.len);
		return true;
	}
	if (r.fd >= 0)
		(void)close(r.fd);
	return false;
}
