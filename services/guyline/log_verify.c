/* SPDX-License-Identifier: ISC */
#include "services/guyline/log_verify.h"

#include <fcntl.h>
#include <gyl/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "services/guyline/log_own.h"
#include "services/syslogd/verify.h"

enum {
	STATUS_BAD = 1, /* GYL__LOG_ERROR: it could not be looked at */
	LINE_CAP = 2048
};

/* ---- the passphrase ---- */

/* Is there a sealed segment, or the head of some? */
static bool is_sealed(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct gyl_syslogd_archive a;
	bool yes = fd >= 0 && faccessat(fd, GYL_SYSLOGD_HEAD_NAME, F_OK, 0) == 0;

	if (fd >= 0 && gyl_syslogd_archive_list(fd, &a) == 0) {
		for (size_t i = 0; i < a.cnt; i++)
			yes = yes || (a.at[i].has & GYL_SYSLOGD_SEAL) != 0;
		gyl_syslogd_archive_free(&a);
	}
	if (fd >= 0)
		close(fd);
	return yes;
}

bool gyl_log_keys(const char *dir, const char *passphrase_file, struct gyl_syslogd_keys **ret_keys)
{
	char err[200], prompt[300];

	*ret_keys = NULL;
	if (passphrase_file == NULL && (!is_sealed(dir) || !isatty(STDERR_FILENO)))
		return true;
	snprintf(prompt, sizeof prompt, "Passphrase of %.200s: ", dir);
	*ret_keys = passphrase_file != NULL ? gyl_syslogd_keys_open(passphrase_file, err)
					    : gyl_syslogd_keys_ask(prompt, err);
	if (*ret_keys == NULL)
		fprintf(stderr, "guyline: %s\n", err);
	return *ret_keys != NULL;
}

/* ---- what is told ---- */

static void put_json(const struct gyl_writer *w)
{
	if (gyl_writer_ok(w))
		printf("%.*s\n", (int)w->len, (const char *)w->p);
}

static void finding_json(const struct gyl_syslogd_finding *f)
{
	uint8_t buf[LINE_CAP];
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_json_init(&j, &w);
	gyl_json_obj(&j, NULL);
	gyl_json_cstr(&j, "file", f->file);
	if (f->frame != UINT64_MAX)
		gyl_json_u64(&j, "frame", f->frame);
	if (f->off != UINT64_MAX)
		gyl_json_u64(&j, "offset", f->off);
	gyl_json_cstr(&j, "wrong", f->text);
	gyl_json_end(&j);
	put_json(&w);
}

static void finding_text(const struct gyl_syslogd_finding *f)
{
	printf("%s: ", f->file);
	if (f->frame != UINT64_MAX)
		printf("frame %llu at octet %llu: ", (unsigned long long)f->frame,
			(unsigned long long)f->off);
	printf("%s\n", f->text);
}

static void tell(void *arg, const struct gyl_syslogd_finding *f)
{
	const bool *json = arg;

	if (*json)
		finding_json(f);
	else
		finding_text(f);
}

static void sum_json(const struct gyl_syslogd_verified *v)
{
	uint8_t buf[LINE_CAP];
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_json_init(&j, &w);
	gyl_json_obj(&j, NULL);
	gyl_json_bool(&j, "ok", v->bad_cnt == 0);
	gyl_json_u64(&j, "findings", v->bad_cnt);
	gyl_json_u64(&j, "segments", v->seg_cnt);
	gyl_json_u64(&j, "sealed", v->sealed_cnt);
	gyl_json_u64(&j, "records", v->line_cnt);
	gyl_json_u64(&j, "first", v->first_seq);
	gyl_json_u64(&j, "last", v->last_seq);
	if (v->sealed_cnt != 0)
		gyl_json_hex(&j, "link", gyl_view(v->link.hash, sizeof v->link.hash));
	gyl_json_end(&j);
	put_json(&w);
}

/* The newest link names all that was sealed so far: who keeps it has what is not promised here,
 * that no older state of the whole directory was put back. */
static void sum_text(const struct gyl_syslogd_verified *v)
{
	if (v->bad_cnt != 0)
		printf("NOT OK: %llu of ", (unsigned long long)v->bad_cnt);
	else
		printf("OK: ");
	printf("%llu segments, %llu records, seq %llu to %llu\n", (unsigned long long)v->seg_cnt,
		(unsigned long long)v->line_cnt, (unsigned long long)v->first_seq,
		(unsigned long long)v->last_seq);
	if (v->sealed_cnt == 0)
		return;
	printf("%llu sealed; the newest ends with record %llu, and is ",
		(unsigned long long)v->sealed_cnt, (unsigned long long)v->sealed_seq);
	for (size_t i = 0; i < sizeof v->link.hash; i++)
		printf("%02x", v->link.hash[i]);
	printf("\n");
}

int gyl_log_verify(const char *dir, const char *passphrase_file, bool json)
{
	struct gyl_syslogd_verified v;
	struct gyl_syslogd_keys *keys;
	int err;

	if (!gyl_log_keys(dir, passphrase_file, &keys))
		return GYL__LOG_ERROR;
	err = gyl_syslogd_verify(dir, keys, tell, &json, &v);
	gyl_syslogd_keys_close(keys);
	if (err != 0) {
		fprintf(stderr, "guyline: %s: %s\n", dir, strerror(-err));
		return GYL__LOG_ERROR;
	}
	if (json)
		sum_json(&v);
	else
		sum_text(&v);
	return v.bad_cnt == 0 ? 0 : STATUS_BAD;
}
