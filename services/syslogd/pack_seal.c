/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>

#include "services/syslogd/pack_own.h"

/*
 * Packing into a sealed segment: what pack_step.c has ready is sealed before it is written, so
 * nothing of it is ever on the disk in the clear.
 */

_Static_assert(sizeof(((struct gyl__pack_files *)0)->sealed) >=
		       sizeof(((struct gyl__pack_files *)0)->record) + 8 * GYL_SEAL_OVERHEAD,
	"a record of the index, in frames of 64 KiB");

int gyl__pack_seal_begin(struct gyl__pack_files *f)
{
	int err = gyl_syslogd_sealer_begin(f->sealer, &f->seal, f->sealed);

	f->seal_len = (uint64_t)2 * GYL_SYSLOGD_SEAL_HEADER_LEN;
	if (err == 0)
		err = gyl__pack_write(f->data_fd, f->sealed, GYL_SYSLOGD_SEAL_HEADER_LEN);
	if (err == 0)
		err = gyl_syslogd_sealer_index(f->sealer, &f->seal_idx, f->sealed);
	if (err == 0)
		err = gyl__pack_write(f->idx_fd, f->sealed, GYL_SYSLOGD_SEAL_HEADER_LEN);
	return err;
}

int gyl__pack_seal_data(struct gyl__pack_files *f, size_t len)
{
	gyl_syslogd_sealing_put(&f->seal, f->data, len, f->sealed);
	f->seal_len += GYL_SYSLOGD_SEAL_OVERHEAD;
	return gyl__pack_write(f->data_fd, f->sealed, len + GYL_SYSLOGD_SEAL_OVERHEAD);
}

int gyl__pack_seal_index(struct gyl__pack_files *f, const uint8_t *p, size_t len)
{
	size_t sealed_len = gyl_syslogd_sealing_index_put(&f->seal_idx, p, len, f->sealed);

	f->seal_len += sealed_len - len;
	return gyl__pack_write(f->idx_fd, f->sealed, sealed_len);
}

int gyl__pack_seal_end(struct gyl__pack_files *f)
{
	struct gyl_syslogd_manifest *m = &f->manifest;
	int err;

	*m = (struct gyl_syslogd_manifest){.closed_ns = f->closed_ns,
		.first_seq = f->ix.first_seq,
		.last_seq = f->seq,
		.cnt = f->cnt,
		.text_len = f->ix.text_len};
	f->seal_len += GYL_SEAL_LAST_LEN + GYL_SYSLOGD_SEAL_LAST_LEN;
	gyl_syslogd_sealing_index_end(&f->seal_idx, f->sealed, m->index_hash);
	err = gyl__pack_write(f->idx_fd, f->sealed, GYL_SEAL_LAST_LEN);
	gyl_syslogd_sealer_end(f->sealer, &f->seal, m, f->sealed, &f->link);
	return err != 0 ? err : gyl__pack_write(f->data_fd, f->sealed, GYL_SYSLOGD_SEAL_LAST_LEN);
}

/* When the head cannot be written, the segment is there nevertheless, and follows the one that the
 * old head knows. */
int gyl__pack_seal_told(struct gyl__pack_files *f)
{
	if (f->sealer != NULL)
		(void)gyl_syslogd_sealer_sealed(f->sealer, &f->manifest, &f->link);
	return 0;
}

void gyl__pack_seal_wipe(struct gyl__pack_files *f)
{
	gyl_wipe(&f->seal, sizeof f->seal);
	gyl_wipe(&f->seal_idx, sizeof f->seal_idx);
}
