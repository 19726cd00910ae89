-- +goose Up

-- Since when the answers of an integration hold nothing although something is open.
alter table integration add column emptied_at integer;
