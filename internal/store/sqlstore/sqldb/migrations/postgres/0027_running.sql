-- +goose Up
-- What runs in an environment, newest first: beside years of what ran it is little.
create index occurrence_runs on occurrence (environment_id, opened_at, id) where closed_at is null;
