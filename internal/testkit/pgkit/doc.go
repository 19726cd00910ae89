// Package pgkit gives tests real PostgreSQL databases.
//
// The server is the one that CROWSNEST_TEST_POSTGRES_URL names, a URL whose user
// may create databases; "make test" starts one and sets the variable, so that all
// test processes share it. Without the variable each test process starts a
// throw-away server of its own on first use, from the programs installed on the
// machine (see cluster.sh), which ends with the process, however that ends.
//
// Where neither is to be had, tests that ask for a database are skipped, or fail
// if CI=true: there a skipped engine would go unnoticed. Short tests ("go test
// -short") leave PostgreSQL out.
package pgkit
