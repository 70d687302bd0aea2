/* SPDX-License-Identifier: ISC */
#include "services/guyline/passwd.h"

#include <errno.h>
#include <getopt.h>
#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <gyl/password.h>
#include <gyl/secret.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

#include "services/base/secret.h"

enum {
	SALT_LEN = 16,
	HASH_LEN = 32,
	LN = 17, /* 128 MiB, 0.2 s */
	R = 8,
	ITER_CNT = 600000, /* 50 ms with SHA instructions, 0.2 s without */
	TOKEN_BITS = 128,
	TOKEN_LETTERS = (TOKEN_BITS + 4) / 5
};

/* What a string on the command line may ask for: about a minute, and memory as for ln=20, r=8. */
static const size_t mem_max = ((size_t)1 << 30) + ((size_t)1 << 20);
static const uint64_t work_max = (uint64_t)1 << 36;

struct options {
	struct gyl_password pw;
	const char *verify; /* the string */
	bool token;
};

/* What somebody typed. gyl_wipe() it. */
struct line {
	char text[GYL_PASSWD_MAX + 1];
	size_t len;
};

/* From a terminal without echo, else a line of standard input. False: said why not. */
static bool ask(const char *prompt, struct line *ret_line)
{
	const size_t cap = sizeof ret_line->text;
	char err[200];
	bool good = isatty(STDIN_FILENO) ? gyl_secret_ask(prompt, ret_line->text, cap, err)
					 : gyl_secret_file("-", ret_line->text, cap, err);

	if (!good)
		fprintf(stderr, "guyline: %s\n", err);
	ret_line->len = strlen(ret_line->text);
	return good;
}

/* Random octets, for salts and tokens. */
static bool draw(uint8_t *p, size_t len)
{
	if (getrandom(p, len, 0) == (ssize_t)len)
		return true;
	fprintf(stderr, "guyline: getrandom: %s\n", strerror(errno));
	return false;
}

static int complain(int err)
{
	fprintf(stderr, "guyline: %s\n", gyl_crypto_err_text(err));
	return err == GYL_CRYPTO_E_OS ? EX_OSERR : EX_DATAERR;
}

static int derive(struct gyl_password_work *w, const struct gyl_password *pw,
	const struct line *line, void *scratch, size_t scratch_len)
{
	int err = gyl_password_begin(
		w, pw, gyl_cpu_detect(), line->text, line->len, scratch, scratch_len, 0);

	if (err != GYL_CRYPTO_OK)
		return err;
	do
		err = gyl_password_step(w, SIZE_MAX);
	while (err == GYL_CRYPTO_MORE);
	return err;
}

/* Derive; then the verdict about *pw, or its hash written anew. */
static int work(struct gyl_password *pw, const struct line *line, bool verify)
{
	size_t scratch_len = gyl_password_need(pw);
	struct gyl_password_work w;
	void *scratch = NULL;
	int err;

	if (scratch_len != 0 && gyl_secret_map(scratch_len, &scratch) != GYL_CRYPTO_OK)
		return GYL_CRYPTO_E_OS;
	err = derive(&w, pw, line, scratch, scratch_len);
	if (err == GYL_CRYPTO_OK)
		err = verify ? gyl_password_verdict(&w) : gyl_password_store(&w, pw);
	gyl_password_end(&w);
	gyl_secret_unmap(scratch, scratch_len);
	return err;
}

/* The stored string of a line, on a line. */
static int store(struct gyl_password *pw, const struct line *line)
{
	char text[GYL_PASSWORD_TEXT_MAX];
	int err;

	if (!draw(pw->salt, pw->salt_len))
		return EX_OSERR;
	err = work(pw, line, false);
	if (err == GYL_CRYPTO_OK)
		err = gyl_password_print(pw, text, sizeof text, NULL);
	if (err != GYL_CRYPTO_OK)
		return complain(err);
	return puts(text) < 0 || fflush(stdout) != 0 ? EX_IOERR : EX_OK;
}

static int make(struct gyl_password *pw)
{
	struct line line, again;
	int status = EX_NOINPUT;

	if (!ask("Password: ", &line))
		return EX_NOINPUT;
	if (line.len == 0) {
		fprintf(stderr, "guyline: the password is empty\n");
	} else if (!isatty(STDIN_FILENO)) {
		status = store(pw, &line);
	} else if (ask("Once more: ", &again)) {
		if (line.len == again.len && gyl_ct_eq(line.text, again.text, line.len))
			status = store(pw, &line);
		else
			fprintf(stderr, "guyline: the two differ\n");
		gyl_wipe(&again, sizeof again);
	}
	gyl_wipe(&line, sizeof line);
	return status;
}

/* RFC 4648 6 without padding, in small letters: nothing in it is taken for something else. */
static void base32(char *text, const uint8_t *p, size_t len)
{
	unsigned bits = 0, bit_cnt = 0;

	for (size_t i = 0; i < len; i++) {
		bits = (bits << 8 | p[i]) & 0xffff;
		for (bit_cnt += 8; bit_cnt >= 5; bit_cnt -= 5)
			*text++ = "abcdefghijklmnopqrstuvwxyz234567"[bits >> (bit_cnt - 5) & 31];
	}
	if (bit_cnt != 0)
		*text = "abcdefghijklmnopqrstuvwxyz234567"[bits << (5 - bit_cnt) & 31];
}

/*
 * A token and its string. Iterations make up for passwords that can be guessed. 128 random bits
 * cannot, however cheap a guess is, so the least number does and verifying takes 0.1 ms.
 */
static int make_token(struct gyl_password *pw)
{
	struct line line = {.len = TOKEN_LETTERS};
	uint8_t bits[TOKEN_BITS / 8];
	int status = EX_OSERR;

	pw->kind = GYL_PASSWORD_PBKDF2_SHA256;
	pw->iter_cnt = GYL_PASSWORD_ITER_MIN;
	if (draw(bits, sizeof bits)) {
		base32(line.text, bits, sizeof bits);
		line.text[line.len] = '\n';
		/* Not by way of stdio, whose buffer nobody wipes. */
		if (write(STDOUT_FILENO, line.text, line.len + 1) == (ssize_t)line.len + 1)
			status = store(pw, &line);
		else
			status = EX_IOERR;
	}
	gyl_wipe(bits, sizeof bits);
	gyl_wipe(&line, sizeof line);
	return status;
}

static int verify(const char *text)
{
	struct line line;
	struct gyl_password pw;
	size_t off = 0;
	int err = gyl_password_parse(text, strlen(text), &pw, &off);

	if (err != GYL_CRYPTO_OK) {
		fprintf(stderr, "guyline: octet %zu of the string: %s\n", off,
			gyl_crypto_err_text(err));
		return EX_DATAERR;
	}
	err = gyl_password_cap(&pw, mem_max, work_max);
	if (err != GYL_CRYPTO_OK)
		return complain(err);
	if (!ask("Password: ", &line))
		return EX_NOINPUT;
	err = work(&pw, &line, true);
	gyl_wipe(&line, sizeof line);
	if (err == GYL_CRYPTO_OK || err == GYL_CRYPTO_E_MISMATCH)
		return err == GYL_CRYPTO_OK ? EX_OK : 1;
	return complain(err);
}

static void usage(FILE *out)
{
	fprintf(out,
		"usage: guyline passwd [--kind KIND] [--ln N] [--iterations N]\n"
		"       guyline passwd --token\n"
		"       guyline passwd --verify STRING\n\n"
		"  --kind KIND      scrypt (default) or pbkdf2-sha256\n"
		"  --ln N           scrypt: 2^N blocks of 1 KiB (%d)\n"
		"  --iterations N   pbkdf2-sha256: how many (%d)\n"
		"  --token          draw 128 random bits; print them, and their string\n"
		"  --verify STRING  ask for a password; exit status 0 when STRING is its, 1 when not\n",
		LN, ITER_CNT);
}

/* A number from min to max; false: said so. */
static bool number(const char *name, const char *text, unsigned long long min,
	unsigned long long max, unsigned long long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *ret >= min &&
		*ret <= max)
		return true;
	fprintf(stderr, "guyline: --%s %s: a number from %llu to %llu\n", name, text, min, max);
	return false;
}

static bool kind_of(const char *text, uint8_t *ret)
{
	if (strcmp(text, "scrypt") == 0)
		*ret = GYL_PASSWORD_SCRYPT;
	else if (strcmp(text, "pbkdf2-sha256") == 0)
		*ret = GYL_PASSWORD_PBKDF2_SHA256;
	else
		fprintf(stderr, "guyline: --kind %s: scrypt or pbkdf2-sha256\n", text);
	return *ret <= GYL_PASSWORD_PBKDF2_SHA256;
}

/* The kind is what --kind says, or what the other option is of. */
static bool option(struct options *o, int letter, const char *arg)
{
	uint8_t kind = UINT8_MAX;
	unsigned long long n;

	switch (letter) {
	case 'k':
		if (!kind_of(arg, &kind))
			return false;
		break;
	case 'l':
		if (!number("ln", arg, 1, 20, &n))
			return false;
		kind = GYL_PASSWORD_SCRYPT;
		o->pw.cost.n = (uint64_t)1 << n;
		break;
	case 'i':
		if (!number("iterations", arg, GYL_PASSWORD_ITER_MIN, work_max / 128, &n))
			return false;
		kind = GYL_PASSWORD_PBKDF2_SHA256;
		o->pw.iter_cnt = n;
		break;
	default:
		return false;
	}
	if (o->pw.kind != UINT8_MAX && o->pw.kind != kind) {
		fprintf(stderr, "guyline: --ln is of scrypt, --iterations of pbkdf2-sha256\n");
		return false;
	}
	o->pw.kind = kind;
	return true;
}

/* Returns an exit status, or -1: go on. */
static int read_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {{"kind", required_argument, NULL, 'k'},
		{"ln", required_argument, NULL, 'l'}, {"iterations", required_argument, NULL, 'i'},
		{"token", no_argument, NULL, 't'}, {"verify", required_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int letter;

	for (optind = 1; (letter = getopt_long(argc, argv, "+", longs, NULL)) != -1;) {
		if (letter == 'h') {
			usage(stdout);
			return EX_OK;
		}
		if (letter == 't')
			o->token = true;
		else if (letter == 'v')
			o->verify = optarg;
		else if (!option(o, letter, optarg))
			return EX_USAGE;
	}
	if (optind == argc && (o->verify != NULL) + o->token + (o->pw.kind != UINT8_MAX) <= 1)
		return -1;
	usage(stderr);
	return EX_USAGE;
}

int gyl_passwd_main(int argc, char **argv)
{
	struct options o = {.pw = {.kind = UINT8_MAX,
				    .salt_len = SALT_LEN,
				    .hash_len = HASH_LEN,
				    .cost = {(uint64_t)1 << LN, R, 1},
				    .iter_cnt = ITER_CNT}};
	int status = read_options(&o, argc, argv);

	if (status != -1)
		return status;
	if (o.verify != NULL)
		return verify(o.verify);
	if (o.token)
		return make_token(&o.pw);
	if (o.pw.kind == UINT8_MAX)
		o.pw.kind = GYL_PASSWORD_SCRYPT;
	return make(&o.pw);
}
