#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Each program that is built has a man page, --help and --version work without any right or file, and page
# and --help agree about the flags: what is in one is in the other. Keys of the configuration, which are
# options too, are told from the same table that the reader uses, so they need no test here.
. "$(dirname "$0")/lib.sh"

# flags_of_page PAGE: -c, --host and so on.
flags_of_page() {
	# .Fl c, .Op Fl c, .It Fl -help Ns = ...
	grep -E '^\.(Fl|Op|It|Oo)|Fl ' "$1" | grep -oE 'Fl -?[A-Za-z][A-Za-z0-9.-]*' | grep -v '[.]' | sed 's/^Fl /-/' | sort -u
}

# flags_of_help TEXT: those of the usage lines, and what the lines of the list begin with.
flags_of_help() {
	sed -nE '/^(usage:|       )/p; s/^ +(-[^ ]+) .*/ \1/p' "$1" |
		grep -oE '(^|[[:space:],[])-(-[a-z][a-z0-9_.-]*|[A-Za-z])' | sed -E 's/^[[:space:],[]//' | grep -v '\.' | sort -u
}

count=0
for program in "$GYL_BUILD"/bin/guyline*; do
	[ -x "$program" ] || continue
	name=$(basename "$program")
	count=$((count + 1))
	"$program" --version >"$lint_tmp/out" 2>&1 && grep -qE '^[a-z-]+ [0-9]+\.[0-9]' "$lint_tmp/out" ||
		finding "$name: --version does not say 'name 1.2.3'"
	if ! "$program" --help >"$lint_tmp/help" 2>&1; then
		finding "$name: --help fails"
		continue
	fi
	# guyline has more of --help: that of its verb run, which every daemon has, those of verbs with options of their
	# own, and those of net and parse, which have pages of their own.
	[ "$name" != guyline ] || "$program" run --help >>"$lint_tmp/help" 2>&1
	[ "$name" != guyline ] || "$program" passwd --help >>"$lint_tmp/help" 2>&1
	[ "$name" != guyline ] || "$program" net --help >>"$lint_tmp/help" 2>&1
	[ "$name" != guyline ] || "$program" parse --help >>"$lint_tmp/help" 2>&1
	[ "$name" != guyline-zonec ] || "$program" --sign --help >>"$lint_tmp/help" 2>&1
	for verb in leases log pools dhcp dns hosts scan; do
		[ "$name" != guyline ] || "$program" "$verb" --help >>"$lint_tmp/help" 2>&1
	done
	# What follows are the keys of the configuration, which have their own page.
	sed '/^Every key of the configuration/,/^usage:/d' "$lint_tmp/help" >"$lint_tmp/flags"
	page=$(files "$name.[18]" | grep '/man/' | head -n 1)
	if [ -z "$page" ]; then
		finding "$name: no man page"
		continue
	fi
	flags_of_page "$page" >"$lint_tmp/page"
	[ "$name" != guyline ] || flags_of_page "${page%.1}-net.1" >>"$lint_tmp/page"
	[ "$name" != guyline ] || flags_of_page "${page%.1}-parse.1" >>"$lint_tmp/page"
	while read -r flag; do
		grep -qE -e "(^|[^a-z-])$flag([^a-zA-Z-]|\$)" "$lint_tmp/help" || finding "$page: $flag is not in $name --help"
	done <"$lint_tmp/page"
	for flag in $(flags_of_help "$lint_tmp/flags"); do
		grep -qxF -e "$flag" "$lint_tmp/page" || finding "$name --help: $flag is not in $page"
	done
done
[ "$count" -gt 0 ] || skip "no program is built"
finish "$count programs"
