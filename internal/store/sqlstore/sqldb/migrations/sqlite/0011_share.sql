-- +goose Up

-- A link with which anybody reads what advisories say of one vulnerability. The advisories are written
-- down when it is made, as a list of their IDs in JSON: whoever has the link can read these and no others.
create table share (
    id text primary key,
    hash blob not null unique,
    organisation_id text not null references organisation (id),
    vulnerability text not null,
    sources text not null,
    more_sources integer not null,
    created_by text not null,
    created_at integer not null,
    expires_at integer not null
) strict;
create index share_organisation on share (organisation_id, created_at);
create index share_expires on share (expires_at);
