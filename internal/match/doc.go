// Package match says which vulnerabilities a package version has, given the
// advisories that name the package. It is pure: advisories come in, findings go
// out; it reads no file, no database and no clock, so one package version among
// the same advisories always gives the same findings, in any order of the input.
//
// # Which versions are affected
//
// The rules are those of the OSV schema (https://ossf.github.io/osv-schema/#evaluation):
// a version is affected if it is listed, or if it lies in a range. Versions are
// ordered as their ecosystem orders them. A version that the ecosystem could not
// have produced ("latest", "(devel)") is not ordered at all: it can only be
// listed. A range with such a version in an event is left out as a whole, for
// without the event it would say something else.
//
// # Which vulnerability an advisory speaks of
//
// The CVE where one is known, so that the words of several sources about one CVE
// meet. A notice of a distribution or a record with several CVEs gives a finding
// for each of them. See identify.
//
// # Which source decides
//
// Among the findings of one vulnerability exactly one decides. Sources are put
// in order by
//
//  1. the database of the distribution or ecosystem that ships the package
//     (DSA for Debian, GO for Go, PYSEC for PyPI …), which knows its own builds
//     and back-ported fixes;
//  2. how well the severity is founded: CVSS v4, v3, v2, a word, nothing;
//  3. the advisory's ID.
//
// The time of the last change is not among them: a record that only says it was touched
// would otherwise have to be matched again, as feeds touch thousands of records a day.
//
// The first one decides. What it leaves open (severity, fixed version, summary) it
// borrows from the next one that has it.
package match
