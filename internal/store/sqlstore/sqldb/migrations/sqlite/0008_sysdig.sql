-- +goose Up

-- When a sweep last changed what runs, complete or not: what one that began before saw is no news.
alter table integration add column seen_at integer;
update integration set seen_at = complete_at;

-- The hash of the secret that asks for a sweep from outside; null for none.
alter table integration add column hook blob;
