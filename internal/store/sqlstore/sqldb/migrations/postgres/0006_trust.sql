-- +goose Up

-- Whose jobs get tokens without a stored secret, by what the issuer of their identity
-- tokens says of them.
create table trust (
    id text collate "C" primary key,
    organisation_id text collate "C" not null references organisation (id),
    name text collate "C" not null,
    issuer text collate "C" not null,
    repository text collate "C" not null,
    repository_id text collate "C" not null, -- the issuer's own, from the first job on; a name may pass to others
    ref text collate "C" not null, -- pattern, or empty for all
    environment text collate "C" not null, -- or empty for all
    scopes text collate "C" not null,
    life bigint not null, -- of tokens, in microseconds
    created_by text collate "C" not null,
    created_at bigint not null,
    used_at bigint,
    unique (organisation_id, name)
);
create index trust_repository on trust (issuer, repository);

-- A token that was given for a trust ends with it.
alter table token add column trust_id text collate "C" references trust (id) on delete cascade;
create index token_trust on token (trust_id, expires_at) where trust_id is not null;
