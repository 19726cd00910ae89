-- +goose Up

-- How an organisation decides, as JSON: whether exceptions wait for an owner, and which authors of documents are trusted.
alter table organisation add column decisions text not null default '';

-- What people of an organisation decided about a vulnerability. Rows are never changed but for who approved and who revoked them, so that the
-- number of those that expired only grows: it is a part of the revision of images.
create table exception (
    id text primary key,
    organisation_id text not null references organisation (id),
    vulnerability text not null,
    kind text not null, -- accepted-risk or false-positive
    justification text not null,
    image text not null,
    repositories text not null, -- patterns as JSON; empty for all
    environments text not null, -- numbers as JSON; empty for whatever is shown
    packages text not null, -- package URLs as JSON; empty for all
    text text not null,
    author text not null,
    created_at integer not null,
    expires_at integer,
    approved_by text not null,
    approved_at integer, -- null while it waits
    revoked_by text not null,
    revoked_at integer
) strict;
create index exception_newest on exception (organisation_id, created_at, id);
create index exception_open on exception (organisation_id, created_at) where revoked_at is null;
create index exception_expiry on exception (organisation_id, expires_at) where expires_at is not null;

-- Documents in the sense of VEX: uploaded, or attested of an image.
create table vex_document (
    id text primary key,
    organisation_id text not null references organisation (id),
    image_id integer references image (id) on delete cascade,
    format text not null,
    identifier text not null,
    version text not null,
    title text not null,
    author text not null,
    name text not null,
    stated_at integer,
    digest text not null,
    size integer not null,
    statements integer not null,
    added_by text not null,
    added_at integer not null
) strict;
create index vex_document_newest on vex_document (organisation_id, added_at, id);
create index vex_document_image on vex_document (image_id) where image_id is not null;

create table vex_statement (
    document_id text not null references vex_document (id) on delete cascade,
    position integer not null,
    vulnerability text not null,
    kind text not null,
    stated_at integer,
    detail text not null, -- JSON
    primary key (document_id, position)
) strict;
