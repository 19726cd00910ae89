-- +goose Up
-- True where what was not seen loaded in an environment is taken as not affected: it does not count.
alter table environment add column discount_not_seen boolean not null default false;
