package sqldb

import (
	"context"
	"database/sql"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Lists are cut into statements of few sizes: each size is another text, which both
// engines have to read and plan and PostgreSQL's driver keeps. The largest bound the
// Parameters of a statement: PostgreSQL takes 65,535, SQLite 32,766.
// Of rows that are written each engine has its own.
var listSizes = [...]int{500, 200, 100, 50, 20, 8, 3, 1}

// InsertRows inserts rows of equal width. head ends with "values", tail follows the rows.
func (db *DB) InsertRows(ctx context.Context, tx *sql.Tx, head string, rows [][]any, tail string) error {
	_, err := db.insertNew(ctx, tx, head, rows, tail)
	return err
}

// insertNew is insertRows and returns how many rows were written.
func (db *DB) insertNew(ctx context.Context, tx *sql.Tx, head string, rows [][]any, tail string) (int, error) {
	return db.execRows(ctx, tx, rows, db.engine.insertSizes, func(n int) string {
		types := make([]string, len(rows[0]))
		return head + db.Values(n, types...) + tail
	})
}

// EachRows runs the statement that text makes for a number of rows, until all are done.
func (db *DB) EachRows(ctx context.Context, tx *sql.Tx, rows [][]any, text func(n int) string) error {
	_, err := db.execRows(ctx, tx, rows, db.engine.rowSizes, text)
	return err
}

// EachTable runs the statement that text makes of a table with columns of some types, until all rows are in one. PostgreSQL is handed each
// column as an array, so that the statement is one and the same for any number of rows and is read and planned once: of a thousand
// rows as parameters of their own that takes longer than writing them.
func (db *DB) EachTable(ctx context.Context, tx *sql.Tx, types []string, rows [][]any, text func(table string) string) error {
	if !db.engine.arrays {
		return db.EachRows(ctx, tx, rows, func(n int) string { return text("values " + db.Values(n, types...)) })
	}
	stmt := text(arrays(types))
	for part := range slices.Chunk(rows, tableRows) {
		if _, err := tx.ExecContext(ctx, stmt, columns(types, part)...); err != nil {
			return err
		}
	}
	return nil
}

// InsertTable inserts rows as EachTable hands them on; head ends before the table.
func (db *DB) InsertTable(ctx context.Context, tx *sql.Tx, head string, types []string, rows [][]any, tail string) error {
	if !db.engine.arrays {
		return db.InsertRows(ctx, tx, head+"values ", rows, tail)
	}
	return db.EachTable(ctx, tx, types, rows, func(table string) string { return head + table + tail })
}

// WholeTable runs the statement that text makes of a table once for all rows, of numbers: one that adds up over them writes what it adds
// to once. SQLite is handed them as JSON, which it reads faster than as many parameters.
func (db *DB) WholeTable(ctx context.Context, tx *sql.Tx, types []string, rows [][]any, text func(table string) string) error {
	if len(rows) == 0 {
		return nil
	}
	if db.engine.arrays {
		_, err := tx.ExecContext(ctx, text(arrays(types)), columns(types, rows)...)
		return err
	}
	fields := make([]string, len(types))
	for i := range types {
		fields[i] = "value ->> " + strconv.Itoa(i)
	}
	_, err := tx.ExecContext(ctx, text("select "+strings.Join(fields, ", ")+" from json_each(?)"), JSON(rows))
	return err
}

// arrays selects the rows of parameters that are arrays.
func arrays(types []string) string {
	columns := make([]string, len(types))
	for i, t := range types {
		columns[i] = "cast(" + Dollar(i+1) + " as " + t + "[])"
	}
	return "select * from unnest(" + strings.Join(columns, ", ") + ")"
}

// columns makes an array of each column.
func columns(types []string, rows [][]any) []any {
	args := make([]any, len(types))
	for i := range types {
		column := make([]any, len(rows))
		for j, row := range rows {
			column[j] = row[i]
		}
		args[i] = column
	}
	return args
}

// tableRows bounds what one statement of EachTable is handed.
const tableRows = 5000

// execRows is EachRows with statements of some sizes and returns how many rows were written.
func (db *DB) execRows(ctx context.Context, tx *sql.Tx, rows [][]any, sizes []int, text func(n int) string) (int, error) {
	written := 0
	for _, size := range sizes {
		whole := len(rows) / size * size
		if whole == 0 {
			continue
		}
		n, err := db.execParts(ctx, tx, text(size), rows[:whole], size)
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
func (db *DB) execParts(ctx context.Context, tx *sql.Tx, stmt string, rows [][]any, size int) (int, error) {
	if db.engine.prepares && len(rows) > size {
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

// Values returns "($1,$2),($3,$4)…" for n rows with a column for each type, which
// must be all parameters of a statement. PostgreSQL takes the type of a column from where it
// goes or, where types are given, from a cast in the first row.
func (db *DB) Values(n int, types ...string) string {
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
			b.WriteString("cast(" + db.engine.value(i+1) + " as " + types[column] + ")")
		} else {
			b.WriteString(db.engine.value(i + 1))
		}
	}
	b.WriteByte(')')
	return b.String()
}

// Parameters returns "($first,$first+1,…)" of n, which must be the last of a statement's parameters.
func (db *DB) Parameters(first, n int) string {
	var b strings.Builder
	b.WriteByte('(')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(db.engine.listed(first + i))
	}
	b.WriteByte(')')
	return b.String()
}

// Dollar returns the n-th parameter of a statement.
func Dollar(n int) string { return "$" + strconv.Itoa(n) }

// Chunks cuts a list into parts of the few sizes of lists. The last value of the list fills
// its last part up to such a size, which changes nothing for an "in".
func Chunks[T any](list []T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for part := range slices.Chunk(list, listSizes[0]) {
			full := slices.Clip(part)
			for size := sizeFor(len(part)); len(full) < size; {
				full = append(full, part[len(part)-1])
			}
			if !yield(full) {
				return
			}
		}
	}
}

// EachChunk calls fn with the parts of Chunks, each as arguments of an "in".
func EachChunk[T any](list []T, fn func(args []any) error) error {
	for part := range Chunks(list) {
		args := make([]any, len(part))
		for i, v := range part {
			args[i] = v
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

// CollectIn runs a query once for each chunk of a list and scans every row. query makes its
// text of the list, "($n,…)", as parameters does. before are the arguments ahead of the list.
func CollectIn[K any](ctx context.Context, db *DB, q Querier, list []K, before []any, query func(in string) string, scan func(*sql.Rows) error) error {
	return EachChunk(list, func(args []any) error {
		rows, err := q.QueryContext(ctx, query(db.Parameters(len(before)+1, len(args))), append(slices.Clip(before), args...)...)
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

// Numbering describes a table in which a number stands for a key.
type Numbering struct {
	Find   string // selects number and key; ends with "in"
	Before []any  // the arguments of Find ahead of the keys
	Insert string // inserts rows; ends with "values"
	Tail   string // says that a key that is there already is left alone
	Bytes  bool   // keys are bytes, not text
}

// Number returns the number of each key; a key that has none gets one, with the row that
// row makes. made says which of them were made here: on PostgreSQL another transaction may
// make the same ones, and then its rows stand.
func (db *DB) Number(ctx context.Context, tx *sql.Tx, n Numbering, keys []string, row func(id int64, key string) []any) (numbers map[string]int64, made map[string]bool, err error) {
	// One order for all writers: two that make the same rows wait for each other, but never in a circle.
	keys = slices.Sorted(slices.Values(keys))
	numbers = make(map[string]int64, len(keys))
	find := func(keys []string) error {
		args := make([]any, len(keys))
		for i, k := range keys {
			args[i] = k
			if n.Bytes {
				args[i] = []byte(k)
			}
		}
		return CollectIn(ctx, db, tx, args, n.Before, func(in string) string { return n.Find + in }, func(rows *sql.Rows) error {
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
		made[key], mine[key] = true, NewID()
		missing = append(missing, key)
		rows = append(rows, row(mine[key], key))
	}
	written, err := db.insertNew(ctx, tx, n.Insert, rows, n.Tail)
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
