// Command lint holds analysers for faults that go vet and staticcheck do not look
// for. It is run by "go vet -vettool", which caches the result of each package.
package main

import (
	"strings"

	"github.com/jingyugao/rowserrcheck/passes/rowserr"
	sqlclose "github.com/ryanrolds/sqlclosecheck/pkg/analyzer"
	"github.com/timakin/bodyclose/passes/bodyclose"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/nilness"
	"golang.org/x/tools/go/analysis/unitchecker"
)

func main() {
	unitchecker.Main(
		nilness.Analyzer,                              // a nil checked too late, a comparison that cannot fail
		rowserr.NewAnalyzer(),                         // rows that broke off look like rows that ended
		outsideTests(sqlclose.NewDeferOnlyAnalyzer()), // rows left open starve the one SQLite writer
		outsideTests(bodyclose.Analyzer),              // a body left open keeps its connection
	)
}

// outsideTests drops what an analyser reports in test files: a test that expects an
// error has nothing to close.
func outsideTests(a *analysis.Analyzer) *analysis.Analyzer {
	filtered := *a
	filtered.Run = func(pass *analysis.Pass) (any, error) {
		report := pass.Report
		pass.Report = func(d analysis.Diagnostic) {
			if !strings.HasSuffix(pass.Fset.Position(d.Pos).Filename, "_test.go") {
				report(d)
			}
		}
		return a.Run(pass)
	}
	return &filtered
}
