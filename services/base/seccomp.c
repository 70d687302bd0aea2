/* SPDX-License-Identifier: ISC */
#include "services/base/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The calls a running daemon makes, by what they are for. Anything else is answered with EPERM, not
 * with death: a libc that tries something new then degrades instead of taking the network down.
 */
static const long common[] = {
	/* memory and threads; executable mappings are not refused, but nothing can be executed */
	SYS_mmap,
	SYS_munmap,
	SYS_mprotect,
	SYS_mremap,
	SYS_madvise,
	SYS_brk,
	SYS_futex,
	SYS_set_robust_list,
	SYS_rseq,
	SYS_sched_yield,
	SYS_membarrier,
	SYS_sched_getaffinity,
	/* time */
	SYS_clock_gettime,
	SYS_clock_nanosleep,
	SYS_nanosleep,
	SYS_gettimeofday,
	/* octets in and out of descriptors that are open */
	SYS_read,
	SYS_write,
	SYS_readv,
	SYS_writev,
	SYS_pread64,
	SYS_pwrite64,
	SYS_lseek,
	SYS_close,
#ifdef SYS_close_range
	SYS_close_range,
#endif
	SYS_dup,
	SYS_dup3,
#ifdef SYS_dup2
	SYS_dup2,
#endif
	SYS_fcntl,
	SYS_fstat,
	SYS_newfstatat,
	SYS_statx,
	SYS_fdatasync,
	SYS_fsync,
#ifdef SYS_sync_file_range
	SYS_sync_file_range,
#endif
	SYS_ftruncate,
	SYS_fallocate,
	SYS_sendfile,
	SYS_memfd_create,
	SYS_ioctl,
	/* files, fenced by Landlock */
	SYS_openat,
	SYS_renameat,
	SYS_renameat2,
	SYS_unlinkat,
	SYS_mkdirat,
	SYS_getdents64,
	SYS_readlinkat,
	SYS_faccessat,
	SYS_faccessat2,
	SYS_getcwd,
	SYS_fchmod,
	SYS_fchmodat,
	SYS_fchown,
	SYS_fchownat,
	/* waiting */
	SYS_epoll_wait,
	SYS_epoll_pwait,
	SYS_epoll_ctl,
	SYS_epoll_create1,
	SYS_poll,
	SYS_ppoll,
	SYS_eventfd2,
	SYS_timerfd_create,
	SYS_timerfd_settime,
	SYS_pipe2,
	SYS_select,
	SYS_pselect6,
	/* messages on sockets that are open */
	SYS_recvmsg,
	SYS_sendmsg,
	SYS_recvfrom,
	SYS_sendto,
	SYS_shutdown,
	SYS_getsockopt,
	SYS_setsockopt,
	SYS_getsockname,
	SYS_getpeername,
	/* the process itself */
	SYS_getpid,
	SYS_gettid,
	SYS_getppid,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_getrandom,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_sigaltstack,
	SYS_restart_syscall,
	SYS_tgkill,
	SYS_exit,
	SYS_exit_group,
	SYS_prctl,
	SYS_uname,
	SYS_sysinfo,
	SYS_getrusage,
	SYS_wait4,
	SYS_kill,
	SYS_umask,
	SYS_getrlimit,
	SYS_prlimit64,
#ifdef SYS_open
	SYS_open,
	SYS_stat,
	SYS_lstat,
	SYS_access,
	SYS_rename,
	SYS_unlink,
	SYS_mkdir,
	SYS_readlink,
	SYS_chmod,
#endif
};

static const long network[] = {SYS_recvmmsg, SYS_sendmmsg, SYS_accept4, SYS_accept};
static const long connecting[] = {SYS_socket, SYS_connect, SYS_bind};
static const long watching[] = {SYS_inotify_init1, SYS_inotify_add_watch, SYS_inotify_rm_watch};

enum {
	PROGRAM_MAX = 400
};

struct program {
	struct sock_filter at[PROGRAM_MAX];
	unsigned short cnt;
};

static void put(struct program *p, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
	struct sock_filter f = {code, jt, jf, k};

	p->at[p->cnt++] = f;
}

static void allow(struct program *p, const long *call, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call[i], 0, 1);
		put(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	}
}

#if defined(__x86_64__)
#	define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#	define ARCH AUDIT_ARCH_AARCH64
#elif defined(__s390x__)
#	define ARCH AUDIT_ARCH_S390X
#elif defined(__riscv) && __riscv_xlen == 64
#	define ARCH AUDIT_ARCH_RISCV64
#endif

#define CNT(a) (sizeof(a) / sizeof((a)[0]))

int gyl_seccomp_enter(enum gyl_sandbox_kind kind, bool may_connect, char err[200], char note[200])
{
#ifdef ARCH
	static struct program p;
	struct sock_fprog prog = {0, p.at};

	p.cnt = 0;
	/* Another architecture's numbers mean other calls: 32-bit entry points are closed. */
	put(&p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
	put(&p, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	put(&p, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
	put(&p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
	/* The daemon's hot calls come first: the filter is walked at every one of them. */
	if (kind == GYL_SANDBOX_DAEMON)
		allow(&p, network, CNT(network));
	allow(&p, common, CNT(common));
	if (kind == GYL_SANDBOX_LOADER)
		allow(&p, watching, CNT(watching));
	if (kind == GYL_SANDBOX_DAEMON && may_connect)
		allow(&p, connecting, CNT(connecting));
	put(&p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
	prog.len = p.cnt;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &prog) == 0)
		return 0;
	if (errno != ENOSYS && errno != EINVAL) {
		snprintf(err, 200, "sandbox: seccomp: %s", strerror(errno));
		return -1;
	}
#else
	(void)kind;
	(void)may_connect;
	(void)err;
#endif
	snprintf(note, 200, "this kernel has no seccomp filters: system calls are not fenced off");
	return 0;
}
