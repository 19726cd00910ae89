-- +goose Up

-- From which registries an organisation runs images, as JSON; empty for no list.
alter table organisation add column registries text not null default '';
