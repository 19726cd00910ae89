-- +goose Up

-- Why the source did not tell how images are called when it was last asked; empty if it did.
alter table integration add column names_refused text collate "C" not null default '';
