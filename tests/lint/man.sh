#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Man pages are clean mdoc, every function that a page of section 3 names is in a public header, every page
# that is referred to exists, and a page's example is the file of the examples directory, which is compiled.
. "$(dirname "$0")/lib.sh"

command -v mandoc >/dev/null || skip "needs mandoc"
pages=$(files '*.[1-8]' | grep '/man/')

# Pages of other projects that ours may point to.
foreign='^(bind|chrony|dhclient|dhcpcd|dhcpd\.conf|kea-dhcp4|dig|ip|ip-link|kdig|logger|syslog|systemd-[a-z]+|systemctl|tap|udhcpc|unix|capabilities|inotify|landlock|seccomp|tshark|mdoc|named-checkzone|nmap|ping|journalctl|sysctl|zstd|zstdgrep)\.[0-9]$'

# The text between the last ".Bd -literal" of EXAMPLES and its ".Ed", as troff would show it.
example() {
	awk '/^\.Sh / { in_examples = ($2 == "EXAMPLES") }
		in_examples && /^\.Bd -literal/ { take = 1; next }
		/^\.Ed/ { take = 0 }
		take { sub(/^\\&/, ""); gsub(/\\e/, "\\"); gsub(/\\-/, "-"); print }' "$1"
}

# is_file PAGE TEXT: a program among examples is a file of the examples beside the man pages.
is_file() {
	examples=${1%/man/*}/examples
	for source in "$examples"/*.c; do
		cmp -s "$source" "$2" && return
	done
	short=$(basename "$1" .3) short=${short#gyl_}
	[ ! -f "$examples/$short.c" ] || diff -u "$examples/$short.c" "$2"
	finding "$1: the example equals no file of $examples"
}

for page in $pages; do
	mandoc -Tlint -W warning "$page" >"$lint_tmp/mandoc" 2>&1
	grep -v 'operating system explicitly specified' "$lint_tmp/mandoc" >"$lint_tmp/warnings"
	while read -r line; do finding "${line#mandoc: }"; done <"$lint_tmp/warnings"

	name=$(basename "$page")
	sed -nE 's/^\.Xr ([^ ]+) ([1-8]).*/\1.\2/p' "$page" | sort -u >"$lint_tmp/refs"
	while read -r ref; do
		echo "$pages" | grep -q "/$ref\$" || echo "$ref" | grep -Eq "$foreign" ||
			finding "$page: .Xr $ref: no such page"
	done <"$lint_tmp/refs"

	case $name in *.3) ;; *) continue ;; esac
	sed -nE 's/^\.F[on] "?(gyl_[a-z0-9_]+).*/\1/p' "$page" | sort -u >"$lint_tmp/functions"
	while read -r function; do
		grep -qw "$function" -r libproto/include libnet/include crypto/include ||
			finding "$page: $function is in no public header"
	done <"$lint_tmp/functions"

	example "$page" >"$lint_tmp/example"
	family=${name%.3} family=${page%/*}/gyl_$(echo "${family#gyl_}" | sed 's/_.*//').3
	if [ ! -s "$lint_tmp/example" ]; then
		# The page of the family may have it, as gyl_dns(3) has for gyl_dns_name(3).
		{ [ "$family" != "$page" ] && [ -n "$(example "$family")" ]; } || finding "$page: no example (.Sh EXAMPLES, .Bd -literal)"
	elif grep -q 'int main(' "$lint_tmp/example"; then
		is_file "$page" "$lint_tmp/example"
	fi
done
[ -n "$pages" ] || finding "no man page found"
finish "$(echo "$pages" | wc -l) pages"
