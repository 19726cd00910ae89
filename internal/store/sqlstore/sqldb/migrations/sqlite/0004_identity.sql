-- +goose Up

-- A member's role is the higher one of what was granted here and of what follows from the
-- groups of a provider of identities, which is derived anew at each sign-in.
alter table membership add column given integer not null default 0;
alter table membership add column derived integer not null default 0;
update membership set given = role;

-- Every request asks whether a provider vouches for its person.
create index identity_person on identity (person_id, provider);

-- Whom the session's person was vouched for by; empty for a password or a link.
alter table session add column provider text not null default '';

-- Sign-ins that were begun at a provider. All secrets of one follow from the one in the
-- browser's cookie, of which only the hash is here.
create table sign_in (
    hash blob primary key,
    next text not null,
    expires_at integer not null
) strict;
create index sign_in_expires on sign_in (expires_at);
