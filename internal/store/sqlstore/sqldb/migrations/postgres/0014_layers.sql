-- +goose Up

-- How many layers an image has and the diff ID of the last, by which the images are found
-- that begin with all of them.
alter table image add column layers bigint not null default 0;
alter table image add column top_layer text collate "C" not null default '';
update image set layers = json_array_length(cast(g.config as json) -> 'layers'), top_layer = coalesce(cast(g.config as json) -> 'layers' -> -1 ->> 'diffId', '')
    from image_config as g where g.image_id = image.id and cast(g.config as json) ->> 'layers' is not null;
create index image_layers on image (organisation_id, top_layer) where state = 'analysed' and top_layer <> '';
create index tag_target on tag (organisation_id, target);
