-- +goose Up

-- CISA's catalogue of vulnerabilities that are known to be exploited.
create table known_exploited (
    cve text primary key,
    vendor text not null,
    product text not null,
    name text not null,
    action text not null,
    added_at integer not null,
    due_at integer,
    ransomware integer not null
) strict;

-- FIRST's estimates that a vulnerability will be exploited.
create table epss (
    cve text primary key,
    score real not null,
    percentile real not null
) strict, without rowid;

-- How the updates of a feed go: "kev", "epss", or "osv/" and the name of an ecosystem. Where
-- next_at is null, it is not kept up to date. What is held of an ecosystem is in advisory_source.
create table feed (
    name text primary key,
    validator text not null default '',
    cursor_at integer,
    records integer not null default 0,
    as_of integer,
    imported_at integer,
    checked_at integer,
    attempt_at integer,
    next_at integer,
    failures integer not null default 0,
    failing_since integer,
    reason text not null default ''
) strict;

-- What an update changed: how many records, and the names of the first of them as JSON.
create table advisory_update (
    id integer primary key,
    feed text not null,
    at integer not null,
    added integer not null,
    changed integer not null,
    withdrawn integer not null,
    names text not null
) strict;
create index advisory_update_at on advisory_update (at, id);
create index advisory_update_feed on advisory_update (feed, at, id);

-- Which ecosystems there are packages of, found by going from each to the next.
create index package_version_ecosystem on package_version (match_base);
