// Package sqldb is the database under the store: opening SQLite or PostgreSQL and bringing
// the schema up to date, transactions, statements over many rows, and the small
// conversions between rows and values. It knows no table but those of its migrations.
//
// On SQLite one connection writes and a pool reads; write transactions take
// the lock when they begin, since deferred ones fail when two of them read
// before they write. On PostgreSQL the same code runs at read committed: what
// must not interleave takes a row lock.
package sqldb
