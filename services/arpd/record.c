/* SPDX-License-Identifier: ISC */
#include "services/arpd/record.h"

#include <gyl/text.h>

static const char prefix[] = "arpd/host/";

void gyl_arpd_record_address(struct gyl_writer *w, uint32_t ip, uint16_t vlan)
{
	gyl_text_ipv4(w, ip);
	if (vlan == 0)
		return;
	gyl_text_char(w, '@');
	gyl_text_u64(w, vlan);
}

struct gyl_view gyl_arpd_record_key(uint8_t buf[GYL_ARPD_KEY_MAX], uint32_t ip, uint16_t vlan)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, GYL_ARPD_KEY_MAX);
	gyl_text_str(&w, prefix);
	gyl_arpd_record_address(&w, ip, vlan);
	return gyl_writer_view(&w);
}

struct gyl_view gyl_arpd_record_val(uint8_t buf[GYL_ARPD_VALUE_MAX], const struct gyl_arpd_host *h,
	const struct gyl_arpd_past *p)
{
	const uint64_t number[] = {h->first_ns, h->last_ns, p->former_ns, h->count, p->changes};
	struct gyl_writer w;

	gyl_writer_init(&w, buf, GYL_ARPD_VALUE_MAX);
	gyl_text_str(&w, "1 ");
	gyl_text_mac(&w, h->mac);
	gyl_text_char(&w, ' ');
	gyl_text_mac(&w, p->former);
	for (unsigned i = 0; i < 5; i++) {
		gyl_text_char(&w, ' ');
		gyl_text_u64(&w, number[i]);
	}
	return gyl_writer_view(&w);
}

static struct gyl_view until(struct gyl_view *rest, char stop)
{
	size_t n = 0;
	struct gyl_view word;

	while (n < rest->len && rest->p[n] != (uint8_t)stop)
		n++;
	word = gyl_view_sub(*rest, 0, n);
	*rest = gyl_view_sub(*rest, n + 1, rest->len);
	return word;
}

bool gyl_arpd_record_parse_address(struct gyl_view text, uint32_t *ret_ip, uint16_t *ret_vlan)
{
	struct gyl_view address = until(&text, '@');
	uint64_t vlan = 0;
	uint32_t ip;

	if (gyl_failed(gyl_parse_ipv4(address, &ip)))
		return false;
	if (text.len != 0 && gyl_failed(gyl_parse_u64(text, 4094, &vlan)))
		return false;
	*ret_ip = ip;
	*ret_vlan = (uint16_t)vlan;
	return true;
}

bool gyl_arpd_record_parse_key(struct gyl_view key, uint32_t *ret_ip, uint16_t *ret_vlan)
{
	return gyl_view_eq(gyl_view_sub(key, 0, sizeof prefix - 1), gyl_view_str(prefix)) &&
	       gyl_arpd_record_parse_address(
		       gyl_view_sub(key, sizeof prefix - 1, key.len), ret_ip, ret_vlan);
}

bool gyl_arpd_record_parse_val(
	struct gyl_view val, struct gyl_arpd_host *h, struct gyl_arpd_past *p)
{
	uint8_t mac[6], former[6];
	uint64_t number[5] = {0};

	if (!gyl_view_eq(until(&val, ' '), gyl_view_str("1")) ||
		gyl_failed(gyl_parse_mac(until(&val, ' '), mac)) ||
		gyl_failed(gyl_parse_mac(until(&val, ' '), former)))
		return false;
	for (unsigned i = 0; i < 5; i++) {
		uint64_t max = i < 4 ? UINT64_MAX : UINT32_MAX;

		if ((i < 4 || val.len != 0) &&
			gyl_failed(gyl_parse_u64(until(&val, ' '), max, &number[i])))
			return false;
	}
	memcpy(h->mac, mac, sizeof mac);
	memcpy(p->former, former, sizeof former);
	h->first_ns = number[0];
	h->last_ns = number[1];
	p->former_ns = number[2];
	h->count = number[3];
	p->changes = (uint32_t)number[4];
	return true;
}
