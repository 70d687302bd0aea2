/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_ARPD_RECORD_H
#define GYL_SERVICES_ARPD_RECORD_H

#include "services/arpd/table.h"
#include "services/base/out.h"

/*
 * A host as a record of the store. Key: "arpd/host/10.0.0.17", with "@VLAN" behind the address on a
 * tagged network. Value, text: "1 MAC FORMER FIRST LAST FORMER_LAST COUNT CHANGES", times as wall
 * ns; the 1 is the form's version, and CHANGES may be missing.
 */
enum {
	GYL_ARPD_KEY_MAX = 40,
	GYL_ARPD_VALUE_MAX = 160
};

struct gyl_view gyl_arpd_record_key(uint8_t buf[GYL_ARPD_KEY_MAX], uint32_t ip, uint16_t vlan);
struct gyl_view gyl_arpd_record_val(uint8_t buf[GYL_ARPD_VALUE_MAX], const struct gyl_arpd_host *h,
	const struct gyl_arpd_past *p);

/* "10.0.0.17", or "10.0.0.17@5". */
void gyl_arpd_record_address(struct gyl_writer *w, uint32_t ip, uint16_t vlan);
bool gyl_arpd_record_parse_address(struct gyl_view text, uint32_t *ret_ip, uint16_t *ret_vlan);

/* The address a key names; false when it is not such a key. */
bool gyl_arpd_record_parse_key(struct gyl_view key, uint32_t *ret_ip, uint16_t *ret_vlan);
/* Fills MACs, times and counts; false, and nothing changed, when the value is not of this form. */
bool gyl_arpd_record_parse_val(
	struct gyl_view val, struct gyl_arpd_host *h, struct gyl_arpd_past *p);

#endif
