/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <errno.h>
#include <gyl/secret.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const size_t lens[] = {1, 4095, 4096, 4097, 100000};

static bool all_zero(const uint8_t *p, size_t len)
{
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= p[i];
	return any == 0;
}

static void mapped(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(lens); i++) {
		void *p = NULL;

		errno = 12345;
		assert_int_equal(gyl_secret_map(lens[i], &p), GYL_CRYPTO_OK);
		assert_int_equal(errno, 12345); /* also when it could not be locked */
		assert_true((uintptr_t)p % (uintptr_t)sysconf(_SC_PAGESIZE) == 0);
		assert_true(all_zero(p, lens[i]));
		memset(p, 0x5a, lens[i]);
		gyl_secret_unmap(p, lens[i]);
		/* Gone: a page that is not there cannot be told to be wiped. */
		assert_int_not_equal(msync(p, 1, MS_ASYNC), 0);
		assert_int_equal(errno, ENOMEM);
	}
	gyl_secret_unmap(NULL, 100);
}

static void refused(void **state)
{
	/* Nothing, more than can be counted in pages, more than can be addressed. */
	static const size_t cases[] = {0, SIZE_MAX, SIZE_MAX - 4095};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		void *p = &p;

		errno = 0;
		assert_int_equal(gyl_secret_map(cases[i], &p), GYL_CRYPTO_E_OS);
		assert_null(p);
		assert_true(errno == EINVAL || errno == ENOMEM);
	}
}

/* What a forked child sees of a page: does fn() say yes there? */
static bool in_child(bool (*fn)(const uint8_t *), const uint8_t *p)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn(p) ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == 0;
}

static bool page_is_zero(const uint8_t *p)
{
	return all_zero(p, 4096);
}

/* An emulator may say yes to madvise(2) and do nothing. */
static bool system_wipes(void)
{
	uint8_t *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool wipes;

	assert_ptr_not_equal(p, MAP_FAILED);
	memset(p, 1, 4096);
	wipes = madvise(p, 4096, MADV_WIPEONFORK) == 0 && in_child(page_is_zero, p);
	munmap(p, 4096);
	return wipes;
}

static void zero_in_child(void **state)
{
	void *p;

	(void)state;
	if (!system_wipes())
		skip();
	assert_int_equal(gyl_secret_map(4096, &p), GYL_CRYPTO_OK);
	memset(p, 0x5a, 4096);
	assert_true(in_child(page_is_zero, p));
	assert_false(page_is_zero(p)); /* ours is as it was */
	gyl_secret_unmap(p, 4096);
}

/* The flags of the mapping that p lies in, from smaps(5); empty where there is no such thing. */
static void flags_of(const void *p, char flags[256])
{
	FILE *smaps = fopen("/proc/self/smaps", "r");
	bool ours = false;
	char line[512];

	flags[0] = '\0';
	while (smaps != NULL && fgets(line, sizeof line, smaps) != NULL) {
		unsigned long from, to;

		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			ours = (uintptr_t)p >= from && (uintptr_t)p < to;
		else if (ours && strncmp(line, "VmFlags:", 8) == 0)
			snprintf(flags, 256, "%.255s", line + 8);
	}
	if (smaps != NULL)
		fclose(smaps);
}

static void not_dumped(void **state)
{
	char flags[256];
	void *p;

	(void)state;
	assert_int_equal(gyl_secret_map(4096, &p), GYL_CRYPTO_OK);
	flags_of(p, flags);
	gyl_secret_unmap(p, 4096);
	if (flags[0] == '\0' || !system_wipes()) /* an emulator's table is not ours */
		skip();
	assert_non_null(strstr(flags, " dd"));
	assert_non_null(strstr(flags, " wf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mapped),
		cmocka_unit_test(refused),
		cmocka_unit_test(zero_in_child),
		cmocka_unit_test(not_dumped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
