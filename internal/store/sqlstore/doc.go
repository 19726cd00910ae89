// Package sqlstore keeps everything in SQL: SQLite inside the process by
// default, PostgreSQL to grow on. A statement is written once where both
// engines accept it; where they differ it is written whole for each in engine.go.
//
// On SQLite one connection writes and a pool reads; write transactions take
// the lock when they begin, since deferred ones fail when two of them read
// before they write. On PostgreSQL the same code runs at read committed: what
// must not interleave takes a row lock.
package sqlstore
