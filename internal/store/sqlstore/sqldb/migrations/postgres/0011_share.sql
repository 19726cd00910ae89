-- +goose Up

-- A link with which anybody reads what advisories say of one vulnerability. The advisories are written
-- down when it is made, as a list of their IDs in JSON: whoever has the link can read these and no others.
create table share (
    id text collate "C" primary key,
    hash bytea not null unique,
    organisation_id text collate "C" not null references organisation (id),
    vulnerability text collate "C" not null,
    sources text not null,
    more_sources bigint not null,
    created_by text collate "C" not null,
    created_at bigint not null,
    expires_at bigint not null
);
create index share_organisation on share (organisation_id, created_at);
create index share_expires on share (expires_at);
