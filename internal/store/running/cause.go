package running

import "time"

// CauseCode names why a running image is not analysed. Clients have sentences of their own for them, so none changes its meaning.
type CauseCode string

// The causes.
const (
	UnknownImage  CauseCode = "unknown-image"  // the organisation has no image of the digest
	UnnamedImage  CauseCode = "unnamed-image"  // neither is its name known
	Asked         CauseCode = "asked"          // it is to be analysed because it runs
	AskedInVain   CauseCode = "asked-in-vain"  // that failed
	NameMoved     CauseCode = "name-moved"     // what was analysed is another image by now
	Waits         CauseCode = "waits"          // found, and not yet analysed
	AnalysisFails CauseCode = "analysis-fails" // its analysis failed
	TakenOut      CauseCode = "removed"        // its content was removed by retention
)

// Cause is why a running image is not analysed.
type Cause struct {
	Code      CauseCode
	Reference string    // that was asked for because the image runs
	Detail    string    // why that waits, or what failed, in words of whoever could not go on; or the integration that may lack a token; may be empty
	Removed   time.Time // when its content was removed
}

// String returns the cause in a sentence.
func (c Cause) String() string {
	switch c.Code {
	case UnknownImage:
		return "no image of this digest was pulled, pushed or uploaded by the organisation; analyse it from its registry"
	case UnnamedImage:
		return "no image of this digest was pulled, pushed or uploaded by the organisation, and its name is not known here; Sysdig tells it to an API token, which integration " + c.Detail +
			" may lack: give it one when you edit it, or with crowsnest integration update --name " + c.Detail + " --parameter api-token=@FILE"
	case Asked:
		if c.Detail != "" {
			return c.Reference + " is to be analysed, since it runs; it waits: " + c.Detail
		}
		return c.Reference + " is to be analysed, since it runs"
	case AskedInVain:
		return c.Reference + " was to be analysed, since it runs: " + c.Detail
	case NameMoved:
		return c.Reference + " was analysed, since it runs, and is another image now than the one that runs; analyse that one from wherever it came"
	case Waits:
		return "found, and waiting for its analysis"
	case TakenOut:
		return RemovedHint(c.Removed)
	}
	return c.Detail
}

// RemovedHint says where a content is that there was.
func RemovedHint(at time.Time) string {
	return "its content was removed on " + at.Format(time.DateOnly) + " by retention; analyse it again to see it"
}
