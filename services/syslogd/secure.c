/* SPDX-License-Identifier: ISC */
#include "services/syslogd/secure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* An item: this, then the octets of all parts, names with a NUL behind each. */
struct item {
	uint32_t owner;
	uint32_t len[4]; /* by enum gyl_tls_part */
	uint32_t peer_cnt;
};

struct part {
	uint8_t *p;
	size_t len;
};

/* ---- reading ---- */

static bool not_read(struct gyl_build *b, const char *path, const char *why)
{
	gyl_build_error(b, path, 0, 0, "%s", why);
	return false;
}

static bool read_fd(struct gyl_build *b, const char *path, int fd, struct part *ret)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return not_read(b, path, "expected a file");
	ret->p = malloc(GYL_TLS_PEM_MAX + 1);
	if (ret->p == NULL)
		return not_read(b, path, "no memory to read it");
	while ((n = read(fd, ret->p + ret->len, GYL_TLS_PEM_MAX + 1 - ret->len)) > 0)
		ret->len += (size_t)n;
	if (n < 0)
		return not_read(b, path, strerror(errno));
	return ret->len <= GYL_TLS_PEM_MAX ||
	       not_read(b, path, "expected at most 256 KiB of certificates");
}

static bool read_file(
	const struct gyl_flat *f, struct gyl_ref ref, struct gyl_build *b, struct part *ret)
{
	const char *path = ref.cnt == 0 ? "" : gyl_flat_at(f, ref);
	bool good;
	int fd;

	if (path[0] == '\0')
		return true;
	gyl_build_file(b, path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return not_read(b, path, strerror(errno));
	good = read_fd(b, path, fd, ret);
	close(fd);
	return good;
}

static bool read_peers(const struct gyl_flat *f, struct gyl_ref ref, struct part *ret)
{
	const struct gyl_ref *name = gyl_flat_at(f, ref);

	for (uint32_t i = 0; i < ref.cnt; i++) {
		struct gyl_view v = gyl_flat_view(f, name[i]);
		uint8_t *grown = realloc(ret->p, ret->len + v.len + 1);

		if (grown == NULL)
			return false;
		ret->p = grown;
		if (v.len != 0)
			memcpy(ret->p + ret->len, v.p, v.len);
		ret->p[ret->len + v.len] = '\0';
		ret->len += v.len + 1;
	}
	return true;
}

/* ---- what was read, as OpenSSL sees it ---- */

static struct gyl_tls_ctx *use(
	const struct item *it, const uint8_t *p, bool server, struct gyl_tls_fault *f)
{
	struct gyl_view peer[GYL_TLS_PEER_MAX];
	struct gyl_tls_conf cf = {.peer = peer};
	size_t at = 0;

	cf.cert = gyl_view(p, it->len[GYL_TLS_CERT]);
	p += it->len[GYL_TLS_CERT];
	cf.key = gyl_view(p, it->len[GYL_TLS_KEY]);
	p += it->len[GYL_TLS_KEY];
	cf.ca = gyl_view(p, it->len[GYL_TLS_CA]);
	p += it->len[GYL_TLS_CA];
	while (cf.peer_cnt < it->peer_cnt && cf.peer_cnt < GYL_TLS_PEER_MAX &&
		at < it->len[GYL_TLS_PEER]) {
		size_t len = strnlen((const char *)p + at, it->len[GYL_TLS_PEER] - at);

		peer[cf.peer_cnt++] = gyl_view(p + at, len);
		at += len + 1;
	}
	return gyl_tls_ctx_new(&cf, server, f);
}

static const char *path_of(
	const struct gyl_flat *f, const struct gyl_syslogd_secure *s, enum gyl_tls_part part)
{
	const struct gyl_ref ref[] = {s->cert, s->key, s->ca, {0}};

	return ref[part].cnt == 0 ? "" : gyl_flat_at(f, ref[part]);
}

/* With the file, or the key of the configuration when there is none. */
static bool refuse(const struct gyl_flat *f, const struct gyl_syslogd_secure *s,
	const struct gyl_tls_fault *fault, struct gyl_build *b)
{
	const char *path = path_of(f, s, fault->part);

	if (path[0] != '\0')
		gyl_build_error(b, path, 0, 0, "%s", fault->text);
	else
		gyl_build_error(
			b, "", 0, 0, "%s%s: %s", s->at, s->key_of[fault->part], fault->text);
	return false;
}

static bool put(const struct gyl_flat *f, const struct gyl_syslogd_secure *s,
	const struct part part[4], struct gyl_build *b)
{
	struct item it = {.owner = s->owner, .peer_cnt = s->peer.cnt};
	struct gyl_tls_fault fault = {.text = ""};
	struct gyl_tls_ctx *ctx;
	uint8_t *all, *p;
	size_t len = 0;
	bool good;

	for (unsigned i = 0; i < 4; i++) {
		it.len[i] = (uint32_t)part[i].len;
		len += part[i].len;
	}
	all = p = malloc(len + 1);
	if (all == NULL)
		return not_read(b, s->at, "no memory");
	for (unsigned i = 0; i < 4; i++) {
		if (part[i].len != 0)
			memcpy(p, part[i].p, part[i].len);
		p += part[i].len;
	}
	ctx = use(&it, all, s->server, &fault);
	good = ctx != NULL ? fwrite(&it, sizeof it, 1, gyl_build_out(b)) == 1 &&
				     fwrite(all, 1, len, gyl_build_out(b)) == len
			   : refuse(f, s, &fault, b);
	gyl_tls_ctx_free(ctx);
	free(all);
	return good;
}

bool gyl_syslogd_secure_put(
	const struct gyl_flat *f, const struct gyl_syslogd_secure *s, struct gyl_build *b)
{
	struct part part[4] = {{NULL, 0}};
	bool good = read_file(f, s->cert, b, &part[GYL_TLS_CERT]);

	/* all of them, so that all are watched, and all errors told */
	good = read_file(f, s->key, b, &part[GYL_TLS_KEY]) && good;
	good = read_file(f, s->ca, b, &part[GYL_TLS_CA]) && good;
	good = good && read_peers(f, s->peer, &part[GYL_TLS_PEER]) && put(f, s, part, b);
	for (unsigned i = 0; i < 4; i++)
		free(part[i].p);
	return good;
}

struct gyl_tls_ctx *gyl_syslogd_secure_get(struct gyl_view block, uint32_t owner, bool server)
{
	struct gyl_tls_fault fault;
	struct item it;

	while (block.len >= sizeof it) {
		size_t len = sizeof it;

		memcpy(&it, block.p, sizeof it);
		for (unsigned i = 0; i < 4; i++)
			len += it.len[i];
		if (len > block.len)
			return NULL;
		if (it.owner == owner)
			return use(&it, block.p + sizeof it, server, &fault);
		block = gyl_view_sub(block, len, block.len);
	}
	return NULL;
}
