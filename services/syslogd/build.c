/* SPDX-License-Identifier: ISC */
#include "services/syslogd/build.h"

#include "services/syslogd/conf.h"
#include "services/syslogd/seal_key.h"

/* It is read when the daemon starts; here, whether it can be. */
static bool check_passphrase(const char *path, struct gyl_build *b)
{
	char err[200];
	struct gyl_syslogd_keys *k = gyl_syslogd_keys_open(path, err);

	gyl_syslogd_keys_close(k);
	if (k == NULL)
		gyl_build_error(b, "seal.passphrase_file", 0, 0, "%s", err);
	return k != NULL;
}

bool gyl__syslogd_build(const struct gyl_flat *flat, const void *conf, struct gyl_build *b)
{
	const struct gyl_syslogd_conf *cf = conf;

	return cf->seal.passphrase_file.cnt == 0 ||
	       check_passphrase(gyl_flat_at(flat, cf->seal.passphrase_file), b);
}
