package main

// Urgencies as Debian's security tracker writes them.
const (
	unimportant = "unimportant"
	low         = "low"
	unassigned  = "not yet assigned"
)

// onDebian is a record of Debian for a source package of Debian 12. An empty
// fixed means that Debian 12 has no fix.
func onDebian(cve, source, fixed, urgency, vector, published, modified, summary string) advisory {
	return advisory{
		id: "DEBIAN-" + cve, upstream: []string{cve}, summary: summary, published: published, modified: modified,
		vector: vector, urgency: urgency,
		affected:  []affected{{"Debian:12", source, []affectedRange{{"0", fixed}}}},
		reference: "https://security-tracker.debian.org/tracker/" + cve,
	}
}

// alsoDebian13 adds what the record says of Debian 13: a matcher that does not
// look at the release would report the wrong fix.
func (a advisory) alsoDebian13(fixed string) advisory {
	a.affected = append(a.affected, affected{"Debian:13", a.affected[0].name, []affectedRange{{"0", fixed}}})
	return a
}

// debianAdvisories are the records for Debian 12. The fixes are the package
// versions whose changelog names the CVE, and the times then are those of the
// changelog; else the times are those of the CVE record. The vectors are those
// of the CVE record or of the NVD.
func debianAdvisories() []advisory {
	return []advisory{
		// Fixed between the two versions of openssl.
		onDebian("CVE-2025-9230", "openssl", "3.0.17-1~deb12u3", unassigned, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
			"2025-09-26T18:59:22Z", "2025-10-03T09:54:41Z", "openssl: out-of-bounds access when it decrypts CMS messages by password"),
		onDebian("CVE-2025-15467", "openssl", "3.0.18-1~deb12u2", unassigned, "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H",
			"2026-01-24T15:01:59Z", "2026-01-24T15:50:07Z", "openssl: stack overflow when it reads CMS messages with AEAD parameters").
			alsoDebian13("3.5.4-1~deb13u2"),
		onDebian("CVE-2025-68160", "openssl", "3.0.18-1~deb12u2", unassigned, "",
			"2026-01-24T15:01:59Z", "2026-01-29T18:45:07Z", "openssl: heap write out of bounds in the line-buffering filter"),
		onDebian("CVE-2025-69419", "openssl", "3.0.18-1~deb12u2", unassigned, "",
			"2026-01-24T15:01:59Z", "2026-01-29T18:45:07Z", "openssl: one byte written before a buffer when it reads PKCS#12 names"),
		onDebian("CVE-2026-28388", "openssl", "3.0.19-1~deb12u2", unassigned, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
			"2026-04-03T10:05:32Z", "2026-06-05T07:07:34Z", "openssl: null pointer used when it checks delta revocation lists"),
		onDebian("CVE-2026-31789", "openssl", "3.0.19-1~deb12u2", unassigned, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
			"2026-04-03T10:05:32Z", "2026-04-03T12:29:32Z", "openssl: heap overflow when it prints huge octet strings on 32-bit systems"),
		onDebian("CVE-2026-45447", "openssl", "3.0.20-1~deb12u2", unassigned, "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
			"2026-06-06T19:55:35Z", "2026-06-11T10:37:33Z", "openssl: memory used after it was freed when it verifies PKCS#7 signatures"),

		// Fixed between the two versions of glibc.
		onDebian("CVE-2025-4802", "glibc", "2.36-9+deb12u11", unassigned, "CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H",
			"2025-05-27T10:40:04Z", "2025-05-29T09:41:11Z", "glibc: static setuid programs take libraries from LD_LIBRARY_PATH"),
		onDebian("CVE-2026-0861", "glibc", "2.36-9+deb12u14", unassigned, "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
			"2026-03-01T20:10:06Z", "2026-05-27T04:49:44Z", "glibc: integer overflow in memalign corrupts the heap"),
		onDebian("CVE-2026-4437", "glibc", "2.36-9+deb12u14", unassigned, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
			"2026-04-27T20:09:22Z", "2026-04-27T20:14:33Z", "glibc: gethostbyaddr takes another section of a DNS reply for the answer"),
		onDebian("CVE-2026-4438", "glibc", "2.36-9+deb12u14", unassigned, "CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:N",
			"2026-04-27T20:09:22Z", "2026-04-27T20:14:33Z", "glibc: gethostbyaddr returns host names that DNS does not allow"),

		// Without a fix in Debian 12.
		onDebian("CVE-2023-45853", "zlib", "", unassigned, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
			"2023-10-14T02:15:09Z", "2023-10-14T02:15:09Z", "zlib: integer overflow in minizip, which zlib1g does not contain").
			alsoDebian13("1:1.3.dfsg-2"),
		onDebian("CVE-2016-2781", "coreutils", "", low, "CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:C/C:N/I:H/A:N",
			"2017-02-07T15:00:00Z", "2024-08-05T23:32:20Z", "coreutils: chroot --userspec leaves the caller's terminal to the program"),
		onDebian("CVE-2022-3219", "gnupg2", "", unimportant, "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:L",
			"2023-02-23T00:00:00Z", "2023-03-24T00:00:00Z", "gnupg: a small key with thousands of signatures keeps it busy"),
		onDebian("CVE-2011-3374", "apt", "", unimportant, "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:N",
			"2019-11-26T00:15:11Z", "2019-11-26T00:15:11Z", "apt: apt-key does not check keys against the master keyring"),
		// Without a vector, Debian's word makes it low.
		onDebian("CVE-2005-2541", "tar", "", unimportant, "",
			"2005-08-10T04:00:00Z", "2005-08-10T04:00:00Z", "tar: no warning when it extracts setuid files as root"),

		// Of the debug image, for the day it is pushed.
		onDebian("CVE-2024-2398", "curl", "7.88.1-10+deb12u6", unassigned, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:H",
			"2024-04-02T23:02:10Z", "2024-04-10T01:00:20Z", "curl: HTTP/2 push with too many headers leaks memory"),
		onDebian("CVE-2025-0167", "curl", "7.88.1-10+deb12u11", unassigned, "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:C/C:L/I:N/A:N",
			"2025-02-10T10:45:37Z", "2025-02-10T10:45:37Z", "curl: a netrc password follows a redirect to another host"),

		// Fixed in both versions already: they must match nothing.
		onDebian("CVE-2024-2961", "glibc", "2.36-9+deb12u6", unassigned, "",
			"2024-04-19T16:34:04Z", "2024-04-19T20:40:26Z", "glibc: iconv writes past its buffer for ISO-2022-CN-EXT"),
		onDebian("CVE-2024-8176", "expat", "2.5.0-1+deb12u2", unassigned, "",
			"2025-04-05T05:36:55Z", "2025-04-05T05:36:55Z", "expat: deeply nested entities exhaust the stack"),
	}
}
