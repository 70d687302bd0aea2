/* SPDX-License-Identifier: ISC */
#include "services/base/control_auth.h"

#include <gyl/ct.h>
#include <string.h>
#include <sys/mman.h>

void gyl_auth_init(struct gyl_auth *a, uint32_t cpu)
{
	memset(a, 0, sizeof *a);
	a->cpu = cpu;
	a->state = GYL_AUTH_IDLE;
}

bool gyl_auth_set(struct gyl_auth *a, const char *const *text, size_t cnt)
{
	bool same = cnt == a->cnt;

	for (size_t i = 0; i < cnt && same; i++)
		same = strcmp(a->text[i], text[i]) == 0;
	if (same)
		return false;
	memset(a->text, 0, sizeof a->text);
	for (size_t i = 0; i < cnt; i++)
		memcpy(a->text[i], text[i], strlen(text[i]) + 1);
	a->cnt = cnt;
	a->again = a->state != GYL_AUTH_IDLE;
	return true;
}

void gyl_auth_begin(struct gyl_auth *a, const void *password, size_t len)
{
	a->password = password;
	a->password_len = len;
	a->next = 0;
	a->again = false;
	a->state = GYL_AUTH_NEXT;
}

/* From the end, so that what is left begins where it did. */
static void unmap(struct gyl_auth *a, size_t len)
{
	size_t left = len < a->scratch_len ? a->scratch_len - len : 0;

	munmap(a->scratch + left, a->scratch_len - left);
	a->scratch_len = left;
	if (left == 0)
		a->scratch = NULL;
}

/*
 * Pages of the common size: the first touch of a huge one clears 2 MiB, and may have to find them.
 * The password could be guessed from what is in it, so it stays out of core dumps.
 */
static bool map(struct gyl_auth *a, size_t len)
{
	const size_t whole =
		(len + GYL_AUTH_UNMAP_LEN - 1) / GYL_AUTH_UNMAP_LEN * GYL_AUTH_UNMAP_LEN;
	void *p = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return false;
	madvise(p, whole, MADV_NOHUGEPAGE);
	madvise(p, whole, MADV_DONTDUMP);
	a->scratch = p;
	a->scratch_len = whole;
	return true;
}

static enum gyl_auth_result found(struct gyl_auth *a, enum gyl_auth_result result)
{
	gyl_password_end(&a->work);
	a->result = result;
	a->state = GYL_AUTH_FREE;
	return GYL_AUTH_MORE;
}

/* Memory that the one before had is used again when it suffices. */
static enum gyl_auth_result next(struct gyl_auth *a)
{
	const char *text = a->text[a->next];
	size_t need;

	if (a->next == a->cnt)
		return found(a, GYL_AUTH_WRONG);
	if (gyl_password_parse(text, strlen(text), &a->pw, NULL) != GYL_CRYPTO_OK)
		return found(a, GYL_AUTH_UNABLE);
	need = gyl_password_need(&a->pw);
	if (need > a->scratch_len && a->scratch_len != 0) {
		unmap(a, GYL_AUTH_UNMAP_LEN);
		return GYL_AUTH_MORE;
	}
	if (need > a->scratch_len && !map(a, need))
		return found(a, GYL_AUTH_UNABLE);
	if (gyl_password_begin(&a->work, &a->pw, a->cpu, a->password, a->password_len, a->scratch,
		    need, GYL_SCRYPT_KEEP) != GYL_CRYPTO_OK)
		return found(a, GYL_AUTH_UNABLE);
	a->next++;
	a->state = GYL_AUTH_WORK;
	return GYL_AUTH_MORE;
}

static enum gyl_auth_result work(struct gyl_auth *a)
{
	int ret = gyl_password_step(&a->work, GYL_AUTH_STEP_LEN);

	if (ret == GYL_CRYPTO_MORE)
		return GYL_AUTH_MORE;
	if (ret == GYL_CRYPTO_OK && gyl_password_verdict(&a->work) == GYL_CRYPTO_OK)
		return found(a, GYL_AUTH_RIGHT);
	gyl_password_end(&a->work);
	a->state = GYL_AUTH_NEXT;
	return GYL_AUTH_MORE;
}

static enum gyl_auth_result give_back(struct gyl_auth *a)
{
	if (a->scratch_len != 0) {
		unmap(a, GYL_AUTH_UNMAP_LEN);
		return GYL_AUTH_MORE;
	}
	if (a->again) {
		gyl_auth_begin(a, a->password, a->password_len);
		return GYL_AUTH_MORE;
	}
	a->state = GYL_AUTH_IDLE;
	return a->result;
}

enum gyl_auth_result gyl_auth_step(struct gyl_auth *a)
{
	switch (a->state) {
	case GYL_AUTH_NEXT:
		return next(a);
	case GYL_AUTH_WORK:
		return work(a);
	case GYL_AUTH_FREE:
		return give_back(a);
	default:
		return GYL_AUTH_UNABLE;
	}
}

void gyl_auth_fini(struct gyl_auth *a)
{
	gyl_password_end(&a->work);
	if (a->scratch_len != 0)
		unmap(a, a->scratch_len);
	gyl_wipe(a, sizeof *a);
}
