package cli

import "fmt"

// ExitCode ends the program with a code and no message: the report has said it all.
type ExitCode int

func (e ExitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// FoundVulnerabilities is the code of --exit-code when findings are left after the filters.
const FoundVulnerabilities ExitCode = 2

// FoundIncomplete is the code of --exit-code when nothing was found in an image of which parts
// could not be judged.
const FoundIncomplete ExitCode = 3
