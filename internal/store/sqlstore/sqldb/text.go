package sqldb

import "strings"

// Contains tells that a column contains what Pattern made of a text.
func Contains(column, param string) string {
	return `lower(` + column + `) like ` + param + ` escape '\'`
}

// Pattern matches a text anywhere, and ASCII letters in either case, as the function lower of
// both engines folds them.
func Pattern(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(Lower(text)) + "%"
}

// Lower folds ASCII letters and no others.
func Lower(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}
