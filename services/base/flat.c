/* SPDX-License-Identifier: ISC */
#include "services/base/flat.h"

#include "services/base/crc32c.h"

/* The checksum covers what follows its own field. */
#define SUMMED_OFF (offsetof(struct gyl_flat, checksum) + sizeof(uint32_t))

static bool ref_inside(const struct gyl_flat *f, struct gyl_ref r, size_t item_len)
{
	return r.off % 8 == 0 && r.off <= f->len && r.cnt <= (f->len - r.off) / item_len;
}

static const struct gyl_flat_section *sections(const struct gyl_flat *f)
{
	return gyl_flat_at(f, f->section);
}

static bool section_sound(const struct gyl_flat *f, const struct gyl_flat_section *s)
{
	return s->name[0] != '\0' && memchr(s->name, '\0', sizeof s->name) != NULL &&
	       s->root.cnt == 1 && ref_inside(f, s->root, 1);
}

uint32_t gyl_flat_checksum(const struct gyl_flat *f)
{
	return gyl_crc32c((const uint8_t *)f + SUMMED_OFF, f->len - SUMMED_OFF);
}

const struct gyl_flat *gyl_flat_open(struct gyl_view block)
{
	const struct gyl_flat *f = (const void *)block.p;

	if (block.len < sizeof *f || (uintptr_t)block.p % 8 != 0)
		return NULL;
	if (f->magic != GYL_FLAT_MAGIC || f->version != GYL_FLAT_VERSION)
		return NULL;
	if (f->len < sizeof *f || f->len > block.len || f->checksum != gyl_flat_checksum(f))
		return NULL;
	if (!ref_inside(f, f->section, sizeof(struct gyl_flat_section)))
		return NULL;
	for (uint32_t i = 0; i < f->section.cnt; i++) {
		if (!section_sound(f, &sections(f)[i]))
			return NULL;
	}
	return f;
}

const struct gyl_flat *gyl_flat_again(struct gyl_view block)
{
	const struct gyl_flat *f = (const void *)block.p;

	return block.len >= sizeof *f && f->magic == GYL_FLAT_MAGIC ? f : NULL;
}

static bool same_name(const char *field, const char *name)
{
	size_t i = 0;

	while (field[i] == name[i] && name[i] != '\0')
		i++;
	return field[i] == name[i];
}

const void *gyl_flat_section(const struct gyl_flat *f, const char *name)
{
	for (uint32_t i = 0; i < f->section.cnt; i++) {
		if (same_name(sections(f)[i].name, name))
			return gyl_flat_at(f, sections(f)[i].root);
	}
	return NULL;
}
