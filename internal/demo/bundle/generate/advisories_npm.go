package main

// GitHub's words for a severity.
const (
	wordCritical = "CRITICAL"
	wordHigh     = "HIGH"
	wordModerate = "MODERATE"
	wordLow      = "LOW"
)

// npmAdvisories are the records for npm packages.
func npmAdvisories() []advisory {
	return []advisory{
		// The frontend's.
		onGitHub("GHSA-p6mc-m468-83gw", "CVE-2020-8203", "npm", "lodash", wordHigh, "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:H/A:H",
			"2020-07-15T19:15:48Z", "2025-08-12T21:56:17.174859Z", "lodash: zipObjectDeep changes the prototype of objects", affectedRange{"3.7.0", "4.17.19"}),
		onGitHub("GHSA-35jh-r3h4-6jhm", "CVE-2021-23337", "npm", "lodash", wordHigh, "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H",
			"2021-05-06T16:05:51Z", "2025-08-12T21:55:57.719943Z", "lodash: template runs commands from its options", affectedRange{"0", "4.17.21"}),
		onGitHub("GHSA-29mw-wpgm-hmr9", "CVE-2020-28500", "npm", "lodash", wordModerate, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L",
			"2022-01-06T20:30:46Z", "2025-09-29T21:12:31.102523Z", "lodash: trim and toNumber are slow on long blanks", affectedRange{"4.0.0", "4.17.21"}),
		onGitHub("GHSA-xvch-5gv4-984h", "CVE-2021-44906", "npm", "minimist", wordCritical, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
			"2022-03-18T00:01:09Z", "2025-01-14T10:12:15.693708Z", "minimist: arguments change the prototype of objects, again",
			affectedRange{"1.0.0", "1.2.6"}, affectedRange{"0", "0.2.4"}),
		onGitHub("GHSA-vh95-rmgr-6w4m", "CVE-2020-7598", "npm", "minimist", wordModerate, "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:L",
			"2020-04-03T21:48:32Z", "2025-01-14T08:57:16.325412Z", "minimist: arguments change the prototype of objects",
			affectedRange{"0", "0.2.1"}, affectedRange{"1.0.0", "1.2.3"}),
		onGitHub("GHSA-r683-j2x4-v87g", "CVE-2022-0235", "npm", "node-fetch", wordHigh, "CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
			"2022-01-21T23:55:52Z", "2023-11-08T04:07:30.211593Z", "node-fetch: secret headers follow a redirect to another site",
			affectedRange{"3.0.0", "3.1.1"}, affectedRange{"0", "2.6.7"}),
		onGitHub("GHSA-w7rc-rwvf-8q5r", "CVE-2020-15168", "npm", "node-fetch", wordLow, "CVSS:3.1/AV:N/AC:H/PR:L/UI:R/S:U/C:N/I:N/A:L",
			"2020-09-10T17:46:21Z", "2024-07-15T19:46:22Z", "node-fetch: the size limit is forgotten after a redirect",
			affectedRange{"2.0.0", "2.6.1"}, affectedRange{"3.0.0-beta.1", "3.0.0-beta.9"}),
		onGitHub("GHSA-hrpp-h998-j3pp", "CVE-2022-24999", "npm", "qs", wordHigh, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
			"2022-11-27T00:30:50Z", "2025-04-29T15:41:43Z", "qs: a query with __proto__ hangs the process",
			affectedRange{"6.10.0", "6.10.3"}, affectedRange{"6.9.0", "6.9.7"}, affectedRange{"6.8.0", "6.8.3"}, affectedRange{"6.7.0", "6.7.3"},
			affectedRange{"6.6.0", "6.6.1"}, affectedRange{"6.5.0", "6.5.3"}, affectedRange{"6.4.0", "6.4.1"}, affectedRange{"6.3.0", "6.3.3"},
			affectedRange{"0", "6.2.4"}),

		// The frontend's and the admin's. The first has neither a CVE nor a vector.
		onGitHub("GHSA-ch52-vgq2-943f", "", "npm", "marked", wordLow, "",
			"2020-09-03T18:15:53Z", "2020-08-31T18:46:28Z", "marked: certain input is slow to match", affectedRange{"0.4.0", "0.7.0"}),
		onGitHub("GHSA-rrrm-qjm4-v8hf", "CVE-2022-21680", "npm", "marked", wordHigh, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
			"2022-01-14T21:04:41Z", "2023-11-08T04:08:07.472715Z", "marked: block definitions are slow to match", affectedRange{"0", "4.0.10"}),
		onGitHub("GHSA-p9wx-2529-fp83", "CVE-2018-25110", "npm", "marked", wordModerate,
			"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N",
			"2025-05-23T15:31:16Z", "2025-05-27T15:27:40.131270Z", "marked: links and code are slow to match", affectedRange{"0", "0.3.17"}),

		// Of packages that upper layers hide or that Debian owns: they must match nothing.
		onGitHub("GHSA-c2qf-rxjj-qqgw", "CVE-2022-25883", "npm", "semver", wordHigh, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
			"2023-06-21T06:30:28Z", "2024-12-06T20:34:31Z", "semver: version ranges are slow to match",
			affectedRange{"7.0.0", "7.5.2"}, affectedRange{"6.0.0", "6.3.1"}, affectedRange{"0", "5.7.2"}),
		onGitHub("GHSA-9c47-m6qq-7p4h", "CVE-2022-46175", "npm", "json5", wordHigh, "CVSS:3.1/AV:N/AC:H/PR:L/UI:N/S:U/C:H/I:L/A:H",
			"2022-12-29T01:51:03Z", "2024-02-13T21:31:39Z", "json5: parse changes the prototype of the result",
			affectedRange{"2.0.0", "2.2.2"}, affectedRange{"0", "1.0.2"}),

		// Fixed before the version in use: it must match nothing.
		onGitHub("GHSA-jf85-cpcp-j695", "CVE-2019-10744", "npm", "lodash", wordCritical, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H",
			"2019-07-10T19:45:23Z", "2025-08-12T21:56:37.293794Z", "lodash: defaultsDeep changes the prototype of objects", affectedRange{"0", "4.17.12"}),
	}
}
