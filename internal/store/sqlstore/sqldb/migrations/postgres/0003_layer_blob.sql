-- +goose Up

-- Which blobs an organisation has had read and found to hold which layer. Results of
-- layers are shared; this says who may have them without bringing the layer again.
create table layer_blob (
    organisation_id text not null references organisation (id),
    digest text not null,
    diff_id text not null,
    primary key (organisation_id, digest, diff_id)
);
