-- +goose Up

-- Certificates that a registry is trusted by beside the system's, and whether the server signs in there as who it
-- is in its cloud.
alter table registry add column ca text not null default '';
alter table registry add column identity integer not null default 0;

-- What the registry last said of its limit on pulls, as JSON; empty where it says nothing.
alter table registry add column pulls text not null default '';
