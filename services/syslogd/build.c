/* SPDX-License-Identifier: ISC */
#include "services/syslogd/build.h"

#include "services/syslogd/conf.h"
#include "services/syslogd/forward_tls.h"
#include "services/syslogd/seal_key.h"
#include "services/syslogd/secure.h"

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

static bool read_tls(
	const struct gyl_flat *f, const struct gyl_syslogd_conf *cf, struct gyl_build *b)
{
	struct gyl_syslogd_secure listen = {.owner = GYL_SYSLOGD_SECURE_LISTEN,
		.server = true,
		.at = "syslogd.",
		.key_of = {"tls_cert", "tls_key", "tls_client_ca", "tls_client"},
		.cert = cf->tls_cert,
		.key = cf->tls_key,
		.ca = cf->tls_client_ca,
		.peer = cf->tls_client};

	return cf->tls_port == 0 || gyl_syslogd_secure_put(f, &listen, b);
}

bool gyl__syslogd_build(const struct gyl_flat *flat, const void *conf, struct gyl_build *b)
{
	const struct gyl_syslogd_conf *cf = conf;
	bool good = read_tls(flat, cf, b);

	good = gyl_syslogd_forward_build(flat, cf, b) && good;
	if (cf->seal.passphrase_file.cnt != 0)
		good = check_passphrase(gyl_flat_at(flat, cf->seal.passphrase_file), b) && good;
	return good;
}
