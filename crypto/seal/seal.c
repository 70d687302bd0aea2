/* SPDX-License-Identifier: ISC */
#include "crypto/seal/seal.h"

static const char *const errors[] = {
	"done",
	"no sealed file",
	"sealed in a way that is not known here",
	"the header has a field that no writer writes",
	"deriving the key costs more than is allowed",
	"another key or passphrase, or the header was altered",
	"no frame has this length or kind",
	"the frame is not what was written at this place",
	"the last frame tells another length than there was",
	"it ends before its last frame",
	"something follows the last frame",
	"the buffer is too small",
	"called out of order",
};

const char *gyl_seal_err_text(int err)
{
	static const char *const steps[] = {"more is needed", "text", "the end"};

	if (err >= GYL_SEAL_MORE && err <= GYL_SEAL_END)
		return steps[err - GYL_SEAL_MORE];
	return err <= 0 && err >= GYL_SEAL_E_STATE ? errors[-err] : "unknown error";
}
