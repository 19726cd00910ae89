-- +goose Up

-- When the attestations of an image were last looked for: without a row nobody knows whether there are any.
create table attestation_reading (
    image_id bigint primary key references image (id) on delete cascade,
    read_at bigint not null
);

-- What was attested of an image, in the order it was found in, and what of it could not be read. A statement is
-- compressed with zstd.
create table attestation (
    image_id bigint not null references image (id) on delete cascade,
    position bigint not null,
    source text collate "C" not null,
    kind text collate "C" not null,
    manifest text collate "C" not null,
    digest text collate "C" not null,
    media_type text collate "C" not null,
    predicate_type text collate "C" not null,
    size bigint not null,
    provenance text collate "C" not null,
    problem text collate "C" not null,
    statement bytea,
    primary key (image_id, position)
);
