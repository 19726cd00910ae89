package cli

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/spf13/cobra"
)

// TokenFlags adds the flags that say what a new token may do and for how long.
func TokenFlags(cmd *cobra.Command, scope *string, expires *time.Duration) {
	cmd.Flags().StringVar(scope, "scope", "", "what it permits: read, upload, write, owner, metrics, with commas between")
	cmd.Flags().DurationVar(expires, "expires", 0, "how long it lasts, such as 720h (default for ever)")
	cmd.MarkFlagRequired("scope")
}

// TokenTerms reads what TokenFlags took.
func TokenTerms(scope string, expires time.Duration) ([]crowsnest.Scope, error) {
	if expires < 0 {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --expires", Subject: expires.String(), Hint: "write it as 720h"}
	}
	return crowsnest.ParseScopes(scope)
}

// ReadSeverities reads the names of severities.
func ReadSeverities(words []string) ([]crowsnest.Severity, error) {
	var out []crowsnest.Severity
	for _, word := range words {
		severity, ok := crowsnest.ParseSeverity(word)
		if !ok {
			return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --only-severity", Subject: word, Hint: "use critical, high, medium, low or unspecified"}
		}
		out = append(out, severity)
	}
	return out, nil
}
