/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <gyl/ct.h>
#include <gyl/secret.h>
#include <sys/mman.h>
#include <unistd.h>

/* Whole pages, or 0 when that is more than can be addressed; mmap(2) refuses 0. */
static size_t whole_pages(size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return len > SIZE_MAX - (page - 1) ? 0 : (len + page - 1) / page * page;
}

/* Both are promises of the header: without them there are no such pages. */
static bool withhold(void *p, size_t map_len)
{
	return madvise(p, map_len, MADV_WIPEONFORK) == 0 && madvise(p, map_len, MADV_DONTDUMP) == 0;
}

int gyl_secret_map(size_t len, void **ret_p)
{
	size_t map_len = whole_pages(len);
	void *p = mmap(NULL, map_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int before = errno;

	*ret_p = NULL;
	if (p == MAP_FAILED)
		return GYL_CRYPTO_E_OS;
	if (!withhold(p, map_len)) {
		before = errno;
		munmap(p, map_len);
		errno = before;
		return GYL_CRYPTO_E_OS;
	}
	if (mlock(p, map_len) != 0)
		errno = before; /* not locked: the limit is not ours to raise */
	*ret_p = p;
	return GYL_CRYPTO_OK;
}

void gyl_secret_unmap(void *p, size_t len)
{
	if (p == NULL)
		return;
	gyl_wipe(p, len);
	munmap(p, whole_pages(len));
}
