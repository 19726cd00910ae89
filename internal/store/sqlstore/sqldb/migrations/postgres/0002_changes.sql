-- +goose Up

-- What each layer adds to and removes from the packages of those below it, lowest
-- first; empty for what was analysed before this was counted.
alter table content add column changes text not null default '[]';
