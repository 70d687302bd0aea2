/* SPDX-License-Identifier: ISC */

/* guyline-zonec --sign: its options, and the way to the signer. */

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <gyl/dns_text.h>

#include "services/base/build_own.h"
#include "services/dns/zonec/main_own.h"
#include "services/dns/zonec/sign.h"

enum {
	SKEW_S = 3600, /* clocks of others may be behind */
	VALID_S = 28 * 24 * 3600,
	STAMP_LEN = 14
};

static const char usage[] =
	"usage: guyline-zonec --sign [-q] -o FILE [--key BASE ...] [--new-key ALGORITHM]\n"
	"                     [--nsec3] [--opt-out] [--salt HEX] [--from TIME] [--until TIME]\n"
	"                     ZONE=FILE\n";

static const char help[] =
	"\n"
	"sign a zone: write it with DNSKEY, RRSIG, and NSEC or NSEC3\n"
	"\n"
	"  -o FILE              where the signed zone is written\n"
	"  --key BASE           a key: the files BASE.key and BASE.private\n"
	"  --new-key ALGORITHM  make a key: ed25519 or ecdsap256sha256; its files, and one with\n"
	"                       the DS, lie beside the signed zone\n"
	"  --nsec3              deny names by NSEC3 instead of NSEC\n"
	"  --opt-out            NSEC3 without delegations that have no DS\n"
	"  --salt HEX           of NSEC3; default none (RFC 9276 3.1)\n"
	"  --from TIME          begin of validity, YYYYMMDDHHMMSS in UTC; default an hour ago\n"
	"  --until TIME         its end, the same or a period from now; default 4w\n"
	"  -q                   tell errors only\n";

enum opt {
	OPT_KEY = 256,
	OPT_NEW_KEY,
	OPT_NSEC3,
	OPT_OPT_OUT,
	OPT_SALT,
	OPT_FROM,
	OPT_UNTIL,
	OPT_HELP
};

static const struct option options[] = {
	{"sign", no_argument, NULL, 0},
	{"key", required_argument, NULL, OPT_KEY},
	{"new-key", required_argument, NULL, OPT_NEW_KEY},
	{"nsec3", no_argument, NULL, OPT_NSEC3},
	{"opt-out", no_argument, NULL, OPT_OPT_OUT},
	{"salt", required_argument, NULL, OPT_SALT},
	{"from", required_argument, NULL, OPT_FROM},
	{"until", required_argument, NULL, OPT_UNTIL},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

/* What the options say. */
struct wish {
	struct gyl_sign sign;
	const char *out, *base[GYL_SIGN_KEYS_MAX];
	size_t base_cnt;
	uint8_t new_algorithm; /* 0: none */
	bool quiet, help;
};

static int bad(const char *what, const char *arg)
{
	fprintf(stderr, "guyline-zonec: \"%s\" is no %s\n%s", arg, what, usage);
	return EX_USAGE;
}

static bool parse_stamp(const char *text, uint32_t *ret_s)
{
	struct tm tm = {.tm_isdst = 0};
	const char *end = strlen(text) == STAMP_LEN ? strptime(text, "%Y%m%d%H%M%S", &tm) : NULL;
	time_t t = end == NULL || *end != '\0' ? -1 : timegm(&tm);

	if (t < 0)
		return false;
	*ret_s = (uint32_t)t; /* RFC 4034 3.1.5: it wraps */
	return true;
}

static bool parse_time(const char *text, uint32_t *ret_s)
{
	uint32_t period_s;

	if (parse_stamp(text, ret_s))
		return true;
	if (gyl_failed(gyl_dns_period_parse(gyl_view_str(text), &period_s)))
		return false;
	*ret_s = (uint32_t)time(NULL) + period_s;
	return true;
}

static bool parse_algorithm(const char *text, uint8_t *ret_algorithm)
{
	static const struct {
		const char *name;
		uint8_t algorithm;
	} known[] = {{"ed25519", GYL_SIGN_ED25519}, {"ecdsap256sha256", GYL_SIGN_ECDSAP256SHA256}};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcasecmp(text, known[i].name) == 0) {
			*ret_algorithm = known[i].algorithm;
			return true;
		}
	return false;
}

static bool parse_salt(const char *text, struct gyl_sign *how)
{
	size_t len = strlen(text);

	if (len % 2 != 0 || len / 2 > sizeof how->salt)
		return false;
	for (size_t i = 0; i < len; i += 2) {
		char digits[3] = {text[i], text[i + 1], '\0'}, *end;

		how->salt[i / 2] = (uint8_t)strtoul(digits, &end, 16);
		if (end != digits + 2 || digits[0] == '-' || digits[0] == '+')
			return false;
	}
	how->salt_len = (uint8_t)(len / 2);
	return true;
}

static int take_option(struct wish *w, int opt)
{
	switch (opt) {
	case 0:
		return EX_OK;
	case 'q':
		w->quiet = true;
		return EX_OK;
	case 'o':
		w->out = optarg;
		return EX_OK;
	case OPT_KEY:
		if (w->base_cnt == GYL_SIGN_KEYS_MAX)
			return bad("key more: there are too many", optarg);
		w->base[w->base_cnt++] = optarg;
		return EX_OK;
	case OPT_NEW_KEY:
		return parse_algorithm(optarg, &w->new_algorithm) ? EX_OK
								  : bad("algorithm", optarg);
	case OPT_NSEC3:
		w->sign.nsec3 = true;
		return EX_OK;
	case OPT_OPT_OUT:
		w->sign.nsec3 = w->sign.opt_out = true;
		return EX_OK;
	case OPT_SALT:
		return parse_salt(optarg, &w->sign) ? EX_OK : bad("salt", optarg);
	case OPT_FROM:
		return parse_stamp(optarg, &w->sign.inception_s) ? EX_OK : bad("time", optarg);
	case OPT_UNTIL:
		return parse_time(optarg, &w->sign.expiration_s) ? EX_OK : bad("time", optarg);
	case OPT_HELP:
		w->help = true;
		return EX_OK;
	default:
		fputs(usage, stderr);
		return EX_USAGE;
	}
}

static int take_options(struct wish *w, int argc, char **argv)
{
	uint32_t now_s = (uint32_t)time(NULL);
	int opt, status = EX_OK;

	w->sign.inception_s = now_s - SKEW_S;
	w->sign.expiration_s = now_s + VALID_S;
	while (status == EX_OK && (opt = getopt_long(argc, argv, "o:q", options, NULL)) != -1)
		status = take_option(w, opt);
	if (status != EX_OK || w->help)
		return status;
	if (optind + 1 != argc || w->out == NULL || (w->base_cnt == 0 && w->new_algorithm == 0)) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	/* RFC 4034 3.1.5: serial number arithmetic */
	if ((int32_t)(w->sign.expiration_s - w->sign.inception_s) <= 0) {
		fputs("guyline-zonec: the signatures would end before they begin\n", stderr);
		return EX_USAGE;
	}
	return EX_OK;
}

/* The directory of the signed zone, where its new key goes. */
static void dir_of(const char *path, char dir[4096])
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		snprintf(dir, 4096, ".");
	else
		snprintf(dir, 4096, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

static struct gyl_sign_key *new_key(const struct wish *w, const uint8_t *origin)
{
	char dir[4096], base[4096], why[GYL_SIGN_WHY_MAX];
	struct gyl_sign_key *k;

	dir_of(w->out, dir);
	k = gyl_sign_key_make(w->new_algorithm, origin, dir, base, why);
	if (k == NULL)
		fprintf(stderr, "guyline-zonec: %s\n", why);
	else if (!w->quiet)
		printf("new key: %s.key, %s.private, %s.ds\n", base, base, base);
	return k;
}

/* All keys. NULL after telling why not. */
static struct gyl_sign_key *open_keys(const struct wish *w, const uint8_t *origin)
{
	struct gyl_sign_key *list = NULL, **last = &list;
	char why[GYL_SIGN_WHY_MAX];

	for (size_t i = 0; i < w->base_cnt; i++) {
		*last = gyl_sign_key_read(w->base[i], origin, why);
		if (*last == NULL) {
			fprintf(stderr, "guyline-zonec: %s\n", why);
			gyl_sign_key_free(list);
			return NULL;
		}
		last = &(*last)->next;
	}
	if (w->new_algorithm == 0)
		return list;
	*last = new_key(w, origin);
	if (*last != NULL)
		return list;
	gyl_sign_key_free(list);
	return NULL;
}

/* Beside the file, then in its place: who reads it never sees half of one. */
static int write_signed(
	struct gyl_build *b, const struct wish *w, const uint8_t *origin, const char *path)
{
	char temp[4096];
	FILE *out = NULL;
	bool signed_well, ok;

	if ((size_t)snprintf(temp, sizeof temp, "%s.new", w->out) < sizeof temp)
		out = fopen(temp, "we");
	if (out == NULL) {
		fprintf(stderr, "guyline-zonec: cannot write %s: %s\n", w->out, strerror(errno));
		return EX_CANTCREAT;
	}
	signed_well = gyl_sign_zone(b, &w->sign, origin, path, out);
	ok = fflush(out) == 0 && fsync(fileno(out)) == 0;
	ok = fclose(out) == 0 && ok;
	if (signed_well && ok && rename(temp, w->out) == 0)
		return EX_OK;
	if (signed_well)
		fprintf(stderr, "guyline-zonec: cannot write %s: %s\n", w->out, strerror(errno));
	(void)unlink(temp);
	return signed_well ? EX_CANTCREAT : EX_DATAERR;
}

static int sign(struct wish *w, const uint8_t *origin, const char *path)
{
	struct gyl_sign_key *key = open_keys(w, origin);
	struct gyl_zonec_progress progress;
	struct gyl_build b;
	int status;

	if (key == NULL)
		return EX_NOINPUT;
	if (gyl_build_open(&b) != 0) {
		gyl_sign_key_free(key);
		return EX_OSERR;
	}
	w->sign.key = key;
	gyl__zonec_progress_open(&progress, w->quiet);
	w->sign.told = gyl__zonec_progress;
	w->sign.told_arg = &progress;
	status = write_signed(&b, w, origin, path);
	gyl__zonec_progress_close(&progress);
	gyl__zonec_notes(&b, w->quiet);
	gyl_build_close(&b);
	gyl_sign_key_free(key);
	return status;
}

int gyl__zonec_sign(int argc, char **argv)
{
	uint8_t origin[GYL_DNS_NAME_MAX];
	struct wish *w = calloc(1, sizeof *w);
	const char *path;
	int status;

	if (w == NULL)
		return EX_OSERR;
	status = take_options(w, argc, argv);
	if (status == EX_OK && w->help) {
		printf("%s%s", usage, help);
	} else if (status == EX_OK) {
		path = gyl__zonec_zone(argv[optind], origin);
		status = path == NULL ? bad("ZONE=FILE", argv[optind]) : sign(w, origin, path);
	}
	free(w);
	return status;
}
