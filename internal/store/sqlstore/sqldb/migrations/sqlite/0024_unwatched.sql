-- +goose Up
-- True of an occurrence that ended because nobody watches it any more: its integration was deleted or came to mean another
-- cluster or environment, or it was taken out by hand. Whether it still runs is not known.
alter table occurrence add column unwatched integer not null default 0;
