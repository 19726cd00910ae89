package main

// inGo is a record of the Go vulnerability database, which gives no severity.
func inGo(id, module, fixed, published, modified, summary string, aliases ...string) advisory {
	return advisory{
		id: id, aliases: aliases, summary: summary, published: published, modified: modified,
		affected:  []affected{{"Go", module, []affectedRange{{"0", fixed}}}},
		reference: "https://pkg.go.dev/vuln/" + id,
	}
}

// onGitHub is a reviewed record of GitHub's advisory database.
func onGitHub(id, cve, ecosystem, name, word, vector, published, modified, summary string, ranges ...affectedRange) advisory {
	a := advisory{
		id: id, summary: summary, published: published, modified: modified, vector: vector, word: word,
		affected:  []affected{{ecosystem, name, ranges}},
		reference: "https://github.com/advisories/" + id,
	}
	if cve != "" {
		a.aliases = []string{cve}
	}
	return a
}

// goAdvisories are the records for Go modules. Three have a twin in GitHub's
// database under the same CVE, which is where their severity comes from; the
// others have none.
func goAdvisories() []advisory {
	const first, revised = "2021-04-14T20:04:52Z", "2024-05-20T16:03:47Z"
	const denial = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
	return []advisory{
		// The web program's.
		inGo("GO-2021-0113", "golang.org/x/text", "0.3.7", "2021-10-06T17:51:21Z", revised,
			"x/text: a malformed language tag makes Parse panic", "CVE-2021-38561", "GHSA-ppp9-7jff-5vj2"),
		onGitHub("GHSA-ppp9-7jff-5vj2", "CVE-2021-38561", "Go", "golang.org/x/text", "HIGH", denial,
			"2022-12-26T06:30:22Z", "2023-01-09T20:02:12Z", "x/text: read out of bounds when it parses a language tag", affectedRange{"0", "0.3.7"}),
		inGo("GO-2022-1059", "golang.org/x/text", "0.3.8", "2022-10-11T18:16:24Z", revised,
			"x/text: a long Accept-Language header costs quadratic time", "CVE-2022-32149", "GHSA-69ch-w2m2-3vjp"),
		inGo("GO-2021-0057", "github.com/buger/jsonparser", "1.1.1", first, revised,
			"jsonparser: certain input makes it panic", "CVE-2020-35381", "GHSA-8vrw-m3j9-j27c"),
		inGo("GO-2026-4514", "github.com/buger/jsonparser", "1.1.2", "2026-03-16T20:27:18Z", "2026-04-20T18:42:23Z",
			"jsonparser: certain input denies service", "CVE-2026-32285", "GHSA-6g7g-w4f8-9c9x"),

		// The worker program's.
		inGo("GO-2021-0059", "github.com/tidwall/gjson", "1.6.4", first, revised,
			"gjson: certain input makes Get panic", "CVE-2020-35380", "GHSA-w942-gw6m-p62c"),
		onGitHub("GHSA-w942-gw6m-p62c", "CVE-2020-35380", "Go", "github.com/tidwall/gjson", "HIGH", denial,
			"2021-06-23T17:53:05Z", "2023-02-16T00:32:29Z", "gjson: crafted JSON makes it panic", affectedRange{"0", "1.6.4"}),
		inGo("GO-2022-0957", "github.com/tidwall/gjson", "1.6.5", "2022-08-25T06:28:20Z", revised,
			"gjson: crafted JSON denies service", "CVE-2020-36066", "GHSA-wjm3-fq3r-5x46"),
		inGo("GO-2021-0054", "github.com/tidwall/gjson", "1.6.6", first, revised,
			"gjson: certain input makes ForEach panic", "CVE-2020-36067", "GHSA-p64j-r5f4-pwwx"),
		onGitHub("GHSA-p64j-r5f4-pwwx", "CVE-2020-36067", "Go", "github.com/tidwall/gjson", "HIGH", denial,
			"2023-02-06T23:38:18Z", "2023-02-06T23:38:18Z", "gjson: an array index is not checked", affectedRange{"0", "1.6.6"}),

		// Fixed before the version in use: it must match nothing.
		inGo("GO-2020-0015", "golang.org/x/text", "0.3.3", first, revised,
			"x/text: certain UTF-16 input never ends", "CVE-2020-14040", "GHSA-5rcv-m4m3-hfh7"),
	}
}
