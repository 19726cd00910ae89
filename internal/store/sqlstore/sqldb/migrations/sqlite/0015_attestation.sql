-- +goose Up

-- When the attestations of an image were last looked for: without a row nobody knows whether there are any.
create table attestation_reading (
    image_id integer primary key references image (id) on delete cascade,
    read_at integer not null
) strict;

-- What was attested of an image, in the order it was found in, and what of it could not be read. A statement is
-- compressed with zstd.
create table attestation (
    image_id integer not null references image (id) on delete cascade,
    position integer not null,
    source text not null,
    kind text not null,
    manifest text not null,
    digest text not null,
    media_type text not null,
    predicate_type text not null,
    size integer not null,
    provenance text not null,
    problem text not null,
    statement blob,
    primary key (image_id, position)
) strict;
