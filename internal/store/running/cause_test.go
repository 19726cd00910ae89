package running

import (
	"testing"
	"time"
)

// Programs read the codes, people the sentences; clients that have no words for a code show the sentence.
func TestCauseIsOneSentence(t *testing.T) {
	for want, c := range map[string]Cause{
		"no image of this digest was pulled, pushed or uploaded by the organisation; analyse it from its registry": {Code: UnknownImage},
		"no image of this digest was pulled, pushed or uploaded by the organisation, and its name is not known here; Sysdig tells it to an API token, which integration prod may lack: give it one when you edit it, or with crowsnest integration update --name prod --parameter api-token=@FILE": {Code: UnnamedImage, Detail: "prod"},
		"x/web:1 is to be analysed, since it runs":                                       {Code: Asked, Reference: "x/web:1"},
		"x/web:1 is to be analysed, since it runs; it waits: x asks to slow down":        {Code: Asked, Reference: "x/web:1", Detail: "x asks to slow down"},
		"x/web:1 was to be analysed, since it runs: its layer is damaged":                {Code: AskedInVain, Reference: "x/web:1", Detail: "its layer is damaged"},
		"found, and waiting for its analysis":                                            {Code: Waits},
		"layer 2 is truncated":                                                           {Code: AnalysisFails, Detail: "layer 2 is truncated"},
		"its content was removed on 2026-03-01 by retention; analyse it again to see it": {Code: TakenOut, Removed: time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC)},
		"x/web:1 was analysed, since it runs, and is another image now than the one that runs; analyse that one from wherever it came": {Code: NameMoved, Reference: "x/web:1"},
	} {
		if got := c.String(); got != want {
			t.Errorf("%+v is %q, want %q", c, got, want)
		}
	}
}
