-- +goose Up

-- Days by severity within which vulnerabilities should be remediated, as JSON; empty for the defaults.
alter table organisation add column targets text not null default '';

-- Exposure asks what was known of a package version in the past.
create index finding_closed on finding (package_version_id, closed_at) where closed_at is not null;
