/* SPDX-License-Identifier: ISC */
#include <gyl/base.h>

uint32_t gyl_proto_version(void)
{
	return GYL_PROTO_VERSION;
}

const char *gyl_err_text(enum gyl_err err)
{
	switch (err) {
	case GYL_OK:
		return "ok";
	case GYL_LENIENT:
		return "accepted with a remark";
	case GYL_E_SHORT:
		return "truncated";
	case GYL_E_FIELD:
		return "forbidden value";
	case GYL_E_VERSION:
		return "unknown protocol or version";
	case GYL_E_LENGTH:
		return "length contradicts the message";
	case GYL_E_CHECKSUM:
		return "bad checksum";
	case GYL_E_OPTION:
		return "malformed option";
	case GYL_E_MISSING:
		return "required part missing";
	case GYL_E_NAME:
		return "malformed name";
	case GYL_E_POINTER:
		return "bad compression pointer";
	case GYL_E_COUNT:
		return "too many items";
	case GYL_E_SPACE:
		return "buffer too small";
	case GYL_E_SYNTAX:
		return "syntax error";
	case GYL_E_RANGE:
		return "number out of range";
	case GYL_ERR_CNT:
		break;
	}
	return "unknown error";
}
