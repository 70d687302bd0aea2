/* SPDX-License-Identifier: ISC */

/* Members of "outputs": which keys there are, and which values go together. */

#include <gyl/text.h>
#include <stdio.h>

#include <gyl/syslog_frame.h>

#include "services/syslogd/conf_own.h"
#include "services/syslogd/queue.h"
#include "services/syslogd/template.h"

#define OFF(member) .off = offsetof(struct gyl_syslogd_output_conf, member)

static const struct gyl_conf_word format_words[] = {{"rfc5424", GYL_SYSLOGD_FORMAT_5424},
	{"rfc3164", GYL_SYSLOGD_FORMAT_3164}, {"json", GYL_SYSLOGD_FORMAT_JSON},
	{"raw", GYL_SYSLOGD_FORMAT_RAW}, {NULL, 0}};

static const struct gyl_conf_word framing_words[] = {{"count", GYL_SYSLOG_FRAME_COUNT},
	{"lf", GYL_SYSLOG_FRAME_LF}, {"nul", GYL_SYSLOG_FRAME_NUL}, {NULL, 0}};

static const struct gyl_conf_word full_words[] = {{"newest", 0}, {"oldest", 1}, {NULL, 0}};

static const struct gyl_conf_key keys[] = {
	{.name = "file",
		.type = GYL_CONF_PATH,
		OFF(file),
		.min = 1,
		.max = GYL_SYSLOGD_TEMPLATE_MAX,
		.help = "append to this file; %from%, %host%, %app%, %year% and the like are "
			"filled in"},
	{.name = "program",
		.type = GYL_CONF_STRING,
		.flags = GYL_CONF_LIST,
		OFF(program),
		.min = 1,
		.max = 1024,
		.help = "write lines to the standard input of this program: path, arguments"},
	{.name = "template",
		.type = GYL_CONF_STRING,
		OFF(text),
		.max = GYL_SYSLOGD_TEMPLATE_MAX,
		.def = "%json%",
		.help = "what is written of a message, such as \"%time% %host% %app%[%pid%]: "
			"%msg%\""},
	{.name = "forward",
		.type = GYL_CONF_STRING,
		.flags = GYL_CONF_LIST,
		OFF(forward),
		.max = 64,
		.help = "send to another collector: \"tcp://10.0.0.9:514\", udp:// or tls://; of "
			"several the first that answers"},
	{.name = "format",
		.type = GYL_CONF_ENUM,
		OFF(format),
		.word = format_words,
		.help = "how messages are forwarded: as RFC 5424 (if not given) or 3164, as a record in JSON, or "
			"as they came"},
	{.name = "framing",
		.type = GYL_CONF_ENUM,
		OFF(framing),
		.word = framing_words,
		.help = "how messages stand in a stream: behind their length (if not given), or in front of an LF "
			"or a NUL"},
	{.name = "queue_size",
		.type = GYL_CONF_SIZE,
		OFF(queue_size),
		.min = GYL_SYSLOGD_QUEUE_SIZE_MIN,
		.max = UINT64_C(1) << 40,
		.help = "octets on the disk for messages that wait to be forwarded, 256MiB if not given"},
	{.name = "queue_full",
		.type = GYL_CONF_ENUM,
		OFF(drop_old),
		.word = full_words,
		.help = "which messages are dropped, and counted, when there is no room for all: the newest if not given"},
	{.name = "pace",
		.type = GYL_CONF_U32,
		OFF(pace),
		.min = 1,
		.max = 1000000,
		.help = "datagrams that are forwarded in a second at most, 10000 if not given"},
	{.name = "tls_ca",
		.type = GYL_CONF_PATH,
		OFF(tls_ca),
		.max = 4095,
		.help = "PEM file with the CAs that may vouch for the other collector"},
	{.name = "tls_peer",
		.type = GYL_CONF_STRING,
		.flags = GYL_CONF_LIST,
		OFF(tls_peer),
		.max = 253,
		.help = "who it has to be: names in its certificate, or sha256:AB:CD:...; if not "
			"given, its address"},
	{.name = "tls_cert",
		.type = GYL_CONF_PATH,
		OFF(tls_cert),
		.max = 4095,
		.help = "PEM file with the certificate that we show when it asks for one"},
	{.name = "tls_key",
		.type = GYL_CONF_PATH,
		OFF(tls_key),
		.max = 4095,
		.help = "PEM file with its private key, without a passphrase"},
};

const struct gyl_conf_table gyl__syslogd_output_table = {
	keys, sizeof keys / sizeof keys[0], sizeof(struct gyl_syslogd_output_conf)};

bool gyl__syslogd_name_ok(struct gyl_view name)
{
	if (name.len == 0 || name.len > GYL_SYSLOGD_OUTPUT_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.p[i], small = c | 0x20;

		if ((small < 'a' || small > 'z') && (c < '0' || c > '9') && c != '-' && c != '_')
			return false;
	}
	return true;
}

/* What is wrong with a template, as a sentence. */
static void template_why(struct gyl_fault f, enum gyl_syslogd_use use, char why[400])
{
	struct gyl_writer w;

	gyl_writer_init(&w, why, 399);
	if (f.err == GYL_E_NAME) {
		gyl_text_str(&w, "expected one of the fields");
		for (unsigned i = 0; gyl_syslogd_template_field(i) != NULL; i++) {
			gyl_text_str(&w, " %");
			gyl_text_str(&w, gyl_syslogd_template_field(i));
			gyl_text_char(&w, '%');
		}
		if (use == GYL_SYSLOGD_FOR_PATH)
			gyl_text_str(&w, ", and in a path none that is a text or an exact time");
	} else if (f.err == GYL_E_RANGE) {
		gyl_text_str(&w, "expected one line: a message is one");
	} else if (f.err == GYL_E_COUNT) {
		gyl_text_str(&w, "too many fields");
	} else if (f.err == GYL_E_SPACE) {
		gyl_text_str(&w, "too long, or could become so");
	} else {
		gyl_text_str(&w,
			use == GYL_SYSLOGD_FOR_PATH
				? "expected the path of a file, without \".\" and \"..\", and with \"%%\" for a '%'"
				: "expected a '%' behind the name of the field, or \"%%\"");
	}
	gyl_text_str(&w, "; wrong from character ");
	gyl_text_u64(&w, f.off + 1);
	(void)gyl_text_cstr(&w);
}

static void check_template(
	struct gyl_view text, enum gyl_syslogd_use use, const char *path, struct gyl_conf_check *ck)
{
	struct gyl_syslogd_template t;
	struct gyl_fault f = gyl_syslogd_template_parse(text, use, &t);
	char why[400];

	if (!gyl_failed(f))
		return;
	template_why(f, use, why);
	gyl_conf_fail(ck, path, "%s", why);
}

static void check_file(const struct gyl_flat *f, const struct gyl_syslogd_output_conf *o,
	const char *path, struct gyl_conf_check *ck)
{
	struct gyl_view file = gyl_flat_view(f, o->file);

	check_template(file, GYL_SYSLOGD_FOR_PATH, path, ck);
	if (gyl_syslogd_template_dir(file) < 2)
		gyl_conf_fail(ck, path,
			"expected a directory before the first field: nothing else may be written");
}

static void check_program(const struct gyl_flat *f, const struct gyl_syslogd_output_conf *o,
	const char *path, struct gyl_conf_check *ck)
{
	const struct gyl_ref *arg = gyl_flat_at(f, o->program);

	if (gyl_flat_view(f, arg[0]).p[0] != '/')
		gyl_conf_fail(ck, path, "expected the whole path of the program, from '/' on");
	if (o->program.cnt > GYL_SYSLOGD_RULE_LIST_MAX)
		gyl_conf_fail(
			ck, path, "expected at most %d arguments", GYL_SYSLOGD_RULE_LIST_MAX - 1);
}

static void check_output(const struct gyl_flat *f, const struct gyl_syslogd_output_conf *o,
	struct gyl_conf_check *ck)
{
	const char *name = gyl_flat_at(f, o->name);
	char path[80], at[100];

	if (!gyl__syslogd_name_ok(gyl_flat_view(f, o->name))) {
		gyl_conf_fail(ck, "outputs",
			"expected names of up to %d letters, digits, '-' and '_', got \"%.40s\"",
			GYL_SYSLOGD_OUTPUT_NAME_MAX, name);
		return;
	}
	snprintf(path, sizeof path, "outputs.%s", name);
	if ((o->file.cnt != 0) + (o->program.cnt != 0) + (o->forward.cnt != 0) != 1) {
		gyl_conf_fail(ck, path, "expected one of file, program and forward");
		return;
	}
	if (o->forward.cnt != 0)
		gyl__syslogd_check_forward(f, o, path, ck);
	snprintf(at, sizeof at, "%s.file", path);
	if (o->file.cnt != 0)
		check_file(f, o, at, ck);
	snprintf(at, sizeof at, "%s.program", path);
	if (o->program.cnt != 0)
		check_program(f, o, at, ck);
	snprintf(at, sizeof at, "%s.template", path);
	check_template(gyl_flat_view(f, o->text), GYL_SYSLOGD_FOR_LINE, at, ck);
}

void gyl__syslogd_check_outputs(
	const struct gyl_flat *f, const struct gyl_syslogd_conf *cf, struct gyl_conf_check *ck)
{
	const struct gyl_syslogd_output_conf *o = gyl_flat_at(f, cf->outputs);

	if (cf->outputs.cnt > GYL_SYSLOGD_OUTPUT_MAX)
		gyl_conf_fail(ck, "outputs", "expected at most %d", GYL_SYSLOGD_OUTPUT_MAX);
	for (uint32_t i = 0; i < cf->outputs.cnt; i++)
		check_output(f, &o[i], ck);
}
