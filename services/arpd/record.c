/* SPDX-License-Identifier: ISC */
#include "services/arpd/record.h"

#include <gyl/text.h>

static const char prefix[] = "arpd/host/";

struct gyl_view gyl_arpd_record_key(uint8_t buf[GYL_ARPD_KEY_MAX], uint32_t ip, uint16_t vlan)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, GYL_ARPD_KEY_MAX);
	gyl_text_str(&w, prefix);
	gyl_text_ipv4(&w, ip);
	if (vlan != 0) {
		gyl_text_char(&w, '@');
		gyl_text_u64(&w, vlan);
	}
	return gyl_writer_view(&w);
}

struct gyl_view gyl_arpd_record_val(uint8_t buf[GYL_ARPD_VALUE_MAX], const struct gyl_arpd_host *h)
{
	const uint64_t number[] = {h->first_ns, h->last_ns, h->former_ns, h->count};
	struct gyl_writer w;

	gyl_writer_init(&w, buf, GYL_ARPD_VALUE_MAX);
	gyl_text_str(&w, "1 ");
	gyl_text_mac(&w, h->mac);
	gyl_text_char(&w, ' ');
	gyl_text_mac(&w, h->former);
	for (unsigned i = 0; i < 4; i++) {
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

bool gyl_arpd_record_parse_key(struct gyl_view key, uint32_t *ret_ip, uint16_t *ret_vlan)
{
	struct gyl_view rest = gyl_view_sub(key, sizeof prefix - 1, key.len), address;
	uint64_t vlan = 0;
	uint32_t ip;

	if (!gyl_view_eq(gyl_view_sub(key, 0, sizeof prefix - 1), gyl_view_str(prefix)))
		return false;
	address = until(&rest, '@');
	if (gyl_failed(gyl_parse_ipv4(address, &ip)))
		return false;
	if (rest.len != 0 && gyl_failed(gyl_parse_u64(rest, 4094, &vlan)))
		return false;
	*ret_ip = ip;
	*ret_vlan = (uint16_t)vlan;
	return true;
}

bool gyl_arpd_record_parse_val(struct gyl_view val, struct gyl_arpd_host *h)
{
	uint8_t mac[6], former[6];
	uint64_t number[4];

	if (!gyl_view_eq(until(&val, ' '), gyl_view_str("1")) ||
		gyl_failed(gyl_parse_mac(until(&val, ' '), mac)) ||
		gyl_failed(gyl_parse_mac(until(&val, ' '), former)))
		return false;
	for (unsigned i = 0; i < 4; i++)
		if (gyl_failed(gyl_parse_u64(until(&val, ' '), UINT64_MAX, &number[i])))
			return false;
	memcpy(h->mac, mac, sizeof mac);
	memcpy(h->former, former, sizeof former);
	h->first_ns = number[0];
	h->last_ns = number[1];
	h->former_ns = number[2];
	h->count = number[3];
	return true;
}
