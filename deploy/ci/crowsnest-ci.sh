#!/bin/sh
# The steps of a job of CI, the same for all systems: "check" makes the reports, "comment" writes them to the merge request, in one
# comment that is updated in place, and "verdict" ends with the code of the check, so that the job fails last of all.
#
# Codes: 0 nothing found or worse, 1 an error, 2 found or worse, 3 nothing found, but not all could be judged.
#
# It needs sh, awk, sed, grep and, to comment, curl. It is set by variables:
#
#   CROWSNEST_IMAGE           the image, as on the command line: a reference, archive://FILE, oci-dir://PATH …
#   CROWSNEST_CHECK           cves (default), compare or policy
#   CROWSNEST_ARGUMENTS       more arguments for it, split at blanks: --only-severity critical,high --to-env production
#   CROWSNEST_REPORTS         folder for the reports (default crowsnest-reports)
#   CROWSNEST_REPORT_URL      address of the full report, to which the comment links
#   CROWSNEST_FAIL            "false" makes 0 of the codes 2 and 3
#   CROWSNEST_COMMAND         the program (default crowsnest)
#   CROWSNEST_SERVER, CROWSNEST_TOKEN and all others of the program
#
# and for the comment, where the system of CI does not tell it:
#
#   CROWSNEST_FORGE           github or gitlab
#   CROWSNEST_FORGE_API       address of its API, such as https://gitlab.example.com/api/v4
#   CROWSNEST_FORGE_TOKEN     may write comments
#   CROWSNEST_REPOSITORY      owner/name of GitHub, or the number or encoded path of a project of GitLab
#   CROWSNEST_MERGE_REQUEST   its number
#   CROWSNEST_COMMENT_AUTHOR  who the token is; comments of others are left alone
#   CROWSNEST_COMMENT_KEY     tells several comments in a merge request apart (default by check and image)
set -euf

image=${CROWSNEST_IMAGE:-}
kind=${CROWSNEST_CHECK:-cves}
reports=${CROWSNEST_REPORTS:-crowsnest-reports}

fail() {
	echo "crowsnest-ci: $1" >&2
	exit 1
}

check() {
	[ -n "$image" ] || fail "name the image in CROWSNEST_IMAGE"
	mkdir -p "$reports"
	rm -f "$reports/exit-code"
	case $kind in
	cves) set -- cves "$image" --exit-code --report "gitlab=$reports/gl-container-scanning-report.json" ;;
	compare) set -- compare "$image" --exit-on vulnerability --report "gitlab=$reports/gl-container-scanning-report.json" ;;
	policy) set -- policy "$image" --exit-code ;;
	*) fail "CROWSNEST_CHECK is cves, compare or policy, and not $kind" ;;
	esac
	set -- "$@" --report "json=$reports/crowsnest.json" --report "sarif=$reports/crowsnest.sarif" --report "junit=$reports/junit.xml" --report "markdown=$reports/crowsnest.md"
	[ -z "${CROWSNEST_REPORT_URL:-}" ] || set -- "$@" --report-url "$CROWSNEST_REPORT_URL"
	code=0
	# shellcheck disable=SC2086 # split at blanks, as is promised above
	"${CROWSNEST_COMMAND:-crowsnest}" "$@" ${CROWSNEST_ARGUMENTS:-} || code=$?
	case $code in
	0 | 2 | 3) echo "$code" >"$reports/exit-code" ;;
	*) exit "$code" ;;
	esac
	if [ -n "${GITHUB_OUTPUT:-}" ]; then
		printf '%s\n' "exit-code=$code" "sarif=$reports/crowsnest.sarif" "junit=$reports/junit.xml" >>"$GITHUB_OUTPUT"
	fi
	if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
		cat "$reports/crowsnest.md" >>"$GITHUB_STEP_SUMMARY"
	fi
}

verdict() {
	[ -f "$reports/exit-code" ] || fail "there is no $reports/exit-code: run the step check first"
	code=$(cat "$reports/exit-code")
	[ "${CROWSNEST_FAIL:-true}" != false ] || code=0
	exit "$code"
}

# key is by what a comment is found again: the check and the image without its tag.
key() {
	name=${image%@*}
	case ${name##*/} in
	*:*) name=${name%:*} ;;
	esac
	printf '%s' "${CROWSNEST_COMMENT_KEY:-$kind $name}" | tr -c 'A-Za-z0-9._/: -' _ | sed 's/--*/-/g' # two dashes would end the comment of HTML
}

# forge METHOD URL … asks the forge. The token is on no command line, where other processes could read it.
forge() {
	method=$1
	url=$2
	shift 2
	printf 'header = "%s"\n' "$authorization" | curl --config - --silent --show-error --fail --max-time 60 --request "$method" "$@" "$url"
}

# find_comment reads a list of comments and prints the number of the one that begins with a marker and is by an author, or -, and then
# how many there were. It splits at quotes, which is linear; a quote behind an odd number of backslashes belongs to a string.
find_comment() {
	MARKER=$1 AUTHOR=$2 awk '
		BEGIN { RS = "\""; found = "-" }
		inside {
			text = text $0
			slashes = 0
			while (substr($0, length($0) - slashes, 1) == "\\") slashes++
			if (slashes % 2) { text = text "\""; next }
			inside = 0; pending = 1
			next
		}
		{
			outside = $0
			gsub(/[ \t\r\n]/, "", outside)
			if (pending) {
				if (substr(outside, 1, 1) == ":") name[depth] = text
				else if (depth == 2 && name[2] == "body") body = text
				else if (depth == 3 && (name[2] == "user" || name[2] == "author") && (name[3] == "login" || name[3] == "username")) author = text
			}
			for (i = 1; i <= length(outside); i++) {
				c = substr(outside, i, 1)
				if (c == "{" || c == "[") { depth++; name[depth] = "" }
				else if (c == ":") number = ""
				else if (c ~ /[0-9]/) number = number c
				else {
					if (depth == 2 && name[2] == "id" && number != "") id = number
					number = ""
					if (c == "}" && depth == 2) {
						count++
						gsub(/\\u003[cC]/, "<", body); gsub(/\\u003[eE]/, ">", body); gsub(/\\\//, "/", body)
						if (found == "-" && author == ENVIRON["AUTHOR"] && index(body, ENVIRON["MARKER"]) == 1) found = id
						id = ""; body = ""; author = ""
					}
					if (c == "}" || c == "]") depth--
				}
			}
			inside = 1; pending = 0; text = ""
		}
		END { print found, count + 0 }'
}

comment() {
	file=$reports/crowsnest.md
	[ -f "$file" ] || fail "there is no $file: run the step check first"
	forge=${CROWSNEST_FORGE:-}
	if [ -z "$forge" ] && [ "${GITHUB_ACTIONS:-}" = true ]; then forge=github; fi
	if [ -z "$forge" ] && [ "${GITLAB_CI:-}" = true ]; then forge=gitlab; fi
	number=${CROWSNEST_MERGE_REQUEST:-${CI_MERGE_REQUEST_IID:-${CHANGE_ID:-}}} # the last is of Jenkins
	case ${GITHUB_REF:-} in
	refs/pull/*) number=${number:-$(echo "$GITHUB_REF" | cut -d / -f 3)} ;;
	esac
	if [ -z "$number" ]; then
		echo "crowsnest-ci: this is no merge request, and so there is no comment"
		return
	fi
	token=${CROWSNEST_FORGE_TOKEN:-}
	[ -n "$token" ] || fail "give a token that may write comments in CROWSNEST_FORGE_TOKEN"
	case $forge in
	github)
		api=${CROWSNEST_FORGE_API:-${GITHUB_API_URL:-https://api.github.com}}
		repository=$api/repos/${CROWSNEST_REPOSITORY:-${GITHUB_REPOSITORY:-}}
		list=$repository/issues/$number/comments one=$repository/issues/comments update=PATCH name=login
		authorization="Authorization: Bearer $token"
		;;
	gitlab)
		api=${CROWSNEST_FORGE_API:-${CI_API_V4_URL:-https://gitlab.com/api/v4}}
		list=$api/projects/${CROWSNEST_REPOSITORY:-${CI_MERGE_REQUEST_PROJECT_ID:-${CI_PROJECT_ID:-}}}/merge_requests/$number/notes
		one=$list update=PUT name=username
		authorization="PRIVATE-TOKEN: $token"
		;;
	*) fail "say in CROWSNEST_FORGE whether it is github or gitlab" ;;
	esac
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	author=${CROWSNEST_COMMENT_AUTHOR:-}
	if [ -z "$author" ] && [ "$forge" = github ] && [ "${GITHUB_ACTIONS:-}" = true ]; then
		author='github-actions[bot]' # the token of a job may not ask who it is
	elif [ -z "$author" ]; then
		forge GET "$api/user" >"$scratch/user"
		author=$(grep -o "\"$name\": *\"[^\"]*\"" "$scratch/user" | head -n 1 | cut -d '"' -f 4)
		[ -n "$author" ] || fail "the forge does not say who the token is: say it in CROWSNEST_COMMENT_AUTHOR"
	fi
	marker="<!-- crowsnest: $(key) -->"
	found=-
	page=1
	while [ "$page" -le 50 ]; do
		forge GET "$list?per_page=100&page=$page" >"$scratch/list"
		answer=$(find_comment "$marker" "$author" <"$scratch/list")
		found=${answer% *}
		[ "$found" = - ] && [ "${answer#* }" -eq 100 ] || break
		page=$((page + 1))
	done
	{
		echo "$marker"
		cat "$file"
	} >"$scratch/body"
	if [ "$forge" = github ]; then
		{
			printf '{"body":"'
			sed 's/\\/\\\\/g; s/"/\\"/g' "$scratch/body" | awk '{ printf "%s\\n", $0 }'
			printf '"}'
		} >"$scratch/json"
		set -- --header "Content-Type: application/json" --header "Accept: application/vnd.github+json" --data-binary "@$scratch/json"
	else
		set -- --data-urlencode "body@$scratch/body"
	fi
	if [ "$found" = - ]; then
		forge POST "$list" "$@" >"$scratch/answer"
		echo "crowsnest-ci: wrote a comment"
	else
		forge "$update" "$one/$found" "$@" >"$scratch/answer"
		echo "crowsnest-ci: updated comment $found"
	fi
}

case ${1:-} in
check | comment | verdict) "$1" ;;
*) fail "say which step: check, comment or verdict" ;;
esac
