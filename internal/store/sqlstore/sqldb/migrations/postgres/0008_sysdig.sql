-- +goose Up

-- When a sweep last changed what runs, complete or not: what one that began before saw is no news.
alter table integration add column seen_at bigint;
update integration set seen_at = complete_at;

-- The hash of the secret that asks for a sweep from outside, null for none; and when one is to begin for it.
alter table integration add column hook_at bigint;
alter table integration add column hook bytea;

-- Certificates in PEM form that are trusted beside the system's; empty for none.
alter table integration add column ca text not null default '';

-- The source asked to be left alone until then.
alter table integration add column wait_until bigint;

-- When the source was last asked how the images it reports are called.
alter table integration add column named_at bigint;

-- A second token, sealed, for what the first one does not open.
create table integration_api_token (
    id text primary key references integration (id),
    secret bytea not null
);

-- What a source calls an image by its digest: a hint for people, never an alias.
create table reported_name (
    digest_id bigint primary key references digest (id),
    name text not null
);
