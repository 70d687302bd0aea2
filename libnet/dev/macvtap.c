/* SPDX-License-Identifier: ISC */
#include "libnet/dev/macvtap.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include "libnet/dev/link.h"
#include "libnet/dev/node.h"
#include "libnet/dev/tap_int.h"

/* The interface that is opened. */
struct target {
	char name[IFNAMSIZ];
	char parent[IFNAMSIZ];
	unsigned index;
	unsigned remove; /* its index when it is ours to remove */
};

static int failed(char err[200], const struct target *t, const char *what, int r)
{
	snprintf(err, 200, "macvtap %s: %s: %s", t->name, what, strerror(-r));
	return r;
}

static const char *why_not_made(int r)
{
	switch (r) {
	case -EPERM:
		return "cannot be made (needs CAP_NET_ADMIN, or `ip link add link PARENT name "
		       "NAME type macvtap mode bridge` beforehand)";
	case -EOPNOTSUPP:
		return "this kernel has no macvtap (`modprobe macvtap`, or use packet:)";
	case -EBUSY:
	case -EINVAL:
		return "its parent cannot carry one (a port of a bridge or bond, or not Ethernet; "
		       "name the bridge)";
	default:
		return "cannot be made";
	}
}

static int make(struct target *t, char err[200])
{
	struct gyl__link_info info;
	int r = gyl__link_find(t->parent, &info);

	if (r != 0) {
		snprintf(err, 200, "macvtap %s: no interface %s to stand on: %s", t->name,
			t->parent, strerror(-r));
		return r;
	}
	r = gyl__link_add_macvtap(t->name, info.index);
	if (r != 0)
		return failed(err, t, why_not_made(r), r);
	r = gyl__link_find(t->name, &info);
	if (r != 0)
		return failed(err, t, "is gone as soon as it was made", r);
	t->index = info.index;
	t->remove = info.index;
	return 0;
}

/* name with parent: that interface, made when it is not there. */
static int find_named(struct target *t, char err[200])
{
	struct gyl__link_info info, parent;
	int r = gyl__link_find(t->name, &info);

	if (r == -ENODEV)
		return make(t, err);
	if (r != 0)
		return failed(err, t, "cannot be asked for", r);
	if (!info.macvtap)
		return failed(err, t, "is there and no macvtap interface", -EEXIST);
	if (gyl__link_find(t->parent, &parent) != 0 || parent.index != info.parent) {
		snprintf(err, 200, "macvtap %s: is there and does not stand on %s", t->name,
			t->parent);
		return -EEXIST;
	}
	t->index = info.index;
	return 0;
}

/* One name: a macvtap interface, or what ours is to stand on. One called gyl-... is ours also when
 * it was left by somebody who could not remove it. */
static int find_over(struct target *t, const char *name, char err[200])
{
	struct gyl__link_info info;
	int r;

	snprintf(t->name, sizeof(t->name), "%s", name);
	if (gyl__link_find(name, &info) == 0 && info.macvtap) {
		t->index = info.index;
		return 0;
	}
	snprintf(t->parent, sizeof(t->parent), "%s", name);
	snprintf(t->name, sizeof(t->name), "gyl-%.11s", name);
	r = find_named(t, err);
	if (r == 0)
		t->remove = t->index;
	return r;
}

static int find(struct target *t, const struct gyl_macvtap_conf *cf, char err[200])
{
	memset(t, 0, sizeof(*t));
	if (cf->parent == NULL)
		return find_over(t, cf->name, err);
	snprintf(t->name, sizeof(t->name), "%s", cf->name);
	snprintf(t->parent, sizeof(t->parent), "%s", cf->parent);
	return find_named(t, err);
}

static int check_parent(const struct target *t, char err[200])
{
	bool up;

	if (t->parent[0] == '\0' || gyl__link_is_up(t->parent, &up) != 0 || up)
		return 0;
	snprintf(err, 200, "macvtap %s: %s is down (`ip link set %s up`)", t->name, t->parent,
		t->parent);
	return -ENETDOWN;
}

/* All groups, for those that the stack joins: the interface has a filter for them. Where we may not
 * set that, one that is up receives broadcasts at least. */
static int set_up(const struct target *t, uint32_t *ret_mtu, char err[200])
{
	char what[32];
	int r = check_parent(t, err);

	if (r != 0)
		return r;
	r = gyl__link_up(t->name, IFF_ALLMULTI);
	if (r == -EPERM)
		r = gyl__link_up(t->name, 0);
	if (r != 0)
		return failed(err, t, "is down and cannot be set up", r);
	snprintf(what, sizeof(what), "macvtap %s", t->name);
	return gyl__link_mtu_check(what, t->name, ret_mtu, err);
}

/* Frames bare as a tap's, and no second program: the kernel would share them out between both. */
static int claim(const struct target *t, int fd, char err[200])
{
	struct ifreq req = {.ifr_flags = IFF_TAP | IFF_NO_PI};

	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return failed(err, t, "in use by another program", -EBUSY);
	if (ioctl(fd, TUNSETIFF, &req) < 0)
		return failed(err, t, "cannot be opened as a tap", -errno);
	return 0;
}

static int open_found(const struct target *t, struct gyl_netdev **ret_dev, char err[200])
{
	struct gyl__tap *tap = NULL;
	uint32_t mtu = 0;
	int fd, r = set_up(t, &mtu, err);

	if (r != 0)
		return r;
	fd = gyl__node_open(t->name, t->index, err);
	if (fd < 0)
		return fd;
	r = claim(t, fd, err);
	if (r == 0) {
		tap = gyl__tap_new(fd, mtu);
		if (tap == NULL)
			r = failed(err, t, "cannot be used", -ENOMEM);
	}
	if (r != 0) {
		close(fd);
		return r;
	}
	gyl__tap_is_macvtap(tap, t->remove);
	*ret_dev = gyl__tap_dev(tap);
	return 0;
}

int gyl_macvtap_open(const struct gyl_macvtap_conf *cf, struct gyl_netdev **ret_dev, char err[200])
{
	struct target t;
	int r = find(&t, cf, err);

	if (r == 0)
		r = open_found(&t, ret_dev, err);
	/* What somebody else uses is not ours to remove. */
	if (r != 0 && r != -EBUSY && t.remove != 0)
		gyl__link_remove(t.remove);
	return r;
}
