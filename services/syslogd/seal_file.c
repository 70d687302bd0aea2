/* SPDX-License-Identifier: ISC */
#include "services/syslogd/seal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LEN_LEN = 4
};

/* Octets of an index that somebody reads whole; that of a segment of 64 MiB has one. */
static const uint64_t small_max = (uint64_t)1 << 30;

/* 0, GYL_SEAL_E_TRUNCATED when the file ends before, or GYL_SYSLOGD_SEALED_E_IO with errno. */
static int read_at(int fd, uint8_t *buf, size_t len, uint64_t off)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pread(fd, buf + done, len - done, (off_t)(off + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? GYL_SEAL_E_TRUNCATED : GYL_SYSLOGD_SEALED_E_IO;
		done += (size_t)n;
	}
	return 0;
}

static int note(struct gyl_syslogd_sealed *s, int err)
{
	if (err == GYL_SYSLOGD_SEALED_E_IO)
		s->io_err = errno;
	return err;
}

static int file_len(int fd, uint64_t *ret_len)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return GYL_SYSLOGD_SEALED_E_IO;
	*ret_len = (uint64_t)st.st_size;
	return 0;
}

int gyl_syslogd_sealed_open(struct gyl_syslogd_sealed *s, int fd, struct gyl_syslogd_keys *keys)
{
	int err;

	memset(s, 0, sizeof *s);
	s->fd = fd;
	err = file_len(fd, &s->len);
	if (err == 0)
		err = read_at(fd, s->header, sizeof s->header, 0);
	if (err == 0)
		err = gyl_syslogd_keys_find(keys, s->header, &s->key);
	if (err == 0)
		err = gyl_seal_frames_open(
			&s->frames, s->header, s->key, gyl_syslogd_keys_cpu(keys));
	return note(s, err);
}

void gyl_syslogd_sealed_close(struct gyl_syslogd_sealed *s)
{
	gyl_seal_frames_end(&s->frames);
}

int gyl_syslogd_sealed_len(
	struct gyl_syslogd_sealed *s, uint64_t off, size_t *ret_len, bool *ret_end)
{
	uint8_t in[LEN_LEN];
	int err = read_at(s->fd, in, sizeof in, off);
	size_t len;

	if (err != 0)
		return note(s, err);
	len = gyl_seal_frames_len(in);
	if (len == 0)
		return GYL_SEAL_E_FRAME;
	if (len > s->len - off)
		return GYL_SEAL_E_TRUNCATED;
	*ret_len = len;
	*ret_end = len == s->len - off;
	return 0;
}

int gyl_syslogd_sealed_raw(struct gyl_syslogd_sealed *s, uint64_t off, size_t len, uint8_t *buf)
{
	return note(s, read_at(s->fd, buf, len, off));
}

/* Where the last frame begins, and how many there are in front of it. */
static int find_last(struct gyl_syslogd_sealed *s, uint64_t *ret_off, uint64_t *ret_cnt)
{
	uint64_t off = GYL_SEAL_HEADER_LEN, cnt = 0;
	bool end = false;
	size_t len = 0;
	int err = gyl_syslogd_sealed_len(s, off, &len, &end);

	while (err == 0 && !end) {
		off += len;
		cnt++;
		err = gyl_syslogd_sealed_len(s, off, &len, &end);
	}
	*ret_off = off;
	*ret_cnt = cnt;
	return err;
}

int gyl_syslogd_sealed_last(struct gyl_syslogd_sealed *s, struct gyl_syslogd_manifest *ret_m,
	struct gyl_syslogd_link *ret_link, uint64_t *ret_off)
{
	uint8_t in[GYL_SYSLOGD_SEAL_LAST_LEN];
	uint64_t cnt;
	int err = find_last(s, ret_off, &cnt);

	if (err != 0)
		return err;
	/* What stands at the end is a frame of records: those behind it are missing. */
	if (s->len - *ret_off != sizeof in)
		return GYL_SEAL_E_TRUNCATED;
	err = gyl_syslogd_sealed_raw(s, *ret_off, sizeof in, in);
	return err != 0 ? err
			: gyl_syslogd_unseal_last(
				  &s->frames, cnt, gyl_view(in, sizeof in), ret_m, ret_link);
}

/* ---- small files ---- */

/* The whole file, of malloc(). */
static int slurp(int dir_fd, const char *name, uint8_t **ret, size_t *ret_len)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), err;
	uint64_t len = 0;

	*ret = NULL;
	if (fd < 0)
		return GYL_SYSLOGD_SEALED_E_IO;
	err = file_len(fd, &len);
	if (err == 0 && len < GYL_SEAL_HEADER_LEN)
		err = GYL_SEAL_E_TRUNCATED;
	if (err == 0 && len > small_max) {
		errno = EFBIG;
		err = GYL_SYSLOGD_SEALED_E_IO;
	}
	if (err == 0) {
		*ret = malloc(len);
		err = *ret == NULL ? GYL_SYSLOGD_SEALED_E_IO : read_at(fd, *ret, len, 0);
	}
	*ret_len = (size_t)len;
	close(fd);
	return err;
}

static void hash(uint32_t cpu, const uint8_t *p, size_t len, uint8_t *ret)
{
	struct gyl_sha256 h;

	gyl_sha256_init(&h, cpu);
	gyl_sha256_update(&h, p, len);
	gyl_sha256_final(&h, ret);
}

int gyl_syslogd_sealed_small(int dir_fd, const char *name, struct gyl_syslogd_keys *keys,
	uint8_t **ret_text, size_t *ret_len, uint8_t *ret_hash, const struct gyl_seal_key **ret_key)
{
	uint32_t cpu = gyl_syslogd_keys_cpu(keys);
	const struct gyl_seal_key *key;
	uint8_t *in, *text = NULL;
	size_t len;
	int err = slurp(dir_fd, name, &in, &len);

	if (err == 0)
		err = gyl_syslogd_keys_find(keys, in, &key);
	if (err == 0 && (text = malloc(len)) == NULL)
		err = GYL_SYSLOGD_SEALED_E_IO;
	if (err == 0 && ret_hash != NULL)
		hash(cpu, in, len, ret_hash);
	if (err == 0)
		err = gyl_syslogd_unseal_small(key, cpu, gyl_view(in, len), text, ret_len);
	free(in);
	if (err != 0) {
		free(text);
		return err;
	}
	*ret_text = text;
	if (ret_key != NULL)
		*ret_key = key;
	return 0;
}

int gyl_syslogd_seal_head_read(int dir_fd, struct gyl_syslogd_keys *keys,
	struct gyl_syslogd_seal_head *ret_h, const struct gyl_seal_key **ret_key)
{
	uint8_t *text;
	size_t len;
	int err = gyl_syslogd_sealed_small(
		dir_fd, GYL_SYSLOGD_HEAD_NAME, keys, &text, &len, NULL, ret_key);

	if (err != 0)
		return err;
	if (!gyl_syslogd_seal_head_decode(gyl_view(text, len), ret_h))
		err = GYL_SEAL_E_FRAME;
	free(text);
	return err;
}

const char *gyl_syslogd_sealed_why(int err, int io_err)
{
	return err == GYL_SYSLOGD_SEALED_E_IO ? strerror(io_err) : gyl_seal_err_text(err);
}
