/* SPDX-License-Identifier: ISC */
#include "services/base/log.h"

#include <gyl/text.h>
#include <gyl/time.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int source_find(struct gyl_view name)
{
	for (int i = 0; i < GYL_SRC_CNT; i++)
		if (gyl_view_eq(gyl_view_str(gyl_event_source_name((unsigned)i)), name))
			return i;
	return -1;
}

static int severity_find(struct gyl_view name)
{
	for (int i = 0; i <= GYL_SEV_DEBUG; i++)
		if (gyl_view_eq(gyl_view_str(gyl_severity_name((unsigned)i)), name))
			return i;
	return -1;
}

static size_t find_char(struct gyl_view v, char c)
{
	size_t i = 0;

	while (i < v.len && v.p[i] != (uint8_t)c)
		i++;
	return i;
}

/* One word: "dns=debug", "*=info", or "debug" for all. */
static bool parse_word(struct gyl_view word, uint8_t level[GYL_SRC_CNT])
{
	size_t eq = find_char(word, '=');
	struct gyl_view name = gyl_view_sub(word, 0, eq);
	bool all = eq == word.len || gyl_view_eq(name, gyl_view_str("*"));
	int severity = severity_find(eq == word.len ? word : gyl_view_sub(word, eq + 1, word.len));
	int source = all ? 0 : source_find(name);

	if (severity < 0 || source < 0)
		return false;
	for (int i = 0; i < GYL_SRC_CNT; i++)
		if (all || i == source)
			level[i] = (uint8_t)severity;
	return true;
}

/* The widest words first, so that "dns=debug,*=info" and "*=info,dns=debug" mean the same. */
static struct gyl_fault parse_pass(struct gyl_view spec, bool wide, uint8_t level[GYL_SRC_CNT])
{
	size_t at = 0;

	while (at < spec.len) {
		struct gyl_view word = gyl_view_sub(spec, at, spec.len);

		word.len = find_char(word, ',');
		if ((find_char(word, '=') == word.len || (word.len != 0 && word.p[0] == '*')) ==
				wide &&
			!parse_word(word, level))
			return gyl_fault(GYL_E_SYNTAX, at);
		at += word.len + 1;
	}
	return gyl_ok();
}

struct gyl_fault gyl_log_level_parse(struct gyl_view spec, uint8_t level[GYL_SRC_CNT])
{
	uint8_t fresh[GYL_SRC_CNT];
	struct gyl_fault f;

	memcpy(fresh, level, sizeof fresh);
	f = parse_pass(spec, true, fresh);
	if (!gyl_failed(f))
		f = parse_pass(spec, false, fresh);
	if (!gyl_failed(f))
		memcpy(level, fresh, sizeof fresh);
	return f;
}

void gyl_log_level_print(const uint8_t level[GYL_SRC_CNT], struct gyl_writer *w)
{
	for (unsigned i = 0; i < GYL_SRC_CNT; i++) {
		if (i != 0)
			gyl_text_char(w, ',');
		gyl_text_str(w, gyl_event_source_name(i));
		gyl_text_char(w, '=');
		gyl_text_str(w, gyl_severity_name(level[i]));
	}
}

static int connect_dgram(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || strlen(path) >= sizeof sa.sun_path)
		return fd;
	memcpy(sa.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&sa, sizeof sa) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void gyl_log_open(struct gyl_log_sink *l, unsigned to, const char *path)
{
	memset(l, 0, sizeof *l);
	l->to = to;
	l->path = path;
	memset(l->level, GYL_SEV_INFO, sizeof l->level);
	if (gethostname(l->host, sizeof l->host - 1) != 0)
		l->host[0] = '\0';
	l->fd[0] = to & GYL_LOG_DEVLOG ? connect_dgram("/dev/log") : -1;
	l->fd[1] = to & GYL_LOG_SOCKET && path != NULL ? connect_dgram(path) : -1;
}

void gyl_log_close(struct gyl_log_sink *l)
{
	for (int i = 0; i < 2; i++)
		if (l->fd[i] >= 0)
			close(l->fd[i]);
}

static void to_stderr(const struct gyl_event *e)
{
	char line[1600];
	struct gyl_writer w;

	gyl_writer_init(&w, line, sizeof line - 1);
	gyl_time_print_rfc3339(&w, e->wall_ns, 3);
	gyl_text_char(&w, ' ');
	gyl_text_str(&w, gyl_severity_name(e->severity));
	gyl_text_char(&w, ' ');
	gyl_text_str(&w, gyl_event_desc(e->kind)->name);
	gyl_text_str(&w, ": ");
	gyl_event_print(e, &w);
	line[w.len++] = '\n';
	if (write(STDERR_FILENO, line, w.len) < 0)
		return; /* nobody listens: there is nobody to tell */
}

/* A collector that was restarted has a new socket behind the same name: connect again once. */
static void to_socket(
	struct gyl_log_sink *l, int which, const char *path, const struct gyl_event *e)
{
	char line[2048];
	struct gyl_writer w;

	if (path == NULL)
		return;
	gyl_writer_init(&w, line, sizeof line);
	gyl_event_encode(e, gyl_view_str(l->host), &w);
	if (l->fd[which] >= 0 && send(l->fd[which], line, w.len, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		return;
	if (l->fd[which] >= 0)
		close(l->fd[which]);
	l->fd[which] = connect_dgram(path);
	if (l->fd[which] >= 0 && send(l->fd[which], line, w.len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return; /* full: the collector counts what it gets, it never holds us up */
}

static void put(struct gyl_log_sink *l, const struct gyl_event *e)
{
	if (l->to & GYL_LOG_STDERR)
		to_stderr(e);
	if (l->to & GYL_LOG_DEVLOG)
		to_socket(l, 0, "/dev/log", e);
	if (l->to & GYL_LOG_SOCKET)
		to_socket(l, 1, l->path, e);
}

void gyl_log_event(void *arg, const struct gyl_event *e)
{
	struct gyl_log_sink *l = arg;

	if (e->remote || e->severity > l->level[gyl_event_desc(e->kind)->source])
		return;
	if (l->window_ns == 0)
		l->window_ns = e->mono_ns;
	if (l->count[e->kind] == UINT16_MAX || ++l->count[e->kind] > GYL_LOG_BURST)
		return;
	put(l, e);
}

uint32_t gyl_log_unheard(const void *arg)
{
	const struct gyl_log_sink *l = arg;
	uint32_t unheard = 0;

	for (unsigned i = 0; i < GYL_SRC_CNT; i++)
		unheard |= (uint32_t)(l->to == 0 || l->level[i] < GYL_SEV_DEBUG) << i;
	return unheard;
}

static void tell_held(struct gyl_log_sink *l, unsigned kind, uint64_t wall_ns)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_BASE_REPEAT);
	e.wall_ns = wall_ns;
	gyl_event_str(&e, "event", gyl_view_str(gyl_event_desc(kind)->name));
	gyl_event_u64(&e, "count", (uint64_t)l->count[kind] - GYL_LOG_BURST);
	put(l, &e);
}

uint64_t gyl_log_deadline_ns(const struct gyl_log_sink *l)
{
	return l->window_ns == 0 ? UINT64_MAX : l->window_ns + GYL_LOG_WINDOW_S * GYL_NS_PER_S;
}

void gyl_log_tick(struct gyl_log_sink *l, uint64_t mono_ns, uint64_t wall_ns)
{
	if (mono_ns < gyl_log_deadline_ns(l))
		return;
	for (unsigned kind = 0; kind < GYL_EV_CNT; kind++) {
		if (l->count[kind] > GYL_LOG_BURST)
			tell_held(l, kind, wall_ns);
		l->count[kind] = 0;
	}
	l->window_ns = 0;
}
