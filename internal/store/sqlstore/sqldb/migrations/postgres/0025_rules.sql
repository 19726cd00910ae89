-- +goose Up

-- By which rules a package version was last matched: 0 by none, or by some of before they were numbered. What was matched by older
-- ones than the program has is matched again.
alter table package_version add column matched_rules bigint not null default 0;
create index package_version_rules on package_version (matched_rules, id);

-- The update that brought an advisory into its present state; null where that is not known.
alter table advisory add column update_id bigint;

-- What came of an update among the findings. One that failed has a reason, and how often it failed for that in a row.
alter table advisory_update add column opened bigint not null default 0;
alter table advisory_update add column closed bigint not null default 0;
alter table advisory_update add column reason text collate "C" not null default '';
alter table advisory_update add column tries bigint not null default 0;

-- What was found and what no longer, since a time.
create index finding_opened_at on finding (opened_at, id);
create index finding_closed_at on finding (closed_at, id) where closed_at is not null;
