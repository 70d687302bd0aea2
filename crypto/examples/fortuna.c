/* SPDX-License-Identifier: ISC */

/* Start of a service: a seed file, the kernel as a source, and a generator for a thread. The seed
 * for the next start is durable before anything is made of this one. */

#define _DEFAULT_SOURCE /* clock_gettime, pwrite, fsync */
#include <fcntl.h>
#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <gyl/fortuna.h>
#include <gyl/secret.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum {
	SOURCE_KERNEL
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* No credit: the file may be a copy, from an image or a backup. */
static void seed_load(struct gyl_fortuna *f, const char *path)
{
	uint8_t seed[GYL_FORTUNA_SEED_LEN];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (read(fd, seed, sizeof seed) == (ssize_t)sizeof seed)
		gyl_fortuna_seed(f, seed, sizeof seed, 0);
	gyl_wipe(seed, sizeof seed);
	close(fd);
}

static int seed_save(struct gyl_fortuna *f, const char *path)
{
	uint8_t seed[GYL_FORTUNA_SEED_LEN];
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	int bad = fd < 0 || gyl_fortuna_seed_make(f, now_ns(), seed) != GYL_CRYPTO_OK ||
		  pwrite(fd, seed, sizeof seed, 0) != (ssize_t)sizeof seed || fsync(fd) != 0;

	gyl_wipe(seed, sizeof seed);
	if (fd >= 0)
		close(fd);
	return bad ? -1 : 0;
}

/* 32 octets in pool 0: to be repeated every few minutes, and after gyl_fortuna_fork_child(). */
static void kernel_event(struct gyl_fortuna *f)
{
	uint8_t data[GYL_FORTUNA_EVENT_MAX];

	if (getrandom(data, sizeof data, GRND_NONBLOCK) == (ssize_t)sizeof data)
		gyl_fortuna_event_to(f, SOURCE_KERNEL, 0, data, sizeof data, 256 * 1000);
	gyl_wipe(data, sizeof data);
}

static int serve(struct gyl_fortuna *f, const char *path)
{
	struct gyl_rng thread;
	uint8_t token[16];

	gyl_fortuna_init(f, gyl_cpu_detect(), 0);
	seed_load(f, path);
	kernel_event(f);
	if (seed_save(f, path) != 0) {
		fprintf(stderr, "%s: no seed for the next start\n", path);
		return 1;
	}
	gyl_rng_init(&thread, GYL_RNG_CHACHA20, gyl_cpu_detect(), GYL_RNG_HEDGE);
	if (gyl_fortuna_child(f, now_ns(), &thread) != GYL_CRYPTO_OK ||
		gyl_rng_read(&thread, token, sizeof token) != GYL_CRYPTO_OK)
		return 1;
	for (size_t i = 0; i < sizeof token; i++)
		printf("%02x", token[i]);
	puts("");
	gyl_rng_wipe(&thread);
	return 0;
}

int main(int argc, char **argv)
{
	void *pages; /* zeros in a forked child: it has to gyl_fortuna_init() and begin anew */
	int status;

	if (argc != 2) {
		fprintf(stderr, "usage: %s SEED-FILE\n", argv[0]);
		return 2;
	}
	if (gyl_secret_map(sizeof(struct gyl_fortuna), &pages) != GYL_CRYPTO_OK) {
		perror("pages for secrets");
		return 1;
	}
	status = serve(pages, argv[1]);
	gyl_secret_unmap(pages, sizeof(struct gyl_fortuna));
	return status;
}
