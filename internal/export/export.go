// Package export writes lists as files: CSV for people, lines of JSON for programs. Each says
// what it holds, and ends with a line without which it was cut off.
package export

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// About is written into every file, so that it can be understood by itself. In a file of
// lines of JSON it is the first one.
type About struct {
	Export       string            `json:"export"`
	Organisation string            `json:"organisation"`
	Time         time.Time         `json:"time"`
	Filter       map[string]string `json:"filter"`
}

// Writer writes rows in one of the formats: Begin, any rows, End. Flush hands on what is buffered.
type Writer[T any] interface {
	Begin(about About) error
	Row(T) error
	End(rows int) error
	Flush() error
}

// NewLines writes a line of JSON for each row.
func NewLines[T any](w io.Writer) Writer[T] { return &lineWriter[T]{json.NewEncoder(w)} }

// NewCSV writes rows of columns below a head and above a last line of comments.
func NewCSV[T any](w io.Writer, columns []Column[T]) Writer[T] {
	return &csvWriter[T]{w, csv.NewWriter(w), columns}
}

// Column is a column of a CSV file.
type Column[T any] struct {
	Name  string
	Value func(T) any // a text, a time or a number
}

// end is the last line of a file of lines of JSON.
type end struct {
	End  bool `json:"end"`
	Rows int  `json:"rows"`
}

// lineWriter writes a line of JSON for each row.
type lineWriter[T any] struct{ out *json.Encoder }

func (w *lineWriter[T]) Begin(about About) error { return w.out.Encode(about) }

func (w *lineWriter[T]) Row(row T) error { return w.out.Encode(row) }

func (w *lineWriter[T]) End(rows int) error { return w.out.Encode(end{true, rows}) }

func (w *lineWriter[T]) Flush() error { return nil }

// csvWriter writes rows of columns below a head and above a last line of comments.
type csvWriter[T any] struct {
	raw     io.Writer
	out     *csv.Writer
	columns []Column[T]
}

func (w *csvWriter[T]) Begin(about About) error {
	var filter []string
	for _, name := range slices.Sorted(maps.Keys(about.Filter)) {
		filter = append(filter, name+"="+about.Filter[name])
	}
	for _, line := range []string{"Crowsnest " + about.Export, "organisation: " + about.Organisation, "time: " + about.Time.Format(time.RFC3339), "filter: " + strings.Join(filter, ", ")} {
		if _, err := fmt.Fprintf(w.raw, "# %s\n", strings.Join(strings.Fields(line), " ")); err != nil {
			return err
		}
	}
	names := make([]string, len(w.columns))
	for i, c := range w.columns {
		names[i] = c.Name
	}
	return w.out.Write(names)
}

func (w *csvWriter[T]) Row(row T) error {
	cells := make([]string, len(w.columns))
	for i, c := range w.columns {
		switch v := c.Value(row).(type) {
		case string:
			cells[i] = harmless(v)
		case time.Time:
			if !v.IsZero() {
				cells[i] = v.Format(time.RFC3339)
			}
		default:
			cells[i] = fmt.Sprint(v)
		}
	}
	return w.out.Write(cells)
}

// harmless keeps a spreadsheet from taking a text for a formula: names of packages and
// workloads are whatever somebody chose.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func (w *csvWriter[T]) End(rows int) error {
	w.out.Flush()
	_, err := fmt.Fprintf(w.raw, "# end: %d rows\n", rows)
	return err
}

func (w *csvWriter[T]) Flush() error {
	w.out.Flush()
	return w.out.Error()
}
