// Package osv reads advisories in the OSV format
// (https://ossf.github.io/osv-schema/) from the places where they are found: the layout of
// OSV's public bucket, in a folder or at a URL, a single archive, and loose JSON.
//
// All of it is hostile input. Every archive is checked to its last byte before the
// first record is handed out, so a truncated or damaged one gives nothing at all; sizes
// and counts are capped before work starts; nothing is written but the temporary
// file of a download. A record that cannot be used is counted and named in Stats,
// and the others still count.
package osv
