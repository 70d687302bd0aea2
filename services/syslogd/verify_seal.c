/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "services/syslogd/verify.h"

enum {
	FRAME_MAX = GYL_SEAL_FRAMES_TEXT_MAX + GYL_SEAL_OVERHEAD,
	/* Numbers tried to tell which frame it is that stands in a wrong place. */
	TRY_MAX = 256
};

/* A file that is gone through. */
struct walk {
	struct gyl_syslogd_sealed s;
	uint32_t cpu;
	struct gyl_sha256 hash; /* of what was right */
	uint64_t number, off;   /* the next frame */
	size_t len;
	uint8_t *raw, *text; /* FRAME_MAX octets each */
	struct gyl_syslogd_finding *f;
};

static bool found(struct walk *w, const char *text)
{
	w->f->frame = w->number;
	w->f->off = w->off;
	snprintf(w->f->text, sizeof w->f->text, "%s", text);
	return false;
}

static bool found_err(struct walk *w, int err)
{
	return found(w, gyl_syslogd_sealed_why(err, w->s.io_err));
}

static bool opens(struct walk *w, uint64_t number, bool last)
{
	return gyl_seal_frames_get(&w->s.frames, number, last, w->raw, w->len, w->text) ==
	       GYL_SEAL_OK;
}

/* A frame that does not belong here: where would it? */
static bool explain(struct walk *w)
{
	char text[120];

	for (uint64_t n = 0; n < TRY_MAX; n++) {
		if (opens(w, n, true)) {
			snprintf(text, sizeof text,
				n == w->number
					? "something follows the last frame"
					: "the last frame, whose number is %llu, stands here",
				(unsigned long long)n);
			return found(w, text);
		}
		if (n != w->number && opens(w, n, false)) {
			snprintf(text, sizeof text,
				"frame %llu of this segment stands here: frames were exchanged, "
				"repeated or taken out",
				(unsigned long long)n);
			return found(w, text);
		}
	}
	return found(w, "the frame is not what was sealed here");
}

/* The next frame in front of the last one. */
static bool frame(struct walk *w)
{
	int err = gyl_syslogd_sealed_raw(&w->s, w->off, w->len, w->raw);

	if (err != 0)
		return found_err(w, err);
	if (!opens(w, w->number, false))
		return explain(w);
	gyl_sha256_update(&w->hash, w->raw, w->len);
	w->off += w->len;
	w->number++;
	return true;
}

static bool last(struct walk *w, struct gyl_syslogd_manifest *ret_m, struct gyl_syslogd_link *link)
{
	uint8_t hash[GYL_SYSLOGD_SEAL_HASH_LEN];
	int err = gyl_syslogd_sealed_raw(&w->s, w->off, w->len, w->raw);

	if (err != 0)
		return found_err(w, err);
	if (opens(w, w->number, false))
		return found(w, "the file ends with this frame: those behind it were cut off");
	err = gyl_syslogd_unseal_last(
		&w->s.frames, w->number, gyl_view(w->raw, w->len), ret_m, link);
	if (err != 0)
		return explain(w);
	gyl_sha256_final(&w->hash, hash);
	if (memcmp(hash, ret_m->frames_hash, sizeof hash) != 0)
		return found(w, "the frames are not those that its manifest speaks of");
	return true;
}

static bool walk_all(
	struct walk *w, struct gyl_syslogd_manifest *ret_m, struct gyl_syslogd_link *ret_link)
{
	bool good = true, end = false;

	gyl_sha256_init(&w->hash, w->cpu);
	gyl_sha256_update(&w->hash, w->s.header, sizeof w->s.header);
	w->off = GYL_SEAL_HEADER_LEN;
	while (good && !end) {
		int err = gyl_syslogd_sealed_len(&w->s, w->off, &w->len, &end);

		if (err != 0)
			return found_err(w, err);
		good = end ? last(w, ret_m, ret_link) : frame(w);
	}
	return good;
}

/* The name in the chain of a file that does not open. */
static void link_unopened(struct walk *w, struct gyl_syslogd_link *ret_link)
{
	uint8_t raw[GYL_SYSLOGD_SEAL_LAST_LEN];

	if (w->s.len > sizeof raw &&
		gyl_syslogd_sealed_raw(&w->s, w->s.len - sizeof raw, sizeof raw, raw) == 0)
		gyl_syslogd_link_of(w->cpu, gyl_view(raw, sizeof raw), ret_link);
}

static bool open_and_walk(int fd, struct walk *w, struct gyl_syslogd_keys *keys,
	struct gyl_syslogd_manifest *ret_m, struct gyl_syslogd_link *ret_link)
{
	int err = gyl_syslogd_sealed_open(&w->s, fd, keys);
	bool good = false;

	link_unopened(w, ret_link);
	w->raw = malloc(FRAME_MAX);
	w->text = malloc(FRAME_MAX);
	if (err != 0 || w->raw == NULL || w->text == NULL) {
		w->number = w->off = UINT64_MAX;
		found(w, err != 0 ? gyl_syslogd_sealed_why(err, w->s.io_err) : "no memory");
	} else {
		good = walk_all(w, ret_m, ret_link);
	}
	free(w->raw);
	free(w->text);
	gyl_syslogd_sealed_close(&w->s);
	return good;
}

/* The sealed segment is right: is it the one that the name says? */
static bool named_so(const struct gyl_syslogd_closed *c, const struct gyl_syslogd_manifest *m,
	struct gyl_syslogd_finding *f)
{
	char base[GYL_SYSLOGD_NAME_MAX];

	gyl_syslogd_archive_name(m->closed_ns, m->last_seq, base);
	if (strcmp(base, c->base) == 0)
		return true;
	snprintf(f->text, sizeof f->text, "the segment was sealed as %s: it was renamed", base);
	return false;
}

static bool has_index(int dir_fd, const char *name, struct gyl_syslogd_keys *keys,
	const struct gyl_syslogd_manifest *m, struct gyl_syslogd_finding *f)
{
	uint8_t hash[GYL_SYSLOGD_SEAL_HASH_LEN], *text;
	size_t len;
	int err = gyl_syslogd_sealed_small(dir_fd, name, keys, &text, &len, hash, NULL);

	if (err != 0) {
		snprintf(f->text, sizeof f->text, "its index, %s: %s", name,
			gyl_syslogd_sealed_why(err, errno));
		return false;
	}
	free(text);
	if (memcmp(hash, m->index_hash, sizeof hash) == 0)
		return true;
	snprintf(f->text, sizeof f->text, "its index, %s, is another one than the manifest names",
		name);
	return false;
}

bool gyl_syslogd_verify_sealed(int dir_fd, const struct gyl_syslogd_closed *c,
	struct gyl_syslogd_keys *keys, struct gyl_syslogd_manifest *ret_m,
	struct gyl_syslogd_link *ret_link, struct gyl_syslogd_finding *f)
{
	char name[GYL_SYSLOGD_NAME_MAX];
	struct walk w = {.cpu = gyl_syslogd_keys_cpu(keys), .f = f};
	bool good;
	int fd;

	f->frame = f->off = UINT64_MAX;
	memset(ret_link, 0, sizeof *ret_link);
	gyl_syslogd_archive_file(c->base, GYL_SYSLOGD_SEAL, name);
	fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0) {
		snprintf(f->text, sizeof f->text, "%s", strerror(errno));
		return false;
	}
	good = open_and_walk(fd, &w, keys, ret_m, ret_link);
	close(fd);
	gyl_syslogd_archive_file(c->base, GYL_SYSLOGD_IDX_SEAL, name);
	return good && named_so(c, ret_m, f) && has_index(dir_fd, name, keys, ret_m, f);
}
