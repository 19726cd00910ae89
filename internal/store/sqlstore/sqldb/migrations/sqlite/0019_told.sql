-- +goose Up

-- How often something told of a push of the tag: what the registry answered before the last time may be old.
alter table registry_tag add column told integer not null default 0;
