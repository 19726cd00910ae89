-- +goose Up

-- Certificates that a registry is trusted by beside the system's, and whether the server signs in there as who it
-- is in its cloud.
alter table registry add column ca text collate "C" not null default '';
alter table registry add column identity boolean not null default false;

-- What the registry last said of its limit on pulls, as JSON; empty where it says nothing.
alter table registry add column pulls text collate "C" not null default '';
