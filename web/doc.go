// Package web holds the dashboard and serves it.
//
// The dashboard is built by Node into dist, which is not in the repository, and gets
// into the program with the build tag "dashboard" only: work on Go needs no Node. A
// program built without the tag answers with a page that says so.
//
// The dashboard is one page with client-side routes. What it is served with is as
// strict as it can be: no inline script or style, nothing from another host.
package web
