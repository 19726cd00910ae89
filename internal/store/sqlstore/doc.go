// Package sqlstore keeps everything in SQL: SQLite inside the process by
// default, PostgreSQL to grow on. A statement is written once where both
// engines accept it; where they differ it is written whole for each.
//
// What belongs to an organisation is here; what all of them share lies in package shared,
// and the database itself in package sqldb.
package sqlstore
