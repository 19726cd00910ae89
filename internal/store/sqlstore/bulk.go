package sqlstore

import (
	"context"
	"database/sql"
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
	return s.eachRows(ctx, tx, rows, func(n int) string {
		types := make([]string, len(rows[0]))
		return head + valuesOf(n, types...) + tail
	})
}

// eachRows runs the statement that text makes for a number of rows, until all are done.
func (s *Store) eachRows(ctx context.Context, tx *sql.Tx, rows [][]any, text func(n int) string) error {
	for _, size := range rowSizes {
		whole := len(rows) / size * size
		if whole == 0 {
			continue
		}
		stmt := text(size)
		var err error
		if s.engine.prepares && whole > size {
			err = execPrepared(ctx, tx, stmt, rows[:whole], size)
		} else {
			for i := 0; i < whole && err == nil; i += size {
				_, err = tx.ExecContext(ctx, stmt, flatten(rows[i:i+size])...)
			}
		}
		if err != nil {
			return err
		}
		rows = rows[whole:]
	}
	return nil
}

func execPrepared(ctx context.Context, tx *sql.Tx, stmt string, rows [][]any, size int) error {
	prepared, err := tx.PrepareContext(ctx, stmt)
	if err != nil {
		return err
	}
	defer prepared.Close()
	for i := 0; i < len(rows); i += size {
		if _, err := prepared.ExecContext(ctx, flatten(rows[i:i+size])...); err != nil {
			return err
		}
	}
	return nil
}

func flatten(rows [][]any) []any { return slices.Concat(rows...) }

// valuesOf returns "($1,$2),($3,$4)…" for n rows with a column for each type. PostgreSQL
// takes the type of a column from where it goes or, where types are given, from a cast
// in the first row.
func valuesOf(n int, types ...string) string {
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
			b.WriteString("cast(" + dollar(i+1) + " as " + types[column] + ")")
		} else {
			b.WriteString(dollar(i + 1))
		}
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

// collectIn runs a query once for each chunk of a list and scans every row. The query
// ends with what in adds to it: "($n,…)" and what follows it. before are the arguments ahead of the list.
func collectIn[K any](ctx context.Context, q querier, list []K, before []any, query func(in string) string, scan func(*sql.Rows) error) error {
	return eachChunk(list, func(args []any) error {
		rows, err := q.QueryContext(ctx, query(placeholders(len(before)+1, len(args))), append(slices.Clip(before), args...)...)
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
