// Package egress is the one way out: every HTTP request the server makes to an
// address that a person, a peer or a document named goes through a client made
// here.
//
// What it holds to:
//
//   - Addresses are judged when the connection is made, on the IP that the name
//     resolved to for that very connection. There is no earlier look-up whose
//     answer could differ, so a name that changes its address between two
//     look-ups (DNS rebinding) gains nothing.
//   - Only public unicast addresses are reachable. Loopback, private, link-local
//     (with the metadata services of the clouds), shared (carrier NAT),
//     documentation, multicast and reserved ones are refused, also when they hide
//     in an IPv4-mapped or NAT64 address, unless the setting egress.allow holds a
//     prefix for them.
//   - Plain http goes only to addresses in egress.allow: a network its operator
//     vouches for. Everything else is https, always verified, TLS 1.2 at least.
//   - At most five redirects, never from https to http, and no credential
//     travels to another host.
//
// With a proxy the name is resolved by the proxy, which then decides what is
// reachable; only addresses written as numbers can be judged here. The proxy
// itself comes from the operator and may be at any address. Plain http never
// goes through the proxy.
package egress
