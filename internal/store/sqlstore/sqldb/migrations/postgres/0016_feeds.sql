-- +goose Up

-- CISA's catalogue of vulnerabilities that are known to be exploited.
create table known_exploited (
    cve text collate "C" primary key,
    vendor text collate "C" not null,
    product text collate "C" not null,
    name text collate "C" not null,
    action text collate "C" not null,
    added_at bigint not null,
    due_at bigint,
    ransomware boolean not null
);

-- FIRST's estimates that a vulnerability will be exploited.
create table epss (
    cve text collate "C" primary key,
    score double precision not null,
    percentile double precision not null
);

-- How the updates of a feed go: "kev", "epss", or "osv/" and the name of an ecosystem. Where
-- next_at is null, it is not kept up to date. What is held of an ecosystem is in advisory_source.
create table feed (
    name text collate "C" primary key,
    validator text collate "C" not null default '',
    cursor_at bigint,
    records bigint not null default 0,
    as_of bigint,
    imported_at bigint,
    checked_at bigint,
    attempt_at bigint,
    next_at bigint,
    failures bigint not null default 0,
    failing_since bigint,
    reason text collate "C" not null default ''
);

-- What an update changed: how many records, and the names of the first of them as JSON.
create table advisory_update (
    id bigint primary key,
    feed text collate "C" not null,
    at bigint not null,
    added bigint not null,
    changed bigint not null,
    withdrawn bigint not null,
    names text collate "C" not null
);
create index advisory_update_at on advisory_update (at, id);
create index advisory_update_feed on advisory_update (feed, at, id);

-- Which ecosystems there are packages of, found by going from each to the next.
create index package_version_ecosystem on package_version (match_base);
