package sqldb

import (
	"database/sql"
	"strconv"
	"strings"
)

// ListOf joins the numbers of a group to one text: a row for each of many numbers takes
// far longer to hand over.
func ListOf(column string) string { return `string_agg(cast(` + column + ` as text), ',')` }

// ScanList scans the key of a group and the numbers that ListOf joined.
func ScanList(rows *sql.Rows, key any) ([]int64, error) {
	var text string
	if err := rows.Scan(key, &text); err != nil {
		return nil, err
	}
	out := make([]int64, 0, 1+strings.Count(text, ","))
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// Numbers selects the numbers of a list, which a parameter holds as text, "1,2,3".
func (db *DB) Numbers(parameter, column string) string {
	return db.Choose(Text{
		SQLite:   `select value as ` + column + ` from json_each('[' || ` + parameter + ` || ']')`,
		Postgres: `select cast(n as bigint) as ` + column + ` from unnest(string_to_array(` + parameter + `, ',')) as n`,
	})
}

// Join writes numbers as Numbers reads them.
func Join(numbers []int64) string {
	var b []byte
	for i, n := range numbers {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return string(b)
}

// Lookup joins the rows of a table for which a condition holds, to be found in an index for each row before. Either engine is kept from
// reading all of the table instead, which PostgreSQL takes for cheaper from some hundred rows on, and which takes longer the larger the table is.
func (db *DB) Lookup(table, as, condition string) string {
	return db.Choose(Text{
		SQLite:   ` cross join ` + table + ` as ` + as + ` on ` + condition,
		Postgres: ` cross join lateral (select * from ` + table + ` as ` + as + ` where ` + condition + ` offset 0) as ` + as,
	})
}
