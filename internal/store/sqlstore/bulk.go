package sqlstore

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Lists are cut into statements of few sizes: each size is another text, which both
// engines have to read and plan and PostgreSQL's driver keeps. The largest bound the
// parameters of a statement: PostgreSQL takes 65,535, SQLite 32,766.
var (
	rowSizes  = [...]int{100, 30, 10, 3, 1} // of rows that are written
	listSizes = [...]int{500, 200, 100, 50, 20, 8, 3, 1}
)

// insertRows inserts rows of equal width. head ends with "values", tail follows the rows.
func (s *Store) insertRows(ctx context.Context, tx *sql.Tx, head string, rows [][]any, tail string) error {
	_, err := s.insertNew(ctx, tx, head, rows, tail)
	return err
}

// insertNew is insertRows and returns how many rows were written.
func (s *Store) insertNew(ctx context.Context, tx *sql.Tx, head string, rows [][]any, tail string) (int, error) {
	return s.execRows(ctx, tx, rows, func(n int) string {
		types := make([]string, len(rows[0]))
		return head + s.valuesOf(n, types...) + tail
	})
}

// eachRows runs the statement that text makes for a number of rows, until all are done.
func (s *Store) eachRows(ctx context.Context, tx *sql.Tx, rows [][]any, text func(n int) string) error {
	_, err := s.execRows(ctx, tx, rows, text)
	return err
}

// execRows is eachRows and returns how many rows were written.
func (s *Store) execRows(ctx context.Context, tx *sql.Tx, rows [][]any, text func(n int) string) (int, error) {
	written := 0
	for _, size := range rowSizes {
		whole := len(rows) / size * size
		if whole == 0 {
			continue
		}
		n, err := s.execParts(ctx, tx, text(size), rows[:whole], size)
		if err != nil {
			return written, err
		}
		written += n
		rows = rows[whole:]
	}
	return written, nil
}

// execParts runs a statement for every size rows. SQLite reads a statement anew each time
// unless it is prepared; PostgreSQL's driver keeps it by itself.
func (s *Store) execParts(ctx context.Context, tx *sql.Tx, stmt string, rows [][]any, size int) (int, error) {
	if s.engine.prepares && len(rows) > size {
		return execPrepared(ctx, tx, stmt, rows, size)
	}
	written := 0
	for i := 0; i < len(rows); i += size {
		n, err := affected(tx.ExecContext(ctx, stmt, slices.Concat(rows[i:i+size]...)...))
		if err != nil {
			return written, err
		}
		written += n
	}
	return written, nil
}

func execPrepared(ctx context.Context, tx *sql.Tx, stmt string, rows [][]any, size int) (int, error) {
	prepared, err := tx.PrepareContext(ctx, stmt)
	if err != nil {
		return 0, err
	}
	defer prepared.Close()
	written := 0
	for i := 0; i < len(rows); i += size {
		n, err := affected(prepared.ExecContext(ctx, slices.Concat(rows[i:i+size]...)...))
		if err != nil {
			return written, err
		}
		written += n
	}
	return written, nil
}

// affected returns how many rows a statement wrote.
func affected(result sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// valuesOf returns "($1,$2),($3,$4)…" for n rows with a column for each type, which
// must be all parameters of a statement. PostgreSQL takes the type of a column from where it
// goes or, where types are given, from a cast in the first row.
func (s *Store) valuesOf(n int, types ...string) string {
	var b strings.Builder
	for i := range n * len(types) {
		column := i % len(types)
		switch {
		case i == 0:
			b.WriteByte('(')
		case column == 0:
			b.WriteString("),(")
		default:
			b.WriteByte(',')
		}
		if i < len(types) && types[column] != "" {
			b.WriteString("cast(" + s.engine.value(i+1) + " as " + types[column] + ")")
		} else {
			b.WriteString(s.engine.value(i + 1))
		}
	}
	b.WriteByte(')')
	return b.String()
}

// parameters returns "($first,$first+1,…)" of n, which must be the last of a statement's parameters.
func (s *Store) parameters(first, n int) string {
	var b strings.Builder
	b.WriteByte('(')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(s.engine.listed(first + i))
	}
	b.WriteByte(')')
	return b.String()
}

// placeholders returns "($first,$first+1,…)" of n.
func placeholders(first, n int) string {
	var b strings.Builder
	b.WriteByte('(')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(first + i))
	}
	b.WriteByte(')')
	return b.String()
}

func dollar(n int) string { return "$" + strconv.Itoa(n) }

// eachChunk calls fn with the list's parts, each as arguments of an "in". The last value
// fills a part up to the next size, which changes nothing.
func eachChunk[T any](list []T, fn func(args []any) error) error {
	for part := range slices.Chunk(list, listSizes[0]) {
		args := make([]any, sizeFor(len(part)))
		for i := range args {
			args[i] = part[min(i, len(part)-1)]
		}
		if err := fn(args); err != nil {
			return err
		}
	}
	return nil
}

// sizeFor returns the least size of a list that has room for n.
func sizeFor(n int) int {
	for i := len(listSizes) - 1; i > 0; i-- {
		if listSizes[i] >= n {
			return listSizes[i]
		}
	}
	return listSizes[0]
}

// collectIn runs a query once for each chunk of a list and scans every row. query makes its
// text of the list, "($n,…)", as parameters does. before are the arguments ahead of the list.
func collectIn[K any](ctx context.Context, s *Store, q querier, list []K, before []any, query func(in string) string, scan func(*sql.Rows) error) error {
	return eachChunk(list, func(args []any) error {
		rows, err := q.QueryContext(ctx, query(s.parameters(len(before)+1, len(args))), append(slices.Clip(before), args...)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := scan(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// numbering describes a table in which a number stands for a key.
type numbering struct {
	find   string // selects number and key; ends with "in"
	before []any  // the arguments of find ahead of the keys
	insert string // inserts rows; ends with "values"
	tail   string // says that a key that is there already is left alone
	bytes  bool   // keys are bytes, not text
}

// number returns the number of each key; a key that has none gets one, with the row that
// row makes. made says which of them were made here: on PostgreSQL another transaction may
// make the same ones, and then its rows stand.
func (s *Store) number(ctx context.Context, tx *sql.Tx, n numbering, keys []string, row func(id int64, key string) []any) (numbers map[string]int64, made map[string]bool, err error) {
	// One order for all writers: two that make the same rows wait for each other, but never in a circle.
	keys = slices.Sorted(slices.Values(keys))
	numbers = make(map[string]int64, len(keys))
	find := func(keys []string) error {
		args := make([]any, len(keys))
		for i, k := range keys {
			args[i] = k
			if n.bytes {
				args[i] = []byte(k)
			}
		}
		return collectIn(ctx, s, tx, args, n.before, func(in string) string { return n.find + in }, func(rows *sql.Rows) error {
			var id int64
			var key string
			err := rows.Scan(&id, &key)
			numbers[key] = id
			return err
		})
	}
	if err := find(keys); err != nil {
		return nil, nil, err
	}
	made = make(map[string]bool)
	mine := make(map[string]int64)
	var missing []string
	var rows [][]any
	for _, key := range keys {
		if _, ok := numbers[key]; ok || made[key] {
			continue
		}
		made[key], mine[key] = true, newID()
		missing = append(missing, key)
		rows = append(rows, row(mine[key], key))
	}
	written, err := s.insertNew(ctx, tx, n.insert, rows, n.tail)
	if err != nil {
		return nil, nil, err
	}
	if written == len(missing) {
		maps.Copy(numbers, mine)
		return numbers, made, nil
	}
	if err := find(missing); err != nil {
		return nil, nil, err
	}
	maps.DeleteFunc(made, func(key string, _ bool) bool { return numbers[key] != mine[key] })
	return numbers, made, nil
}
