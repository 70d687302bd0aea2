/* SPDX-License-Identifier: ISC */
#include <gyl/icmp.h>
#include <gyl/text.h>

static bool is_echo(uint8_t type)
{
	return type == GYL_ICMP_ECHO || type == GYL_ICMP_ECHO_REPLY;
}

bool gyl_icmp_is_error(uint8_t type)
{
	/* 4 is source quench: deprecated by RFC 6633, but it quotes a datagram where it is still
	 * sent. */
	return (type >= GYL_ICMP_UNREACHABLE && type <= GYL_ICMP_REDIRECT) ||
	       type == GYL_ICMP_TIME_EXCEEDED || type == GYL_ICMP_PARAMETER_PROBLEM;
}

struct gyl_fault gyl_icmp_decode(struct gyl_view in, unsigned flags, struct gyl_icmp *ret_icmp)
{
	if (in.len < GYL_ICMP_HEADER_LEN)
		return gyl_fault(GYL_E_SHORT, GYL_ICMP_HEADER_LEN);
	if (!(flags & GYL_CHECKSUM_SKIP) && gyl_checksum_of(in) != 0)
		return gyl_fault(GYL_E_CHECKSUM, 2);
	ret_icmp->type = in.p[0];
	ret_icmp->code = in.p[1];
	ret_icmp->checksum = gyl_get_u16(in.p + 2);
	ret_icmp->rest = gyl_get_u32(in.p + 4);
	ret_icmp->data = gyl_view(in.p + GYL_ICMP_HEADER_LEN, in.len - GYL_ICMP_HEADER_LEN);
	if (is_echo(in.p[0]) && in.p[1] != 0)
		return gyl_fault(GYL_LENIENT, 1);
	return gyl_ok();
}

struct gyl_fault gyl_icmp_original(const struct gyl_icmp *i, struct gyl_ipv4 *ret_ip)
{
	if (!gyl_icmp_is_error(i->type))
		return gyl_fault(GYL_E_MISSING, 0);
	return gyl_ipv4_decode(i->data, GYL_IPV4_QUOTED, ret_ip);
}

void gyl_icmp_put_header(struct gyl_writer *w, const struct gyl_icmp *i)
{
	struct gyl_checksum sum;
	uint8_t *p = gyl_put_room(w, GYL_ICMP_HEADER_LEN);

	if (p == NULL)
		return;
	p[0] = i->type;
	p[1] = i->code;
	gyl_set_u32(p + 4, i->rest);
	gyl_checksum_init(&sum);
	gyl_checksum_add_u16(&sum, (uint16_t)(i->type << 8 | i->code));
	gyl_checksum_add_u32(&sum, i->rest);
	gyl_checksum_add(&sum, i->data);
	gyl_set_u16(p + 2, gyl_checksum_end(&sum));
}

void gyl_icmp_encode(struct gyl_writer *w, const struct gyl_icmp *i)
{
	gyl_icmp_put_header(w, i);
	gyl_put_view(w, i->data);
}

static struct gyl_icmp message(uint8_t type, uint8_t code, uint32_t rest, struct gyl_view data)
{
	struct gyl_icmp i;

	i.type = type;
	i.code = code;
	i.checksum = 0;
	i.rest = rest;
	i.data = data;
	return i;
}

struct gyl_icmp gyl_icmp_echo(uint16_t id, uint16_t seq, struct gyl_view data)
{
	return message(GYL_ICMP_ECHO, 0, (uint32_t)id << 16 | seq, data);
}

struct gyl_icmp gyl_icmp_echo_reply(const struct gyl_icmp *echo)
{
	return message(GYL_ICMP_ECHO_REPLY, 0, echo->rest, echo->data);
}

/* RFC 1812 4.3.2.3: as much of the datagram as fits into 576 octets. */
static struct gyl_icmp error_message(
	uint8_t type, uint8_t code, uint32_t rest, struct gyl_view datagram)
{
	return message(type, code, rest, gyl_view_sub(datagram, 0, GYL_ICMP_QUOTE_MAX));
}

struct gyl_icmp gyl_icmp_unreachable(uint8_t code, uint16_t mtu, struct gyl_view datagram)
{
	return error_message(GYL_ICMP_UNREACHABLE, code, mtu, datagram);
}

struct gyl_icmp gyl_icmp_time_exceeded(uint8_t code, struct gyl_view datagram)
{
	return error_message(GYL_ICMP_TIME_EXCEEDED, code, 0, datagram);
}

struct gyl_icmp gyl_icmp_parameter_problem(uint8_t pointer, struct gyl_view datagram)
{
	return error_message(GYL_ICMP_PARAMETER_PROBLEM, 0, (uint32_t)pointer << 24, datagram);
}

static const char *type_text(uint8_t type)
{
	switch (type) {
	case GYL_ICMP_ECHO_REPLY:
		return "echo reply";
	case GYL_ICMP_UNREACHABLE:
		return "unreachable";
	case GYL_ICMP_SOURCE_QUENCH:
		return "source quench";
	case GYL_ICMP_REDIRECT:
		return "redirect";
	case GYL_ICMP_ECHO:
		return "echo";
	case GYL_ICMP_TIME_EXCEEDED:
		return "time exceeded";
	case GYL_ICMP_PARAMETER_PROBLEM:
		return "parameter problem";
	default:
		return "type";
	}
}

static const char *unreachable_text(uint8_t code)
{
	switch (code) {
	case GYL_ICMP_NET:
		return "net";
	case GYL_ICMP_HOST:
		return "host";
	case GYL_ICMP_PROTOCOL:
		return "protocol";
	case GYL_ICMP_PORT:
		return "port";
	case GYL_ICMP_FRAGMENTATION_NEEDED:
		return "fragmentation needed";
	case GYL_ICMP_ADMIN_PROHIBITED:
		return "administratively prohibited";
	default:
		return NULL;
	}
}

static bool is_mtu_told(const struct gyl_icmp *i)
{
	return i->type == GYL_ICMP_UNREACHABLE && i->code == GYL_ICMP_FRAGMENTATION_NEEDED;
}

static void number(struct gyl_writer *w, const char *name, uint64_t v)
{
	gyl_text_str(w, name);
	gyl_text_u64(w, v);
}

static void what_print(struct gyl_writer *w, const struct gyl_icmp *i)
{
	const char *why = i->type == GYL_ICMP_UNREACHABLE ? unreachable_text(i->code) : NULL;

	gyl_text_str(w, type_text(i->type));
	if (!is_echo(i->type) && !gyl_icmp_is_error(i->type))
		number(w, " ", i->type);
	if (why != NULL) {
		gyl_text_char(w, ' ');
		gyl_text_str(w, why);
	} else if (i->code != 0 || !is_echo(i->type)) {
		number(w, " code ", i->code);
	}
}

static void rest_print(struct gyl_writer *w, const struct gyl_icmp *i)
{
	if (is_echo(i->type)) {
		number(w, " id ", gyl_icmp_id(i));
		number(w, " seq ", gyl_icmp_seq(i));
	} else if (is_mtu_told(i)) {
		number(w, " mtu ", gyl_icmp_mtu(i));
	} else if (i->type == GYL_ICMP_PARAMETER_PROBLEM) {
		number(w, " at ", gyl_icmp_pointer(i));
	} else if (i->type == GYL_ICMP_REDIRECT) {
		gyl_text_str(w, " to ");
		gyl_text_ipv4(w, i->rest);
	} else if (i->rest != 0) {
		gyl_text_str(w, " rest ");
		gyl_text_hex_u64(w, i->rest, 8);
	}
}

void gyl_icmp_print(struct gyl_writer *w, const struct gyl_icmp *i)
{
	size_t start = w->len;
	struct gyl_ipv4 original;

	what_print(w, i);
	rest_print(w, i);
	if (!gyl_failed(gyl_icmp_original(i, &original))) {
		gyl_text_str(w, ": ");
		gyl_ipv4_print(w, &original);
	} else {
		number(w, " ", i->data.len);
		gyl_text_str(w, " octets");
	}
	if (!gyl_writer_ok(w))
		w->len = start;
}

static void rest_json(struct gyl_json *j, const struct gyl_icmp *i)
{
	if (is_echo(i->type)) {
		gyl_json_u64(j, "id", gyl_icmp_id(i));
		gyl_json_u64(j, "seq", gyl_icmp_seq(i));
	} else if (is_mtu_told(i)) {
		gyl_json_u64(j, "mtu", gyl_icmp_mtu(i));
	} else if (i->type == GYL_ICMP_PARAMETER_PROBLEM) {
		gyl_json_u64(j, "pointer", gyl_icmp_pointer(i));
	} else {
		gyl_json_u64(j, "rest", i->rest);
	}
}

void gyl_icmp_json(struct gyl_json *j, const char *key, const struct gyl_icmp *i)
{
	struct gyl_ipv4 original;

	gyl_json_obj(j, key);
	gyl_json_u64(j, "type", i->type);
	gyl_json_u64(j, "code", i->code);
	rest_json(j, i);
	if (!gyl_failed(gyl_icmp_original(i, &original)))
		gyl_ipv4_json(j, "original", &original);
	else
		gyl_json_hex(j, "data", i->data);
	gyl_json_end(j);
}
