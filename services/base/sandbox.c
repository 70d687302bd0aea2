/* SPDX-License-Identifier: ISC */
#include "services/base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "services/base/seccomp.h"

static int fail(char err[200], const char *what, const char *detail)
{
	snprintf(err, 200, "sandbox: %s%s%s: %s", what, detail[0] == '\0' ? "" : " ", detail,
		strerror(errno));
	return -1;
}

static int become(const char *user, char err[200])
{
	const struct passwd *pw = getpwnam(user);

	if (pw == NULL) {
		snprintf(err, 200,
			"sandbox: no user \"%s\": create it or set \"user\" to another one", user);
		return -1;
	}
	if (getuid() == pw->pw_uid)
		return 0;
	if (initgroups(user, pw->pw_gid) != 0 ||
		setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
		setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		return fail(err, "become user", user);
	return 0;
}

/*
 * Nothing executed could get capabilities back. While we are still root: it takes CAP_SETPCAP, and
 * who does not have that started without privileges.
 */
static void drop_bounding_set(void)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

static int drop_capabilities(char err[200])
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[2];

	memset(none, 0, sizeof none);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &head, none) != 0)
		return fail(err, "drop capabilities", "");
	return 0;
}

static const uint64_t access_read = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t access_write = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
				     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
				     LANDLOCK_ACCESS_FS_REMOVE_DIR;
static const uint64_t access_never = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
				     LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
				     LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

static int allow(int ruleset, const char *const *dir, uint64_t access)
{
	for (; dir != NULL && *dir != NULL; dir++) {
		struct landlock_path_beneath_attr rule = {.allowed_access = access};
		long ret;

		rule.parent_fd = open(*dir, O_PATH | O_CLOEXEC);
		if (rule.parent_fd < 0)
			continue; /* what is not there needs no permission */
		ret = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
		close(rule.parent_fd);
		if (ret != 0)
			return -1;
	}
	return 0;
}

static int landlock(const struct gyl_sandbox *s, char err[200], char note[200])
{
	struct landlock_ruleset_attr attr = {
		.handled_access_fs = access_read | access_write | access_never};
	int fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	int ret = 0;

	if (fd < 0) {
		if (errno != ENOSYS && errno != EOPNOTSUPP)
			return fail(err, "Landlock", "");
		snprintf(note, 200,
			"this kernel has no Landlock: the file system is not fenced off");
		return 0;
	}
	if (allow(fd, s->read, access_read) != 0 ||
		allow(fd, s->write, access_read | access_write) != 0 ||
		syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		ret = fail(err, "Landlock", "");
	close(fd);
	return ret;
}

int gyl_sandbox_enter(const struct gyl_sandbox *s, char err[200], char note[200])
{
	int ret;

	note[0] = '\0';
	drop_bounding_set();
	if (s->user != NULL && s->user[0] != '\0' && geteuid() == 0 && become(s->user, err) != 0)
		return -1;
	if (drop_capabilities(err) != 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(err, "no new privileges", "");
	if (landlock(s, err, note) != 0)
		return -1;
	ret = s->threads == NULL ? 0 : s->threads(s->arg);
	if (ret != 0) {
		errno = -ret;
		return fail(err, "start the helper threads", "");
	}
	return gyl_seccomp_enter(s->kind, s->may_connect, err, note);
}
