-- +goose Up

-- Whose jobs get tokens without a stored secret, by what the issuer of their identity
-- tokens says of them.
create table trust (
    id text primary key,
    organisation_id text not null references organisation (id),
    name text not null,
    issuer text not null,
    repository text not null,
    repository_id text not null, -- the issuer's own, from the first job on; a name may pass to others
    ref text not null, -- pattern, or empty for all
    environment text not null, -- or empty for all
    scopes text not null,
    life integer not null, -- of tokens, in microseconds
    created_by text not null,
    created_at integer not null,
    used_at integer,
    unique (organisation_id, name)
) strict;
create index trust_repository on trust (issuer, repository);

-- A token that was given for a trust ends with it.
alter table token add column trust_id text references trust (id) on delete cascade;
create index token_trust on token (trust_id, expires_at) where trust_id is not null;
