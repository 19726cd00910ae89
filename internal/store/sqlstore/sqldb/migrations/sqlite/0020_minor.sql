-- +goose Up

-- What the distribution does about a finding, in Debian's words, and the advisory that the score is borrowed from; empty without one.
alter table finding add column state text not null default '';
alter table finding add column score_from text not null default '';

-- The lowest version that clears all findings of which a fix is known, empty without one, and how many vulnerabilities that still has.
alter table package_version add column update_version text not null default '';
alter table package_version add column update_leaves integer not null default 0;

-- What was found is matched again, for that.
update package_version set generation = generation + 1 where worst_first is not null;
