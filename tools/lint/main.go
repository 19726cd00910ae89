// Command lint holds the analysers that go vet and staticcheck lack and that have
// found real faults in code like Crowsnest's. It is run by "go vet -vettool", which
// caches the result of each package.
package main

import (
	"github.com/jingyugao/rowserrcheck/passes/rowserr"
	"github.com/ryanrolds/sqlclosecheck/pkg/analyzer"
	"github.com/timakin/bodyclose/passes/bodyclose"
	"golang.org/x/tools/go/analysis/passes/nilness"
	"golang.org/x/tools/go/analysis/unitchecker"
)

func main() {
	unitchecker.Main(
		bodyclose.Analyzer,              // an HTTP body left open keeps its connection
		rowserr.NewAnalyzer(),           // rows that broke off look like rows that ended
		analyzer.NewDeferOnlyAnalyzer(), // rows and statements left open starve the one SQLite writer
		nilness.Analyzer,                // a nil checked too late, a comparison that cannot fail
	)
}
