/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_ARPD_RECORD_H
#define GYL_SERVICES_ARPD_RECORD_H

#include "services/arpd/table.h"
#include "services/base/out.h"

/*
 * A host as a record of the store. Key: "arpd/host/10.0.0.17", with "@VLAN" behind the address on a
 * tagged network. Value, text: "1 MAC FORMER FIRST LAST FORMER_LAST COUNT", times as wall ns; the 1
 * is the form's version.
 */
enum {
	GYL_ARPD_KEY_MAX = 40,
	GYL_ARPD_VALUE_MAX = 160
};

struct gyl_view gyl_arpd_record_key(uint8_t buf[GYL_ARPD_KEY_MAX], uint32_t ip, uint16_t vlan);
struct gyl_view gyl_arpd_record_val(uint8_t buf[GYL_ARPD_VALUE_MAX], const struct gyl_arpd_host *h);

/* The address a key names; false when it is not such a key. */
bool gyl_arpd_record_parse_key(struct gyl_view key, uint32_t *ret_ip, uint16_t *ret_vlan);
/* Fills MACs, times and count of h; false, and h unchanged, when the value is not of this form. */
bool gyl_arpd_record_parse_val(struct gyl_view val, struct gyl_arpd_host *h);

#endif
