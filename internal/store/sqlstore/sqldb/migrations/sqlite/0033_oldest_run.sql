-- +goose Up

-- Since when a digest runs in an environment is read for each, from the index alone.
drop index occurrence_running;
create index occurrence_running on occurrence (digest_id, environment_id, profile_id, integration_number, profiled_at, opened_at) where closed_at is null;
